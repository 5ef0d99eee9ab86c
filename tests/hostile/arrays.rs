//! numpy's arrays, dtypes and scalars: what they say of themselves must be so.

use crate::opcodes::*;

fn array_of(state: Ops) -> Ops {
    pickle4(build(empty_array(), state))
}

#[test]
fn an_array_is_reconstructed_empty_and_as_an_ndarray() {
    let with = |class: Ops, shape: Ops, code: Ops| pickle4(call(reconstruct(), &[class, shape, code]));
    let zero = || tuple(&[int(0)]);
    let honest = with(ndarray(), zero(), bytes(b"b"));
    accepted(&with(ndarray(), zero(), text("b")));
    for (hostile, words) in [
        (with(ndarray(), tuple(&[int(1_000_000_000)]), bytes(b"b")), "its shape or type code is another one"),
        (with(ndarray(), tuple(&[]), bytes(b"b")), "its shape or type code is another one"),
        (with(ndarray(), zero(), bytes(b"O")), "its shape or type code is another one"),
        (with(scaler(), zero(), bytes(b"b")), "its first argument is not numpy.ndarray"),
        (with(global("builtins", "list"), zero(), bytes(b"b")), "its first argument is not numpy.ndarray"),
        (with(global("numpy", "float64"), zero(), bytes(b"b")), "its first argument is not numpy.ndarray"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
    let two = pickle4(call(reconstruct(), &[ndarray(), zero()]));
    refused(&two, "misused-global", "called with 2 arguments");
}

#[test]
fn an_array_has_exactly_the_bytes_that_its_shape_asks_for() {
    let with = |shape: &[i32], length: usize| array_of(array_state(shape, &dtype("f8"), bytes(&vec![0; length])));
    let honest = with(&[2, 3], 48);
    for length in [0, 47, 49, 24] {
        told_apart(&with(&[2, 3], length), "misused-global", "its shape asks for 48", &honest);
    }
    refused(&with(&[i32::MAX, i32::MAX, i32::MAX], 0), "misused-global", "its shape is too large");
    refused(&with(&[i32::MAX, i32::MAX, i32::MAX, 0], 0), "misused-global", "its shape is too large");
    refused(&with(&[-1], 0), "misused-global", "something else than lengths");
    accepted(&with(&[0, 3], 0));
    // numpy before 2.0 has room for the lengths of 32 axes.
    told_apart(&with(&[1; 33], 8), "misused-global", "more axes than numpy knows", &with(&[1; 32], 8));
    // pandas makes an object of each element, of no bytes too.
    let none =
        |count: i32| array_of(array_state(&[count], &build(dtype_call("U0"), dtype_state("<", 0, 4, 8)), bytes(&[])));
    told_apart(&none(70_000), "misused-global", "elements of no bytes", &none(1000));
}

#[test]
fn an_array_of_objects_has_exactly_as_many_as_its_shape_asks_for() {
    let with = |shape: i32| array_of(array_state(&[shape], &dtype_of_objects(), list(&[text("a"), text("b")])));
    told_apart(&with(3), "misused-global", "2 objects, and its shape asks for 3", &with(2));
    let raw = array_of(array_state(&[1], &dtype_of_objects(), bytes(&[0x41; 8])));
    refused(&raw, "misused-global", "its objects are no list");
    let numbers = array_of(array_state(&[1], &dtype("f8"), list(&[text("a")])));
    refused(&numbers, "misused-global", "its data are no bytes");
}

#[test]
fn arrays_of_objects_do_not_stand_in_one_another_without_end() {
    // numpy lets go of each by a call of its own.
    let nested = |levels: usize| {
        let of = |inner: Ops| build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[inner])));
        pickle4((0..levels).fold(int(1), |inner, _| of(inner)))
    };
    told_apart(&nested(65), "misused-global", "more arrays stand in one another", &nested(64));
}

#[test]
fn dtypes_do_not_stand_in_one_another_without_end() {
    // numpy copies each by a call of its own.
    let nested = |levels: usize| {
        let of = |inner: Ops| {
            let fields = dict(&[("a", tuple(&[inner, int(0)]))]);
            let state = [int(3), text("|"), NONE.into(), tuple(&[text("a")]), fields, int(8), int(1), int(16)];
            build(dtype_call("V8"), tuple(&state))
        };
        pickle4((0..levels).fold(dtype("f8"), |inner, _| of(inner)))
    };
    told_apart(&nested(17), "misused-global", "more dtypes stand in one another", &nested(16));
}

#[test]
fn a_field_without_elements_has_no_axis_that_numpy_would_print_for_hours() {
    let with = |length: i32| {
        let none = || NONE.to_vec();
        let shape = tuple(&[int(length), int(0)]);
        let state = [int(3), text("|"), tuple(&[dtype("f8"), shape]), none(), none(), int(0), int(8), int(0)];
        let fields = dict(&[("a", tuple(&[build(dtype_call("V0"), tuple(&state)), int(0)]))]);
        let state = [int(3), text("|"), none(), tuple(&[text("a")]), fields, int(8), int(1), int(16)];
        pickle4(build(dtype_call("V8"), tuple(&state)))
    };
    told_apart(&with(i32::MAX), "misused-global", "along an axis of more than there can be", &with(100));
}

#[test]
fn an_arrays_state_has_its_five_parts() {
    let with =
        |version: Ops, order: Ops| array_of(tuple(&[version, tuple(&[int(1)]), dtype("u1"), order, bytes(b"a")]));
    let honest = with(int(1), FALSE.into());
    told_apart(&with(int(2), FALSE.into()), "misused-global", "another version than 1", &honest);
    told_apart(&with(int(1), text("C")), "misused-global", "its order is neither", &honest);
    let four = array_of(tuple(&[tuple(&[int(1)]), dtype("u1"), FALSE.into(), bytes(b"a")]));
    refused(&four, "misused-global", "called with 4 arguments");
    let no_dtype = array_of(array_state(&[1], &text("u1"), bytes(b"a")));
    refused(&no_dtype, "misused-global", "its dtype is a str");
    let class = array_of(array_state(&[1], &global("numpy", "uint8"), bytes(b"a")));
    refused(&class, "misused-global", "its dtype is a name");
}

#[test]
fn a_structure_of_nothing_that_is_aligned_says_so_by_no_alignment() {
    // numpy 1: `dtype([], align=True)`.
    let with = |code: &str, names: &[&str], size: i32, alignment: i32| {
        let fields: Vec<_> = names.iter().map(|name| (*name, tuple(&[dtype("f8"), int(0)]))).collect();
        let names: Vec<_> = names.iter().map(|name| text(name)).collect();
        let parts =
            [int(3), text("|"), NONE.into(), tuple(&names), dict(&fields), int(size), int(alignment), int(-112)];
        pickle4(build(dtype_call(code), tuple(&parts)))
    };
    let honest = with("V0", &[], 0, 0);
    accepted(&with("V0", &[], 0, 1));
    accepted(&with("V8", &["a"], 8, 8));
    for hostile in [with("V8", &["a"], 8, 0), with("V8", &[], 8, 0), with("V0", &[], 0, -1)] {
        told_apart(&hostile, "misused-global", "do not agree with its fields", &honest);
    }
}

#[test]
fn a_dtype_that_lies_about_its_flags_size_order_or_alignment_is_refused() {
    let with = |code: &str, order: &str, size, alignment, flags| {
        pickle4(build(dtype_call(code), dtype_state(order, size, alignment, flags)))
    };
    let agree = "do not agree with its code";
    for (hostile, words, honest) in [
        // With the flags of objects, joblib loads a nested pickle where other readers see numbers.
        (with("u1", "|", -1, -1, 63), agree, with("u1", "|", -1, -1, 0)),
        (with("f8", "<", -1, -1, 1), agree, with("f8", "<", -1, -1, 0)),
        (with("O8", "|", -1, -1, 0), agree, with("O8", "|", -1, -1, 63)),
        (with("f8", "<", 16, -1, 0), agree, with("f8", "<", -1, -1, 0)),
        (with("f8", "<", -1, 16, 0), agree, with("f8", "<", -1, -1, 0)),
        (with("U3", "<", 13, 4, 8), agree, with("U3", "<", 12, 4, 8)),
        (with("U3", "<", 12, 8, 8), agree, with("U3", "<", 12, 4, 8)),
        (with("S3", "|", 2, 1, 0), agree, with("S3", "|", 3, 1, 0)),
        (with("f8", "|", -1, -1, 0), "its order does not belong", with("f8", ">", -1, -1, 0)),
        (with("u1", "<", -1, -1, 0), "its order does not belong", with("u1", "|", -1, -1, 0)),
        (with("S3", "<", 3, 1, 0), "its order does not belong", with("S3", "|", 3, 1, 0)),
        (with("f8", "=", -1, -1, 0), "its order does not belong", with("f8", "<", -1, -1, 0)),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
}

#[test]
fn a_dtype_is_called_with_a_plain_code() {
    let with = |code: Ops, align: &[u8], copy: &[u8]| {
        pickle4(call(global("numpy", "dtype"), &[code, align.to_vec(), copy.to_vec()]))
    };
    let honest = with(text("f8"), FALSE, TRUE);
    accepted(&with(text("f8"), &int(0), &int(1)));
    for code in [
        "f3",
        "f08",
        "<f8",
        "f8,i4",
        "i4:f8",
        "(1000000000,)f8",
        "object",
        "O16",
        "U9999999999",
        "U999999999",
        "f",
        "",
        "p8",
    ] {
        told_apart(&with(text(code), FALSE, TRUE), "misused-global", "its code is", &honest);
    }
    told_apart(&with(scaler(), FALSE, TRUE), "misused-global", "its code is no text", &honest);
    told_apart(&with(list(&[]), FALSE, TRUE), "misused-global", "its code is no text", &honest);
    told_apart(&with(text("f8"), TRUE, TRUE), "misused-global", "its second or third argument", &honest);
}

/// A structure with two fields.
pub fn structure(fields: Ops, names: &[&str], size: i32, alignment: i32, flags: i32) -> Ops {
    let names: Vec<Ops> = names.iter().map(|name| text(name)).collect();
    let none = || NONE.to_vec();
    let state = tuple(&[int(3), text("|"), none(), tuple(&names), fields, int(size), int(alignment), int(flags)]);
    pickle4(build(dtype_call("V16"), state))
}

pub fn fields(first: (Ops, i32), second: (Ops, i32)) -> Ops {
    dict(&[("a", tuple(&[first.0, int(first.1)])), ("b", tuple(&[second.0, int(second.1)]))])
}

#[test]
fn a_structure_has_the_size_and_flags_of_its_fields() {
    let plain = || fields((dtype("f8"), 0), (dtype("i8"), 8));
    let honest = structure(plain(), &["a", "b"], 16, 1, 16);
    accepted(&structure(plain(), &["a", "b"], 16, 8, -112));
    let texts = || fields((dtype("f8"), 0), (build(dtype_call("U2"), dtype_state("<", 8, 4, 8)), 8));
    accepted(&structure(texts(), &["a", "b"], 16, 1, 24));
    for (fields, words) in [
        (fields((dtype("f8"), 0), (dtype("i8"), 9)), "lies outside"),
        (fields((dtype("f8"), 0), (dtype("i8"), -8)), "offset"),
        (fields((dtype("f8"), 0), (dtype_of_objects(), 8)), "do not agree with its fields"),
        (dict(&[("a", dtype("f8")), ("b", dtype("f8"))]), "called with no tuple"),
        (fields((dtype("f8"), 0), (text("i8"), 8)), "its dtype is a str"),
    ] {
        told_apart(&structure(fields, &["a", "b"], 16, 1, 16), "misused-global", words, &honest);
    }
    for (names, words) in
        [(&["a"][..], "differ in number"), (&["a", "c"], "a name has no field"), (&["a", "a"], "stands twice")]
    {
        told_apart(&structure(plain(), names, 16, 1, 16), "misused-global", words, &honest);
    }
    // What once held objects goes on saying so.
    accepted(&structure(plain(), &["a", "b"], 16, 1, 27));
    for (size, alignment, flags) in [(24, 1, 16), (16, 3, 16), (16, 1, 0), (16, 1, 63), (16, 1, 19), (16, 1, 24)] {
        let lie = structure(plain(), &["a", "b"], size, alignment, flags);
        told_apart(&lie, "misused-global", "do not agree with its fields", &honest);
    }
}

#[test]
fn the_fields_of_a_dtype_do_not_change_any_more() {
    // numpy keeps the very dict that the state has: what comes into it later moves the fields of an array that was judged.
    let none = || NONE.to_vec();
    let with = |later: &[u8]| {
        let fields = put(fields((dtype("f8"), 0), (dtype("i8"), 8)), 7);
        let names = tuple(&[text("a"), text("b")]);
        let state = tuple(&[int(3), text("|"), none(), names, fields, int(16), int(1), int(16)]);
        pickle4(ops![build(dtype_call("V16"), state), later])
    };
    let moved = ops![get(7), text("a"), tuple(&[dtype("f8"), int(1 << 30)]), b"s0"];
    told_apart(&with(&moved), "misused-global", "changes a dict that was used before", &with(&ops![get(7), b"0"]));
}

#[test]
fn a_scalar_has_exactly_the_bytes_of_its_dtype() {
    let with =
        |dtype: Ops, data: &[u8]| pickle4(call(global("numpy.core.multiarray", "scalar"), &[dtype, bytes(data)]));
    let honest = with(dtype("f8"), &[0; 8]);
    for length in [0, 7, 9, 16] {
        told_apart(&with(dtype("f8"), &vec![0; length]), "misused-global", "its dtype asks for 8", &honest);
    }
    told_apart(&with(dtype_of_objects(), &[0x41; 8]), "misused-global", "it makes a", &honest);
    told_apart(&with(text("f8"), &[0; 8]), "misused-global", "its dtype is a str", &honest);
}

#[test]
fn a_bytearray_is_no_data_of_an_array_or_a_scalar() {
    let buffer = |length: u64| ops![b"\x96", length.to_le_bytes(), vec![0; length as usize]];
    let state = |data: Ops| pickle(5, build(empty_array(), array_state(&[2], &dtype("f8"), data)));
    told_apart(&state(buffer(16)), "misused-global", "its data are a bytearray", &state(bytes(&[0; 16])));
    let scalar = |data: Ops| pickle(5, call(global("numpy.core.multiarray", "scalar"), &[dtype("f8"), data]));
    told_apart(&scalar(buffer(8)), "misused-global", "its data are a bytearray", &scalar(bytes(&[0; 8])));
}

#[test]
fn an_array_from_a_buffer_has_exactly_its_bytes() {
    let with = |data: Ops, order: &str| {
        let arguments = [data, dtype("f8"), tuple(&[int(2)]), text(order)];
        pickle(5, call(global("numpy.core.numeric", "_frombuffer"), &arguments))
    };
    let whole = |length: usize| bytes(&vec![0; length]);
    let honest = with(whole(16), "C");
    told_apart(&with(whole(15), "C"), "misused-global", "its shape asks for 16", &honest);
    told_apart(&with(whole(16), "A"), "misused-global", "its order is neither", &honest);
    told_apart(&with(list(&[]), "C"), "misused-global", "its data are no bytes", &honest);
    told_apart(&with(text("0123456789abcdef"), "C"), "misused-global", "its data are no bytes", &honest);
    accepted(&with(ops![b"\x96", 16u64.to_le_bytes(), [0; 16]], "F"));
}
