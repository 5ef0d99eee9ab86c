"""What ends Python when a model is used, or a tree of points is loaded, for `make_structure.py`."""
import collections
import copyreg

import numpy as np
from scipy.spatial import cKDTree
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from structure_case import case

rng = np.random.default_rng(4)
X = rng.normal(size=(60, 3))
Y = rng.integers(0, 2, 60)
WIDER = rng.normal(size=(60, 9))


def predicted(model):
    return model.predict(X[:5])


def wide(model):
    """The tree of a model, that splits by a feature far behind every row."""
    state = model.tree_.__getstate__()
    state["nodes"] = state["nodes"].copy()
    state["nodes"]["feature"][state["nodes"]["left_child"] >= 0] = 1_500_000_000
    tree = type(model.tree_)(2_000_000_000, model.tree_.n_classes, model.tree_.n_outputs)
    tree.__setstate__(state)
    return tree


# ── Counts that are equal to whatever they are compared with ─────────────────────────────────────────

@case("used-tree", lambda: DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, Y), predicted)
def features_masked(model):
    model.tree_ = wide(model)
    model.n_features_in_ = np.ma.masked


@case("used-forest", lambda: RandomForestClassifier(2, max_depth=2, random_state=0).fit(X, Y), predicted)
def trees_in_a_deque(model):
    model.estimators_ = collections.deque(RandomForestClassifier(2, max_depth=2, random_state=0).fit(WIDER, Y).estimators_)


# ── What is there only for a while, and what a distance takes without counting ───────────────────────

@case("used-boosting", lambda: HistGradientBoostingClassifier(max_iter=1, max_leaf_nodes=4).fit(X, Y), predicted)
def in_the_middle_of_fit(model):
    model._in_fit = True


def near():
    return KNeighborsClassifier(metric="mahalanobis", metric_params={"VI": np.eye(3)}, algorithm="brute").fit(X, Y)


@case("used-neighbors", near, predicted)
def distance_of_one_feature(model):
    model.metric_params["VI"] = np.eye(1)
    model.effective_metric_params_["VI"] = np.eye(1)


# ── Trees of points ──────────────────────────────────────────────────────────────────────────────────

class Points:
    """A `cKDTree` of these parts, which nobody has made: to make one is to follow its nodes."""

    def __init__(self, parts):
        self.parts = list(parts)

    def __deepcopy__(self, memo):
        return Points(part.copy() if isinstance(part, np.ndarray) else part for part in self.parts)

    def __reduce_ex__(self, protocol):
        return copyreg.__newobj__, (cKDTree,), tuple(self.parts)

    # pickle asks for it before it writes what makes an empty object.
    __class__ = property(lambda self: cKDTree)


def points():
    return Points(cKDTree(X, leafsize=4, boxsize=0.0).__getstate__())


def asked(points):
    tree = cKDTree.__new__(cKDTree)
    tree.__setstate__(tuple(points.parts))
    return tree.query(X[:5], 3)


def nodes(points):
    """The words of the nodes, to be changed."""
    words = np.frombuffer(points.parts[0].tobytes(), "i8").reshape(-1, 9).copy()
    points.parts[0] = np.frombuffer(words.data, "S1")
    return words


@case("points", points, asked)
def halves_elsewhere(points):
    nodes(points)[0, 8] = 1 << 40


@case("points", points, asked)
def node_below_itself(points):
    nodes(points)[1, 7] = 0


@case("points", points, asked)
def axis_that_is_none(points):
    nodes(points)[0, 0] = 1 << 30


@case("points", points, asked)
def more_points_than_there_are(points):
    nodes(points)[-1, 4] = 1 << 30


@case("points", points, asked)
def places_of_no_points(points):
    points.parts[7][:] = 1 << 40


@case("points", points, asked)
def box_of_next_to_nothing(points):
    points.parts[9] = np.full(6, 1e-300)
