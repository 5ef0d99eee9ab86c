//! What another reader does before it raises, or where others raise. Each file was seen to run a command, to call what it chose, to crash, or
//! to fill the memory of the reader that is named; its twin is accepted.

mod opcodes;

use opcodes::*;

const CODE: &str = "misused-global";
/// What `pickle.load` makes of bytes that joblib takes for an array's elements.
const COMMAND: &[u8] = b"cposix\nsystem\n(Vid\ntR.";

/// Elements that `pickle.load` takes for opcodes, and honest ones.
fn apart(hostile: &[u8], words: &str, honest: &[u8]) {
    told_apart(&elements(&ops![b"0", hostile, COMMAND]), CODE, words, &elements(&ops![b"0", honest, b"\0", COMMAND]));
}

/// An object with the memo's index 2, whose attributes are one dict, with index 1; and elements behind it.
fn with_object(class: Ops, attributes: &[(&str, Ops)], then: &[u8]) -> Ops {
    let object = ops![put(dict(attributes), 1), b"0", put(new(class), 2), b"h\x01b0"];
    ops![object, then]
}

#[test]
fn a_module_is_imported_before_its_name_is_looked_at() {
    // `_ufunc_reconstruct(module, name)`: Python imports any module there is, and then asks for the name.
    let ufunc = |module: Ops, name: Ops| call(global("numpy.core", "_ufunc_reconstruct"), &[module, name]);
    for name in [int(5), NONE.into(), bytes(&[7; 20])] {
        apart(&ufunc(text("antigravity"), name), "calls a function", &call(reconstruct(), &[text("a"), int(5)]));
    }
    // A name with half of a surrogate pair is no UTF-8, and none that a module has.
    let surrogate = ops![text("antigravity"), b"\x8c\x03\xed\xb2\x80\x93"];
    apart(&surrogate, "fetches a name that is no UTF-8", &ops![text("numpy"), text("dtype"), b"\x93"]);
}

#[test]
fn what_was_given_as_a_state_may_be_the_very_attributes() {
    // `ABCPolyBase.__setstate__` keeps the dict itself, so that what is put into it later is an attribute: a method.
    let polynomial = || global("numpy.polynomial.polynomial", "Polynomial");
    let later = ops![b"h\x01", text("__setstate__"), global("numpy", "sum"), b"sh\x02", text("a"), b"b"];
    let words = "calls a function with arguments";
    apart(&with_object(polynomial(), &[], &later), words, &call(global("builtins", "complex"), &[int(1)]));
    // An estimator gets a copy. What it had already is not judged again, and it is not called.
    let dummy = || global("sklearn.dummy", "DummyClassifier");
    let honest = with_object(dummy(), &[("n", int(1))], &ops![b"h\x01", text("m"), int(1), b"s"]);
    apart(&with_object(dummy(), &[("__setstate__", global("numpy", "sum"))], b""), "gives a thing a state", &honest);
    // One that looks for attributes in another object, or calls its own, is followed no further.
    for (module, name) in [("sklearn.isotonic", "IsotonicRegression"), ("sklearn.frozen._frozen", "FrozenEstimator")] {
        apart(&with_object(global(module, name), &[("y_thresholds_", list(&[int(1)]))], b""), words, &honest);
    }
}

#[test]
fn a_dict_has_what_came_into_it_by_any_of_its_names() {
    // Two entries of the memo are one dict: what is put into the first is an attribute of whom the second is given to.
    let file = |key: &str| {
        let memo = ops![b"}q\x01q\x020", put(new(global("sklearn.dummy", "DummyClassifier")), 3), b"0"];
        let elements = ops![b"h\x01", text(key), global("numpy", "sum"), b"s0h\x03h\x02b0h\x03}b0N."];
        ops![b"\x80\x02", memo, wrapper(&[i32::try_from(elements.len()).unwrap()], &dtype_bytes()), elements, b"."]
    };
    told_apart(&file("__setstate__"), CODE, "gives a thing a state", &file("strategy"));
}

#[test]
fn a_state_is_as_large_as_the_attributes_of_an_estimator() {
    // Each object that is given it has a copy of all.
    let keys: Vec<String> = (0..300).map(|key| format!("k{key}")).collect();
    let given = |count: usize| {
        let pairs: Vec<(&str, Ops)> = keys.iter().take(count).map(|key| (key.as_str(), int(1))).collect();
        with_object(global("sklearn.dummy", "DummyClassifier"), &pairs, b"")
    };
    apart(&given(300), "gives a thing a state", &given(100));
}

#[test]
fn keys_of_numbers_are_as_few_as_honest_files_have() {
    // Multiples of 2^61 - 1 have the hash 0, each of them is compared with all before it.
    let key = |factor: u128| ops![b"\x8a\x09", &(factor * ((1 << 61) - 1)).to_le_bytes()[..9]];
    let keys = |count: u128| (1..=count).flat_map(&key).collect::<Ops>();
    let pairs = |count: u128| (1..=count).flat_map(|factor| ops![key(factor), b"Ns"]).collect::<Ops>();
    let words = "more than any honest file comes to";
    apart(&ops![b"}", pairs(1500)], words, &ops![b"}", pairs(500)]);
    apart(&ops![b"\x8f(", keys(1500), b"\x90"], words, &ops![b"\x8f(", keys(500), b"\x90"]);
    // Small numbers are their own hashes.
    let small: Ops = (0..5000).flat_map(|number| ops![int(number), b"Ns"]).collect();
    accepted(&elements(&ops![b"0}", small, b"0\0"]));
}

#[test]
fn arrays_are_not_made_of_one_another_without_end() {
    // The last bytes of a padded array are an entry more in the memo of an older joblib, so that what ours has as None is an array to it, which
    // is let go of by calls in one another.
    let nest = |levels: usize| {
        let of = tuple(&[int(1), tuple(&[int(1)]), dtype_of_objects(), FALSE.into()]);
        let state = |index: usize| {
            let get = ops![b"j", u32::try_from(index).unwrap().to_le_bytes()];
            ops![&of[..of.len() - 1], b"]", get, b"at"]
        };
        let level = |at: usize| ops![b"N\x940", empty_array(), b"\x94", state(2 * at), b"b0"];
        (0..levels).flat_map(level).collect::<Ops>()
    };
    let file = |levels: usize| ops![padded(b"\x80\x04", 8, b"N\x940"), b"0", nest(levels), b"N."];
    told_apart(
        &file(1500),
        CODE,
        "more than any honest file comes to",
        &ops![padded(b"\x80\x04", 8, b"N\0\0"), b"0", nest(3), b"N."],
    );
}

#[test]
fn an_array_is_made_without_elements() {
    // numpy makes room for so many objects, and writes each of them when it lets go.
    let made = |length: i32, of: Ops| call(reconstruct(), &[ndarray(), tuple(&[int(length)]), of]);
    let honest = made(0, bytes(b"b"));
    apart(&made(1 << 30, text("O")), "calls a function", &honest);
    apart(&made(1 << 30, bytes(b"O")), "calls a function", &honest);
    apart(&made(0, text("O")), "calls a function", &honest);
}

#[test]
fn the_reader_in_python_asks_for_keys_and_truth() {
    // `pickle._Unpickler`: `cls.__new__(cls, *args, **kwargs)` calls what stands at `keys`; `if state:` the length of a grid.
    let dummy = estimator(global("sklearn.dummy", "DummyClassifier"), &[("n", global("builtins", "max"))]);
    let with = |keywords: &[u8]| ops![reconstruct(), b")", keywords, b"\x92"];
    apart(&with(&dummy), "no tuple and no dict", b"]");
    let of_list = |keywords: &[u8]| ops![b"])", keywords, b"\x92"];
    for honest in [&b"}"[..], b"N", &text("a")] {
        apart(&of_list(&dummy), "no tuple and no dict", &of_list(honest));
    }
    let wrapper_with = |key: &str| {
        let wrapper = new(global("joblib.numpy_pickle", "NumpyArrayWrapper"));
        of_list(&build(wrapper, dict(&[(key, global("builtins", "max"))])))
    };
    apart(&wrapper_with("keys"), "gives a thing a state", &wrapper_with("shape"));
    let grid = || new(global("sklearn.model_selection._search", "ParameterGrid"));
    let given = |target: &[u8], state: &[u8]| {
        let elements = ops![b"0", target, state, b"b", b"\0", COMMAND];
        let wrapper = wrapper(&[i32::try_from(elements.len()).unwrap()], &dtype_bytes());
        ops![b"\x80\x03", put(grid(), 1), b"0", wrapper, elements, b"."]
    };
    for target in [b"N", b"]"] {
        told_apart(&given(target, &get(1)), CODE, "gives a thing a state", &given(target, b"}"));
    }
    // numpy asks the first argument for its lengths.
    let buffer = tuple(&[grid(), tuple(&[int(1)]), tuple(&[int(1)]), text("C")]);
    apart(&ops![ndarray(), buffer, b"R"], "calls a function", &call(reconstruct(), &[text("a"), int(1), int(1)]));
}

#[test]
fn an_object_may_have_a_constructor_in_python() {
    // `cls.__new__(cls, *args)` of the reader that is written in Python: a path and a matrix make another one.
    let before = |object: Ops, then: &[u8]| {
        ops![padded(&ops![b"\x80\x02", put(object, 1), b"0"], 9, &ops![then, vec![0; 8 - then.len()]]), b"."]
    };
    let path = || call(global("pathlib", "PosixPath"), &[text("a")]);
    told_apart(&before(path(), b"h\x01)\x81"), CODE, "calls a thing", &before(path(), b"h\x01\0"));
    told_apart(
        &before(array(&[1.0]), b"h\x01h\x01\x85\x81"),
        CODE,
        "calls a thing",
        &before(array(&[1.0]), b"h\x01)\x81"),
    );
    // A dtype is none: its constructor is numpy's, and wants a class.
    accepted(&before(dtype("f8"), b"h\x01)\x81"));
}

#[test]
fn pandas_goes_on_where_a_call_raises() {
    // It makes an object of an offset's class, or of an index's, whatever was called.
    let offset = || global("pandas._libs.tslibs.offsets", "Day");
    apart(&ops![b"K\x05", offset(), b"\x85R"], "calls a thing", &ops![b"K\x05", text("a"), b"\x85R"]);
    let buffer = |first: Ops| call(global("numpy.core.numeric", "_frombuffer"), &[first]);
    apart(&buffer(offset()), "calls a function", &buffer(text("a")));
    apart(&ops![global("pandas.core.indexes.base", "Index"), b"N\x81"], "calls a function", b"]N\x81");
}

#[test]
fn a_view_of_an_array_is_no_array() {
    // What has no attribute takes None and an empty dict for no state at all.
    let file = |then: &[u8]| ops![padded(b"\x80\x02", 7, &ops![then, vec![0; 6 - then.len()]]), b"."];
    told_apart(&file(b"\x98Nb"), CODE, "gives a thing a state", &file(b"\x98N"));
}

#[test]
fn python_2_goes_on_behind_pairs_without_a_last_value_and_texts_in_any_encoding() {
    told_apart(
        &elements(&ops![b"0}(K\x01u", COMMAND]),
        CODE,
        "fetches posix.system",
        &elements(&ops![b"0}(K\x01\0u", COMMAND]),
    );
    // To an older joblib in Python 2 a text is bytes, in no encoding.
    let file = |text: &[u8]| ops![padded(b"\x80\x02", 14, &ops![text, b"cos\nsystem\n"]), b"."];
    told_apart(&file(b"U\x01\xff"), CODE, "fetches os.system", &file(b"\0\0\0"));
}

#[test]
fn readers_make_room_for_no_more_than_files_have() {
    // In C, the memo has room for twice as many entries as an index says. A label such as `red` is an index, and nobody is sure that there is no memory for it.
    for index in [&b"red\0\0"[..], b"r\0\0\0e", b"p700000000\n"] {
        let goes_on = ops![b"N", index];
        apart(&goes_on, "fetches posix.system", &goes_on);
    }
    // In Python, bytes that can change are filled with zeros before they are read.
    let room = |length: u64| ops![b"\x96", length.to_le_bytes()];
    apart(&room(12 << 30), "more bytes than any file has", &room(2));
    // More than there is memory is an error at once.
    let file = |length: u64| elements(&ops![b"0", room(length), COMMAND]);
    told_apart(&file(1 << 38), CODE, "more bytes than any file has", &file((1 << 38) + 1));
    told_apart(&file((1 << 30) + 1), CODE, "more bytes than any file has", &file(1 << 30));
    accepted(&file(1 << 60));
    // Python before 3.11 takes minutes for ten million digits.
    let digits = |count: usize| ops![b"L", vec![b'7'; count], b"L\n"];
    apart(&digits(100_000), "a number that is longer than any", &digits(1000));
}

#[test]
fn numpy_reads_a_type_of_ascii_letters_alone() {
    // Of another letter numpy before 1.19 crashes, if it is to be aligned; of `T` numpy 2 makes texts of all that it is given.
    let of = |code: &str| call(global("numpy", "dtype"), &[text(code), TRUE.into(), TRUE.into()]);
    for code in ["\u{e9}", "T"] {
        apart(&of(code), "calls a function", &of("f8"));
    }
}

#[test]
fn compiled_trees_are_given_nothing() {
    // `Tree.__setstate__` reads the length of nodes that have none.
    let tree = call(global("sklearn.tree._tree", "Tree"), &[int(1), array(&[1.0]), int(1)]);
    let nodes = call(global("numpy.core.multiarray", "scalar"), &[dtype("f8"), bytes(&[0; 8])]);
    let state = dict(&[("max_depth", int(1)), ("node_count", int(1)), ("nodes", nodes)]);
    let honest = call(reconstruct(), &[text("a"), int(1), int(1)]);
    apart(&ops![tree, state, b"b"], "nothing is known", &honest);
    // An array of before is one as well.
    let memo = ops![put(array(&[1.0]), 1), b"0"];
    let made = ops![b"0", global("sklearn.tree._tree", "Tree"), int(1), b"h\x01", int(1), b"\x87R", COMMAND];
    let file = |made: &[u8]| {
        ops![b"\x80\x03", memo, wrapper(&[i32::try_from(made.len()).unwrap()], &dtype_bytes()), made, b"."]
    };
    told_apart(&file(&made), CODE, "calls a function", &file(&ops![b"\0", made]));
}

#[test]
fn a_key_of_a_dtypes_state_has_a_text_for_its_order() {
    // To one `Unpickler` on both pickles the order is a named tuple, in which others double each other: its hash takes years.
    let with = |order: Ops| {
        let key = tuple(&[int(3), b"h\x00".to_vec(), NONE.into(), NONE.into(), NONE.into(), int(-1), int(-1), int(0)]);
        ops![b"\x80\x04", order, b"\x94.\x80\x04", text("|"), b"\x940}", key, b"Ns."]
    };
    let doubled = ops![b")", b"2\x86".repeat(9)];
    let class = global("scipy.stats._stats_py", "ModeResult");
    let named = ops![class, tuple(&[doubled, NONE.into()]), b"\x81"];
    told_apart(&with(named), CODE, "hashes a thing", &with(text("<")));
}

#[test]
fn an_array_of_numbers_takes_a_list_for_its_state() {
    // Then it holds objects, and its elements are no numbers.
    let parts = [int(1), tuple(&[int(1)]), dtype_of_objects(), FALSE.into(), list(&[text("a")])];
    let memo = |state: Ops| {
        let given = ops![b"h\x01", state, b"b"];
        let elements = ops![b"0", given, b"\0", COMMAND];
        let wrapper = wrapper(&[i32::try_from(elements.len()).unwrap()], &dtype_bytes());
        ops![b"\x80\x03", put(array(&[1.0]), 1), b"0", wrapper, elements, b"."]
    };
    refused(&memo(list(&parts)), CODE, "nothing is known");
}

#[test]
fn what_is_called_is_written_out_where_its_arguments_can_not_be_iterated() {
    // Since Python 3.9 the error says what was called: a list asks its items how they are written.
    let dummy = || new(global("sklearn.dummy", "DummyClassifier"));
    let called = |callee: Ops| ops![callee, b"N", b"R"];
    apart(&called(list(&[dummy()])), "calls a thing", &called(text("a")));
}

#[test]
fn pandas_takes_a_wrapper_that_can_not_be_made_for_an_offset() {
    // Where there are too many arguments it makes an object of the first.
    let offset = || global("pandas.tseries.offsets", "Day");
    let made = |first: Ops| {
        call(global("joblib.numpy_pickle_compat", "NDArrayWrapper"), &[first, int(1), int(1), int(1), int(1)])
    };
    apart(&made(offset()), "calls a function", &call(reconstruct(), &[text("a"), int(1), int(1)]));
}

#[test]
fn a_dtype_is_called_with_the_code_of_one_wherever_it_was_found() {
    // To one `Unpickler` on both pickles the path of the second is a dtype: of this text the place of a field overflows.
    let file = |code: &str| {
        let theirs = ops![global("numpy", "dtype"), b"\x94"];
        let ours = ops![global("pathlib", "PurePosixPath"), b"\x940h\x00", text(code), b"\x85R"];
        ops![b"\x80\x04", theirs, b".\x80\x04", ours, b"."]
    };
    told_apart(&file("V2147483647,V2147483647,O,V10"), CODE, "calls a function", &ops![file("x")[..2], b"N."]);
    // numpy before 2.2 makes one of a negative size of this.
    let of = |code: &str| call(global("numpy", "dtype"), &[text(code), TRUE.into(), TRUE.into()]);
    for code in ["U1610612737", "S-2000000000", "V-8"] {
        apart(&of(code), "calls a function", &of("U7"));
    }
}

#[test]
fn a_state_of_a_dtype_has_the_numbers_that_were_judged_with_its_code() {
    // What is a plain tuple to us is the state of a dtype of objects to who has it at another index: it says that it holds none.
    let plain = tuple(&[int(3), text("|"), NONE.into(), NONE.into(), NONE.into(), int(-1), int(-1), int(1)]);
    let file = |entry: u8| {
        let first = ops![b"\x80\x04N\x94."];
        let dtype = ops![dtype_call("O8"), b"\x940"];
        ops![first, b"\x80\x04", plain, b"\x940", plain, b"\x940", dtype, b"h\x02", [b'h', entry], b"b."]
    };
    let judged = judge(&file(1));
    assert!(!judged.findings.is_empty());
}

#[test]
fn keys_are_counted_wherever_they_come_into_a_dict_or_a_set() {
    let key = |factor: u128| ops![b"\x8a\x09", &(factor * ((1 << 61) - 1)).to_le_bytes()[..9]];
    let keys = |count: u128| (1..=count).flat_map(&key).collect::<Ops>();
    let pairs = |count: u128| (1..=count).flat_map(|factor| ops![key(factor), b"N"]).collect::<Ops>();
    let words = "more than any honest file comes to";
    apart(&ops![b"(", keys(1500), b"\x91"], words, &ops![b"(", keys(500), b"\x91"]);
    apart(&ops![b"(", pairs(1500), b"d"], words, &ops![b"(", pairs(500), b"d"]);
    // The product of the numbers of a tuple is not its hash.
    let tuples = |count: i32| (0..count).flat_map(|n| ops![int(0), int(n), b"\x86Ns"]).collect::<Ops>();
    apart(&ops![b"}", tuples(1500)], words, &ops![b"}", tuples(500)]);
}

#[test]
fn a_range_has_no_numbers_beyond_255_bytes() {
    // Python divides them: for 600 kB it takes ten seconds.
    let long = || ops![b"\x8b", 300u32.to_le_bytes(), vec![1; 300]];
    let range = |stop: Ops| call(global("builtins", "range"), &[int(0), stop, int(1)]);
    apart(&range(long()), "calls a function", &range(int(7)));
    // The same of a number of ours.
    let ours = |number: Ops| remembering(&[number], &ops![b"0", range(get(0)), COMMAND]);
    refused(&ours(long()), CODE, "calls a function");
}

/// An array whose elements other readers take for opcodes, behind values that are in the memo from index 0 on.
fn remembering(values: &[Ops], elements: &[u8]) -> Ops {
    let values: Ops = (0..).zip(values).flat_map(|(index, value)| ops![put(value, index), b"0"]).collect();
    behind(&[values], elements)
}

/// The same behind any opcodes.
fn behind(before: &[Ops], elements: &[u8]) -> Ops {
    let shape = i32::try_from(elements.len()).unwrap();
    ops![b"\x80\x04", before.concat(), wrapper(&[shape], &dtype_bytes()), elements, b"."]
}

#[test]
fn a_number_of_ours_may_be_one_of_numpys() {
    // `numpy.generic.__setstate__` takes anything and does nothing, so that Python goes on where its own numbers raise.
    let scalar = || call(global("numpy.core.multiarray", "scalar"), &[dtype("i8"), bytes(&[1; 8])]);
    for state in [text("abc"), tuple(&[int(1), int(2), int(3)]), scalar()] {
        let given = |number: Ops| ops![b"0", number, get(1), b"b", COMMAND];
        let file = |number: Ops| remembering(&[scalar(), state.clone()], &given(number));
        let raises = remembering(&[scalar(), text("abc")], &given(int(1)));
        told_apart(&file(get(0)), CODE, "gives a thing a state", &raises);
    }
    // It has no `append`, and is not called.
    for raises in [&b"h\0Na"[..], b"h\0)R", b"h\0NNs"] {
        accepted(&remembering(&[scalar()], &ops![b"0", raises, COMMAND]));
    }
}

#[test]
fn what_another_reader_returns_was_judged() {
    // A function in an attribute that ours does not have: who transforms by what `pickle.load` returned calls it.
    let transformer = || estimator(function_transformer(), &[("func", global("numpy.core", "_ufunc_reconstruct"))]);
    let words = "returns a thing that was not judged";
    let returned = |thing: Ops| elements(&ops![b"0", thing, b"."]);
    for thing in [transformer(), list(&[transformer()]), tuple(&[int(1), transformer()]), dict(&[("a", transformer())])]
    {
        told_apart(&returned(thing.clone()), CODE, words, &returned(ops![thing, b"0", text("a")]));
    }
    // joblib before 1.2 has given ours another state before it returns it.
    let keeps = || put(estimator(function_transformer(), &[("func", NONE.into())]), 1);
    let function = || put(dict(&[("func", global("numpy.core", "_ufunc_reconstruct"))]), 2);
    let old = |tail: &[u8]| ops![padded(&ops![b"\x80\x04", function(), b"0", keeps()], 8, tail), b"0h\x01."];
    told_apart(&old(b"h\x01h\x02b0"), CODE, words, &old(b"h\x01h\x02\x000"));
}

#[test]
fn what_stands_in_a_thing_may_be_another_one_by_its_other_names() {
    // An estimator without a state stands in a dict of a dict, an array, a row and a wrapper, and is given one of another reader's choice.
    let words = "returns a thing that was not judged";
    let state = || dict(&[("func", global("numpy.core", "_ufunc_reconstruct"))]);
    let inner = || put(dict(&[("a", int(1))]), 0);
    let in_dicts = |then: &[u8]| {
        let changed = ops![get(0), text("b"), new(function_transformer()), state(), b"bs0", get(1), then];
        behind(&[inner(), b"0".to_vec(), put(dict(&[("c", get(0))]), 1), b"0".to_vec()], &ops![b"0", changed])
    };
    told_apart(&in_dicts(b"."), CODE, words, &in_dicts(b"0N."));
    let array =
        build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[put(new(function_transformer()), 0)])));
    let in_an_array = |then: &[u8]| {
        let changed = ops![get(0), state(), b"b0", get(1), then];
        behind(&[put(array.clone(), 1), b"0".to_vec()], &ops![b"0", changed])
    };
    told_apart(&in_an_array(b"."), CODE, words, &in_an_array(b"0N."));
    // Attributes of the wrapper that stands where the array should.
    let wrapped = |then: &[u8]| elements(&ops![dict(&[("best_estimator_", new(function_transformer()))]), b"b", then]);
    told_apart(&wrapped(b"."), CODE, words, &wrapped(b"0N."));
}

#[test]
fn numpy_keeps_the_dict_of_a_dtypes_fields() {
    let fields = put(ops![b"}", text("a"), put(dtype_of_objects(), 1), int(0), b"\x86s"], 0);
    let state = ops![b"(", int(3), text("|"), b"N", text("a"), b"\x85", fields, int(8), int(1), int(27), b"t"];
    let file = |into: Ops| {
        let field = ops![text("a"), get(1), int(1 << 30), b"\x86"];
        behind(&[build(dtype_call("V8"), state.clone()), b"0".to_vec()], &ops![b"0", into, field, b"s0N."])
    };
    told_apart(&file(get(0)), CODE, "puts items into the fields of a dtype", &file(b"}".to_vec()));
}

#[test]
fn a_value_has_another_name_once_it_was_fetched() {
    // The dtype is made an entry more by a name that was fetched, and is given its fields by the first.
    let file = |fetched: &[u8]| {
        let fields = ops![b"}", text("a"), dtype_of_objects(), int(0), b"\x86s"];
        let state = ops![b"(", int(3), text("|"), b"N", text("a"), b"\x85", fields, int(8), int(1), int(27), b"t"];
        ops![b"\x80\x04N\x94.\x80\x04", dtype_call("V8"), b"qd", fetched, state, b"b0N."]
    };
    let judged = judge(&file(b"hdqe0"));
    assert_eq!(judged.codes(), ["misused-global"], "{:?}", judged.findings);
    accepted(&file(b""));
}

#[test]
fn rows_of_nothing_are_iterated_by_who_calls_with_them() {
    let rows = |count: i32| {
        let buffer = global("numpy.core.numeric", "_frombuffer");
        let empty = call(buffer, &[bytes(b""), dtype("f8"), tuple(&[int(count), int(0)]), text("C")]);
        remembering(&[empty], &ops![b"0Nh\0R", COMMAND])
    };
    told_apart(&rows(1 << 26), CODE, "calls a thing of which nothing is known", &rows(10));
}

/// A file whose memo has a thing and a class. Below the array of a table stand the function that makes its block, the dtype of its column,
/// or its blocks; the last bytes of its numbers are these opcodes to a joblib before 1.2, to which the array itself is entry 3.
fn behind_numbers(thing: Ops, class: Ops, then: &[u8]) -> Ops {
    let memo = ops![put(thing, 1), b"0", put(class, 2), b"0"];
    let tail = ops![b"q\x03", then, vec![0; 8 - then.len()]];
    ops![padded(&ops![b"\x80\x04", memo], 10, &tail), b"."]
}

#[test]
fn pandas_makes_a_block_of_rows() {
    // `_unpickle_block(*array)`: of an array of three rows pandas 1.4 to 2.1 makes a block, and 3.1 of three numbers.
    let file = |rows: &[i32], then: &[u8]| {
        let elements = ops![b"0h\x02h\x01R", then, COMMAND];
        let shape = rows.iter().map(|length| int(*length)).collect::<Vec<_>>();
        let parts = [bytes(&[5; 24]), dtype("i8"), tuple(&shape), text("C")];
        let rows = call(global("numpy.core.numeric", "_frombuffer"), &parts);
        let memo = ops![put(rows, 1), b"0", put(block_of_a_table(), 2), b"0"];
        ops![b"\x80\x03", memo, wrapper(&[i32::try_from(elements.len()).unwrap()], &dtype_bytes()), elements, b"."]
    };
    for rows in [&[3, 1][..], &[3], &[1, 3, 1]] {
        told_apart(&file(rows, b""), CODE, "fetches posix.system", &file(rows, b"\0"));
    }
}

fn block_of_a_table() -> Ops {
    global("pandas._libs.internals", "_unpickle_block")
}

fn blocks_of_a_table() -> Ops {
    global("pandas.core.internals.managers", "BlockManager")
}

#[test]
fn functions_and_dtypes_are_neither_filled_nor_iterated() {
    let (file, block, blocks) = (behind_numbers, block_of_a_table, blocks_of_a_table);
    let index = || global("pandas.core.indexes.base", "Index");
    let path = || call(global("pathlib", "PosixPath"), &[text("a")]);
    let (append, set, object) = (b"h\x01h\x03a", b"h\x01Nh\x03s", b"h\x01h\x03\x81");
    let (keywords, give) = (b"h\x03h\x01h\x03\x92", b"h\x01h\x03b");
    for thing in [block(), dtype("f8")] {
        for then in [&append[..], set, object, keywords] {
            accepted(&file(thing.clone(), blocks(), then));
        }
    }
    // A path has whatever attributes its state gave it.
    for (then, words) in [(&append[..], "puts items into"), (set, "puts items into"), (give, "gives a thing a state")] {
        told_apart(&file(path(), blocks(), then), CODE, words, &file(block(), blocks(), then));
    }
    accepted(&file(block(), blocks(), b"h\x02h\x01h\x03s"));
    let object = b"h\x02h\x01h\x03\x92";
    told_apart(&file(block(), index(), object), CODE, "calls a function", &file(block(), blocks(), object));
}

#[test]
fn blocks_and_numbers_are_not_filled_and_lists_are_not_called() {
    let file = |thing: Ops, then: &[u8]| behind_numbers(thing, blocks_of_a_table(), then);
    let (append, set, call_it) = (b"h\x01h\x03a", b"h\x01Nh\x03s", b"h\x01h\x03R");
    let (own_key, numbers_for_a_key) = (b"h\x01h\x01h\x03s", b"h\x01h\x03h\x03s");
    for then in [&append[..], set] {
        accepted(&file(new(blocks_of_a_table()), then));
    }
    accepted(&file(list(&[]), b"h\x03h\x01a"));
    // A list takes no list for a number, but may ask an array for the one that it is.
    told_apart(&file(list(&[]), numbers_for_a_key), CODE, "puts items into", &file(list(&[]), own_key));
    let index = || global("pandas.core.indexes.base", "Index");
    for thing in [list(&[]), block_of_a_table()] {
        told_apart(&file(index(), call_it), CODE, "calls a", &file(thing, call_it));
    }
}

#[test]
fn who_is_given_two_states_asks_the_second_for_its_items() {
    // `state, slotstate = state; if slotstate: for k, v in slotstate.items()`: of an estimator, what the file put there.
    let items = |key: &str| estimator(global("sklearn.dummy", "DummyClassifier"), &[(key, global("numpy", "sum"))]);
    let pair = |second: Ops| ops![b"]N", second, b"\x86b"];
    apart(&pair(items("item")), "gives a thing a state", &pair(b"}".into()));
    apart(&pair(items("items")), "gives a thing a state", &pair(b"N".into()));
    // The first is asked whether it is one: a grid by its length.
    let grid = || new(global("sklearn.model_selection._search", "ParameterGrid"));
    apart(&ops![b"]", grid(), b"N\x86b"], "gives a thing a state", &ops![b"]NN\x86b"]);
}

#[test]
fn numpy_takes_bytes_for_a_type() {
    // Of such as are not ASCII numpy before 1.19 crashes, and of elements that are as large as they say `matrix` makes a hundred.
    let made = |of: &[u8]| call(reconstruct(), &[ndarray(), tuple(&[int(0)]), bytes(of)]);
    for of in [&b"\x80"[..], b"\xff", b"O", b"bb"] {
        apart(&made(of), "calls a function", &made(b"b"));
    }
    let matrix = |of: Ops| call(global("numpy", "matrix"), &[text("1 2 3"), of, int(1)]);
    for of in [bytes(b"U9999999"), bytes(b"\x80"), bytes(b"b")] {
        apart(&matrix(of), "calls a function", &matrix(int(1)));
    }
    let buffer =
        |of: Ops| call(global("numpy.core.numeric", "_frombuffer"), &[bytes(b"abc"), of, tuple(&[int(3)]), text("C")]);
    apart(&buffer(bytes(b"\x80")), "calls a function", &made(b"b"));
}
