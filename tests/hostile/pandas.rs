//! Tables of pandas: every file of `tests/data/pandas` is accepted, and its hostile twin not.

use crate::opcodes::*;
use std::path::Path;

#[test]
fn tables_of_every_pandas_and_protocol_are_accepted() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pandas");
    let mut count = 0;
    for entry in std::fs::read_dir(files).unwrap() {
        let path = entry.unwrap().path();
        let judged = judge(&std::fs::read(&path).unwrap());
        assert!(judged.findings.is_empty(), "{}: {:?}", path.display(), judged.findings);
        count += 1;
    }
    assert!(count > 100, "{count}");
}

fn index() -> Ops {
    let class = global("pandas.core.indexes.base", "Index");
    call(
        global("pandas.core.indexes.base", "_new_Index"),
        &[class, dict(&[("data", array(&[1.0])), ("name", NONE.into())])],
    )
}

fn slice() -> Ops {
    call(global("builtins", "slice"), &[int(0), int(1), int(1)])
}

fn block(values: Ops) -> Ops {
    call(global("pandas._libs.internals", "_unpickle_block"), &[values, slice(), int(2)])
}

fn blocks(block: Ops) -> Ops {
    call(global("pandas.core.internals.managers", "BlockManager"), &[tuple(&[block]), list(&[index(), index()])])
}

fn frame(state: &[(&str, Ops)]) -> Ops {
    pickle4(build(new(global("pandas.core.frame", "DataFrame")), dict(state)))
}

/// What an attacker could have made by then: an object whose class pandas never puts there.
fn other() -> Ops {
    estimator(scaler(), &[])
}

#[test]
fn a_table_sets_only_the_attributes_of_a_table() {
    let with = |key: &'static str, value: Ops| {
        frame(&[("_mgr", blocks(block(array(&[1.0])))), ("_typ", text("dataframe")), (key, value)])
    };
    let honest = with("attrs", dict(&[]));
    told_apart(&with("_item_cache", dict(&[])), "misused-global", "the key \"_item_cache\"", &honest);
    refused(&with("__class__", text("x")), "misused-global", "the key \"__class__\"");
    refused(&with("_mgr", blocks(block(array(&[1.0])))), "misused-global", "the key \"_mgr\" twice");
    refused(&frame(&[("_mgr", other())]), "misused-global", "the key \"_mgr\" is an object");
    refused(&with("_flags", dict(&[("obj", other())])), "misused-global", "the key \"_flags\" is a dict");
}

#[test]
fn blocks_hold_values_and_places() {
    let with = |values: Ops| frame(&[("_mgr", blocks(block(values)))]);
    told_apart(&with(other()), "misused-global", "called with something else", &with(array(&[1.0])));
    let hostile = frame(&[("_mgr", blocks(other()))]);
    refused(&hostile, "misused-global", "called with something else");
    let named = |more: &[(&str, Ops)]| {
        let part = dict(&[&[("values", array(&[1.0])), ("mgr_locs", slice())], more].concat());
        let state = dict(&[("0.14.1", dict(&[("axes", list(&[index()])), ("blocks", list(&[part]))]))]);
        let class = global("pandas.core.internals.managers", "SingleBlockManager");
        pickle4(build(new(class), tuple(&[list(&[index()]), list(&[array(&[1.0])]), list(&[index()]), state])))
    };
    told_apart(&named(&[("klass", scaler())]), "misused-global", "its state is something else", &named(&[]));
}

#[test]
fn categories_of_pandas_0_25_say_whether_their_order_was_given() {
    let with = |value: Ops| {
        let state = [("categories", NONE.into()), ("ordered", FALSE.into()), ("_ordered_from_sentinel", value)];
        pickle4(build(new(global("pandas.core.dtypes.dtypes", "CategoricalDtype")), dict(&state)))
    };
    told_apart(&with(other()), "misused-global", "the key \"_ordered_from_sentinel\"", &with(FALSE.into()));
}

#[test]
fn a_partial_that_is_called_makes_a_block_and_nothing_else() {
    let with = |function: Ops, keywords: Ops| {
        let made = call(global("functools", "partial"), std::slice::from_ref(&function));
        let made = build(made, tuple(&[function, EMPTY_TUPLE.into(), keywords, NONE.into()]));
        pickle4(call(made, &[array(&[1.0]), slice()]))
    };
    let new_block = || global("pandas.core.internals.blocks", "new_block");
    let check_array = || global("sklearn.utils.validation", "check_array");
    let honest = with(new_block(), dict(&[("ndim", int(2))]));
    told_apart(&with(check_array(), dict(&[])), "misused-global", "what it made is called", &honest);
    let klass = with(new_block(), dict(&[("ndim", int(2)), ("klass", text("x"))]));
    refused(&klass, "misused-global", "other arguments of its own than ndim");
    let bare = pickle4(call(call(global("functools", "partial"), &[new_block()]), &[array(&[1.0]), slice()]));
    refused(&bare, "misused-global", "what it made is called");
    refused(&with(global("posix", "system"), dict(&[])), "dangerous-global", "posix.system");
}

#[test]
fn an_index_is_made_by_the_function_of_its_class() {
    let with = |function: &str, module: &str, class: &str| {
        let parts = dict(&[("data", times("M8", "ns", &[1])), ("name", NONE.into())]);
        pickle4(call(global("pandas.core.indexes.datetimes", function), &[global(module, class), parts]))
    };
    let honest = with("_new_DatetimeIndex", "pandas.core.indexes.datetimes", "DatetimeIndex");
    let hostile = with("_new_DatetimeIndex", "pandas.core.indexes.multi", "MultiIndex");
    told_apart(&hostile, "misused-global", "its class is no index", &honest);
    refused(&with("_new_DatetimeIndex", "pandas.core.frame", "DataFrame"), "misused-global", "its class is no index");
}

/// pandas takes the data out of it: who takes the dict again finds others than we read.
#[test]
fn the_dict_that_an_index_is_made_of_stands_nowhere_else() {
    let (function, class) = ("_new_DatetimeIndex", "DatetimeIndex");
    let module = "pandas.core.indexes.datetimes";
    let parts = || put(dict(&[("data", times("M8", "ns", &[1])), ("name", NONE.into())]), 9);
    let index = |parts: Ops| call(global(module, function), &[global(module, class), parts]);
    let honest = pickle4(list(&[index(parts()), int(1)]));
    let behind = pickle4(list(&[index(parts()), get(9)]));
    told_apart(&behind, "misused-global", "a dict is taken that was given to an object", &honest);
    let before = pickle4(list(&[parts(), index(get(9))]));
    refused(&before, "misused-global", "its dict may stand elsewhere, too");
}

#[test]
fn a_column_is_made_of_its_class_and_checksum() {
    let module = "pandas.core.arrays.categorical";
    let with = |class: Ops, checksum: i32, state: Ops| {
        let made = call(global("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"), &[class, int(checksum), state]);
        pickle4(build(made, tuple(&[dtype("f8"), array(&[1.0]), dict(&[])])))
    };
    let honest = with(global(module, "Categorical"), 223_698_104, NONE.into());
    told_apart(&with(scaler(), 223_698_104, NONE.into()), "misused-global", "no column's class", &honest);
    refused(&with(global(module, "Categorical"), 1, NONE.into()), "misused-global", "its checksum or state");
    refused(&with(global(module, "Categorical"), 223_698_104, tuple(&[])), "misused-global", "its checksum or state");
    let state = |key: &'static str| {
        let class = call(
            global("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"),
            &[global(module, "Categorical"), int(223_698_104), NONE.into()],
        );
        pickle4(build(class, tuple(&[dtype("f8"), array(&[1.0]), dict(&[(key, NONE.into())])])))
    };
    told_apart(&state("__array_ufunc__"), "misused-global", "its state is something else", &state("_freq"));
}

#[test]
fn a_columns_type_remembers_only_types() {
    let with = |cached: Ops| {
        let class = global("pandas.core.arrays.integer", "Int64Dtype");
        pickle4(build(new(class), dict(&[("_cache", dict(&[("numpy_dtype", cached)]))])))
    };
    told_apart(&with(other()), "misused-global", "the key \"_cache\" is a dict", &with(dtype("i8")));
    let period = |name: &str| pickle4(call(global("pandas", "PeriodDtype"), &[text(name)]));
    told_apart(&period("period[M](.*)*"), "misused-global", "called with something else", &period("period[M]"));
}

#[test]
fn times_of_pandas_are_numbers_rules_and_zones() {
    let with = |zone: Ops| {
        pickle4(call(
            global("pandas._libs.tslibs.timestamps", "_unpickle_timestamp"),
            &[int(1), NONE.into(), zone, int(10)],
        ))
    };
    told_apart(&with(text("Europe/Paris")), "misused-global", "called with something else", &with(NONE.into()));
    accepted(&with(call(global("pytz", "_UTC"), &[])));
    accepted(&with(call(global("pytz", "_p"), &[text("Europe/Paris")])));
    let offset =
        |normalize: Ops| pickle4(call(global("pandas._libs.tslibs.offsets", "MonthEnd"), &[int(1), normalize]));
    told_apart(&offset(text("x")), "misused-global", "called with something else", &offset(FALSE.into()));
}

#[test]
fn buffers_of_text_are_as_long_as_it() {
    let buffer = |length: usize| call(global("pyarrow.lib", "py_buffer"), &[bytes(&vec![0; length])]);
    let with = |length: i32, places: usize| {
        let of = call(global("pyarrow.lib", "type_for_alias"), &[text("large_string")]);
        let buffers = list(&[NONE.into(), buffer(places), buffer(0)]);
        let parts = [of, int(length), int(0), int(0), buffers, list(&[]), NONE.into()];
        pickle4(call(global("pyarrow.lib", "_restore_array"), &[tuple(&parts)]))
    };
    told_apart(&with(3, 8), "misused-global", "its buffers are shorter", &with(3, 32));
    let of = |name: &str| pickle4(call(global("pyarrow.lib", "type_for_alias"), &[text(name)]));
    for name in ["list<item: int64>", "int65", "null", ""] {
        told_apart(&of(name), "misused-global", "another type", &of("string"));
    }
}

#[test]
fn buffers_of_numbers_are_as_long_as_they_are() {
    let buffer = |length: usize| call(global("pyarrow.lib", "py_buffer"), &[bytes(&vec![0; length])]);
    let alias = |name: &str| call(global("pyarrow.lib", "type_for_alias"), &[text(name)]);
    let made = |name: &str, arguments: &[Ops]| call(global("pyarrow.lib", name), arguments);
    let with = |of: Ops, length: i32, bytes: usize| {
        let parts = [of, int(length), int(0), int(0), list(&[NONE.into(), buffer(bytes)]), list(&[]), NONE.into()];
        pickle4(call(global("pyarrow.lib", "_restore_array"), &[tuple(&parts)]))
    };
    for (of, enough) in [
        (alias("int64"), 24),
        (alias("float"), 12),
        (alias("int8"), 3),
        (alias("bool"), 1),
        (made("timestamp", &[text("us"), text("UTC")]), 24),
        (made("decimal128", &[int(10), int(2)]), 48),
    ] {
        told_apart(&with(of.clone(), 3, enough - 1), "misused-global", "its buffers are shorter", &with(of, 3, enough));
    }
    // Text has places besides.
    told_apart(&with(alias("string"), 3, 64), "misused-global", "its buffers are shorter", &with(alias("bool"), 3, 64));
    let zone = |arguments: &[Ops]| pickle4(made("timestamp", arguments));
    told_apart(&zone(&[text("years")]), "misused-global", "called with something else", &zone(&[text("ns")]));
    told_apart(
        &zone(&[text("ns"), text(&"x".repeat(65))]),
        "misused-global",
        "another type",
        &zone(&[text("ns"), NONE.into()]),
    );
    // dateutil opens a file of that name.
    let honest = zone(&[text("ns"), text("America/Argentina/Buenos_Aires")]);
    for wrong in ["dateutil//etc/passwd", "../a", "", "a b"] {
        told_apart(&zone(&[text("ns"), text(wrong)]), "misused-global", "another type", &honest);
    }
    accepted(&zone(&[text("us"), text("+05:30")]));
}

#[test]
fn intervals_are_given_their_ends_in_a_tuple() {
    let column = || {
        call(
            global("pandas._libs.interval", "__pyx_unpickle_IntervalMixin"),
            &[global("pandas.core.arrays.interval", "IntervalArray"), int(222_419_149), NONE.into()],
        )
    };
    let with = |parts: &[(&str, Ops)]| pickle4(build(column(), tuple(&[dict(parts)])));
    let honest = with(&[("_left", array(&[0.0])), ("_right", array(&[1.0])), ("_closed", text("right"))]);
    told_apart(&with(&[("_left", global("numpy", "log1p"))]), "misused-global", "something else", &honest);
    told_apart(&with(&[("__class__", NONE.into())]), "misused-global", "something else", &honest);
    told_apart(&with(&[("copy", array(&[0.0]))]), "misused-global", "something else", &honest);
}

#[test]
fn a_columns_type_remembers_the_class_of_an_index_and_no_other_name() {
    let with = |key: &str, value: Ops| {
        pickle4(build(
            new(global("pandas.core.arrays.integer", "Int64Dtype")),
            dict(&[("_cache", dict(&[(key, value)]))]),
        ))
    };
    let index = || global("pandas.core.indexes.base", "Index");
    let honest = with("index_class", index());
    told_apart(&with("index_class", global("numpy", "log1p")), "misused-global", "_cache", &honest);
    told_apart(&with("kind", index()), "misused-global", "_cache", &honest);
    told_apart(&with("type", index()), "misused-global", "_cache", &honest);
}

/// numpy's dtype of times in a unit, such as `M8` and `ns`; of no unit, that of any other code.
fn time_type(code: &str, unit: &str) -> Ops {
    if unit.is_empty() {
        return dtype(code);
    }
    let state = [int(4), text("<"), NONE.into(), NONE.into(), NONE.into(), int(-1), int(-1), int(0)];
    let unit = tuple(&[dict(&[]), tuple(&[bytes(unit.as_bytes()), int(1), int(1), int(1)])]);
    build(dtype_call(code), tuple(&[&state[..], &[unit]].concat()))
}

/// An array of ones, in bytes: its dtype's code and unit, and its axes.
fn times(code: &str, unit: &str, axes: &[i32]) -> Ops {
    let size = usize::try_from(axes.iter().product::<i32>()).unwrap() * usize::from(code.as_bytes()[1] - b'0');
    array_of(axes, &time_type(code, unit), &vec![1; size])
}

fn index_of(class: Ops, parts: &[(&str, Ops)]) -> Ops {
    call(global("pandas.core.indexes.base", "_new_Index"), &[class, dict(parts)])
}

fn class_of_index(kind: &str) -> Ops {
    let module = match kind {
        "TimedeltaIndex" => "timedeltas",
        "PeriodIndex" => "period",
        "IntervalIndex" => "interval",
        "MultiIndex" => "multi",
        "RangeIndex" => "range",
        "Index" => "base",
        _ => "datetimes",
    };
    global(&format!("pandas.core.indexes.{module}"), kind)
}

/// A column of times, not given its state yet.
fn empty_column(class: &str) -> Ops {
    let module = match class {
        "DatetimeArray" => "datetimes",
        "TimedeltaArray" => "timedeltas",
        _ => "period",
    };
    let class = global(&format!("pandas.core.arrays.{module}"), class);
    call(global("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"), &[class, int(223_698_104), NONE.into()])
}

/// The same, with its type and array.
fn column(class: &str, of: Ops, values: Ops) -> Ops {
    build(empty_column(class), tuple(&[of, values, dict(&[("_freq", NONE.into())])]))
}

fn with_zone(unit: &str) -> Ops {
    let zone = call(global("pytz", "_UTC"), &[]);
    build(new(global("pandas.core.dtypes.dtypes", "DatetimeTZDtype")), dict(&[("unit", text(unit)), ("tz", zone)]))
}

fn period() -> Ops {
    call(global("pandas", "PeriodDtype"), &[text("period[M]")])
}

#[test]
fn an_index_of_times_is_made_of_times() {
    let with = |class: &str, data: Ops| {
        let class = class_of_index(class);
        pickle4(index_of(class, &[("data", data), ("name", NONE.into()), ("freq", NONE.into())]))
    };
    for (class, code, unit) in
        [("DatetimeIndex", "M8", "ns"), ("TimedeltaIndex", "m8", "us"), ("PeriodIndex", "i8", "")]
    {
        let honest = with(class, times(code, unit, &[1]));
        for (other, unit) in [("M8", "ns"), ("m8", "us"), ("i8", ""), ("i4", ""), ("u8", ""), ("f8", "")] {
            if other != code {
                told_apart(&with(class, times(other, unit, &[1])), "misused-global", "its data are an array", &honest);
            }
        }
    }
    let honest = with("DatetimeIndex", times("M8", "s", &[1]));
    // What is counted in nothing is divided by nothing.
    for unit in ["generic", "Y", "as"] {
        let hostile = with("DatetimeIndex", times("M8", unit, &[1]));
        told_apart(&hostile, "misused-global", "its data are an array of datetime64", &honest);
    }
}

#[test]
fn an_index_of_times_is_made_of_the_column_of_its_class() {
    let with = |data: Ops| pickle4(index_of(class_of_index("DatetimeIndex"), &[("data", data), ("name", NONE.into())]));
    let dates = || column("DatetimeArray", time_type("M8", "ns"), times("M8", "ns", &[2]));
    let inner = |class: &str, data: Ops| index_of(class_of_index(class), &[("data", data), ("name", NONE.into())]);
    let honest = with(dates());
    let periods = column("PeriodArray", period(), times("i8", "", &[2]));
    told_apart(&with(periods), "misused-global", "its data are of PeriodArray", &honest);
    let honest = with(inner("DatetimeIndex", dates()));
    told_apart(&with(inner("Index", dates())), "misused-global", "its data are of Index", &honest);
}

#[test]
fn no_index_is_made_of_an_array_without_axes() {
    let with = |data: Ops| pickle4(index_of(class_of_index("Index"), &[("data", data), ("name", NONE.into())]));
    let honest = with(times("i8", "", &[1]));
    told_apart(&with(times("i8", "", &[])), "misused-global", "the key \"data\" is an array", &honest);
    let codes = |codes: Ops| {
        let level = index_of(class_of_index("Index"), &[("data", times("i8", "", &[1])), ("name", NONE.into())]);
        let parts = [("levels", list(&[level])), ("codes", list(&[codes])), ("names", list(&[NONE.into()]))];
        pickle4(index_of(class_of_index("MultiIndex"), &parts))
    };
    let honest = codes(array_of(&[1], &dtype("i1"), &[0]));
    told_apart(&codes(array_of(&[], &dtype("i1"), &[0])), "misused-global", "the key \"codes\"", &honest);
}

#[test]
fn no_column_is_made_of_an_array_without_axes() {
    let with = |axes: &[i32]| {
        let class = global("pandas.core.arrays.string_", "StringArray");
        let unpickler = global("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked");
        let empty = call(unpickler, &[class, int(223_698_104), NONE.into()]);
        let of = call(global("pandas.core.arrays.string_", "StringDtype"), &[text("python")]);
        let values = build(empty_array(), array_state(axes, &dtype_of_objects(), list(&[text("a")])));
        pickle4(build(empty, tuple(&[of, values, dict(&[])])))
    };
    told_apart(&with(&[]), "misused-global", "its state is something else", &with(&[1]));
    let dates = |axes: &[i32]| pickle4(column("DatetimeArray", time_type("M8", "ns"), times("M8", "ns", axes)));
    told_apart(&dates(&[]), "misused-global", "its state is something else", &dates(&[1]));
}

#[test]
fn texts_that_pandas_inferred_are_columns_that_have_their_state() {
    let class = || global("pandas.core.arrays.string_", "StringArrayNumpySemantics");
    let unpickler = || global("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked");
    let empty = || call(unpickler(), &[class(), int(223_698_104), NONE.into()]);
    let of = || call(global("pandas.core.arrays.string_", "StringDtype"), &[text("python"), float(f64::NAN)]);
    let with = |axes: &[i32]| {
        let values = build(empty_array(), array_state(axes, &dtype_of_objects(), list(&[text("a")])));
        pickle4(build(empty(), tuple(&[of(), values, dict(&[])])))
    };
    let honest = with(&[1]);
    told_apart(&with(&[]), "misused-global", "its state is something else", &honest);
    told_apart(&pickle4(empty()), "structure-invalid", "_ndarray", &honest);
    let arrow = |key: &'static str| {
        let class = global("pandas.core.arrays.string_arrow", "ArrowStringArrayNumpySemantics");
        pickle4(build(new(class), dict(&[(key, of())])))
    };
    told_apart(&arrow("_pa_array"), "misused-global", "the key \"_pa_array\" is an object", &arrow("_dtype"));
}

#[test]
fn hours_of_business_remember_their_length_and_their_next_day_and_no_other_rule_does() {
    let rule = |name: &str, cache: Ops| {
        let state = [("n", int(1)), ("normalize", FALSE.into()), ("_cache", cache)];
        build(new(global("pandas.tseries.offsets", name)), dict(&state))
    };
    let day = || rule("BusinessDay", dict(&[]));
    let hours = |name: &str, key: &'static str, value: Ops| {
        let cache = [("_get_daytime_flag", TRUE.into()), ("_get_business_hours_by_sec", float(28800.0)), (key, value)];
        pickle4(rule(name, dict(&cache)))
    };
    for name in ["BusinessHour", "CustomBusinessHour"] {
        let honest = hours(name, "next_bday", day());
        told_apart(&hours(name, "next_bday", other()), "misused-global", "the key \"_cache\" is a dict", &honest);
        let method = call(global("builtins", "getattr"), &[day(), text("onOffset")]);
        refused(&hours(name, "next_bday", method), "misused-global", "of an object that has a state");
        refused(&hours(name, "cbday_roll", day()), "misused-global", "the key \"_cache\" is a dict");
        let function = global("numpy", "log1p");
        refused(&hours(name, "_params", function), "misused-global", "stands where data belongs");
    }
    refused(&hours("BusinessDay", "next_bday", day()), "misused-global", "the key \"_cache\" is a dict");
}

#[test]
fn a_column_that_is_used_has_its_state() {
    let full = || column("DatetimeArray", time_type("M8", "ns"), times("M8", "ns", &[1, 1]));
    let empty = || empty_column("DatetimeArray");
    let index = |data: Ops| pickle4(index_of(class_of_index("Index"), &[("data", data), ("name", NONE.into())]));
    told_apart(&index(empty()), "misused-global", "the key \"data\" is an object", &index(full()));
    let table = |values: Ops| frame(&[("_mgr", blocks(block(values)))]);
    told_apart(&table(empty()), "misused-global", "called with something else", &table(full()));
    let ends = |end: Ops| {
        let class = new(global("pandas.core.arrays.interval", "IntervalArray"));
        let parts = [("_left", array(&[0.0])), ("_right", end), ("_closed", text("right"))];
        pickle4(build(class, dict(&parts)))
    };
    told_apart(&ends(empty()), "misused-global", "the key \"_right\" is an object", &ends(full()));
    // By itself, too: its class is compiled, and looks where there is nothing.
    told_apart(&pickle4(empty()), "structure-invalid", "_ndarray", &pickle4(full()));
}

#[test]
fn a_column_of_times_holds_times_of_the_type_that_it_says() {
    let with = |class: &str, of: Ops, values: Ops| pickle4(column(class, of, values));
    let dates = |unit: &str, of: Ops| with("DatetimeArray", of, times("M8", unit, &[2]));
    let honest = dates("ns", time_type("M8", "ns"));
    for (code, unit) in [("i8", ""), ("f8", ""), ("i4", ""), ("m8", "ns"), ("M8", "generic"), ("M8", "D")] {
        let hostile = with("DatetimeArray", time_type("M8", "ns"), times(code, unit, &[2]));
        told_apart(&hostile, "misused-global", "its values are an array of", &honest);
    }
    let hostile = with("DatetimeArray", time_type("M8", "ns"), times("M8", "ns", &[1, 1, 2]));
    told_apart(&hostile, "misused-global", "no array of one or two axes", &honest);
    accepted(&with("DatetimeArray", time_type("M8", "ns"), times("M8", "ns", &[1, 2])));
    let other = "its type is another one";
    told_apart(&dates("ns", time_type("M8", "s")), "misused-global", other, &dates("s", time_type("M8", "s")));
    told_apart(&dates("us", with_zone("ns")), "misused-global", other, &dates("us", with_zone("us")));
    told_apart(&dates("us", time_type("i8", "")), "misused-global", other, &dates("us", with_zone("us")));
    told_apart(&dates("us", new(global("pandas", "DatetimeTZDtype"))), "misused-global", other, &honest);
    let spans = |of: Ops| with("TimedeltaArray", of, times("m8", "ns", &[2]));
    told_apart(&spans(time_type("M8", "ns")), "misused-global", other, &spans(time_type("m8", "ns")));
    told_apart(&spans(with_zone("ns")), "misused-global", other, &spans(time_type("m8", "ns")));
    let periods = |of: Ops, values: Ops| with("PeriodArray", of, values);
    let honest = periods(period(), times("i8", "", &[2]));
    told_apart(&periods(time_type("i8", ""), times("i8", "", &[2])), "misused-global", other, &honest);
    told_apart(&periods(period(), times("i4", "", &[2])), "misused-global", "an array of int32", &honest);
}

#[test]
fn a_column_of_times_is_the_same_however_its_state_is_written() {
    let values = |code: &str| times(code, if code == "M8" { "ns" } else { "" }, &[2]);
    let parts = |key: &'static str, code: &str| vec![(key, values(code)), ("_dtype", time_type("M8", "ns"))];
    let attributes = |parts: &[(&str, Ops)]| pickle4(build(empty_column("DatetimeArray"), dict(parts)));
    let in_tuple = |parts: &[(&str, Ops)]| pickle4(build(empty_column("DatetimeArray"), tuple(&[dict(parts)])));
    let wrong = "its values are an array of int64";
    for key in ["_data", "_ndarray"] {
        let (hostile, honest) = (parts(key, "i8"), parts(key, "M8"));
        told_apart(&attributes(&hostile), "misused-global", wrong, &attributes(&honest));
        told_apart(&in_tuple(&hostile), "misused-global", wrong, &in_tuple(&honest));
    }
    // Before pandas 1.3 one is what the other was remembered as.
    let both = |code: &str| [parts("_data", "M8"), vec![("_ndarray", values(code))]].concat();
    told_apart(&attributes(&both("i8")), "misused-global", wrong, &attributes(&both("M8")));
    let cached = |code: &str| {
        let cache = ("_cache", dict(&[("_ndarray", values(code))]));
        attributes(&[parts("_data", "M8"), vec![cache]].concat())
    };
    told_apart(&cached("i8"), "misused-global", wrong, &cached("M8"));
    // `series.values` of pandas 1.3 to 1.5.
    let asked = |data: Ops| {
        let rest = dict(&[("_freq", NONE.into()), ("_cache", dict(&[("_data", data)]))]);
        pickle4(build(empty_column("DatetimeArray"), tuple(&[time_type("M8", "ns"), put(values("M8"), 7), rest])))
    };
    let other = times("M8", "ns", &[3]);
    told_apart(&asked(other), "misused-global", "it remembers other data than its own", &asked(get(7)));
    // joblib writes an array that stands twice as two.
    accepted(&asked(values("M8")));
}

/// A range, of which some of start, stop and step are said.
fn range(parts: &[(&str, i32)]) -> Ops {
    let parts: Vec<(&str, Ops)> = parts.iter().map(|(key, number)| (*key, int(*number))).collect();
    index_of(class_of_index("RangeIndex"), &parts)
}

#[test]
fn a_range_of_which_pandas_makes_an_array_is_paid_for() {
    const MANY: i32 = 400_000_000;
    let index = |data: Ops| index_of(class_of_index("Index"), &[("data", data), ("name", NONE.into())]);
    let in_index = |range: Ops| pickle4(index(range));
    let limit = "the limit memory";
    let honest = in_index(range(&[("start", 0), ("stop", 1000), ("step", 1)]));
    for hostile in [
        &[("start", 0), ("stop", MANY), ("step", 1)][..],
        &[("start", MANY), ("stop", 0), ("step", -1)],
        &[("start", -MANY), ("stop", MANY), ("step", 7)],
        &[("stop", MANY)],
        &[("start", MANY)],
    ] {
        told_apart(&in_index(range(hostile)), "limit-exceeded", limit, &honest);
    }
    // These have no numbers, or few of them, however far they go; and a range by itself is never written out.
    accepted(&in_index(range(&[("start", MANY), ("stop", 0), ("step", 1)])));
    accepted(&in_index(range(&[("start", 0), ("stop", MANY), ("step", 1_000_000)])));
    accepted(&pickle4(range(&[("stop", MANY)])));
    let ends = |left: i32, right: i32| {
        let parts =
            [("left", range(&[("stop", left)])), ("right", range(&[("stop", right)])), ("closed", text("left"))];
        pickle4(index_of(class_of_index("IntervalIndex"), &parts))
    };
    told_apart(&ends(MANY, 10), "limit-exceeded", limit, &ends(10, 10));
    told_apart(&ends(10, MANY), "limit-exceeded", limit, &ends(10, 10));
    let levels = |stop: i32| {
        let codes = array_of(&[1], &dtype("i1"), &[0]);
        let parts = [("levels", list(&[range(&[("stop", stop)])])), ("codes", list(&[codes]))];
        pickle4(index_of(class_of_index("MultiIndex"), &parts))
    };
    told_apart(&levels(MANY), "limit-exceeded", limit, &levels(10));
}

#[test]
fn a_range_is_paid_for_wherever_it_is_written_out_again() {
    let index = |data: Ops| index_of(class_of_index("Index"), &[("data", data), ("name", NONE.into())]);
    // A million numbers, kept in the memo and used so often.
    let with = |times: usize| {
        let range = ops![index(range(&[("stop", 1_000_000)])), b"q\x01"];
        let uses: Vec<Ops> = (0..times).map(|_| index(b"h\x01".to_vec())).collect();
        pickle4(list(&[vec![range], uses].concat()))
    };
    told_apart(&with(20), "limit-exceeded", "the limit memory", &with(2));
    let nested = |depth: usize| pickle4((0..depth).fold(range(&[("stop", 1)]), |inner, _| index(inner)));
    told_apart(&nested(20), "misused-global", "more indexes stand in one another", &nested(2));
}

/// pandas before 1.1 writes a calendar into what a rule was made with, and every rule what it reckoned into what it remembers.
#[test]
fn what_pandas_writes_into_stands_nowhere_else() {
    let days =
        |part: Ops, key: &'static str| with_state("CustomBusinessDay", &[("weekmask", text("Mon")), (key, part)]);
    for (key, inside) in [("kwds", ("weekmask", text("Mon"))), ("_cache", ("freqstr", text("C")))] {
        let part = || put(dict(std::slice::from_ref(&inside)), 90);
        let honest = pickle4(list(&[days(part(), key), int(1)]));
        let words = "a dict is taken that was given to an object";
        told_apart(&pickle4(list(&[days(part(), key), get(90)])), "misused-global", words, &honest);
        told_apart(&pickle4(list(&[days(part(), key), days(get(90), key)])), "misused-global", words, &honest);
        let before = pickle4(list(&[part(), days(get(90), key)]));
        refused(&before, "misused-global", &format!("its {key} may stand elsewhere, too"));
    }
    // It takes the array out of the dict in the tuple that is a column's state.
    let parts = || put(dict(&[("_ndarray", times("M8", "ns", &[2])), ("_dtype", time_type("M8", "ns"))]), 90);
    let dates = || build(empty_column("DatetimeArray"), tuple(&[parts()]));
    let words = "a dict is taken that was given to an object";
    told_apart(&pickle4(list(&[dates(), get(90)])), "misused-global", words, &pickle4(list(&[dates(), int(1)])));
    let before = pickle4(list(&[parts(), build(empty_column("DatetimeArray"), tuple(&[get(90)]))]));
    refused(&before, "misused-global", "its dict may stand elsewhere, too");
}

#[test]
fn rules_of_old_pandas_are_made_of_rules() {
    let rule = |name: &str, parts: &[(&str, Ops)]| {
        let parts = [&[("n", int(1)), ("normalize", FALSE.into()), ("kwds", dict(&[]))], parts].concat();
        build(new(global("pandas.tseries.offsets", name)), dict(&parts))
    };
    let month = || rule("MonthEnd", &[]);
    for (class, key, words) in [
        ("CustomBusinessMonthEnd", "m_offset", "the key \"m_offset\" is"),
        ("CustomBusinessMonthBegin", "cbday", "the key \"cbday\" is"),
        ("FY5253", "_offset_lwom", "the key \"_offset_lwom\" is"),
        ("FY5253Quarter", "_offset", "the key \"_offset\" is"),
    ] {
        let with = |value: Ops| pickle4(rule(class, &[(key, value)]));
        for hostile in [other(), array(&[1.0]), text("a"), list(&[month()]), global("numpy", "log1p")] {
            told_apart(&with(hostile), "misused-global", words, &with(month()));
        }
    }
    // Other rules count in spans of time there.
    let with = |class: &str| pickle4(rule(class, &[("_offset", month())]));
    told_apart(&with("MonthEnd"), "misused-global", "the key \"_offset\" is", &with("FY5253Quarter"));
}

fn column_of(length: i32) -> Ops {
    array_of(&[length], &dtype("i8"), &vec![1; 8 * usize::try_from(length).unwrap()])
}

#[test]
fn months_of_rules_are_months() {
    let called = |month: i32| {
        let weeks = [int(1), FALSE.into(), int(0), int(month), text("last")];
        let quarters = [int(1), FALSE.into(), int(0), int(month), int(1), text("last")];
        [called("FY5253", &weeks), called("FY5253Quarter", &quarters)].map(pickle4)
    };
    let stated = |month: i32| {
        ["startingMonth", "month"].map(|key| {
            let parts = [("n", int(1)), ("normalize", FALSE.into()), (key, int(month))];
            pickle4(build(new(global("pandas.tseries.offsets", "FY5253")), dict(&parts)))
        })
    };
    for month in [0, -1, 13, 1000, i32::MAX] {
        for (hostile, honest) in called(month).into_iter().zip(called(12)) {
            told_apart(&hostile, "misused-global", "called with something else", &honest);
        }
        for (hostile, honest) in stated(month).into_iter().zip(stated(1)) {
            told_apart(&hostile, "misused-global", "onth\" is an int", &honest);
        }
    }
}

/// An array of such objects.
fn objects(items: &[Ops]) -> Ops {
    build(empty_array(), array_state(&[items.len() as i32], &dtype_of_objects(), list(items)))
}

#[test]
fn numbers_of_pandas_are_no_objects() {
    // pandas makes whole numbers of them: of ten million digits in hours.
    let decimal = || objects(&[call(global("decimal", "Decimal"), &[text("1E+5")])]);
    let sparse = |places: Ops| pickle4(call(global("pandas._libs.sparse", "IntIndex"), &[int(5), places]));
    let places = |places: Ops| {
        pickle4(call(global("pandas._libs.internals", "_unpickle_block"), &[array(&[1.0]), places, int(2)]))
    };
    let numbers = |data: Ops| {
        let class = global("pandas.core.indexes.numeric", "Int64Index");
        pickle4(index_of(class, &[("data", data), ("name", NONE.into())]))
    };
    for (with, words) in [
        (&sparse as &dyn Fn(Ops) -> Ops, "called with something else"),
        (&places, "called with something else"),
        (&numbers, "its data are no numbers"),
    ] {
        told_apart(&with(decimal()), "misused-global", words, &with(column_of(1)));
    }
}

#[test]
fn what_pandas_hashes_has_not_one_hash() {
    let keys =
        |hash: i128| (0..1500).map(|n: i128| ops![b"\x8a\x10", ((n + 1) * hash).to_le_bytes()]).collect::<Vec<Ops>>();
    let level =
        |hash: i128| index_of(class_of_index("Index"), &[("data", objects(&keys(hash))), ("name", NONE.into())]);
    told_apart(&pickle4(level((1 << 61) - 1)), "misused-global", "its keys have one hash", &pickle4(level(1 << 61)));
    let categories = index_of(global("pandas.core.indexes.category", "CategoricalIndex"), &[("data", column_of(1))]);
    refused(&pickle4(categories), "misused-global", "its data are no categories");
}

#[test]
fn what_pandas_copies_of_one_index_is_paid_for() {
    const LENGTH: i32 = 10_000;
    let shared = |again: Ops, count: usize| {
        let data = index_of(class_of_index("Index"), &[("data", column_of(LENGTH)), ("name", NONE.into())]);
        judge(&pickle4(ops![put(data, 100), b"0](", again.repeat(count), b"e"])).codes()
    };
    let intervals =
        index_of(class_of_index("IntervalIndex"), &[("left", get(100)), ("right", get(100)), ("closed", text("left"))]);
    let floats =
        index_of(global("pandas.core.indexes.numeric", "Float64Index"), &[("data", get(100)), ("name", NONE.into())]);
    let codes = || array_of(&[1], &dtype("i1"), &[0]);
    let levels = index_of(class_of_index("MultiIndex"), &[("levels", list(&[get(100)])), ("codes", list(&[codes()]))]);
    for (again, most) in [(intervals, 2000), (floats, 2000), (levels, 1000)] {
        assert_eq!(shared(again.clone(), 10), [""; 0]);
        assert_eq!(shared(again, most), ["limit-exceeded"]);
    }
    let rule = call(global("pandas._libs.tslibs.offsets", "BusinessDay"), &[int(1), FALSE.into()]);
    let ruled = |rule: &Ops, count: usize| {
        let times =
            index_of(class_of_index("DatetimeIndex"), &[("data", times("M8", "ns", &[LENGTH])), ("name", NONE.into())]);
        let again = index_of(class_of_index("DatetimeIndex"), &[("data", get(100)), ("freq", get(101))]);
        judge(&pickle4(ops![put(times, 100), b"0", put(rule, 101), b"0](", again.repeat(count), b"e"])).codes()
    };
    assert_eq!([ruled(&rule, 10), ruled(&rule, 100)], [vec![], vec!["limit-exceeded"]]);
    let day = call(global("pandas._libs.tslibs.offsets", "Day"), &[int(1), FALSE.into()]);
    assert_eq!(ruled(&day, 50), [""; 0]);
    let day_off = ops![bytes(b"\x07\xe5\x03\x04")];
    let day_off = call(global("datetime", "date"), &[day_off]);
    let custom = |days: usize| {
        let rule =
            [int(1), FALSE.into(), text("Mon Tue"), list(&vec![day_off.clone(); days]), NONE.into(), NONE.into()];
        judge(&pickle4(call(global("pandas._libs.tslibs.offsets", "CustomBusinessDay"), &rule))).codes()
    };
    assert_eq!([custom(1000), custom(60_000)], [vec![], vec!["limit-exceeded"]]);
}

#[test]
fn a_step_that_pandas_takes_by_itself_is_paid_for() {
    // pandas before 2 puts a `DateOffset` to a time as often as it says; all other rules are reckoned.
    let date = |n: i32| {
        let state = dict(&[("n", int(n)), ("normalize", FALSE.into())]);
        build(call(global("pandas", "DateOffset"), &[]), state)
    };
    let week = |n: i32| called("BusinessDay", &[int(n), FALSE.into()]);
    for n in [1 << 30, -(1 << 30)] {
        told_apart(&ruled(date(n), 2), "limit-exceeded", "the limit values", &ruled(date(365), 2));
        accepted(&ruled(week(n), 2));
    }
}

#[test]
fn times_of_an_index_in_many_others_are_counted() {
    let index = |data: Ops, more: &[(&'static str, Ops)]| {
        let mut parts = vec![("data", data), ("name", NONE.into())];
        parts.extend_from_slice(more);
        index_of(class_of_index("DatetimeIndex"), &parts)
    };
    let nested = |data: Ops, depth: usize| (0..depth).fold(data, |data, _| index(data, &[]));
    let quarter = || called("FY5253Quarter", &[int(1), FALSE.into(), int(1), int(1), int(1), text("last")]);
    let codes = |data: Ops| judge(&pickle4(index(data, &[("freq", quarter())]))).codes();
    let array = |length: i32| times("M8", "ns", &[length]);
    for depth in [0, 1, 3, 9] {
        let of = |length: i32| codes(nested(array(length), depth));
        assert_eq!([of(1000), of(20_000)], [vec![], vec!["limit-exceeded"]], "{depth}");
    }
    // A column whose array is the last of many parts.
    let column = |length: i32| {
        let none = || index_of(class_of_index("Index"), &[("data", column_of(1)), ("name", NONE.into())]);
        let mut parts = vec![("_freq", NONE.into()), ("_readonly", FALSE.into()), ("_ordered", FALSE.into())];
        parts.extend([("_closed", text("left")), ("_cache", dict(&[])), ("_categories", none())]);
        parts.extend([("_codes", array_of(&[1], &dtype("i1"), &[0])), ("_mask", column_of(1))]);
        parts.push(("_ndarray", array(length)));
        build(new(global("pandas.core.arrays.datetimes", "DatetimeArray")), dict(&parts))
    };
    let of = |length: i32| codes(nested(column(length), 1));
    assert_eq!([of(1000), of(20_000)], [vec![], vec!["limit-exceeded"]]);
}

/// An index of so many times that goes by a rule.
fn ruled(rule: Ops, length: i32) -> Ops {
    let times =
        index_of(class_of_index("DatetimeIndex"), &[("data", times("M8", "ns", &[length])), ("name", NONE.into())]);
    pickle4(index_of(class_of_index("DatetimeIndex"), &[("data", times), ("freq", rule)]))
}

/// A rule, as pandas has called it since version 1.1.
fn called(class: &str, args: &[Ops]) -> Ops {
    call(global("pandas._libs.tslibs.offsets", class), args)
}

/// A rule with a state, as pandas has made it before version 1.1.
fn with_state(class: &str, more: &[(&'static str, Ops)]) -> Ops {
    let mut state = vec![("n", int(1)), ("normalize", FALSE.into())];
    state.extend_from_slice(more);
    build(new(global("pandas.tseries.offsets", class)), dict(&state))
}

fn span(days: i32, seconds: i32, microseconds: i32) -> Ops {
    call(global("datetime", "timedelta"), &[int(days), int(seconds), int(microseconds)])
}

fn hour(hour: u8, minute: u8, second: u8) -> Ops {
    call(global("datetime", "time"), &[bytes(&[hour, minute, second, 0, 0, 0])])
}

#[test]
fn a_rule_adds_no_time_that_goes_back() {
    // Of a day less a microsecond, each step goes on by one.
    let back = "its rule adds a time that goes back";
    let days = |n: i32, added: Ops| ruled(called("BusinessDay", &[int(n), FALSE.into(), added]), 3);
    let hours = || tuple(&[hour(9, 0, 0)]);
    let custom = |class: &str, more: &[Ops]| {
        let mut args = vec![int(1), FALSE.into(), text("Mon"), tuple(&[]), NONE.into()];
        args.extend_from_slice(more);
        ruled(called(class, &args), 3)
    };
    let honest = days(1, span(0, 0, 0));
    told_apart(&days(1, span(-1, 0, 1)), "misused-global", back, &honest);
    told_apart(&days(-1, span(1, 0, -1)), "misused-global", back, &days(-1, span(0, -7200, 0)));
    told_apart(&days(1, hour(1, 0, 0)), "misused-global", back, &days(1, span(0, 7200, 0)));
    let months = |added: Ops| custom("CustomBusinessMonthEnd", &[added]);
    told_apart(&months(span(-20, 0, 0)), "misused-global", back, &months(span(0, 0, 0)));
    let custom_hours = |added: Ops| custom("CustomBusinessHour", &[hours(), hours(), added]);
    told_apart(&custom_hours(span(0, -1, 0)), "misused-global", back, &custom_hours(span(0, 0, 0)));
    for key in ["offset", "_offset"] {
        let state = |added: Ops| ruled(with_state("BusinessDay", &[(key, added)]), 3);
        told_apart(&state(span(-1, 0, 1)), "misused-global", back, &state(span(0, 0, 0)));
    }
    // Where no index goes by it, a rule may say so.
    accepted(&pickle4(called("BusinessDay", &[int(1), FALSE.into(), span(-1, 0, 1)])));
}

#[test]
fn the_step_of_a_span_is_the_one_that_it_says() {
    let other = "the _offset of its rule is another step";
    let date = |parts: &[(&'static str, Ops)]| ruled(with_state("DateOffset", parts), 3);
    let steps = |step: Ops, more: &[(&'static str, Ops)]| {
        let mut parts = vec![("_offset", step), ("_use_relativedelta", FALSE.into())];
        parts.extend_from_slice(more);
        date(&parts)
    };
    let relative =
        |parts: &[(&'static str, Ops)]| build(new(global("dateutil.relativedelta", "relativedelta")), dict(parts));
    let day = |day: i32| {
        let class = global("dateutil._common", "weekday");
        build(new(class), tuple(&[NONE.into(), dict(&[("weekday", int(day)), ("n", NONE.into())])]))
    };
    let years = |count: i32| [("years", int(count))];
    let honest = steps(relative(&[("years", int(1)), ("months", int(2))]), &[("months", int(14))]);
    told_apart(&steps(span(0, 0, 1), &years(100)), "misused-global", other, &honest);
    told_apart(&steps(span(0, 0, 1), &[("kwds", dict(&years(100)))]), "misused-global", other, &honest);
    told_apart(&steps(relative(&[("microseconds", int(1))]), &years(100)), "misused-global", other, &honest);
    told_apart(&steps(relative(&[("years", float(f64::NAN))]), &years(100)), "misused-global", other, &honest);
    let hours = [("hours", int(30)), ("weeks", int(1))];
    let honest = steps(relative(&[("days", int(8)), ("hours", int(6))]), &hours);
    told_apart(&steps(span(8, 3600, 0), &hours), "misused-global", other, &honest);
    accepted(&steps(span(0, 5400, 0), &[("hours", float(1.5))]));
    // What it sets, too.
    let sets = [("days", int(1)), ("weekday", int(2))];
    let honest = steps(relative(&[("days", int(1)), ("weekday", day(2))]), &sets);
    told_apart(&steps(relative(&[("days", int(1))]), &sets), "misused-global", other, &honest);
    told_apart(&steps(relative(&[("days", int(1)), ("weekday", day(3))]), &sets), "misused-global", other, &honest);
    told_apart(&steps(span(1, 0, 0), &sets), "misused-global", other, &honest);
    let month = |month: i32| {
        steps(relative(&[("years", int(1)), ("month", int(month))]), &[("years", int(1)), ("month", int(3))])
    };
    told_apart(&month(4), "misused-global", other, &month(3));
    // If it says nothing it counts days, and nanoseconds are added to no time.
    accepted(&steps(span(1, 0, 0), &[]));
    let nanoseconds = [("nanoseconds", int(500))];
    told_apart(&steps(span(0, 0, 1), &nanoseconds), "misused-global", other, &steps(span(0, 0, 0), &nanoseconds));
}

#[test]
fn a_step_that_goes_back_nearly_as_far_as_it_goes_on_is_none() {
    let words = "its rule goes back nearly as far as it goes on";
    let relative =
        |parts: &[(&'static str, Ops)]| build(new(global("dateutil.relativedelta", "relativedelta")), dict(parts));
    // What it says is what it does.
    let step = |parts: &[(&'static str, Ops)]| {
        let mut state = vec![("_offset", relative(parts)), ("_use_relativedelta", TRUE.into())];
        state.extend_from_slice(parts);
        ruled(with_state("DateOffset", &state), 3)
    };
    let day = |which: i32| {
        let class = global("dateutil._common", "weekday");
        build(new(class), tuple(&[NONE.into(), dict(&[("weekday", int(0)), ("n", int(which))])]))
    };
    let weekday = |days: i32, seconds: i32, which: i32| {
        step(&[("days", int(days)), ("seconds", int(seconds)), ("weekday", day(which))])
    };
    told_apart(&weekday(7, 1, -2), "misused-global", words, &weekday(7, 0, -2));
    told_apart(&weekday(63, 0, -9), "misused-global", words, &weekday(7, 0, 1));
    accepted(&step(&[("months", int(1)), ("weekday", day(-1))]));
    accepted(&step(&[("months", int(1)), ("day", int(1)), ("weekday", day(3))]));
    let months = |days: i32| step(&[("months", int(1)), ("days", int(days)), ("seconds", int(-1))]);
    told_apart(&months(-30), "misused-global", words, &months(-1));
    let at = |key: &'static str, hours: i32, seconds: i32| {
        step(&[(key, int(1)), ("hours", int(hours)), ("seconds", int(seconds))])
    };
    told_apart(&at("day", 24, 1), "misused-global", words, &at("day", 24, 0));
    told_apart(&at("hour", 23, 3599), "misused-global", words, &at("hour", 24, 0));
    told_apart(&at("minute", 1, 1), "misused-global", words, &at("minute", 1, 0));
    accepted(&at("second", 1, 60));
    // Without its step, as pandas 3 writes it.
    let bare = |seconds: i32| {
        let said = [("days", int(7)), ("seconds", int(seconds)), ("weekday", day(-2))];
        ruled(with_state("DateOffset", &said), 3)
    };
    told_apart(&bare(1), "misused-global", words, &bare(0));
    let nanoseconds = |count: i32| ruled(with_state("DateOffset", &[("days", int(1)), ("nanoseconds", int(count))]), 3);
    told_apart(&nanoseconds(-1), "misused-global", words, &nanoseconds(1));
    // Days that are added in leap years alone.
    let leap = |count: i32| {
        let step = relative(&[("days", int(2)), ("leapdays", int(count))]);
        ruled(with_state("DateOffset", &[("_offset", step), ("days", int(2))]), 3)
    };
    told_apart(&leap(2), "misused-global", "the _offset of its rule is another step", &leap(0));
    // One that sets a day goes on by one at least.
    let codes = |length: i32| {
        let parts = [("months", int(1)), ("day", int(1))];
        let state = [("_offset", relative(&parts)), ("months", int(1)), ("day", int(1))];
        judge(&ruled(with_state("DateOffset", &state), length)).codes()
    };
    assert_eq!([codes(1000), codes(10_000)], [vec![], vec!["limit-exceeded"]]);
}

#[test]
fn a_week_is_a_short_text_of_seven_days() {
    let args = |week: &str| [int(1), FALSE.into(), text(week), tuple(&[]), NONE.into(), span(0, 0, 0)];
    let made = |week: &str| pickle4(called("CustomBusinessDay", &args(week)));
    let state = |week: &str| pickle4(with_state("CustomBusinessDay", &[("weekmask", text(week))]));
    let named = |week: &str| pickle4(with_state("CustomBusinessDay", &[("kwds", dict(&[("weekmask", text(week))]))]));
    for with in [&made as &dyn Fn(&str) -> Vec<u8>, &state, &named] {
        for honest in ["Mon Tue Wed Thu Fri Sat Sun", "Sun Mon", "MonTue", "1111100"] {
            accepted(&with(honest));
        }
        let long = "Mon ".repeat(1000);
        for week in [long.as_str(), "11111000", "1111102", "Mon Tuesday", "", "Mon Tue Wed Thu Fri Sat Sun "] {
            told_apart(&with(week), "misused-global", "its week is none", &with("Mon"));
        }
    }
}

#[test]
fn hours_of_business_are_sorted_and_do_not_touch() {
    // Their class looks at them when it is called, and not when it is given a state.
    let with = |starts: &[Ops], ends: &[Ops]| {
        ruled(with_state("BusinessHour", &[("start", tuple(starts)), ("end", tuple(ends))]), 3)
    };
    let at = |hours: &[u8]| hours.iter().map(|&of| hour(of, 0, 0)).collect::<Vec<Ops>>();
    let honest = with(&at(&[9, 12, 15]), &at(&[10, 13, 16]));
    accepted(&with(&at(&[22]), &at(&[6])));
    accepted(&with(&at(&[8, 22]), &at(&[12, 2])));
    let order = "the hours of its rule are not one after another";
    for (starts, ends) in [
        (at(&[12, 9, 15]), at(&[13, 10, 16])),
        (at(&[9, 9]), at(&[10, 11])),
        (at(&[9, 12]), at(&[12, 13])),
        (at(&[9, 12]), at(&[13, 16])),
        (at(&[9]), at(&[9])),
    ] {
        told_apart(&with(&starts, &ends), "misused-global", order, &honest);
    }
    let none = "the hours of its rule are no hours and minutes";
    told_apart(&with(&at(&[9, 12]), &at(&[10])), "misused-global", none, &honest);
    told_apart(&with(&[hour(9, 0, 1)], &at(&[10])), "misused-global", none, &honest);
    told_apart(&with(&[], &[]), "misused-global", none, &honest);
    // Before pandas 0.23 it makes another rule of its keywords.
    let said = |end: u8| {
        let said = dict(&[("start", hour(9, 0, 0)), ("end", hour(end, 0, 0))]);
        ruled(with_state("BusinessHour", &[("start", hour(9, 0, 0)), ("end", hour(17, 0, 0)), ("kwds", said)]), 3)
    };
    told_apart(&said(10), "misused-global", order, &said(17));
}

#[test]
fn what_a_rule_is_made_up_of_goes_where_it_does() {
    let hours = |key: &'static str, value: Ops| {
        let parts = [("start", hour(9, 0, 0)), ("end", hour(17, 0, 0)), ("_cache", dict(&[(key, value)]))];
        ruled(with_state("BusinessHour", &parts), 3)
    };
    let days = |n: i32, added: Ops| called("BusinessDay", &[int(n), FALSE.into(), added]);
    let honest = hours("next_bday", days(1, span(0, 0, 0)));
    for next in [
        days(-1, span(0, 0, 0)),
        days(9, span(0, 0, 0)),
        days(1, span(0, 1, 0)),
        called("Day", &[int(1), FALSE.into()]),
        called("BusinessDay", &[int(1), TRUE.into(), span(0, 0, 0)]),
    ] {
        told_apart(&hours("next_bday", next), "misused-global", "the next_bday of its rule", &honest);
    }
    let remembers = "others than it remembers";
    let length = |seconds: f64| hours("_get_business_hours_by_sec", float(seconds));
    told_apart(&length(1e12), "misused-global", remembers, &length(28800.0));
    let daytime = |flag: Ops| hours("_get_daytime_flag", flag);
    told_apart(&daytime(FALSE.into()), "misused-global", remembers, &daytime(TRUE.into()));
    let with = |class: &str, key: &'static str, part: Ops| ruled(with_state(class, &[(key, part)]), 3);
    let week = |step: Ops| with("Week", "_inc", step);
    told_apart(&week(span(0, 0, 1)), "misused-global", "the _inc of its rule", &week(span(7, 0, 0)));
    let months = |class: &str| with("CustomBusinessMonthEnd", "m_offset", called(class, &[int(1), FALSE.into()]));
    told_apart(&months("Nano"), "misused-global", "the m_offset of its rule", &months("MonthEnd"));
    let years = |class: &str| with("FY5253Quarter", "_offset", with_state(class, &[]));
    told_apart(&years("BusinessDay"), "misused-global", "the _offset of its rule", &years("FY5253"));
    let relative = |key: &'static str| {
        let part = build(new(global("dateutil.relativedelta", "relativedelta")), dict(&[(key, int(1))]));
        with("FY5253", "_rd_forward", part)
    };
    told_apart(&relative("days"), "misused-global", "the _rd_forward of its rule", &relative("weekday"));
}

#[test]
fn hours_of_business_remember_days_off_of_their_own_alone() {
    let off = |day: u8| call(global("datetime", "date"), &[bytes(&[7, 229, 3, day])]);
    let custom = |mask: &str, days: &[Ops]| {
        called("CustomBusinessDay", &[int(1), FALSE.into(), text(mask), tuple(days), NONE.into(), span(0, 0, 0)])
    };
    let with = |class: &str, more: &[(&'static str, Ops)], key: &'static str, part: Ops| {
        let mut parts = vec![("start", hour(9, 0, 0)), ("end", hour(17, 0, 0)), ("_cache", dict(&[(key, part)]))];
        parts.extend_from_slice(more);
        ruled(with_state(class, &parts), 3)
    };
    let words = "the next_bday of its rule";
    let plain = |part: Ops| with("BusinessHour", &[], "next_bday", part);
    let day = || called("BusinessDay", &[int(1), FALSE.into(), span(0, 0, 0)]);
    told_apart(&plain(custom("Mon", &[off(4)])), "misused-global", words, &plain(day()));
    // As pandas 0.25 writes it below protocol 2.
    let old = |normalize: Ops| {
        let class = global("pandas.tseries.offsets", "BusinessDay");
        let empty = call(global("copyreg", "_reconstructor"), &[class, global("builtins", "object"), NONE.into()]);
        let state = [("n", int(1)), ("normalize", normalize), ("kwds", dict(&[])), ("_offset", span(0, 0, 0))];
        plain(build(empty, dict(&state)))
    };
    told_apart(&old(TRUE.into()), "misused-global", words, &old(FALSE.into()));
    let own = [("weekmask", text("Mon Tue")), ("holidays", tuple(&[off(4), off(5)]))];
    let hours = |part: Ops| with("CustomBusinessHour", &own, "next_bday", part);
    let honest = hours(custom("Mon Tue", &[off(4), off(5)]));
    for next in [
        day(),
        custom("Mon", &[off(4), off(5)]),
        custom("Mon Tue", &[off(4), off(6)]),
        custom("Mon Tue", &[off(4), off(5), off(6)]),
    ] {
        told_apart(&hours(next), "misused-global", words, &honest);
    }
    let months = |days: &[Ops]| {
        ruled(
            with_state("CustomBusinessMonthEnd", &[own[0].clone(), own[1].clone(), ("cbday", custom("Mon Tue", days))]),
            3,
        )
    };
    told_apart(&months(&[off(6)]), "misused-global", "the cbday of its rule", &months(&[off(4), off(5)]));
}

#[test]
fn a_step_by_a_slow_rule_is_paid_for() {
    let codes = |rule: Ops, length: i32| judge(&ruled(rule, length)).codes();
    let hours = |count: u8| {
        let at = |minute: u8| tuple(&(0..count).map(|of| hour(of / 6, of % 6 * 10 + minute, 0)).collect::<Vec<_>>());
        called("BusinessHour", &[int(1), FALSE.into(), at(0), at(5), span(0, 0, 0)])
    };
    assert_eq!([codes(hours(2), 10_000), codes(hours(120), 10_000)], [vec![], vec!["limit-exceeded"]]);
    // It looks at all of them for each.
    assert_eq!([codes(hours(16), 1000), codes(hours(120), 1000)], [vec![], vec!["limit-exceeded"]]);
    let quarter = called("FY5253Quarter", &[int(1), FALSE.into(), int(1), int(1), int(1), text("last")]);
    assert_eq!([codes(quarter.clone(), 10_000), codes(quarter, 20_000)], [vec![], vec!["limit-exceeded"]]);
    let custom = |class: &str, days: usize, more: &[Ops]| {
        let off = call(global("datetime", "date"), &[bytes(b"\x07\xe5\x03\x04")]);
        let mut args = vec![int(1), FALSE.into(), text("Mon"), list(&vec![off; days]), NONE.into()];
        args.extend_from_slice(more);
        called(class, &args)
    };
    let days = |days: usize| custom("CustomBusinessDay", days, &[span(0, 0, 0)]);
    assert_eq!([codes(days(100), 10_000), codes(days(10_000), 10_000)], [vec![], vec!["limit-exceeded"]]);
    let months = || custom("CustomBusinessMonthEnd", 0, &[span(0, 0, 0)]);
    assert_eq!([codes(months(), 20_000), codes(months(), 40_000)], [vec![], vec!["limit-exceeded"]]);
    // Some take twice as long as the quickest.
    const MANY: i32 = 130_000;
    assert_eq!(codes(called("BusinessMonthEnd", &[int(1), FALSE.into()]), MANY), [""; 0]);
    for (class, more) in [
        ("FY5253", vec![int(4), int(12), text("nearest")]),
        ("Easter", vec![]),
        ("LastWeekOfMonth", vec![int(3)]),
        ("BQuarterEnd", vec![int(1)]),
        ("BQuarterBegin", vec![int(1)]),
    ] {
        let rule = || called(class, &[vec![int(1), FALSE.into()], more.clone()].concat());
        assert_eq!([codes(rule(), 1000), codes(rule(), MANY)], [vec![], vec!["limit-exceeded"]], "{class}");
    }
}

#[test]
fn a_step_in_a_zone_is_paid_for_wherever_the_zone_is_said() {
    let class = || class_of_index("DatetimeIndex");
    let index = |data: Ops, zone: Ops| index_of(class(), &[("data", data), ("tz", zone), ("freq", NONE.into())]);
    let array = |length: i32| times("M8", "ns", &[length]);
    let of_type = |zone: Ops| {
        let parts = dict(&[("unit", text("ns")), ("tz", zone)]);
        build(new(global("pandas.core.dtypes.dtypes", "DatetimeTZDtype")), parts)
    };
    let column_in = |zone: Ops, length: i32| column("DatetimeArray", of_type(zone), array(length));
    let attributes = |zone: Ops, length: i32| {
        let parts = [("_data", array(length)), ("_dtype", of_type(zone)), ("_freq", NONE.into())];
        build(new(global("pandas.core.arrays.datetimes", "DatetimeArray")), dict(&parts))
    };
    let codes = |rule: Ops, data: Ops, zone: Ops| {
        judge(&pickle4(index_of(class(), &[("data", data), ("freq", rule), ("tz", zone)]))).codes()
    };
    let fixed = || call(global("datetime", "timezone"), &[span(0, 3600, 0)]);
    let local = || call(global("dateutil.tz.tz", "tzlocal"), &[]);
    let method = || call(global("builtins", "getattr"), &[global("zoneinfo", "ZoneInfo"), text("_unpickle")]);
    let info = || call(method(), &[text("Europe/Berlin"), TRUE.into()]);
    let quarter = || called("FY5253Quarter", &[int(1), FALSE.into(), int(1), int(1), int(1), text("last")]);
    let month = || called("MonthEnd", &[int(1), FALSE.into()]);
    let day = || called("Day", &[int(1), FALSE.into()]);
    let hour = || called("Hour", &[int(1), FALSE.into()]);
    // So many times are too many in this zone alone.
    for (rule, zone, length) in [
        (&quarter as &dyn Fn() -> Ops, &fixed as &dyn Fn() -> Ops, 12_000),
        (&month, &local, 40_000),
        (&month, &info, 70_000),
        (&day, &local, 400_000),
        (&day, &info, 400_000),
        (&hour, &info, 7_000_000),
    ] {
        let of = |data: Ops, own: Ops| codes(rule(), data, own);
        assert_eq!(of(index(array(length), NONE.into()), NONE.into()), [""; 0]);
        for (data, own) in [
            (index(array(length), NONE.into()), zone()),
            (index(array(length), zone()), NONE.into()),
            (index(index(array(length), zone()), NONE.into()), NONE.into()),
            (column_in(zone(), length), NONE.into()),
            (attributes(zone(), length), NONE.into()),
            (index(column_in(zone(), length), NONE.into()), NONE.into()),
        ] {
            assert_eq!(of(data, own), ["limit-exceeded"]);
        }
        // A few are not, and a zone that pandas knows is asked once for all days.
        assert_eq!(of(index(array(1000), zone()), NONE.into()), [""; 0]);
    }
    assert_eq!(codes(day(), index(array(400_000), fixed()), NONE.into()), [""; 0]);
    assert_eq!(codes(hour(), index(array(400_000), info()), NONE.into()), [""; 0]);
    // Of so many that a small file can say it only by saying the same again.
    let many = |length: i32| {
        let keys = ["_ndarray", "_data", "_mask", "_left", "_right", "_sparse_values"];
        let mut parts: Vec<_> = keys.into_iter().map(|key| (key, get(100))).collect();
        parts.extend([("_dtype", of_type(fixed())), ("_cache", dict(&[("_ndarray", get(100)), ("_data", get(100))]))]);
        let column = build(new(global("pandas.core.arrays.datetimes", "DatetimeArray")), dict(&parts));
        let ruled = index_of(class(), &[("data", column), ("freq", hour())]);
        pickle4(ops![put(array(length), 100), b"0", ruled])
    };
    told_apart(&many(6_500_000), "limit-exceeded", "the limit values", &many(1000));
}

#[test]
fn hours_of_business_that_count_for_days_are_paid_for_by_their_days_off() {
    // pandas 0.25 goes to a day off by the usual business days, and from the day before it by hours of business.
    let codes = |n: i32, week: &str, days: usize, spans: u8, length: i32| {
        let at = |minute: u8| tuple(&(0..spans).map(|of| hour(of / 30, of % 30 * 2 + minute, 0)).collect::<Vec<_>>());
        let off = call(global("datetime", "date"), &[bytes(b"\x07\xe5\x03\x04")]);
        let parts = [
            ("n", int(n)),
            ("normalize", FALSE.into()),
            ("weekmask", text(week)),
            ("holidays", list(&vec![off; days])),
            ("start", if spans == 1 { hour(9, 0, 0) } else { at(0) }),
            ("end", if spans == 1 { hour(17, 0, 0) } else { at(1) }),
        ];
        judge(&ruled(build(new(global("pandas.tseries.offsets", "CustomBusinessHour")), dict(&parts)), length)).codes()
    };
    let usual = "Mon Tue Wed Thu Fri";
    assert_eq!([codes(1, usual, 300, 100, 2), codes(337, usual, 300, 100, 2)], [vec![], vec!["limit-exceeded"]]);
    assert_eq!(codes(9, usual, 20, 1, 500), [""; 0]);
    // A week without the usual days has days off of its own.
    assert_eq!([codes(9, "Mon", 0, 1, 500), codes(9, "Mon", 0, 1, 5000)], [vec![], vec!["limit-exceeded"]]);
    assert_eq!(codes(9, "1111110", 0, 1, 5000), [""; 0]);
}

#[test]
fn indexes_of_intervals_and_hours_of_business_are_paid_for_each() {
    let many = |of: Ops, count: usize| judge(&pickle4(ops![b"](", of.repeat(count), b"e"])).codes();
    let index = index_of(class_of_index("Index"), &[("data", column_of(1)), ("name", NONE.into())]);
    let intervals = |count: usize| {
        let again = index_of(
            class_of_index("IntervalIndex"),
            &[("left", get(100)), ("right", get(100)), ("closed", text("left"))],
        );
        judge(&pickle4(ops![put(index.clone(), 100), b"0](", again.repeat(count), b"e"])).codes()
    };
    assert_eq!([intervals(1000), intervals(30_000)], [vec![], vec!["limit-exceeded"]]);
    let hours = |count: u8| {
        let at = |minute: u8| tuple(&(0..count).map(|of| hour(of / 6, of % 6 * 10 + minute, 0)).collect::<Vec<_>>());
        let args = [int(1), FALSE.into(), text("Mon"), tuple(&[]), NONE.into(), at(0), at(5), span(0, 0, 0)];
        called("CustomBusinessHour", &args)
    };
    assert_eq!([many(hours(2), 500), many(hours(120), 500)], [vec![], vec!["limit-exceeded"]]);
}

#[test]
fn blocks_and_levels_of_many_objects_are_paid_for() {
    let index = |length: i32| index_of(class_of_index("Index"), &[("data", column_of(length)), ("name", NONE.into())]);
    let place = || call(global("builtins", "slice"), &[int(0), int(0), int(1)]);
    let block = || dict(&[("values", array_of(&[0, 0], &dtype("i8"), &[])), ("mgr_locs", place())]);
    let named = |blocks: usize| {
        dict(&[("axes", list(&vec![get(50); 2])), ("blocks", ops![b"(", get(51).repeat(blocks), b"t"])])
    };
    let empty = || tuple(&[]);
    // One state for many managers.
    let blocks = |blocks: usize, managers: usize| {
        let state = tuple(&[list(&[get(50), get(50)]), empty(), empty(), dict(&[("0.14.1", named(blocks))])]);
        let manager = build(new(global("pandas.core.internals.managers", "BlockManager")), get(52));
        let before = ops![put(index(0), 50), b"0", put(block(), 51), b"0", put(state, 52), b"0"];
        judge(&pickle4(ops![before, b"](", manager.repeat(managers), b"e"])).codes()
    };
    assert_eq!([blocks(10, 100), blocks(1000, 100)], [vec![], vec!["limit-exceeded"]]);
    let codes = || array_of(&[1], &dtype("i1"), &[0]);
    let levels = |levels: usize, indexes: usize| {
        let many = |index: u8| ops![b"(", get(index).repeat(levels), b"t"];
        let before =
            ops![put(index(1), 50), b"0", put(codes(), 51), b"0", put(many(50), 52), b"0", put(many(51), 53), b"0"];
        let parts = dict(&[("levels", get(52)), ("codes", get(53))]);
        let made = call(global("pandas.core.indexes.base", "_new_Index"), &[class_of_index("MultiIndex"), parts]);
        judge(&pickle4(ops![before, b"](", made.repeat(indexes), b"e"])).codes()
    };
    assert_eq!([levels(3, 100), levels(1000, 100)], [vec![], vec!["limit-exceeded"]]);
}

#[test]
fn rows_whose_levels_are_said_to_be_sorted_are_paid_for_by_each_of_them() {
    // pandas 1.0 to 1.3 looks whether they are by all levels, by all but the last, and so on.
    let level =
        || index_of(class_of_index("Index"), &[("data", array_of(&[1], &dtype("i1"), &[0])), ("name", NONE.into())]);
    let index = |levels: usize, codes: Ops, order: Ops| {
        let many = |index: u8| ops![b"(", get(index).repeat(levels), b"t"];
        let parts = [("levels", many(50)), ("codes", many(51)), ("sortorder", order)];
        let made = index_of(class_of_index("MultiIndex"), &parts);
        judge(&pickle4(ops![put(level(), 50), b"0", put(codes, 51), b"0", made])).codes()
    };
    let narrow = |rows: i32| array_of(&[rows], &dtype("i1"), &vec![0; rows as usize]);
    let sorted = |levels: usize, rows: i32| index(levels, narrow(rows), int(0));
    assert_eq!([sorted(3, 100_000), sorted(400, 100_000)], [vec![], vec!["limit-exceeded"]]);
    assert_eq!([sorted(200, 10_000), sorted(600, 10_000)], [vec![], vec!["limit-exceeded"]]);
    assert_eq!([sorted(1000, 10), sorted(2000, 10)], [vec![], vec!["limit-exceeded"]]);
    assert_eq!(index(400, narrow(100_000), NONE.into()), [""; 0]);
    // Codes that are wider than their level asks for are made anew.
    let wide = |rows: i32| array_of(&[rows], &dtype("i8"), &vec![0; rows as usize * 8]);
    let of_wide = |levels: usize| index(levels, wide(100_000), NONE.into());
    assert_eq!([of_wide(3), of_wide(400)], [vec![], vec!["limit-exceeded"]]);
}

#[test]
fn rows_are_paid_for_by_each_level() {
    let level =
        || index_of(class_of_index("Index"), &[("data", array_of(&[1], &dtype("i1"), &[0])), ("name", NONE.into())]);
    let codes = || array_of(&[2_000_000], &dtype("i1"), &[0; 2_000_000]);
    let index = |levels: usize| {
        let many = |index: u8| ops![b"(", get(index).repeat(levels), b"t"];
        let made = index_of(class_of_index("MultiIndex"), &[("levels", many(50)), ("codes", many(51))]);
        judge(&pickle4(ops![put(level(), 50), b"0", put(codes(), 51), b"0", made])).codes()
    };
    assert_eq!([index(10), index(500)], [vec![], vec!["limit-exceeded"]]);
}

#[test]
fn places_and_texts_of_many_blocks_are_paid_for() {
    // Places become numbers of eight bytes, and each text an object.
    let empty = || index_of(class_of_index("Index"), &[("data", column_of(0)), ("name", NONE.into())]);
    let codes = |values: Ops, places: Ops, count: usize| {
        let block = dict(&[("values", get(51)), ("mgr_locs", get(52))]);
        let named = dict(&[("axes", list(&vec![get(50); 2])), ("blocks", ops![b"(", block.repeat(count), b"t"])]);
        let state = tuple(&[list(&[get(50), get(50)]), tuple(&[]), tuple(&[]), dict(&[("0.14.1", named)])]);
        let before = ops![put(empty(), 50), b"0", put(values, 51), b"0", put(places, 52), b"0"];
        let class = global("pandas.core.internals.managers", "BlockManager");
        judge(&pickle4(ops![before, build(new(class), state)])).codes()
    };
    let slice = || call(global("builtins", "slice"), &[int(0), int(1), int(1)]);
    let texts = || array_of(&[1, 5000], &build(dtype_call("U1"), dtype_state("<", 4, 4, 8)), &[0; 20_000]);
    let numbers = || array_of(&[1, 1], &dtype("i1"), &[0]);
    let places = || array_of(&[20_000], &dtype("i8"), &[0; 160_000]);
    // The few are no table that holds together; they are not said to be too many.
    for (values, places, many) in [(texts(), slice(), 500), (numbers(), places(), 800)] {
        let limited = |count| codes(values.clone(), places.clone(), count) == ["limit-exceeded"];
        assert_eq!([limited(10), limited(many)], [false, true]);
    }
}

#[test]
fn a_block_is_looked_at_for_each_manager() {
    let managers = |count: usize| {
        let empty = index_of(class_of_index("Index"), &[("data", column_of(0)), ("name", NONE.into())]);
        let made = block(array_of(&[0, 0], &dtype("f8"), &[]));
        let manager =
            call(global("pandas.core.internals.managers", "BlockManager"), &[get(52), list(&[get(50), get(50)])]);
        let many = ops![b"(", get(51).repeat(10_000), b"t"];
        let before = ops![put(empty, 50), b"0", put(made, 51), b"0", put(many, 52), b"0"];
        judge(&pickle4(ops![before, b"](", manager.repeat(count), b"e"])).codes() == ["limit-exceeded"]
    };
    assert_eq!([managers(3), managers(400)], [false, true]);
}

#[test]
fn a_type_that_pandas_keeps_for_all_is_given_no_state() {
    let month = || call(global("pandas._libs.tslibs.offsets", "MonthEnd"), &[int(1), FALSE.into()]);
    let state = || dict(&[("freq", month())]);
    let class = || global("pandas", "PeriodDtype");
    let honest = pickle4(build(new(class()), state()));
    told_apart(&pickle4(build(period(), state())), "misused-global", "is there already", &honest);
    accepted(&pickle4(period()));
}

#[test]
fn objects_in_an_index_are_paid_for() {
    // pandas asks each in code that is written in Python, and compares the ends of intervals.
    let date = || call(global("datetime", "date"), &[bytes(b"\x07\xe5\x03\x04")]);
    let zone = || call(global("dateutil.tz.tz", "tzlocal"), &[]);
    let time = || call(global("datetime", "datetime"), &[bytes(b"\x07\xe5\x03\x04\0\0\0\0\0\0"), get(101)]);
    let array = |count: i32| {
        let items = ops![b"](", get(100).repeat(count as usize), b"e"];
        build(empty_array(), array_state(&[count], &dtype_of_objects(), items))
    };
    let with = |object: Ops, index: Ops| pickle4(ops![put(zone(), 101), b"0", put(object, 100), b"0", index]);
    let index = |count: i32| index_of(class_of_index("Index"), &[("data", array(count)), ("name", NONE.into())]);
    let intervals = |count: i32| {
        let parts = [("left", array(count)), ("right", array(count)), ("closed", text("left"))];
        index_of(class_of_index("IntervalIndex"), &parts)
    };
    const MANY: i32 = 250_000;
    let limit = "the limit values";
    told_apart(&with(time(), index(MANY)), "limit-exceeded", limit, &with(date(), index(MANY)));
    told_apart(&with(date(), intervals(MANY)), "limit-exceeded", limit, &with(date(), intervals(1000)));
    // pandas before 1.5 makes times of its own of some, and asks them again for another index of the same.
    let nanoseconds = |class: &str, more: &[Ops]| {
        let module =
            if class == "Timestamp" { "pandas._libs.tslibs.timestamps" } else { "pandas._libs.tslibs.timedeltas" };
        call(global(module, class), &[&[int(1000)], more].concat())
    };
    let stamp = |zone: Ops| nanoseconds("Timestamp", &[NONE.into(), zone]);
    for slow in [span(3, 4, 0), nanoseconds("Timedelta", &[]), nanoseconds("_timedelta_unpickle", &[]), stamp(get(101))]
    {
        told_apart(&with(slow.clone(), index(1_100_000)), "limit-exceeded", limit, &with(slow, index(100_000)));
    }
    accepted(&with(stamp(NONE.into()), index(1_100_000)));
    let again = |times: usize| {
        let outer = index_of(class_of_index("Index"), &[("data", get(102)), ("name", NONE.into())]);
        with(time(), ops![put(index(20_000), 102), b"0](", outer.repeat(times), b"e"])
    };
    told_apart(&again(20), "limit-exceeded", limit, &again(3));
    let local = |zone: Ops| {
        let data = times("M8", "ns", &[2_000_000]);
        pickle4(index_of(class_of_index("DatetimeIndex"), &[("data", data), ("tz", zone)]))
    };
    told_apart(&local(zone()), "limit-exceeded", limit, &local(NONE.into()));
}
