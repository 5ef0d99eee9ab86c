//! What looks something up: `getattr` on a closed list of pairs, what keeps what it found, and what makes time zones.

use crate::opcodes::*;

const BOOSTING: &str = "sklearn.ensemble._hist_gradient_boosting.gradient_boosting";
const OTHER: &str = "it looks up another attribute";

fn boosting() -> Ops {
    global(BOOSTING, "HistGradientBoostingClassifier")
}

fn fetched(of: impl AsRef<[u8]>, attribute: &str) -> Ops {
    call(global("builtins", "getattr"), &[of.as_ref().to_vec(), text(attribute)])
}

/// An object that keeps under `key` what `of`, which may be the object itself (entry 0 of the memo), answers for `attribute`.
fn keeping(class: Ops, key: &str, of: Ops, attribute: &str) -> Ops {
    pickle4(ops![put(new(class), 0), dict(&[(key, fetched(of, attribute))]), b"b"])
}

/// What keeps a function, as its slot for functions.
fn slot(function: Ops) -> Ops {
    pickle4(estimator(function_transformer(), &[("func", function)]))
}

fn lower() -> Ops {
    fetched(global("builtins", "str"), "lower")
}

#[test]
fn an_object_keeps_its_own_method_and_no_other() {
    let own = |key: &str, attribute: &str| keeping(boosting(), key, get(0), attribute);
    let honest = own("_raw_predict", "_raw_predict");
    for attribute in
        ["__class__", "__dict__", "__init__", "__reduce__", "__getstate__", "fit", "n_iter_", "_raw_predict.x", ""]
    {
        told_apart(&own("_raw_predict", attribute), "misused-global", OTHER, &honest);
    }
    for key in ["predict", "_predict_iterations"] {
        told_apart(&own(key, "_raw_predict"), "misused-global", "which is a method", &honest);
    }
    told_apart(&own("n_iter_", "_raw_predict"), "misused-global", "stands where data belongs", &honest);
    told_apart(
        &keeping(boosting(), "_raw_predict", new(boosting()), "_raw_predict"),
        "misused-global",
        "method",
        &honest,
    );
    told_apart(&keeping(scaler(), "_raw_predict", get(0), "_raw_predict"), "misused-global", OTHER, &honest);
    let function = pickle4(build(new(boosting()), dict(&[("_raw_predict", global("numpy", "log1p"))])));
    told_apart(&function, "misused-global", "which is a method", &honest);
    // An object that has a state answers from that first.
    let later = pickle4(fetched(estimator(boosting(), &[("n_iter_", int(1))]), "_raw_predict"));
    told_apart(&later, "misused-global", "an object that has a state", &honest);
}

#[test]
fn a_class_is_asked_for_harmless_methods_only() {
    let honest = slot(lower());
    for (of, attribute) in [
        (global("builtins", "str"), "format"),
        (global("builtins", "str"), "format_map"),
        (global("builtins", "str"), "__class__"),
        (global("builtins", "str"), "mro"),
        (global("builtins", "dict"), "lower"),
        (global("builtins", "bytes"), "lower"),
        (boosting(), "_raw_predict"),
        (global("numpy", "log1p"), "reduce"),
        (lower(), "lower"),
        (lower(), "__self__"),
    ] {
        told_apart(&slot(fetched(of, attribute)), "misused-global", OTHER, &honest);
    }
    for of in [text("a"), int(1), list(&[]), NONE.into(), tuple(&[])] {
        told_apart(&slot(fetched(of, "lower")), "misused-global", "an attribute of something else", &honest);
    }
    let with = |arguments: &[Ops]| slot(call(global("builtins", "getattr"), arguments));
    told_apart(
        &with(&[global("builtins", "str"), text("lower"), NONE.into()]),
        "misused-global",
        "3 arguments",
        &honest,
    );
    told_apart(&with(&[global("builtins", "str"), bytes(b"lower")]), "misused-global", OTHER, &honest);
    // Python 2 calls it unicode; Python 3 has no such module.
    accepted(&pickle(2, ops![fetched(b"c__builtin__\nunicode\n", "split")]));
    told_apart(
        &slot(fetched(global("__builtin__", "unicode"), "lower")),
        "unknown-global",
        "__builtin__.unicode",
        &honest,
    );
}

#[test]
fn what_was_fetched_is_kept_where_functions_are_and_never_called() {
    let honest = slot(lower());
    told_apart(&pickle4(call(lower(), &[text("A")])), "misused-global", "what it made is called", &honest);
    told_apart(&pickle4(build(lower(), dict(&[("x", int(1))]))), "misused-global", "it is given a state", &honest);
    told_apart(&pickle4(new(lower())), "malformed", "NEWOBJ", &honest);
    told_apart(
        &pickle4(new(global("builtins", "getattr"))),
        "misused-global",
        "an empty object of it is made",
        &honest,
    );
    told_apart(&slot(global("builtins", "getattr")), "misused-global", "stands where a function", &honest);
    told_apart(
        &pickle4(estimator(scaler(), &[("mean_", lower())])),
        "misused-global",
        "stands where data belongs",
        &honest,
    );
    let partial = pickle4(call(global("functools", "partial"), &[global("builtins", "getattr")]));
    told_apart(&partial, "misused-global", "its argument is no function", &honest);
}

const DISCRETE: &str = "scipy.stats._discrete_distns";

/// A discrete distribution, entry 0 of the memo, with this for its entropy.
fn discrete(entropy: Ops) -> Ops {
    let state = [
        ("name", text("poisson")),
        ("shapes", text("a")),
        ("_parse_arg_template", text(super::PARSE)),
        ("vecentropy", entropy),
    ];
    pickle4(ops![put(new(global(DISCRETE, "poisson_gen")), 0), dict(&state), b"b"])
}

#[test]
fn a_distribution_draws_by_a_random_state() {
    let with = |random: Ops| {
        let state = [
            ("name", text("poisson")),
            ("shapes", text("a")),
            ("_parse_arg_template", text(super::PARSE)),
            ("_random_state", random),
        ];
        pickle4(build(new(global(DISCRETE, "poisson_gen")), dict(&state)))
    };
    for honest in [NONE.into(), int(7)] {
        for hostile in [text("a"), list(&[int(1)]), float(0.5), array(&[1.0])] {
            told_apart(&with(hostile), "misused-global", "its _random_state is none", &with(honest.clone()));
        }
    }
}

fn vectorized(parts: &[(&str, Ops)]) -> Ops {
    let mut state =
        vec![("pyfunc", fetched(get(0), "_entropy")), ("cache", FALSE.into()), ("excluded", b"\x8f".to_vec())];
    for (key, value) in parts {
        state.retain(|(known, _)| known != key);
        state.push((key, value.clone()));
    }
    build(new(global("numpy", "vectorize")), dict(&state))
}

#[test]
fn a_distribution_keeps_its_own_entropy() {
    let honest = discrete(vectorized(&[]));
    accepted(&discrete(vectorized(&[("__name__", text("_entropy")), ("_ufunc", dict(&[])), ("otypes", text("d"))])));
    accepted(&discrete(fetched(get(0), "_entropy")));
    for (key, value) in [
        ("pyfunc", global("numpy", "log1p")),
        ("pyfunc", global("builtins", "getattr")),
        ("pyfunc", NONE.into()),
        ("excluded", ops![b"\x8f(", int(0), b"\x90"]),
        ("excluded", list(&[])),
        ("otypes", text("O")),
        ("signature", text("(n)->()")),
        ("__class__", NONE.into()),
        ("__call__", fetched(get(0), "_entropy")),
        ("_ufunc", dict(&[("x", int(1))])),
    ] {
        refused(&discrete(vectorized(&[(key, value)])), "misused-global", "numpy.vectorize");
    }
    told_apart(&discrete(fetched(get(0), "_pmf")), "misused-global", OTHER, &honest);
    told_apart(&discrete(global("numpy", "log1p")), "misused-global", "stands where data belongs", &honest);
    told_apart(&discrete(global("numpy", "vectorize")), "misused-global", "stands where data belongs", &honest);
    let called = pickle4(call(global("numpy", "vectorize"), &[global("numpy", "log1p")]));
    told_apart(&called, "misused-global", "it is called", &honest);
}

#[test]
fn items_are_asked_for_by_texts_and_numbers() {
    let getter = |arguments: &[Ops]| slot(call(global("operator", "itemgetter"), arguments));
    let honest = getter(&[text("city")]);
    accepted(&getter(&[list(&[text("a"), int(2)])]));
    for arguments in [vec![], vec![global("numpy", "log1p")], vec![NONE.into()], vec![lower()]] {
        told_apart(&getter(&arguments), "misused-global", "called with something else", &honest);
    }
    let state = pickle4(build(call(global("operator", "itemgetter"), &[int(0)]), dict(&[])));
    told_apart(&state, "misused-global", "it is given a state", &honest);
    // It would call the method, of whatever it is called with.
    refused(&slot(call(global("operator", "methodcaller"), &[text("a")])), "dangerous-global", "methodcaller");
}

#[test]
fn attributes_are_asked_for_by_names_that_are_no_secret() {
    let getter = |arguments: &[Ops]| slot(call(global("operator", "attrgetter"), arguments));
    let honest = getter(&[text("coef_"), text("svd.components_")]);
    for arguments in [
        vec![],
        vec![text("__class__")],
        vec![text("a._b")],
        vec![text("a..b")],
        vec![text("a()")],
        vec![text("")],
        vec![int(1)],
        vec![list(&[text("a")])],
        vec![text("coef_"), global("numpy", "log1p")],
    ] {
        told_apart(&getter(&arguments), "misused-global", "called with something else", &honest);
    }
    let data = pickle4(estimator(scaler(), &[("mean_", call(global("operator", "attrgetter"), &[text("a")]))]));
    told_apart(&data, "misused-global", "stands where data belongs", &honest);
}

#[test]
fn the_type_of_none_is_the_only_one_that_is_asked_for() {
    let with = |arguments: &[Ops]| pickle4(list(&[call(global("builtins", "type"), arguments)]));
    let honest = with(&[NONE.into()]);
    told_apart(&with(&[int(1)]), "misused-global", "another type", &honest);
    told_apart(&with(&[lower()]), "misused-global", "another type", &honest);
    told_apart(&with(&[text("X"), tuple(&[]), dict(&[])]), "misused-global", "3 arguments", &honest);
    told_apart(&with(&[]), "misused-global", "0 arguments", &honest);
    let called = pickle4(call(call(global("builtins", "type"), &[NONE.into()]), &[]));
    told_apart(&called, "misused-global", "what it made is called", &honest);
    for name in ["type", "getattr"] {
        // What the file gives to who loads it.
        let given = global("builtins", name);
        refused(&pickle4(&given), "misused-global", "stands where");
        refused(&pickle4(dict(&[("model", tuple(&[list(&[given])]))])), "misused-global", "stands where");
    }
    accepted(&pickle4(dict(&[("models", list(&[boosting(), lower()])), ("function", global("numpy", "log1p"))])));
}

/// A time in this zone.
fn moment(zone: Ops) -> Ops {
    pickle4(call(global("datetime", "datetime"), &[bytes(&[7, 228, 1, 1, 0, 0, 0, 0, 0, 0]), zone]))
}

#[test]
fn a_zone_is_made_of_its_name() {
    let zone = |arguments: &[Ops]| moment(call(fetched(global("zoneinfo", "ZoneInfo"), "_unpickle"), arguments));
    let honest = zone(&[text("America/Argentina/Buenos_Aires"), TRUE.into()]);
    accepted(&zone(&[text("Etc/GMT+3"), int(0)]));
    for name in
        ["../../etc/passwd", "/etc/passwd", "Europe//Paris", "", ".", "a/../b", "Europe/Paris/", "a.b/c", "a\\b"]
    {
        told_apart(&zone(&[text(name), TRUE.into()]), "misused-global", "no name that a zone can have", &honest);
    }
    for arguments in
        [vec![text("UTC")], vec![int(1), TRUE.into()], vec![text("UTC"), int(2)], vec![text("UTC"), text("x")]]
    {
        told_apart(&zone(&arguments), "misused-global", "called with something else", &honest);
    }
    let other = moment(fetched(global("zoneinfo", "ZoneInfo"), "from_file"));
    told_apart(&other, "misused-global", OTHER, &honest);
    let pytz = |arguments: &[Ops]| moment(call(global("pytz", "_p"), arguments));
    let honest = pytz(&[text("Europe/Paris"), int(3600), int(0), text("CET")]);
    accepted(&pytz(&[text("Etc/GMT+3")]));
    told_apart(&pytz(&[text("../passwd")]), "misused-global", "no name that a zone can have", &honest);
    told_apart(&pytz(&[text("Europe/Paris"), lower()]), "misused-global", "called with something else", &honest);
}

#[test]
fn a_zone_is_made_of_how_far_it_is() {
    let delta = || call(global("datetime", "timedelta"), &[int(0), int(3600), int(0)]);
    let offset = |arguments: &[Ops]| moment(call(global("dateutil.tz.tz", "tzoffset"), arguments));
    let honest = offset(&[text("X"), delta()]);
    told_apart(&offset(&[text("X"), int(3600)]), "misused-global", "called with something else", &honest);
    let later = |parts: &[(&str, Ops)]| moment(build(new(global("dateutil.tz.tz", "tzoffset")), dict(parts)));
    let honest = later(&[("_name", text("X")), ("_offset", delta())]);
    told_apart(&later(&[("__class__", text("X"))]), "misused-global", "its state has", &honest);
    // dateutil keeps what it was called for.
    let kept = call(global("dateutil.tz.tz", "tzoffset"), &[NONE.into(), delta()]);
    let other = moment(build(kept, dict(&[("_offset", delta())])));
    told_apart(&other, "misused-global", "is there already", &honest);
    told_apart(&later(&[("_offset", lower())]), "misused-global", "_offset", &honest);
    accepted(&moment(new(global("dateutil.tz.tz", "tzutc"))));
    let fixed = |minutes: Ops| moment(call(global("pytz", "FixedOffset"), &[minutes]));
    told_apart(&fixed(text("1")), "misused-global", "called with something else", &fixed(int(60)));
}

/// A class of Python's `types`, as cloudpickle finds it.
fn builtin_type(name: &str) -> Ops {
    call(global("cloudpickle.cloudpickle", "_builtin_type"), &[text(name)])
}

fn method(function: Ops, object: Ops) -> Ops {
    call(builtin_type("MethodType"), &[function, object])
}

#[test]
fn cloudpickle_makes_a_method_of_an_objects_own_function() {
    let raw_predict = || global(BOOSTING, "BaseHistGradientBoosting._raw_predict");
    let with = |key: &str, value: Ops| pickle4(ops![put(new(boosting()), 0), dict(&[(key, value)]), b"b"]);
    let honest = with("_raw_predict", method(raw_predict(), get(0)));
    accepted(&honest);
    let entropy = || global(DISCRETE, "randint_gen._entropy");
    let of_poisson = || method(entropy(), get(0));
    accepted(&discrete(of_poisson()));
    accepted(&discrete(vectorized(&[("pyfunc", of_poisson())])));
    // Another function, of another class, of no class, or an object that is none.
    for other in [
        method(entropy(), get(0)),
        method(global("numpy", "log1p"), get(0)),
        method(boosting(), get(0)),
        method(text("_raw_predict"), get(0)),
        method(raw_predict(), new(scaler())),
        method(raw_predict(), boosting()),
        method(raw_predict(), text("a")),
    ] {
        told_apart(&with("_raw_predict", other), "misused-global", "it makes another method", &honest);
    }
    told_apart(&with("_raw_predict", method(raw_predict(), new(boosting()))), "misused-global", "is a method", &honest);
    told_apart(&with("predict", method(raw_predict(), get(0))), "misused-global", "which is a method", &honest);
    told_apart(&with("n_iter_", method(raw_predict(), get(0))), "misused-global", "where data belongs", &honest);
    let later = estimator(boosting(), &[("n_iter_", int(1))]);
    told_apart(&pickle4(method(raw_predict(), later)), "misused-global", "it makes another method", &honest);
    let called = pickle4(ops![put(new(boosting()), 0), call(method(raw_predict(), get(0)), &[]), b"b"]);
    told_apart(&called, "misused-global", "what it made is called", &honest);
    let three = call(builtin_type("MethodType"), &[raw_predict(), get(0), get(0)]);
    told_apart(&with("_raw_predict", three), "misused-global", "3 arguments", &honest);
}

#[test]
fn cloudpickle_finds_no_types_that_make_code() {
    let empty = || call(builtin_type("SimpleNamespace"), &[]);
    let honest = pickle4(build(empty(), dict(&[("a", int(1))])));
    accepted(&honest);
    for name in ["CodeType", "FunctionType", "LambdaType", "ModuleType", "CellType", "DynamicClassAttribute", ""] {
        let hostile = pickle4(call(builtin_type(name), &[]));
        told_apart(&hostile, "misused-global", "it asks for another type", &honest);
    }
    let with = |value: Ops| pickle4(build(empty(), dict(&[("a", value)])));
    for kept in [builtin_type("MethodType"), builtin_type("SimpleNamespace")] {
        told_apart(&with(kept.clone()), "misused-global", "somewhere else than before its arguments", &honest);
        told_apart(&slot(kept.clone()), "misused-global", "somewhere else than before its arguments", &slot(lower()));
        told_apart(&pickle4(new(kept)), "malformed", "NEWOBJ", &honest);
    }
    let found = global("cloudpickle.cloudpickle", "_builtin_type");
    told_apart(&with(found.clone()), "misused-global", "stands where data belongs", &honest);
    refused(&pickle4(dict(&[("a", found)])), "misused-global", "stands where");
    told_apart(
        &pickle4(call(builtin_type("SimpleNamespace"), &[dict(&[])])),
        "misused-global",
        "called with something else",
        &honest,
    );
    told_apart(
        &pickle4(build(empty(), dict(&[("__class__", int(1))]))),
        "misused-global",
        "gives a meaning to",
        &honest,
    );
    refused(
        &pickle4(call(global("cloudpickle.cloudpickle", "_make_function"), &[])),
        "embedded-code",
        "cloudpickle.cloudpickle._make_function",
    );
}
