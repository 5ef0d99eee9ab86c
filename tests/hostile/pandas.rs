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
        let parts = dict(&[("data", times("M8", &[1])), ("name", NONE.into())]);
        pickle4(call(global("pandas.core.indexes.datetimes", function), &[global(module, class), parts]))
    };
    let honest = with("_new_DatetimeIndex", "pandas.core.indexes.datetimes", "DatetimeIndex");
    let hostile = with("_new_DatetimeIndex", "pandas.core.indexes.multi", "MultiIndex");
    told_apart(&hostile, "misused-global", "its class is no index", &honest);
    refused(&with("_new_DatetimeIndex", "pandas.core.frame", "DataFrame"), "misused-global", "its class is no index");
}

#[test]
fn a_column_is_made_of_its_class_and_checksum() {
    let module = "pandas.core.arrays.categorical";
    let with = |class: Ops, checksum: i32, state: Ops| {
        pickle4(call(global("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"), &[class, int(checksum), state]))
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

/// An array of one time, or of what takes as many bytes: its dtype's code, state and axes.
fn times(code: &str, axes: &[i32]) -> Ops {
    let none = || NONE.to_vec();
    let unit = tuple(&[dict(&[]), tuple(&[bytes(b"ns"), int(1), int(1), int(1)])]);
    let mut state = vec![
        int(if code.starts_with('M') { 4 } else { 3 }),
        text("<"),
        none(),
        none(),
        none(),
        int(-1),
        int(-1),
        int(0),
    ];
    if code.starts_with('M') {
        state.push(unit);
    }
    build(empty_array(), array_state(axes, &build(dtype_call(code), tuple(&state)), bytes(&[0; 8])))
}

#[test]
fn an_index_of_times_is_made_of_times() {
    let with = |data: Ops| {
        let class = global("pandas.core.indexes.datetimes", "DatetimeIndex");
        let parts = dict(&[("data", data), ("name", NONE.into()), ("tz", NONE.into()), ("freq", NONE.into())]);
        pickle4(call(global("pandas.core.indexes.datetimes", "_new_DatetimeIndex"), &[class, parts]))
    };
    let honest = with(times("M8", &[1]));
    for data in [times("i8", &[1]), times("f8", &[1]), times("M8", &[])] {
        told_apart(&with(data), "misused-global", "its data are of another kind", &honest);
    }
}

#[test]
fn a_column_of_times_holds_times_and_is_used_once_it_has_them() {
    let class = || global("pandas.core.arrays.timedeltas", "TimedeltaArray");
    let column = |array: Ops| build(new(class()), dict(&[("_ndarray", array), ("_freq", NONE.into())]));
    let nanoseconds = || {
        let state = [int(4), text("<"), NONE.into(), NONE.into(), NONE.into(), int(-1), int(-1), int(0)];
        let unit = tuple(&[dict(&[]), tuple(&[bytes(b"ns"), int(1), int(1), int(1)])]);
        let dtype = build(dtype_call("m8"), tuple(&[&state[..], &[unit]].concat()));
        build(empty_array(), array_state(&[1], &dtype, bytes(&[0; 8])))
    };
    let honest = pickle4(column(nanoseconds()));
    told_apart(&pickle4(column(times("i8", &[1]))), "misused-global", "its array is of another kind", &honest);
    let index = |data: Ops| {
        let class = global("pandas.core.indexes.base", "Index");
        let parts = dict(&[("data", data), ("name", NONE.into())]);
        pickle4(call(global("pandas.core.indexes.base", "_new_Index"), &[class, parts]))
    };
    told_apart(&index(new(class())), "misused-global", "the key \"data\"", &index(column(nanoseconds())));
}

#[test]
fn a_range_that_an_index_is_made_of_is_paid_for() {
    let with = |stop: i32| {
        let new_index = || global("pandas.core.indexes.base", "_new_Index");
        let parts = dict(&[("name", NONE.into()), ("start", int(0)), ("stop", int(stop)), ("step", int(1))]);
        let range = call(new_index(), &[global("pandas.core.indexes.range", "RangeIndex"), parts]);
        let parts = dict(&[("data", range), ("name", NONE.into())]);
        pickle4(call(new_index(), &[global("pandas.core.indexes.base", "Index"), parts]))
    };
    told_apart(&with(i32::MAX), "limit-exceeded", "the limit memory", &with(1000));
}
