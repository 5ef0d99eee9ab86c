//! Trees, and forests of them.

use super::*;

#[test]
fn an_honest_tree_is_typed_and_answers() {
    let mut sample = Sample::default();
    let root = sample.tree_classifier(&Tree::honest());
    assert_eq!(check(&sample.heap, &[root]), Structure::Typed);
    let model = Model::build(&sample.heap, root).unwrap();
    assert_eq!(model.methods(), [Method::Predict, Method::PredictProba]);
    let rows = rows(&[0.5, 9.0, 0.6, 2.0, 0.6, 2.1], 2);
    let Data::Labels(picks) = model.run(Method::Predict, &rows).unwrap().data else { panic!() };
    assert_eq!(picks[0].rows, [0, 0, 1], "a tie goes to the first class");
    assert_eq!(probabilities(&sample, root, &[0.5, 9.0]), [0.75, 0.25]);
    assert!(model.run(Method::Transform, &rows).unwrap_err().to_string().ends_with("it has predict, predict_proba"));
    assert_eq!(summarize(&sample.heap, root).facts, ["5 nodes", "3 leaves"]);
    let schema = schema(&sample.heap, root);
    assert_eq!(schema.class.as_deref(), Some("sklearn.tree._classes.DecisionTreeClassifier"));
    assert_eq!(schema.classes.unwrap().data.unwrap(), ["10", "20"]);
    assert_eq!((schema.n_features_in, schema.n_outputs), (Some(2), Some(1)));
}

#[test]
fn trees_that_lie_are_refused() {
    type Lie = fn(&mut Tree);
    let lies: [(Lie, &str); 12] = [
        (|tree| tree.nodes[0].left = 5, "tree_: node 0 has the child 5, and the tree has 5 nodes"),
        (|tree| tree.nodes[0].left = -7, "tree_: node 0 has the child -7"),
        (|tree| tree.nodes[2].right = 2, "tree_: node 2 has the child 2, which does not come after it"),
        (|tree| tree.nodes[2].left = 0, "tree_: node 2 has the child 0"),
        (|tree| tree.nodes[2].left = -1, "tree_: node 2 has one child"),
        (|tree| tree.nodes[0].left = 2, "tree_: node 2 is a child twice"),
        (|tree| tree.nodes[0] = LEAF, "tree_: node 1 is no node's child"),
        (|tree| tree.nodes[2].feature = 2, "tree_: a node splits on feature 2, and the tree has 2"),
        (|tree| tree.nodes[2].feature = -5, "tree_: node 2 splits on feature -5"),
        (|tree| tree.node_count = 1005, "tree_: node_count is 1005, and the length of nodes says 5"),
        (|tree| tree.n_classes = vec![3], "tree_: values has the shape (5, 1, 2), not (5, 1, 3)"),
        (|tree| tree.n_classes = vec![0], "tree_: n_classes is empty"),
    ];
    for (lie, wanted) in lies {
        let (mut sample, mut tree) = (Sample::default(), Tree::honest());
        lie(&mut tree);
        let root = sample.tree_classifier(&tree);
        let Structure::Faults { first, .. } = check(&sample.heap, &[root]) else { panic!("{wanted}: accepted") };
        let found: Vec<String> = first.iter().map(|found| format!("{}: {}", found.place, found.fault)).collect();
        assert!(found.iter().any(|found| found.starts_with(wanted)), "{wanted}: {found:?}");
        assert!(matches!(Model::build(&sample.heap, root), Err(BuildError::Structure(_))), "{wanted}");
    }
}

/// A chain: every split has a leaf on its left and the next split on its right.
fn chain(depth: i64) -> Tree {
    let mut nodes = Vec::new();
    for level in 0..depth {
        nodes.extend([split(2 * level + 1, 2 * level + 2, 0, 0.5), LEAF]);
    }
    nodes.push(LEAF);
    let count = nodes.len() as u64;
    let values = vec![1.0; 2 * nodes.len()];
    Tree { values, nodes, max_depth: depth, node_count: count as i64, shape: vec![count, 1, 2], ..Tree::honest() }
}

#[test]
fn a_tree_that_is_deeper_than_it_says_is_refused() {
    for (depth, said, wanted) in [
        (2, 2, Ok(Structure::Typed)),
        (2, 3, Ok(Structure::Typed)),
        (2, 1, Err("max_depth is 1, and the tree is 2 deep")),
        (2, -1, Err("max_depth is -1, and the tree is 2 deep")),
        (253, 253, Ok(Structure::Typed)),
        (253, 252, Err("max_depth is 252, and the tree is 253 deep")),
        (254, 254, Ok(Structure::Shapes { because: "a tree is more than 253 nodes deep".to_owned() })),
    ] {
        let mut sample = Sample::default();
        let root = sample.tree_classifier(&Tree { max_depth: said, ..chain(depth) });
        match (check(&sample.heap, &[root]), wanted) {
            (Structure::Faults { first, .. }, Err(wanted)) => assert_eq!(first[0].fault.to_string(), wanted),
            (found, wanted) => assert_eq!(Ok(found), wanted),
        }
        assert_eq!(Model::build(&sample.heap, root).is_ok(), said >= depth, "{depth} {said}");
    }
    let mut sample = Sample::default();
    let root = sample.tree_classifier(&Tree { max_depth: 300, ..chain(301) });
    let Err(BuildError::Structure(found)) = Model::build(&sample.heap, root) else { panic!("accepted") };
    assert_eq!((found.place.as_str(), &found.fault), ("tree_", &Fault::Depth { said: 300, found: 301 }));
}

#[test]
fn an_estimator_that_does_not_fit_its_tree_is_refused() {
    let (mut sample, mut tree) = (Sample::default(), Tree::honest());
    tree.n_features = 5;
    let root = sample.tree_classifier(&tree);
    assert_eq!(fault(&sample, root), ": n_features_in_ is 2, and tree_ says 5");

    let mut sample = Sample::default();
    let inner = sample.tree(&Tree::honest());
    let state = [("tree_", inner), ("classes_", sample.ints(&[1, 2, 3]))];
    let root = sample.estimator("sklearn.tree.tree.ExtraTreeClassifier", &state);
    assert_eq!(fault(&sample, root), ": classes_ has the shape (3,), not (2,)");
    let mut sample = Sample::default();
    let inner = sample.tree(&Tree::honest());
    let root = sample.estimator("sklearn.tree.tree.ExtraTreeRegressor", &[("tree_", inner)]);
    assert_eq!(fault(&sample, root), ": n_classes is 2, and a regressor says 1");
}

#[test]
fn forests_are_checked_tree_by_tree() {
    let mut sample = Sample::default();
    let trees = [sample.tree_classifier(&Tree::honest()), sample.tree_classifier(&Tree::honest())];
    let root = sample.forest_classifier(&trees);
    assert_eq!(check(&sample.heap, &[root]), Structure::Typed);
    assert_eq!(probabilities(&sample, root, &[0.0, 0.0]), [0.75, 0.25]);
    assert_eq!(summarize(&sample.heap, root).facts, ["2 trees"]);

    let (mut sample, mut wrong) = (Sample::default(), Tree::honest());
    wrong.nodes[2].left = 99_999_999;
    let trees = [sample.tree_classifier(&Tree::honest()), sample.tree_classifier(&wrong)];
    let root = sample.forest_classifier(&trees);
    let found = fault(&sample, root);
    assert!(found.starts_with("estimators_[1].tree_: node 2 has the child 99999999"), "{found}");

    let mut sample = Sample::default();
    let tree = sample.tree_classifier(&Tree::honest());
    let root = sample.forest_classifier(&[tree, tree]);
    assert_eq!(fault(&sample, root), ": estimators_[1] is the same object as another one before it");
    let root = sample.forest_classifier(&[]);
    let Err(BuildError::Structure(found)) = Model::build(&sample.heap, root) else { panic!("accepted") };
    assert_eq!(found.fault, Fault::Empty("estimators_"));
    let scaler = sample.scaler(2);
    let root = sample.forest_classifier(&[scaler]);
    let Err(BuildError::Structure(found)) = Model::build(&sample.heap, root) else { panic!("accepted") };
    assert!(found.to_string().contains("estimators_[0] is a sklearn.preprocessing._data.StandardScaler"), "{found}");
}

#[test]
fn trees_take_missing_values_as_their_version_does() {
    let row = [f64::NAN, 1.0];
    for (version, splitter, taken) in [("1.2.2", "best", false), ("1.3.2", "best", true), ("1.5.2", "random", false)] {
        let mut sample = Sample::default();
        let inner = sample.tree(&Tree::honest());
        let mut state = sample.tree_state(inner).to_vec();
        state.push(("splitter", sample.text(splitter)));
        let root = sample.estimator_of(version, "sklearn.tree._classes.DecisionTreeClassifier", &state);
        let model = Model::build(&sample.heap, root).unwrap();
        assert_eq!(model.run(Method::Predict, &rows(&row, 2)).is_ok(), taken, "{version} {splitter}");
        assert!(model.run(Method::Predict, &rows(&[1e39, 1.0], 2)).is_err());
    }
}

#[test]
fn a_tree_that_lacks_what_rows_are_checked_by_is_refused() {
    for name in ["n_features_in_", "n_outputs_", "n_classes_", "criterion", "splitter", "random_state"] {
        for version in ["0.24.2", "1.2.2"] {
            let mut sample = Sample::default();
            let inner = sample.tree(&Tree::honest());
            let state = sample.tree_state(inner);
            let honest = sample.estimator_of(version, TREE, &state);
            assert_eq!(check(&sample.heap, &[honest]), Structure::Typed, "{version}");
            let root = sample.estimator_without(version, TREE, &state, name);
            assert_eq!(fault(&sample, root), format!(": {name} is missing"), "{version}");
        }
        // Before 0.24, or when nobody says by which version, it may be honest, but is not fit for what came later.
        for (version, absent) in [("0.22.2", name), ("1.2.2", "_sklearn_version")] {
            let mut sample = Sample::default();
            let inner = sample.tree(&Tree::honest());
            let state = sample.tree_state(inner);
            let root = sample.estimator_without(version, TREE, &state, absent);
            assert!(matches!(check(&sample.heap, &[root]), Structure::Shapes { .. }), "{version} {absent}");
            assert!(Model::build(&sample.heap, root).is_ok(), "{version} {absent}");
        }
    }
}

#[test]
fn every_tree_of_a_forest_and_the_forest_must_say_how_many_features_they_take() {
    let mut sample = Sample::default();
    let inner = sample.tree(&Tree::honest());
    let state = sample.tree_state(inner);
    let trees =
        [sample.tree_classifier(&Tree::honest()), sample.estimator_without("1.2.2", TREE, &state, "n_features_in_")];
    let root = sample.forest_classifier(&trees);
    assert_eq!(fault(&sample, root), "estimators_[1]: n_features_in_ is missing");
    for name in ["n_features_in_", "n_outputs_", "n_classes_", "n_jobs", "verbose", "n_estimators", "criterion"] {
        let mut sample = Sample::default();
        let trees = [sample.tree_classifier(&Tree::honest())];
        let state = sample.forest_state(&trees);
        let root = sample.estimator_without("1.2.2", FOREST, &state, name);
        assert_eq!(fault(&sample, root), format!(": {name} is missing"));
    }
}
