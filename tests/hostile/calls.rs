//! What may be called or made, with which arguments.

use crate::opcodes::*;

#[test]
fn arguments_that_are_no_tuple_are_refused() {
    // joblib's reader calls `f(*args)` with whatever it finds: a text would be as many arguments as it has letters.
    let with = |arguments: Ops| pickle4(ops![global("builtins", "set"), arguments, b"R"]);
    told_apart(&with(list(&[list(&[])])), "misused-global", "called with a list", &with(tuple(&[list(&[])])));
    refused(&with(text("ab")), "misused-global", "called with a str");
    refused(&with(NONE.into()), "misused-global", "called with None");
}

#[test]
fn what_a_call_made_is_not_called() {
    let ordered = call(global("collections", "OrderedDict"), &[]);
    told_apart(&pickle4(call(&ordered, &[])), "misused-global", "what it made is called", &pickle4(&ordered));
    let object = pickle4(call(new(scaler()), &[]));
    refused(&object, "misused-global", "what it made is called");
    refused(&pickle4(call(text("posix.system"), &[text("echo")])), "malformed", "REDUCE is used on a str");
}

#[test]
fn an_estimator_is_made_and_never_called() {
    told_apart(&pickle4(call(scaler(), &[])), "misused-global", "it is called", &pickle4(new(scaler())));
}

#[test]
fn a_class_is_made_without_arguments() {
    let with = |arguments: Ops| pickle4(ops![scaler(), arguments, b"\x81"]);
    told_apart(&with(tuple(&[int(1)])), "misused-global", "made with arguments", &with(EMPTY_TUPLE.into()));
    refused(&with(list(&[])), "malformed", "NEWOBJ takes a list for arguments");
}

#[test]
fn a_class_is_made_without_keyword_arguments() {
    let with = |keywords: Ops| pickle4(ops![scaler(), EMPTY_TUPLE, keywords, b"\x92"]);
    told_apart(
        &with(dict(&[("copy", TRUE.into())])),
        "misused-global",
        "made with keyword arguments",
        &with(ops![b"}"]),
    );
    refused(&with(tuple(&[])), "malformed", "NEWOBJ_EX takes a tuple for arguments");
    let arguments = pickle4(ops![scaler(), tuple(&[int(1)]), b"}\x92"]);
    refused(&arguments, "misused-global", "made with arguments");
}

#[test]
fn what_is_no_class_is_not_made() {
    for (module, name) in
        [("numpy", "ndarray"), ("numpy", "log1p"), ("builtins", "set"), ("numpy.core.multiarray", "scalar")]
    {
        refused(&pickle4(new(global(module, name))), "misused-global", "an empty object of it is made");
    }
    refused(&pickle4(ops![int(1), b")\x81"]), "malformed", "NEWOBJ is used on an int");
    let twice = pickle4(ops![new(scaler()), b")\x81"]);
    told_apart(&twice, "malformed", "NEWOBJ is used on an object", &pickle4(new(scaler())));
}

#[test]
fn what_obj_makes_of_an_object_is_a_call() {
    let of = |class: Ops| pickle4(ops![b"(", class, b"o"]);
    told_apart(&of(new(scaler())), "misused-global", "what it made is called", &of(scaler()));
}

#[test]
fn types_and_functions_are_kept_and_never_called() {
    for (module, name) in
        [("builtins", "list"), ("builtins", "str"), ("builtins", "object"), ("numpy", "ndarray"), ("numpy", "log1p")]
    {
        let kept = pickle4(global(module, name));
        told_apart(&pickle4(call(global(module, name), &[])), "misused-global", "it is called", &kept);
    }
}

#[test]
fn a_bytearray_is_made_of_bytes_and_never_of_a_length() {
    let with = |argument: Ops| pickle4(call(global("builtins", "bytearray"), &[argument]));
    let huge = with(ops![b"\x8a\x06", [0x00, 0x10, 0xa5, 0xd4, 0xe8, 0x00]]);
    told_apart(&huge, "misused-global", "not called with bytes", &with(bytes(b"abc")));
    refused(&with(int(3)), "misused-global", "not called with bytes");
}

#[test]
fn text_is_encoded_as_latin1_only() {
    // `_codecs.encode(text, 'zip')` and its like run other code than `bytes` would.
    let with = |arguments: &[Ops]| pickle(2, call(global("_codecs", "encode"), arguments));
    let honest = with(&[text("\u{e9}"), text("latin1")]);
    for codec in ["utf-8", "rot13", "hex", "zip", "latin-1", "LATIN1", "idna"] {
        told_apart(&with(&[text("\u{e9}"), text(codec)]), "misused-global", "its codec is not latin1", &honest);
    }
    refused(&with(&[text("a")]), "misused-global", "called with 1 arguments");
    refused(&with(&[text("\u{20ac}"), text("latin1")]), "misused-global", "code points that latin1 lacks");
    refused(&with(&[bytes(b"a"), text("latin1")]), "misused-global", "no text");
}

#[test]
fn copyreg_makes_empty_objects_of_known_classes_only() {
    let with =
        |class: Ops, base: Ops, state: Ops| pickle(2, call(global("copyreg", "_reconstructor"), &[class, base, state]));
    let object = || global("builtins", "object");
    let honest = with(scaler(), object(), NONE.into());
    for hostile in [
        with(scaler(), global("builtins", "list"), NONE.into()),
        with(scaler(), global("numpy", "ndarray"), NONE.into()),
        with(scaler(), object(), tuple(&[])),
        with(global("numpy", "log1p"), object(), NONE.into()),
        with(global("builtins", "str"), object(), NONE.into()),
    ] {
        told_apart(&hostile, "misused-global", "something else than an empty object", &honest);
    }
    refused(&with(text("x"), object(), NONE.into()), "misused-global", "no class of the vocabulary");
}

#[test]
fn sets_are_made_of_one_list_of_what_python_can_hash() {
    let with = |arguments: &[Ops]| pickle(2, call(global("builtins", "set"), arguments));
    let honest = with(&[list(&[int(1)])]);
    told_apart(&with(&[list(&[list(&[])])]), "misused-global", "can not hash", &honest);
    told_apart(&with(&[text("ab")]), "misused-global", "not called with a list", &honest);
    told_apart(&with(&[]), "misused-global", "0 arguments", &honest);
    told_apart(&with(&[list(&[global("numpy", "log1p")])]), "misused-global", "stands where data belongs", &honest);
}

#[test]
fn bit_generators_are_made_by_name_or_class_and_given_numbers() {
    let module = "numpy.random._pickle";
    let bit = |argument: Ops| call(global(module, "__bit_generator_ctor"), &[argument]);
    let honest = pickle4(bit(text("MT19937")));
    accepted(&pickle4(bit(global("numpy.random._mt19937", "MT19937"))));
    told_apart(&pickle4(bit(text("os"))), "misused-global", "its argument is something else", &honest);
    told_apart(&pickle4(bit(scaler())), "misused-global", "its argument is something else", &honest);
    let state = |pairs: &[(&str, Ops)]| {
        let mut all = vec![("bit_generator", text("MT19937"))];
        all.extend_from_slice(pairs);
        pickle4(build(bit(text("MT19937")), dict(&all)))
    };
    let inner = |key| ("state", dict(&[(key, int(1))]));
    told_apart(&state(&[inner("other")]), "misused-global", "the key \"other\"", &state(&[inner("pos")]));
    let key = |value| ("state", dict(&[("key", value)]));
    let words = "the key \"key\" is";
    told_apart(&state(&[key(global("numpy", "log1p"))]), "misused-global", words, &state(&[key(array(&[1.0]))]));
    // numpy makes whole numbers of them, which takes a decimal of ten million digits hours.
    let decimal = || call(global("decimal", "Decimal"), &[text("1E+9")]);
    let decimals = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[decimal()])));
    for hostile in [decimals, decimal()] {
        refused(&state(&[key(hostile)]), "misused-global", words);
    }
    refused(&state(&[("gauss", decimal())]), "misused-global", "the key \"gauss\" is");
}

#[test]
fn a_random_state_is_given_the_state_of_its_own_bit_generator() {
    let module = "numpy.random._pickle";
    let bit = |name: &str| call(global(module, "__bit_generator_ctor"), &[text(name)]);
    let state = |name: &str| dict(&[("bit_generator", text(name)), ("has_uint32", int(0))]);
    let honest = pickle4(build(bit("PCG64"), state("PCG64")));
    told_apart(&pickle4(build(bit("PCG64"), state("MT19937"))), "misused-global", "is one of MT19937", &honest);
    for constructor in ["__randomstate_ctor", "__generator_ctor"] {
        for generator in [text("MT19937"), bit("MT19937")] {
            let with =
                |state: Ops| pickle4(build(call(global(module, constructor), std::slice::from_ref(&generator)), state));
            let honest = with(state("MT19937"));
            told_apart(&with(state("PCG64")), "misused-global", "is one of PCG64", &honest);
            told_apart(&with(NONE.into()), "misused-global", "its state is no dict", &honest);
        }
    }
}

#[test]
fn a_seed_sequence_is_made_of_its_own_class() {
    let module = "numpy.random.bit_generator";
    let sum = |class: Ops, checksum: i32, state: Ops| {
        pickle4(call(global(module, "__pyx_unpickle_SeedSequence"), &[class, int(checksum), state]))
    };
    let with = |class: Ops, state: Ops| sum(class, 0xf88_304a, state);
    let own = || global(module, "SeedSequence");
    let honest = with(own(), NONE.into());
    told_apart(&sum(own(), 0x1234, NONE.into()), "misused-global", "checksum", &sum(own(), 0x3ea_a222, NONE.into()));
    told_apart(&with(scaler(), NONE.into()), "misused-global", "another class", &honest);
    told_apart(&with(own(), dict(&[])), "misused-global", "no tuple", &honest);
    told_apart(&with(own(), tuple(&[global("numpy", "log1p")])), "misused-global", "stands where data", &honest);
}

#[test]
fn a_tree_is_called_with_numbers_that_agree() {
    let counts = |shape: &[i32], data: &[u8]| build(empty_array(), array_state(shape, &dtype("i8"), bytes(data)));
    let with = |features: Ops, classes: Ops, outputs: Ops| {
        pickle4(call(global("sklearn.tree._tree", "Tree"), &[features, classes, outputs]))
    };
    let empty = |file: &Ops| refused(file, "structure-invalid", "nodes is missing");
    let one = || counts(&[1], &[1, 0, 0, 0, 0, 0, 0, 0]);
    empty(&with(int(4), one(), int(1))); // The call is an honest one; a tree without nodes is no tree.
    for (hostile, words) in [
        (with(int(4), one(), int(2)), "not one whole number an output"),
        (with(int(-4), one(), int(1)), "no small whole number"),
        (with(int(4), array(&[1.0]), int(1)), "not one whole number an output"),
        (with(int(4), list(&[int(1)]), int(1)), "no array"),
    ] {
        refused(&hostile, "misused-global", words);
    }
}

#[test]
fn the_class_of_a_mapped_array_stands_where_arrays_are_made_and_nowhere_else() {
    // `load(mmap_mode="r")` gives such arrays, and who saves them writes their class. Its own `__new__` would open a file.
    for module in ["numpy", "numpy.core.memmap"] {
        let class = || global(module, "memmap");
        let made = |of: Ops| call(reconstruct(), &[of, tuple(&[int(0)]), bytes(b"b")]);
        let state = || array_state(&[2], &dtype("f8"), bytes(&[0; 16]));
        let honest = pickle4(build(made(class()), state()));
        let file = || text("/tmp/file");
        for (hostile, words) in [
            (pickle4(call(class(), &[file()])), "it is called"),
            (pickle4(call(class(), &[file(), text("f8"), text("w+"), int(0), int(8)])), "it is called"),
            (pickle4(ops![class(), tuple(&[file()]), b"\x81"]), "an empty object of it is made"),
            (pickle4(ops![class(), tuple(&[file()]), dict(&[("mode", text("w+"))]), b"\x92"]), ""),
            (pickle4(new(class())), "an empty object of it is made"),
            (pickle4(call(global("copyreg", "_reconstructor"), &[class(), ndarray(), NONE.into()])), ""),
            (pickle4(call(made(class()), &[file()])), "what it made is called"),
            (pickle4(build(made(class()), dict(&[("filename", file())]))), "no tuple"),
            (pickle4(build(build(made(class()), state()), state())), "given a state twice"),
            (pickle4(call(reconstruct(), &[class(), file(), bytes(b"b")])), "its shape or type code"),
            // Nor as a value, which somebody would call.
            (pickle4(class()), "stands where"),
            (pickle4(dict(&[("a", list(&[class()]))])), "stands where"),
            (pickle4(estimator(function_transformer(), &[("func", class())])), "stands where"),
            (pickle4(estimator(scaler(), &[("copy", class())])), "stands where"),
            (pickle4(call(global("functools", "partial"), &[class()])), "its argument is no function"),
            (pickle4(call(global("collections", "defaultdict"), &[class()])), "makes its missing values"),
            (pickle4(call(global("builtins", "ValueError"), &[class()])), "stands where"),
            (pickle4(call(global("builtins", "getattr"), &[class(), text("__new__")])), "another attribute"),
        ] {
            told_apart(&hostile, "misused-global", words, &honest);
        }
    }
    refused(&pickle4(global("numpy._core.memmap", "memmap")), "dangerous-global", "memmap");
}
