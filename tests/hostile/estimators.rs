//! What scikit-learn's estimators hold beside arrays: compiled losses, trees of neighbors, kernels, scorers, sparse matrices.

use crate::opcodes::*;

const LOSS: &str = "sklearn._loss._loss";
/// Checksums of a class without members (Cython 0.29 and 3), and of one whose member is a power.
const EMPTY: i32 = 222_419_149;
const EMPTY_3: i32 = 238_750_788;
const POWER: i32 = 103_600_757;

fn unpickle(name: &str, class: Ops, checksum: i32, state: Ops) -> Ops {
    call(global(LOSS, &format!("__pyx_unpickle_{name}")), &[class, int(checksum), state])
}

#[test]
fn a_compiled_loss_is_unpickled_as_its_own_class_with_its_own_checksum() {
    let name = "CyHalfSquaredError";
    let with = |class: Ops, checksum: i32, state: Ops| pickle4(unpickle(name, class, checksum, state));
    let own = || global(LOSS, name);
    let honest = with(own(), EMPTY, tuple(&[]));
    accepted(&with(own(), EMPTY_3, NONE.into()));
    for (hostile, words) in [
        (with(own(), POWER, tuple(&[])), "its checksum"),
        (with(own(), 1, tuple(&[])), "its checksum"),
        (with(global(LOSS, "CyAbsoluteError"), EMPTY, tuple(&[])), "another class"),
        (with(global("_loss", name), EMPTY, tuple(&[])), "another class"),
        (with(scaler(), EMPTY, tuple(&[])), "another class"),
        (with(text(name), EMPTY, tuple(&[])), "another class"),
        (with(own(), EMPTY, tuple(&[dict(&[])])), "something else"),
        (with(own(), EMPTY, tuple(&[float(1.0)])), "something else"),
        (with(own(), EMPTY, dict(&[])), "something else"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
    refused(
        &pickle4(call(global(LOSS, "__pyx_unpickle_CyHalfSquaredError"), &[own()])),
        "misused-global",
        "1 arguments",
    );
}

#[test]
fn the_members_of_a_compiled_loss_are_numbers_and_are_given_once() {
    let name = "CyHalfTweedieLoss";
    let loss = |state: Ops| unpickle(name, global(LOSS, name), POWER, state);
    let later = |state: Ops| pickle4(build(loss(NONE.into()), state));
    let honest = later(tuple(&[float(1.5)]));
    accepted(&pickle4(loss(tuple(&[float(1.5)]))));
    for (hostile, words) in [
        (later(tuple(&[])), "something else than its members"),
        (later(tuple(&[float(1.5), dict(&[("x", int(1))])])), "something else than its members"),
        (later(tuple(&[text("1.5")])), "something else than its members"),
        (later(dict(&[("power", float(1.5))])), "something else than its members"),
        (pickle4(build(loss(tuple(&[float(1.5)])), tuple(&[float(1.5)]))), "it is given a state"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
}

#[test]
fn a_compiled_loss_is_called_with_numbers_and_given_no_state() {
    let class = || global("sklearn.linear_model._sgd_fast", "Hinge");
    let honest = pickle4(call(class(), &[float(1.0)]));
    accepted(&pickle4(call(global("_loss", "CyHalfBinomialLoss"), &[])));
    for (hostile, words) in [
        (pickle4(call(class(), &[text("1.0")])), "something else"),
        (pickle4(call(class(), &[float(1.0), float(2.0)])), "something else"),
        (pickle4(call(class(), &[global("numpy", "log1p")])), "something else"),
        (pickle4(build(call(class(), &[float(1.0)]), tuple(&[]))), "it is given a state"),
        (pickle4(new(class())), "an empty object of it is made"),
        (pickle4(estimator(scaler(), &[("loss_function_", class())])), "stands where data belongs"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
}

const TREES: &str = "sklearn.neighbors._kd_tree";
const METRICS: &str = "sklearn.metrics._dist_metrics";

fn distance() -> Ops {
    let made = call(global(METRICS, "newObj"), &[global(METRICS, "EuclideanDistance64")]);
    build(made, tuple(&[float(2.0), array(&[0.0]), array(&[0.0])]))
}

/// The thirteen parts of the state of a tree with two points and one node.
fn parts() -> Vec<Ops> {
    let node = packed(&[("idx_start", "i8"), ("idx_end", "i8"), ("is_leaf", "i8"), ("radius", "f8")]);
    let longs = |numbers: &[i64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let mut parts = vec![
        array_of(&[2, 1], &dtype("f8"), &longs(&[0, 0])),
        array_of(&[2], &dtype("i8"), &longs(&[0, 1])),
        array_of(&[1], &node, &longs(&[0, 2, 1, 0])),
        array_of(&[2, 1, 1], &dtype("f8"), &longs(&[0, 0])),
    ];
    parts.extend([40, 1, 1, 0, 0, 0, 0].map(int));
    parts.extend([distance(), NONE.into()]);
    parts
}

fn tree_of_module(module: &str, parts: &[Ops]) -> Ops {
    pickle4(build(call(global(module, "newObj"), &[global(module, "KDTree")]), tuple(parts)))
}

fn tree_of(parts: &[Ops]) -> Ops {
    tree_of_module(TREES, parts)
}

#[test]
fn trees_and_distances_are_made_of_the_classes_of_their_own_module() {
    let with = |module: &str, class: Ops| pickle4(call(global(module, "newObj"), &[class]));
    let honest = with(METRICS, global(METRICS, "EuclideanDistance"));
    // Without a state its arrays are what was in memory.
    for (module, class) in [(TREES, "KDTree"), ("sklearn.neighbors._ball_tree", "BallTree32")] {
        let bare = with(module, global(module, class));
        told_apart(&bare, "structure-invalid", "the state of a tree is missing", &tree_of(&parts()));
    }
    for hostile in [
        with(TREES, global("sklearn.neighbors._ball_tree", "BallTree")),
        with(TREES, global(METRICS, "EuclideanDistance")),
        with(METRICS, global(TREES, "KDTree")),
        with(TREES, scaler()),
        with(TREES, ndarray()),
        with(TREES, text("KDTree")),
        with(TREES, global("builtins", "object")),
    ] {
        told_apart(&hostile, "misused-global", "its argument is something else", &honest);
    }
    refused(&with(TREES, global("posix", "system")), "dangerous-global", "posix.system");
    refused(&pickle4(call(global(TREES, "KDTree"), &[array(&[1.0])])), "misused-global", "it is called");
    refused(&pickle4(new(global(TREES, "KDTree"))), "misused-global", "an empty object of it is made");
}

#[test]
fn a_tree_of_neighbors_is_given_arrays_counts_and_a_distance() {
    let honest = tree_of(&parts());
    // scikit-learn since 0.20 reads the last one wherever it is: a shorter tuple ends the process that loads it.
    let old = tree_of_module("sklearn.neighbors.kd_tree", &parts()[..12]);
    told_apart(&tree_of(&parts()[..12]), "misused-global", "its state has 12 parts", &old);
    let with = |at: usize, part: Ops| {
        let mut parts = parts();
        parts[at] = part;
        tree_of(&parts)
    };
    accepted(&with(12, array(&[1.0, 1.0])));
    for (at, part) in [
        (0, list(&[float(0.0)])),
        (3, NONE.into()),
        (4, text("40")),
        (5, int(-1)),
        (10, global("numpy", "log1p")),
        (11, NONE.into()),
        (11, new(scaler())),
        (11, global(METRICS, "EuclideanDistance64")),
        (12, list(&[])),
    ] {
        let words = format!("part {at} of its state");
        told_apart(&with(at, part), "misused-global", &words, &honest);
    }
    refused(&tree_of(&parts()[..11]), "misused-global", "its state has 11 parts");
    let state = dict(&[("data", array(&[0.0]))]);
    let made = call(global(TREES, "newObj"), &[global(TREES, "KDTree")]);
    refused(&pickle4(build(made, state)), "misused-global", "its state is no tuple");
}

#[test]
fn a_distance_without_weights_is_not_read_as_one_with_them() {
    let weighted = include_bytes!("../data/structure/157-minkowski-weight-of-none.p5.pkl");
    let honest = include_bytes!("../data/structure/157-honest.p5.pkl");
    told_apart(weighted, "structure-invalid", "later versions would read 3 weights there", honest);
}

#[test]
fn a_distance_is_given_three_parts_and_no_function() {
    let with = |parts: &[Ops]| {
        let class = global(METRICS, "MinkowskiDistance");
        pickle4(build(call(global(METRICS, "newObj"), &[class]), tuple(parts)))
    };
    let honest = with(&[float(3.0), array(&[]), array(&[0.0])]);
    let function = with(&[float(3.0), array(&[]), array(&[0.0]), global("numpy", "log1p"), dict(&[])]);
    told_apart(&function, "misused-global", "called with 5 arguments", &honest);
    for parts in [
        [text("3"), array(&[]), array(&[0.0])],
        [float(3.0), list(&[]), array(&[0.0])],
        [float(3.0), array(&[]), global("numpy", "log1p")],
    ] {
        told_apart(&with(&parts), "misused-global", "something else", &honest);
    }
}

#[test]
fn a_record_has_the_attributes_of_its_class_and_no_others() {
    let kernels = "sklearn.gaussian_process.kernels";
    let with = |key: &str, value: Ops| pickle4(build(new(global(kernels, "RBF")), dict(&[(key, value)])));
    let honest = with("length_scale", float(1.0));
    for key in ["theta", "get_params", "diag", "__call__", "__setstate__", "k1"] {
        told_apart(&with(key, float(1.0)), "misused-global", key, &honest);
    }
    told_apart(&with("length_scale", global("numpy", "log1p")), "misused-global", "stands where data belongs", &honest);
    refused(&pickle4(call(global(kernels, "RBF"), &[])), "misused-global", "it is called");
}

#[test]
fn a_scorer_keeps_a_function_of_the_vocabulary_where_functions_belong() {
    let with = |key: &str, value: Ops| {
        let state = dict(&[("_sign", int(1)), ("_kwargs", dict(&[])), (key, value)]);
        pickle4(build(new(global("sklearn.metrics._scorer", "_Scorer")), state))
    };
    let accuracy = || global("sklearn.metrics._classification", "accuracy_score");
    let honest = with("_score_func", accuracy());
    told_apart(&with("_response_method", accuracy()), "misused-global", "stands where data belongs", &honest);
    told_apart(&with("_score", accuracy()), "misused-global", "its class does not have", &honest);
    refused(&with("_score_func", global("joblib", "load")), "dangerous-global", "joblib.load");
    refused(&with("_score_func", global("mypkg", "score")), "unknown-global", "mypkg.score");
}

#[test]
fn a_predictor_is_given_arrays() {
    let class = || global("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor");
    let with = |key: &str, value: Ops| pickle4(build(new(class()), dict(&[(key, value)])));
    let fields = ["left", "right", "gain", "depth", "is_leaf", "bin_threshold"]
        .into_iter()
        .zip(["u4", "u4", "f8", "u4", "u1", "u1"]);
    let before = [("value", "f8"), ("count", "u4"), ("feature_idx", "u4"), ("threshold", "f8")];
    let node = packed(&before.into_iter().chain(fields).collect::<Vec<_>>());
    let with_nodes = |count: i32, bytes: &[u8]| with("nodes", array_of(&[count], &node, bytes));
    let mut leaf = [0; 46];
    leaf[44] = 1;
    let honest = with_nodes(1, &leaf);
    told_apart(&with_nodes(0, &[]), "structure-invalid", "the tree has no nodes", &honest);
    told_apart(&with_nodes(1, &[0; 46]), "structure-invalid", "node 0 has the child 0", &honest);
    told_apart(&with("nodes", array(&[0.0])), "structure-invalid", "nodes holds float64", &honest);
    told_apart(&with("nodes", list(&[])), "misused-global", "a part of it is no array", &honest);
    told_apart(&with("nodes", new(scaler())), "misused-global", "a part of it is no array", &honest);
    told_apart(&with("predict", array(&[0.0])), "misused-global", "the key \"predict\"", &honest);
}

#[test]
fn a_sparse_matrix_is_given_its_arrays_shape_and_flags() {
    let class = || global("scipy.sparse._csr", "csr_matrix");
    let with = |key: &str, value: Ops| {
        let mut state = vec![
            ("_shape", tuple(&[int(1), int(1)])),
            ("maxprint", int(50)),
            ("data", array(&[1.0])),
            ("indices", array_of(&[1], &dtype("i4"), &[0; 4])),
            ("indptr", array_of(&[2], &dtype("i4"), &[0, 0, 0, 0, 1, 0, 0, 0])),
        ];
        state.retain(|(known, _)| *known != key);
        state.push((key, value));
        pickle4(build(new(class()), dict(&state)))
    };
    let honest = with("data", array(&[1.0]));
    accepted(&with("_has_sorted_indices", TRUE.into()));
    // To scipy the format says which arrays there are.
    let format = |format: &str| with("format", text(format));
    told_apart(&format("csc"), "misused-global", "its format is not that of its class", &format("csr"));
    for (key, value, words) in [
        ("data", list(&[float(1.0)]), "is a list"),
        ("data", global("numpy", "log1p"), "the key \"data\""),
        ("indices", text("x"), "is a str"),
        ("coords", tuple(&[int(0), text("x")]), "is a tuple"),
        ("toarray", array(&[1.0]), "the key \"toarray\""),
        ("__class__", array(&[1.0]), "the key \"__class__\""),
    ] {
        told_apart(&with(key, value), "misused-global", words, &honest);
    }
}

#[test]
fn a_masked_array_has_a_mask_of_one_byte_an_element() {
    let ma = "numpy.ma.core";
    let empty = |class: Ops, base: Ops, shape: i32| {
        call(global(ma, "_mareconstruct"), &[class, base, tuple(&[int(shape)]), bytes(b"b")])
    };
    let class = || global(ma, "MaskedArray");
    let with = |data: usize, mask: Ops, fill: Ops| {
        let parts = [int(1), tuple(&[int(2)]), dtype("f8"), FALSE.into(), bytes(&vec![0; data]), mask, fill];
        pickle4(build(empty(class(), ndarray(), 0), tuple(&parts)))
    };
    let honest = with(16, bytes(&[0, 1]), NONE.into());
    accepted(&with(16, bytes(&[0, 1]), float(1e20)));
    for (hostile, words) in [
        (with(16, bytes(&[0]), NONE.into()), "not one byte for each value"),
        (with(15, bytes(&[0, 1]), NONE.into()), "asks for 16"),
        (with(16, list(&[]), NONE.into()), "no bytes"),
        (with(16, bytes(&[0, 1]), new(scaler())), "its fill value is"),
        (with(16, bytes(&[0, 1]), global("numpy", "log1p")), "its fill value is"),
        (pickle4(empty(ndarray(), class(), 0)), "other classes"),
        (pickle4(empty(scaler(), ndarray(), 0)), "other classes"),
        (pickle4(empty(class(), ndarray(), 1_000_000_000)), "its shape or type code"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
    refused(&pickle4(empty(class(), global("numpy", "memmap"), 0)), "misused-global", "other classes");
}

#[test]
fn an_index_is_made_of_its_data_and_name() {
    let base = "pandas.core.indexes.base";
    let with = |class: Ops, parts: &[(&str, Ops)]| pickle4(call(global(base, "_new_Index"), &[class, dict(parts)]));
    let own = || global(base, "Index");
    let honest = with(own(), &[("data", array(&[1.0])), ("name", NONE.into())]);
    accepted(&with(
        global("pandas.core.indexes.range", "RangeIndex"),
        &[("start", int(0)), ("stop", int(4)), ("step", int(1))],
    ));
    for (hostile, words) in [
        (with(scaler(), &[("data", array(&[1.0]))]), "its class is no index"),
        (with(ndarray(), &[("data", array(&[1.0]))]), "its class is no index"),
        (with(own(), &[("data", list(&[]))]), "the key \"data\" is a list"),
        (with(own(), &[("data", text("x"))]), "the key \"data\" is a str"),
        (with(own(), &[("name", array(&[1.0]))]), "the key \"name\" is an array"),
        (with(own(), &[("name", global("numpy", "log1p"))]), "stands where data belongs"),
        (with(own(), &[("copy", TRUE.into())]), "the key \"copy\""),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
}

#[test]
fn a_text_that_joblib_evaluates_is_arithmetic() {
    let search = || global("sklearn.model_selection._search", "GridSearchCV");
    let with = |value: Ops| pickle4(estimator(search(), &[("pre_dispatch", value)]));
    let honest = with(text("2*n_jobs"));
    for fine in [text("all"), int(3), NONE.to_vec(), text("n_jobs"), text("1.5 * n_jobs + 2")] {
        accepted(&with(fine));
    }
    for evil in [
        "__import__('os').system('echo PWNED')",
        "exit()",
        "n_jobs.x",
        "all.__class__",
        "2**n_jobs if x else 1",
        "9**9**9**9",
    ] {
        told_apart(&with(text(evil)), "misused-global", "joblib before 1.2 would run it", &honest);
    }
    refused(&with(global("numpy", "log1p")), "misused-global", "stands where data belongs");
}

#[test]
fn bytes_are_made_empty_or_kept_as_a_type() {
    let with = |arguments: &[Ops]| pickle(2, call(global("__builtin__", "bytes"), arguments));
    let honest = with(&[]);
    told_apart(&with(&[int(1_000_000)]), "misused-global", "called with 1 arguments", &honest);
    told_apart(&with(&[new(scaler())]), "misused-global", "called with 1 arguments", &honest);
    accepted(&pickle4(estimator(scaler(), &[("dtype", global("builtins", "bytes"))])));
}

#[test]
fn a_bunch_of_protocol_0_is_made_of_a_dict_with_text_keys() {
    let with = |base: Ops, items: Ops| {
        let class = global("sklearn.utils._bunch", "Bunch");
        pickle(0, call(global("copy_reg", "_reconstructor"), &[class, base, items]))
    };
    let own = || global("__builtin__", "dict");
    let honest = with(own(), dict(&[("a", int(1))]));
    for (hostile, words) in [
        (with(global("__builtin__", "object"), dict(&[])), "something else than a dict"),
        (with(global("__builtin__", "list"), list(&[])), "something else than a dict"),
        (with(own(), NONE.into()), "no dict with text keys"),
        (with(own(), list(&[])), "no dict with text keys"),
        (with(own(), ops![b"}", int(1), int(1), b"s"]), "no dict with text keys"),
        (with(own(), dict(&[("a", global("numpy", "log1p"))])), "stands where data belongs"),
        (with(own(), dict(&[("__array_interface__", int(1))])), "a key that Python gives a meaning to"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
}

#[test]
fn dicts_that_show_their_items_as_attributes_have_none_that_is_looked_for() {
    let classes = [("sklearn.utils._bunch", "Bunch"), ("scipy.optimize._optimize", "OptimizeResult")];
    for (class, key) in classes.into_iter().zip(["__array_interface__", "__setstate__"]) {
        let with = |key: &str| pickle4(ops![new(global(class.0, class.1)), text(key), int(1), b"s"]);
        told_apart(&with(key), "misused-global", &format!("an item sets {key}"), &with("data"));
    }
}

#[test]
fn a_seed_sequence_is_given_its_members_once() {
    let module = "numpy.random.bit_generator";
    let seed = |state: Ops| {
        let arguments = [global(module, "SeedSequence"), int(0xf88_304a), state];
        call(global(module, "__pyx_unpickle_SeedSequence"), &arguments)
    };
    let members = |entropy: Ops| tuple(&[entropy, int(0), array(&[1.0]), int(4), tuple(&[])]);
    let honest = pickle4(build(seed(NONE.into()), members(int(7))));
    accepted(&pickle4(seed(members(int(7)))));
    for (hostile, words) in [
        (pickle4(build(seed(NONE.into()), members(new(scaler())))), "something else than its members"),
        (pickle4(build(seed(NONE.into()), tuple(&[int(7)]))), "something else than its members"),
        (pickle4(build(seed(NONE.into()), dict(&[]))), "its state is no tuple"),
        (pickle4(build(seed(members(int(7))), members(int(7)))), "its members twice"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
}

#[test]
fn what_an_imputer_fills_in_is_made_by_a_function_of_the_vocabulary() {
    let imputer = || global("sklearn.impute._base", "SimpleImputer");
    let with = |strategy: Ops| pickle4(estimator(imputer(), &[("strategy", strategy)]));
    let honest = with(global("numpy", "mean"));
    accepted(&with(text("median")));
    told_apart(&with(global("numpy", "memmap")), "misused-global", "stands where", &honest);
    told_apart(&with(global("copyreg", "_reconstructor")), "misused-global", "stands where", &honest);
    refused(&with(global("numpy", "load")), "dangerous-global", "numpy.load");
    refused(&with(global("builtins", "eval")), "dangerous-global", "eval");
    refused(&with(global("mypkg", "mean")), "unknown-global", "mypkg.mean");
}

#[test]
fn a_partial_binds_plain_data_to_a_function_of_the_vocabulary() {
    let check = || global("sklearn.utils.validation", "check_array");
    let partial = |function: Ops, state: &[Ops]| build(call(global("functools", "partial"), &[function]), tuple(state));
    let state = |function: Ops, positional: Ops, keywords: Ops, attributes: Ops| {
        partial(check(), &[function, positional, keywords, attributes])
    };
    let kept = |partial: Ops| pickle4(estimator(function_transformer(), &[("func", partial)]));
    let own = || state(check(), tuple(&[]), dict(&[("dtype", global("numpy", "float64"))]), NONE.into());
    let honest = kept(own());
    for (hostile, words) in [
        (kept(partial(global("numpy.core.multiarray", "_reconstruct"), &[])), "its argument is no function"),
        (kept(partial(global("builtins", "set"), &[])), "its argument is no function"),
        (kept(partial(own(), &[])), "its argument is no function"),
        (kept(state(scaler(), tuple(&[]), dict(&[]), NONE.into())), "something else than a function"),
        (kept(state(own(), tuple(&[]), dict(&[]), NONE.into())), "something else than a function"),
        (kept(state(check(), tuple(&[check()]), dict(&[]), NONE.into())), "its arguments are something else"),
        (kept(state(check(), tuple(&[]), dict(&[("estimator", check())]), NONE.into())), "stands where data belongs"),
        (kept(state(check(), tuple(&[]), dict(&[("x", own())]), NONE.into())), "stands where data belongs"),
        (kept(state(check(), list(&[]), dict(&[]), NONE.into())), "its arguments are something else"),
        (kept(state(check(), tuple(&[]), dict(&[]), dict(&[("x", int(1))]))), "or it has attributes"),
        (pickle4(estimator(scaler(), &[("copy", own())])), "made by functools.partial stands where data belongs"),
        (pickle4(call(own(), &[array(&[1.0])])), "what it made is called"),
        (pickle4(new(global("functools", "partial"))), "an empty object of it is made"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
    // The type `int` is told to which base a number is written, and nothing else.
    let int_of = |positional: Ops, keywords: Ops| {
        let number = || global("builtins", "int");
        kept(partial(number(), &[number(), positional, keywords, NONE.into()]))
    };
    let honest = int_of(tuple(&[]), dict(&[("base", int(2))]));
    for hostile in [
        int_of(tuple(&[text("9")]), dict(&[("base", int(2))])),
        int_of(tuple(&[]), dict(&[("base", text("2"))])),
        int_of(tuple(&[]), dict(&[("x", int(2))])),
        int_of(list(&[]), dict(&[])),
    ] {
        told_apart(&hostile, "misused-global", "its arguments are something else", &honest);
    }
    for other in ["str", "list", "dict", "bytes", "type"] {
        refused(&kept(partial(global("builtins", other), &[])), "misused-global", "");
    }
    refused(&kept(partial(global("posix", "system"), &[])), "dangerous-global", "posix.system");
    refused(&kept(state(global("builtins", "eval"), tuple(&[]), dict(&[]), NONE.into())), "dangerous-global", "eval");
}

#[test]
fn a_named_tuple_is_made_of_as_many_values_as_it_has_fields() {
    let class = || global("sklearn.impute._iterative", "_ImputerTriplet");
    let with = |values: &[Ops]| pickle4(ops![class(), tuple(values), b"\x81"]);
    let honest = with(&[int(0), array(&[1.0]), new(scaler())]);
    told_apart(&with(&[int(0), array(&[1.0])]), "misused-global", "another number of values", &honest);
    told_apart(&with(&[int(0), int(1), global("numpy", "log1p")]), "misused-global", "stands where data", &honest);
    refused(&pickle4(call(class(), &[int(0), int(1), int(2)])), "misused-global", "it is called");
    let old = |base: &str, values: Ops| {
        pickle(0, call(global("copy_reg", "_reconstructor"), &[class(), global("__builtin__", base), values]))
    };
    let honest = old("tuple", tuple(&[int(0), int(1), int(2)]));
    told_apart(&old("object", NONE.into()), "misused-global", "something else than a tuple", &honest);
    told_apart(&old("tuple", tuple(&[int(0)])), "misused-global", "another number of values", &honest);
    told_apart(&old("tuple", text("abc")), "misused-global", "another number of values", &honest);
}

#[test]
fn what_makes_objects_is_not_kept_where_functions_are() {
    let with = |function: Ops| pickle4(estimator(function_transformer(), &[("func", function)]));
    let honest = with(global("numpy", "log1p"));
    for (module, name) in [
        (TREES, "newObj"),
        (TREES, "KDTree"),
        ("functools", "partial"),
        ("copyreg", "_reconstructor"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("sklearn.tree._tree", "Tree"),
        ("sklearn.preprocessing._data", "StandardScaler"),
    ] {
        told_apart(&with(global(module, name)), "misused-global", "a function without side effects belongs", &honest);
    }
}

#[test]
fn a_request_of_metadata_knows_the_methods_of_imbalanced_learn() {
    let with = |method: &'static str| {
        let class = global("sklearn.utils._metadata_requests", "MetadataRequest");
        pickle4(build(new(class), dict(&[("owner", text("KFold")), (method, NONE.into())])))
    };
    told_apart(&with("fit_anything"), "misused-global", "which its class does not have", &with("fit_resample"));
}

#[test]
fn an_isotonic_regression_is_made_of_arrays() {
    // Its `__setstate__` gives its thresholds to scipy, which makes an array of whatever says that it has a length.
    let class = || global("sklearn.isotonic", "IsotonicRegression");
    let with = |key: &str, y: Ops, bounds: Ops| {
        let state = [("X_thresholds_", array(&[1.0, 2.0])), (key, y), ("out_of_bounds", bounds)];
        pickle4(estimator(class(), &state))
    };
    let two = || array(&[1.0, 2.0]);
    let range = call(global("builtins", "range"), &[int(0), int(i32::MAX), int(1)]);
    for key in ["y_thresholds_", "_necessary_y_", "y_"] {
        let honest = with(key, two(), text("nan"));
        for hostile in [range.clone(), list(&[int(1)]), new(global("sklearn.dummy", "DummyClassifier"))] {
            told_apart(&with(key, hostile, text("nan")), "misused-global", "is no array of numbers", &honest);
        }
        told_apart(&with(key, two(), list(&[])), "misused-global", "out_of_bounds is no text", &honest);
    }
}

#[test]
fn functions_of_numpy_before_1_17_are_kept_by_the_modules_that_define_them_and_never_called() {
    let kept = |module: &str, name: &str| pickle4(estimator(function_transformer(), &[("func", global(module, name))]));
    let called = |module: &str, name: &str| pickle4(call(global(module, name), &[array(&[1.0])]));
    for (module, honest, other, code) in [
        ("numpy.core.fromnumeric", "reshape", "_wrapit", "unknown-global"),
        ("numpy.core.multiarray", "where", "fromfile", "dangerous-global"),
        ("numpy.core.numeric", "zeros_like", "fromfunction", "unknown-global"),
        ("numpy.core.shape_base", "hstack", "block", "dangerous-global"),
        ("numpy.lib.arraysetops", "unique", "setdiff1d", "dangerous-global"),
        ("numpy.lib.function_base", "diff", "piecewise", "dangerous-global"),
        ("numpy.lib.nanfunctions", "nanmax", "_copyto", "dangerous-global"),
        ("numpy.lib.shape_base", "column_stack", "apply_along_axis", "dangerous-global"),
        ("numpy.lib.twodim_base", "triu", "mask_indices", "dangerous-global"),
        ("numpy.lib.type_check", "real", "asscalar", "dangerous-global"),
        ("numpy.lib.ufunclike", "fix", "log2", "dangerous-global"),
    ] {
        told_apart(&kept(module, other), code, &format!("{module}.{other}"), &kept(module, honest));
        refused(&called(module, honest), "misused-global", &format!("{module}.{honest}"));
    }
}

#[test]
fn trees_of_32_bits_are_judged_as_those_of_64() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bits/1.6.1");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "json") {
            continue;
        }
        let honest = std::fs::read(&file).unwrap();
        accepted(&honest);
        count += 1;
        // The children of the first node, one of them far beyond the others.
        let children = [1i32.to_le_bytes(), 2i32.to_le_bytes()].concat();
        let Some(at) = honest.windows(8).position(|window| window == children) else { continue };
        let mut hostile = honest.clone();
        hostile[at..at + 4].copy_from_slice(&50_000_000i32.to_le_bytes());
        told_apart(&hostile, "structure-invalid", "has the child 50000000", &honest);
    }
    assert_eq!(count, 7);
}

#[test]
fn the_steps_of_a_pipeline_are_a_list_or_what_it_is_made_of() {
    let with = |steps: Ops| {
        let attributes = [("steps", steps), ("memory", NONE.into()), ("verbose", FALSE.into())];
        pickle4(estimator(global("sklearn.pipeline", "Pipeline"), &attributes))
    };
    let pair = || tuple(&[text("scale"), text("passthrough")]);
    // `Pipeline((('scale', 'passthrough'),))`, not fitted.
    accepted(&with(tuple(&[pair()])));
    told_apart(&with(text("scale")), "structure-invalid", "steps is", &with(list(&[pair()])));
    refused(&with(tuple(&[int(1)])), "structure-invalid", "steps[0] is");
}
