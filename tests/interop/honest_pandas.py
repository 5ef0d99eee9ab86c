"""Kinds of pandas' data that people really save; see honest_kinds.py."""
import datetime

import numpy as np
import pandas as pd

KINDS = []


def each(prefix, makers):
    """Registers several makers, `{name: maker}`."""
    for name in sorted(makers):
        KINDS.append(("%s.%s" % (prefix, name), makers[name]))


def module(name):
    return __import__(name, fromlist=["x"])


def table():
    return pd.DataFrame({"a": [1, 2, 3], "b": [1.5, 2.5, None], "c": ["x", "y", None]})


def offset(name, *args, **options):
    return lambda: getattr(pd.offsets, name)(*args, **options)


def zone(name):
    return pd.date_range("2020-01-01", periods=3, freq="D", tz=name)


OFFSETS = [
    "Day", "Hour", "Minute", "Second", "Milli", "Micro", "Nano", "MonthEnd", "MonthBegin", "BMonthEnd", "BMonthBegin", "QuarterEnd",
    "QuarterBegin", "BQuarterEnd", "BQuarterBegin", "YearEnd", "YearBegin", "BYearEnd", "BYearBegin", "Week", "WeekOfMonth",
    "LastWeekOfMonth", "SemiMonthEnd", "SemiMonthBegin", "BDay", "CDay", "BusinessHour", "CustomBusinessHour", "CBMonthEnd",
    "CBMonthBegin", "Easter", "FY5253", "FY5253Quarter", "DateOffset",
]
each("offset", {name: offset(name) for name in OFFSETS})
each("offset", {
    "FY5253": lambda: pd.offsets.FY5253(startingMonth=12, weekday=1, variation="last"),
    "FY5253Quarter": lambda: pd.offsets.FY5253Quarter(startingMonth=12, weekday=1, qtr_with_extra_week=1, variation="last"),
    "DateOffset-months": offset("DateOffset", months=2),
    "DateOffset-many": offset("DateOffset", 2, days=1, hour=3),
    "DateOffset-weekday": offset("DateOffset", weekday=2),
    "Day-normalized": offset("Day", 3),
    "Week-day": offset("Week", 2, weekday=3),
    "BDay-offset": offset("BDay", 1, offset=datetime.timedelta(hours=1)),
    "CDay-holidays": offset("CDay", 1, holidays=["2020-01-01"], weekmask="Mon Tue Wed"),
    "CDay-calendar": lambda: pd.offsets.CDay(calendar=module("pandas.tseries.holiday").USFederalHolidayCalendar()),
    "BusinessHour-times": offset("BusinessHour", 1, start="08:00", end="16:00"),
    "list": lambda: [pd.offsets.Day(2), pd.offsets.MonthEnd(), None],
})
each("pandas", {
    "frame": table,
    "split": lambda: {"X_train": answers()[:2], "X_test": answers()[2:], "y_train": answers().y[:2], "y_test": answers().y[2:]},
    "lookup": lambda: {"lookup": answers().set_index("city")},
    "frame-wide": lambda: pd.DataFrame(np.zeros((3, 50))),
    "frame-mixed": lambda: pd.concat([table(), table()], axis=1),
    "frame-empty": lambda: pd.DataFrame(),
    "frame-attrs": lambda: table_with_attrs(),
    "frame-flags": lambda: table().set_flags(allows_duplicate_labels=True),
    "frame-datetime": lambda: pd.DataFrame({"a": pd.date_range("2020", periods=3), "b": pd.to_timedelta([1, 2, 3], "h")}),
    "frame-zone": lambda: pd.DataFrame({"a": zone("Europe/Paris")}),
    "frame-category": lambda: pd.DataFrame({"a": pd.Categorical(["x", "y", "x"])}),
    "frame-objects": lambda: pd.DataFrame({"a": [[1], {"b": 2}, None]}),
    "frame-dates": lambda: pd.DataFrame({"a": [datetime.date(2020, 1, 1)]}),
    "frame-multi": lambda: table().set_index(["a", "c"]),
    "frame-multi-columns": lambda: pd.DataFrame(np.ones((2, 2)), columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
    "frame-extension": lambda: pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": pd.array(["x", None], dtype="string")}),
    "frame-inferred": lambda: inferred(),
    "frame-convert": lambda: table().convert_dtypes(),
    "frame-pyarrow": lambda: table().convert_dtypes(dtype_backend="pyarrow"),
    "frame-sparse": lambda: pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 1])}),
    "frame-period": lambda: pd.DataFrame({"a": pd.period_range("2020-01", periods=3, freq="M")}),
    "frame-interval": lambda: pd.DataFrame({"a": pd.interval_range(0, 3)}),
    "frame-resampled": lambda: pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2020", periods=2)).resample("D").mean(),
    "series": lambda: pd.Series([1, 2, 3], name="a"),
    "series-text": lambda: pd.Series(["a", "b"]),
    "series-bool": lambda: pd.Series([True, False]),
    "series-date-index": lambda: pd.Series([1, 2], index=pd.date_range("2020", periods=2, freq="MS")),
    "series-period-index": lambda: pd.Series([1, 2], index=pd.period_range("2020", periods=2, freq="M")),
    "series-zone": lambda: pd.Series(zone("UTC")),
    "series-timestamps": lambda: pd.Series([pd.Timestamp("2020"), None], dtype=object),
    "series-category-ordered": lambda: pd.Series(pd.Categorical(["a"], ["a", "b"], ordered=True)),
    "series-arrow-string": lambda: pd.Series(["a", None], dtype="string[pyarrow]"),
    "series-arrow-int": lambda: pd.Series([1, None], dtype="int64[pyarrow]"),
    "series-arrow-bool": lambda: pd.Series([True, None], dtype="bool[pyarrow]"),
    "series-arrow-time": lambda: pd.Series([datetime.datetime(2020, 1, 1)], dtype="timestamp[ns][pyarrow]"),
    "series-arrow-date": lambda: pd.Series([datetime.date(2020, 1, 1)], dtype="date32[pyarrow]"),
    "series-arrow-list": lambda: pd.Series([[1, 2]], dtype=pd.ArrowDtype(module("pyarrow").list_(module("pyarrow").int64()))),
    "series-arrow-dict": lambda: pd.Series(["a"], dtype=pd.ArrowDtype(module("pyarrow").dictionary(module("pyarrow").int32(), module("pyarrow").string()))),
    "series-complex": lambda: pd.Series([1j]),
    "series-decimal": lambda: pd.Series([module("decimal").Decimal("1.5")]),
    "series-na": lambda: pd.Series([pd.NA, pd.NaT, None], dtype=object),
    "index": lambda: pd.Index([1, 2, 3]),
    "index-text": lambda: pd.Index(["a", "b"], name="n"),
    "index-float": lambda: pd.Index([1.5, 2.5]),
    "index-bool": lambda: pd.Index([True, False]),
    "index-mixed": lambda: pd.Index(["a", 1, None]),
    "index-uint": lambda: pd.Index(np.array([1, 2], "u8")),
    "index-range": lambda: pd.RangeIndex(0, 10, 2, name="r"),
    "index-extension": lambda: pd.Index(pd.array([1, None], dtype="Int64")),
    "index-string": lambda: pd.Index(["a", "b"], dtype="string"),
    "index-datetime": lambda: pd.date_range("2020", periods=3, freq="D"),
    "index-datetime-month": lambda: pd.date_range("2020", periods=3, freq="M"),
    "index-datetime-month-start": lambda: pd.date_range("2020", periods=3, freq="MS"),
    "index-datetime-business": lambda: pd.bdate_range("2020", periods=3),
    "index-datetime-week": lambda: pd.date_range("2020", periods=3, freq="W-WED"),
    "index-datetime-hour": lambda: pd.date_range("2020", periods=3, freq="2h"),
    "index-datetime-utc": lambda: zone("UTC"),
    "index-datetime-pytz": lambda: zone(module("pytz").timezone("US/Eastern")),
    "index-datetime-name": lambda: zone("US/Eastern"),
    "index-datetime-dateutil": lambda: zone("dateutil/Europe/Paris"),
    "index-datetime-dateutil-utc": lambda: zone(module("dateutil.tz").tzutc()),
    "index-datetime-zoneinfo": lambda: zone(module("zoneinfo").ZoneInfo("Europe/Paris")),
    "index-datetime-offset": lambda: zone(module("pytz").FixedOffset(60)),
    "index-datetime-timezone": lambda: zone(datetime.timezone(datetime.timedelta(hours=2))),
    "index-datetime-custom": lambda: pd.date_range("2020", periods=3, freq=pd.offsets.CDay(holidays=["2020-01-01"])),
    "index-datetime-custom-month": lambda: pd.date_range("2020", periods=3, freq="CBM"),
    "index-datetime-hours": lambda: pd.date_range("2020-01-01", periods=3, freq="BH"),
    "index-datetime-dateoffset": lambda: pd.date_range("2020", periods=3, freq=pd.DateOffset(months=2)),
    "index-timedelta": lambda: pd.timedelta_range("1 day", periods=3),
    "index-timedelta-plain": lambda: pd.to_timedelta(["1 day", None]),
    "index-period": lambda: pd.period_range("2020", periods=3, freq="Q"),
    "index-period-day": lambda: pd.period_range("2020", periods=3, freq="D"),
    "index-interval": lambda: pd.interval_range(0, 3),
    "index-interval-float": lambda: pd.IntervalIndex.from_breaks([0.0, 0.5, 1.0], closed="left"),
    "index-interval-time": lambda: pd.interval_range(pd.Timestamp("2020"), periods=2),
    "index-category": lambda: pd.CategoricalIndex(["a", "b"]),
    "index-multi": lambda: pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["x", "y"]),
    "index-multi-time": lambda: pd.MultiIndex.from_product([pd.date_range("2020", periods=2), ["a"]]),
    "index-multi-category": lambda: pd.MultiIndex.from_product([pd.Categorical(["a", "b"]), [1]]),
    "interval": lambda: pd.Interval(0, 1, closed="left"),
    "interval-float": lambda: pd.Interval(0.5, 1.5),
    "interval-time": lambda: pd.Interval(pd.Timestamp("2020"), pd.Timestamp("2021")),
    "interval-delta": lambda: pd.Interval(pd.Timedelta(1), pd.Timedelta(2)),
    "intervals-cut": lambda: pd.cut([1, 5, 9], 3),
    "intervals-qcut": lambda: pd.qcut(np.arange(10.0), 4, retbins=True),
    "intervals-list": lambda: list(pd.cut([1, 5, 9], 3)),
    "period": lambda: pd.Period("2020-01", "M"),
    "period-list": lambda: [pd.Period("2020", "A"), pd.Period("2020Q1", "Q"), pd.Period("2020-01-01", "D"), pd.Period("2020-01-01 03", "H")],
    "timestamp": lambda: pd.Timestamp("2020-01-02 03:04:05.123456789"),
    "timestamp-utc": lambda: pd.Timestamp("2020", tz="UTC"),
    "timestamp-pytz": lambda: pd.Timestamp("2020", tz=module("pytz").timezone("Europe/Paris")),
    "timestamp-name": lambda: pd.Timestamp("2020", tz="Europe/Paris"),
    "timestamp-dateutil": lambda: pd.Timestamp("2020", tz="dateutil/Europe/Paris"),
    "timestamp-zoneinfo": lambda: pd.Timestamp("2020", tz=module("zoneinfo").ZoneInfo("Europe/Paris")),
    "timestamp-offset": lambda: pd.Timestamp("2020-01-01T00:00:00+05:30"),
    "timestamp-freq": lambda: pd.date_range("2020", periods=3, freq="D")[0],
    "timestamp-fold": lambda: pd.Timestamp("2020", tz="Europe/Paris", fold=0),
    "timestamp-seconds": lambda: pd.Timestamp("2020").as_unit("s"),
    "timestamp-keys": lambda: {pd.Timestamp("2020"): 1, pd.Timedelta(1): 2, pd.Period("2020", "D"): 3},
    "timedelta": lambda: pd.Timedelta("1 day 2 hours"),
    "timedelta-seconds": lambda: pd.Timedelta("1 day").as_unit("s"),
    "nat": lambda: pd.NaT,
    "na": lambda: pd.NA,
    "grouper": lambda: pd.Grouper(key="a"),
    "grouper-freq": lambda: pd.Grouper(key="a", freq="D"),
    "grouper-month": lambda: pd.Grouper(freq="MS", level=0),
    "groupby": lambda: table().groupby("a"),
    "groupby-groups": lambda: table().groupby("a").groups,
    "named-agg": lambda: pd.NamedAgg("a", "mean"),
    "categorical": lambda: pd.Categorical(["a", "b", None], ["a", "b"], ordered=True),
    "categorical-int": lambda: pd.Categorical([1, 2, 1]),
    "categorical-dtype": lambda: pd.CategoricalDtype(["a", "b"], True),
    "categorical-dtype-none": lambda: pd.CategoricalDtype(),
    "array-int": lambda: pd.array([1, None], dtype="Int64"),
    "array-int8": lambda: pd.array([1, None], dtype="Int8"),
    "array-uint": lambda: pd.array([1, None], dtype="UInt32"),
    "array-float": lambda: pd.array([1.5, None], dtype="Float64"),
    "array-boolean": lambda: pd.array([True, None], dtype="boolean"),
    "array-string": lambda: pd.array(["a", None], dtype="string"),
    "array-string-python": lambda: pd.array(["a", None], dtype="string[python]"),
    "array-string-pyarrow": lambda: pd.array(["a", None], dtype="string[pyarrow]"),
    "array-str": lambda: pd.array(["a", None], dtype="str"),
    "array-numpy": lambda: pd.arrays.PandasArray(np.array([1, 2])),
    "array-numpy-object": lambda: pd.arrays.PandasArray(np.array(["a", "b"], object)),
    "array-numpy-new": lambda: pd.arrays.NumpyExtensionArray(np.array([1, 2])),
    "array-sparse": lambda: pd.arrays.SparseArray([0, 0, 1]),
    "array-sparse-float": lambda: pd.arrays.SparseArray([np.nan, 1.0]),
    "array-sparse-block": lambda: pd.arrays.SparseArray([0, 1, 1], kind="block", fill_value=0),
    "array-datetime": lambda: pd.date_range("2020", periods=2)._data,
    "array-period": lambda: pd.period_range("2020", periods=2)._data,
    "array-interval": lambda: pd.interval_range(0, 2)._data,
    "array-timedelta": lambda: pd.timedelta_range("1 day", periods=2)._data,
    "dtypes": lambda: table().dtypes,
    "dtypes-extension": lambda: [pd.Int64Dtype(), pd.StringDtype(), pd.BooleanDtype()],
    "dtype-zone": lambda: pd.DatetimeTZDtype("ns", "UTC"),
    "dtype-period": lambda: pd.PeriodDtype("M"),
    "dtype-interval": lambda: pd.IntervalDtype("int64"),
    "dtype-sparse": lambda: pd.SparseDtype("f8"),
    "dtype-arrow": lambda: pd.ArrowDtype(module("pyarrow").int32()),
    "holiday": lambda: module("pandas.tseries.holiday").Holiday("New Year", month=1, day=1),
    "calendar": lambda: module("pandas.tseries.holiday").USFederalHolidayCalendar(),
    "functions": lambda: [pd.isnull, pd.to_numeric, pd.to_datetime, pd.get_dummies],
    "indexslice": lambda: pd.IndexSlice[1:2, "a"],
    "describe": lambda: table().describe(),
    "value-counts": lambda: table()["c"].value_counts(),
    "get-dummies": lambda: pd.get_dummies(table()),
    "dict-of-frames": lambda: {"train": table(), "y": table()["a"]},
    "columns": lambda: table().columns,
    "classes": lambda: [pd.DataFrame, pd.Series, pd.Timestamp],
})


def table_with_attrs():
    frame = table()
    frame.attrs["source"] = "here"
    return frame


def inferred():
    with pd.option_context("future.infer_string", True):
        return table()


def answers():
    return pd.DataFrame({"city": ["Oslo", "Rome", "Oslo", "Oslo"], "age": [3, 5, 7, 9], "y": ["yes", "no", "no", "yes"]})
