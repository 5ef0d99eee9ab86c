//! What an object may be given as its state, and how often.

use crate::opcodes::*;

fn with(key: &str, value: Ops) -> Ops {
    pickle4(estimator(scaler(), &[(key, value)]))
}

#[test]
fn an_attribute_that_python_gives_a_meaning_to_is_refused() {
    for key in ["__class__", "__setstate__", "__dict__", "__reduce_ex__", "__anything"] {
        told_apart(&with(key, int(1)), "misused-global", key, &with("_class", int(1)));
    }
}

#[test]
fn an_attribute_in_a_methods_place_is_refused() {
    for key in ["predict", "transform", "_build_f", "get_params", "_validate_data"] {
        told_apart(&with(key, int(1)), "misused-global", "which is a method", &with(&format!("{key}_"), int(1)));
    }
}

#[test]
fn a_text_key_that_stands_twice_is_refused() {
    let state = |second: &str| ops![b"}(", text("mean_"), int(1), text(second), int(2), b"u"];
    let with = |second: &str| pickle4(build(new(scaler()), state(second)));
    told_apart(&with("mean_"), "misused-global", "mean_ twice", &with("var_"));
    let later = ops![b"}(", text("mean_"), int(1), b"u", text("mean_"), int(2), b"s"];
    refused(&pickle4(build(new(scaler()), later)), "misused-global", "mean_ twice");
}

#[test]
fn a_key_that_is_no_text_is_refused() {
    let with = |key: Ops| pickle4(build(new(scaler()), ops![b"}", key, int(1), b"s"]));
    told_apart(&with(int(7)), "misused-global", "a key that is no text", &with(text("mean_")));
    refused(&with(tuple(&[text("mean_")])), "misused-global", "a key that is no text");
    refused(&with(ops![b"C\x05mean_"]), "misused-global", "a key that is no text");
    refused(&with(NONE.into()), "misused-global", "a key that is no text");
}

#[test]
fn a_state_that_is_no_dict_is_refused() {
    let with = |state: Ops| pickle4(build(new(scaler()), state));
    let slots = tuple(&[NONE.into(), dict(&[("mean_", int(1))])]);
    told_apart(&with(slots), "misused-global", "its state is no dict", &with(dict(&[("mean_", int(1))])));
    refused(&with(list(&[])), "misused-global", "its state is no dict");
    let ordered = ops![call(global("collections", "OrderedDict"), &[]), text("mean_"), int(1), b"s"];
    refused(&with(ordered), "misused-global", "its state is no dict");
}

/// scikit-learn takes its version out of the dict, scipy the places of a matrix, and sets what they are made of. Results of tests are given
/// their attributes twice, `vars` of a namespace is its dict, and both leave it as it is.
#[test]
fn the_state_of_an_object_stands_nowhere_else() {
    let coo = || {
        let places = || array_of(&[1], &dtype("i4"), &[0; 4]);
        dict(&[
            ("_shape", tuple(&[int(1), int(1)])),
            ("maxprint", int(50)),
            ("data", array(&[1.0])),
            ("row", places()),
            ("col", places()),
            ("has_canonical_format", FALSE.into()),
        ])
    };
    for (class, state) in [
        (scaler(), dict(&[("_sklearn_version", text("1.6.1"))])),
        (global("scipy.sparse._coo", "coo_matrix"), coo()),
        (global("catboost.core", "CatBoostClassifier"), dict(&[("__model", bytes(b"CBM1"))])),
        (global("uuid", "UUID"), dict(&[("int", int(1))])),
    ] {
        let codes = |file: &[u8]| judge_allowing(file, &[], &["catboost"]).codes();
        let first = || build(new(class.clone()), put(state.clone(), 90));
        assert_eq!(codes(&pickle4(list(&[first(), int(1)]))), [""; 0]);
        assert_eq!(codes(&pickle4(list(&[first(), get(90)]))), ["misused-global"]);
        assert_eq!(codes(&pickle4(list(&[first(), build(new(class.clone()), get(90))]))), ["misused-global"]);
    }
    let state = || put(dict(&[("_sklearn_version", text("1.6.1"))]), 9);
    let honest = pickle4(list(&[build(new(scaler()), state()), int(1)]));
    let behind = pickle4(list(&[build(new(scaler()), state()), get(9)]));
    told_apart(&behind, "misused-global", "a dict is taken that was given to an object", &honest);
    let before = pickle4(list(&[state(), build(new(scaler()), get(9))]));
    refused(&before, "misused-global", "its state may stand elsewhere, too");
    let namespace = |state: Ops| build(new(global("types", "SimpleNamespace")), state);
    let own = || put(dict(&[("a", int(1))]), 9);
    accepted(&pickle4(list(&[own(), namespace(get(9))])));
    accepted(&pickle4(list(&[namespace(own()), get(9)])));
    let both = |first: Ops| pickle4(list(&[first, namespace(get(9))]));
    told_apart(&both(build(new(scaler()), own())), "misused-global", "a dict is taken that was given", &both(own()));
}

#[test]
fn a_version_that_is_no_text_is_refused() {
    let with = |version: Ops| pickle4(build(new(scaler()), dict(&[("_sklearn_version", version)])));
    let honest = with(text("1.6.1"));
    told_apart(&with(int(1)), "misused-global", "_sklearn_version is no version", &honest);
    // It is written out into a warning for each of many.
    refused(&with(text(&"1".repeat(300))), "misused-global", "_sklearn_version is no version");
}

#[test]
fn a_slot_for_functions_holds_no_constructors() {
    let with = |value: Ops| pickle4(estimator(function_transformer(), &[("func", value)]));
    let honest = with(list(&[global("numpy", "log1p"), global("numpy", "float64")]));
    for (module, name) in [
        ("numpy.random._pickle", "__randomstate_ctor"),
        ("copyreg", "_reconstructor"),
        ("_codecs", "encode"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("builtins", "bytearray"),
    ] {
        let words = "a function without side effects belongs";
        told_apart(&with(global(module, name)), "misused-global", words, &honest);
        told_apart(&with(list(&[global(module, name)])), "misused-global", words, &honest);
    }
}

#[test]
fn a_function_stands_only_where_functions_belong() {
    let function = || global("numpy", "log1p");
    let with = |key: &'static str, value: Ops| pickle4(estimator(function_transformer(), &[(key, value)]));
    told_apart(&with("kw_args", function()), "misused-global", "stands where data belongs", &with("func", function()));
    for hidden in [
        list(&[function()]),
        tuple(&[tuple(&[function()])]),
        dict(&[("key", function())]),
        ops![b"}", function(), NONE, b"s"],
        ops![b"\x8f(", function(), b"\x90"],
        ops![b"(", function(), b"\x91"],
    ] {
        refused(&with("kw_args", hidden), "misused-global", "stands where data belongs");
    }
    // A search keeps functions in arrays; of those that pass none does harm.
    let array = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[function()])));
    accepted(&with("kw_args", dict(&[("key", array)])));
    accepted(&with("kw_args", dict(&[("key", global("numpy", "float64"))]))); // A type is data: calling it is harmless.
}

#[test]
fn a_function_does_not_reach_a_slot_of_data_through_one_of_functions() {
    let shared = put(list(&[global("numpy", "log1p")]), 9);
    let with =
        |key: &'static str| pickle4(estimator(function_transformer(), &[("func", shared.clone()), (key, get(9))]));
    told_apart(&with("kw_args"), "misused-global", "stands where data belongs", &with("inverse_func"));
}

#[test]
fn a_second_state_is_refused() {
    let state = || dict(&[("mean_", int(1))]);
    let once = pickle4(build(new(scaler()), state()));
    let twice = pickle4(build(build(new(scaler()), state()), dict(&[("var_", int(1))])));
    told_apart(&twice, "misused-global", "given a state twice", &once);
    let by_memo = pickle4(ops![b"(", put(new(scaler()), 1), state(), b"b", get(1), state(), b"bt"]);
    let others = pickle4(ops![b"(", put(new(scaler()), 1), state(), b"b", new(scaler()), state(), b"bt"]);
    told_apart(&by_memo, "misused-global", "given a state twice", &others);
}

#[test]
fn a_state_for_a_class_is_refused() {
    let state = dict(&[("mean_", int(1))]);
    let class = pickle4(build(scaler(), &state));
    let object = pickle4(build(new(scaler()), &state));
    told_apart(&class, "misused-global", "the class itself is given a state", &object);
}

#[test]
fn items_for_a_class_are_refused() {
    let ordered = global("collections", "OrderedDict");
    let pair = ops![text("a"), int(1), b"s"];
    let class = pickle4(ops![ordered, pair]);
    told_apart(
        &class,
        "misused-global",
        "SETITEM puts items into what it stands for",
        &pickle4(ops![call(&ordered, &[]), pair]),
    );
    refused(&pickle4(ops![ordered, int(1), b"a"]), "misused-global", "APPEND puts items into what it stands for");
    refused(
        &pickle4(ops![ordered, b"(", int(1), b"\x90"]),
        "misused-global",
        "ADDITEMS puts items into what it stands for",
    );
}

#[test]
fn a_state_for_what_takes_none_is_refused() {
    let state = dict(&[("x", int(1))]);
    let ordered = call(global("collections", "OrderedDict"), &[]);
    told_apart(&pickle4(build(&ordered, &state)), "misused-global", "given a state", &pickle4(&ordered));
    refused(&pickle4(build(list(&[]), &state)), "malformed", "BUILD is used on a list");
}

#[test]
fn a_state_for_a_dtype_that_was_used_is_refused() {
    // numpy keeps one object for all users of a dtype: the array would change its type under the reader's feet.
    let lie = || dtype_state("|", -1, -1, 63);
    let with = |after: Ops| {
        let used = put(dtype("f8"), 1);
        let array = build(empty_array(), array_state(&[1], &used, bytes(&[0; 8])));
        pickle4(ops![b"(", array, after, b"t"])
    };
    told_apart(&with(build(get(1), lie())), "misused-global", "given a state twice", &with(get(1)));
    let fresh = put(dtype_call("f8"), 1);
    let before = ops![b"(", build(empty_array(), array_state(&[1], &fresh, bytes(&[0; 8])))];
    let late = pickle4(ops![before, build(get(1), dtype_state(">", -1, -1, 0)), b"t"]);
    told_apart(&late, "misused-global", "given a state after it was used", &pickle4(ops![before, get(1), b"t"]));
}

#[test]
fn a_container_does_not_change_once_a_state_was_judged_by_it() {
    let filled = |after: Ops| {
        let state = [("mean_", put(list(&[int(1)]), 2)), ("var_", put(dict(&[]), 1))];
        let object = estimator(scaler(), &state);
        pickle4(ops![b"(", object, after, b"t"])
    };
    for (change, opcode) in [
        (ops![get(1), text("predict"), int(1), b"s"], "SETITEM changes a dict"),
        (ops![get(1), b"(", text("predict"), int(1), b"u"], "SETITEMS changes a dict"),
        (ops![get(2), global("numpy", "log1p"), b"a"], "APPEND changes a list"),
        (ops![get(2), b"(", int(1), b"e"], "APPENDS changes a list"),
    ] {
        told_apart(&filled(change), "misused-global", opcode, &filled(ops![get(1), get(2), b"\x86"]));
    }
    let set = |after: Ops| {
        let object = build(new(scaler()), dict(&[("mean_", put(ops![b"\x8f(", int(1), b"\x90"], 2))]));
        pickle4(ops![b"(", object, after, b"t"])
    };
    told_apart(&set(ops![get(2), b"(", int(2), b"\x90"]), "misused-global", "ADDITEMS changes a set", &set(get(2)));
}

#[test]
fn a_list_does_not_change_once_it_was_an_argument() {
    let items = put(list(&[int(1)]), 1);
    let set =
        |after: Ops| pickle4(ops![b"(", call(global("builtins", "set"), std::slice::from_ref(&items)), after, b"t"]);
    told_apart(&set(ops![get(1), list(&[]), b"a"]), "misused-global", "APPEND changes a list", &set(get(1)));
}

#[test]
fn items_go_only_into_what_takes_them() {
    let item = || ops![b"(", text("k"), int(1)];
    let bunch = || global("sklearn.utils._bunch", "Bunch");
    let ordered = pickle4(ops![call(global("collections", "OrderedDict"), &[]), item(), b"u"]);
    told_apart(&pickle4(ops![new(scaler()), item(), b"u"]), "misused-global", "SETITEMS puts items into it", &ordered);
    // APPENDS calls `extend` or `append` of its target: in a Bunch, what the file has put there.
    let with = |opcode: &[u8]| pickle4(ops![call(bunch(), &[]), item(), opcode]);
    told_apart(&with(b"e"), "misused-global", "APPENDS puts items into it", &with(b"u"));
    refused(&with(b"\x90"), "misused-global", "ADDITEMS puts items into it");
    refused(&pickle4(ops![new(scaler()), int(1), b"a"]), "misused-global", "APPEND puts items into it");
    refused(&pickle4(ops![new(scaler()), text("a"), int(1), b"s"]), "misused-global", "SETITEM puts items into it");
    refused(&pickle4(ops![array(&[1.0]), int(0), int(1), b"s"]), "misused-global", "SETITEM puts items into it");
    refused(&pickle4(ops![list(&[int(1)]), int(0), int(1), b"s"]), "malformed", "SETITEM is used on a list");
}

#[test]
fn items_of_an_object_hold_no_functions() {
    let with = |value: Ops| pickle4(ops![call(global("collections", "OrderedDict"), &[]), text("k"), value, b"s"]);
    told_apart(&with(global("numpy", "log1p")), "misused-global", "stands where data belongs", &with(int(1)));
}
