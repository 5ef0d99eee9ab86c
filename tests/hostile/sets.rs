//! Named sets: models of other libraries are refused until their set is asked for, and read by its shapes then.

use crate::opcodes::*;
use coldload::bytes::Input;
use coldload::job::{Job, Task, run};
use std::path::Path;

/// The files of `tests/data/sets`, with the set of each.
fn files() -> Vec<(String, String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sets");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let set = name.rsplit_once('-').unwrap().0.to_owned();
            (name, set, std::fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn each_library_is_read_with_its_set_and_not_without() {
    let files = files();
    let mut sets: Vec<&str> = files.iter().map(|(_, set, _)| set.as_str()).collect();
    sets.dedup();
    assert_eq!(sets, coldload::vocabulary::sets().collect::<Vec<_>>());
    for (name, set, bytes) in files.iter().filter(|(name, ..)| name != "statsmodels-formula") {
        let codes = judge(bytes).codes();
        let refused = codes.iter().all(|code| ["unknown-global", "embedded-code"].contains(code));
        assert!(refused && !codes.is_empty(), "{name}: {codes:?}");
        let other = if set == "xgboost" { "lightgbm" } else { "xgboost" };
        assert_eq!(judge_allowing(bytes, &[], &[other]).codes(), codes, "{name}");
        let own = judge_allowing(bytes, &[], &[set]);
        assert_eq!(own.codes(), [""; 0], "{name}: {:?}", own.findings);
    }
}

#[test]
fn a_finding_names_the_set() {
    let model = pickle4(new(global("xgboost.core", "Booster")));
    let finding = refused(&model, "unknown-global", "xgboost.core.Booster");
    assert!(finding.next.contains("--allow-set xgboost"), "{finding:?}");
}

#[test]
fn a_name_of_a_set_that_is_allowed_keeps_its_shape() {
    let with = |handle: Ops| pickle4(build(new(global("xgboost.core", "Booster")), dict(&[("handle", handle)])));
    let allow = |bytes: &[u8]| judge_allowing(bytes, &["xgboost.core.Booster"], &[]).codes();
    assert_eq!(allow(&with(NONE.into())), [""; 0]);
    assert_eq!(allow(&with(text("model.bin"))), ["misused-global"]);
}

#[test]
fn a_formula_that_statsmodels_would_evaluate_is_refused_whoever_allows_it() {
    let (_, _, honest) = files().into_iter().find(|(name, ..)| name == "statsmodels-formula").unwrap();
    let data = "statsmodels.base.data.PandasData";
    assert_eq!(judge_allowing(&honest, &[], &["statsmodels"]).codes(), ["misused-global"]);
    let with = |key: &'static str| {
        let state =
            [("formula", text("__import__('os').system('echo PWNED')")), ("frame", NONE.into()), (key, TRUE.into())];
        pickle4(build(new(global("statsmodels.base.data", "PandasData")), dict(&state)))
    };
    for evaluates in ["restore_design_info", "restore_model_spec"] {
        assert_eq!(judge_allowing(&with(evaluates), &[data], &[]).codes(), ["misused-global"]);
        assert_eq!(judge_allowing(&with(evaluates), &[], &["statsmodels"]).codes(), ["misused-global"]);
    }
    assert_eq!(judge_allowing(&with("k_constant"), &[], &["statsmodels"]).codes(), [""; 0]);
}

/// Whether an object of statsmodels, with these attributes, is read.
fn statsmodels(class: (&str, &str), attributes: &[(&str, Ops)]) -> Vec<String> {
    let model = pickle4(build(new(global(class.0, class.1)), dict(attributes)));
    judge_allowing(&model, &[], &["statsmodels"]).codes().iter().map(ToString::to_string).collect()
}

#[test]
fn what_a_prediction_would_evaluate_is_refused() {
    // `results.predict(frame)` gives `model.model_spec`, or that of its data, to patsy or formulaic: `I(__import__('os').…)`.
    let ols = ("statsmodels.regression.linear_model", "OLS");
    let data = ("statsmodels.base.data", "PandasData");
    for key in ["design_info", "model_spec", "model_spec_linear", "scale_model_spec"] {
        for class in [ols, data] {
            let attack = text("I(__import__('os').system('echo PWNED'))");
            assert_eq!(statsmodels(class, &[(key, attack.clone())]), ["misused-global"], "{key}");
            assert_eq!(statsmodels(class, &[(key, list(&[attack]))]), ["misused-global"], "{key}");
            assert_eq!(statsmodels(class, &[(key, NONE.into())]), [""; 0], "{key}");
        }
    }
    // Where a link leads, attributes come from a state that was looked at.
    let namespace = || call(global("types", "SimpleNamespace"), &[]);
    let model = || build(new(global(ols.0, ols.1)), dict(&[]));
    for (class, link) in [(ols, "data"), (("statsmodels.base.wrapper", "ResultsWrapper"), "_results")] {
        assert_eq!(statsmodels(class, &[(link, model())]), [""; 0], "{link}");
        assert_eq!(statsmodels(class, &[(link, namespace())]), ["misused-global"], "{link}");
        assert_eq!(statsmodels(class, &[(link, estimator(scaler(), &[]))]), ["misused-global"], "{link}");
    }
    // A column of a table is an attribute of it, and a row's label one of that.
    let table = || build(new(global("pandas.core.frame", "DataFrame")), dict(&[]));
    let results = ("statsmodels.regression.linear_model", "OLSResults");
    for (class, link) in [(results, "model"), (("statsmodels.base.wrapper", "ResultsWrapper"), "_results")] {
        assert_eq!(statsmodels(class, &[(link, table())]), ["misused-global"], "{link}");
        assert_eq!(statsmodels(class, &[("frame", table())]), [""; 0], "{link}");
    }
    assert_eq!(statsmodels(ols, &[("data", table())]), [""; 0]);
}

#[test]
fn what_a_class_of_a_set_calls_is_nothing_that_makes_pointers_or_goes_to_the_disk() {
    let family = ("statsmodels.genmod.families.family", "Gaussian");
    assert_eq!(statsmodels(family, &[("deviance", ndarray())]), ["misused-global"]);
    assert_eq!(statsmodels(family, &[("deviance", array(&[1.0]))]), [""; 0]);
    let news = ("statsmodels.tsa.statespace.news", "NewsResults");
    let path = call(global("pathlib", "PosixPath"), &[text("evil.txt")]);
    assert_eq!(statsmodels(news, &[("revised_all", path.clone())]), ["misused-global"]);
    assert_eq!(statsmodels(news, &[("revised_all", text("evil.txt"))]), [""; 0]);

    let set = |class: (&str, &str), state: &[(&str, Ops)], set: &str| {
        let model = pickle4(build(new(global(class.0, class.1)), dict(state)));
        judge_allowing(&model, &[], &[set]).codes().iter().map(ToString::to_string).collect::<Vec<String>>()
    };
    let crf =
        |modelfile: Ops| set(("sklearn_crfsuite.estimator", "CRF"), &[("modelfile", modelfile)], "sklearn-crfsuite");
    let mut parts = vec![("name", NONE.into()), ("auto", TRUE.into()), ("keep_tempfiles", NONE.into())];
    parts.extend([("suffix", text(".crfsuite")), ("prefix", text("model"))]);
    let resource = build(new(global("sklearn_crfsuite._fileresource", "FileResource")), dict(&parts));
    assert_eq!((crf(resource), crf(NONE.into())), (vec![], vec![]));
    for wrong in [call(global("types", "SimpleNamespace"), &[]), text("/etc/passwd"), path, dict(&[])] {
        assert_eq!(crf(wrong), ["misused-global"]);
    }
    let booster = |handle: Ops| set(("lightgbm.basic", "Booster"), &[("_handle", handle)], "lightgbm");
    assert_eq!((booster(text("tree")), booster(NONE.into())), (vec![], vec!["misused-global".to_owned()]));
}

#[test]
fn what_runs_tests_is_in_no_set() {
    // `results.summary()` would run pytest in a folder that the file names.
    for (module, name) in [
        ("statsmodels.tools._test_runner", "PytestTester"),
        ("statsmodels.tools._decorators", "CachedAttribute"),
        ("statsmodels.tools.docstring_helpers", "Appender"),
    ] {
        assert_eq!(statsmodels((module, name), &[("package_path", text("/tmp"))]), ["unknown-global"]);
    }
    assert_eq!(statsmodels(("statsmodels.tools._decorators", "ResettableCache"), &[("a", int(1))]), [""; 0]);
}

#[test]
fn a_compiled_part_of_statsmodels_is_made_of_its_own_model() {
    // Cython takes None where it has a pointer to a model or to an array, and follows it.
    let with = |part: &str, class: &str, args: &[Ops]| {
        let class = global(&format!("statsmodels.tsa.statespace.{part}"), class);
        let judged = judge_allowing(&pickle4(call(class, args)), &[], &["statsmodels"]);
        judged.codes().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let model = |letter: &str| {
        let class = global("statsmodels.tsa.statespace._representation", &format!("{letter}Statespace"));
        call(class, &vec![array(&[1.0]); 8])
    };
    for (part, class) in [("_kalman_filter", "dKalmanFilter"), ("_simulation_smoother", "dSimulationSmoother")] {
        assert_eq!(with(part, class, &[model("d"), int(1)]), [""; 0]);
        for other in [NONE.into(), int(1), model("z"), array(&[1.0])] {
            assert_eq!(with(part, class, &[other]), ["misused-global"]);
        }
        assert_eq!(with(part, class, &[]), ["misused-global"]);
    }
    let filter = call(global("statsmodels.tsa.statespace._kalman_filter", "dKalmanFilter"), &[model("d")]);
    assert_eq!(with("_kalman_smoother", "dKalmanSmoother", &[model("d"), filter]), [""; 0]);
    assert_eq!(with("_kalman_smoother", "dKalmanSmoother", &[model("d"), NONE.into()]), ["misused-global"]);
    let mut arrays = vec![array(&[1.0]); 8];
    arrays[3] = NONE.into();
    assert_eq!(with("_representation", "dStatespace", &arrays), ["misused-global"]);
    let initialization =
        |count: Ops| with("_initialization", "dInitialization", &[count, array(&[1.0]), array(&[1.0]), float(1e6)]);
    assert_eq!(initialization(int(1)), [""; 0]);
    assert_eq!(initialization(array(&[1.0])), ["misused-global"]);
}

#[test]
fn a_feature_of_a_mapper_has_two_or_three_parts() {
    let with = |feature: Ops| {
        let class = global("sklearn_pandas.dataframe_mapper", "DataFrameMapper");
        let model = pickle4(build(new(class), dict(&[("features", list(&[feature]))])));
        judge_allowing(&model, &[], &["sklearn-pandas"]).codes()
    };
    let parts = |count: usize| [global("builtins", "bytes"), NONE.into(), dict(&[]), int(7_000_000)][..count].to_vec();
    assert_eq!(with(tuple(&parts(2))), [""; 0]);
    assert_eq!(with(list(&parts(3))), [""; 0]);
    // `DataFrameMapper.__setstate__` calls the first part with the fourth.
    assert_eq!(with(tuple(&parts(4))), ["misused-global"]);
    assert_eq!(with(tuple(&parts(1))), ["misused-global"]);
    assert_eq!(with(text("abcd")), ["misused-global"]);
    assert_eq!(with(dict(&[("a", int(1)), ("b", int(2))])), ["misused-global"]);
}

#[test]
fn what_dill_fetches_is_a_plain_type_and_what_it_calls_is_numpys_constructor() {
    let dill = |bytes: &[u8]| judge_allowing(bytes, &[], &["dill"]).codes();
    let loaded = |name: &str| call(global("dill._dill", "_load_type"), &[text(name)]);
    for known in ["int", "object", "IntType", "ListType", "DictionaryType", "ObjectType"] {
        assert_eq!(dill(&pickle4(loaded(known))), [""; 0], "{known}");
    }
    for other in ["CodeType", "FunctionType", "type", "TypeType", "ClassType", "FileType", "listType", "ListType ", ""]
    {
        assert_eq!(dill(&pickle4(loaded(other))), ["misused-global"], "{other}");
    }
    assert_eq!(dill(&pickle4(call(loaded("slice"), &[int(0), int(1), NONE.into()]))), [""; 0]);
    assert_eq!(dill(&pickle4(call(loaded("str"), &[int(0)]))), ["misused-global"]);
    assert_eq!(dill(&pickle4(call(loaded("set"), &[list(&[int(1)])]))), [""; 0]);
    assert_eq!(dill(&pickle4(call(loaded("set"), &[list(&[list(&[])])]))), ["misused-global"]);
    let made = |constructor: Ops, attributes: Ops| {
        let state = array_state(&[1], &dtype("f8"), bytes(&[0; 8]));
        let inner = tuple(&[ndarray(), tuple(&[int(0)]), bytes(b"b")]);
        pickle4(call(global("dill._dill", "_create_array"), &[constructor, inner, state, attributes]))
    };
    assert_eq!(dill(&made(reconstruct(), NONE.into())), [""; 0]);
    assert_eq!(dill(&made(global("builtins", "set"), NONE.into())), ["misused-global"]);
    assert_eq!(dill(&made(reconstruct(), dict(&[("a", int(1))]))), ["misused-global"]);
    assert_eq!(dill(&made(global("posix", "system"), NONE.into())), ["dangerous-global"]);
    let function = pickle4(call(global("dill._dill", "_create_function"), &[]));
    assert_eq!(dill(&function), ["embedded-code"]);
}

#[test]
fn a_type_that_dill_fetches_stands_where_the_type_itself_would() {
    let dill = |value: Ops| judge_allowing(&pickle4(value), &["shop.Order"], &["dill"]).codes();
    let loaded = |name: &str| call(global("dill.dill", "_load_type"), &[text(name)]);
    let counts = |factory: Ops| call(global("collections", "defaultdict"), &[factory]);
    for (made, other) in [("ListType", "SliceType"), ("IntType", "ObjectType"), ("dict", "range")] {
        assert_eq!(dill(counts(loaded(made))), [""; 0], "{made}");
        assert_eq!(dill(counts(loaded(other))), ["misused-global"], "{other}");
    }
    assert_eq!(dill(call(loaded("SliceType"), &[int(0), int(1), NONE.into()])), [""; 0]);
    assert_eq!(dill(call(loaded("SliceType"), &[int(0)])), ["misused-global"]);
    for called in ["ListType", "ObjectType", "DictType"] {
        assert_eq!(dill(call(loaded(called), &[list(&[])])), ["misused-global"], "{called}");
    }
    let of = |class: Ops, base: &str, state: Ops| {
        dill(call(global("copyreg", "_reconstructor"), &[class, loaded(base), state]))
    };
    let scaler = || global("sklearn.preprocessing.data", "StandardScaler");
    assert_eq!(of(scaler(), "ObjectType", NONE.into()), [""; 0]);
    assert_eq!(of(scaler(), "ObjectType", int(1)), ["misused-global"]);
    assert_eq!(of(scaler(), "DictType", dict(&[])), ["misused-global"]);
    let own = || global("shop", "Order");
    assert_eq!(of(own(), "DictType", dict(&[("a", int(1))])), [""; 0]);
    assert_eq!(of(own(), "ListType", dict(&[("a", int(1))])), ["misused-global"]);
    let bunch = || global("sklearn.utils", "Bunch");
    assert_eq!(of(bunch(), "DictType", dict(&[("a", int(1))])), [""; 0]);
    assert_eq!(of(bunch(), "ListType", list(&[])), ["misused-global"]);
}

#[test]
fn dill_finds_numpys_constructor_in_numpys_module_and_calls_it_as_that() {
    let dill = |bytes: &[u8]| judge_allowing(bytes, &[], &["dill"]).codes();
    let found = |module: &str, name: &str| {
        let module = call(global("dill._dill", "_import_module"), &[text(module)]);
        call(global("dill._dill", "_get_attr"), &[module, text(name)])
    };
    let numpy = "numpy.core._multiarray_umath";
    let arguments = || [ndarray(), tuple(&[int(0)]), bytes(b"b")];
    let state = || array_state(&[1], &dtype("f8"), bytes(&[0; 8]));
    let made = |module: &str, name: &str| pickle4(build(call(found(module, name), &arguments()), state()));
    assert_eq!(dill(&made(numpy, "_reconstruct")), [""; 0]);
    for (module, name) in
        [("posix", "_reconstruct"), (numpy, "frompyfunc"), ("os", "system"), ("numpy", "_reconstruct")]
    {
        assert_eq!(dill(&made(module, name)), ["misused-global"], "{module}.{name}");
    }
    let scalar = |name: &str| pickle4(call(found(numpy, name), &[dtype("f8"), bytes(&[0; 8])]));
    assert_eq!(dill(&scalar("scalar")), [""; 0]);
    assert_eq!(dill(&scalar("_reconstruct")), ["misused-global"]);
    assert_eq!(dill(&pickle4(call(found(numpy, "scalar"), &[dtype_of_objects(), bytes(&[0; 8])]))), ["misused-global"]);
    let of_a_scalar = call(call(found(numpy, "scalar"), &[dtype("M8"), bytes(&[0; 8])]), &arguments());
    assert_eq!(dill(&pickle4(of_a_scalar)), ["misused-global"]);
    // Of another object than that module, called with something else, given a state, or kept as data.
    let of = |object: Ops| pickle4(call(global("dill._dill", "_get_attr"), &[object, text("_reconstruct")]));
    assert_eq!(dill(&of(global("numpy", "dtype"))), ["misused-global"]);
    assert_eq!(dill(&pickle4(call(found(numpy, "_reconstruct"), &[scaler()]))), ["misused-global"]);
    assert_eq!(dill(&pickle4(build(found(numpy, "_reconstruct"), state()))), ["misused-global"]);
    let twice = call(call(found(numpy, "_reconstruct"), &arguments()), &arguments());
    assert_eq!(dill(&pickle4(twice)), ["misused-global"]);
    assert_eq!(dill(&pickle4(estimator(scaler(), &[("mean_", found(numpy, "_reconstruct"))]))), ["misused-global"]);
    // Nobody who did not ask for the set.
    assert_eq!(judge(&made(numpy, "_reconstruct")).codes(), ["embedded-code", "dangerous-global"]);
}

#[test]
fn what_dill_finds_in_numpys_module_stands_nowhere_but_before_its_arguments() {
    let dill = |value: Ops| judge_allowing(&pickle4(value), &[], &["dill"]).codes();
    let module = || call(global("dill._dill", "_import_module"), &[text("numpy.core.multiarray")]);
    let found = |name: &str| call(global("dill._dill", "_get_attr"), &[module(), text(name)]);
    let slot = |value: Ops| estimator(function_transformer(), &[("func", value)]);
    let of_objects = |value: Ops| build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[value])));
    for hostile in [
        module(),
        found("scalar"),
        list(&[module()]),
        slot(module()),
        slot(found("scalar")),
        slot(found("_reconstruct")),
        of_objects(module()),
        of_objects(found("scalar")),
    ] {
        assert_eq!(dill(hostile), ["misused-global"]);
    }
    // What it made is data like any other.
    let none = || NONE.to_vec();
    let unit = tuple(&[dict(&[]), tuple(&[bytes(b"D"), int(1), int(1), int(1)])]);
    let days = [int(4), text("<"), none(), none(), none(), int(-1), int(-1), int(0), unit];
    let day = || call(found("scalar"), &[build(dtype_call("M8"), tuple(&days)), bytes(&[0; 8])]);
    assert_eq!(dill(list(&[day()])), [""; 0]);
    assert_eq!(dill(estimator(scaler(), &[("mean_", day())])), [""; 0]);
}

#[test]
fn a_model_that_becomes_a_file_names_no_file() {
    let crf = |attributes: &[(&str, Ops)]| {
        let mut all = vec![
            ("name", NONE.into()),
            ("auto", TRUE.into()),
            ("keep_tempfiles", FALSE.into()),
            ("suffix", text(".crfsuite")),
            ("prefix", text("model")),
            ("fd", int(3)),
            ("__FILE_RESOURCE_DATA__", bytes(b"lCRF")),
        ];
        for (key, value) in attributes {
            all.retain(|(known, _)| known != key);
            all.push((key, value.clone()));
        }
        let resource = build(new(global("sklearn_crfsuite._fileresource", "FileResource")), dict(&all));
        let model = build(new(global("sklearn_crfsuite.estimator", "CRF")), dict(&[("modelfile", resource)]));
        judge_allowing(&pickle4(model), &[], &["sklearn-crfsuite"]).codes()
    };
    assert_eq!(crf(&[]), [""; 0]);
    // A search clones what does not keep its parameter.
    assert_eq!(crf(&[("keep_tempfiles", NONE.into())]), [""; 0]);
    // It would write there, take that file away in the end, or close what it did not open.
    assert_eq!(crf(&[("prefix", text("/etc/cron.d/x"))]), ["misused-global"]);
    assert_eq!(crf(&[("suffix", text(".pth"))]), ["misused-global"]);
    assert_eq!(crf(&[("name", text("/etc/passwd"))]), ["misused-global"]);
    assert_eq!(crf(&[("auto", FALSE.into())]), ["misused-global"]);
    assert_eq!(crf(&[("__FILE_RESOURCE_DATA__", text("lCRF"))]), ["misused-global"]);
    assert_eq!(crf(&[("cleanup", text("x"))]), ["misused-global"]);
    let bare = pickle4(new(global("sklearn_crfsuite._fileresource", "FileResource")));
    let name = "sklearn_crfsuite._fileresource.FileResource";
    assert_eq!(judge_allowing(&bare, &[name], &[]).codes(), [""; 0]);
    let deletes = dict(&[("name", text("/etc/passwd")), ("auto", TRUE.into()), ("fd", int(3))]);
    let deletes = pickle4(build(new(global("sklearn_crfsuite._fileresource", "FileResource")), deletes));
    assert_eq!(judge_allowing(&deletes, &[name], &[]).codes(), ["misused-global"]);
}

#[test]
fn models_that_share_their_bytes_pay_for_each_file_that_they_become() {
    let state = |model: Ops| {
        let names = [("name", NONE.into()), ("keep_tempfiles", FALSE.into()), ("auto", TRUE.into())];
        let parts = [("suffix", text(".crfsuite")), ("prefix", text("model")), ("__FILE_RESOURCE_DATA__", model)];
        dict(&[&names[..], &parts].concat())
    };
    let resource = |model: Ops| build(new(global("sklearn_crfsuite._fileresource", "FileResource")), state(model));
    let judged = |others: usize| {
        let first = resource([bytes(&vec![0; 1 << 20]), b"\x94".to_vec()].concat());
        let others = vec![resource(b"h\0".to_vec()); others];
        let allow_sets = vec!["sklearn-crfsuite".to_owned()];
        let job = Job { task: Task::Judge, limits: limits(&["memory=64MiB"]), allow: Vec::new(), allow_sets };
        let mut judged = Judged::default();
        run(
            &job,
            Input::from_bytes(&pickle4(list(&[vec![first], others].concat())), usize::MAX),
            None,
            None,
            &mut judged,
        );
        judged.codes()
    };
    assert_eq!(judged(10), [""; 0]);
    assert_eq!(judged(100), ["limit-exceeded"]);
}

#[test]
fn a_boosters_model_is_bytes_or_text_and_no_file() {
    let xgboost = |booster: Ops| {
        let state = dict(&[("_Booster", booster), ("n_estimators", int(2))]);
        let model = pickle4(build(new(global("xgboost.sklearn", "XGBClassifier")), state));
        judge_allowing(&model, &[], &["xgboost"]).codes()
    };
    assert_eq!(xgboost(NONE.into()), [""; 0]);
    assert_eq!(xgboost(text("/etc/passwd")), ["misused-global"]);
    let lightgbm = |handle: Ops| {
        let model = pickle4(build(new(global("lightgbm.basic", "Booster")), dict(&[("handle", handle)])));
        judge_allowing(&model, &[], &["lightgbm"]).codes()
    };
    assert_eq!(lightgbm(text("tree\nversion=v4\n")), [""; 0]);
    assert_eq!(lightgbm(int(1)), ["misused-global"]);
    let catboost = |key: &'static str, model: Ops| {
        let model = pickle4(build(new(global("catboost.core", "CatBoostClassifier")), dict(&[(key, model)])));
        judge_allowing(&model, &[], &["catboost"]).codes()
    };
    assert_eq!(catboost("__model", bytes(b"CBM1")), [""; 0]);
    assert_eq!(catboost("__model", text("CBM1")), ["misused-global"]);
    assert_eq!(catboost("__class__", bytes(b"CBM1")), ["misused-global"]);
    assert_eq!(catboost("loss_function", global("numpy", "log1p")), ["misused-global"]);
}

#[test]
fn a_method_of_a_sets_classes_is_no_attribute() {
    let with = |key: &'static str| {
        let model = pickle4(build(new(global("lightgbm.sklearn", "LGBMClassifier")), dict(&[(key, int(1))])));
        judge_allowing(&model, &[], &["lightgbm"]).codes()
    };
    assert_eq!(with("_n_features"), [""; 0]);
    assert_eq!(with("_process_params"), ["misused-global"]);
}

#[test]
fn parts_of_old_trees_are_made_of_small_counts() {
    let random = || {
        let words = build(empty_array(), array_state(&[624], &dtype("u4"), bytes(&[1; 2496])));
        let state = tuple(&[text("MT19937"), words, int(1), int(0), float(0.0)]);
        build(call(global("numpy.random", "__RandomState_ctor"), &[]), state)
    };
    let criterion =
        |outputs: i32| build(call(global("sklearn.tree._tree", "RegressionCriterion"), &[int(outputs)]), dict(&[]));
    let with = |criterion: Ops, state: Ops| {
        let class = global("sklearn.tree._tree", "PresortBestSplitter");
        pickle4(build(call(class, &[criterion, int(3), int(1), random()]), state))
    };
    let honest = with(criterion(1), dict(&[]));
    told_apart(&with(criterion(i32::MAX), dict(&[])), "misused-global", "a count is larger than any", &honest);
    told_apart(&with(criterion(1), dict(&[("a", int(1))])), "misused-global", "its state is not empty", &honest);
    refused(&with(estimator(scaler(), &[]), dict(&[])), "misused-global", "called with something else");
}

#[test]
fn a_splitter_that_repeats_another_calls_a_class_of_the_vocabulary() {
    let with = |class: Ops, key: &'static str| {
        let state =
            [("cv", class), ("n_repeats", int(2)), ("random_state", int(0)), ("cvargs", dict(&[(key, int(2))]))];
        pickle4(build(new(global("sklearn.model_selection._split", "RepeatedKFold")), dict(&state)))
    };
    let fold = || global("sklearn.model_selection._split", "KFold");
    told_apart(
        &with(global("numpy", "log1p"), "n_splits"),
        "misused-global",
        "repeats another class",
        &with(fold(), "n_splits"),
    );
    refused(&with(fold(), "shuffle"), "misused-global", "the key \"cvargs\"");
    refused(&with(global("posix", "system"), "n_splits"), "dangerous-global", "posix.system");
}

#[test]
fn a_function_that_is_wrapped_stands_where_functions_are() {
    let wrapped = |function: Ops| build(new(global("joblib.memory", "NotMemorizedFunc")), dict(&[("func", function)]));
    let with = |function: Ops| pickle4(estimator(function_transformer(), &[("func", wrapped(function))]));
    told_apart(&with(text("x")), "misused-global", "the key \"func\" is a str", &with(global("numpy", "log1p")));
    let data = pickle4(estimator(scaler(), &[("mean_", wrapped(global("numpy", "log1p")))]));
    refused(&data, "misused-global", "stands where data belongs");
    refused(&with(global("joblib.memory", "MemorizedFunc")), "dangerous-global", "joblib.memory.MemorizedFunc");
}

#[test]
fn what_an_optimizer_found_takes_items_and_no_state() {
    let class = || new(global("scipy.optimize", "OptimizeResult"));
    let with = |key: &str, state: Ops| pickle4(build(ops![class(), text(key), int(1), b"s"], state));
    // Python 2 gives it an empty one. What stands at a key is found as an attribute: it would be called with the state.
    let honest = with("x", b"}".to_vec());
    told_apart(&with("x", dict(&[("y", int(1))])), "misused-global", "it is given a state", &honest);
    told_apart(&with("__setstate__", b"}".to_vec()), "misused-global", "an item sets __setstate__", &honest);
    let made = |key: &str, base: &str| {
        let arguments = [global("scipy.optimize", "OptimizeResult"), global("builtins", base), dict(&[(key, int(1))])];
        pickle4(build(call(global("copyreg", "_reconstructor"), &arguments), b"}"))
    };
    told_apart(&made("__setstate__", "dict"), "misused-global", "that Python gives a meaning to", &made("x", "dict"));
    refused(&made("x", "object"), "misused-global", "something else than a dict");
}

#[test]
fn an_array_whose_axes_are_turned_has_each_of_them_once() {
    let with = |order: &str, axes: &[i32]| {
        let axes: Vec<Ops> = axes.iter().map(|axis| int(*axis)).collect();
        let shape = tuple(&[int(1), int(1), int(1)]);
        let arguments = [bytes(&[0; 8]), dtype("f8"), shape, text(order), tuple(&axes)];
        pickle4(call(global("numpy._core.numeric", "_frombuffer"), &arguments))
    };
    told_apart(&with("K", &[0, 0, 1]), "misused-global", "its axes are others", &with("K", &[2, 0, 1]));
    refused(&with("C", &[2, 0, 1]), "misused-global", "its axes are others");
    refused(&with("K", &[0, 1]), "misused-global", "its axes are others");
}

#[test]
fn an_old_distribution_is_made_of_names_and_numbers() {
    let with = |key: &'static str, value: Ops| {
        let words = build(empty_array(), array_state(&[624], &dtype("u4"), bytes(&[1; 2496])));
        let random = tuple(&[text("MT19937"), words, int(1), int(0), float(0.0)]);
        let random = build(call(global("numpy.random", "__RandomState_ctor"), &[]), random);
        let parameters = dict(&[("momtype", int(1)), ("seed", NONE.into()), (key, value)]);
        let class = new(global("scipy.stats._continuous_distns", "gamma_gen"));
        pickle4(build(class, tuple(&[parameters, random])))
    };
    let honest = with("shapes", text("a"));
    let many = |count: usize| with("shapes", text(&vec!["a"; count].join(",")));
    told_apart(&many(17), "misused-global", "more parameters than any", &many(16));
    told_apart(&with("shapes", text("a): exec('x')")), "misused-global", "names that are none", &honest);
    told_apart(
        &with("longname", text("%(before_notes)999999999s")),
        "misused-global",
        "signs that scipy would replace",
        &honest,
    );
    refused(&with("seed", text("x")), "misused-global", "its state is something else");
    refused(&with("ctor", scaler()), "misused-global", "its state is something else");
}

#[test]
fn a_matrix_that_is_a_dict_takes_places_and_values() {
    let with = |items: Ops| {
        let class = global("scipy.sparse._dok", "dok_matrix");
        let made = call(global("copyreg", "_reconstructor"), &[class, global("builtins", "dict"), items]);
        pickle4(build(made, dict(&[("_shape", tuple(&[int(1), int(1)])), ("dtype", dtype("f8"))])))
    };
    told_apart(&with(list(&[])), "misused-global", "something else than a dict", &with(dict(&[])));
    // scipy 1.12 makes an array empty, and gives it its items as a state.
    let array_of = |class: &str, base: &str, items: Ops| {
        let class = global("scipy.sparse._dok", class);
        let made = call(global("copyreg", "_reconstructor"), &[class, global("builtins", base), items]);
        pickle4(build(
            made,
            dict(&[("_shape", tuple(&[int(1), int(1)])), ("_dict", dict(&[])), ("dtype", dtype("f8"))]),
        ))
    };
    let honest = array_of("dok_array", "object", NONE.into());
    told_apart(
        &array_of("dok_array", "object", dict(&[])),
        "misused-global",
        "something else than an empty array",
        &honest,
    );
    told_apart(
        &array_of("dok_matrix", "object", NONE.into()),
        "misused-global",
        "something else than an empty array",
        &honest,
    );
    told_apart(&array_of("dok_array", "set", NONE.into()), "misused-global", "something else than a dict", &honest);
}

#[test]
fn a_spline_hands_its_work_to_a_spline() {
    let with =
        |inner: Ops| pickle4(build(new(global("scipy.interpolate._bsplines", "BSpline")), tuple(&[inner, array(&[])])));
    let knots = || array(&[0.0, 1.0]);
    let state = dict(&[("t", knots()), ("c", array(&[1.0])), ("k", int(0))]);
    let spline = build(new(global("scipy.interpolate._bsplines", "_BSpline")), state);
    told_apart(&with(estimator(scaler(), &[])), "misused-global", "its state is something else", &with(spline));
}

#[test]
fn a_dict_that_warns_has_warnings_alone() {
    let with = |class: Ops| {
        let warning = tuple(&[tuple(&[text("old"), class]), dict(&[])]);
        let state = dict(&[("_deprecations", dict(&[("a", warning)]))]);
        pickle4(build(new(global("sklearn.utils.deprecation", "DeprecationDict")), state))
    };
    let honest = with(global("builtins", "FutureWarning"));
    told_apart(&with(global("numpy", "log1p")), "misused-global", "one of its warnings is none", &honest);
}

#[test]
fn a_memory_with_a_folder_is_refused() {
    let with = |folder: Ops| {
        let class = global("sklearn.externals.joblib.memory", "Memory");
        pickle4(call(class, &[folder, NONE.into(), FALSE.into(), int(0)]))
    };
    told_apart(&with(text("/tmp/cache")), "misused-global", "called with something else", &with(NONE.into()));
}

#[test]
fn an_enumeration_is_asked_for_a_member_and_for_nothing_else() {
    let state = || global("optuna.trial._state", "TrialState");
    let with = |bytes: &Ops| {
        let bytes = pickle4(bytes.clone());
        assert_eq!(judge(&bytes).codes(), ["unknown-global"]);
        judge_allowing(&bytes, &["optuna.trial._state.TrialState"], &[]).codes()
    };
    let fetched = |name: &str| call(global("builtins", "getattr"), &[state(), text(name)]);
    for honest in [call(state(), &[int(1)]), call(state(), &[text("fast")]), fetched("COMPLETE"), fetched("STEP_2")] {
        assert_eq!(with(&honest), [""; 0]);
    }
    let key = ops![b"}", call(state(), &[int(1)]), int(1), b"s"];
    assert_eq!(with(&key), [""; 0]);
    for hostile in [
        call(state(), &[]),
        call(state(), &[int(1), int(2)]),
        call(state(), &[list(&[int(1)])]),
        call(state(), &[state()]),
        new(state()),
        build(call(state(), &[int(1)]), dict(&[("name", text("x"))])),
        fetched("__class__"),
        fetched("mro"),
        fetched(""),
        call(fetched("COMPLETE"), &[]),
        build(state(), dict(&[])),
    ] {
        assert_eq!(with(&hostile), ["misused-global"], "{hostile:?}");
    }
    // Of another class nothing is fetched so, but of one that the user allows.
    let other = |module: &str| {
        let bytes = pickle4(call(global("builtins", "getattr"), &[global(module, "State"), text("COMPLETE")]));
        judge_allowing(&bytes, &[&format!("{module}.State")], &[]).codes()
    };
    assert_eq!(other("mypkg"), [""; 0]);
    assert_eq!(other("sklearn.other"), ["misused-global"]);
}

#[test]
fn a_distance_of_hdbscan_is_made_as_scikit_learns_are() {
    const DISTANCES: &str = "hdbscan.dist_metrics";
    let with = |class: Ops, state: Ops| {
        let bytes = pickle4(build(call(global(DISTANCES, "newObj"), &[class]), state));
        assert!(judge(&bytes).codes().contains(&"unknown-global"));
        judge_allowing(&bytes, &[], &["hdbscan"]).codes()
    };
    let euclidean = || global(DISTANCES, "EuclideanDistance");
    let state = || tuple(&[float(2.0), array(&[0.0]), array(&[0.0])]);
    assert_eq!(with(euclidean(), state()), [""; 0]);
    for (class, state) in [
        // It calls the `__new__` of its argument.
        (global("sklearn.metrics._dist_metrics", "EuclideanDistance"), state()),
        (scaler(), state()),
        (text("EuclideanDistance"), state()),
        (euclidean(), tuple(&[float(2.0), list(&[float(0.0)]), array(&[0.0])])),
        (euclidean(), tuple(&[float(2.0), array(&[0.0])])),
        (euclidean(), dict(&[("p", int(2))])),
        (global(DISTANCES, "PyFuncDistance"), tuple(&[float(2.0), array(&[0.0]), array(&[0.0]), scaler(), dict(&[])])),
    ] {
        assert_eq!(with(class, state), ["misused-global"]);
    }
}

#[test]
fn a_series_has_its_places_as_dill_makes_them() {
    let with = |places: Ops| {
        let index = || {
            let parts = dict(&[("data", array(&[1.0])), ("name", NONE.into())]);
            call(
                global("pandas.core.indexes.base", "_new_Index"),
                &[global("pandas.core.indexes.base", "Index"), parts],
            )
        };
        let part = dict(&[("values", array(&[1.0])), ("mgr_locs", places)]);
        let named = dict(&[("0.14.1", dict(&[("axes", list(&[index()])), ("blocks", list(&[part]))]))]);
        let class = global("pandas.core.internals.managers", "SingleBlockManager");
        let state = tuple(&[list(&[index()]), list(&[array(&[1.0])]), list(&[index()]), named]);
        judge_allowing(&pickle4(build(new(class), state)), &[], &["dill"]).codes()
    };
    let slice = || call(global("dill._dill", "_load_type"), &[text("slice")]);
    assert_eq!(with(call(slice(), &[int(0), int(1), int(1)])), [""; 0]);
    assert_eq!(with(estimator(scaler(), &[])), ["misused-global"]);
}

#[test]
fn a_model_of_the_old_arima_is_made_of_its_series() {
    let numbers = || build(empty_array(), array_state(&[1], &dtype("f8"), bytes(&[0; 8])));
    let of = |series: Ops, order: &[i32], missing: &str, extra: &[Ops]| {
        let order: Vec<Ops> = order.iter().map(|lags| int(*lags)).collect();
        let args = [series, tuple(&order), NONE.into(), NONE.into(), NONE.into(), text(missing)];
        let args = [&args[..], extra].concat();
        let made = ops![global("statsmodels.tsa.arima_model", "ARIMA"), tuple(&args), b"\x81"];
        judge_allowing(&pickle4(build(made, dict(&[("k_ar", int(1))]))), &[], &["statsmodels"]).codes()
    };
    let model = |order: &[i32], missing: &str, extra: &[Ops]| of(numbers(), order, missing, extra);
    assert_eq!(model(&[5, 1, 4], "none", &[]), [""; 0]);
    // It is computed with as the model is made: an object would be asked for its sum.
    let objects = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[int(1)])));
    assert_eq!(of(objects, &[5, 1, 4], "none", &[]), ["misused-global"]);
    for short in [
        model(&[5, 3, 4], "none", &[]),
        model(&[5000, 1, 4], "none", &[]),
        model(&[5, 1, -1], "none", &[]),
        model(&[5, 1], "none", &[]),
        model(&[5, 1, 4], "os.system", &[]),
        model(&[5, 1, 4], "none", &[NONE.into()]),
    ] {
        assert_eq!(short, ["misused-global"]);
    }
}

#[test]
fn a_tree_of_oblique_splits_has_a_row_of_projections_for_each_node() {
    let array = |shape: &[i32]| {
        let count: i32 = shape.iter().product();
        build(empty_array(), array_state(shape, &dtype("f8"), bytes(&vec![0; 8 * count as usize])))
    };
    let model = |count: i32, nodes: &[i32], rows: &[i32]| {
        let classes = build(empty_array(), array_state(&[1], &dtype("i8"), bytes(&[2, 0, 0, 0, 0, 0, 0, 0])));
        let tree = call(global("treeple.tree._oblique_tree", "ObliqueTree"), &[int(4), classes, int(1)]);
        let state = [
            ("max_depth", int(1)),
            ("node_count", int(count)),
            ("nodes", array(nodes)),
            ("values", array(&[3, 1, 2])),
            ("proj_vecs", array(rows)),
        ];
        judge_allowing(&pickle4(build(tree, dict(&state))), &[], &["treeple"]).codes()
    };
    assert_eq!(model(3, &[3], &[3, 4]), [""; 0]);
    // It would write behind what it has reserved.
    assert_eq!(model(1000, &[3], &[1000, 4]), ["misused-global"]);
    assert_eq!(model(3, &[3], &[2, 4]), ["misused-global"]);
    assert_eq!(model(3, &[3], &[3]), ["misused-global"]);
    assert_eq!(model(-1, &[3], &[3, 4]), ["misused-global"]);
}

#[test]
fn counters_of_nltk_2_are_dicts_by_another_name() {
    let with = |base: Ops, items: Ops| {
        let class = global("nltk.probability", "FreqDist");
        judge_allowing(&pickle4(call(global("copyreg", "_reconstructor"), &[class, base, items])), &[], &["nltk"])
            .codes()
    };
    let counts = || dict(&[("good", int(2))]);
    assert_eq!(with(global("builtins", "dict"), counts()), [""; 0]);
    assert_eq!(with(global("builtins", "dict"), dict(&[("__class__", int(2))])), ["misused-global"]);
    assert_eq!(with(global("builtins", "object"), counts()), ["misused-global"]);
}

#[test]
fn a_member_of_a_set_may_have_a_state_of_its_own_form() {
    let with = |state: Ops| {
        let class = global("nltk.tokenize.punkt", "PunktLanguageVars");
        judge_allowing(&pickle4(build(new(class), state)), &[], &["nltk"]).codes()
    };
    // `PunktLanguageVars.__setstate__(1)`.
    assert_eq!(with(int(1)), [""; 0]);
    assert_eq!(with(estimator(scaler(), &[])), ["misused-global"]);
    assert_eq!(with(tuple(&[dict(&[]), dict(&[])])), ["misused-global"]);
}

#[test]
fn members_of_sets_are_no_keys() {
    // `Rule.__hash__` of nltk says what the file says, or writes itself out.
    let with = |class: Ops| {
        let key = build(new(class), dict(&[("_Rule__hash", int(1))]));
        judge_allowing(&pickle4(ops![b"}", key, b"Ns"]), &["shop.Rule"], &["nltk"]).codes()
    };
    assert_eq!(with(global("shop", "Rule")), [""; 0]);
    assert_eq!(with(global("nltk.tbl.rule", "Rule")), ["malformed"]);
}
