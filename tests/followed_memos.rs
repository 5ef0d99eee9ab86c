//! Readers that have another memo, or another stack, than ours where they read our opcodes. Each file was seen to fetch the name or to run
//! the command by the reader that is named, or to hand it memory that is not its own; its twin is accepted.

mod opcodes;

use opcodes::*;

const CODE: &str = "misused-global";
/// What Python 2 makes of bytes that joblib takes for an array's elements.
const PYTHON_2: &[u8] = b"cposix\nsystem\n(S'id'\ntR.";

/// An array of objects as a pickle has it.
fn objects() -> Ops {
    build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[int(1)])))
}

/// A file with one array of single bytes that Python 2 reads, too.
fn protocol_2(elements: &[u8]) -> Ops {
    let shape = i32::try_from(elements.len()).unwrap();
    ops![b"\x80\x02", wrapper(&[shape], &dtype_bytes()), elements, b"."]
}

/// A file behind whose padded array an old joblib reads over these bytes.
fn read_over(before: &[u8], over: &[u8], behind: &[u8]) -> Ops {
    ops![padded(before, 2, &[b'C', u8::try_from(over.len()).unwrap()]), over, behind]
}

#[test]
fn who_comes_into_another_pickle_has_not_its_memo() {
    // An old joblib reads over the BUILD of a wrapper, and goes on inside the array's pickle with the memo of the one around it.
    let waiting = wrapper(&[1], &dtype_of_objects());
    let (end, before) = waiting.split_last().unwrap();
    let before = ops![b"\x80\x04", text("nothing"), b"\x940", before];
    let name = ops![b"0", text("builtins"), b"h\x00\x930"];
    let inside = ops![b"0", [*end], b"\x80\x04", text("set"), b"\x94"];
    let nested = read_over(&before, &inside, &ops![name, objects(), b".."]);
    // The twin reads over all of that pickle.
    let whole = read_over(&before, &ops![inside, name, objects(), b"."], b".");
    told_apart(&nested, CODE, "fetches builtins.nothing", &whole);
    // The same in the next pickle of the file.
    let next = |first: &str| {
        let over = ops![b"0N.\x80\x04]\x940", text("set"), b"\x940h\x00Na"];
        let behind = ops![b"0", text("builtins"), b"h\x01\x930N."];
        read_over(&ops![b"\x80\x04N\x940", text(first), b"\x940"], &over, &behind)
    };
    told_apart(&next("nothing"), CODE, "fetches builtins.nothing", &next("set"));
}

#[test]
fn behind_the_end_of_the_file_around_an_array_the_memo_is_no_longer_ours() {
    // One `Unpickler` has put a list into its memo inside the array; the reader that has not stops at the item that is put into it.
    let file = |first: &str| {
        let before = ops![b"\x80\x04N\x940", text(first), b"\x940", wrapper(&[1], &dtype_of_objects())];
        let inside = ops![b"\x80\x02]q\x000", objects(), b"."];
        let ours = ops![b"\x80\x04]\x940", text("set"), b"\x940h\x00Na0", text("builtins"), b"h\x01\x930N."];
        ops![before, inside, b"N0N.", ours]
    };
    told_apart(&file("nothing"), CODE, "fetches builtins.nothing", &file("set"));
    // Arrays of objects behind each other, of which each one's wrapper is fetched from the memo around them, and a second pickle.
    let class = ops![text("joblib.numpy_pickle"), b"\x94", text("NumpyArrayWrapper"), b"\x94\x93\x94"];
    let wrapped = wrapper(&[1], &dtype_of_objects());
    let head = global("joblib.numpy_pickle", "NumpyArrayWrapper");
    let again = ops![b"h\x02", wrapped.strip_prefix(&head[..]).unwrap()];
    let one = |wrapped: &Ops| ops![wrapped, b"\x80\x04", objects(), b"."];
    let first = ops![class, b"0", one(&again), one(&again), one(&again)];
    accepted(&ops![b"\x80\x04](", first, b"e.\x80\x04N."]);
}

#[test]
fn a_mark_is_a_value_to_python_2() {
    // APPEND puts the mark itself into the list, and a mark that is fetched from the memo is one again.
    for goes_on in [&b"](a0"[..], b"0](a0", b"(2tq\x000", b"(q\x000h\x00Nt0", b"N(N\x85}b0", b"((u0", b"}((u0"] {
        let file = |stops: &[u8]| ops![protocol_2(&ops![goes_on, stops, PYTHON_2])];
        told_apart(&file(b""), CODE, "fetches posix.system", &file(b"\0"));
    }
    // At the bottom of its stack it puts items into the last of them.
    told_apart(
        &protocol_2(&ops![b"0(N}u", PYTHON_2]),
        CODE,
        "fetches posix.system",
        &protocol_2(&ops![b"0(N)u", PYTHON_2]),
    );
    // What Python 2 can not read stops at the mark.
    accepted(&elements(&ops![b"](a0", PYTHON_2]));
    told_apart(&elements(PYTHON_2), CODE, "fetches posix.system", &elements(&ops![b"0(\x85", PYTHON_2]));
}

#[test]
fn a_mark_is_one_until_its_load_ends() {
    // What a mark was is a value to the next load, which takes what stands below it.
    let file = |list: &[u8]| ops![protocol_2(&ops![b"0(q\x000N.", list, b"h\x00Nt0Na", PYTHON_2])];
    told_apart(&file(b"]("), CODE, "fetches posix.system", &file(b"(]"));
}

#[test]
fn bytes_of_ours_are_a_text_to_python_2() {
    let encoded = |text: &str, index: u8| {
        ops![call(global("_codecs", "encode"), &[self::text(text), self::text("latin1")]), [b'q', index], b"0"]
    };
    let file = |elements: &[u8], protocol: u8, texts: [&str; 2]| {
        let shape = i32::try_from(elements.len()).unwrap();
        let memo = ops![encoded(texts[0], 1), encoded(texts[1], 2)];
        ops![[0x80, protocol], memo, wrapper(&[shape], &dtype_bytes()), elements, b"."]
    };
    let ufunc = ops![b"0", global("numpy.core", "_ufunc_reconstruct"), b"h\x01h\x02\x86R."];
    refused(&file(&ufunc, 2, ["posix", "system"]), CODE, "calls a function");
    let class = global("sklearn.dummy", "DummyClassifier");
    let hook = ops![b"0", class, b")\x81}h\x01", class, b"sb0N."];
    told_apart(&file(&hook, 2, ["__setstate__", ""]), CODE, "gives a thing a state", &file(&hook, 2, ["strategy", ""]));
}

#[test]
fn a_name_is_bytes_to_python_2() {
    // It imports the module before it looks for the name; a module may be called by such bytes, too.
    for fetched in [&b"cevilmodule\n\xff\n."[..], b"(ievilmodule\n\xff\n.", b"cevil\xe9\nx\n."] {
        let file = |protocol: u8| {
            let elements = ops![b"0", fetched];
            let shape = i32::try_from(elements.len()).unwrap();
            ops![[0x80, protocol], wrapper(&[shape], &dtype_bytes()), elements, b"."]
        };
        // Python 3 raises at these bytes.
        told_apart(&file(2), CODE, "fetches a name that is no UTF-8", &file(3));
    }
    // No module has a control character in its name.
    accepted(&protocol_2(b"0cevil\x01\n\xff\n."));
}

#[test]
fn an_index_of_the_memo_goes_on_behind_a_nul_to_python_2() {
    let file = |protocol: u8, rest: &[u8]| {
        let elements = ops![b"0]p1\n0Np1\0x\n0g1\nNa", rest, PYTHON_2];
        let shape = i32::try_from(elements.len()).unwrap();
        ops![[0x80, protocol], wrapper(&[shape], &dtype_bytes()), elements, b"."]
    };
    told_apart(&file(2, b""), CODE, "by a number in another spelling", &file(3, b""));
}

#[test]
fn an_index_of_the_memo_may_stand_behind_much_white_space() {
    // A line is looked at as far as 64 KiB.
    let command = b"cposix\nsystem\n(Vid\ntR.";
    for length in [(64 << 10) - 2, (64 << 10) - 1, 64 << 10, 70_000] {
        for opcode in [b'p', b'g'] {
            let file = |byte: u8| elements(&ops![b"0Nq\x05", [opcode], vec![byte; length], b"5\n", command]);
            for space in [b' ', b'\t', b'\r', 0x0b] {
                told_apart(&file(space), CODE, "a number in another spelling", &file(b'x'));
            }
        }
    }
}

#[test]
fn an_index_of_the_memo_has_one_spelling_in_a_pickle() {
    // `cPickle` of Python 2 keeps an entry `'1'` and an entry 1, and makes a function of another module.
    let file = |put: &dyn Fn(u8) -> Ops| {
        let both = |theirs: &str, ours: &str, index: u8| {
            let theirs = ops![text(theirs), format!("p{index}\n0")];
            ops![theirs, text(ours), put(index), b"0"]
        };
        let texts = ops![both("posix", "numpy", 1), both("system", "log1p", 2)];
        ops![b"\x80\x02", texts, global("numpy.core", "_ufunc_reconstruct"), b"g1\ng2\n\x86R."]
    };
    told_apart(
        &file(&|index| vec![b'q', index]),
        "malformed",
        "BINPUT writes a memo index in another way",
        &file(&|index| format!("p{index}\n").into()),
    );
    refused(b"\x80\x02Nq\x01g1\n\x86.", "malformed", "GET writes a memo index in another way");
    // Each pickle has its own; to one `Unpickler` of Python 2 what is fetched then may be anything.
    let second = |get: &[u8]| {
        ops![b"\x80\x02", text("nothing"), b"p1\n0N.\x80\x02", text("set"), b"q\x020", global("builtins", "set"), get]
    };
    accepted(&second(b"h\x020]\x85R."));
}

#[test]
fn a_field_is_as_large_as_the_dtype_that_another_reader_has_for_it() {
    let named = |code: &str| match code {
        "O8" => dtype_of_objects(),
        _ if code.starts_with('S') => build(dtype_call(code), dtype_state("|", code[1..].parse().unwrap(), 1, 0)),
        _ => dtype(code),
    };
    // To one `Unpickler` on both pickles the field's dtype is that of the first.
    let file = |theirs: &str, ours: &str, place: i32| {
        let fields = ops![b"}", text("a"), get(0), int(place), b"\x86s"];
        let state = ops![b"(", int(3), text("|"), b"N", text("a"), b"\x85", fields, int(8), int(1), int(16), b"t"];
        let array = build(empty_array(), array_state(&[1], &build(dtype_call("V8"), state), bytes(&[b'A'; 8])));
        ops![b"\x80\x04", named(theirs), b"\x94.\x80\x04", named(ours), b"\x940", array, b"."]
    };
    // Bytes would be an object's address, and more of them are taken than there are.
    told_apart(&file("O8", "f8", 0), CODE, "gives a dtype a state", &file("f8", "f8", 0));
    told_apart(&file("S9999", "f8", 0), CODE, "gives a dtype a state", &file("i8", "f8", 0));
    told_apart(&file("f8", "f4", 4), CODE, "gives a dtype a state", &file("i4", "f4", 4));
}

#[test]
fn a_field_was_judged_in_the_dict_that_ours_puts_it_into() {
    // MEMOIZE counts apart, so that one `Unpickler` on both pickles puts the field into the other dict.
    let file = |code: &str| {
        let stray = if code == "O8" { dtype_of_objects() } else { dtype(code) };
        let both = ops![b"}\x94}\x940", text("a"), dtype("f8"), int(0), b"\x86s"];
        let fields = ops![both, get(1), text("a"), stray, int(0), b"\x86s0"];
        let state = ops![b"(", int(3), text("|"), b"N", text("a"), b"\x85", fields, int(8), int(1), int(16), b"t"];
        let array = build(empty_array(), array_state(&[1], &build(dtype_call("V8"), state), bytes(&[b'A'; 8])));
        ops![b"\x80\x04N\x94.\x80\x04", array, b"."]
    };
    refused(&file("O8"), CODE, "gives a dtype a state");
    // One of numbers lies inside of the dtype.
    accepted(&file("f8"));
    accepted(&ops![b"\x80\x04N\x94.\x80\x04", array_of(&[1], &packed(&[("a", "f8")]), &[b'A'; 8]), b"."]);
}

#[test]
fn the_axes_of_an_array_have_lengths_that_were_judged() {
    // numpy before 1.22 multiplies them to nothing, and writes far beside the array.
    let file = |theirs: Ops, set: bool| {
        let state = ops![b"(", int(1), get(0), dtype("f8"), FALSE, b"C\x00t"];
        let array = ops![build(empty_array(), state), b"\x940"];
        let item = ops![b"}\x940", get(3), int(100_000), b"G\0\0\0\0\0\0\0\0s."];
        let first = ops![b"\x80\x04", theirs, b"\x94."];
        ops![first, b"\x80\x04", tuple(&[int(0)]), b"\x940}\x940", array, if set { item } else { b"N.".to_vec() }]
    };
    let huge = || ops![b"(\x8a\x08\0\0\0\0\0\0\0\x40", int(4), b"t"];
    refused(&file(huge(), true), CODE, "gives an array a state");
    refused(&file(huge(), false), CODE, "gives an array a state");
    let honest = |shape: i32| array_of(&[shape], &dtype("f8"), &vec![0; 8 * usize::try_from(shape).unwrap()]);
    accepted(&ops![b"\x80\x04", huge(), b"\x94.\x80\x04", honest(2), b"."]);
}

#[test]
fn a_tree_reads_as_many_classes_as_there_are() {
    // Its constructor copies as many numbers as the last argument says (`Tree.__cinit__` of scikit-learn before 1.0).
    let file = |theirs: i32, outputs: Ops| {
        let classes = array_of(&[1], &dtype("i8"), &3i64.to_le_bytes());
        let tree = call(global("sklearn.tree._tree", "Tree"), &[int(4), classes, outputs]);
        ops![b"\x80\x04", int(theirs), b"\x94.\x80\x04", int(1), b"\x940", tree, b"."]
    };
    refused(&file(100_000_000, get(0)), CODE, "calls a function with arguments");
    // The twin is followed to its end, where it lacks nodes alone; honest forests behind each other are accepted (`other_readers.rs`).
    refused(&file(100_000_000, int(1)), "structure-invalid", "nodes is missing");
}

#[test]
fn a_scalar_is_made_of_no_structure_that_was_judged_elsewhere() {
    // numpy before 1.21 takes the bytes for the addresses of objects.
    let objects = || {
        let fields = ops![b"}", text("a"), dtype_of_objects(), int(0), b"\x86s"];
        let state = ops![b"(", int(3), text("|"), b"N", text("a"), b"\x85", fields, int(8), int(1), int(27), b"t"];
        build(dtype_call("V8"), state)
    };
    let file = |theirs: Ops| {
        let scalar = call(global("numpy.core.multiarray", "scalar"), &[get(0), bytes(&[b'A'; 8])]);
        ops![b"\x80\x04", theirs, b"\x94.\x80\x04", dtype("f8"), b"\x940", scalar, b"."]
    };
    told_apart(&file(objects()), CODE, "calls a function with arguments", &file(dtype("i8")));
}
