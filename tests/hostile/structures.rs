//! numpy's structures, with titles, notes and objects, records, and masks of them.

use super::arrays::{fields, structure};
use crate::opcodes::*;

/// A structure `a, b` of a number and an object: its dtype, not as a pickle.
fn of_objects(flags: i32) -> Ops {
    let fields = fields((dtype("i8"), 0), (dtype_of_objects(), 8));
    let names = tuple(&[text("a"), text("b")]);
    let state = [int(3), text("|"), NONE.into(), names, fields, int(16), int(1), int(flags)];
    build(dtype_call("V16"), tuple(&state))
}

fn rows(rows: &[Ops]) -> Ops {
    pickle4(build(empty_array(), array_state(&[rows.len() as i32], &of_objects(27), list(rows))))
}

#[test]
fn a_structure_that_holds_objects_says_so_and_is_a_list_of_rows() {
    let row = |number: Ops, object: Ops| tuple(&[number, object]);
    let honest = rows(&[row(int(1), text("x")), row(NONE.into(), dict(&[]))]);
    let lie = |flags: i32| pickle4(of_objects(flags));
    for flags in [16, 24, 63, 0] {
        told_apart(&lie(flags), "misused-global", "do not agree with its fields", &lie(27));
    }
    // Pointers, which numpy would follow.
    let pointers = pickle4(build(empty_array(), array_state(&[1], &of_objects(27), bytes(&[0x41; 16]))));
    told_apart(&pointers, "misused-global", "its objects are no list", &honest);
    let fewer = pickle4(build(empty_array(), array_state(&[2], &of_objects(27), list(&[row(int(1), int(2))]))));
    told_apart(&fewer, "misused-global", "its shape asks for 2", &honest);
    for (hostile, words) in [
        (list(&[int(1), int(2)]), "not one value a field"),
        (tuple(&[int(1)]), "not one value a field"),
        // numpy asks it for a number, and scikit-learn's estimators for what they look like.
        (row(estimator(scaler(), &[]), int(1)), "a field of a row is"),
        (row(int(1), global("numpy", "log1p")), "stands where data belongs"),
    ] {
        told_apart(&rows(&[hostile]), "misused-global", words, &honest);
    }
}

/// An array of one object, which numpy would ask how it looks.
fn of_an_object(shape: &[i32]) -> Ops {
    build(empty_array(), array_state(shape, &dtype_of_objects(), list(&[estimator(scaler(), &[])])))
}

#[test]
fn a_field_that_is_no_object_is_given_none_in_an_array_or_a_row() {
    let text_and_object = || {
        let fields = fields((build(dtype_call("U2"), dtype_state("<", 8, 4, 8)), 0), (dtype_of_objects(), 8));
        let names = tuple(&[text("a"), text("b")]);
        build(dtype_call("V16"), tuple(&[int(3), text("|"), NONE.into(), names, fields, int(16), int(1), int(27)]))
    };
    let with = |value: Ops| {
        let row = list(&[tuple(&[value, int(1)])]);
        pickle4(build(empty_array(), array_state(&[1], &text_and_object(), row)))
    };
    let honest = with(text("x"));
    told_apart(&with(of_an_object(&[])), "misused-global", "made of objects that are not of its kind", &honest);
    told_apart(&with(of_an_object(&[1])), "misused-global", "made of objects that are not of its kind", &honest);
    told_apart(&with(array(&[1.0, 2.0])), "misused-global", "an array of several values", &honest);
    let row = build(empty_array(), array_state(&[], &get(9), list(&[tuple(&[int(1), int(2)])])));
    let row = call(global("numpy.core.multiarray", "scalar"), &[get(9), row]);
    let row = ops![put(of_objects(27), 9), b"0", row];
    told_apart(&with(row), "misused-global", "made of objects that are not of its kind", &honest);
}

#[test]
fn a_masked_array_of_numbers_has_no_object_for_its_fill_value() {
    let ma = "numpy.ma.core";
    let with = |of: Ops, data: Ops, fill: Ops| {
        let empty =
            call(global(ma, "_mareconstruct"), &[global(ma, "MaskedArray"), ndarray(), tuple(&[int(0)]), bytes(b"b")]);
        let parts = [int(1), tuple(&[int(1)]), of, FALSE.into(), data, bytes(&[0]), fill];
        pickle4(build(empty, tuple(&parts)))
    };
    let number = |fill: Ops| with(dtype("f8"), bytes(&[0; 8]), fill);
    let honest = number(build(empty_array(), array_state(&[], &dtype("f8"), bytes(&[0; 8]))));
    told_apart(&number(of_an_object(&[])), "misused-global", "its fill value is made of objects", &honest);
    accepted(&with(dtype_of_objects(), list(&[int(1)]), of_an_object(&[])));
}

#[test]
fn a_row_with_objects_is_an_array_of_one_and_no_bytes() {
    let scalar = |shape: &[i32], data: Ops| {
        let row = build(empty_array(), array_state(shape, &get(9), data));
        ops![put(of_objects(27), 9), b"0", call(global("numpy.core.multiarray", "scalar"), &[get(9), row])]
    };
    let row = || list(&[tuple(&[int(1), int(2)])]);
    let honest = pickle4(scalar(&[], row()));
    told_apart(&pickle4(scalar(&[1], row())), "misused-global", "it makes a void128", &honest);
    let bytes = call(global("numpy.core.multiarray", "scalar"), &[of_objects(27), bytes(&[0x41; 16])]);
    told_apart(&pickle4(bytes), "misused-global", "it makes a void128", &honest);
    // Another dtype than that of the array.
    let other = build(empty_array(), array_state(&[], &dtype_of_objects(), row()));
    let other = call(global("numpy.core.multiarray", "scalar"), &[of_objects(27), other]);
    told_apart(&pickle4(other), "misused-global", "it makes a void128", &honest);
}

#[test]
fn a_title_stands_for_its_own_field() {
    let with = |title: Ops, key: &str, again: Ops| {
        let fields =
            dict(&[("a", tuple(&[get(3), int(0), title])), ("b", tuple(&[dtype("f8"), int(8)])), (key, again)]);
        let pickled = structure(fields, &["a", "b"], 16, 1, 16);
        // PROTO, then the dtype that both share, below the structure.
        ops![&pickled[..2], put(dtype("i8"), 3), b"0", &pickled[2..]]
    };
    let same = |at: i32| tuple(&[get(3), int(at), text("T")]);
    let honest = with(text("T"), "T", same(0));
    for (hostile, words) in [
        (with(text("T"), "T", same(8)), "a title stands for another field"),
        (with(text("T"), "T", tuple(&[dtype("u8"), int(0), text("T")])), "a title stands for another field"),
        (with(text("T"), "T", tuple(&[get(3), int(0)])), "a title stands for another field"),
        (with(text("T"), "U", same(0)), "a title stands for another field"),
        (with(int(1), "T", same(0)), "a title is no text"),
        (with(text("b"), "T", same(0)), "a title stands for another field"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
    // numpy would let go of its objects twice.
    let objects = |first: Ops| {
        let titled = || tuple(&[get(3), int(0), text("T")]);
        let fields = dict(&[("a", titled()), ("b", tuple(&[dtype_of_objects(), int(8)])), ("T", titled())]);
        let pickled = structure(fields, &["a", "b"], 16, 1, 27);
        ops![&pickled[..2], put(first, 3), b"0", &pickled[2..]]
    };
    told_apart(&objects(dtype("i8")), "misused-global", "it has titles, and holds objects", &honest);
}

#[test]
fn what_is_noted_of_a_dtype_is_a_dict_of_data() {
    let with = |version: i32, notes: Ops| {
        let none = || NONE.to_vec();
        let state = [int(version), text("<"), none(), none(), none(), int(-1), int(-1), int(0), notes];
        pickle4(build(dtype_call("f8"), tuple(&state)))
    };
    let honest = with(4, dict(&[("unit", text("kg")), ("vlen", global("builtins", "str"))]));
    told_apart(&with(3, dict(&[])), "misused-global", "another version", &honest);
    told_apart(&with(4, list(&[])), "misused-global", "what is noted of it is no dict", &honest);
    // numpy lets go of notes by a call for each level.
    let deep = |levels: usize| with(4, dict(&[("a", ops![vec![b']'; levels], vec![b'a'; levels - 1]])]));
    told_apart(&deep(20), "misused-global", "more stands in what is noted of it", &deep(5));
    let noted = |code: Ops| with(4, dict(&[("vlen", code)]));
    let with_notes = with(4, dict(&[("a", int(1))]));
    let inner = ops![&with_notes[2..with_notes.len() - 1]];
    told_apart(&noted(inner), "misused-global", "more stands in what is noted of it", &noted(dtype("i4")));
    told_apart(&with(4, new(scaler())), "misused-global", "what is noted of it is no dict", &honest);
    told_apart(
        &with(4, dict(&[("f", global("numpy", "log1p"))])),
        "misused-global",
        "stands where data belongs",
        &honest,
    );
}

#[test]
fn fields_lie_over_one_another_only_without_objects() {
    let with =
        |first: Ops, second: Ops, flags: i32| structure(fields((first, 0), (second, 4)), &["a", "b"], 16, 1, flags);
    let honest = with(dtype("f8"), dtype("f8"), 16);
    let objects = with(dtype("f8"), dtype_of_objects(), 27);
    told_apart(&objects, "misused-global", "lie over one another, and there are objects", &honest);
}

#[test]
fn a_record_has_the_size_that_its_state_says_and_its_fields_lie_in_it() {
    let with = |size: i32| {
        let state =
            [int(3), text("|"), NONE.into(), tuple(&[text("a")]), dict(&[("a", tuple(&[dtype("f8"), int(0)]))])];
        let state = tuple(&[state.to_vec(), vec![int(size), int(1), int(16)]].concat());
        let dtype = call(global("numpy", "dtype"), &[global("numpy", "record"), FALSE.into(), TRUE.into()]);
        let array = call(reconstruct(), &[global("numpy", "recarray"), tuple(&[int(0)]), bytes(b"b")]);
        pickle4(build(array, array_state(&[2], &build(dtype, state), bytes(&[0; 16]))))
    };
    let honest = with(8);
    told_apart(&with(4), "misused-global", "a field lies outside", &honest);
    told_apart(&with(16), "misused-global", "its shape asks for 32", &honest);
    told_apart(&with(-1), "misused-global", "its size is none", &honest);
    let other = call(global("numpy", "dtype"), &[global("numpy", "float64"), FALSE.into(), TRUE.into()]);
    refused(&pickle4(other), "misused-global", "its code is no text");
}

#[test]
fn a_mask_of_a_structure_has_a_byte_for_each_of_its_fields() {
    let ma = "numpy.ma.core";
    let with = |mask: usize| {
        let empty =
            call(global(ma, "_mareconstruct"), &[global(ma, "MaskedArray"), ndarray(), tuple(&[int(0)]), bytes(b"b")]);
        let fields = fields((dtype("f8"), 0), (dtype("i8"), 8));
        let names = tuple(&[text("a"), text("b")]);
        let state = [int(3), text("|"), NONE.into(), names, fields, int(16), int(1), int(16)];
        let parts = [
            int(1),
            tuple(&[int(3)]),
            build(dtype_call("V16"), tuple(&state)),
            FALSE.into(),
            bytes(&[0; 48]),
            bytes(&vec![0; mask]),
            NONE.into(),
        ];
        pickle4(build(empty, tuple(&parts)))
    };
    for mask in [3, 5, 7, 48] {
        told_apart(&with(mask), "misused-global", "not one byte for each value", &with(6));
    }
    let constant = |arguments: &[Ops]| pickle4(call(global(ma, "MaskedConstant"), arguments));
    told_apart(&constant(&[int(1)]), "misused-global", "called with 1 arguments", &constant(&[]));
}

#[test]
fn elements_of_no_bytes_are_no_more_than_an_honest_file_has() {
    // numpy goes along all of them, by one call that nothing ends.
    let of = |element: Ops, shape: Ops| {
        let state = [int(3), text("|"), tuple(&[element, shape]), NONE.into(), NONE.into(), int(0), int(1), int(0)];
        build(dtype_call("V0"), tuple(&state))
    };
    let void = || build(dtype_call("V0"), dtype_state("|", 0, 1, 0));
    let words = "more elements of no bytes";
    for shape in [int, |count| tuple(&[int(count)]), |count| tuple(&[int(count / 10), int(10)])] {
        let with = |count: i32| pickle4(of(void(), shape(count)));
        told_apart(&with(1_000_000), "misused-global", words, &with(1000));
    }
    let record = |count: i32| {
        let fields = fields((of(void(), int(count)), 0), (dtype("i1"), 0));
        let names = tuple(&[text("a"), text("b")]);
        build(dtype_call("V1"), tuple(&[int(3), text("|"), NONE.into(), names, fields, int(1), int(1), int(16)]))
    };
    told_apart(&pickle4(record(65_536)), "misused-global", words, &pickle4(record(1000)));
    // A thousand in each of a thousand.
    let records = |count: i32| {
        let of = tuple(&[record(1000), int(count)]);
        let state = [int(3), text("|"), of, NONE.into(), NONE.into(), int(count), int(1), int(16)];
        pickle4(build(dtype_call(&format!("V{count}")), tuple(&state)))
    };
    told_apart(&records(1000), "misused-global", words, &records(10));
}
