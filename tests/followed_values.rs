//! What other readers make of values, and what these are to them. Each file was seen to run a command by `pickle.load`, by the reader
//! that is named, or to hand it memory that is not its own; its twin is accepted.

mod opcodes;

use opcodes::*;

const CODE: &str = "misused-global";
/// What `pickle.load` makes of bytes that joblib takes for an array's elements.
const COMMAND: &[u8] = b"cposix\nsystem\n(Vid\ntR.";

/// Elements that somebody takes for opcodes, and the same behind a byte that is none.
fn apart(bytes: &[u8], words: &str) {
    told_apart(&elements(bytes), CODE, words, &elements(&[b"\0", bytes].concat()));
}

#[test]
fn a_number_ends_at_a_nul_for_the_reader_in_c() {
    for number in [&b"I1"[..], b"L1L", b"F1", b"p1\ng1"] {
        let file = |rest: &[u8]| elements(&ops![number, rest, b"\n", COMMAND]);
        told_apart(&file(b"\0 and more"), CODE, "fetches posix.system", &file(b"\x01\0 and more"));
    }
    apart(&ops![b"p1\0 and more\n", COMMAND], "fetches posix.system");
}

/// A frame of this length, and what is in it; the reader in C has not got it whole in its buffer.
fn framed(length: u64, inside: &[u8], behind: &[u8]) -> Ops {
    let filler = usize::try_from(length).unwrap() - inside.len();
    ops![b"0\x95", length.to_le_bytes(), b"N0".repeat(filler / 2), vec![b'N'; filler % 2], inside, behind]
}

#[test]
fn the_reader_in_c_goes_on_behind_a_frame_that_it_has_read() {
    // A second frame in the first one, behind whose end it goes on.
    let frame = |length: u64| ops![b"\x95", length.to_le_bytes(), vec![0; 20]];
    apart(&framed(200_000, &frame(1000), &ops![COMMAND, vec![0; 1000]]), "behind the one around it");
    // Of a text it drops what stands before the frame's end.
    apart(&framed(200_000, b"X\x0a\0\0\0aa", &ops![b"bbbbbbbb\0\0", COMMAND]), "over the end of a frame");
    apart(&framed(200_000, b"N2Vaa", b"aa\n\0"), "over the end of a frame");
    // Who loads again goes on behind the outer frame, whatever was in it.
    let ended = |end: &[u8]| elements(&framed(200_000, &ops![b"\x95", 0u64.to_le_bytes(), end, vec![0; 20]], COMMAND));
    told_apart(&ended(b"N."), CODE, "inside a frame", &ended(b"\0."));
}

#[test]
fn a_text_may_be_made_by_a_call() {
    let made = |callee: &str, text: &str| ops![b"c", callee, b"\n(V", text, b"\ntR"];
    for callee in ["builtins\nstr", "numpy\nobject_"] {
        apart(&ops![b"0", made(callee, "posix"), made(callee, "system"), b"\x93(Vid\ntR."], "calls a function");
    }
    // `str.__new__` of a text, which is no class, makes a text as well.
    let text = ops![b"ccopyreg\n_reconstructor\n(cbuiltins\nstr\nVany\nVposix\ntR"];
    apart(&ops![b"0", text, text, b"\x93."], "calls a function");
    let number = |class: &str| elements(&ops![b"0ccopyreg\n_reconstructor\n(c", class, b"\nK\x05K\x07tR", COMMAND]);
    for class in ["builtins\nint", "sklearn.dummy\nDummyClassifier"] {
        refused(&number(class), CODE, "calls a function");
    }
    // So does numpy, whose texts name a module too.
    let scalar = |text: &str| {
        let utf32: Vec<u8> = text.bytes().flat_map(|byte| u32::from(byte).to_le_bytes()).collect();
        call(global("numpy.core.multiarray", "scalar"), &[dtype_call(&format!("U{}", text.len())), bytes(&utf32)])
    };
    let ufunc = call(global("numpy.core", "_ufunc_reconstruct"), &[scalar("os"), scalar("system")]);
    apart(&ops![b"0", ufunc, b"."], "calls a function");
}

#[test]
fn a_scalar_of_objects_is_what_it_is_made_of() {
    let scalar = |value: &[u8]| call(global("numpy.core.multiarray", "scalar"), &[dtype_call("O8"), value.to_vec()]);
    apart(&ops![b"0", scalar(&text("posix")), scalar(&text("system")), b"\x93(Vid\ntR."], "calls a function");
    // `scipy.stats` makes code of a text in the state.
    let distribution = new(global("scipy.stats._continuous_distns", "norm_gen"));
    let state = dict(&[("_parse_arg_template", text("import os"))]);
    apart(&ops![b"0", scalar(&distribution), state, b"b."], "calls a function");
    apart(&ops![b"0", scalar(&global("_codecs", "encode")), b"(Va\nVlatin1\ntR."], "calls a function");
    // Bytes that can change are given more of them.
    apart(&ops![b"0", scalar(&ops![b"\x96", 0u64.to_le_bytes()]), b"K\x01a0", COMMAND], "calls a function");
    for number in [&b"K\x01"[..], &bytes(&[0; 16])] {
        accepted(&elements(&ops![b"0", scalar(number), text("a"), b"\x93", COMMAND]));
    }
}

#[test]
fn a_distribution_takes_pairs_for_its_state() {
    let distribution = new(global("scipy.stats._continuous_distns", "norm_gen"));
    let pair = tuple(&[text("_parse_arg_template"), text("import os")]);
    apart(&ops![b"0", distribution, pair, b"\x85b."], "calls a function");
    // An estimator takes a dict, and is no code.
    let state = dict(&[("_parse_arg_template", text("import os"))]);
    accepted(&elements(&ops![b"0", new(global("sklearn.dummy", "DummyClassifier")), state, b"b0\0"]));
}

#[test]
fn pandas_makes_an_object_where_numpy_raises() {
    // Its reader does so where `_reconstruct` was called with a class that is none of an array.
    let made =
        |class: Ops| call(global("numpy.core.multiarray", "_reconstruct"), &[class, tuple(&[int(0)]), bytes(b"b")]);
    let class = || global("scipy.stats._continuous_distns", "norm_gen");
    let state = dict(&[("_parse_arg_template", text("import os"))]);
    apart(&ops![b"0", made(class()), state, b"b."], "calls a function");
    // Of what is no class nobody makes anything.
    accepted(&elements(&ops![b"0", made(text("a")), state, b"b", COMMAND]));
    accepted(&elements(&ops![b"0", made(ndarray()), b"\0}b", COMMAND]));
}

#[test]
fn what_a_table_makes_may_be_called() {
    // pandas before 2 adds offsets by a call; an estimator can not be called.
    let called = |module: &str, name: &str| {
        let made = ops![b"\x80\x04", put(new(global(module, name)), 1)];
        ops![padded(&made, 10, b"h\x01h\x01\x85R"), b"\x86."]
    };
    let offset = called("pandas._libs.tslibs.offsets", "Day");
    told_apart(&offset, CODE, "calls a thing", &called("sklearn.dummy", "DummyClassifier"));
}

#[test]
fn no_array_of_an_array_outlives_its_memory() {
    let buffer = |of: &[u8]| {
        let arguments = [of.to_vec(), dtype_call("u1"), tuple(&[int(8)]), text("C")];
        call(global("numpy.core.numeric", "_frombuffer"), &arguments)
    };
    let empty = call(global("numpy.core.multiarray", "_reconstruct"), &[ndarray(), tuple(&[int(8)]), bytes(b"b")]);
    let state = array_state(&[1], &dtype_call("u1"), bytes(b"a"));
    // The view is written into once the array has other memory.
    apart(&ops![b"0", empty, b"q\x010", buffer(b"h\x01"), b"0h\x01", state, b"b."], "calls a function");
    let none = call(reconstruct(), &[ndarray(), tuple(&[int(0)]), bytes(b"b")]);
    accepted(&elements(&ops![b"0", none, b"q\x010h\x010", dtype_call("u1"), b"0."]));
    let class = call(ndarray(), &[int(8), dtype_call("u1"), get(1)]);
    apart(&ops![b"0", empty, b"q\x010", class, b"."], "calls a function");
    apart(&ops![b"0", none, b"\x98."], "a view of an array");
}

#[test]
fn an_array_without_elements_is_its_wrapper_in_the_memo_of_another_reader() {
    // One `Unpickler` gives the wrapper of the first pickle a state where ours gives one to an estimator.
    let file = |module: &str| {
        let words = ops![text(module), b"\x940", text("system"), b"\x940", text("id"), b"\x85\x940"];
        let first = ops![b"\x80\x04", words, wrapper(&[0], &dtype_bytes()), b"\x940N."];
        let ours = ops![text("builtins"), b"\x940", text("set"), b"\x940]\x85\x940"];
        let estimator = ops![new(global("sklearn.dummy", "DummyClassifier")), b"\x940h\x03}b0"];
        ops![first, b"\x80\x04", ours, estimator, b"h\x00h\x01\x93."]
    };
    refused(&file("posix"), CODE, "gives a thing a state");
    let behind = |second: &[u8]| ops![b"\x80\x04", wrapper(&[0], &dtype_bytes()), b"\x940N.\x80\x04", second];
    accepted(&behind(&ops![text("a"), b"\x940h\x00."]));
}

#[test]
fn what_holds_something_that_was_changed_is_not_ours() {
    // The end of the first array exchanges two dicts of the memo. Ours puts one into a list, and then a key into the other.
    let file = |exchanged: bool| {
        let before = ops![b"\x80\x04}q\x010}q\x020"];
        let tail: &[u8] = if exchanged { b"0h\x01q\x02" } else { b"0h\x01q\x03" };
        let isotonic = new(global("sklearn.isotonic", "IsotonicRegression"));
        let list = ops![b"]q\x05h\x01a0"];
        let changed = ops![b"h\x02", text("a"), int(1), b"s0"];
        let given = ops![isotonic, b"}", text("a"), b"h\x05sb"];
        ops![padded(&before, 6, tail), b"0", list, changed, given, b"."]
    };
    told_apart(&file(true), CODE, "gives a thing a state", &file(false));
}

#[test]
fn what_is_made_after_a_change_is_ours_until_the_next() {
    // The same with two lists: ours puts an item into the second, which another reader puts into the first.
    let file = |made: Ops, held: Ops| {
        let before = ops![b"\x80\x04]q\x010]q\x020"];
        let isotonic = new(global("sklearn.isotonic", "IsotonicRegression"));
        let changed = ops![b"h\x02Na0"];
        let given = ops![isotonic, b"}", text("a"), held, b"sb0N"];
        ops![padded(&before, 6, b"0h\x01q\x02"), b"0", changed, made, given, b"."]
    };
    let words = "gives a thing a state";
    let made = || ops![b"]q\x050"];
    told_apart(&file(made(), get(1)), CODE, words, &file(made(), get(5)));
    told_apart(&file(ops![made(), b"h\x02Na0"], get(5)), CODE, words, &file(ops![b"h\x02Na0", made()], get(5)));
    // What was changed stands in it.
    told_apart(&file(ops![made(), b"h\x05h\x01a0"], get(5)), CODE, words, &file(ops![made(), b"h\x05Na0"], get(5)));
}

#[test]
fn what_is_made_behind_other_numbers_is_none_of_what_they_were_given_to() {
    // To one `Unpickler` on both pickles the sequence has another first member. Only what was made before may be the one
    // that was changed: an honest generator of random numbers is followed by the rest of its model.
    let file = |before: bool| {
        let module = "numpy.random.bit_generator";
        let class = [global(module, "SeedSequence"), int(0xf88_304a), NONE.into()];
        let seed = call(global(module, "__pyx_unpickle_SeedSequence"), &class);
        let members = tuple(&[get(0), int(0), array(&[1.0]), int(4), tuple(&[])]);
        let list = |here: bool| if here { b"]".to_vec() } else { Ops::new() };
        let given = ops![list(before), build(seed, members), b"0", list(!before)];
        ops![b"\x80\x04K\x07\x94.\x80\x04K\x08\x940", global("collections", "OrderedDict"), given, b"\x85R."]
    };
    told_apart(&file(true), CODE, "calls a function with arguments of which nothing is known", &file(false));
}

#[test]
fn python_2_goes_on_where_python_3_raises() {
    let pickle = |elements: &[u8]| {
        let shape = i32::try_from(elements.len()).unwrap();
        ops![b"\x80\x02", wrapper(&[shape], &dtype_bytes()), elements, b"."]
    };
    let both = |goes_on: &[u8], raises: &[u8]| {
        let file = |bytes: &[u8]| pickle(&ops![b"0N", bytes, COMMAND]);
        told_apart(&file(goes_on), CODE, "fetches posix.system", &file(raises));
    };
    // What stands below a mark is taken, or the mark; nothing is not.
    both(b"(\x85", b"0\x85");
    both(b"0(\x85", b"0\x85");
    // An index of the memo is any text, which is there if it was put there.
    both(b"pname\ngname\n", b"gname\n");
    let newer = |index: &[u8]| elements(&ops![b"0Np", index, b"\n", COMMAND]);
    told_apart(&newer(b"7"), CODE, "fetches posix.system", &newer(b"name"));
    // Space behind the quote of a text is none of it.
    both(b"S'a' \n", b"S'a' b\n");
    // A number that is written out is another index than the same number in bytes.
    let numpy = |index: &[u8]| {
        let names = ops![global("_codecs", "encode"), b"q\x010", global("sklearn.dummy", "DummyClassifier"), index];
        pickle(&ops![b"0N", names, b"0h\x01)\x810N."])
    };
    told_apart(&numpy(b"p1\n"), CODE, "calls a thing", &numpy(b"q\x01"));
}

#[test]
fn no_bytes_of_an_array_are_hashed_for_hours_or_by_what_they_made() {
    let put_as_key = |key: &[u8]| ops![b"0}", key, b"Ns0."];
    // Each level is hashed twice as often as the one around it, or on a stack of its own.
    let doubled = ops![b")", b"2\x86".repeat(60)];
    let deep = ops![b")", b"\x85".repeat(1000)];
    let model = new(global("sklearn.dummy", "DummyClassifier"));
    for (key, honest) in
        [(&doubled, &tuple(&[int(1), text("a")])), (&deep, &tuple(&[int(1), tuple(&[int(2)])])), (&model, &text("a"))]
    {
        let hashed = "hashes a thing";
        told_apart(&elements(&put_as_key(key)), CODE, hashed, &elements(&put_as_key(honest)));
        refused(&elements(&ops![b"0(", key, b"Nd0."]), CODE, hashed);
        refused(&elements(&ops![b"0(", key, b"\x910."]), CODE, hashed);
        refused(&elements(&ops![b"0\x8f(", key, b"\x900."]), CODE, hashed);
    }
}

#[test]
fn no_bytes_of_an_array_set_a_slice_or_are_iterated() {
    // The reader that is written in Python iterates arguments before it sees that a number can not be called.
    apart(&ops![b"0K\x03", new(global("sklearn.dummy", "DummyClassifier")), b"R."], "with what is no tuple");
    let slice = || call(global("builtins", "slice"), &[int(1)]);
    let set = |key: Ops| elements(&ops![b"0]", key, int(1), b"s0."]);
    told_apart(&set(slice()), CODE, "puts items into a thing", &set(int(0)));
}

#[test]
fn what_is_given_attributes_has_none_that_it_would_call_or_write_out() {
    let given = |module: &str, name: &str, key: &str, value: Ops| {
        let before = ops![b"\x80\x04", put(dict(&[(key, value)]), 1), b"0", put(new(global(module, name)), 2)];
        ops![padded(&before, 10, b"h\x02h\x01b0"), b"\x86."]
    };
    // scikit-learn writes out the version that it finds, if it is another one.
    let dummy = |key: &str, value: Ops| given("sklearn.dummy", "DummyClassifier", key, value);
    let hook = || tuple(&[tuple(&[tuple(&[])])]);
    told_apart(
        &dummy("_sklearn_version", hook()),
        CODE,
        "gives a thing a state",
        &dummy("_sklearn_version", text("1.6.1")),
    );
    // Who compares an object may ask it for memory, or let go of it.
    for key in ["__array_interface__", "close"] {
        told_apart(&dummy(key, int(1)), CODE, "gives a thing a state", &dummy("n", int(1)));
    }
    let spline = |value: Ops| given("scipy.interpolate._cubic", "CubicSpline", "extrapolate", value);
    for value in [global("numpy", "log1p"), TRUE.into()] {
        refused(&spline(value), CODE, "gives a thing a state");
    }
}

#[test]
fn seed_sequences_are_not_made_of_one_another() {
    let module = "numpy.random.bit_generator";
    let seed = call(
        global(module, "__pyx_unpickle_SeedSequence"),
        &[global(module, "SeedSequence"), int(0xf88_304a), NONE.into()],
    );
    let with = |entropy: Ops| {
        let state = tuple(&[entropy, int(0), NONE.into(), int(4), tuple(&[])]);
        elements(&ops![b"0", seed, state, b"b0."])
    };
    refused(&with(seed.clone()), CODE, "gives a thing a state");
}

#[test]
fn an_array_of_bytes_is_made_by_its_class_of_numbers_alone() {
    // Two arrays of objects in a file of protocol 1: who has the memo of the first pickle inside calls the class with what it finds there.
    let called = |arguments: &[u8]| elements(&[b"0cnumpy\nndarray\n".as_slice(), arguments, b"R0N."].concat());
    let honest = called(b"((K\x00tVb\nNt");
    accepted(&called(b"((K\x02K\x03tVb\nNt"));
    for hostile in [
        // Of objects, of a structure, of a text, of a memory that is named.
        b"((K\x00tVO\nNt".as_slice(),
        b"((K\x00tVO,O\nNt",
        b"((Va\ntVb\nNt",
        b"((K\x00tVb\nK\x01t",
        b"((K\x00tVb\nC\x01at",
        b"((K\x00tNNt",
        b"((K\x00tVb\nt",
        b"((K\x00tVb\nNNt",
        b"(]Vb\nNt",
    ] {
        told_apart(&called(hostile), "misused-global", "calls a function", &honest);
    }
}
