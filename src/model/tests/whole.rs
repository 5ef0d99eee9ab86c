//! What holds for every estimator, and for what a file hands out.

use super::*;

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
