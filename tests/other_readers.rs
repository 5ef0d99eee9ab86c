//! Files that mean one thing to joblib, and would run code for somebody who reads them with something else: each is refused,
//! and its twin, which only lacks the name that runs code, is accepted.

mod opcodes;

use coldload::bytes::Limits;
use opcodes::*;

/// What `pickle.load` makes of bytes that joblib takes for an array's elements.
const COMMAND: &[u8] = b"0cposix\nsystem\n(Vid\ntR.";

#[test]
fn elements_that_are_opcodes_to_pickle_are_refused() {
    told_apart(&elements(COMMAND), "misused-global", "fetches posix.system", &elements(b"\0cposix\nsystem\n(Vid\ntR."));
    // Behind an argument that goes on for longer than any buffer.
    let long = [b"0B".as_slice(), &100_000u32.to_le_bytes(), &vec![0; 100_000], COMMAND].concat();
    let harmless = [&long[..long.len() - COMMAND.len()], b"\0".as_slice(), COMMAND].concat();
    told_apart(&elements(&long), "misused-global", "fetches posix.system", &elements(&harmless));
    // By texts that stand below a mark.
    let below = |elements: &[u8]| {
        let shape = i32::try_from(elements.len()).unwrap();
        ops![b"\x80\x03(", text("posix"), text("system"), b"(", wrapper(&[shape], &dtype_bytes()), elements, b"tt."]
    };
    told_apart(&below(b"1\x93"), "misused-global", "fetches posix.system", &below(b"1\x00\x93"));
}

#[test]
fn the_class_of_a_mapped_array_is_fetched_and_called_by_no_bytes_of_an_array() {
    // Of a text it would open the file that is called so; of more it would write there.
    let fetched = |class: &str| elements(format!("0cnumpy\n{class}\n0N.").as_bytes());
    told_apart(&fetched("memmap"), "misused-global", "fetches numpy.memmap", &fetched("ndarray"));
    let known = |opcodes: &[u8]| {
        let mapped = call(reconstruct(), &[put(global("numpy", "memmap"), 5), tuple(&[int(0)]), bytes(b"b")]);
        let mapped = build(mapped, array_state(&[1], &dtype("u1"), bytes(b"a")));
        let shape = i32::try_from(opcodes.len()).unwrap();
        ops![b"\x80\x03", mapped, wrapper(&[shape], &dtype_bytes()), opcodes, b"\x86."]
    };
    let harmless = known(b"0h\x05(Vfile\nt0N.");
    told_apart(&known(b"0h\x05(Vfile\ntR."), "misused-global", "calls a function", &harmless);
    told_apart(&known(b"0h\x05(Vfile\nt\x81."), "misused-global", "calls a function", &harmless);
    told_apart(&known(b"0h\x05)\x81."), "misused-global", "calls a function", &harmless);
}

#[test]
fn an_array_of_objects_means_the_same_with_the_memo_of_the_file_around_it() {
    let file = |module: &str, name: &str| {
        let outer = ops![text(module), b"\x940", text(name), b"\x940", wrapper(&[1], &dtype_of_objects())];
        let before = ops![text("collections"), b"\x940", text("OrderedDict"), b"\x940h\x00h\x01\x930"];
        let nested = build(empty_array(), array_state(&[1], &dtype_of_objects(), list(&[int(1)])));
        ops![b"\x80\x04", outer, b"\x80\x04", before, nested, b".", b"."]
    };
    told_apart(&file("posix", "system"), "misused-global", "fetches posix.system", &file("no\tname", "at all"));
}

#[test]
fn a_padded_array_ends_in_no_opcodes_for_a_joblib_that_does_not_know_padding() {
    let file = |tail: &[u8]| {
        let outer = ops![b"\x80\x04", text("posix"), b"q\x010", text("system"), b"q\x020"];
        ops![padded(&outer, 10, tail), b"."]
    };
    told_apart(&file(b"h\x01h\x02\x93"), "misused-global", "fetches posix.system", &file(b"h\x01h\x02\x00"));
}

#[test]
fn pickles_that_share_a_memo_mean_the_same() {
    let file = |module: &str, name: &str| {
        let first = ops![b"\x80\x04", text(module), b"\x940", text(name), b"\x94."];
        let second = ops![b"\x80\x04", text("collections"), b"\x940", text("OrderedDict"), b"\x940h\x00h\x01\x93)R."];
        ops![first, second]
    };
    told_apart(&file("posix", "system"), "misused-global", "fetches posix.system", &file("no\tname", "at all"));
}

#[test]
fn a_distribution_is_given_no_state_by_a_joblib_that_does_not_know_padding() {
    // The array's last byte is BUILD: with a dict from the memo for a state it may be code, with None it is nothing.
    let file = |tail: &[u8]| {
        let dist = new(global("scipy.stats._continuous_distns", "uniform_gen"));
        let outer = ops![b"\x80\x04", dict(&[]), b"q\x010", put(dist, 2)];
        ops![padded(&outer, 10, tail), b"\x860N."]
    };
    told_apart(&file(b"h\x02h\x01b"), "misused-global", "gives a thing a state", &file(b"h\x02N"));
}

#[test]
fn what_python_reads_in_its_own_way_is_followed_too() {
    let after = |before: &[u8]| elements(&[before, COMMAND].concat());
    let beyond = |count: usize| [b"N".repeat(count), ops![text("posix"), text("system"), b"\x93"]].concat();
    let full: Vec<u8> = (0..100_001u32).flat_map(|index| ops![b"Nr", index.to_le_bytes(), b"0"]).collect();
    let overwritten = ops![full, text("posix"), b"q\x050", text("system"), b"q\x060h\x05h\x06\x93"];
    let long = "system.".repeat(50) + "__self__";
    let distribution =
        ops![global("copyreg", "_reconstructor"), b"(", global("scipy.stats._continuous_distns", "norm_gen")];
    let remade = ops![distribution, global("builtins", "object"), b"NtR}b"];
    for (bytes, words) in [
        // A text of lone surrogates is a text.
        (ops![b"\x8c\x03\xed\xa0\x800", COMMAND], "fetches posix.system"),
        // A number with zeros before it is a number.
        (ops![b"p05\n", COMMAND], "another spelling"),
        // Names and lines that are longer than what is kept.
        (ops![text("posix"), text(&long), b"\x93"], "nothing is known"),
        (ops![b"c", "m".repeat(70_000), b"\nsystem\n"], "longer than any"),
        // More values, and more entries, than are kept.
        (beyond(100_010), "nothing is known"),
        (overwritten, "fetches posix.system"),
        // What `copyreg` makes is an object of the class that it is given, and made by its base.
        (remade, "calls a function"),
        // A module is imported before the name in it is looked for.
        (ops![b"cthis\nno such name\n"], "fetches this.no such name"),
        // A module that a table knows, and a name that none does.
        (ops![b"cnumpy\nno such name\n"], "fetches numpy.no such name"),
        // Who loads again goes on behind the first end.
        (ops![b"0N.", COMMAND[1..]], "fetches posix.system"),
    ] {
        let file = elements(&bytes);
        told_apart(&file, "misused-global", words, &elements(&[b"\0", &bytes[..]].concat()));
        // Whatever the pieces in which the bytes come.
        for window in [1000, 100_000] {
            assert_eq!(judge_with(&file, &Limits::default(), window).findings, judge(&file).findings, "{words}");
        }
    }
    refused(&after(b""), "misused-global", "fetches posix.system");
}

#[test]
fn an_old_joblib_that_lives_through_one_array_is_met_at_the_next() {
    let file = |first: &[u8], second: &[u8]| {
        let start = ops![b"\x80\x04(", text("posix"), b"q\x010", text("system"), b"q\x020"];
        let one = padded(&start, 12, first);
        ops![padded(&one, 12, second), b"t."]
    };
    // The first array leaves two texts on the stack of such a reader, the second makes a name of them.
    told_apart(&file(b"h\x01h\x02", b"00\x93"), "misused-global", "nothing is known", &file(b"h\x01\0", b"00\0"));
}

#[test]
fn an_old_joblib_that_stops_at_one_array_never_comes_to_the_next() {
    let file = |first: &[u8]| {
        let start = ops![b"\x80\x04(", text("posix"), b"q\x010", text("system"), b"q\x020"];
        let one = padded(&start, 12, first);
        ops![padded(&one, 12, b"h\x01h\x02\x93"), b"t."]
    };
    told_apart(&file(b"NN0"), "misused-global", "nothing is known", &file(b"N\x000"));
    // Nor does one that finds a part of the padding where it looks for opcodes.
    let short = |last: &[u8]| {
        let aligned = wrapper_with(&[("numpy_array_alignment_bytes", int(16))], &[4], &dtype_bytes());
        let start = ops![b"\x80\x04(", text("posix"), b"q\x010", text("system"), b"q\x020"];
        let padding = 16 - (start.len() + aligned.len() + 1) % 16;
        let one = ops![start, aligned, [padding as u8], vec![0xff; padding], b"NN00"];
        ops![padded(&one, 12, last), b"t."]
    };
    accepted(&short(b"h\x01h\x02\x93"));
}

#[test]
fn names_of_the_tables_are_called_by_no_bytes_of_an_array() {
    // `os.system`, by a function of numpy's that imports and gets what it is told.
    let reconstruct =
        [b"cnumpy.core\n_ufunc_reconstruct\n".as_slice(), &text("os"), &text("system"), b"\x86R"].concat();
    let called = [reconstruct.as_slice(), &text("true"), b"\x85R."].concat();
    told_apart(
        &elements(&called),
        "misused-global",
        "calls a function",
        &elements(&[b"\0", called.as_slice()].concat()),
    );
    // The constructor of a generator calls its second argument.
    let constructor = [b"cnumpy.random._pickle\n__generator_ctor\n".as_slice(), &text("MT19937")].concat();
    let called = [constructor.as_slice(), b"csklearn.svm._classes\nSVC\n\x86R."].concat();
    told_apart(
        &elements(&called),
        "misused-global",
        "calls a function",
        &elements(&[b"\0", called.as_slice()].concat()),
    );
    // What a function gave is called.
    let called = b"cfunctools\npartial\ncnumpy\nlog1p\n\x85R)R.";
    told_apart(&elements(called), "misused-global", "calls a function", &elements(b"\0cfunctools\npartial\n"));
    // A class is given attributes, for all that use it.
    let built = b"csklearn.svm._classes\nSVC\n}b.";
    told_apart(
        &elements(built),
        "misused-global",
        "gives a thing a state",
        &elements(b"\0csklearn.svm._classes\nSVC\n}b."),
    );
}

#[test]
fn names_and_texts_of_the_memo_are_called_by_no_end_of_a_padded_array() {
    let before = |module: &str, name: &str| {
        let function = ops![b"\x80\x03cnumpy.core\n_ufunc_reconstruct\nq\x01", text("numpy"), text("log1p"), b"\x86R0"];
        ops![function, text(module), b"q\x020", text(name), b"q\x030", text("true"), b"q\x040"]
    };
    let called = b"h\x01h\x02h\x03\x86Rh\x04\x85R.";
    let harmless = b"h\x01h\x02h\x03\x86\0h\x04\x85R.";
    let file = |tail: &[u8]| ops![padded(&before("os", "system"), called.len(), tail), b"."];
    told_apart(&file(called), "misused-global", "calls a function", &file(harmless));
}

#[test]
fn a_module_is_whatever_a_file_may_be_called() {
    for module in [".antigravity", "train-model", "2to3", "a b", "x/y", "\u{e9}"] {
        let elements_of = |first: &str| elements(&[first.as_bytes(), module.as_bytes(), b"\nx\n."].concat());
        told_apart(&elements_of("c"), "misused-global", &format!("fetches {module}.x"), &elements_of("\0c"));
    }
    // No file is called by a control character.
    told_apart(&elements(b"cab\nx\n."), "misused-global", "fetches ab.x", &elements(b"ca\x01b\nx\n."));
}

#[test]
fn a_text_is_no_opcode_of_ours_to_who_comes_into_the_middle_of_it() {
    // The end of the array is an opcode whose argument reaches into the text behind it.
    let payload = "cdecimal\nDecimal\nX\u{1}\0\0\0x\u{1}";
    let hidden = [b"ctrain\nstep\n".as_slice(), payload.as_bytes()].concat();
    let file = |reach: u8, hidden: &[u8]| {
        let behind = ops![b"0X", (hidden.len() as u32).to_le_bytes(), hidden, b"."];
        ops![padded(b"\x80\x03", 2, &[b'C', reach]), behind]
    };
    // POP, BINUNICODE and its length are passed over; then comes the text. Its twin is passed over whole.
    let whole = 6 + u8::try_from(hidden.len()).unwrap();
    told_apart(&file(6, &hidden), "misused-global", "fetches train.step", &file(whole, &hidden));
}

/// Files that begin with an array of objects, such as labels, and go on with a model, by joblib 1.2 to 1.6: who calls `pickle.load` once more
/// behind that array makes objects of objects, and looks for names in modules that are none.
#[test]
fn models_behind_their_labels_are_accepted() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/labels");
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 11);
    for file in files {
        accepted(&std::fs::read(file).unwrap());
    }
}

#[test]
fn nearly_all_honest_models_behind_each_other_are_accepted() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/models");
    let mut models = Vec::new();
    for version in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(version.unwrap().path()).unwrap() {
            models.push(file.unwrap().path());
        }
    }
    models.retain(|path| path.extension().is_some_and(|ending| ending == "pkl"));
    models.sort();
    let models: Vec<Vec<u8>> = models.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(models.len() > 50);
    let refused = models.windows(2).filter(|pair| !judge(&pair.concat()).findings.is_empty()).count();
    // To one `Unpickler` on both, some texts are the first model's, and by chance a tree of the second is made of what was not judged.
    assert!(refused <= 5, "{refused} of {}", models.len() - 1);
}
