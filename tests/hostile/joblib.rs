//! joblib's arrays: a wrapper whose elements follow in the stream, and pickles inside arrays of objects.

use crate::opcodes::*;

/// A file with one array of two floats behind its wrapper.
fn two_floats(wrapper: &Ops) -> Ops {
    ops![b"\x80\x03", wrapper, [0u8; 16], b"."]
}

fn wrapper_of(others: &[(&str, Ops)]) -> Ops {
    wrapper_with(others, &[2], &dtype("f8"))
}

#[test]
fn a_wrapper_has_exactly_joblibs_attributes() {
    let honest = two_floats(&wrapper_of(&[]));
    for (others, words) in [
        // joblib's `read` is called right after the state was set.
        (("read", global("numpy", "log1p")), "the key \"read\""),
        (("__class__", scaler()), "the key \"__class__\""),
        (("subclass", global("numpy", "float64")), "its subclass is not numpy.ndarray"),
        (("subclass", scaler()), "its subclass is not numpy.ndarray"),
        (("order", text("K")), "its order is neither C nor F"),
        (("allow_mmap", int(1)), "its allow_mmap is neither"),
        (("dtype", text("f8")), "its dtype is a str"),
        (("shape", list(&[int(2)])), "its shape is no tuple"),
        (("shape", tuple(&[int(-2)])), "something else than lengths"),
        (("numpy_array_alignment_bytes", int(64)), "its numpy_array_alignment_bytes is not 16"),
    ] {
        told_apart(&two_floats(&wrapper_of(&[others])), "misused-global", words, &honest);
    }
    // joblib makes an `ndarray` of what was mapped from a file when it was saved.
    accepted(&two_floats(&wrapper_of(&[("subclass", global("numpy", "memmap"))])));
    // By numpy 1 a matrix gets two axes, however many it is said to have.
    let matrix =
        |shape: &[Ops]| two_floats(&wrapper_of(&[("subclass", global("numpy", "matrix")), ("shape", tuple(shape))]));
    told_apart(&matrix(&[int(2)]), "misused-global", "its shape has not two lengths", &matrix(&[int(1), int(2)]));
    refused(&matrix(&[int(1), int(2), int(1)]), "misused-global", "its shape has not two lengths");
    refused(&two_floats(&new(global("joblib.numpy_pickle", "NumpyArrayWrapper"))), "malformed", "no opcode 0x00");
}

#[test]
fn one_of_the_two_copies_of_joblib_wrote_all_arrays() {
    // `joblib.load` takes the wrapper of scikit-learn's copy for an object, and its elements for opcodes; and the reverse.
    let ours = || wrapper_of(&[]);
    let theirs = || of_sklearn(&ours());
    let two = |one: Ops, other: Ops| ops![b"\x80\x03", one, [0u8; 16], other, [0u8; 16], b"\x86."];
    told_apart(&two(ours(), theirs()), "misused-global", "the copy that scikit-learn had", &two(ours(), ours()));
    told_apart(&two(theirs(), ours()), "misused-global", "the copy that scikit-learn had", &two(theirs(), theirs()));
    // Nor in another pickle of the file, and not by its name alone.
    let behind = |name: Ops| ops![b"\x80\x03", ours(), [0u8; 16], b".\x80\x03", new(name), b"0N."];
    let wrapper = |module: &str| global(module, "NumpyArrayWrapper");
    let sklearn = behind(wrapper("sklearn.externals.joblib.numpy_pickle"));
    told_apart(&sklearn, "misused-global", "the copy that scikit-learn had", &behind(wrapper("joblib.numpy_pickle")));
}

#[test]
fn objects_are_not_mapped_into_memory() {
    // With `joblib.load(file, mmap_mode="r")` joblib 1.6 takes eight bytes an object out of the pickle inside, and goes on behind
    // them: there the file would have an attack in a text.
    let with = |mapped: &[u8]| {
        let wrapper = wrapper_with(&[("allow_mmap", mapped.into())], &[2], &dtype_of_objects());
        ops![b"\x80\x03", wrapper, texts(2, 2), b"."]
    };
    told_apart(&with(TRUE), "misused-global", "may be mapped into memory", &with(FALSE));
    let structure =
        |inner: &Ops, flags: i32| wrapper_with(&[("dtype", structure_of(inner, flags))], &[0], &dtype("f8"));
    accepted(&ops![b"\x80\x03", structure(&dtype("f8"), 16), b"."]);
    let objects = ops![b"\x80\x03", structure(&dtype_of_objects(), 27), b"."];
    refused(&objects, "misused-global", "may be mapped into memory");
}

/// The dtype of a structure with one field of eight bytes.
fn structure_of(inner: &Ops, flags: i32) -> Ops {
    let fields = dict(&[("a", tuple(&[inner.clone(), int(0)]))]);
    let state = [int(3), text("|"), NONE.into(), tuple(&[text("a")]), fields, int(8), int(1), int(flags)];
    build(call(global("numpy", "dtype"), &[text("V8"), FALSE.into(), TRUE.into()]), tuple(&state))
}

#[test]
fn elements_have_bytes() {
    let with = |code: &str, state: i32, byte: &[u8]| {
        let parts = [int(3), text("|"), NONE.into(), NONE.into(), NONE.into(), int(state), int(1), int(0)];
        let dtype = build(call(global("numpy", "dtype"), &[text(code), FALSE.into(), TRUE.into()]), tuple(&parts));
        ops![b"\x80\x03", wrapper(&[1], &dtype), byte, b"."]
    };
    told_apart(&with("S0", 0, b""), "misused-global", "have no bytes", &with("S1", 1, b"a"));
}

#[test]
fn an_array_that_is_cut_short_is_refused() {
    let whole = two_floats(&wrapper_of(&[]));
    let short = ops![whole[..whole.len() - 2]];
    told_apart(&short, "malformed", "ends in the middle", &whole);
}

#[test]
fn padding_is_joblibs_own() {
    let aligned = wrapper_of(&[("numpy_array_alignment_bytes", int(16))]);
    let with =
        |length: usize, byte: u8| ops![b"\x80\x03", aligned, [length as u8], vec![byte; length], [0u8; 16], b"."];
    let needed = 16 - (aligned.len() + 3) % 16;
    let honest = with(needed, 0xff);
    told_apart(&with(needed, 0), "misused-global", "padding is none of joblib's", &honest);
    told_apart(&with(needed + 1, 0xff), "misused-global", "padding is none of joblib's", &honest);
    told_apart(&with(needed + 16, 0xff), "misused-global", "padding is none of joblib's", &honest);
    // In a padding of free bytes a reader that does not skip it finds opcodes.
    let hidden = ops![b"\x80\x03", aligned, [needed as u8], vec![b'N'; needed], [0u8; 16], b"."];
    refused(&hidden, "misused-global", "padding is none of joblib's");
}

#[test]
fn an_array_that_was_read_takes_no_items_and_no_state() {
    let with = |after: Ops| ops![b"\x80\x03", wrapper_of(&[]), [0u8; 16], after, b"."];
    let honest = with(Ops::new());
    told_apart(&with(ops![int(0), int(1), b"s"]), "malformed", "SETITEM is used on an array", &honest);
    told_apart(&with(ops![b"}", b"b"]), "malformed", "BUILD is used on an array", &honest);
}

#[test]
fn a_wrapper_is_used_once() {
    let with = |after: Ops| {
        let wrapper = ops![put(new(global("joblib.numpy_pickle", "NumpyArrayWrapper")), 1), &wrapper_state(), b"b"];
        ops![b"\x80\x03(", wrapper, [0u8; 16], after, b"t."]
    };
    accepted(&with(int(1)));
    let again = with(ops![get(1), wrapper_state(), b"b", [0u8; 16]]);
    told_apart(&again, "misused-global", "given a state twice", &with(int(1)));
    let in_state = with(build(new(scaler()), dict(&[("mean_", get(1))])));
    refused(&in_state, "misused-global", "used again after its array was read");
    let argument = with(call(global("builtins", "set"), &[list(&[get(1)])]));
    refused(&argument, "misused-global", "used again after its array was read");
}

fn wrapper_state() -> Ops {
    dict(&[
        ("subclass", ndarray()),
        ("shape", tuple(&[int(2)])),
        ("order", text("C")),
        ("dtype", dtype("f8")),
        ("allow_mmap", FALSE.into()),
    ])
}

#[test]
fn elements_begin_where_the_frame_ends() {
    // A reader that takes them right behind BUILD and one that takes them behind the frame would see different bytes.
    let wrapper = wrapper_of(&[]);
    let honest = ops![b"\x80\x04", frame(&wrapper), [0u8; 16], b"."];
    let inside = ops![b"\x80\x04", frame(ops![wrapper, [0u8; 16], b"."])];
    told_apart(&inside, "misused-global", "its elements begin inside a frame", &honest);
    let opcode_left = ops![b"\x80\x04", frame(ops![wrapper, b"N"]), [0u8; 16], b"0."];
    refused(&opcode_left, "misused-global", "its elements begin inside a frame");
}

/// A file with an array of objects, which joblib stores as a pickle of its own inside.
fn objects(shape: &[i32], inside: &Ops) -> Ops {
    ops![b"\x80\x03", wrapper(shape, &dtype_of_objects()), inside, b"."]
}

/// A pickle of an array of as many texts.
fn texts(protocol: u8, count: i32) -> Ops {
    let items: Vec<Ops> = (0..count).map(|_| text("a")).collect();
    pickle(protocol, build(empty_array(), array_state(&[count], &dtype_of_objects(), list(&items))))
}

#[test]
fn a_nested_pickle_is_exactly_the_array_that_was_announced() {
    let honest = objects(&[2], &texts(2, 2));
    for protocol in [0, 2, 3, 4, 5] {
        accepted(&objects(&[2], &texts(protocol, 2))); // Joblib writes it in a protocol of its own.
    }
    told_apart(&objects(&[2], &texts(2, 3)), "misused-global", "holds something else", &honest);
    told_apart(&objects(&[2], &pickle(2, text("a"))), "misused-global", "holds something else", &honest);
    let numbers = objects(&[1], &pickle(2, array(&[1.0])));
    refused(&numbers, "misused-global", "holds something else");
}

#[test]
fn an_attack_in_a_nested_pickle_is_found() {
    told_apart(&objects(&[2], &pickle(2, attack())), "dangerous-global", "posix.system", &objects(&[2], &texts(2, 2)));
}

#[test]
fn a_nested_pickle_reaches_neither_stack_nor_memo_nor_marks_of_the_outer_one() {
    let outer = |inside: Ops| {
        let wrapper = wrapper(&[1], &dtype_of_objects());
        ops![b"\x80\x03(", put(text("posix"), 1), put(text("system"), 2), wrapper, inside, b"t."]
    };
    accepted(&outer(texts(3, 1)));
    let finding = refused(&outer(ops![b"\x80\x04", get(1), get(2), b"\x93."]), "malformed", "the memo has no entry 1");
    assert!(finding.next.contains("need a pickle.dump each"), "{finding:?}");
    refused(&outer(ops![b"\x80\x04\x93."]), "malformed", "takes more from the stack");
    refused(&outer(ops![b"\x80\x040."]), "malformed", "takes more from the stack");
    refused(&outer(ops![b"\x80\x04Nt."]), "malformed", "no MARK");
}

#[test]
fn the_dtype_of_an_array_in_the_stream_does_not_change_any_more() {
    let file = |later: &[u8]| {
        let dtype = put(dtype_call("i4"), 7);
        ops![b"\x80\x03(", wrapper(&[1], &dtype), [1, 0, 0, 0], later, b"t."]
    };
    let turned = build(get(7), dtype_state(">", -1, -1, 0));
    told_apart(&file(&turned), "misused-global", "given a state after it was used", &file(&get(7)));
}

#[test]
fn raw_elements_do_not_stand_inside_a_nested_pickle() {
    let inner = ops![b"\x80\x03", wrapper_of(&[]), [0u8; 16], b"."];
    told_apart(&objects(&[2], &inner), "misused-global", "no elements follow", &objects(&[2], &texts(3, 2)));
    let deeper = objects(&[1], &objects(&[1], &texts(3, 1)));
    refused(&deeper, "misused-global", "no elements follow");
}

#[test]
fn a_number_that_claims_to_hold_objects_never_becomes_a_nested_pickle() {
    // joblib asks the dtype whether it holds objects, and loads a pickle if it says so.
    let lie = build(dtype_call("u1"), dtype_state("|", -1, -1, 63));
    let file = |dtype: &Ops, inside: &Ops| ops![b"\x80\x03", wrapper(&[inside.len() as i32], dtype), inside, b"."];
    let (hostile, harmless) = (pickle(2, attack()), pickle(2, text("echo")));
    told_apart(&file(&lie, &hostile), "misused-global", "do not agree with its code", &file(&dtype("u1"), &harmless));
    // And pickle.load, which takes the elements for opcodes, would run them.
    refused(&file(&dtype("u1"), &hostile), "misused-global", "fetches posix.system");
}
