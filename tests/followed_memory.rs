//! What numpy trusts when it makes arrays, where another reader gives it what was not judged. Each file was seen to crash the reader that
//! is named, in CPython 3.6 to 3.13; its twin is accepted.

mod opcodes;

use opcodes::*;

const CODE: &str = "misused-global";
const CALLS: &str = "calls a function with arguments";

/// `apart(bytes, does)`: a file of single bytes, which are opcodes to `pickle.load`.
fn apart(bytes: &[u8], does: &str) {
    refused(&elements(bytes), CODE, does);
}

/// `_reconstruct(numpy.ndarray, shape, dtype)`.
fn made_of(shape: Ops, dtype: Ops) -> Ops {
    call(reconstruct(), &[ndarray(), shape, dtype])
}

fn short(text: &str) -> Ops {
    ops![[b'U', u8::try_from(text.len()).unwrap()], text.as_bytes()]
}

#[test]
fn a_list_has_as_many_items_as_the_array_that_it_fills() {
    // The list that is counted by us is the second one of the memo to who has one more in it: numpy reads beyond the end of the first.
    let state = || ops![b"(", int(1), int(3), b"\x85", dtype_of_objects(), FALSE, get(0), b"t"];
    let three = || list(&[int(1), int(2), int(3)]);
    let filled = |theirs: Ops, put: &[u8]| {
        ops![b"\x80\x04", theirs, b"\x94.\x80\x04", three(), put, b"0", build(empty_array(), state()), b"."]
    };
    let short = || ops![b"]", int(1), b"a"];
    let four = list(&[int(1), int(2), int(3), int(4)]);
    for theirs in [ops![b"]"], short(), four, ops![three(), int(4), b"a"], ops![b"(", int(1), b"l"]] {
        told_apart(&filled(theirs.clone(), b"\x94"), CODE, "gives an array a state", &filled(theirs, b"q\x00"));
    }
    // The same to `pickle.load` on an array of objects, which knows nothing of the memo of its own that the pickle in it has.
    let nested = |theirs: Ops, put: &[u8]| {
        let inside = ops![b"\x80\x04", three(), put, b"0", build(empty_array(), state()), b"."];
        ops![b"\x80\x04", theirs, b"\x94", wrapper(&[3], &dtype_of_objects()), inside, b"\x86."]
    };
    told_apart(&nested(short(), b"\x94"), CODE, "gives an array a state", &nested(short(), b"q\x00"));
}

#[test]
fn no_array_is_made_of_memory_that_was_not_judged() {
    // numpy asks neither whether there are objects in it, nor for the sign of an offset.
    let view = |dtype: &str, buffer: Ops, offset: i32| {
        let view = call(ndarray(), &[tuple(&[int(1)]), short(dtype), buffer, int(offset)]);
        ops![b"0", view, b"q\x000", made_of(get(0), short("f8")), b"0."]
    };
    apart(&view("O8", bytes(b"AAAAAAAA"), 0), CALLS);
    apart(&view("i8", bytes(b"AAAAAAAA"), -(1 << 30)), CALLS);
    apart(&view("i8", text("AAAAAAAA"), 0), CALLS);
    // `chararray(shape, itemsize, unicode, buffer, offset)`
    let letters = [tuple(&[int(1)]), int(1), FALSE.into(), bytes(b"AAAAAAAA"), int(-(1 << 30))];
    apart(&ops![b"0", call(global("numpy", "chararray"), &letters), b"."], CALLS);
    apart(&ops![b"0", call(ndarray(), &[int(1), short("i8"), NONE.into()]), b"0."], CALLS);
    accepted(&elements(&ops![b"0", made_of(tuple(&[int(0)]), short("b")), b"0."]));
}

#[test]
fn a_dtype_with_fields_is_made_of_no_text_and_of_no_dict() {
    // The sum of two places is less than each, where it is beyond 2**31: the field is outside of the array.
    let wide = "V2147481600,V2147481600,O,V4200";
    let fields = || {
        let names = [("names", list(&[text("a")])), ("formats", list(&[text("O")]))];
        let places = [("offsets", list(&[int(i32::MAX)])), ("itemsize", int(16))];
        dict(&[names, places].concat())
    };
    let one = || tuple(&[int(1)]);
    apart(&ops![b"0", made_of(one(), fields()), b"."], CALLS);
    let dtype = |said: Ops| call(global("numpy", "dtype"), &[said, FALSE.into(), TRUE.into()]);
    apart(&ops![b"0", dtype(fields()), b"."], CALLS);
    apart(&ops![b"0", call(global("numpy", "void"), &[bytes(b"a"), text(wide)]), b"."], CALLS);
    let record = [tuple(&[int(1)]), NONE.into(), NONE.into(), int(0), NONE.into(), text(wide)];
    apart(&ops![b"0", call(global("numpy", "recarray"), &record), b"."], CALLS);
    for said in [text(wide), short(wide), bytes(wide.as_bytes()), text("(2147483647,)O"), text("<2147483647O")] {
        apart(&ops![b"0", made_of(one(), said), b"."], CALLS);
    }
    for said in [text("b"), short("b"), bytes(b"b")] {
        accepted(&elements(&ops![b"0", made_of(tuple(&[int(0)]), said), b"0."]));
    }
    // numpy before 1.21 takes the bytes of a scalar for the addresses of objects.
    let scalar = |said: Ops| {
        let scalar = call(global("numpy.core.multiarray", "scalar"), &[dtype(said), bytes(&[b'A'; 16])]);
        ops![b"0", scalar, b"0."]
    };
    apart(&scalar(text("O,O")), CALLS);
    apart(&scalar(bytes(b"O,O")), CALLS);
    accepted(&elements(&scalar(text("V16"))));
}

#[test]
fn what_is_given_a_state_is_known_to_have_it_by_its_other_names() {
    let objects = || {
        let place = |at| ops![dtype_of_objects(), int(at), b"\x86"];
        let fields = dict(&[("a", place(0)), ("b", place(8))]);
        let state = [int(3), text("|"), NONE.into(), tuple(&[text("a"), text("b")]), fields, int(16), int(8), int(27)];
        ops![tuple(&state), b"b"]
    };
    let plain = || ops![dtype_state("|", 16, 1, 0), b"b"];
    // To one `Unpickler` on both pickles the entry is the first dtype, which was put there before its state.
    let file = |state: Ops| {
        let (first, second) = (ops![dtype_call("V16"), b"\x94"], ops![dtype_call("S16"), b"\x94"]);
        let scalar = call(global("numpy.core.multiarray", "scalar"), &[get(2), bytes(&[b'A'; 16])]);
        let dtypes = ops![first, state, b"0", second, plain(), b"0"];
        ops![b"\x80\x04]\x94.\x80\x04]\x940", dtypes, scalar, b"."]
    };
    told_apart(&file(objects()), CODE, CALLS, &file(plain()));
    // An array is given one once, for views of it would look at memory that is no longer its own.
    let twice = |entry: u8| {
        let state = || array_state(&[1], &dtype("f8"), bytes(&[b'A'; 8]));
        let first = ops![empty_array(), b"\x94", state(), b"b0"];
        ops![b"\x80\x04]\x94.\x80\x04]\x940", first, empty_array(), b"\x940", get(entry), state(), b"b."]
    };
    refused(&twice(2), CODE, "gives an array a state");
    // numpy takes any sequence for a state.
    let filled = |state: &[u8]| elements(&ops![b"0", empty_array(), state, b"b0."]);
    let parts = [int(1), tuple(&[int(1)]), dtype_call("f8"), FALSE.into(), bytes(&[b'A'; 8])];
    told_apart(&filled(&list(&parts)), CODE, "gives an array a state", &filled(b"\0"));
}

#[test]
fn bytes_that_an_array_looks_at_do_not_move() {
    // numpy before 1.22 lets go of them at once, and they move where they grow: the array looks at memory that is no longer its own.
    let put = |into: Ops, items: &[u8]| {
        let buffer = ops![b"\x96", 8u64.to_le_bytes(), [b'A'; 8], b"\x94"];
        let arguments = [get(0), dtype("f8"), tuple(&[int(1)]), text("C")];
        let array = ops![call(global("numpy.core.numeric", "_frombuffer"), &arguments), b"0"];
        ops![
            b"\x80\x05",
            buffer,
            array,
            wrapper(&[items.len() as i32 + into.len() as i32], &dtype_bytes()),
            into,
            items,
            b"."
        ]
    };
    for items in [&b"K\x01a"[..], b"(K\x01K\x02e", b"K\x00K\x01s", b"(K\x00K\x01u"] {
        told_apart(&put(ops![b"0h\x00"], items), CODE, "puts items into a thing", &put(ops![b"0]"], b"K\x01a0"));
    }
    // Bytes that do not change have nothing to put items into.
    accepted(&elements(&ops![b"0", bytes(b"AAAAAAAA"), b"K\x01acposix\nsystem\n"]));
}

#[test]
fn compiled_classes_are_given_nothing_that_they_do_not_ask_for() {
    let called = |module: &str, name: &str, arguments: &[Ops]| ops![b"0", call(global(module, name), arguments), b"0."];
    let none = || ops![NONE];
    // It reads an array that is none; `SEuclideanDistance(None)` of scikit-learn before 1.0 did, too.
    apart(&called("sklearn.tree._criterion", "Gini", &[int(255), none()]), CALLS);
    apart(&called("sklearn.neighbors._dist_metrics", "SEuclideanDistance", &[none()]), CALLS);
    apart(&called("scipy.spatial._qhull", "ConvexHull", &[int(1), float(f64::NAN), text("")]), CALLS);
    // Nor is anything that is written in Python: no honest file comes to that.
    apart(&called("fractions", "Fraction", &[int(255), none()]), CALLS);
    accepted(&elements(&ops![b"0", new(global("sklearn.tree._classes", "DecisionTreeClassifier")), b"0."]));
}

#[test]
fn what_compiled_classes_made_is_given_no_state_that_they_trust() {
    let stated = |made: Ops, state: Ops| ops![b"0", made, state, b"b0."];
    // A generator that was made without being called has no memory of its own.
    let numbers = || dict(&[("state", int(1)), ("inc", int(3))]);
    let state = || dict(&[("bit_generator", text("PCG64")), ("state", numbers())]);
    let class = || global("numpy.random._pcg64", "PCG64");
    apart(&stated(new(class()), state()), CALLS);
    let made = || call(global("numpy.random._pickle", "__bit_generator_ctor"), &[class()]);
    apart(&stated(made(), state()), "gives a thing a state");
    accepted(&elements(&ops![b"0", made(), b"0."]));
    // It reads the first of no parts.
    let random = || call(global("numpy.random._pickle", "__randomstate_ctor"), &[made()]);
    apart(&stated(random(), ops![b")"]), "gives a thing a state");
    accepted(&elements(&ops![b"0", random(), b"0."]));
    // It takes as many members as there are for all that it has.
    let loss = |name: &str| global("sklearn._loss._loss", name);
    apart(&stated(new(loss("CyPinballLoss")), ops![b")"]), CALLS);
    let unpickled = [loss("CyPinballLoss"), int(38_356_578), ops![b")"]];
    apart(&ops![b"0", call(loss("__pyx_unpickle_CyPinballLoss"), &unpickled), b"0."], CALLS);
    // One that has no members takes none.
    let unpickled = [loss("CyHalfMultinomialLoss"), int(238_750_788), ops![b")"]];
    accepted(&elements(&ops![b"0", call(loss("__pyx_unpickle_CyHalfMultinomialLoss"), &unpickled), b"0."]));
}

#[test]
fn each_of_two_readers_that_are_followed_apart_counts_for_itself() {
    // Whether the other reader comes to an opcode of ours or into the middle of one is not known at once; both ways are followed, a piece of
    // the file in the one and then in the other.
    let file = |length: i32| {
        let lists =
            ops![list(&[NONE.into()]), b"\x940", list(&[NONE.into()]), b"\x940", wrapper(&[0], &dtype_bytes()), b"0"];
        let grown = ops![b"h\x01(Ne0", text(&"x".repeat(200)), b"0"];
        let state = ops![b"(", int(1), tuple(&[int(length)]), dtype_of_objects(), FALSE, get(1), b"t"];
        ops![b"\x80\x04N\x94.\x80\x04", lists, grown, build(empty_array(), state), b"."]
    };
    for window in [16, 64, 4096] {
        let judged = judge_with(&file(3), &Default::default(), window);
        assert!(!judged.findings.is_empty(), "pieces of {window} bytes");
        let judged = judge_with(&file(2), &Default::default(), window);
        assert_eq!(judged.codes(), [""; 0], "pieces of {window} bytes");
    }
}

#[test]
fn what_ours_changes_by_the_name_of_something_old_may_be_anything() {
    // Ours puts items into the list that it has just made, the other reader into the one that it has at that index from before.
    let array = |into: Ops| {
        let filled = ops![b"]\x94", into, b"(NNNe0"];
        ops![empty_array(), b"(", int(1), tuple(&[int(3)]), dtype_of_objects(), FALSE, filled, b"tb"]
    };
    let shared = |into: Ops| ops![b"\x80\x04]\x94.\x80\x04", array(into), b"0N."];
    told_apart(&shared(get(0)), CODE, "gives an array a state", &shared(b"2".to_vec()));
    let nested =
        |into: Ops| ops![b"\x80\x04]\x940", wrapper(&[3], &dtype_of_objects()), b"\x80\x04", array(into), b".."];
    told_apart(&nested(get(0)), CODE, "gives an array a state", &nested(b"2".to_vec()));
}
