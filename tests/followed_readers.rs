//! Other readers that live on for longer: through texts that name a module, ends of pickles, frames and arrays. Each file
//! was seen to run a command by the reader that is named, or to hand it memory that is not its own; its twin is accepted.

mod opcodes;

use opcodes::*;
use std::path::{Path, PathBuf};

const CODE: &str = "misused-global";

/// Names, `first` by its texts and `behind` it, of which the file's own memo has others than the memo that it is read with.
fn by_another_memo(first: &str) -> (Ops, Ops) {
    let theirs =
        ops![text(first), b"\x940", text("posix"), b"\x940", text("system"), b"\x940", text("id"), b"\x85\x940"];
    let ours = ops![text("datetime"), b"\x940", text("builtins"), b"\x940", text("set"), b"\x940]\x85\x940"];
    (theirs, ops![ours, b"h\x00", text("time"), b"\x930h\x01h\x02\x93h\x03R"])
}

#[test]
fn another_module_may_have_the_name_too_and_is_read_on_behind_it() {
    // `datetime.time` to us, `time.time` to one `Unpickler` on both pickles.
    let shared = |first: &str| {
        let (theirs, ours) = by_another_memo(first);
        ops![b"\x80\x04", theirs, b"N.\x80\x04", ours, b"."]
    };
    told_apart(&shared("time"), CODE, "fetches time.time", &shared("no\tmodule"));
    // The same to `pickle.load`, of the pickle inside an array.
    let nested = |first: &str| {
        let (theirs, ours) = by_another_memo(first);
        let inside = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[int(1)])));
        ops![b"\x80\x04", theirs, wrapper(&[1], &dtype_of_objects()), b"\x80\x04", ours, b"0", inside, b".", b"."]
    };
    told_apart(&nested("time"), CODE, "fetches time.time", &nested("no\tmodule"));
    // The same arguments may do something else there: this one opens a file, and makes another.
    let encode = |first: &str| {
        let ours = ops![text("_codecs"), b"\x940h\x00", text("encode"), b"\x93"];
        let called = ops![ours, text("/etc/passwd"), text("latin1"), b"\x86R."];
        ops![b"\x80\x04", text(first), b"\x94.\x80\x04", called]
    };
    told_apart(&encode("uu"), CODE, "fetches uu.encode", &encode("no\tmodule"));
}

#[test]
fn a_module_that_is_a_program_is_not_imported() {
    // To one `Unpickler` on both pickles the module is the text of the first: Python imports it before it looks for the name.
    let with = |theirs: &str, module: &str, name: &str| {
        let ours = ops![text(module), b"\x940h\x00", text(name), b"\x93."];
        ops![b"\x80\x04", text(theirs), b"\x94.\x80\x04", ours]
    };
    for (module, name) in [("numpy", "dtype"), ("numpy.core.multiarray", "_reconstruct")] {
        for program in [
            "setup",
            "setup.x",
            "antigravity.x",
            "__phello__.spam",
            "idlelib.idle",
            "pip.__main__",
            "pip.__main__.x",
            "test.autotest",
            // What is not there is looked for in what is.
            "setup.x-1",
            "setup.x y",
            "setup..x",
            "antigravity.\u{1}",
        ] {
            let done = format!("fetches {}.{name}", program.replace('\u{1}', "\\x01"));
            told_apart(&with(program, module, name), CODE, &done, &with("column", module, name));
        }
    }
}

#[test]
fn a_class_by_the_name_of_an_estimator_keeps_what_it_is_given_in_any_module() {
    // To one `Unpickler` on both pickles the module is the text of the first, and a list is filled with that too.
    let with = |module: &str, name: &str, then: Ops| {
        let theirs = ops![text("elsewhere"), b"\x940", text("text"), b"\x94"];
        let ours = ops![text(module), b"\x94](h\x00e0h\x00", text(name), b"\x93"];
        ops![b"\x80\x04", theirs, b".\x80\x04", ours, then, b"."]
    };
    let made = ops![b")\x81", dict(&[("n", int(1))]), b"b"];
    let honest = with("sklearn.dummy", "DummyClassifier", made.clone());
    let filled = ops![b")R", text("n"), int(1), b"s"];
    told_apart(&with("collections", "OrderedDict", filled), CODE, "fetches elsewhere.OrderedDict", &honest);
    // But for those that ask it, and for what is none of scikit-learn's.
    for (module, name) in [("sklearn.isotonic", "IsotonicRegression"), ("numpy.polynomial.polynomial", "Polynomial")] {
        refused(&with(module, name, ops![b")\x81"]), CODE, &format!("fetches elsewhere.{name}"));
    }
}

#[test]
fn entries_are_counted_behind_the_pickle_inside_an_array_as_ours_are_if_it_added_none() {
    // Three entries of ours, of which the pickle inside the array takes the place of `added` for who has the same memo. The fourth
    // is the module of a class that calls an attribute as soon as it has one, and may stand at another index for that reader.
    let file = |added: u8| {
        let before = ops![text("a"), b"\x940", text("b"), b"\x940", text("c"), b"\x940("];
        let inside = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[int(1)])));
        let theirs: Ops = (0..added).flat_map(|index| ops![text("os"), [b'q', index], b"0"]).collect();
        let class = ops![text("sklearn.isotonic"), b"\x940h\x03", text("IsotonicRegression"), b"\x93)\x81"];
        let wrapped = wrapper(&[1], &dtype_of_objects());
        ops![b"\x80\x04", before, wrapped, b"\x80\x02", theirs, inside, b".", class, b"t."]
    };
    told_apart(&file(4), CODE, "fetches os.IsotonicRegression", &file(3));
}

#[test]
fn a_dict_in_a_dict_is_not_filled_after_an_array() {
    // joblib before 1.2 takes the last bytes of the array for opcodes, and returns the outer dict.
    let file = |value: Ops| {
        let dicts = ops![b"\x80\x04", put(b"}", 2), b"0", put(b"}", 1), text("a"), get(2), b"s0"];
        let array = padded(&dicts, 3, &ops![get(1), b"N0"]);
        ops![array, get(2), text("x"), value, b"s0."]
    };
    told_apart(&file(estimator(scaler(), &[])), CODE, "returns a thing that was not judged", &file(int(1)));
}

#[test]
fn labels_columns_and_numbers_are_opcodes_to_other_readers_and_do_nothing() {
    // Made by `tests/interop/make_letters.py`.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/letters");
    let files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 50);
    for file in files {
        assert_eq!(judge(&std::fs::read(&file).unwrap()).findings, [], "{}", file.display());
    }
}

#[test]
fn our_memo_has_what_another_reader_reads_over() {
    // The last bytes of the array are an opcode to it, of which `over` are the argument.
    let file = |before: Ops, over: &[u8], behind: Ops| {
        let length = u8::try_from(over.len()).unwrap();
        ops![padded(&ops![b"\x80\x04", before], 2, &[b'C', length]), over, behind, b"."]
    };
    // Behind an entry more the next ones are counted otherwise.
    let counted = |over: &[u8], index: u8| {
        let texts = ops![text("set"), b"\x940", text("nothing"), b"\x940"];
        file(ops![text("builtins"), b"q\x050"], over, ops![texts, b"h\x05", [b'h', index], b"\x930N"])
    };
    told_apart(&counted(b"0Nq\x080", 2), CODE, "fetches builtins.nothing", &counted(b"0NN00", 1));
    // The entry that it finds is another one by now.
    let again = |first: &str, put: &[u8]| {
        let over = ops![b"0", text("set"), put, b"0"];
        file(ops![text(first), b"q\x050"], &over, ops![text("builtins"), b"h\x05\x930N"])
    };
    told_apart(&again("nothing", b"q\x05"), CODE, "fetches builtins.nothing", &again("set", b"q\x06"));
    // What ours alone has changed is not the same any more; what nobody can change is.
    let changed = |old: &[u8]| {
        let over = b"0h\x00h\x01N\x86a0";
        let made = ops![global("collections", "OrderedDict"), old, b"\x85R0", global("builtins", "set"), b"0N"];
        file(ops![b"]\x940", text("a"), b"\x940"], over, made)
    };
    let words = "calls a function with arguments of which nothing is known";
    told_apart(&changed(b"h\x00"), CODE, words, &changed(b"]h\x01N\x86a"));
    // So is an argument, of which another function is made.
    let made = |name: Ops| {
        let over = ops![b"0", text("log1p"), b"q\x050"];
        let ufunc = call(global("numpy.core", "_ufunc_reconstruct"), &[text("numpy"), name]);
        file(ops![text("nothing"), b"q\x050"], &over, ops![ufunc, b"0", global("builtins", "set"), b"0N"])
    };
    told_apart(&made(get(5)), CODE, words, &made(text("log1p")));
    // The length of a frame is no opcode, though it be the byte of one.
    let framed = |put: &[u8]| {
        let over = ops![b"0", text("log"), put, b"0"];
        let behind = ops![call(global("numpy.core", "_ufunc_reconstruct"), &[text("numpy"), get(0)]), b"0N"];
        let left = usize::from(b'q') - over.len() - behind.len() - 1;
        let filler = if left.is_multiple_of(2) { Ops::new() } else { b"K\x000".to_vec() };
        let filler = ops![filler, b"N0".repeat((left - filler.len()) / 2)];
        file(ops![text("log"), b"\x940"], &ops![b"\x95", u64::from(b'q').to_le_bytes(), over, filler], behind)
    };
    told_apart(&framed(b"q\x00"), CODE, words, &framed(b""));
}

#[test]
fn who_loads_again_may_have_kept_its_memo() {
    let memo = ops![b"\x80\x03", text("posix"), b"q\x010", text("system"), b"q\x020", text("id"), b"\x85q\x030"];
    let file = |elements: &[u8]| {
        let shape = i32::try_from(elements.len()).unwrap();
        ops![memo, wrapper(&[shape], &dtype_bytes()), elements, b"."]
    };
    told_apart(&file(b"0N.h\x01h\x02\x93h\x03R."), CODE, "fetches posix.system", &file(b"0N.\0h\x01h\x02\x93h\x03R."));
    // What the pickle inside an array has put into the memo is there behind it, to the same `Unpickler`.
    let nested = |module: &str| {
        let ours = ops![text("builtins"), b"\x940", text("set"), b"\x940]\x85\x940"];
        let theirs = ops![text(module), b"q\x000", text("system"), b"q\x010", text("id"), b"\x85q\x020"];
        let inside = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[int(1)])));
        let behind = b"N0h\x00h\x01\x93h\x02R.";
        ops![b"\x80\x04", ours, wrapper(&[1], &dtype_of_objects()), b"\x80\x04", theirs, inside, b".", behind]
    };
    told_apart(&nested("posix"), CODE, "fetches posix.system", &nested("no\tmodule"));
    // So are texts of a second pickle in the third.
    let third = |module: &str| {
        let second = ops![text(module), b"q\x000", text("walk"), b"q\x010"];
        let ours = ops![text("builtins"), b"\x940", text("set"), b"\x940h\x00h\x01\x93"];
        ops![b"\x80\x04N\x94.\x80\x04", second, b"N.\x80\x04", ours, b"."]
    };
    told_apart(&third("os"), CODE, "fetches os.walk", &third("no\tmodule"));
}

#[test]
fn a_name_of_another_module_is_fetched_by_who_begins_anew_and_nothing_is_done_with_it() {
    // To who loads again behind the pickle inside an array the first text stands at index 0, where we have `_codecs`.
    let file = |then: Ops| {
        let inside = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[int(1)])));
        let before = ops![text("_codecs"), b"\x94", wrapper(&[1], &dtype_of_objects())];
        let behind = ops![text("uu"), b"\x940h\x00", text("encode"), b"\x93", then];
        ops![b"\x80\x04", before, b"\x80\x04", inside, b".", behind, b"\x87."]
    };
    let called = ops![text("a"), text("latin1"), b"\x86R"];
    let honest = file(ops![b"0", int(1)]);
    told_apart(&file(called), CODE, "calls a thing of which nothing is known", &honest);
}

#[test]
fn what_an_earlier_pickle_returned_is_given_nothing_that_could_be_called() {
    // To one `Unpickler` on both pickles the first entry of the memo is the first one's transformer.
    let class = || new(global("sklearn.preprocessing._function_transformer", "FunctionTransformer"));
    let file = |func: Ops| {
        let second = ops![class(), b"\x940h\x00", dict(&[("func", func)]), b"b"];
        ops![b"\x80\x04", class(), b"\x94.\x80\x04", second, b"."]
    };
    let words = "gives what an earlier pickle returned a thing";
    told_apart(&file(global("numpy", "sqrt")), CODE, words, &file(NONE.into()));
    let items = |then: Ops| ops![b"\x80\x04]\x94.\x80\x04]\x940h\x00", then, b"."];
    let given = |value: Ops| items(ops![value, b"a"]);
    told_apart(&given(global("numpy", "sqrt")), CODE, words, &given(int(1)));
    let pairs = |value: Ops| ops![b"\x80\x04}\x94.\x80\x04}\x940h\x00", text("a"), value, b"s."];
    told_apart(&pairs(global("numpy", "sqrt")), CODE, words, &pairs(int(1)));
}

#[test]
fn an_entry_of_the_memo_may_be_another_ones_where_they_are_counted() {
    // MEMOIZE takes the place of the entry before it in our memo, which counts from nothing, and in the shared one another.
    let both = |index: u8, theirs: Ops, ours: Ops| ops![theirs, [b'q', index], b"0", ours, b"\x940"];
    let file = |module: &str, name: &str| {
        let first = ops![both(1, text(module), text("datetime")), b"h\x01", text("time"), b"\x930"];
        let called =
            ops![both(2, text("posix"), text("builtins")), both(3, text(name), text("set")), b"h\x02h\x03\x93"];
        ops![b"\x80\x04N\x94.\x80\x04", first, called, b"."]
    };
    told_apart(&file("time", "system"), CODE, "fetches time.time", &file("no\tmodule", "system"));
}

#[test]
fn an_old_joblib_goes_on_behind_an_array_with_what_it_has() {
    // The end of the first array exchanges texts of the memo; behind the second one, which it reads as we do, they are a name.
    let theirs = ops![b"\x80\x04", text("posix"), b"q\x010", text("system"), b"q\x020"];
    let memo = ops![theirs, text("builtins"), b"q\x030", text("set"), b"q\x040"];
    let file = |tail: &[u8]| {
        ops![padded(&memo, 7, tail), b"0", wrapper(&[3], &dtype_bytes()), b"\xff\xff\xff0h\x03h\x04\x93."]
    };
    told_apart(&file(b"h\x01q\x03h\x02q\x04"), CODE, "goes on behind an array", &file(b"h\x01q\x03h\x02\0\0"));
    // So it does behind an array of objects.
    let objects = |tail: &[u8]| {
        let inside = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[int(1)])));
        let second = ops![wrapper(&[1], &dtype_of_objects()), b"\x80\x04", inside, b"."];
        ops![padded(&memo, 7, tail), b"0", second, b"0h\x03h\x04\x93."]
    };
    told_apart(&objects(b"h\x01q\x03h\x02q\x04"), CODE, "goes on behind an array", &objects(b"h\x01q\x03h\x02\0\0"));
}

#[test]
fn an_old_joblib_takes_an_array_from_behind_a_frame() {
    let aligned = |shape: i32| wrapper_with(&[("numpy_array_alignment_bytes", int(16))], &[shape], &dtype_bytes());
    let file = |frame: &[u8], first: &[u8], more: u64| {
        let second = ops![b"0", aligned(16)];
        let length = (second.len() as u64 + more).to_le_bytes();
        let one = padded(b"\x80\x04", 8, &ops![frame, length]);
        let padding = 16 - (one.len() + second.len() + 1) % 16;
        assert!(padding > 1);
        ops![one, second, [padding as u8], vec![0xff; padding], first, vec![0; 16 - first.len()], b"."]
    };
    told_apart(&file(b"\x95", b"", 2), CODE, "behind a frame", &file(b"\x95", b"", 1 << 60));
    // A frame that ends where ours would changes nothing.
    accepted(&file(b"\x95", b"", 0));
    // Behind an end in a frame other readers go on at its end.
    told_apart(
        &elements(&ops![b"0\x95", 20u64.to_le_bytes(), b"N.", vec![0; 30]]),
        CODE,
        "inside a frame",
        &elements(&ops![b"0\x95", 2u64.to_le_bytes(), b"N.", vec![0; 30]]),
    );
}

#[test]
fn no_bytes_of_an_array_give_a_state_that_is_asked_or_trusted() {
    let apart = |bytes: &[u8], words: &str| {
        told_apart(&elements(bytes), CODE, words, &elements(&[b"\0", bytes].concat()));
    };
    // Its `__setstate__` calls the attribute.
    let isotonic =
        build(new(global("sklearn.isotonic", "IsotonicRegression")), dict(&[("_build_f", global("builtins", "max"))]));
    apart(&ops![isotonic, b"."], "calls a function");
    let made = ops![
        b"ccopyreg\n_reconstructor\n",
        global("sklearn.isotonic", "IsotonicRegression"),
        global("builtins", "object"),
        b"N\x87R"
    ];
    apart(&ops![made, dict(&[]), b"b."], "calls a function");
    // Those of these ask the nodes for their type, and to be made another one.
    let bunch =
        ops![call(global("sklearn.utils", "Bunch"), &[]), b"X\x06\0\0\0astype", global("builtins", "max"), b"s"];
    let nodes = dict(&[("nodes", bunch.clone())]);
    let predictor = new(global("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor"));
    apart(&ops![predictor, nodes, b"b."], "nothing is known");
    // A text of an object, and an array of it, are made by its own methods.
    let dummy = estimator(global("sklearn.dummy", "DummyClassifier"), &[("__array__", global("builtins", "max"))]);
    for asks in ["builtins\nstr", "numpy\nfloat64", "builtins\nset", "numpy\nmatrix"] {
        apart(&ops![b"c", asks, b"\n", dummy, b"\x85R."], "nothing is known");
    }
    // An array of numbers asks what it is given.
    let given = |value: &[u8]| {
        let memo = ops![put(array(&[1.0]), 1), b"0"];
        let elements = ops![b"0h\x01", int(0), value, b"s."];
        ops![b"\x80\x03", memo, wrapper(&[i32::try_from(elements.len()).unwrap()], &dtype_bytes()), elements, b"."]
    };
    let dummy = new(global("sklearn.dummy", "DummyClassifier"));
    refused(&given(&dummy), CODE, "puts items into a thing");
}

#[test]
fn no_bytes_of_an_array_make_an_array_of_what_is_no_object() {
    // A dtype of objects that says of itself that it holds none: numpy would take eight bytes for an object's address.
    let hostile = build(dtype_call("O8"), dtype_state("|", 8, 8, 0));
    let apart = |bytes: &[u8], words: &str| {
        told_apart(&elements(bytes), CODE, words, &elements(&[b"\0", bytes].concat()));
    };
    apart(&ops![build(empty_array(), array_state(&[1], &hostile, bytes(b"AAAAAAAA"))), b"."], "gives a dtype a state");
    // An array that is given another state frees the memory that views of it look at.
    let again = |state: &[u8]| {
        let memo = ops![put(array(&[1.0]), 1), b"0", put(array_state(&[1], &dtype("f8"), bytes(&[0; 8])), 2), b"0"];
        let elements = ops![b"0h\x01", state, b"b."];
        ops![b"\x80\x03", memo, wrapper(&[i32::try_from(elements.len()).unwrap()], &dtype_bytes()), elements, b"."]
    };
    told_apart(&again(b"h\x02"), CODE, "gives an array a state", &again(b"\0"));
}

/// A dtype with one field, `a`, and its fields.
fn structure(size: i32, flags: i32, names: Ops, fields: &Ops) -> Ops {
    let state = ops![b"(", int(3), text("|"), b"N", names, fields, int(size), int(1), int(flags), b"t"];
    build(dtype_call(&format!("V{size}")), state)
}

/// Where the one field of a dtype stands.
fn field(of: &Ops, place: i32) -> Ops {
    ops![b"}\x94", text("a"), of, int(place), b"\x86s"]
}

#[test]
fn fields_of_a_structure_have_places_that_were_judged() {
    let name = || tuple(&[text("a")]);
    // To one `Unpickler` on both pickles the fields are those of the first, and numpy puts objects where they are: far away.
    let objects = |fetched: bool| {
        let fields = |place: i32| field(&dtype_of_objects(), place);
        let fields_of = if fetched { ops![fields(0), b"0"] } else { Ops::new() };
        let own = structure(8, 27, name(), &if fetched { get(0) } else { fields(0) });
        let array = build(empty_array(), array_state(&[1], &own, list(&[tuple(&[int(1)])])));
        ops![b"\x80\x04", fields(100_000_000), b".\x80\x04", fields_of, array, b"."]
    };
    told_apart(&objects(true), CODE, "gives a dtype a state", &objects(false));
    // Where there are only bytes, a compiled tree asks for an array of its own type, and numpy takes each field from its place.
    let numbers = |fetched: bool| {
        let fields = |place: i32| field(&dtype("f8"), place);
        let fields_of = if fetched { ops![fields(0), b"0"] } else { Ops::new() };
        let own = structure(8, 16, name(), &if fetched { get(0) } else { fields(0) });
        let array = build(empty_array(), array_state(&[1], &own, bytes(&[0; 8])));
        ops![b"\x80\x04", fields(1_000_000_000), b".\x80\x04", fields_of, array, b"."]
    };
    told_apart(&numbers(true), CODE, "gives a dtype a state", &numbers(false));
    // The same by bytes of which numpy makes an array without a state.
    let buffer = |fetched: bool| {
        let (theirs, ours) = (field(&dtype("f8"), 1_000_000_000), field(&dtype("f8"), 0));
        let memo = if fetched { ops![ours, b"0"] } else { Ops::new() };
        let own = structure(8, 16, name(), &if fetched { get(0) } else { ours });
        let made =
            call(global("numpy.core.numeric", "_frombuffer"), &[bytes(&[0; 8]), own, tuple(&[int(1)]), text("C")]);
        ops![b"\x80\x04", theirs, b".\x80\x04", memo, made, b"."]
    };
    told_apart(&buffer(true), CODE, "gives a dtype a state", &buffer(false));
}

#[test]
fn a_model_behind_another_fetches_the_class_of_its_arrays_by_a_text() {
    // As protocol 4 writes a fitted model: where the second has the module of `ndarray` the first has the name of an attribute.
    let pickle = |before: &str| {
        let module = ops![text(before), b"\x940", text("numpy"), b"\x940", get(1)];
        let array = [ops![module, text("ndarray"), b"\x93"], tuple(&[int(0)]), bytes(b"b")];
        ops![b"\x80\x04", build(call(reconstruct(), &array), array_state(&[1], &dtype("f8"), bytes(&[0; 8]))), b"."]
    };
    let first = |text_of_one: &str| ops![b"\x80\x04", text("a"), b"\x940", text(text_of_one), b"\x94."];
    told_apart(
        &ops![first("antigravity"), pickle("b")],
        CODE,
        "fetches antigravity.ndarray",
        &ops![first("solver"), pickle("b")],
    );
}

#[test]
fn structures_behind_each_other_are_read_by_one_unpickler_as_well() {
    // As Python writes a structure twice: names and types are fetched from the memo, places stand where they are.
    let pickle = || {
        let f8 = ops![dtype("f8"), b"\x94"];
        let fields = ops![b"}\x94(", get(0), f8, int(0), b"\x86", get(1), get(3), int(8), b"\x86u"];
        let names = ops![text("a"), b"\x94", text("b"), b"\x94\x86"];
        let state = ops![b"(", int(3), text("|"), b"N", names, fields, int(16), int(1), int(16), b"t"];
        let own = build(dtype_call("V16"), state);
        ops![b"\x80\x04", build(empty_array(), array_state(&[1], &own, bytes(&[0; 16]))), b"."]
    };
    accepted(&ops![pickle(), pickle()]);
}

#[test]
fn random_states_behind_each_other_are_read_by_one_unpickler_as_well() {
    // As numpy 2 writes one: the module of the second constructor is fetched from the memo.
    let pickle = |class: &str| {
        let random = ops![text("numpy.random._pickle"), b"\x94", text("__randomstate_ctor"), b"\x93\x94"];
        let generator =
            ops![get(0), text("__bit_generator_ctor"), b"\x93", stack_global("numpy.random._mt19937", class)];
        ops![b"\x80\x04", random, generator, b"\x85R\x85R."]
    };
    let honest = ops![pickle("MT19937"), pickle("MT19937")];
    accepted(&honest);
    // Of another class a constructor that is no longer ours makes nothing.
    let other = |class: Ops| {
        let first =
            ops![b"\x80\x04", text("numpy.random._pickle"), b"\x94", stack_global("builtins", "set"), b"\x940."];
        let ours = ops![text("numpy.random._pickle"), b"\x94", class, b"\x940"];
        ops![first, b"\x80\x04", ours, get(0), text("__bit_generator_ctor"), b"\x93", get(1), b"\x85R."]
    };
    let class = stack_global("numpy.random._mt19937", "MT19937");
    refused(&other(class), CODE, "calls a function with arguments");
}

#[test]
fn an_old_joblib_that_passes_over_arrays_does_not_come_to_them() {
    // Each array's last bytes skip to what stands behind all of them: whoever takes the first ones sees no other array.
    let file = |count: usize, behind: &[u8]| {
        let mut all = b"\x80\x04(".to_vec();
        for _ in 0..count {
            all = padded(&all, 5, &ops![b"B", 300_000u32.to_le_bytes()]);
        }
        ops![all, b"t", bytes(&[b"N0".repeat(150_000), behind.to_vec(), b"N0".repeat(100)].concat()), b"0."]
    };
    let command = b"cposix\nsystem\n(Vid\ntR.";
    told_apart(&file(400, command), CODE, "fetches posix.system", &file(400, &b"N0".repeat(12)));
}

#[test]
fn a_name_that_the_end_of_the_file_cuts_short_is_fetched_without_its_last_byte() {
    // The reader that is written in Python takes what there is for a line; joblib's is made of it.
    let inst = |module: &str| ops![b"(Vid\ni", module, b"\nsystem"];
    let old = |module: &str| ops![padded(b"\x80\x04", 14, &inst(module)), b"."];
    told_apart(&old("os"), CODE, "fetches os.system", &old("o\x01"));
    let plain = |module: &str| elements(&ops![b"0", inst(module)]);
    told_apart(&plain("os"), CODE, "fetches os.system", &plain("o\x01"));
    // The same where both lines are cut short, or nothing is left of the second.
    for name in ["os", "os\n"] {
        let file = |before: &str| elements(&ops![b"0c", before, name]);
        told_apart(&file(""), CODE, "fetches os.", &file("\x01"));
    }
}

#[test]
fn a_folder_is_a_module_whatever_it_is_called() {
    // Each folder in Python's path is a package, and what is in it is a module of that.
    let file = |module: &str, name: &str| {
        let theirs = [module, name, "posix", "system"].map(|part| ops![text(part), b"\x940"]).concat();
        let ours = ops![text("builtins"), b"\x940", text("set"), b"\x940]\x85\x940", b"h\x00h\x01\x930"];
        ops![b"\x80\x04", theirs, b"N.\x80\x04", ours, b"N."]
    };
    for (module, name) in [
        ("lib-dynload", "__loader__"),
        ("lib-dynload._ctypes", "dlopen"),
        ("site-packages.pip._internal.utils.subprocess", "subprocess.getoutput"),
        ("01 train", "go"),
    ] {
        let honest = file(&module.replacen(['-', ' '], "\t", 1), name);
        told_apart(&file(module, name), CODE, &format!("fetches {module}.{name}"), &honest);
    }
}

#[test]
fn a_module_is_imported_before_what_no_module_is_called_by() {
    let inst = |module: &str| ops![b"(i", module, b"\nx\n"];
    for (module, none) in
        [("setup.\u{1}", "\u{1}.setup"), ("any.\u{7f}", "\u{7f}.any"), (".any.\u{1}", "..any"), ("any.", "")]
    {
        let done = if module == "any." { "fetches any..x" } else { "x" };
        told_apart(&elements(&ops![b"0", inst(module)]), CODE, done, &elements(&ops![b"0", inst(none)]));
        let old = |module: &str| ops![padded(b"\x80\x04", 14, &inst(module)), b"."];
        told_apart(&old(module), CODE, done, &old(none));
    }
    // The same of a line that nobody keeps.
    let long = |first: &str| elements(&ops![b"0c", first, "x".repeat(1 << 17), b"\x01\nx\n"]);
    told_apart(&long("any."), CODE, "fetches a name that is longer than any", &long("\u{1}."));
}

/// What `pickle.load` makes of bytes that joblib takes for an array's elements.
const COMMAND: &[u8] = b"0cposix\nsystem\n(Vid\ntR.";

#[test]
fn an_act_that_does_nothing_stops_nobody() {
    // No items are put into None, and no state is no state to what has no `__setstate__`.
    for nothing in [&b"N(u"[..], b"N(e", b"N(\x90", b"NNb", b"N)b", b"NK\0b", b"]}b", b"NN}\x86b", b"N(u(e(\x90Nb"] {
        let file = |between: &[u8]| elements(&ops![b"0", nothing, between, COMMAND]);
        told_apart(&file(b""), CODE, "fetches posix.system", &file(b"\0"));
        // A state in which there is something is none for None.
        accepted(&elements(&ops![b"0", nothing, b"0N", text("a"), b"b", COMMAND]));
    }
    // What keeps attributes may have a `__setstate__`, and that is not known to raise.
    let model = new(global("sklearn.dummy", "DummyClassifier"));
    for state in [&b"N"[..], &text("a")] {
        refused(&elements(&ops![b"0", model, state, b"b", COMMAND]), CODE, "gives a thing a state");
    }
    // numpy's own dtypes take any state, and do nothing; only a copy of one raises.
    for copied in [&b""[..], FALSE, TRUE] {
        let dtype = ops![global("numpy", "dtype"), b"(", text("f8"), FALSE, copied, b"tR"];
        for state in [&b"N"[..], &int(5), b"]", b"}"] {
            let file = |between: &[u8]| elements(&ops![b"0", dtype, state, b"b", between, COMMAND]);
            told_apart(&file(b""), CODE, "fetches posix.system", &file(b"\0"));
        }
    }
}

#[test]
fn no_bytes_of_an_array_make_a_wrapper_that_their_reader_knows() {
    // `joblib.load` takes the array of scikit-learn's copy of it for an object, and reads arrays of its own in what follows.
    let inside = ops![b"0", new(global("joblib.numpy_pickle", "NumpyArrayWrapper")), b"0."];
    let file = |wrapper: Ops| ops![b"\x80\x03", wrapper, inside, b"."];
    let own = || wrapper(&[i32::try_from(inside.len()).unwrap()], &dtype_bytes());
    told_apart(&file(of_sklearn(&own())), CODE, "fetches joblib.numpy_pickle.NumpyArrayWrapper", &file(own()));
}

#[test]
fn no_bytes_of_an_array_set_an_attribute_that_readers_call() {
    let model = new(global("sklearn.dummy", "DummyClassifier"));
    for hook in ["__setstate__", "__new__", "append"] {
        let file = |key: &str| elements(&ops![b"0", model, dict(&[(key, global("numpy", "log"))]), b"b0\0"]);
        told_apart(&file(hook), CODE, "gives a thing a state", &file("strategy"));
    }
}

#[test]
fn who_certainly_raises_is_followed_no_further() {
    let apart = |goes_on: &[u8], raises: &[u8]| {
        let file = |bytes: &[u8]| elements(&ops![bytes, COMMAND]);
        told_apart(&file(goes_on), CODE, "fetches posix.system", &file(raises));
    };
    // An array's wrapper takes no items, and neither does a dict without keys.
    apart(b"0}NNs", b"NNs");
    apart(b"0]Na", b"Na");
    apart(b"0]Na", b"0}Na");
    // Of a key without a value there is nothing to be set.
    apart(b"0}(NNu", b"0)NNs");
    // What a list has a set has not, nor have bytes that do not change.
    apart(b"0]Na", b"0\x8fNa");
    apart(b"0\x8f(N\x90", b"0](N\x90");
    apart(b"0]Na", &ops![b"0", bytes(b"AAAAAAAAA"), b"Na"]);
    // A function makes no objects, and what can not be changed takes no items.
    let arguments = [ndarray(), tuple(&[int(0)]), bytes(b"b")];
    apart(&ops![b"0", call(reconstruct(), &arguments)], &ops![b"0", reconstruct(), b")\x81"]);
    apart(b"0](Ne", b"0)(Ne");
}

#[test]
fn an_old_joblib_stops_where_python_raises() {
    let before = ops![b"\x80\x04", text("posix"), b"q\x010", text("system"), b"q\x020"];
    let file = |text: &[u8]| ops![padded(&before, 7, &ops![b"U\x01", text, b"h\x01h\x02\x93"]), b"."];
    // It knows no encoding of texts of Python 2 but ASCII.
    told_apart(&file(b"a"), CODE, "fetches posix.system", &file(b"\xe9"));
}

#[test]
fn who_came_by_an_array_without_elements_reads_opcodes_in_the_next_one() {
    // As joblib 1.1 writes an imputer: to `pickle.load` the empty array is its wrapper, and our opcodes follow. It puts that into what holds
    // it, and has our stack where the bytes of the next array begin: `a` appends to a text there, and it stops.
    let file = |elements: &[u8]| {
        let length = i32::try_from(elements.len()).unwrap();
        let empty = ops![text("empty"), wrapper(&[0], &dtype("i8"))];
        let inside = ops![b"}(", empty, text("list"), b"](", int(1), text("x"), b"eu"];
        let full = ops![text("full"), wrapper(&[length], &dtype_bytes()), elements];
        ops![b"\x80\x04}(", text("inside"), inside, full, b"u."]
    };
    told_apart(&file(&ops![b"0", COMMAND]), CODE, "fetches posix.system", &file(b"a\xff\xffa"));
    // What else stands there may be another thing to it.
    told_apart(&file(b"0a\xff"), CODE, "puts items into a thing of which nothing is known", &file(b"a\xff\xff"));
}

#[test]
fn a_number_leaves_no_memo_to_the_pickle_behind_it() {
    // `datetime.time` to us, and `time.time` to one `Unpickler` that has a memo from before.
    let (theirs, ours) = by_another_memo("time");
    let file = |first: &[u8]| ops![b"\x80\x04", first, b".\x80\x04N.\x80\x04", ours, b"."];
    told_apart(&file(&ops![theirs, b"N"]), CODE, "fetches time.time", &file(&int(3)));
}
