//! Objects of scipy, pandas and others that models keep: interpolation, results, distances of one's own, spans of time.

use crate::opcodes::*;
use std::path::Path;

#[test]
fn what_people_keep_beside_models_is_accepted_from_every_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kept");
    let mut count = 0;
    for version in std::fs::read_dir(folder).unwrap() {
        for entry in std::fs::read_dir(version.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            let judged = judge(&std::fs::read(&path).unwrap());
            assert!(judged.findings.is_empty(), "{}: {:?}", path.display(), judged.findings);
            count += 1;
        }
    }
    assert!(count > 200, "{count}");
}

const INTERPOLATE: &str = "scipy.interpolate._interpolate";

fn line() -> Ops {
    global(INTERPOLATE, "interp1d")
}

fn lookup(target: Ops, name: &str) -> Ops {
    call(global("builtins", "getattr"), &[target, text(name)])
}

#[test]
fn an_interpolation_has_the_attributes_and_slots_of_its_class() {
    let with = |attributes: Ops, slots: Ops| pickle4(build(new(line()), tuple(&[attributes, slots])));
    let slots = || dict(&[("_y_axis", int(0)), ("dtype", global("numpy", "float64"))]);
    let honest = with(dict(&[("x", array(&[1.0]))]), slots());
    accepted(&with(NONE.into(), slots()));
    for (hostile, words) in [
        // A slot is set by `setattr`: of this one the class has a setter.
        (with(NONE.into(), dict(&[("fill_value", int(1))])), "sets fill_value, which its class does not have"),
        (with(dict(&[("_y_axis", int(0))]), slots()), "sets _y_axis, which its class does not have"),
        (with(dict(&[("__call__", int(0))]), slots()), "sets __call__"),
        (with(NONE.into(), dict(&[("__class__", scaler())])), "sets __class__"),
        (with(NONE.into(), list(&[])), "its state is no dict"),
        (with(dict(&[("y", global("numpy", "log1p"))]), slots()), "stands where data belongs"),
        (pickle4(build(new(line()), tuple(&[slots(), slots(), slots()]))), "its state is no dict"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
    // A class without slots has no pair for a state.
    let bounds = |state: Ops| pickle4(build(new(global("scipy.optimize._constraints", "Bounds")), state));
    let pair = tuple(&[NONE.into(), dict(&[("lb", int(0))])]);
    told_apart(&bounds(pair), "misused-global", "its state is no dict", &bounds(dict(&[("lb", int(0))])));
}

#[test]
fn the_method_that_an_interpolation_works_by_is_one_of_its_class() {
    let with = |method: Ops| pickle4(build(new(line()), dict(&[("_call", method)])));
    let honest = with(lookup(line(), "_call_linear"));
    accepted(&with(global(INTERPOLATE, "interp1d._call_nearest")));
    told_apart(&with(lookup(line(), "__init__")), "misused-global", "another attribute", &honest);
    told_apart(&with(scaler()), "misused-global", "stands where a function without side effects belongs", &honest);
    refused(&with(global(INTERPOLATE, "interp1d.__init__")), "unknown-global", "interp1d.__init__");
    refused(&with(global("posix", "system")), "dangerous-global", "posix.system");
}

#[test]
fn a_density_keeps_a_method_of_its_own_and_no_other() {
    let kde = || put(new(global("scipy.stats._kde", "gaussian_kde")), 5);
    let with = |factor: Ops| pickle4(build(kde(), dict(&[("d", int(1)), ("covariance_factor", factor)])));
    let honest = with(lookup(get(5), "silverman_factor"));
    told_apart(&with(lookup(get(5), "evaluate")), "misused-global", "another attribute", &honest);
    let other = with(lookup(new(global("scipy.stats._kde", "gaussian_kde")), "silverman_factor"));
    told_apart(&other, "misused-global", "stands where data belongs", &honest);
    told_apart(&with(global("numpy", "log1p")), "misused-global", "stands where data belongs", &honest);
    let elsewhere = pickle4(build(kde(), dict(&[("factor", lookup(get(5), "silverman_factor"))])));
    told_apart(&elsewhere, "misused-global", "stands where data belongs", &honest);
}

#[test]
fn what_scipy_closes_or_asks_for_its_module_is_nothing_or_an_array() {
    let hull =
        |inner: Ops| pickle4(build(new(global("scipy.spatial._qhull", "ConvexHull")), dict(&[("_qhull", inner)])));
    told_apart(&hull(new(scaler())), "misused-global", "its _qhull is", &hull(NONE.into()));
    let cubic =
        |inner: Ops| pickle4(build(new(global("scipy.interpolate._cubic", "CubicSpline")), dict(&[("_xp", inner)])));
    let result = new(global("scipy.optimize", "OptimizeResult"));
    let result = ops![result, text("namespace"), int(1), b"s"];
    told_apart(&cubic(result), "misused-global", "its _xp is", &cubic(array(&[])));
}

#[test]
fn the_class_that_a_spline_gets_is_one_of_splines() {
    let module = "scipy.interpolate._fitpack2";
    let with = |class: Ops| {
        pickle4(build(new(global(module, "UnivariateSpline")), dict(&[("ext", int(0)), ("_spline_class", class)])))
    };
    let honest = with(global(module, "LSQUnivariateSpline"));
    for class in [scaler(), global("scipy.optimize._constraints", "Bounds"), global("numpy", "log1p")] {
        told_apart(&with(class), "misused-global", "stands where data belongs", &honest);
    }
}

#[test]
fn a_result_has_its_fields_and_what_its_class_has_beside_them() {
    let class = || global("scipy.stats._stats_py", "LinregressResult");
    let fields = |count: usize| tuple(&vec![float(0.5); count]);
    // NEWOBJ_EX, then BUILD with the same.
    let with = |count: usize, keywords: Ops, state: Ops| {
        pickle4(build(ops![class(), fields(count), keywords, b"\x92"], state))
    };
    let beside = |key: &str, value: Ops| dict(&[(key, value)]);
    let error = || beside("intercept_stderr", float(0.5));
    let honest = with(5, error(), error());
    for (hostile, words) in [
        (with(4, error(), error()), "another number of values"),
        (with(5, beside("_cls", float(0.5)), error()), "which its class does not have"),
        (with(5, error(), beside("slope", float(0.5))), "which its class does not have"),
        (with(5, error(), beside("__class__", scaler())), "sets __class__"),
        (with(5, beside("intercept_stderr", global("numpy", "log1p")), error()), "stands where data belongs"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
    for (module, class, count) in [
        ("scipy.stats._stats_py", "SigmaclipResult", 3),
        ("scipy.stats.stats", "CumfreqResult", 4),
        ("scipy.stats.morestats", "Mean", 2),
        ("scipy.stats._stats_py", "ConfidenceInterval", 2),
        ("scipy.stats._hypotests", "Epps_Singleton_2sampResult", 2),
    ] {
        let of = |count: usize| pickle4(ops![global(module, class), fields(count), b"\x81"]);
        told_apart(&of(count + 1), "misused-global", "another number of values", &of(count));
    }
    let record = |key: &str, value: Ops| {
        let state = dict(&[("statistic", float(0.5)), (key, value)]);
        pickle4(build(new(global("scipy.stats._hypotests", "TukeyHSDResult")), state))
    };
    let honest = record("_ci", NONE.into());
    told_apart(&record("confidence_interval", int(1)), "misused-global", "which its class does not have", &honest);
    told_apart(&record("_ci", global("numpy", "log1p")), "misused-global", "stands where data belongs", &honest);
    let plain = ops![global("scipy.stats._stats_py", "ModeResult"), fields(2), b"\x81"];
    told_apart(&pickle4(build(&plain, dict(&[("a", int(1))]))), "misused-global", "given a state", &pickle4(&plain));
    let keywords =
        pickle4(ops![global("scipy.stats._stats_py", "ModeResult"), fields(2), beside("a", int(1)), b"\x92"]);
    told_apart(&keywords, "misused-global", "which its class does not have", &pickle4(&plain));
}

/// Below protocol 4 a result is made by a partial of its class's `__new__`, which is called with nothing more.
#[test]
fn a_result_of_protocol_2_is_made_by_the_new_of_its_class() {
    let class = |name: &str| global("scipy.stats._stats_py", name);
    let new_of = |class: Ops| call(global("__builtin__", "getattr"), &[class, text("__new__")]);
    let new = || new_of(class("LinregressResult"));
    let values = |class: Ops, count: usize| tuple(&[vec![class], vec![float(0.5); count]].concat());
    let beside = |key: &str, value: Ops| dict(&[(key, value)]);
    let error = || beside("intercept_stderr", float(0.5));
    let partial =
        |function: Ops, state: [Ops; 4]| build(call(global("functools", "partial"), &[function]), tuple(&state));
    let called = |function: Ops, state: [Ops; 4], args: &[Ops]| pickle(2, call(partial(function, state), args));
    let of = |values: Ops, keywords: Ops| called(new(), [new(), values, keywords, NONE.into()], &[]);
    let honest = of(values(class("LinregressResult"), 5), error());
    let with_state = |state: Ops| {
        let state_of = [new(), values(class("LinregressResult"), 5), error(), NONE.into()];
        pickle(2, build(call(partial(new(), state_of), &[]), state))
    };
    accepted(&with_state(error()));
    let state = || [new(), values(class("LinregressResult"), 5), error(), NONE.into()];
    for (hostile, words) in [
        (of(values(class("LinregressResult"), 4), error()), "another number of values"),
        (of(values(class("KstestResult"), 2), dict(&[])), "another number of values"),
        (of(values(scaler(), 5), error()), "something else than a result"),
        (of(values(global("__builtin__", "set"), 5), error()), "something else than a result"),
        (of(list(&[class("LinregressResult")]), error()), "something else than a result"),
        (of(values(class("LinregressResult"), 5), beside("slope", float(0.5))), "which its class does not have"),
        (
            of(values(class("LinregressResult"), 5), beside("intercept_stderr", global("numpy", "log1p"))),
            "stands where data belongs",
        ),
        (
            of(tuple(&[vec![class("LinregressResult"), new()], vec![float(0.5); 4]].concat()), error()),
            "stands where data belongs",
        ),
        (called(new(), [new(), values(class("LinregressResult"), 5), error(), dict(&[])], &[]), "it has attributes"),
        (called(new(), state(), &[float(0.5)]), "called with more arguments"),
        (pickle(2, call(new(), &[class("LinregressResult")])), "what it made is called"),
        (pickle(2, call(call(global("functools", "partial"), &[new()]), &[])), "what it made is called"),
        (pickle(2, new_of(scaler())), "looks up another attribute"),
        (pickle(2, new_of(global("numpy", "ndarray"))), "looks up another attribute"),
        (pickle(2, new_of(global("collections", "OrderedDict"))), "looks up another attribute"),
        (
            pickle(2, call(global("__builtin__", "getattr"), &[class("LinregressResult"), text("_make")])),
            "looks up another attribute",
        ),
        (with_state(beside("slope", float(0.5))), "which its class does not have"),
        (with_state(beside("__class__", scaler())), "sets __class__"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
    // A class that is derived from the one whose `__new__` makes it.
    let derived = [new_of(class("PearsonRResultBase")), values(class("PearsonRResult"), 2), dict(&[]), NONE.into()];
    accepted(&called(new_of(class("PearsonRResultBase")), derived, &[]));
}

#[test]
fn a_rotation_and_a_radial_function_are_given_arrays() {
    let rotation = |state: Ops| pickle4(build(new(global("scipy.spatial.transform._rotation", "Rotation")), state));
    let table = |rows: i32, columns: i32| {
        array_of(&[rows, columns], &dtype("f8"), &vec![0; usize::try_from(rows * columns * 8).unwrap()])
    };
    let honest = rotation(tuple(&[table(1, 4), TRUE.into()]));
    // It reads four numbers for each.
    let three = rotation(tuple(&[table(1, 3), TRUE.into()]));
    told_apart(&three, "misused-global", "not of four numbers", &honest);
    let flat = rotation(tuple(&[array(&[0.0, 0.0, 0.0, 1.0]), TRUE.into()]));
    told_apart(&flat, "misused-global", "not of four numbers", &honest);
    // Of a single one it reads the first row, whether there is one or not.
    for rows in [0, 2] {
        let single = rotation(tuple(&[table(rows, 4), TRUE.into()]));
        told_apart(&single, "misused-global", "a single rotation", &rotation(tuple(&[table(rows, 4), FALSE.into()])));
    }
    for state in
        [tuple(&[list(&[float(0.0)]), TRUE.into()]), tuple(&[array(&[1.0])]), array(&[1.0]), dict(&[("a", int(1))])]
    {
        told_apart(&rotation(state), "misused-global", "its state is something else", &honest);
    }
    let radial = |kind: Ops, last: Ops| radial_of(table(3, 2), table(1, 2), array(&[1.0, 1.0]), kind, last);
    let honest = radial(global("numpy", "float64"), table(4, 1));
    told_apart(&radial(scaler(), table(4, 1)), "misused-global", "its state is something else", &honest);
    told_apart(
        &radial(global("numpy", "float64"), text("x")),
        "misused-global",
        "its state is something else",
        &honest,
    );
    // It makes a number for each power and each axis of all of them, for each point that it is asked for.
    let float64 = || global("numpy", "float64");
    for hostile in [
        radial(float64(), table(5, 1)),
        radial(float64(), table(4, 2)),
        radial_of(table(3, 2), table(1, 2), array(&[1.0; 9]), float64(), table(4, 1)),
        radial_of(table(3, 2), table(1, 9), array(&[1.0; 2]), float64(), table(4, 1)),
        radial_of(table(2, 2), table(1, 2), array(&[1.0; 2]), float64(), table(3, 1)),
    ] {
        told_apart(&hostile, "misused-global", "do not belong together", &honest);
    }
    // To scipy 1.16 the same are attributes.
    let old = |shift: Ops| {
        let state = [("y", table(3, 2)), ("d", table(3, 1)), ("powers", table(1, 2)), ("_shift", shift)];
        pickle4(build(new(global("scipy.interpolate._rbfinterp", "RBFInterpolator")), dict(&state)))
    };
    for hostile in [array(&[1.0; 9]), list(&[float(1.0)])] {
        told_apart(&old(hostile), "misused-global", "do not belong together", &old(array(&[1.0; 2])));
    }
}

/// An `RBFInterpolator` of these points, powers and shift, as scipy 1.17 writes it.
fn radial_of(points: Ops, powers: Ops, shift: Ops, kind: Ops, coefficients: Ops) -> Vec<u8> {
    let values = array_of(&[3, 1], &dtype("f8"), &[0; 24]);
    let smoothing = array(&[0.0; 3]);
    let points = [points, values, tuple(&[]), kind, NONE.into(), smoothing, text("linear"), float(1.0), powers];
    let state = tuple(&[tuple(&points), tuple(&[shift.clone(), shift, coefficients])]);
    pickle4(build(new(global("scipy.interpolate._rbfinterp", "RBFInterpolator")), state))
}

const METRICS: &str = "sklearn.metrics._dist_metrics";

#[test]
fn a_distance_of_ones_own_keeps_a_function_without_side_effects() {
    let with = |class: &str, function: Ops, keywords: Ops| {
        let made = call(global(METRICS, "newObj"), &[global(METRICS, class)]);
        pickle4(build(made, tuple(&[float(2.0), array(&[0.0]), array(&[0.0]), function, keywords])))
    };
    let cosine = || global("scipy.spatial.distance", "cosine");
    let honest = with("PyFuncDistance64", cosine(), dict(&[("p", int(3))]));
    for (hostile, words) in [
        (with("PyFuncDistance64", scaler(), dict(&[])), "its function is none"),
        (with("PyFuncDistance64", text("cosine"), dict(&[])), "its function is none"),
        (with("PyFuncDistance64", global("builtins", "getattr"), dict(&[])), "its function is none"),
        (with("PyFuncDistance64", cosine(), list(&[])), "its function is none, or its keywords"),
        (with("PyFuncDistance64", cosine(), dict(&[("f", cosine())])), "stands where data belongs"),
        (with("EuclideanDistance64", cosine(), dict(&[])), "called with 5 arguments"),
    ] {
        told_apart(&hostile, "misused-global", words, &honest);
    }
    refused(&with("PyFuncDistance64", global("posix", "system"), dict(&[])), "dangerous-global", "posix.system");
    // A function of one's own is named, and can be allowed.
    let own = with("PyFuncDistance64", global("mine", "distance"), dict(&[]));
    refused(&own, "unknown-global", "mine.distance");
    assert!(judge_allowing(&own, &["mine.distance"], &[]).findings.is_empty());
}

#[test]
fn a_span_of_months_counts_in_numbers() {
    let relative =
        |key: &str, value: Ops| build(new(global("dateutil.relativedelta", "relativedelta")), dict(&[(key, value)]));
    let with = |key: &str, value: Ops| {
        let state = dict(&[("n", int(1)), ("normalize", FALSE.into()), (key, value)]);
        pickle4(build(call(global("pandas", "DateOffset"), &[]), state))
    };
    let honest = with("_offset", relative("months", int(2)));
    accepted(&with("months", int(2)));
    told_apart(&with("months", text("2")), "misused-global", "the key \"months\" is a str", &honest);
    told_apart(&with("_offset", new(scaler())), "misused-global", "the key \"_offset\" is an object", &honest);
    told_apart(&with("__class__", scaler()), "misused-global", "the key \"__class__\"", &honest);
    told_apart(&with("_offset", relative("__add__", int(1))), "misused-global", "sets __add__", &honest);
    let called = pickle4(call(global("pandas", "DateOffset"), &[int(1)]));
    told_apart(&called, "misused-global", "called with something else", &honest);
}

#[test]
fn a_zone_does_not_bring_its_own_rules_or_open_a_file() {
    let local = |key: &str, value: Ops| pickle4(build(new(global("dateutil.tz.tz", "tzlocal")), dict(&[(key, value)])));
    told_apart(
        &local("_filename", text("/etc/x")),
        "misused-global",
        "the key \"_filename\"",
        &local("_hasdst", FALSE.into()),
    );
    for arguments in [vec![text("/etc/localtime")], vec![NONE.into(), text("Europe/Paris")]] {
        refused(
            &pickle4(call(global("dateutil.tz.tz", "tzfile"), &arguments)),
            "unknown-global",
            "dateutil.tz.tz.tzfile",
        );
    }
}

#[test]
fn what_opens_a_socket_when_it_is_read_is_refused_by_name() {
    let monitor =
        build(new(global("sklearn.callback._scoring_monitor", "ScoringMonitor")), dict(&[("_log", list(&[]))]));
    refused(&pickle4(monitor), "dangerous-global", "ScoringMonitor");
}

#[test]
fn a_spline_has_as_many_knots_and_coefficients_as_its_degree_takes() {
    let numbers = |count: usize| array(&vec![1.0; count]);
    // Evaluated, each of these took numbers from beside its arrays, and most of them ended Python.
    let of_one = |knots: usize, coefficients: usize, degree: i32| {
        let state = [("t", numbers(knots)), ("c", numbers(coefficients)), ("k", int(degree))];
        pickle4(build(new(global("scipy.interpolate._bsplines", "BSpline")), dict(&state)))
    };
    let honest = of_one(12, 8, 3);
    for (knots, coefficients, degree) in [(12, 8, -1), (12, 8, 100_000_000), (12, 7, 3), (7, 3, 3), (2, 0, 1)] {
        let hostile = of_one(knots, coefficients, degree);
        told_apart(&hostile, "misused-global", "do not belong together", &honest);
    }
    let fitted = |knots: usize, coefficients: usize, degree: i32| {
        let parts = tuple(&[numbers(knots), numbers(coefficients), int(degree)]);
        let class = global("scipy.interpolate._fitpack2", "UnivariateSpline");
        pickle4(build(new(class), dict(&[("_eval_args", parts)])))
    };
    told_apart(&fitted(12, 12, 100_000_000), "misused-global", "do not belong together", &fitted(12, 12, 3));
    told_apart(&fitted(12, 4, 3), "misused-global", "do not belong together", &fitted(12, 8, 3));
    // scipy before 1.13 reads all of them for each number that it is asked for, of which a row has one.
    let parts = tuple(&[numbers(12), array_of(&[8, 1], &dtype("f8"), &[0; 64]), int(3)]);
    let curve =
        pickle4(build(new(global("scipy.interpolate._fitpack2", "UnivariateSpline")), dict(&[("_eval_args", parts)])));
    told_apart(&curve, "misused-global", "no single row", &fitted(12, 8, 3));
    // scipy integrates a spline as often as it is asked to; FITPACK has room for 20 numbers.
    told_apart(&fitted(100, 100, 30), "misused-global", "its degree is larger than any", &fitted(100, 100, 19));
    let of_two = |degree: i32| {
        let class = global("scipy.interpolate._fitpack2", "RectBivariateSpline");
        pickle4(build(new(class), dict(&[("degrees", tuple(&[int(3), int(degree)]))])))
    };
    told_apart(&of_two(30), "misused-global", "its degrees are no two small numbers", &of_two(3));
}

#[test]
fn a_rule_of_pandas_takes_the_attributes_of_a_step_of_time_and_of_nothing_else() {
    let with = |class: Ops, attribute: &str, key: &str, rule: &str| {
        let step = build(new(class), dict(&[(attribute, int(1))]));
        let state = dict(&[("n", int(1)), ("normalize", FALSE.into()), (key, step)]);
        judge(&pickle4(build(new(global("pandas.tseries.offsets", rule)), state))).codes()
    };
    let step = || global("dateutil.relativedelta", "relativedelta");
    let grid = || global("sklearn.model_selection._search", "ParameterGrid");
    for (rule, key) in [("DateOffset", "_offset"), ("BusinessHour", "_offset"), ("BusinessHour", "_inc")] {
        assert_eq!(with(step(), "days", key, rule), [""; 0], "{rule} {key}");
        assert_eq!(with(grid(), "param_grid", key, rule), ["misused-global"], "{rule} {key}");
    }
}
