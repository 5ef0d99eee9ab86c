"""Models whose clusters, averages, columns and splines do not hold together, for `make_structure.py`."""
import numpy as np
import pandas as pd
from scipy.interpolate import NdBSpline, RectBivariateSpline, bisplev, interp2d
from sklearn.cluster import HDBSCAN, BisectingKMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import SGDClassifier, SGDRegressor

from structure_case import case

rng = np.random.default_rng(1)
X = rng.normal(size=(60, 3))
Y = rng.integers(0, 2, 60)

# ── Clusters ─────────────────────────────────────────────────────────────────────────────────────────


def hierarchy():
    return HDBSCAN(copy=True).fit(X)


def cut(model):
    model.dbscan_clustering(1e9, 2)


@case("hierarchy", hierarchy, cut)
def row_beyond(model):
    model._single_linkage_tree_["left_node"][-1] = 1 << 40


@case("hierarchy", hierarchy, cut)
def cluster_below(model):
    model._single_linkage_tree_["right_node"][0] = -1


@case("hierarchy-large", lambda: HDBSCAN(copy=True).fit(rng.normal(size=(900, 2))), cut)
def last_cluster_beyond(model):
    model._single_linkage_tree_["right_node"][-1] = 2 * len(model._single_linkage_tree_) + 1


@case("hierarchy", hierarchy, cut)
def fields_of_another_order(model):
    tree = model._single_linkage_tree_
    model._single_linkage_tree_ = tree[["cluster_size", "left_node", "value", "right_node"]].astype(
        [("cluster_size", "i8"), ("left_node", "i8"), ("value", "f8"), ("right_node", "i8")])


@case("bisected", lambda: BisectingKMeans(3, n_init=1, random_state=0).fit(X), lambda model: model.predict(X))
def narrow_parts(model):
    del model._X_mean
    for part in (model._bisecting_tree.left, model._bisecting_tree.right):
        part.center = part.center[:1].copy()


@case("batches", lambda: MiniBatchKMeans(5, n_init=1, random_state=0).fit(X), lambda model: model.partial_fit(X))
def fewer_counts(model):
    model._counts = model._counts[:1].copy()


@case("batches", lambda: MiniBatchKMeans(5, n_init=1, random_state=0).fit(X), lambda model: model.predict(X))
def features_that_nobody_says(model):
    del model.n_features_in_


# ── Averages of weights ──────────────────────────────────────────────────────────────────────────────

for maker in (SGDClassifier, SGDRegressor):
    @case("averages", lambda maker=maker: maker(average=True).fit(X, Y), lambda model: model.partial_fit(X, Y))
    def fewer_averages(model):
        model._average_coef = model._average_coef[..., :1].copy()


@case("averages", lambda: SGDClassifier(average=True).fit(X, Y), lambda model: model.partial_fit(X, Y))
def fewer_weights(model):
    model._standard_coef = model._standard_coef[..., :1].copy()


# ── Columns before trees ─────────────────────────────────────────────────────────────────────────────

def columns():
    frame = pd.DataFrame({"a": pd.Categorical(list("abc") * 20), "b": X[:, 0], "c": X[:, 1]})
    model = HistGradientBoostingRegressor(max_iter=1, max_leaf_nodes=3, min_samples_leaf=2, categorical_features="from_dtype")
    return model.fit(frame, X[:, 1])


def many_columns():
    codes = rng.integers(0, 4, (20, 20_000))
    model = HistGradientBoostingRegressor(max_iter=1, max_leaf_nodes=2, min_samples_leaf=2, categorical_features=[0, 1])
    return model.fit(codes, codes[:, 1])


def made(model):
    model._raw_predict(pd.DataFrame({"a": pd.Categorical(["a"]), "b": [0.5], "c": [0.5]}))


def fewer(model, count):
    """Takes that many of the columns that are no categories."""
    name, transformer, flags = model._preprocessor.transformers_[1]
    flags = flags.copy()
    flags[np.flatnonzero(flags)[count:]] = False
    model._preprocessor.transformers_[1] = (name, transformer, flags)
    return name, np.flatnonzero(flags).tolist()


@case("columns", columns, made)
def columns_not_taken(model):
    name, places = fewer(model, 1)
    model._preprocessor._transformer_to_input_indices[name] = places


@case("columns", columns, made)
def columns_not_listed(model):
    model._preprocessor._transformer_to_input_indices["numerical"] = []


@case("columns", columns, made)
def columns_dropped(model):
    name, _, flags = model._preprocessor.transformers_[1]
    model._preprocessor.transformers_[1] = (name, "drop", flags)


@case("columns", columns, made)
def columns_of_another_kind(model):
    model._preprocessor = ColumnTransformer([("a", "passthrough", [0])]).fit(np.zeros((2, 3)))


@case("columns-large", many_columns, lambda model: model.predict(np.zeros((1, 20_000))))
def many_columns_not_taken(model):
    name, places = fewer(model, 1)
    model._preprocessor._transformer_to_input_indices[name] = places


# ── Splines in two and more variables ────────────────────────────────────────────────────────────────

KNOTS = np.r_[[0.0] * 3, np.linspace(0, 1, 6), [1.0] * 3]
SIDE = len(KNOTS) - 4


def spline():
    return NdBSpline((KNOTS, KNOTS), np.ones((SIDE, SIDE)), 3)


def value(model):
    model([[0.5, 0.5]])


@case("spline", spline, value)
def place_beyond(model):
    model._indices_k1d[:] = 100_000_000


@case("spline", spline, value)
def fewer_coefficients(model):
    model.c = model.c[:1, :1].copy()


@case("spline", spline, value)
def short_coefficients(model):
    model.c = model.c.astype(np.float32)


@case("spline", spline, value)
def longer_rows(model):
    model._len_t = model._len_t + 100_000


@case("spline", spline, value)
def fewer_knots(model):
    model._t = model._t[:, :5].copy()
    model._len_t = model._len_t * 0 + 5


@case("spline", spline, value)
def higher_degrees(model):
    model._k = model._k + 1


@case("surface", lambda: RectBivariateSpline(np.arange(8.0), np.arange(8.0), np.ones((8, 8))), lambda model: model(1.5, 2.5))
def degrees_beyond_room(model):
    knots = np.r_[[0.0] * 20, [1.0] * 20]
    model.degrees = (19, 19)
    model.tck = (knots, knots, np.ones(400))


def plane():
    """As scipy before 1.14 makes it: later ones can be given none."""
    model = interp2d.__new__(interp2d)
    model.__dict__.update(tck=[KNOTS, KNOTS, np.ones(SIDE * SIDE), 3, 3], bounds_error=False, fill_value=None)
    return model


@case("plane", plane, lambda model: bisplev(0.5, 0.5, model.tck))
def fewer_of_a_plane(model):
    model.tck[2] = model.tck[2][:1].copy()


@case("plane", plane, lambda model: bisplev(0.5, 0.5, model.tck))
def degrees_of_a_plane(model):
    model.tck = [KNOTS, KNOTS, np.ones(400), 6, 3]
