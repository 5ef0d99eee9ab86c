"""Tables and indexes of pandas whose lengths, codes and places do not hold together, for `make_structure.py`."""
import numpy as np
import pandas as pd
from pandas._libs.internals import BlockPlacement

from structure_case import case

# ── Series and frames ────────────────────────────────────────────────────────────────────────────────


def series():
    return pd.Series(np.arange(4.0))


def last(table):
    table.take([len(table.index) - 1])


@case("series", series, last)
def longer_index(table):
    table._mgr.axes = [pd.RangeIndex(1_000_000)]


@case("series", lambda: pd.Series(pd.date_range("2020", periods=4, tz="UTC")), last)
def longer_index_of_times(table):
    table._mgr.axes = [pd.RangeIndex(1_000_000)]


@case("series", lambda: pd.Series(pd.Categorical(list("abab")), index=list("wxyz")), last)
def longer_index_of_categories(table):
    table._mgr.axes = [pd.Index(np.arange(100_000))]


def frame():
    return pd.DataFrame({"a": np.arange(4.0), "b": np.arange(4)})


def block(table):
    return table._mgr.blocks[0]


@case("frame", frame, last)
def longer_index_of_rows(table):
    table._mgr.axes = [table._mgr.axes[0], pd.RangeIndex(1_000_000)]


@case("frame", frame, lambda table: table["a"])
def place_beyond(table):
    block(table)._mgr_locs = BlockPlacement(slice(10_000_000, 10_000_001, 1))


@case("frame", frame, lambda table: table["a"])
def more_places_than_columns(table):
    block(table)._mgr_locs = BlockPlacement(np.array([0, 1]))


@case("frame", frame, lambda table: table["a"])
def column_without_a_block(table):
    table._mgr.axes = [pd.Index(["a", "b", "c"]), table._mgr.axes[1]]


# ── Indexes ──────────────────────────────────────────────────────────────────────────────────────────

def levels():
    return pd.MultiIndex.from_product([["a", "b"], pd.date_range("2020", periods=2)])


def named(index):
    index.get_level_values(0), index.get_level_values(1), index.values


def coded(index, at, codes):
    all_codes = list(index._codes)
    all_codes[at] = codes
    index._codes = type(index._codes)(all_codes)


@case("levels", levels, named)
def code_beyond(index):
    coded(index, 0, np.full(4, 100, dtype=np.int8))


@case("levels", levels, named)
def code_of_no_time(index):
    coded(index, 1, np.full(4, 100, dtype=np.int8))


@case("levels", levels, named)
def more_codes(index):
    coded(index, 0, np.zeros(100, dtype=np.int8))


for label, categories in (("times", pd.date_range("2020", periods=2)), ("ranges", pd.interval_range(0, 2)), ("numbers", pd.RangeIndex(2))):
    @case("categories-of-" + label, lambda categories=categories: pd.Categorical.from_codes([0, 1, 0], categories),
          lambda column: column.astype(object))
    def code_of_none(column):
        column._ndarray[0] = 100
