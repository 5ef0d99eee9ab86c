"""Splines of unequal degrees, blocks whose places go backwards, and sparse columns in runs that do not hold together, for `make_structure.py`."""
import pickle

import numpy as np
import pandas as pd
from pandas._libs.internals import BlockPlacement
from pandas._libs.sparse import BlockIndex
from scipy.interpolate import NdBSpline

from structure_case import case

DEGREES = 0, 60


def uneven():
    along = tuple(np.r_[[0.0] * degree, np.linspace(0, 1, 7), [1.0] * degree] for degree in DEGREES)
    return NdBSpline(along, np.ones([len(knots) - degree - 1 for knots, degree in zip(along, DEGREES)]), DEGREES)


@case("spline-uneven", uneven, lambda model: model([[0.5, 0.5]]))
def places_of_the_other_axis(model):
    model._indices_k1d[:] = model._indices_k1d[:, ::-1].copy()


# ── Frames ───────────────────────────────────────────────────────────────────────────────────────────

def frame():
    return pd.DataFrame({"a": np.arange(4.0), "b": np.arange(4)})


def loaded(table):
    """Where the blocks stand is told when a table was loaded."""
    pickle.loads(pickle.dumps(table))["a"].sum()


@case("frame", frame, loaded)
def place_beyond_backwards(table):
    table._mgr.blocks[0]._mgr_locs = BlockPlacement(slice(10_000_000, 9_999_999, -1))


@case("frame", frame, loaded)
def places_without_an_end(table):
    table._mgr.blocks[0]._mgr_locs = BlockPlacement(slice(10_000_000, None, -1))


@case("frame", frame, loaded)
def three_axes(table):
    columns, rows = table._mgr.axes
    table._mgr.axes = [columns, pd.RangeIndex(1_000_000), rows]


@case("frame-backwards", lambda: frame()[["b", "a"]], loaded)
def longer_index_of_steps(table):
    table._mgr.axes = [table._mgr.axes[0], pd.RangeIndex(3_000_000, 0, -3)]


# ── Sparse columns ───────────────────────────────────────────────────────────────────────────────────

def runs():
    return pd.arrays.SparseArray([0, 0, 1, 2, 0, 0, 3, 0], fill_value=0, kind="block")


def listed(column):
    column.sp_index.to_int_index()
    return column + column


def at(starts, lengths, count):
    return BlockIndex(count, np.array(starts, dtype=np.int32), np.array(lengths, dtype=np.int32))


@case("runs", runs, listed)
def fewer_than_in_runs(column):
    column._sparse_values = column._sparse_values[:1].copy()


@case("runs", runs, listed)
def run_of_less_than_nothing(column):
    column._sparse_index = at([0, 10], [-100_000, 100_003], 100_050)


@case("runs", runs, listed)
def run_before_the_first(column):
    column._sparse_index = at([-100_000, 3], [2, 1], 8)


@case("runs", runs, listed)
def run_beyond_32_bits(column):
    column._sparse_index = at([(1 << 31) - 9], [100], (1 << 31) - 1)
    column._sparse_values = np.ones(100, dtype=column._sparse_values.dtype)
