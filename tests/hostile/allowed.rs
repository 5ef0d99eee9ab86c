//! What a search keeps, and what `--allow` does for a class: it is made empty or of data, and called for a member alone.

use crate::opcodes::*;
use coldload::vocabulary::Vocabulary;

fn mine(value: Ops) -> Vec<&'static str> {
    judge_allowing(&pickle4(value), &["mypkg.Mine"], &[]).codes()
}

/// `Mine.__new__(Mine, *arguments)`.
fn made_of(arguments: &[Ops]) -> Ops {
    [global("mypkg", "Mine"), tuple(arguments), b"\x81".to_vec()].concat()
}

#[test]
fn an_allowed_class_is_made_of_data_as_named_tuples_are() {
    assert_eq!(mine(made_of(&[])), [""; 0]);
    assert_eq!(mine(made_of(&[int(1), text("a"), array(&[1.0]), estimator(scaler(), &[])])), [""; 0]);
    assert_eq!(mine(made_of(&[global("numpy", "log1p")])), [""; 0]);
    assert_eq!(mine(made_of(&[global("joblib.numpy_pickle", "NumpyArrayWrapper")])), ["misused-global"]);
    assert_eq!(mine(made_of(&[global("posix", "system")])), ["dangerous-global"]);
    assert_eq!(mine(made_of(&[global("builtins", "getattr")])), ["misused-global"]);
    assert_eq!(mine(call(global("mypkg", "Mine"), &[text("a")])), ["misused-global"], "it is never called with these");
    assert_eq!(mine(call(made_of(&[int(1)]), &[])), ["misused-global"], "nor what it makes");
    assert_eq!(judge(&pickle4(made_of(&[int(1)]))).codes(), ["unknown-global"]);
}

#[test]
fn a_member_of_an_enumeration_of_ones_own_is_fetched_by_its_number() {
    let class = || global("mypkg", "Mine");
    let member = || call(class(), &[int(1)]);
    let fetched = |name: &str| call(global("builtins", "getattr"), &[class(), text(name)]);
    for honest in [
        member(),
        call(class(), &[int(-1)]),
        call(class(), &[tuple(&[int(1), int(2)])]),
        fetched("RED"),
        fetched("STEP_2"),
        estimator(scaler(), &[("mode", member())]),
        list(&[put(member(), 9), get(9)]),
        ops![b"}", member(), b"Ns"],
        ops![b"}", tuple(&[member(), int(1)]), b"Ns"],
    ] {
        assert_eq!(mine(honest.clone()), [""; 0], "{honest:?}");
    }
    for hostile in [
        call(class(), &[]),
        call(class(), &[int(1), int(1)]),
        call(class(), &[text("train")]),
        call(class(), &[bytes(b"x")]),
        call(class(), &[float(1.0)]),
        call(class(), &[TRUE.into()]),
        call(class(), &[NONE.into()]),
        call(class(), &[ops![b"\x8a\x06\x00\x00\x00\x00\x00\x01"]]),
        call(class(), &[list(&[int(1)])]),
        call(class(), &[tuple(&[text("a")])]),
        call(class(), &[tuple(&[tuple(&[int(1)])])]),
        call(class(), &[class()]),
        call(member(), &[]),
        call(fetched("RED"), &[]),
        fetched("red"),
        fetched("__class__"),
        fetched("_X"),
        fetched(""),
        build(member(), dict(&[("a", int(1))])),
        build(fetched("RED"), dict(&[("a", int(1))])),
        build(fetched("RED"), tuple(&[NONE.into(), dict(&[("a", int(1))])])),
        ops![fetched("RED"), text("a"), int(1), b"s"],
        ops![fetched("RED"), int(1), b"a"],
    ] {
        assert_eq!(mine(hostile.clone()), ["misused-global"], "{hostile:?}");
    }
    // What is written as functions are, what a library has, and what another module may have there, is no class of one's own.
    let judged = |module: &str, name: &str, value: Ops| {
        let made = ops![text(module), text(name), b"\x93", tuple(&[value]), b"R"];
        judge_allowing(&pickle4(made), &[&format!("{module}.{name}")], &[]).codes()
    };
    assert_eq!(judged("mypkg", "_Mode", int(1)), [""; 0]);
    for (module, name) in [
        ("mypkg", "mode"),
        ("mypkg", "_mode"),
        ("mypkg", "Outer.Mode"),
        ("mypkg", "np.Memmap"),
        ("numpy.other", "Mode"),
        ("sklearn.other", "Mode"),
    ] {
        assert_eq!(judged(module, name, int(1)), ["misused-global"], "{module}.{name}");
    }
    assert_eq!(judge(&pickle4(member())).codes(), ["unknown-global"]);
}

#[test]
fn an_allowed_class_is_given_a_pair_that_is_no_attributes() {
    let with = |first: Ops, second: Ops| {
        let state = tuple(&[first, second]);
        let made = build(new(global("mypkg", "Mine")), state);
        judge_allowing(&pickle4(made), &["mypkg.Mine", "mypkg.translate"], &[]).codes()
    };
    let translate = || global("mypkg", "translate");
    assert_eq!(with(translate(), tuple(&[text("Index")])), [""; 0]);
    assert_eq!(with(int(1), text("a")), [""; 0]);
    // Each part that is a mapping becomes attributes.
    let attributes = || dict(&[("__setstate__", translate())]);
    assert_eq!(with(translate(), attributes()), ["misused-global"]);
    assert_eq!(with(NONE.into(), attributes()), ["misused-global"]);
    assert_eq!(with(attributes(), NONE.into()), ["misused-global"]);
    let ordered = ops![new(global("collections", "OrderedDict")), text("a"), int(1), b"s"];
    assert_eq!(with(ordered, NONE.into()), ["misused-global"]);
    assert_eq!(with(global("collections", "OrderedDict"), NONE.into()), ["misused-global"]);
    assert_eq!(with(text("a"), list(&[global("joblib.numpy_pickle", "NumpyArrayWrapper")])), ["misused-global"]);
}

#[test]
fn an_allowed_class_is_given_its_attributes_and_its_slots() {
    let judged = |module: &str, name: &str, own: Ops, slots: Ops| {
        let made = build(ops![text(module), text(name), b"\x93)\x81"], tuple(&[own, slots]));
        judge_allowing(&pickle4(made), &[&format!("{module}.{name}")], &[]).codes()
    };
    let of = |own: Ops, slots: Ops| judged("mypkg", "Mine", own, slots);
    let some = |name: &str| dict(&[(name, int(1))]);
    assert_eq!(of(some("name"), some("_Mixin__parent")), [""; 0]);
    assert_eq!(of(NONE.into(), some("_Mixin__parent")), [""; 0]);
    // What Python looks for on an object is set in neither.
    for meant in ["__class__", "__dict__", "__reduce_ex__"] {
        assert_eq!(of(some("name"), some(meant)), ["misused-global"], "{meant}");
        assert_eq!(of(some(meant), some("name")), ["misused-global"], "{meant}");
    }
    assert_eq!(of(some("name"), list(&[])), ["misused-global"]);
    assert_eq!(of(some("name"), dict(&[("a", global("posix", "system"))])), ["dangerous-global"]);
    // A library's classes may do more than to keep what is set.
    for (module, name) in [("numpy.core.other", "Mine"), ("pandas.core.other", "Mine"), ("mypkg", "np.Mine")] {
        assert_eq!(judged(module, name, NONE.into(), some("strides")), ["misused-global"], "{module}.{name}");
    }
}

#[test]
fn a_graph_keeps_what_networkx_made_of_it() {
    let graph = |cache: Ops| {
        let class = global("networkx.classes.graph", "Graph");
        let state = dict(&[("graph", dict(&[])), ("_adj", dict(&[])), ("__networkx_cache__", cache)]);
        judge_allowing(&pickle4(build(new(class), state)), &["networkx.classes.graph.Graph"], &[]).codes()
    };
    assert_eq!(graph(dict(&[])), [""; 0]);
    assert_eq!(graph(dict(&[("backends", dict(&[]))])), [""; 0]);
    for other in [text("a"), list(&[]), estimator(scaler(), &[]), global("numpy", "log1p")] {
        assert_eq!(graph(other.clone()), ["misused-global"], "{other:?}");
    }
    assert_eq!(graph(dict(&[("backends", global("posix", "system"))])), ["dangerous-global"]);
}

#[test]
fn a_member_by_a_text_is_refused_with_what_its_class_can_do() {
    let judged = judge_allowing(&pickle4(call(global("mypkg", "Mine"), &[text("red")])), &["mypkg.Mine"], &[]);
    assert_eq!(judged.codes(), ["misused-global"]);
    let finding = &judged.findings[0];
    assert!(finding.message.contains("it is called with a text"), "{finding:?}");
    assert!(finding.why.contains("enum.pickle_by_enum_name"), "{finding:?}");
}

#[test]
fn an_allowed_class_of_a_library_is_made_empty() {
    let judged = |module: &str, arguments: &[Ops]| {
        let made = [global(module, "Mine"), tuple(arguments), b"\x81".to_vec()].concat();
        judge_allowing(&pickle4(made), &[&format!("{module}.Mine")], &[]).codes()
    };
    for module in ["numpy.core.other", "pandas.core.other", "collections.other", "sklearn.other"] {
        assert_eq!(judged(module, &[]), [""; 0], "{module}");
        assert_eq!(judged(module, &[text("model.bin"), text("w+")]), ["misused-global"], "{module}");
    }
    assert_eq!(judged("numpylike.other", &[text("model.bin")]), [""; 0]);
    // Nor by the name that another module has it by.
    let known_as = |name: &str, arguments: &[Ops]| {
        let made = [text("mypkg"), text(name), b"\x93".to_vec(), tuple(arguments), b"\x81".to_vec()].concat();
        judge_allowing(&pickle4(made), &[&format!("mypkg.{name}")], &[]).codes()
    };
    assert_eq!(known_as("np.memmap", &[text("model.bin"), text("w+")]), ["misused-global"]);
    assert_eq!(known_as("Outer.Inner", &[]), [""; 0]);
    assert_eq!(known_as("Inner", &[text("a")]), [""; 0]);
    // It would open the file for writing, and take what is in it away.
    for module in ["numpy", "numpy.core.memmap", "numpy._core.memmap"] {
        let name = format!("{module}.memmap");
        assert!(Vocabulary::new(std::slice::from_ref(&name), &[]).is_err(), "{name}");
        let opened = judge(&pickle4(ops![global(module, "memmap"), tuple(&[text("model.bin")]), b"\x81"]));
        assert!(!opened.codes().is_empty(), "{name}");
    }
}

#[test]
fn at_protocols_0_and_1_its_base_is_one_of_pythons_own_that_holds_data() {
    let with = |base: Ops, value: Ops| {
        let made = call(global("copyreg", "_reconstructor"), &[global("mypkg", "Mine"), base, value]);
        judge_allowing(&pickle(2, made), &["mypkg.Mine"], &[]).codes()
    };
    let python = |name: &str| global("builtins", name);
    assert_eq!(with(python("object"), NONE.into()), [""; 0]);
    assert_eq!(with(python("tuple"), tuple(&[int(1), text("a")])), [""; 0]);
    assert_eq!(with(python("dict"), dict(&[("a", int(1))])), [""; 0]);
    assert_eq!(with(python("list"), list(&[int(1)])), [""; 0]);
    assert_eq!(with(python("float"), float(1.0)), [""; 0]);
    assert_eq!(with(python("tuple"), list(&[int(1)])), ["misused-global"], "of another kind of value");
    assert_eq!(with(python("dict"), estimator(scaler(), &[])), ["misused-global"]);
    assert_eq!(with(python("bytearray"), int(1_000_000_000)), ["misused-global"]);
    assert_eq!(with(global("numpy", "ndarray"), tuple(&[int(1)])), ["misused-global"]);
    assert_eq!(with(python("object"), tuple(&[])), ["misused-global"]);
    assert_eq!(with(python("tuple"), tuple(&[global("posix", "system")])), ["dangerous-global"]);
}

#[test]
fn an_allowed_class_keeps_classes_of_data() {
    let with = |value: Ops| mine(build(new(global("mypkg", "Mine")), dict(&[("index_type", value)])));
    assert_eq!(with(global("pandas.core.indexes.datetimes", "DatetimeIndex")), [""; 0]);
    assert_eq!(with(global("pandas.core.frame", "DataFrame")), [""; 0]);
    assert_eq!(with(global("datetime", "date")), [""; 0]);
    assert_eq!(with(global("joblib.numpy_pickle", "NumpyArrayWrapper")), ["misused-global"]);
    assert_eq!(with(global("copyreg", "_reconstructor")), ["misused-global"]);
    let other = pickle4(estimator(scaler(), &[("index_type", global("pandas.core.frame", "DataFrame"))]));
    refused(&other, "misused-global", "stands where data belongs");
}

/// An array of one object.
fn objects(value: Ops) -> Ops {
    build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[value])))
}

#[test]
fn a_search_keeps_functions_in_its_parameters_and_arrays() {
    let search = |key: &'static str, value: Ops| {
        pickle4(estimator(global("sklearn.model_selection._search", "GridSearchCV"), &[(key, value)]))
    };
    let function = || global("sklearn.feature_selection._univariate_selection", "chi2");
    let unknown = || global("joblib.numpy_pickle", "NumpyArrayWrapper");
    for key in ["param_grid", "best_params_", "cv_results_"] {
        let honest = search(key, dict(&[("k__score_func", list(&[function()]))]));
        told_apart(
            &search(key, dict(&[("k__score_func", list(&[unknown()]))])),
            "misused-global",
            "a function without side effects belongs",
            &honest,
        );
        refused(&search(key, dict(&[("k", global("posix", "system"))])), "dangerous-global", "system");
    }
    accepted(&search("cv_results_", dict(&[("param_k__score_func", objects(function()))])));
    refused(&pickle4(objects(unknown())), "misused-global", "a function without side effects belongs");
    refused(&pickle4(objects(global("posix", "system"))), "dangerous-global", "system");
    refused(&pickle4(objects(global("builtins", "getattr"))), "misused-global", "belongs");
}

#[test]
fn an_old_search_keeps_its_results_in_a_dict_that_warns() {
    let function = || global("sklearn.feature_selection.univariate_selection", "chi2");
    let unknown = || global("joblib.numpy_pickle", "NumpyArrayWrapper");
    let class = || global("sklearn.utils.deprecation", "DeprecationDict");
    let item = |value: Ops| {
        let parameters = list(&[dict(&[("k__score_func", value)])]);
        pickle4([new(class()), text("params"), parameters, b"s".to_vec()].concat())
    };
    told_apart(&item(unknown()), "misused-global", "a function without side effects belongs", &item(function()));
    let old = |value: Ops| {
        let items = dict(&[("params", list(&[value]))]);
        pickle(1, call(global("copy_reg", "_reconstructor"), &[class(), global("__builtin__", "dict"), items]))
    };
    told_apart(&old(unknown()), "misused-global", "a function without side effects belongs", &old(function()));
    // No other dict that is more than one.
    let bunch = pickle4([new(global("sklearn.utils", "Bunch")), text("params"), function(), b"s".to_vec()].concat());
    refused(&bunch, "misused-global", "stands where data belongs");
}

#[test]
fn a_memory_has_neither_folder_nor_store() {
    let memory = |others: &[(&str, Ops)]| {
        let mut all = vec![
            ("depth", int(3)),
            ("_name", text("joblib")),
            ("_verbose", int(1)),
            ("mmap_mode", NONE.into()),
            ("timestamp", NONE.into()),
            ("backend", text("local")),
            ("compress", FALSE.into()),
            ("backend_options", dict(&[])),
            ("location", NONE.into()),
            ("store_backend", NONE.into()),
        ];
        for (key, value) in others {
            all.retain(|(known, _)| known != key);
            all.push((key, value.clone()));
        }
        pickle4(build(new(global("joblib.memory", "Memory")), dict(&all)))
    };
    let honest = memory(&[]);
    told_apart(&memory(&[("location", text("/tmp/x"))]), "misused-global", "the key \"location\"", &honest);
    told_apart(&memory(&[("store_backend", text("x"))]), "misused-global", "the key \"store_backend\"", &honest);
    told_apart(&memory(&[("cachedir", text("/tmp/x"))]), "misused-global", "the key \"cachedir\"", &honest);
    told_apart(&memory(&[("backend_options", dict(&[("a", int(1))]))]), "misused-global", "backend_options", &honest);
    told_apart(&memory(&[("cache", global("numpy", "log1p"))]), "misused-global", "the key \"cache\"", &honest);
    let short = pickle4(build(new(global("joblib.memory", "Memory")), dict(&[("location", NONE.into())])));
    told_apart(&short, "misused-global", "that it has no store", &honest);
    refused(&pickle4(global("joblib.memory", "MemorizedFunc")), "dangerous-global", "MemorizedFunc");
}
