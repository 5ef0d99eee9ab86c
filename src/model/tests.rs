//! What must be refused, each beside an honest twin; and what versions of scikit-learn do differently.

use super::sample::{LEAF, Sample, Tree, split};
use super::{BuildError, ChooseError, Data, Fault, Matrix, Model, Rows, Structure, check, choose, schema, summarize};
use crate::graph::{NodeFault, Value};
use crate::model::Method;

fn rows(values: &[f64], columns: usize) -> Rows {
    Rows::numbers(Matrix::new(values.to_vec(), columns).unwrap(), None).unwrap()
}

/// The first fault, as `place: message`; it must be found by the check and by the build.
fn fault(sample: &Sample, root: Value) -> String {
    let Structure::Faults { first, .. } = check(&sample.heap, &[root]) else { panic!("nothing is wrong") };
    let Err(BuildError::Structure(_)) = Model::build(&sample.heap, root) else { panic!("it can be built") };
    format!("{}: {}", first[0].place, first[0].fault)
}

fn probabilities(sample: &Sample, root: Value, row: &[f64]) -> Vec<f64> {
    let model = Model::build(&sample.heap, root).unwrap();
    match model.run(Method::PredictProba, &rows(row, row.len())).unwrap().data {
        Data::Matrix(matrix, _) => matrix.values().to_vec(),
        other => panic!("{other:?}"),
    }
}

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
fn pipelines_are_taken_apart_and_their_steps_must_fit() {
    let mut sample = Sample::default();
    let (scaler, model) = (sample.scaler(2), sample.logistic("1.2.2", 2, &[]));
    let skip = sample.text("passthrough");
    let inner = sample.pipeline(&[("scale", scaler), ("skip", skip)]);
    let root = sample.pipeline(&[("inner", inner), ("none", Value::NONE), ("model", model)]);
    assert_eq!(check(&sample.heap, &[root]), Structure::Typed);
    let built = Model::build(&sample.heap, root).unwrap();
    assert_eq!((built.features(), built.methods().len()), (Some(2), 3));
    let Data::Numbers(scores) = built.run(Method::DecisionFunction, &rows(&[3.0, 9.0], 2)).unwrap().data else {
        panic!()
    };
    assert_eq!(scores.values, [-1.25]);
    let built = Model::build(&sample.heap, inner).unwrap();
    assert_eq!(built.methods(), [Method::Transform]);

    let (narrow, wide) = (sample.scaler(3), sample.logistic("1.2.2", 2, &[]));
    let root = sample.pipeline(&[("scale", narrow), ("model", wide)]);
    let found = fault(&sample, root);
    assert_eq!(found, "steps[1] \"model\": n_features_in_ is 2, and the step before it says 3");

    let number = sample.int(3);
    let root = sample.pipeline(&[("scale", number)]);
    let Err(BuildError::Structure(found)) = Model::build(&sample.heap, root) else { panic!("accepted") };
    assert_eq!(found.to_string(), "steps[0] \"scale\" is an int, not an estimator");
}

#[test]
fn a_pipeline_in_itself_ends() {
    let mut sample = Sample::default();
    let steps = sample.list(&[]);
    let root = sample.estimator("sklearn.pipeline.Pipeline", &[("steps", steps)]);
    let name = sample.text("again");
    let pair = sample.tuple(&[name, root]);
    let mut budget = crate::bytes::Budget::new(&crate::bytes::Limits::default(), 1 << 20);
    sample.heap.push(steps, pair, &mut budget).unwrap();
    sample.heap.push(steps, pair, &mut budget).unwrap();
    let Err(BuildError::Structure(found)) = Model::build(&sample.heap, root) else { panic!("accepted") };
    assert_eq!(found.fault, Fault::Entangled);
    assert_eq!(fault(&sample, root), format!(": {}", Fault::Entangled));
    schema(&sample.heap, root);
}

/// Pipelines inside one another, each of which has the one below it in so many places.
fn nested(sample: &mut Sample, levels: usize, places: usize) -> Value {
    let names: Vec<String> = (0..places).map(|place| format!("s{place}")).collect();
    let mut inner = sample.scaler(1);
    for _ in 0..levels {
        let steps: Vec<(&str, Value)> = names.iter().map(|name| (name.as_str(), inner)).collect();
        inner = sample.pipeline(&steps);
    }
    inner
}

#[test]
fn pipelines_that_share_steps_are_not_far_larger_than_the_file() {
    for (levels, places, wanted) in [(4, 2, None), (99, 1, None), (18, 2, Some(Fault::Entangled))] {
        let mut sample = Sample::default();
        let root = nested(&mut sample, levels, places);
        match (check(&sample.heap, &[root]), wanted) {
            (Structure::Faults { first, .. }, Some(wanted)) => assert_eq!(first[0].fault, wanted),
            (found, wanted) => assert_eq!((found, wanted), (Structure::Typed, None), "{levels} {places}"),
        }
    }
    let mut sample = Sample::default();
    let root = nested(&mut sample, 1001, 1);
    let Structure::Shapes { because } = check(&sample.heap, &[root]) else { panic!("typed") };
    assert_eq!(because, "101 pipelines stand in one another");
    // One scaler in two pipelines of one file is what people save.
    let mut sample = Sample::default();
    let (scaler, one, other) = (sample.scaler(2), sample.logistic("1.2.2", 2, &[]), sample.logistic("1.2.2", 2, &[]));
    let both = [sample.pipeline(&[("s", scaler), ("m", one)]), sample.pipeline(&[("s", scaler), ("m", other)])];
    let root = sample.list(&both);
    assert_eq!(check(&sample.heap, &[root]), Structure::Typed);
}

#[test]
fn unknown_and_unfitted_estimators_are_not_typed() {
    let mut sample = Sample::default();
    let svm = sample.estimator("sklearn.svm._classes.SVC", &[]);
    let because = "sklearn.svm._classes.SVC is not typed by this version".to_owned();
    assert_eq!(check(&sample.heap, &[svm]), Structure::Shapes { because });
    assert!(matches!(Model::build(&sample.heap, svm), Err(BuildError::NotTyped { .. })));
    let mut sample = Sample::default();
    let tree = sample.estimator("sklearn.tree.tree.DecisionTreeClassifier", &[("tree_", Value::NONE)]);
    assert_eq!(check(&sample.heap, &[tree]), Structure::Typed);
    assert!(matches!(Model::build(&sample.heap, tree), Err(BuildError::NotFitted { .. })));
    // `RandomForestClassifier()` of 0.18, which nobody fitted.
    let (trees, none) = (sample.list(&[]), Value::NONE);
    let state = [("estimators_", trees), ("n_outputs_", none), ("n_features_", none), ("classes_", none)];
    let forest = sample.estimator("sklearn.ensemble.forest.RandomForestClassifier", &state);
    assert_eq!(check(&sample.heap, &[forest]), Structure::Typed);
    assert!(matches!(Model::build(&sample.heap, forest), Err(BuildError::NotFitted { .. })));
    let number = sample.int(7);
    assert!(matches!(Model::build(&sample.heap, number), Err(BuildError::NotTyped { .. })));
    let mut sample = Sample::default();
    let unbuilt = sample.object("sklearn.tree._tree.Tree", &[], Value::NONE);
    assert!(matches!(check(&sample.heap, &[unbuilt]), Structure::Faults { .. }));
}

#[test]
fn linear_models_must_agree_on_their_shapes() {
    let mut sample = Sample::default();
    let class = "sklearn.linear_model._base.LinearRegression";
    let state = [("coef_", sample.floats(&[2], &[2.0, -1.0])), ("intercept_", sample.float(0.5))];
    let root = sample.estimator(class, &state);
    let model = Model::build(&sample.heap, root).unwrap();
    let Data::Numbers(found) = model.run(Method::Predict, &rows(&[3.0, 1.0], 2)).unwrap().data else { panic!() };
    assert_eq!(found.values, [5.5]);
    let error = model.run(Method::Predict, &rows(&[3.0, f64::NAN], 2)).unwrap_err().to_string();
    assert_eq!(
        error,
        "row 1, column 2 is missing (NaN), and LinearRegression of scikit-learn 1.2.2 takes no missing values"
    );
    let error = model.run(Method::Predict, &rows(&[3.0], 1)).unwrap_err().to_string();
    assert_eq!(error, "the model takes 2 features, row 1 has 1");

    let state = [("coef_", sample.floats(&[2, 2], &[0.0; 4])), ("intercept_", sample.floats(&[3], &[0.0; 3]))];
    let root = sample.estimator(class, &state);
    assert_eq!(fault(&sample, root), ": intercept_ has the shape (3,), not (2,)");
    let mut sample = Sample::default();
    let state = [("coef_", sample.floats(&[2], &[0.0; 2])), ("intercept_", sample.float(0.0))];
    let state = [state[0], state[1], ("n_features_in_", sample.int(4))];
    let root = sample.estimator(class, &state);
    assert_eq!(fault(&sample, root), ": n_features_in_ is 4, and coef_ says 2");
}

#[test]
fn a_logistic_regression_tells_two_classes_apart() {
    let mut sample = Sample::default();
    let root = sample.logistic("1.2.2", 1, &[]);
    assert_eq!(fault(&sample, root), ": classes_ has the shape (1,), not (2,)");
    let mut sample = Sample::default();
    let root = sample.logistic("1.2.2", 2, &[]);
    assert_eq!(check(&sample.heap, &[root]), Structure::Typed);
}

#[test]
fn logistic_regression_follows_the_version_that_saved_it() {
    let row = [0.5, -0.25];
    let answer = |version: &str, classes, parameters: &[(&str, &str)]| {
        let mut sample = Sample::default();
        let root = sample.logistic(version, classes, parameters);
        probabilities(&sample, root, &row)
    };
    let softmax = answer("1.8.0", 3, &[]);
    let one_by_one = answer("1.2.2", 3, &[("multi_class", "ovr")]);
    let logistic = answer("1.8.0", 2, &[]);
    let two = answer("1.2.2", 2, &[("multi_class", "multinomial")]);
    assert!(softmax != one_by_one && logistic != two);
    for (version, classes, parameters, wanted) in [
        ("0.19.2", 3, &[("multi_class", "ovr")][..], &one_by_one),
        ("0.19.2", 2, &[("multi_class", "multinomial")], &logistic),
        ("0.22.0", 3, &[("multi_class", "warn")], &one_by_one),
        ("0.24.2", 3, &[("multi_class", "auto"), ("solver", "lbfgs")], &softmax),
        ("0.24.2", 3, &[("multi_class", "auto"), ("solver", "liblinear")], &one_by_one),
        ("0.24.2", 2, &[("multi_class", "multinomial")], &two),
        ("1.4.2", 3, &[("multi_class", "auto"), ("solver", "newton-cholesky")], &one_by_one),
        ("1.4.2", 2, &[("multi_class", "deprecated")], &two),
        ("1.5.2", 3, &[("multi_class", "deprecated"), ("solver", "newton-cholesky")], &one_by_one),
        ("1.6.1", 3, &[("multi_class", "deprecated"), ("solver", "newton-cholesky")], &softmax),
        ("1.6.1", 3, &[("multi_class", "deprecated"), ("solver", "liblinear")], &one_by_one),
        ("1.6.1", 2, &[("multi_class", "deprecated")], &logistic),
        ("1.7.2", 2, &[("multi_class", "multinomial")], &two),
        ("1.8.0", 3, &[("multi_class", "ovr"), ("solver", "liblinear")], &softmax),
    ] {
        assert_eq!(answer(version, classes, parameters), *wanted, "{version} {parameters:?}");
    }
    let mut sample = Sample::default();
    let state = [("coef_", sample.floats(&[3, 1], &[0.0; 3])), ("intercept_", sample.floats(&[3], &[0.0; 3]))];
    let state = [state[0], state[1], ("classes_", sample.ints(&[0, 1, 2, 3]))];
    let root = sample.estimator("sklearn.linear_model.logistic.LogisticRegression", &state);
    assert_eq!(fault(&sample, root), ": coef_ has the shape (3, 1), not (4, 1)");
}

#[test]
fn scalers_keep_float32_and_their_arrays_must_have_one_length() {
    let mut sample = Sample::default();
    let class = "sklearn.preprocessing._data.StandardScaler";
    let arrays = [("mean_", sample.floats(&[1], &[0.1])), ("scale_", sample.floats(&[1], &[0.3]))];
    for (version, wanted) in [("1.2.2", (1.1f32 - 0.1) / 0.3), ("1.8.0", (1.1f32 - 0.1f32) / 0.3f32)] {
        let root = sample.estimator_of(version, class, &arrays);
        let model = Model::build(&sample.heap, root).unwrap();
        let single = Matrix::new(vec![f64::from(1.1f32)], 1).unwrap().of_singles();
        let rows = Rows::numbers(single, None).unwrap();
        let Data::Matrix(found, names) = model.run(Method::Transform, &rows).unwrap().data else { panic!() };
        assert!(found.is_single() && names == ["x0"]);
        assert!((found.values()[0] as f32 - wanted).abs() <= f32::EPSILON * 4.0);
    }
    let wrong = [("mean_", sample.floats(&[2], &[0.0; 2])), arrays[1]];
    let root = sample.estimator(class, &wrong);
    assert_eq!(fault(&sample, root), ": scale_ has the shape (1,), not (2,)");
    let none = [("with_mean", Value::bool(false)), ("with_std", Value::bool(false)), ("scale_", Value::NONE)];
    let root = sample.estimator(class, &none);
    let model = Model::build(&sample.heap, root).unwrap();
    let Data::Matrix(found, _) = model.run(Method::Transform, &rows(&[7.0], 1)).unwrap().data else { panic!() };
    assert_eq!(found.values(), [7.0]);
    let none = [("scale_", Value::NONE), ("mean_", Value::NONE)];
    let root = sample.estimator(class, &none);
    let Err(BuildError::Structure(found)) = Model::build(&sample.heap, root) else { panic!("accepted") };
    assert_eq!(found.to_string(), "mean_ is None, not an array");
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
fn containers_lead_to_their_one_estimator_or_list_them() {
    let mut sample = Sample::default();
    let (scaler, number) = (sample.scaler(1), sample.int(1));
    let inner = sample.list(&[number, scaler]);
    let root = sample.dict(&[("columns", number), ("models", inner)]);
    let choice = choose(&sample.heap, root, None).unwrap();
    assert_eq!(choice.value, scaler);
    let note = choice.note.unwrap();
    assert!(note.contains("StandardScaler at [\"models\", \"1\"]"), "{note}");
    let path = ["models".to_owned(), "1".to_owned()];
    assert_eq!(choose(&sample.heap, root, Some(&path)).unwrap().value, scaler);
    let wrong = ["models".to_owned(), "2".to_owned()];
    let error = choose(&sample.heap, root, Some(&wrong)).unwrap_err().to_string();
    assert_eq!(error, "--at leads nowhere: there is no \"2\" in a list");
    let other = sample.scaler(2);
    let root = sample.dict(&[("a", scaler), ("b", other)]);
    let ChooseError::Several { count, paths } = choose(&sample.heap, root, None).unwrap_err() else { panic!() };
    assert_eq!((count, paths[0].as_str()), (2, "'[\"a\"]' (StandardScaler)"));
    let items = sample.dict(&[("a", scaler)]);
    let bunch = sample.object("sklearn.utils._bunch.Bunch", &[], Value::NONE);
    let (id, _) = sample.heap.as_object(bunch).unwrap();
    sample.heap.object_mut(id).unwrap().items = items;
    assert_eq!(choose(&sample.heap, bunch, None).unwrap().value, scaler);
    assert_eq!(choose(&sample.heap, bunch, Some(&["a".to_owned()])).unwrap().value, scaler);
    assert_eq!(choose(&sample.heap, scaler, None).unwrap().value, scaler);
    let root = sample.list(&[number]);
    assert_eq!(choose(&sample.heap, root, None).unwrap_err(), ChooseError::None("a list"));
}

#[test]
fn a_fault_in_an_object_that_nothing_refers_to_is_found() {
    let (mut sample, mut tree) = (Sample::default(), Tree::honest());
    tree.nodes[0] = split(1, 1, 0, 0.5);
    sample.tree(&tree);
    let root = sample.scaler(1);
    let Structure::Faults { first, .. } = check(&sample.heap, &[root]) else { panic!("accepted") };
    assert_eq!(first[0].place, "an object that nothing refers to");
    assert_eq!(first[0].fault, Fault::Nodes(NodeFault::TwoParents(1)));
}

const TREE: &str = "sklearn.tree._classes.DecisionTreeClassifier";
const FOREST: &str = "sklearn.ensemble._forest.RandomForestClassifier";

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

#[test]
fn what_a_model_that_was_saved_again_can_lack_is_no_fault() {
    let linear = "sklearn.linear_model._base.LinearRegression";
    let logistic = "sklearn.linear_model._logistic.LogisticRegression";
    let scaler = "sklearn.preprocessing._data.StandardScaler";
    for (class, version, name, missing) in [
        (linear, "1.9.0", "tol", false),
        (linear, "1.9.0", "positive", false),
        (linear, "1.9.0", "n_jobs", true),
        (logistic, "1.7.2", "multi_class", false),
        (logistic, "1.7.2", "solver", true),
        (logistic, "1.10.0", "solver", false),
        (scaler, "1.7.2", "with_mean", true),
        (scaler, "1.7.2", "copy", true),
    ] {
        let mut sample = Sample::default();
        let ones = sample.floats(&[2], &[1.0; 2]);
        let one = sample.floats(&[1, 2], &[1.0; 2]);
        let state: Vec<(&str, Value)> = match class == scaler {
            true => vec![("mean_", ones), ("scale_", ones)],
            false => {
                vec![("coef_", one), ("intercept_", sample.floats(&[1], &[0.5])), ("classes_", sample.ints(&[0, 1]))]
            }
        };
        let honest = sample.estimator_of(version, class, &state);
        assert_eq!(check(&sample.heap, &[honest]), Structure::Typed, "{class} {version}");
        let root = sample.estimator_without(version, class, &state, name);
        if missing {
            assert_eq!(fault(&sample, root), format!(": {name} is missing"));
        } else {
            let because = format!("{name} is missing");
            assert_eq!(check(&sample.heap, &[root]), Structure::Shapes { because });
        }
    }
}

#[test]
fn a_logistic_regression_without_classes_is_one_of_before_0_16_or_wrong() {
    let logistic = "sklearn.linear_model._logistic.LogisticRegression";
    for (extra, wrong) in [("raw_coef_", false), ("sparse", true)] {
        let mut sample = Sample::default();
        let one = sample.floats(&[1, 2], &[1.0; 2]);
        let state = [("coef_", one), ("intercept_", sample.floats(&[1], &[0.5])), (extra, one)];
        let root = sample.estimator_of("0.15.2", logistic, &state);
        match check(&sample.heap, &[root]) {
            Structure::Shapes { because } => assert!(!wrong && because.contains("before 0.16"), "{because}"),
            _ => assert!(wrong && fault(&sample, root).contains("classes_ is missing")),
        }
    }
}

#[test]
fn parameters_are_plain_values_and_no_crowd_of_threads_is_asked_for() {
    type Make = fn(&mut Sample) -> Value;
    let cases: [(&str, Make, bool); 18] = [
        ("n_jobs", |sample| sample.int(1024), true),
        ("n_jobs", |sample| sample.int(-1), true),
        ("n_jobs", |sample| sample.int(1025), false),
        ("n_jobs", |sample| sample.int(1_000_000_000), false),
        ("n_jobs", |sample| sample.text("4"), false),
        ("n_jobs", |sample| sample.float(4.0), false),
        ("verbose", |sample| sample.int(50), true),
        ("verbose", |_| Value::bool(true), true),
        ("verbose", |sample| sample.text("1"), false),
        ("n_estimators", |sample| sample.int(300), true),
        ("n_estimators", |sample| sample.text("3"), false),
        ("criterion", |sample| sample.int(3), false),
        ("class_weight", |sample| sample.dict(&[("a", Value::NONE)]), true),
        ("class_weight", |sample| sample.scaler(1), false),
        (
            "class_weight",
            |sample| {
                let inner = sample.list(&[]);
                let middle = sample.list(&[inner, inner]);
                sample.list(&[middle, middle])
            },
            false,
        ),
        ("estimator", |sample| sample.estimator(TREE, &[]), true),
        ("estimator", |sample| sample.scaler(1), false),
        ("base_estimator", |sample| sample.pipeline(&[("a", Value::NONE)]), false),
    ];
    for (index, (name, make, typed)) in cases.into_iter().enumerate() {
        let mut sample = Sample::default();
        let trees = [sample.tree_classifier(&Tree::honest())];
        let mut state = sample.forest_state(&trees).to_vec();
        state.push((name, make(&mut sample)));
        let root = sample.estimator(FOREST, &state);
        match check(&sample.heap, &[root]) {
            Structure::Typed => assert!(typed, "{index} {name}"),
            Structure::Shapes { because } => {
                assert!(!typed, "{index} {name}");
                assert_eq!(because, format!("{name} is of a kind or size that is not judged"));
            }
            faults => panic!("{faults:?}"),
        }
        assert!(Model::build(&sample.heap, root).is_ok(), "{index} {name}");
    }
}

#[test]
fn a_file_that_hands_out_no_estimator_is_not_typed() {
    let mut sample = Sample::default();
    let scaler = sample.scaler(1);
    let key = sample.text("a text");
    let (array, list) = (sample.floats(&[2], &[1.0, 2.0]), sample.list(&[key]));
    let dict = sample.dict(&[("array", array), ("list", list)]);
    let nothing = Structure::Shapes { because: String::new() };
    for root in [array, list, dict, key, Value::NONE] {
        assert_eq!(check(&sample.heap, &[root]), nothing, "the scaler was made and dropped");
    }
    let held = sample.dict(&[("model", scaler), ("array", array)]);
    let held = sample.list(&[key, held]);
    for root in [scaler, held] {
        assert_eq!(check(&sample.heap, &[root]), Structure::Typed);
    }
}

#[test]
fn a_random_state_that_would_read_outside_of_its_numbers_is_refused() {
    type Case = (&'static str, i64, Option<&'static str>);
    let cases: [Case; 6] = [
        ("pos", 624, None),
        ("pos", 625, Some("pos is 625, and the random state has 624 numbers")),
        ("pos", -1, Some("pos is -1, and the random state has 624 numbers")),
        ("buffer_pos", 4, None),
        ("buffer_pos", 5, Some("buffer_pos is 5, and the random state has 4 numbers")),
        ("buffer_pos", -100_000_000, Some("buffer_pos is -100000000, and the random state has 4 numbers")),
    ];
    for ((name, found, wanted), paired) in cases.into_iter().flat_map(|case| [(case, false), (case, true)]) {
        let mut sample = Sample::default();
        let found = sample.int(found);
        let inner = if name == "pos" { sample.dict(&[(name, found)]) } else { sample.dict(&[]) };
        let outer = [("state", inner), (name, found)];
        let mut state = sample.dict(if name == "pos" { &outer[..1] } else { &outer });
        if paired {
            state = sample.tuple(&[state, Value::NONE]);
        }
        let random = sample.object("numpy.random._pickle.__randomstate_ctor", &[], state);
        let inner = sample.tree(&Tree::honest());
        let mut state = sample.tree_state(inner).to_vec();
        state.push(("random_state", random));
        let root = sample.estimator(TREE, &state);
        match (check(&sample.heap, &[root]), wanted) {
            (Structure::Faults { first, .. }, Some(wanted)) => {
                assert_eq!((first[0].place.as_str(), first[0].fault.to_string().as_str()), ("random_state", wanted));
            }
            (found, wanted) => assert_eq!((found, wanted), (Structure::Typed, None), "{name}"),
        }
    }
}
