//! Pickles inside arrays of objects, which `pickle.load` reads with the memo, the stack and the protocol of the pickle around them. Each file was
//! seen to crash it, or to run what was not judged, in CPython 3.6 to 3.13; its twin is accepted.

mod opcodes;

use opcodes::*;

const CODE: &str = "misused-global";
/// A value, an entry of the memo, and nothing on the stack.
const ENTRY: &[u8] = b"N\x940";

/// An array of one object, at which both readers are when nothing else is on the stack.
fn one_object() -> Ops {
    build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[NONE.into()])))
}

/// A pickle with so many entries, and in it an array whose objects are this pickle.
fn nested(entries: usize, inside: &[u8]) -> Ops {
    let around = ops![b"\x80\x04", ENTRY.repeat(entries), wrapper(&[1], &dtype_of_objects())];
    ops![around, b"\x80\x04", inside, one_object(), b".."]
}

fn structure(names: &[u8], fields: &[u8], size: i32, notes: &[u8]) -> Ops {
    let numbers = ops![int(size), int(1), int(27)];
    let version = int(if notes.is_empty() { 3 } else { 4 });
    let state = ops![b"(", version, text("|"), NONE, names, fields, numbers, notes, b"t"];
    build(dtype_call(&format!("V{size}")), state)
}

#[test]
fn the_fields_that_a_dtype_keeps_are_not_changed_by_another_name() {
    // Ours puts a pair into a dict of its own, and the reader around it into the one that numpy has for the fields.
    let place = |at: i32| ops![get(100), int(at), b"\x86"];
    let ordered = || call(global("collections", "OrderedDict"), &[list(&[tuple(&[text("a"), place(0)])])]);
    let plain = || ops![b"}", text("a"), place(0), b"s"];
    for (fields, notes) in [(ordered(), &b""[..]), (plain(), NONE), (plain(), b"}"), (plain(), b"")] {
        let file = |pair: &[u8]| {
            let dtype = structure(&ops![text("a"), b"\x85"], &ops![fields, b"\x94"], 8, notes);
            let used = build(
                empty_array(),
                ops![b"(", int(1), tuple(&[int(1)]), dtype, FALSE, list(&[tuple(&[NONE.into()])]), b"t"],
            );
            let other = ops![ENTRY, b"}\x940", get(3), pair, b"00"];
            nested(2, &ops![put(dtype_of_objects(), 100), b"0", used, other])
        };
        let changed = ops![text("a"), place(1 << 30), b"s"];
        let honest = file(&ops![text("a"), place(1 << 30), b"00"]);
        let words =
            if fields == ordered() { "puts items into a thing" } else { "puts items into the fields of a dtype" };
        told_apart(&file(&changed), CODE, words, &honest);
    }
}

#[test]
fn a_dtype_that_says_that_it_holds_objects_has_their_fields() {
    // To ours the entries are names and fields, and to the reader around it None: numpy 1.19 takes what stands beside the bytes for objects.
    let file = |names: &[u8]| {
        let places = ops![b"}", text("a"), dtype_of_objects(), int(0), b"\x86s"];
        let parts = ops![text("a"), b"\x85\x940", places, b"\x940", structure(names, &get(3), 16, b""), b"\x940"];
        let other = ops![b"]\x940", dtype("f8"), b"\x940"];
        let scalar = call(global("numpy.core.multiarray", "scalar"), &[get(6), bytes(b"AAAAAAAA")]);
        nested(2, &ops![ENTRY.repeat(2), parts, other, scalar, b"0"])
    };
    refused(&file(&get(2)), CODE, "of which nothing is known");
    accepted(&nested(
        2,
        &ops![
            ENTRY.repeat(2),
            structure(&ops![text("a"), b"\x85"], &ops![b"}", text("a"), dtype_of_objects(), int(0), b"\x86s"], 16, b""),
            b"0"
        ],
    ));
}

#[test]
fn numpy_writes_out_no_notes_that_were_not_judged() {
    // An error of numpy's says what the notes of a time are that are none.
    let file = |names: &[u8], notes: &[u8]| {
        let honest = tuple(&[b"}".to_vec(), tuple(&[bytes(b"ns"), int(1), int(1), int(1)])]);
        let state = ops![b"(", int(4), text("<"), NONE, names, NONE, int(-1), int(-1), int(0), notes, b"t"];
        let dtype = build(dtype_call("M8"), state);
        let around = ops![b"\x80\x04", ENTRY, b"](Ne\x940", wrapper(&[1], &dtype_of_objects())];
        ops![around, b"\x80\x04", ENTRY, honest, b"\x940", dtype, b"0", one_object(), b".."]
    };
    let honest = tuple(&[b"}".to_vec(), tuple(&[bytes(b"ns"), int(1), int(1), int(1)])]);
    told_apart(&file(&get(0), &get(1)), CODE, "gives a dtype a state", &file(NONE, &honest));
}

#[test]
fn names_are_those_of_the_protocol_of_the_pickle_around() {
    // From protocol 3 on Python imports `copy_reg` itself, from the folder in which it runs.
    for module in ["copy_reg\n_reconstructor", "__builtin__\nset", "UserDict\nUserDict", "exceptions\nValueError"] {
        let file =
            |name: &str| ops![b"\x80\x04", wrapper(&[3 + name.len() as i32], &dtype_bytes()), b"c", name, b"\n0."];
        let renamed = module.replace("copy_reg", "copyreg").replace("__builtin__", "builtins");
        let renamed = renamed.replace("UserDict\n", "collections\n").replace("exceptions", "builtins");
        let honest = file(if renamed.contains("UserDict") { "builtins\nset" } else { &renamed });
        refused(&file(module), CODE, &format!("fetches {}", module.replace('\n', ".")));
        accepted(&honest);
        // The pickle inside says no protocol, and is of 0 to ours.
        let inside = |protocol: u8| {
            let around = ops![[0x80, protocol], wrapper(&[1], &dtype_of_objects())];
            ops![around, b"c", module, b"\n0", one_object(), b".."]
        };
        if module.starts_with("copy_reg") || module.starts_with("__builtin__") {
            told_apart(&inside(4), CODE, &format!("fetches {}", module.replace('\n', ".")), &inside(2));
        }
    }
}

#[test]
fn what_does_nothing_to_the_other_reader_may_change_ours() {
    // BUILD gives None nothing, and the tree of ours its nodes.
    let file = |target: u8| {
        let tree = new(global("types", "SimpleNamespace"));
        let made = ops![ENTRY, tree, b"\x94", ENTRY, b"}\x940", dict(&[("strategy", int(1))]), b"\x940"];
        let array = ops![b"](", made, get(target), get(3), b"b0e"];
        let state = ops![b"(", int(1), tuple(&[int(1)]), dtype_of_objects(), FALSE, array, b"t"];
        let around = ops![b"\x80\x04", ENTRY, wrapper(&[1], &dtype_of_objects())];
        ops![around, b"\x80\x04", build(empty_array(), state), b".."]
    };
    refused(&file(1), CODE, "returns a thing that was not judged");
}

#[test]
fn a_list_of_arguments_is_not_made_of_an_array() {
    // `cls.__new__(cls, *args, **keywords)` makes one of its numbers first.
    let file = |arguments: Ops| elements(&ops![b"0N", arguments, b"N\x92"]);
    let array = call(ndarray(), &[tuple(&[int(300)]), text("b"), NONE.into()]);
    told_apart(&file(array), CODE, "calls something with what is no tuple", &file(tuple(&[int(1)])));
}

#[test]
fn a_text_is_no_shape_to_pandas_either() {
    // pandas before 1.0 calls once more, with bytes for texts.
    let file = |arguments: &[Ops]| elements(&ops![b"0", call(ndarray(), arguments), b"0."]);
    let shape = || text("\x7f\x7f\x7f\x7f");
    told_apart(
        &file(&[shape(), bytes(b"O8")]),
        CODE,
        "calls a function with arguments",
        &file(&[shape(), FALSE.into(), TRUE.into()]),
    );
}

#[test]
fn a_dict_in_an_array_is_not_filled_after_it_came_there() {
    // The entries that are counted are other ones to who has read the file around it: entry 2 is a text to ours, and the dict or
    // the name to `pickle.load`.
    let file = |made: Ops, elements: Ops, then: Ops| {
        let outer = ops![b"\x80\x04", text("o"), b"\x940", wrapper(&[1], &dtype_of_objects())];
        let inside = ops![b"\x80\x04", put(text("x"), 2), b"0", made, b"\x94", put(b"", 5), b"0"];
        let state = ops![b"(", int(1), tuple(&[int(1)]), dtype_of_objects(), FALSE, b"(", elements, b"l", then, b"t"];
        ops![outer, inside, build(empty_array(), state), b".."]
    };
    let filled = |value: Ops| file(b"}".to_vec(), get(2), ops![get(5), text("m"), value, b"s0"]);
    let words = "returns a thing that was not judged";
    told_apart(&filled(estimator(scaler(), &[])), CODE, words, &filled(int(1)));
    let named = |name: Ops| file(name, get(2), Ops::new());
    told_apart(&named(global("builtins", "getattr")), CODE, words, &named(global("numpy", "ndarray")));
}

#[test]
fn an_array_may_hold_texts_and_names_of_the_file_around_it() {
    // joblib since 1.5 writes the pickle inside an array as its own: who reads both with one memo finds there what the outer one put.
    let file = |around: &[u8]| {
        let outer = ops![b"\x80\x04", around, b"\x940", wrapper(&[2], &dtype_of_objects())];
        let elements = ops![b"](", get(0).repeat(2), b"e"];
        let array = build(empty_array(), array_state(&[2], &dtype_of_objects(), elements));
        ops![outer, b"\x80\x04", text("a"), b"\x940", array, b".", b"."]
    };
    let honest = [text("DataFrame"), global("numpy", "ndarray"), tuple(&[int(3)]), b"}".to_vec(), dtype("f8")];
    for around in &honest {
        accepted(&file(around));
    }
    let words = "returns a thing that was not judged";
    for around in [estimator(scaler(), &[]), list(&[int(1)]), dict(&[("model", estimator(scaler(), &[]))])] {
        told_apart(&file(&around), CODE, words, &file(&honest[0]));
    }
    // What it is told to hold may have been put into a dict before.
    let later = |pairs: &[u8]| {
        let outer = ops![b"\x80\x04", b"}\x940", b"}\x940", estimator(scaler(), &[]), b"\x940"];
        let elements = ops![b"](", get(0).repeat(2), b"e"];
        let array = build(empty_array(), array_state(&[2], &dtype_of_objects(), elements));
        let inside = ops![b"\x80\x04}\x940}\x940", text("b"), b"\x940", pairs, array, b".."];
        ops![outer, wrapper(&[2], &dtype_of_objects()), inside]
    };
    let put = ops![get(0), text("a"), get(2), b"s0"];
    let none = ops![get(0), text("a"), get(2), b"000"];
    told_apart(&later(&put), CODE, words, &later(&none));
}

#[test]
fn a_reader_that_looks_for_a_dtype_in_pandas_ends_there() {
    // An index of pandas 3 by joblib, of times in a zone: to the reader around it the first text is `pandas`, and not `numpy`.
    let file = |module: &str| {
        let around = ops![b"\x80\x04", text(module), b"\x940", wrapper(&[1], &dtype_of_objects())];
        let dtype = ops![text("numpy"), b"\x940", get(0), text("dtype"), b"\x93", text("f8"), FALSE, TRUE, b"\x87R0"];
        let method = call(global("builtins", "getattr"), &[global("zoneinfo", "ZoneInfo"), text("_unpickle")]);
        let zone = call(method, &[text("Europe/Berlin"), int(1)]);
        ops![around, b"\x80\x04", dtype, zone, b"0", one_object(), b".."]
    };
    told_apart(&file("mypkg"), CODE, "of which nothing is known", &file("pandas"));
}
