//! Python's own data beside models, and numpy's oddities: every file of `tests/data/plain` is accepted, and its hostile twin not.

use crate::opcodes::*;
use std::path::Path;

#[test]
fn plain_data_of_every_python_and_protocol_is_accepted() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/plain");
    let mut count = 0;
    for entry in std::fs::read_dir(files).unwrap() {
        let path = entry.unwrap().path();
        let judged = judge(&std::fs::read(&path).unwrap());
        assert!(judged.findings.is_empty(), "{}: {:?}", path.display(), judged.findings);
        count += 1;
    }
    assert!(count > 150, "{count}");
}

fn called(module: &str, name: &str, arguments: &[Ops]) -> Ops {
    pickle4(call(global(module, name), arguments))
}

#[test]
fn times_are_made_of_bytes_and_zones_alone() {
    let moment = |more: &[Ops]| {
        called("datetime", "datetime", &[&[bytes(b"\x07\xe5\x03\x04\x05\x06\x07\0\0\x01")], more].concat())
    };
    let zone =
        |name: &str| call(global("datetime", "timezone"), &[call(global("datetime", name), &[int(0), int(0), int(0)])]);
    told_apart(&moment(&[text("UTC")]), "misused-global", "its time zone is none", &moment(&[zone("timedelta")]));
    refused(&moment(&[estimator(scaler(), &[])]), "misused-global", "its time zone is none");
    refused(&called("datetime", "datetime", &[bytes(b"short")]), "misused-global", "not called with 10 bytes");
    refused(&called("datetime", "timezone", &[int(1)]), "misused-global", "called with something else");
    let date = |packed: [u8; 4]| called("datetime", "date", &[bytes(&packed)]);
    accepted(&date([7, 229, 3, 4]));
    // Python looks at the month alone: of a year 0 it looks for the name of a day before the first, and ends with a segmentation fault.
    for none in [
        [0, 0, 1, 1],
        [0x27, 0x10, 1, 1],
        [7, 229, 0, 1],
        [7, 229, 13, 1],
        [7, 229, 0x83, 4],
        [7, 229, 3, 0],
        [7, 229, 2, 29],
    ] {
        told_apart(&date(none), "misused-global", "no time that there is", &date([7, 228, 2, 29]));
    }
    let at = |place: usize, byte: u8| {
        let mut packed = *b"\x07\xe5\x03\x04\x17\x3b\x3b\x0f\x42\x3f";
        packed[place] = byte;
        called("datetime", "datetime", &[bytes(&packed)])
    };
    // The second of two times that are equal, where clocks are put back.
    let second = at(2, 0x83);
    for (place, byte) in [(2, 0x8d), (3, 32), (4, 24), (5, 60), (6, 60), (9, 0x40)] {
        told_apart(&at(place, byte), "misused-global", "no time that there is", &second);
    }
    let time = |hour: u8| called("datetime", "time", &[bytes(&[hour, 59, 59, 0, 0, 1])]);
    told_apart(&time(0x98), "misused-global", "no time that there is", &time(0x97));
    told_apart(&time(24), "misused-global", "no time that there is", &time(0));
    refused(&called("datetime", "datetime.strptime", &[text("x"), text("y")]), "unknown-global", "datetime.strptime");
    refused(
        &pickle4(build(call(global("datetime", "date"), &[bytes(b"\x07\xe5\x03\x04")]), dict(&[]))),
        "misused-global",
        "given a state",
    );
}

#[test]
fn a_number_that_python_would_compute_for_hours_is_refused() {
    let fraction = |text_: &str| called("fractions", "Fraction", &[text(text_)]);
    told_apart(&fraction("1e999999999"), "misused-global", "called with something else", &fraction("-3/2"));
    refused(&called("fractions", "Fraction", &[int(1), int(0)]), "misused-global", "called with something else");
    let decimal = |text_: &str| called("decimal", "Decimal", &[text(text_)]);
    told_apart(&decimal(&"9".repeat(4301)), "misused-global", "called with something else", &decimal("1.50E+3"));
    // To make a whole number of it takes hours.
    told_apart(&decimal("1E+9999999"), "misused-global", "called with something else", &decimal("1E-6176"));
}

#[test]
fn exact_numbers_are_keys_unless_many_of_them_share_a_hash() {
    // Python hashes them modulo 2^61 - 1, and compares those of one hash with code of its own.
    let prime = (1i128 << 61) - 1;
    let keys = |count: i128, step: i128, make: &dyn Fn(&str) -> Ops| {
        let pairs: Vec<u8> = (0..count).flat_map(|at| ops![make(&(at * step + 7).to_string()), int(1)]).collect();
        pickle4(ops![b"}(", pairs, b"u"])
    };
    let decimal = |number: &str| call(global("decimal", "Decimal"), &[text(number)]);
    let fraction = |number: &str| call(global("fractions", "Fraction"), &[text(&format!("{number}/3"))]);
    let uuid = |number: &str| {
        let state = ops![b"}", text("int"), b"I", number.as_bytes(), b"\ns"];
        build(new(global("uuid", "UUID")), state)
    };
    let pair = |number: &str| {
        let over = ops![b"I", number.as_bytes(), b"\n"];
        call(global("fractions", "Fraction"), &[over, int(3)])
    };
    for make in [&decimal as &dyn Fn(&str) -> Ops, &fraction, &pair, &uuid] {
        told_apart(&keys(33, prime, make), "misused-global", "have one hash", &keys(33, prime + 1, make));
        accepted(&keys(32, prime, make));
    }
    // One number in many dicts is none.
    let again: Vec<u8> = (0..2000).flat_map(|_| ops![b"}", decimal("1.50"), int(1), b"s"]).collect();
    accepted(&pickle4(ops![b"](", again, b"e"]));
    // An identifier is hashed by its state.
    let early = pickle4(ops![b"}", new(global("uuid", "UUID")), int(1), b"s"]);
    told_apart(&early, "malformed", "can not hash", &keys(1, 1, &uuid));
}

#[test]
fn a_structure_of_numpys_alone_has_exactly_its_bytes() {
    let structure = || {
        let fields = dict(&[("a", tuple(&[dtype("f8"), int(0)]))]);
        let state = [int(3), text("|"), NONE.into(), tuple(&[text("a")]), fields, int(8), int(1), int(16)];
        build(call(global("numpy", "dtype"), &[text("V8"), FALSE.into(), TRUE.into()]), tuple(&state))
    };
    let with = |count: usize| called("numpy.core.multiarray", "scalar", &[structure(), bytes(&vec![0; count])]);
    told_apart(&with(7), "misused-global", "asks for 8", &with(8));
    let objects = called("numpy.core.multiarray", "scalar", &[dtype_of_objects(), bytes(&[0; 8])]);
    refused(&objects, "misused-global", "it makes a object");
}

#[test]
fn a_default_dict_makes_missing_values_by_types_alone() {
    let with = |factory: Ops| called("collections", "defaultdict", &[factory]);
    told_apart(
        &with(global("numpy", "log1p")),
        "misused-global",
        "makes its missing values",
        &with(global("builtins", "int")),
    );
    // An estimator keeps what it is called with: nothing.
    accepted(&with(scaler()));
    let record = with(global("sklearn.model_selection._split", "KFold"));
    told_apart(&record, "misused-global", "makes its missing values", &with(scaler()));
    refused(&pickle4(call(global("collections", "defaultdict"), &[new(scaler())])), "misused-global", "missing values");
    refused(&with(global("posix", "system")), "dangerous-global", "posix.system");
    accepted(&with(NONE.into()));
    // Dicts of dicts, as deep as somebody writes them.
    let partial = |function: Ops, arguments: &[Ops]| {
        let state = tuple(&[function.clone(), tuple(arguments), dict(&[]), NONE.into()]);
        build(call(global("functools", "partial"), &[function]), state)
    };
    let class = || global("collections", "defaultdict");
    let of_floats = with(partial(class(), &[global("builtins", "float")]));
    accepted(&with(class()));
    accepted(&with(partial(class(), &[partial(class(), &[global("builtins", "int")])])));
    for arguments in [&[global("posix", "nice")][..], &[global("numpy", "log1p")], &[scaler(), scaler()], &[int(1)]] {
        let refused = judge(&with(partial(class(), arguments)));
        assert!(refused.codes().iter().all(|code| ["misused-global", "dangerous-global"].contains(code)));
        assert!(!refused.findings.is_empty());
    }
    told_apart(&with(partial(global("numpy", "log1p"), &[])), "misused-global", "makes its missing values", &of_floats);
    let keywords = tuple(&[class(), tuple(&[]), dict(&[("a", int(1))]), NONE.into()]);
    let with_keywords = with(build(call(global("functools", "partial"), &[class()]), keywords));
    told_apart(&with_keywords, "misused-global", "its arguments are something else", &of_floats);
}

#[test]
fn items_go_into_a_deque_and_pairs_into_a_counter() {
    let deque = || call(global("collections", "deque"), &[]);
    let counter = || call(global("collections", "Counter"), &[]);
    let appended = |target: Ops| pickle4(ops![target, int(1), b"a"]);
    let set = |target: Ops| pickle4(ops![target, text("a"), int(1), b"s"]);
    told_apart(&appended(counter()), "misused-global", "puts items into it", &appended(deque()));
    told_apart(&set(deque()), "misused-global", "puts items into it", &set(counter()));
    let wide = |length: i32| called("collections", "deque", &[list(&[]), int(length)]);
    told_apart(&wide(-1), "misused-global", "less than nothing", &wide(3));
}

#[test]
fn an_identifier_is_one_number_of_128_bits() {
    let with = |state: Ops| pickle4(build(new(global("uuid", "UUID")), state));
    told_apart(&with(dict(&[("int", int(-1))])), "misused-global", "has not 128 bits", &with(dict(&[("int", int(1))])));
    refused(&with(dict(&[("int", int(1)), ("hex", text("a"))])), "misused-global", "the key \"hex\"");
    let number = |last: u8| with(dict(&[("int", ops![b"\x8a\x11", [0xff; 16], [last]])]));
    told_apart(&number(1), "misused-global", "has not 128 bits", &number(0));
}

#[test]
fn paths_and_ranges_and_namespaces_are_data() {
    let path = |part: Ops| called("pathlib", "PosixPath", &[part]);
    told_apart(&path(global("builtins", "int")), "misused-global", "called with something else", &path(text("/srv")));
    refused(&called("pathlib", "Path.unlink", &[text("/srv")]), "dangerous-global", "pathlib.Path.unlink");
    let range = |step: i32| called("builtins", "range", &[int(0), int(9), int(step)]);
    let far = |bytes: u8| {
        let stop = ops![b"\x8a", [bytes], vec![1; bytes.into()]];
        called("builtins", "range", &[int(0), stop, int(3)])
    };
    told_apart(&far(65), "misused-global", "called with something else", &far(64));
    told_apart(&range(0), "misused-global", "called with something else", &range(1));
    let space =
        |key: &'static str| pickle4(build(call(global("types", "SimpleNamespace"), &[]), dict(&[(key, int(1))])));
    told_apart(&space("__class__"), "misused-global", "gives a meaning to", &space("a"));
}

#[test]
fn the_parts_of_paths_are_paid_for() {
    // Python before 3.12 takes a path apart at once, and a path of Windows looks for a drive in each part.
    let paths = |class: &str, parts: Ops, count: usize| {
        let before = ops![put(global("pathlib", class), 50), b"0", put(parts, 51), b"0"];
        judge(&pickle4(ops![before, b"](", ops![get(50), get(51), b"R"].repeat(count), b"e"])).codes()
    };
    let same = |count: usize| ops![put(text("a"), 52), b"0(", get(52).repeat(count), b"t"];
    let long = |part: &str| tuple(&[text(&part.repeat(2_000_000))]);
    for (class, many) in [("PosixPath", 8000), ("PureWindowsPath", 4000), ("Path", 4000)] {
        let codes = |count: usize| paths(class, same(500), count);
        assert_eq!([codes(many / 2), codes(many)], [vec![], vec!["limit-exceeded"]], "{class}");
    }
    assert_eq!(paths("PosixPath", same(10), 50_000), [""; 0]);
    assert_eq!([paths("Path", long("ab"), 5), paths("Path", long("a/"), 5)], [vec![], vec!["limit-exceeded"]]);
    let empty = |count: usize| paths("PosixPath", same(0), count);
    assert_eq!([empty(50_000), empty(2_600_000)], [vec![], vec!["limit-exceeded"]]);
}

#[test]
fn names_of_python_2_hold_only_where_python_maps_them() {
    let at = |protocol: u8| pickle(protocol, call(global("__builtin__", "xrange"), &[int(0), int(9), int(1)]));
    told_apart(&at(3), "unknown-global", "__builtin__.xrange", &at(2));
    refused(&called("builtins", "xrange", &[int(0), int(9), int(1)]), "unknown-global", "builtins.xrange");
}

#[test]
fn numpys_look_up_finds_its_functions_alone() {
    let with = |module: &str, name: &str| {
        let found = call(global("numpy.core", "_ufunc_reconstruct"), &[text(module), text(name)]);
        pickle4(estimator(function_transformer(), &[("func", found)]))
    };
    told_apart(&with("numpy", "load"), "misused-global", "looks up something else", &with("numpy", "log10"));
    refused(&with("os", "system"), "misused-global", "looks up something else");
    refused(&with("numpy.testing", "log10"), "misused-global", "looks up something else");
    let found = call(global("numpy.core", "_ufunc_reconstruct"), &[text("numpy"), text("log10")]);
    refused(&pickle4(call(&found, &[float(1.0)])), "misused-global", "what it made is called");
    refused(&pickle4(estimator(scaler(), &[("mean_", found)])), "misused-global", "stands where data belongs");
}

#[test]
fn an_old_random_state_is_one_of_a_mersenne_twister() {
    let of = |data: &[u8]| {
        let length = i32::try_from(data.len() / 4).unwrap();
        build(empty_array(), array_state(&[length], &dtype("u4"), bytes(data)))
    };
    let words = |length: i32| of(&vec![1; usize::try_from(length).unwrap() * 4]);
    let with = |length: i32, position: i32| {
        let state = tuple(&[text("MT19937"), words(length), int(position), int(0), float(0.0)]);
        pickle4(build(call(global("numpy.random", "__RandomState_ctor"), &[]), state))
    };
    told_apart(&with(624, 100_000), "misused-global", "its state is something else", &with(624, 624));
    refused(&with(3, 0), "misused-global", "its state is something else");
    // As numpy has it since 1.17.
    let newer = |position: i32| {
        let inner = dict(&[("key", words(624)), ("pos", int(position))]);
        let state =
            dict(&[("bit_generator", text("MT19937")), ("state", inner), ("has_gauss", int(0)), ("gauss", float(0.0))]);
        pickle4(build(call(global("numpy.random", "__RandomState_ctor"), &[]), state))
    };
    told_apart(&newer(0x3fff_ffff), "structure-invalid", "pos is 1073741823", &newer(624));
    // Of the first number it takes the highest bit alone.
    let mut first = [0; 2496];
    for (place, byte, still) in
        [(0, 0, true), (0, 0xff, true), (3, 0x7f, true), (3, 0x80, false), (4, 1, false), (2495, 1, false)]
    {
        first.fill(0);
        first[place] = byte;
        for state in [
            tuple(&[text("MT19937"), of(&first), int(1), int(0), float(0.0)]),
            dict(&[
                ("bit_generator", text("MT19937")),
                ("state", dict(&[("key", of(&first)), ("pos", int(1))])),
                ("has_gauss", int(0)),
                ("gauss", float(0.0)),
            ]),
        ] {
            let model = pickle4(build(call(global("numpy.random", "__RandomState_ctor"), &[]), state));
            let wanted: &[&str] = if still { &["structure-invalid"] } else { &[] };
            assert_eq!(judge(&model).codes(), wanted, "{byte} at {place}");
        }
    }
    refused(&called("numpy.random", "__RandomState_ctor", &[text("x")]), "misused-global", "called with 1 arguments");
}

#[test]
fn an_array_in_a_field_has_exactly_its_elements_and_no_objects() {
    let none = || NONE.to_vec();
    let field = |element: Ops, length: i32| {
        let state =
            [int(3), text("|"), tuple(&[element, tuple(&[int(length)])]), none(), none(), int(24), int(8), int(0)];
        build(dtype_call("V24"), tuple(&state))
    };
    let with = |field: Ops| {
        let fields = dict(&[("a", tuple(&[field, int(0)]))]);
        let state = [int(3), text("|"), none(), tuple(&[text("a")]), fields, int(24), int(1), int(16)];
        pickle4(build(dtype_call("V24"), tuple(&state)))
    };
    let honest = with(field(dtype("f8"), 3));
    told_apart(&with(field(dtype("f8"), 4)), "misused-global", "have another size together", &honest);
    refused(&with(field(dtype_of_objects(), 3)), "misused-global", "do not agree with its elements");
    let array = build(empty_array(), array_state(&[1], &field(dtype("f8"), 3), bytes(&[0; 24])));
    refused(&pickle4(array), "misused-global", "of an array in a field");
}

fn allowed(bytes: &[u8]) -> Judged {
    judge_allowing(bytes, &["mypkg.Mine"], &[])
}

#[test]
fn what_an_allowed_class_holds_can_run_nothing() {
    let mine = || global("mypkg", "Mine");
    let state = |key: &'static str, value: Ops| pickle4(build(new(mine()), dict(&[(key, value)])));
    for honest in [
        state("__version__", text("1.0")),
        state("__doc__", NONE.into()),
        state("estimator_class", scaler()),
        state("distance", global("sklearn.metrics.pairwise", "rbf_kernel")),
        // It need not have the methods that estimators have, and these are no functions.
        state("score", int(1)),
        state("_is_fitted", TRUE.into()),
        state("transform", call(global("numpy.core.multiarray", "scalar"), &[dtype("f8"), bytes(&[0; 8])])),
        // Python looks for no name that only begins so; gensim's classes have this one.
        state("__numpys", list(&[])),
        pickle4(build(ops![new(mine()), text("a"), int(1), b"s"], dict(&[]))),
        pickle4(ops![new(mine()), int(1), b"a"]),
        // Only a `__setstate__` of its own takes these.
        pickle4(build(new(mine()), text("[a-z]+"))),
        pickle4(build(new(mine()), int(1))),
        pickle4(build(new(mine()), list(&[int(1)]))),
        pickle4(build(new(mine()), tuple(&[int(1), NONE.into(), text("a")]))),
    ] {
        assert_eq!(allowed(&honest).codes(), [""; 0], "{:?}", allowed(&honest).findings);
    }
    for hostile in [
        state("__doc__", global("numpy", "log1p")),
        state("__class__", scaler()),
        // Of a pair Python makes attributes, too.
        pickle4(build(new(mine()), tuple(&[NONE.into(), dict(&[("__class__", scaler())])]))),
        pickle4(build(new(mine()), list(&[global("joblib.numpy_pickle", "NumpyArrayWrapper")]))),
        pickle4(build(new(mine()), new(mine()))),
        pickle4(build(new(mine()), global("numpy", "log1p"))),
        state("score", global("numpy", "log1p")),
        state("transform", global("sklearn.preprocessing._data", "StandardScaler")),
        state("fit", new(mine())),
        state("__getattr__", int(1)),
        state("__setstate__", global("numpy", "log1p")),
        state("a", global("joblib.numpy_pickle", "NumpyArrayWrapper")),
        pickle4(ops![build(new(mine()), dict(&[("append", global("numpy", "log1p"))])), int(1), b"a"]),
        pickle4(ops![build(new(mine()), dict(&[])), text("a"), int(1), b"s"]),
        pickle4(ops![new(mine()), text("a"), int(1), b"s", int(1), b"a"]),
        pickle4(call(mine(), &[text("a")])),
    ] {
        assert_eq!(allowed(&hostile).codes(), ["misused-global"], "{:?}", allowed(&hostile).findings);
    }
    let system = state("a", global("posix", "system"));
    assert_eq!(allowed(&system).codes(), ["dangerous-global"]);
}

#[test]
fn types_that_make_plain_values_are_data_and_what_looks_up_is_not() {
    let with = |value: Ops| {
        let state = array_state(&[1], &dtype_of_objects(), list(&[value]));
        pickle(2, build(empty_array(), state))
    };
    let honest = with(global("__builtin__", "xrange"));
    told_apart(&with(global("builtins", "getattr")), "misused-global", "builtins.getattr", &honest);
    // A search keeps the functions that it chose from in an array.
    accepted(&with(global("numpy", "log1p")));
    refused(&with(global("copyreg", "_reconstructor")), "misused-global", "a function without side effects belongs");
}

#[test]
fn keys_are_paid_for_as_often_as_they_are_hashed() {
    // Python hashes a tuple anew each time, and until 3.10 what is in it by code that is written in Python.
    let members = |member: Ops, times: usize| {
        let parts = ops![b"(", get(50).repeat(240), b"t"];
        pickle4(ops![put(member, 50), b"0", put(parts, 51), b"0\x8f(", get(51).repeat(times), b"\x90"])
    };
    let fraction = || call(global("fractions", "Fraction"), &[text("1/3")]);
    told_apart(&members(fraction(), 4000), "limit-exceeded", "the limit values", &members(fraction(), 100));
    accepted(&members(int(7), 4000));
}

#[test]
fn an_old_zone_is_made_of_a_bare_one() {
    let bare = || call(global("datetime", "tzinfo"), &[]);
    let with =
        |class: Ops, base: Ops, state: Ops| pickle4(call(global("copyreg", "_reconstructor"), &[class, base, state]));
    let utc = || global("dateutil.tz.tz", "tzutc");
    let base = || global("datetime", "tzinfo");
    let honest = with(utc(), base(), bare());
    for hostile in [
        with(utc(), global("builtins", "object"), NONE.into()),
        with(utc(), base(), NONE.into()),
        with(utc(), utc(), bare()),
        with(utc(), base(), call(global("dateutil.tz.tz", "tzlocal"), &[])),
    ] {
        told_apart(&hostile, "misused-global", "something else than a zone", &honest);
    }
    accepted(&with(global("dateutil.tz", "tzoffset"), base(), bare()));
    refused(&pickle4(call(base(), &[int(1)])), "misused-global", "called with");
}
