//! Every way in which a name can be asked for, and what asks for something from outside.

use crate::opcodes::*;

/// The same file with a name from the table of code runners, and with an honest one.
#[track_caller]
fn found(file: impl Fn(&str, &str) -> Ops) {
    told_apart(&file("posix", "system"), "dangerous-global", "posix.system", &file("numpy", "ndarray"));
}

#[test]
fn a_name_is_found_in_whatever_way_it_is_asked_for() {
    found(|module, name| pickle4(global(module, name)));
    found(|module, name| ops![global(module, name), b"."]); // No PROTO at all.
    found(|module, name| pickle4(stack_global(module, name)));
    // Through the memo.
    found(|module, name| {
        let texts = ops![b"(", put(text(module), 1), put(text(name), 2), b"1"];
        pickle4(ops![texts, get(1), get(2), b"\x93"])
    });
    // Through a memo entry that is overwritten.
    found(|module, name| {
        let texts = ops![put(text("numpy"), 1), b"0", put(text(module), 1), b"0"];
        pickle4(ops![texts, get(1), text(name), b"\x93"])
    });
    // Through a sparse memo entry, and one that MEMOIZE numbers.
    found(|module, name| {
        let far = ops![text(module), b"r", [0xff, 0xff, 0xff, 0], b"0"];
        pickle4(ops![far, b"j", [0xff, 0xff, 0xff, 0], text(name), b"\x94\x93"])
    });
    // By DUP, from under a POP, from behind POP_MARK.
    found(|module, name| pickle4(ops![text(name), b"2", b"0", b"0", text(module), text(name), b"\x93"]));
    found(|module, name| pickle4(ops![text(module), text("no"), b"0", text(name), b"\x93"]));
    found(|module, name| pickle4(ops![text(module), b"(", int(1), int(2), b"1", text(name), b"\x93"]));
    // As other kinds of text.
    found(|module, name| {
        let unicode8 = |text: &str| ops![b"\x8d", (text.len() as u64).to_le_bytes(), text];
        pickle4(ops![unicode8(module), unicode8(name), b"\x93"])
    });
    found(|module, name| {
        let binstring = |text: &str| ops![b"T", (text.len() as u32).to_le_bytes(), text];
        pickle4(ops![binstring(module), b"U", [name.len() as u8], name, b"\x93"])
    });
    found(|module, name| {
        let escaped = |text: &str| text.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
        let octal = |text: &str| text.bytes().map(|byte| format!("\\{byte:03o}")).collect::<String>();
        pickle4(ops![b"S'", escaped(module), b"'\nS\"", octal(name), b"\"\n\x93"])
    });
    found(|module, name| {
        let escaped = |text: &str| text.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<String>();
        pickle4(ops![b"V", escaped(module), b"\nV", name, b"\n\x93"])
    });
}

#[test]
fn a_name_that_only_stands_somewhere_is_found() {
    found(|module, name| pickle4(ops![global(module, name), b"0N"])); // Fetched and dropped: its module is imported.
    found(|module, name| pickle4(ops![b"(", global(module, name), b"1N"]));
    found(|module, name| pickle4(ops![b"}", global(module, name), int(1), b"s"]));
    found(|module, name| pickle4(tuple(&[list(&[tuple(&[global(module, name)])])])));
    found(|module, name| pickle4(ops![b"(", global(module, name), b"\x91"]));
    found(|module, name| pickle4(put(global(module, name), 1)));
}

#[test]
fn what_has_moved_is_known_where_it_stood() {
    let fetched = |module: &str, name: &str| pickle(2, list(&[global(module, name)]));
    for (module, known, beside) in [
        ("numpy.lib.function_base", "median", "add_docstring"),
        ("numpy.lib.function_base", "percentile", "piecewise"),
        ("numpy.lib.nanfunctions", "nanmean", "_apply_along_axis"),
    ] {
        told_apart(&fetched(module, beside), "dangerous-global", beside, &fetched(module, known));
    }
    let scores = "sklearn.metrics.classification";
    told_apart(&fetched(scores, "dump"), "unknown-global", "dump", &fetched(scores, "confusion_matrix"));

    let bunch = |class: &str, key: &str| {
        let item = ops![text(key), int(1), b"s"];
        pickle(2, build(ops![new(global("sklearn.datasets.base", class)), item], dict(&[])))
    };
    told_apart(&bunch("Bunch", "__setstate__"), "misused-global", "an item sets", &bunch("Bunch", "data"));
    refused(&bunch("load_files", "data"), "dangerous-global", "sklearn.datasets.base.load_files");

    let polynomial = |key: &str| {
        let state = dict(&[("coeffs", array(&[1.0, 2.0])), ("order", int(1)), (key, text("x"))]);
        pickle(2, build(new(global("numpy.lib.polynomial", "poly1d")), state))
    };
    told_apart(&polynomial("__setstate__"), "misused-global", "__setstate__", &polynomial("variable"));
}

#[test]
fn inst_and_obj_are_calls() {
    let inst = |module: &str, name: &str| ops![b"(", list(&[]), b"i", module, b"\n", name, b"\n."];
    told_apart(&inst("posix", "system"), "dangerous-global", "called with", &inst("builtins", "set"));
    let obj = |module: &str, name: &str| ops![b"(", global(module, name), list(&[]), b"o."];
    told_apart(&obj("posix", "system"), "dangerous-global", "called with", &obj("builtins", "set"));
    let empty = |class: Ops| ops![b"(", class, b"o."];
    told_apart(&empty(ndarray()), "misused-global", "an empty object of it is made", &empty(scaler()));
}

#[test]
fn a_refusal_says_what_is_called_with_what() {
    let finding =
        refused(&pickle4(attack()), "dangerous-global", "posix.system at byte 2, called with (\"echo PWNED\",)");
    assert_eq!(finding.name.as_deref(), Some("posix.system"));
    assert_eq!(finding.offset, Some(2));
    assert_eq!(finding.why, "loading this file would run a command");
}

#[test]
fn an_honest_name_of_a_dangerous_module_says_what_it_does_and_what_to_do() {
    let with = |module: &str, name: &str| pickle4(build(new(global(module, name)), dict(&[("a", int(1))])));
    for (module, name, does, next) in [
        ("joblib._store_backends", "FileSystemStoreBackend", "a later fit would read pickles", "memory=None"),
        ("distutils.version", "LooseVersion", "make the number of a version", "str(version)"),
        ("pandas.io.formats.printing", "PrettyDict", "make what groupby(…).groups gives", "dict(groups)"),
        ("os", "stat_result", "make what the system said of a file", "tuple(os.stat(path))"),
        ("urllib.parse", "ParseResult", "make the parts of an address", "parts.geturl()"),
        ("warnings", "WarningMessage", "make a warning that was kept", "str(warning.message)"),
    ] {
        let finding = refused(&with(module, name), "dangerous-global", name);
        assert!(finding.why.contains(does), "{finding:?}");
        assert!(finding.next.contains(next), "{finding:?}");
        // What hangs on it is what the module is.
        let finding = refused(&pickle4(global(module, &format!("{name}.__init__"))), "dangerous-global", name);
        assert!(!finding.why.contains(does) && !finding.next.contains(next), "{finding:?}");
    }
}

#[test]
fn a_file_that_breaks_after_the_harm_is_refused_for_the_harm_too() {
    let broken = ops![b"\x80\x04", attack(), b"\xff\xff"];
    let judged = judge(&broken);
    assert_eq!(judged.codes(), ["dangerous-global", "malformed"]);
    let before = ops![b"\x80\x04\xff", attack(), b"."];
    assert_eq!(judge(&before).codes(), ["malformed"], "Python stops there too");
}

/// What is offered can be done, and what can not be done is not offered: an attribute that Python itself keeps is nobody's class.
#[test]
fn only_what_can_be_allowed_is_offered() {
    use coldload::vocabulary::Vocabulary;
    for (module, name) in [
        ("mypkg", "Outer.Inner"),
        ("mypkg.sub", "Mine"),
        ("__main__", "Mine"),
        ("pkg.__main__", "Mine"),
        ("pkg.__init__", "Mine"),
        ("mypkg", "_Mine"),
        ("mypkg", "__mangled"),
    ] {
        let file = pickle4(new(stack_global(module, name)));
        let next = &refused(&file, "unknown-global", "").next;
        let whole = format!("{module}.{name}");
        assert!(next.contains(&format!("--allow {whole}")), "{next}");
        assert_eq!(judge_allowing(&file, &[&whole], &[]).codes(), [""; 0], "{whole}");
    }
    // However long it is: the name is told whole, so that it can be given back.
    let long = format!("{}.Model", "package".repeat(20));
    let file = pickle4(new(stack_global(&long, "Mine")));
    let finding = refused(&file, "unknown-global", "…");
    let whole = format!("{long}.Mine");
    assert!(
        finding.next.contains(&format!("--allow {whole}")) && finding.name.as_deref() == Some(&whole),
        "{finding:?}"
    );
    assert_eq!(judge_allowing(&file, &[&whole], &[]).codes(), [""; 0]);
    // Of what is called, members of an enumeration alone.
    let member = pickle4(call(stack_global("mypkg", "Color"), &[int(1)]));
    assert!(refused(&member, "unknown-global", "").next.contains("--allow mypkg.Color"));
    assert_eq!(judge_allowing(&member, &["mypkg.Color"], &[]).codes(), [""; 0]);
    for (name, argument) in [("Color", text("red")), ("color", int(1)), ("Outer.Color", int(1))] {
        let next = &refused(&pickle4(call(stack_global("mypkg", name), &[argument])), "unknown-global", "").next;
        assert!(!next.contains("--allow"), "{name}: {next}");
    }
    for (module, name) in [
        ("sklearn.svm", "SVC.fit.__globals__"),
        ("sklearn.svm", "SVC.__init__.__globals__"),
        ("sklearn.svm", "SVC.__init__"),
        ("mypkg", "Mine.__dict__"),
        ("mypkg", "__loader__"),
        ("mypkg", "__init__.x"),
        ("mypkg", "a..b"),
        ("mypkg", "Mine."),
        ("mypkg", "1a"),
    ] {
        let file = pickle4(new(stack_global(module, name)));
        let next = &refused(&file, "unknown-global", "").next;
        assert!(!next.contains("--allow") && next.contains("do not load the file"), "{module}.{name}: {next}");
        if name != "__init__.x" && name.contains("__") {
            assert!(Vocabulary::new(&[format!("{module}.{name}")], &[]).is_err(), "{module}.{name}");
        }
    }
    // The same letters, split elsewhere: a module of a package, and an attribute of a function.
    assert_eq!(
        judge_allowing(&pickle4(new(stack_global("mypkg.__init__", "x"))), &["mypkg.__init__.x"], &[]).codes(),
        [""; 0]
    );
    let attribute = pickle4(new(stack_global("mypkg", "__init__.x")));
    assert_eq!(judge_allowing(&attribute, &["mypkg.__init__.x"], &[]).codes(), ["unknown-global"]);
    // Below protocol 4 Python looks for one attribute with a dot in its name, and finds none.
    let old = pickle(2, new(global("mypkg", "Outer.Inner")));
    let next = &refused(&old, "unknown-global", "").next;
    assert!(!next.contains("--allow") && next.contains("below protocol 4"), "{next}");
}

#[test]
fn a_dotted_name_is_one_name_and_never_walked() {
    for name in ["ndarray.__class__", "dtype.type", "ndarray.__reduce__", "core.multiarray._reconstruct"] {
        let file = pickle4(stack_global("numpy", name));
        told_apart(&file, "unknown-global", "", &pickle4(stack_global("numpy", "ndarray")));
    }
    let judged = judge(&pickle4(stack_global("builtins", "str.format")));
    assert_eq!(judged.codes().len(), 1);
    let split = pickle4(stack_global("numpy.random", "_pickle.__generator_ctor"));
    refused(&split, "unknown-global", "numpy.random._pickle.__generator_ctor");
}

#[test]
fn names_that_only_look_alike_are_others() {
    for (module, name) in [
        ("numpy ", "ndarray"),
        ("numpy", "ndarray "),
        ("Numpy", "ndarray"),
        ("numpy", "nd\u{430}rray"),
        ("", "ndarray"),
    ] {
        let file = pickle4(stack_global(module, name));
        told_apart(&file, "unknown-global", "", &pickle4(stack_global("numpy", "ndarray")));
    }
}

#[test]
fn python_2_spellings_hold_below_protocol_3_only() {
    let with = |protocol, module: &str| pickle(protocol, call(global(module, "set"), &[list(&[int(1)])]));
    for protocol in [0, 1, 2] {
        told_apart(&with(3, "__builtin__"), "unknown-global", "__builtin__.set", &with(protocol, "__builtin__"));
    }
    accepted(&with(4, "builtins"));
    let object = |protocol| {
        let arguments = [scaler(), global("__builtin__", "object"), NONE.into()];
        pickle(protocol, call(global("copy_reg", "_reconstructor"), &arguments))
    };
    accepted(&object(2));
    let codes = judge(&object(4)).codes();
    assert_eq!(codes, ["unknown-global", "unknown-global"]);
    // Each pickle has a protocol of its own: the second one here is of protocol 0.
    accepted(&ops![pickle(4, int(1)), call(global("__builtin__", "set"), &[list(&[])]), b"."]);
    refused(&ops![pickle(2, int(1)), with(4, "__builtin__")], "unknown-global", "__builtin__.set");
}

#[test]
fn a_second_protocol_changes_what_names_mean_as_it_does_in_python() {
    let with = |second: u8| ops![b"\x80\x02", [0x80, second], call(global("__builtin__", "set"), &[list(&[])]), b"."];
    told_apart(&with(4), "unknown-global", "__builtin__.set", &with(1));
    refused(&ops![b"\x80\x02\x80\x04", stack_global("posix", "system"), b"."], "dangerous-global", "posix.system");
}

#[test]
fn a_dangerous_name_of_python_2_is_dangerous() {
    refused(&pickle(0, global("__builtin__", "eval")), "dangerous-global", "__builtin__.eval");
    refused(&pickle(4, global("__builtin__", "eval")), "dangerous-global", "__builtin__.eval");
    refused(&pickle(2, global("cPickle", "loads")), "dangerous-global", "cPickle.loads");
}

#[test]
fn code_inside_the_file_is_named_so() {
    for (module, name) in [
        ("cloudpickle.cloudpickle", "_make_function"),
        ("dill._dill", "_create_function"),
        ("joblib.externals.cloudpickle.cloudpickle", "_builtin_type"),
        ("types", "CodeType"),
    ] {
        refused(&pickle4(global(module, name)), "embedded-code", name);
    }
}

#[test]
fn every_name_that_refuses_a_file_is_told_at_once() {
    let file = pickle4(tuple(&[global("posix", "system"), global("mypkg", "A"), global("builtins", "eval")]));
    assert_eq!(judge(&file).codes(), ["dangerous-global", "unknown-global", "dangerous-global"]);
}

#[test]
fn opcodes_that_ask_for_something_from_outside_are_refused() {
    for (opcode, asks) in [
        (ops![b"P1\n"], "PERSID"),
        (ops![int(1), b"Q"], "BINPERSID"),
        (ops![b"\x82\x01"], "EXT1"),
        (ops![b"\x83\x01\x00"], "EXT2"),
        (ops![b"\x84\x01\x00\x00\x00"], "EXT4"),
        (ops![b"\x97"], "NEXT_BUFFER"),
        (ops![b"\x97\x98"], "NEXT_BUFFER"),
        (ops![int(1), b"\x98"], "READONLY_BUFFER"),
    ] {
        told_apart(&pickle(5, tuple(&[opcode])), "dangerous-opcode", asks, &pickle(5, tuple(&[int(1)])));
    }
}

#[test]
fn a_name_of_what_is_no_text_is_refused() {
    let with = |module: Ops| pickle4(ops![module, text("ndarray"), b"\x93"]);
    told_apart(&with(bytes(b"numpy")), "malformed", "something else than two texts", &with(text("numpy")));
    refused(&with(global("numpy", "ndarray")), "malformed", "something else than two texts");
}

#[test]
fn a_text_of_numpys_is_no_name() {
    // It is a `str` by its class's base only, and STACK_GLOBAL wants an exact one.
    let module = "numpy.random";
    let letters: Vec<u8> = module.chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
    let size = letters.len() as i32;
    let dtype = build(dtype_call(&format!("U{}", module.len())), dtype_state("<", size, 4, 8));
    let numpys = call(global("numpy.core.multiarray", "scalar"), &[dtype, bytes(&letters)]);
    let with = |module: Ops| pickle4(ops![module, text("RandomState"), b"\x93"]);
    accepted(&pickle4(&numpys));
    refused(&with(numpys), "malformed", "STACK_GLOBAL");
}

#[test]
fn a_letter_that_looks_like_another_is_shown_for_what_it_is() {
    let class = |module: &str| pickle4(estimator(global(module, "Model"), &[]));
    let next = |bytes: &[u8]| refused(bytes, "unknown-global", "Model").next;
    assert!(next(&class("skl\u{435}arn.svm")).starts_with("letters of this name are none of a to z"));
    assert!(next(&class("skl\u{435}arn.svm")).contains(r"skl\u{435}arn.svm.Model"));
    assert!(next(&class("my.models")).starts_with("only this once: --allow my.models.Model"));
}
