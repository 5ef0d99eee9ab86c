"""Save pandas' tables, indexes, columns and times as this pandas writes them, at protocols 2 to 5.

usage: python make_pandas.py FOLDER
"""
import os
import pickle
import sys
import warnings

import numpy
import pandas as pd

TIMES = ["2021-01-01", "2021-01-05"]
MAKERS = {
    "tables": [
        lambda: pd.Series([1.0, 2.0], index=["a", "b"], name="s"),
        lambda: pd.DataFrame({"a": [1, 2], "b": [1.5, None], "c": ["x", "y"], "d": [True, False]}),
        lambda: pd.DataFrame(numpy.arange(4.0).reshape(2, 2), columns=pd.Index(["p", "q"], name="n")).iloc[::-1],
        lambda: pd.DataFrame(),
        lambda: pd.DataFrame([[1, 2.0]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", "z")])),
        lambda: pd.DataFrame({"a": pd.Categorical([1, 2]), "b": pd.to_datetime(TIMES)}),
        lambda: pd.DataFrame({"a": [1, 2]}).dtypes,
    ],
    "indexes": [
        lambda: pd.RangeIndex(5, name="r"),
        lambda: pd.Index(["a", 1, None], dtype=object),
        lambda: pd.Index([1, 2]),
        lambda: pd.Index(numpy.array([1, 2], "u8")),
        lambda: pd.Index([1.5, 2]),
        lambda: pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"]),
        lambda: pd.date_range("2021-01-01", periods=3, freq="D"),
        lambda: pd.date_range("2021-01-01", periods=3, freq="D", tz="UTC"),
        lambda: pd.DatetimeIndex(TIMES),
        lambda: pd.TimedeltaIndex(["1D", "2D"]),
        lambda: pd.period_range("2021-01", periods=3, freq="M"),
        lambda: pd.CategoricalIndex(["a", "b", "a"]),
        lambda: pd.interval_range(0, 3),
    ],
    "columns": [
        lambda: pd.Categorical(["a", "b", "a"], ordered=True),
        lambda: pd.cut(pd.Series([1.0, 2.0, 3.0]), 2),
        lambda: pd.Series(pd.to_datetime(TIMES).tz_localize("UTC")),
        lambda: pd.Series([1, None], dtype="Int64"),
        lambda: pd.Series([1, None], dtype="Float64"),
        lambda: pd.Series([True, None], dtype="boolean"),
        lambda: pd.Series(["a", None], dtype="string"),
        lambda: pd.Series(["a", None], dtype="string[pyarrow]"),
        lambda: pd.Series(["a", None], dtype="string[python]"),
        lambda: pd.Series(pd.arrays.SparseArray([0, 0, 1])),
        lambda: [pd.CategoricalDtype(["a", "b"]), pd.PeriodDtype("M"), pd.IntervalDtype("int64"), pd.Int64Dtype()],
        lambda: pd.DatetimeTZDtype(tz="UTC"),
    ],
    "remembered": [  # Types and columns that were asked for something before they are saved.
        lambda: [pd.Index(pd.Series([1, 2], dtype="Int64")), pd.Series([1, 2], dtype="Int64")],
        lambda: pd.date_range("2021-01-01", periods=3).to_series().dt.floor("D"),
        lambda: pd.DataFrame({"a": pd.date_range("2021-01-01", periods=3), "b": 1}).set_index("b").iloc[::2],
        lambda: pd.Index(pd.Series(["a"], dtype="string")).dtype,
        lambda: localized(pd.date_range("2021-01-01", periods=3)),
        lambda: asked(pd.Series(pd.date_range("2021-01-01", periods=3))),
    ],
    "arrays": [
        lambda: pd.Series([1.5, 2.0]).array,
        lambda: pd.Series(pd.interval_range(0, 3)),
        lambda: pd.Series(pd.period_range("2021-01", periods=3, freq="D")),
        lambda: pd.Series([1, None], dtype="int64[pyarrow]"),
        lambda: pd.Series([True, None], dtype="bool[pyarrow]"),
        lambda: pd.Series(TIMES).astype("timestamp[us][pyarrow]"),
        lambda: pd.Series([1.5], dtype="double[pyarrow]").dtype,
        lambda: pd.Series(pd.date_range("2021-01-01", periods=3, tz="Europe/Paris")),
    ],
    "hours": [
        lambda: pd.date_range("2020-01-01", periods=3, freq="BH"),
        lambda: pd.date_range("2020-01-01", periods=3, freq=pd.offsets.CustomBusinessHour(2, holidays=["2020-01-02"])),
    ],
    "inferred": [
        lambda: inferred("pyarrow"),
        lambda: inferred("python"),
    ],
    "labels": [
        lambda: pd.DataFrame({"t": pd.to_datetime(["2020", "2021"]), "k": ["a", "b"], "x": [1, 2]}).set_index(["t", "k"]),
        lambda: noted(pd.DataFrame({"x": [1, 2]})),
    ],
    "times": [
        lambda: [pd.Timestamp("2021-01-01"), pd.Timestamp("2021-01-01", tz="UTC"), pd.NaT],
        lambda: pd.Timestamp("2021-01-01", freq="D"),
        lambda: [pd.Timedelta("1D"), pd.Period("2021-01", "M"), pd.Interval(0, 1)],
        lambda: pd.NA,
        lambda: {pd.Timestamp("2021-01-01"): 1},
        lambda: [pd.offsets.MonthEnd(2), pd.offsets.Hour(3), pd.offsets.BusinessDay(), pd.offsets.Week(weekday=2)],
        lambda: [pd.offsets.QuarterEnd(startingMonth=3), pd.offsets.YearBegin(month=2)],
        lambda: pd.Timestamp("2021-01-01", tz="Europe/Paris"),
        lambda: pd.offsets.Easter(),
    ],
}


def inferred(storage):
    with pd.option_context("future.infer_string", True, "mode.string_storage", storage):
        table = pd.DataFrame({"a": ["x", "y", None], "n": [1, 2, 3]})
        return [table, table.columns, table["a"].array, table.dtypes]


def localized(times):
    times.tz_localize("UTC")
    return times


def asked(series):
    series.values
    return series


def noted(table):
    table.attrs["source"] = {"file": "a.csv", "rows": [1, 2]}
    return table


def main():
    warnings.simplefilter("ignore")
    version = ".".join(pd.__version__.split(".")[:2])
    if not os.path.isdir(sys.argv[1]):
        os.makedirs(sys.argv[1])
    for kind, makers in MAKERS.items():
        values = []
        for make in makers:
            try:
                values.append(make())
            except (TypeError, AttributeError, ImportError, KeyError, NameError, ValueError):  # This version has none of it.
                pass
        if not values:
            continue
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            with open(os.path.join(sys.argv[1], "pandas%s-%s-%d.pkl" % (version, kind, protocol)), "wb") as file:
                pickle.dump(values, file, protocol)


main()
