//! More of Python's own data: typed arrays, addresses, random generators, patterns, loggers and errors.

use crate::opcodes::*;

fn called(module: &str, name: &str, arguments: &[Ops]) -> Ops {
    pickle4(call(global(module, name), arguments))
}

#[test]
fn a_typed_array_is_made_of_numbers_or_bytes() {
    let honest = called("array", "array", &[text("i"), list(&[int(1), int(2)])]);
    accepted(&called("array", "array", &[text("d")]));
    for arguments in [
        vec![text("i"), list(&[estimator(scaler(), &[])])],
        vec![text("i"), dict(&[("a", int(1))])],
        vec![text("O"), list(&[])],
        vec![list(&[]), list(&[])],
    ] {
        told_apart(&called("array", "array", &arguments), "misused-global", "called with something else", &honest);
    }
    told_apart(&called("array", "array", &[text("i"), tuple(&[int(1)])]), "misused-global", "no list", &honest);
    // The largest number without a sign, and one beyond all of 64 bits.
    let long = |number: &[u8]| ops![[0x8a, u8::try_from(number.len()).unwrap()], number];
    let wide = |number: &[u8]| called("array", "array", &[text("Q"), list(&[long(number)])]);
    let largest = wide(&[[0xff; 8].as_slice(), &[0]].concat());
    told_apart(&wide(&[[0; 8].as_slice(), &[1]].concat()), "misused-global", "called with something else", &largest);
    let class = || global("array", "array");
    let made = |class: Ops, format: i32, data: Ops| {
        called("array", "_array_reconstructor", &[class, text("i"), int(format), data])
    };
    let honest = made(class(), 8, bytes(&[0; 8]));
    for hostile in [
        made(global("builtins", "list"), 8, bytes(&[0; 8])),
        made(scaler(), 8, bytes(&[0; 8])),
        made(class(), 22, bytes(&[0; 8])),
        made(class(), -1, bytes(&[0; 8])),
        made(class(), 8, list(&[int(0)])),
    ] {
        told_apart(&hostile, "misused-global", "called with something else", &honest);
    }
}

#[test]
fn an_address_is_a_number_or_a_short_text() {
    let with = |of: Ops| called("ipaddress", "IPv4Network", &[of]);
    let honest = with(text("10.0.0.0/8"));
    accepted(&called("ipaddress", "IPv6Address", &[int(1)]));
    for of in [list(&[text("10.0.0.0"), int(8)]), int(-1), text(&"1".repeat(129)), text("\u{661}"), new(scaler())] {
        told_apart(&with(of), "misused-global", "called with something else", &honest);
    }
    refused(&called("ipaddress", "ip_network", &[text("10.0.0.0/8")]), "unknown-global", "ipaddress.ip_network");
}

#[test]
fn a_random_generator_is_given_the_state_of_a_mersenne_twister() {
    let with = |words: usize, used: i32, word: Ops, next: Ops| {
        let mut words: Vec<Ops> = vec![word; words];
        words.push(int(used));
        pickle4(build(call(global("random", "Random"), &[]), tuple(&[int(3), tuple(&words), next])))
    };
    let honest = with(624, 624, int(7), NONE.into());
    accepted(&with(624, 0, int(7), float(0.5)));
    for hostile in [
        with(623, 0, int(7), NONE.into()),
        with(624, 625, int(7), NONE.into()),
        with(624, -1, int(7), NONE.into()),
        with(624, 0, int(-7), NONE.into()),
        with(624, 0, new(scaler()), NONE.into()),
        with(624, 0, int(7), text("x")),
    ] {
        told_apart(&hostile, "misused-global", "its state is something else", &honest);
    }
    refused(&called("random", "Random", &[int(1)]), "misused-global", "called with 1 arguments");
    refused(&called("random", "SystemRandom", &[]), "unknown-global", "random.SystemRandom");
}

#[test]
fn a_pattern_is_short_and_quickly_compiled() {
    let with = |pattern: Ops, flags: i32| called("re", "_compile", &[pattern, int(flags)]);
    let honest = with(text(r"(?u)\b\w\w+\b"), 32);
    accepted(&with(text("(?i)[a-z]+"), 34));
    accepted(&with(text("[\u{e4}\u{f6}]+"), 32));
    accepted(&with(bytes(b"[a-z]"), 2));
    for (hostile, words) in [
        (with(text("a"), 128), "other flags"),
        (with(text("a"), -1), "other flags"),
        (with(text(&"a".repeat(4097)), 32), "too long"),
        (with(text("[\u{e4}-\u{ffff}]"), 34), "case does not matter"),
        (with(text(r"(?i)[\u0100-\uffff]"), 32), "case does not matter"),
        (with(int(1), 32), "neither text nor bytes"),
        (with(call(global("re", "_compile"), &[text("a"), int(32)]), 32), "neither text nor bytes"),
        (called("re", "_compile", &[text("a")]), "called with 1 arguments"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
    refused(&called("re", "template", &[text("a")]), "unknown-global", "re.template");
    // Its flags may stand beside it.
    let flags = |argument: Ops| called("re", "RegexFlag", &[argument]);
    told_apart(&flags(list(&[])), "misused-global", "called with something else", &flags(int(56)));
    // Each makes a member that stays, and that Python before 3.9 looks through for the next.
    told_apart(&flags(int(512)), "misused-global", "its flags are none of a pattern's", &flags(int(511)));
}

#[test]
fn a_logger_is_looked_up_by_its_name() {
    let with = |arguments: &[Ops]| called("logging", "getLogger", arguments);
    let honest = with(&[text("my.app")]);
    accepted(&with(&[]));
    for arguments in [vec![int(1)], vec![text(&"a.".repeat(200))], vec![list(&[])], vec![new(scaler())]] {
        told_apart(&with(&arguments), "misused-global", "called with something else", &honest);
    }
    let state = pickle4(build(call(global("logging", "getLogger"), &[text("a")]), dict(&[("handlers", list(&[]))])));
    told_apart(&state, "misused-global", "it is given a state", &honest);
    refused(&called("logging", "FileHandler", &[text("/tmp/x")]), "dangerous-global", "logging.FileHandler");
    refused(&called("logging.config", "dictConfig", &[dict(&[])]), "dangerous-global", "logging.config.dictConfig");
}

#[test]
fn an_error_about_bytes_is_about_those_that_it_has() {
    // Python before 3.14 reads the byte at its first number when it is written out, and does not ask whether it is there.
    let error = |bytes: Ops, start: i32, end: i32| {
        call(global("builtins", "UnicodeDecodeError"), &[text("utf8"), bytes, int(start), int(end), text("reason")])
    };
    let with = |start: i32, end: i32| pickle4(error(bytes(b"ab"), start, end));
    let honest = with(1, 2);
    accepted(&with(0, 2));
    accepted(&pickle(2, error(call(global("_codecs", "encode"), &[text("\u{e9}b"), text("latin1")]), 0, 1)));
    for (start, end) in [(-1000, -999), (-1, 0), (0, 3), (2, 2), (2, 3), (1, 0), (i32::MAX, i32::MAX)] {
        told_apart(&with(start, end), "misused-global", "bytes that it does not have", &honest);
    }
    for hostile in [
        pickle4(error(list(&[]), 0, 0)),
        pickle4(error(new(scaler()), 0, 1)),
        pickle4(call(global("builtins", "UnicodeDecodeError"), &[text("utf8"), bytes(b"ab"), int(0), int(1)])),
    ] {
        told_apart(&hostile, "misused-global", "bytes that it does not have", &honest);
    }
    let given = |key: &str| pickle4(build(error(bytes(b"ab"), 0, 1), dict(&[(key, int(-1000))])));
    for key in ["start", "end", "object", "note"] {
        told_apart(&given(key), "misused-global", "its state has the key", &honest);
    }
    refused(&pickle4(global("builtins", "UnicodeEncodeError")), "unknown-global", "UnicodeEncodeError");
}

#[test]
fn an_error_holds_data() {
    let error = |arguments: &[Ops]| call(global("builtins", "ValueError"), arguments);
    let honest = pickle4(error(&[text("bad"), int(3)]));
    told_apart(&pickle4(error(&[global("numpy", "log1p")])), "misused-global", "stands where data belongs", &honest);
    let state = |key: &str, value: Ops| {
        pickle4(build(call(global("sklearn.exceptions", "NotFittedError"), &[text("no")]), dict(&[(key, value)])))
    };
    let honest = state("args", tuple(&[text("no")]));
    for (key, value) in
        [("args", int(1)), ("__class__", scaler()), ("__traceback__", NONE.into()), ("name", int(1)), ("obj", int(1))]
    {
        told_apart(&state(key, value), "misused-global", "", &honest);
    }
    // Attributes of their own are data.
    let own = state("column", text("age"));
    told_apart(&state("column", global("numpy", "log1p")), "misused-global", "stands where data belongs", &own);
    told_apart(&state("__notes__", list(&[])), "misused-global", "the key \"__notes__\"", &own);
    let number = pickle4(build(call(global("builtins", "ValueError"), &[]), ops![b"}", int(1), int(2), b"s"]));
    told_apart(&number, "misused-global", "an int as a key", &own);
    refused(&pickle4(call(global("builtins", "SystemExit"), &[int(1)])), "unknown-global", "builtins.SystemExit");
}

#[test]
fn what_the_command_line_said_is_attributes() {
    let with = |key: &str, value: Ops| pickle4(build(new(global("argparse", "Namespace")), dict(&[(key, value)])));
    let honest = with("epochs", int(3));
    told_apart(&with("__class__", scaler()), "misused-global", "that Python gives a meaning to", &honest);
    told_apart(&with("f", global("numpy", "log1p")), "misused-global", "stands where data belongs", &honest);
    refused(&called("argparse", "FileType", &[text("w")]), "unknown-global", "argparse.FileType");
}

#[test]
fn an_attribute_is_set_once() {
    // Of one that is set twice the first value is lost, whether there are few or many.
    for count in [1, 11, 12, 13, 40] {
        let names: Vec<String> = (0..count).map(|at| format!("attribute{at}")).collect();
        let with = |last: &str| {
            let named = names.iter().map(String::as_str).chain([last]).map(|name| (name, int(1)));
            pickle4(estimator(scaler(), &named.collect::<Vec<_>>()))
        };
        let last = names.last().unwrap();
        told_apart(&with(last), "misused-global", &format!("its state sets {last} twice"), &with("other"));
    }
}

#[test]
fn a_word_of_a_vocabulary_stands_in_it_once() {
    // Python counts it once, and so has a column less than the other words are told.
    let with = |second: &str| {
        let words = dict(&[("a", int(0)), (second, int(1)), ("c", int(2))]);
        let class = global("sklearn.feature_extraction.text", "CountVectorizer");
        pickle4(estimator(class, &[("vocabulary_", words)]))
    };
    told_apart(&with("a"), "structure-invalid", "vocabulary_ holds something twice", &with("b"));
    // Of other keys, too, that Python takes for the same.
    let with = |keys: [Ops; 2]| {
        let [one, other] = keys;
        let words = ops![b"}(", one, int(0), other, int(1), b"u"];
        let class = global("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer");
        pickle4(estimator(class, &[("vocabulary_", words)]))
    };
    let complex = || call(global("builtins", "complex"), &[float(1.0), float(0.0)]);
    let long = |power: usize| [&[0x8a, 9][..], &(1u128 << power).to_le_bytes()[..9]].concat();
    for (one, same, other) in [
        (int(1), int(1), int(2)),
        (int(1), TRUE.to_vec(), FALSE.to_vec()),
        (int(1), float(1.0), float(1.5)),
        (float(0.0), float(-0.0), float(1.0)),
        (NONE.into(), NONE.into(), int(0)),
        (bytes(b"a"), bytes(b"a"), text("a")),
        (tuple(&[int(1), text("a")]), tuple(&[float(1.0), text("a")]), tuple(&[text("a"), int(1)])),
        (int(1), complex(), int(3)),
        (tuple(&[int(1)]), tuple(&[complex()]), tuple(&[int(2)])),
        // Beyond 64 bits: 2**70.
        (long(70), float(2f64.powi(70)), float(2f64.powi(71))),
        // What Python 2 wrote, and is read as Latin 1.
        (text("é"), b"U\x01\xe9".to_vec(), b"U\x01\xe8".to_vec()),
    ] {
        let (twice, honest) = (with([one.clone(), same]), with([one, other]));
        told_apart(&twice, "structure-invalid", "vocabulary_ holds something twice", &honest);
    }
}

#[test]
fn a_label_is_there_once_however_many_there_are() {
    // The second count is of more bytes than a worker keeps.
    for count in [5i64, 3000] {
        let with = |change: &dyn Fn(&mut Vec<i64>)| {
            let mut labels: Vec<i64> = (0..count).collect();
            change(&mut labels);
            let data = labels.iter().flat_map(|label| label.to_le_bytes()).collect::<Vec<u8>>();
            let labels = array_of(&[labels.len().try_into().unwrap()], &dtype("i8"), &data);
            pickle4(estimator(
                global("sklearn.preprocessing._label", "MultiLabelBinarizer"),
                &[("classes", NONE.into()), ("classes_", labels)],
            ))
        };
        let twice = with(&|labels| labels[3] = 2);
        told_apart(&twice, "structure-invalid", "classes_ holds something twice", &with(&|_| {}));
    }
}
