"""What passes for an array or a number where Python looks at it, and what a check that stops at it leaves unread, for `make_structure.py`."""
import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.interpolate import CloughTocher2DInterpolator, LinearNDInterpolator, NdBSpline, UnivariateSpline
from scipy.spatial import Delaunay
from scipy.stats import gaussian_kde, norm
from sklearn.cluster import Birch, BisectingKMeans
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, VotingRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import LinearRegression, SGDClassifier
from sklearn.metrics import _dist_metrics
from sklearn.neighbors import BallTree, KNeighborsClassifier, NearestNeighbors
from sklearn.svm import SVC
from sklearn.utils import Bunch

from structure_case import COMPRESSED, PICKLES, case

rng = np.random.default_rng(3)
X = rng.normal(size=(60, 3))
Y = rng.integers(0, 3, 60)
POINTS = rng.random((12, 2))
INSIDE = np.full((4, 2), 0.5)


def masked(array):
    """An array to whoever looks at its class, and an object of numpy's in the file."""
    return np.ma.array(array)


# ── Masked arrays, behind which nothing was looked at ────────────────────────────────────────────────

for label, maker in (("classifier", GradientBoostingClassifier), ("regressor", GradientBoostingRegressor)):
    @case("passing-boosting-" + label, lambda maker=maker: maker(n_estimators=2, max_depth=1).fit(X, Y), lambda model: model.predict(X[:2]))
    def stages_masked(model):
        model.n_features_in_ = 3
        model.estimators_ = masked(np.repeat(model.estimators_, 50, axis=1))


def triangles():
    return Delaunay(POINTS)


def find(triangles):
    triangles.find_simplex(INSIDE)
    triangles.transform, triangles.vertex_to_simplex, triangles.convex_hull


@case("passing-triangles", triangles, find)
def corners_masked(triangles):
    triangles.simplices = masked(np.full_like(triangles.simplices, 100_000_000))
    triangles._transform = triangles._vertex_to_simplex = None


@case("passing-triangles", triangles, find)
def neighbors_masked(triangles):
    triangles.neighbors = masked(np.full_like(triangles.neighbors, 100_000_000))


def spline():
    knots = np.array([0, 0, 0, 0, 1, 1, 1, 1.0])
    return NdBSpline((knots, knots), rng.random((4, 4)), 3)


@case("passing-spline", spline, lambda spline: spline([[0.5, 0.5]]))
def table_masked(spline):
    spline._indices_k1d = masked(np.full_like(spline._indices_k1d, 100_000_000))


@case("passing-neighbors", lambda: NearestNeighbors(algorithm="brute").fit(X), lambda model: model.kneighbors(X))
def rows_masked(model):
    model._fit_X = masked(model._fit_X[:, :1].copy())


@case("passing-weights", lambda: SGDClassifier(average=True, random_state=0).fit(X, Y), lambda model: model.partial_fit(X, Y))
def weights_masked(model):
    model.coef_ = masked(model.coef_)
    model._average_coef = model._average_coef[:, :0].copy()


# ── Counts that are more than are kept ───────────────────────────────────────────────────────────────

def many_classes():
    rows = rng.random((4200, 1))
    return SVC().fit(rows, np.arange(4200))


@case("passing-vectors", many_classes, lambda model: model._dense_predict(np.ones((1, 1))), forms=COMPRESSED)
def more_vectors_of_many(model):
    model._n_support[4199] = 2**30


@case("passing-vectors", many_classes, lambda model: model.predict(np.ones((1, 1))), forms=COMPRESSED)
def fewer_factors_of_many(model):
    model._dual_coef_ = model._dual_coef_[:1].copy()


# ── Triangulations: what each of their parts says of the others ──────────────────────────────────────

@case("triangles", triangles, find)
def no_bound(triangles):
    triangles.min_bound = None


@case("triangles", triangles, find)
def one_bound(triangles):
    triangles.max_bound = triangles.max_bound[:1].copy()


def forty_axes():
    return Delaunay(rng.random((10, 4)))


@case("triangles-wide", forty_axes, lambda triangles: triangles.find_simplex(np.zeros((2, triangles.ndim))), forms=COMPRESSED)
def more_axes_than_there_is_room(triangles):
    axes, sides = 4000, 1
    triangles.__dict__.update(
        ndim=axes, nsimplex=sides, npoints=1, _points=np.zeros((1, axes)), simplices=np.zeros((sides, axes + 1), np.int32),
        neighbors=np.full((sides, axes + 1), -1, np.int32), equations=np.zeros((sides, axes + 2)), min_bound=np.full(axes, -1.0),
        max_bound=np.ones(axes), _transform=np.zeros((sides, axes + 1, axes)), _vertex_to_simplex=None)


def with_neighbors():
    made = triangles()
    made.vertex_neighbor_vertices
    return made


def slopes(triangles):
    CloughTocher2DInterpolator(triangles, POINTS[:, 0])(INSIDE)


@case("triangles-neighbors", with_neighbors, slopes)
def point_beyond(triangles):
    starts, points = triangles._vertex_neighbor_vertices
    triangles._vertex_neighbor_vertices = (starts, np.full_like(points, 100_000_000))


@case("triangles-neighbors", with_neighbors, slopes)
def start_beyond(triangles):
    starts, points = triangles._vertex_neighbor_vertices
    triangles._vertex_neighbor_vertices = (np.append(starts[:-1], np.int32(100_000_000)), points)


@case("interpolated", lambda: LinearNDInterpolator(POINTS, POINTS[:, 0]), lambda model: model(np.zeros((3, model.points.shape[1]))))
def rows_of_one(model):
    model.points = model.points[:, :1].copy()


@case("density", lambda: gaussian_kde(X.T), lambda model: model(np.zeros((3, 1))))
def dataset_of_no_axis(model):
    model.dataset = np.array(1.0)


# ── Metrics of 1.2 and before: a place for each feature ──────────────────────────────────────────────

class MahalanobisDistance(_dist_metrics.MahalanobisDistance64):
    """The class by the name that it had before there was one for each size of float."""
    __module__ = "sklearn.metrics._dist_metrics"


_dist_metrics.MahalanobisDistance = MahalanobisDistance


def by_metric():
    tree, metric = BallTree(X), MahalanobisDistance(VI=np.eye(3))
    metric.__setstate__((2.0, np.zeros(3), np.eye(3)))
    state = list(tree.__getstate__())
    state[11] = metric
    tree.__setstate__(tuple(state))
    return tree


@case("mahalanobis", by_metric, lambda tree: tree.query(X, 2))
def fewer_numbers_in_a_metric(tree):
    tree.__getstate__()[11].__setstate__((2.0, np.zeros(1), np.eye(3)))


# ── Columns of pandas whose categories have two axes, and that have codes by two names ───────────────

def two_axes():
    index = pd.Index(["a", "b"])
    index._data = np.array([["a", "b"]], dtype=object)
    return index


@case("categories-of-two-axes", lambda: pd.Categorical(list("abab")), lambda column: column.astype(object))
def code_beyond_a_row(column):
    dtype = pd.CategoricalDtype.__new__(pd.CategoricalDtype)
    dtype._categories, dtype._ordered = two_axes(), False
    column.__setstate__((dtype, np.full(4, 100, dtype=np.int8), {}))


def levels():
    return pd.MultiIndex.from_product([["a", "b"], ["c", "d"]])


@case("levels-of-two-axes", levels, lambda index: (index.get_level_values(0), index.values))
def level_beyond_a_row(index):
    index._levels = type(index._levels)([two_axes(), index._levels[1]])
    index._codes = type(index._codes)([np.full(4, 100, dtype=np.int8), index._codes[1]])


# ── Random states that stand still: of zeros alone no number is ever right ───────────────────────────

def stand_still(state):
    name, words, *rest = state.get_state()
    state.set_state((name, np.zeros_like(words), *rest))


@case("random", lambda: np.random.RandomState(0), lambda state: state.randn(2))
def words_of_zeros(state):
    stand_still(state)


def frozen():
    made = norm(1.0, 2.0)
    made.random_state = np.random.RandomState(0)
    return made


@case("random-of-a-distribution", frozen, lambda made: made.rvs(2))
def words_of_zeros_inside(made):
    stand_still(made.random_state)


@case("random-steps", lambda: np.random.default_rng(0), lambda generator: generator.integers(0, 10, 2))
def no_step(generator):
    state = generator.bit_generator.state
    state["state"] = {"state": 0, "inc": 0}
    generator.bit_generator.state = state


# ── What is missing, or none, where Python looks at the first of many ────────────────────────────────

def stages():
    return GradientBoostingRegressor(n_estimators=3, max_depth=1).fit(X, Y)


def predicted(model):
    model.predict(X[:, : getattr(model, "n_features_in_", 3)])


@case("stages", stages, predicted)
def no_tree(model):
    model.estimators_[1, 0].tree_ = None


@case("stages", stages, predicted)
def a_tree_of_another(model):
    wide = GradientBoostingRegressor(n_estimators=1, max_depth=1).fit(np.tile(X, 2000), Y).estimators_[0, 0]
    model.estimators_[1, 0] = Bunch(tree_=wide.tree_)


@case("stages", stages, predicted)
def wider_than_the_first(model):
    del model.n_features_in_
    model.estimators_[2, 0] = GradientBoostingRegressor(n_estimators=1, max_depth=1).fit(np.tile(X, 2000), Y).estimators_[0, 0]


def by_voting():
    return KNeighborsClassifier(algorithm="brute", metric="manhattan").fit(X, Y)


@case("voting", by_voting, lambda model: model.predict(X))
def classes_in_a_list(model):
    model.classes_ = [0]
    model._y = np.full(60, 10**9)


@case("neighbors-graph", lambda: NearestNeighbors(algorithm="brute").fit(X), lambda model: model.kneighbors_graph(X).toarray())
def no_rows(model):
    model._fit_X, model.n_samples_fit_ = None, 3


@case("vectors", lambda: SVC().fit(X, Y), lambda model: model._dense_predict(X))
def no_vectors(model):
    model.support_vectors_ = None


def sparse_vectors():
    return SVC().fit(sp.csr_matrix(X), Y)


@case("vectors-sparse", sparse_vectors, lambda model: model.predict(sp.csr_matrix(X)))
def no_weights(model):
    model.class_weight_ = None


@case("vectors-sparse", sparse_vectors, lambda model: model.predict(sp.csr_matrix(X)))
def no_probabilities(model):
    model.probability = True


def curve():
    return UnivariateSpline(np.arange(12.0), np.arange(12.0) ** 2, s=1)


def curve_again(spline):
    spline.set_smoothing_factor(0.5)


@case("curve", curve, curve_again)
def more_knots(spline):
    data = list(spline._data)
    data[7] = 10**9
    spline._data = tuple(data)


@case("curve", curve, curve_again)
def objects_for_coefficients(spline):
    data = list(spline._data)
    data[9] = data[9].astype(object)
    spline._data = tuple(data)


@case("leaves", lambda: Birch(n_clusters=None).fit(X), lambda model: model.partial_fit(X))
def leaves_in_a_circle(model):
    model.dummy_leaf_.next_leaf_.next_leaf_ = model.dummy_leaf_


@case("bisected", lambda: BisectingKMeans(3, n_init=1, random_state=0).fit(X), lambda model: model.predict(X))
def one_part_twice(model):
    model._bisecting_tree.left = model._bisecting_tree.right


def by_kernels():
    return GaussianProcessRegressor(RBF() + RBF(), optimizer=None).fit(X[:5], Y[:5])


@case("kernels", by_kernels, lambda model: model.predict(X[:1]))
def sums_of_sums(model):
    for _ in range(24):
        model.kernel_ = model.kernel_ + model.kernel_


def by_many():
    return VotingRegressor([("a", LinearRegression()), ("b", LinearRegression())]).fit(X, Y)


@case("many", by_many, lambda model: model.predict(X[:1]))
def members_in_members(model):
    for _ in range(3):
        again = VotingRegressor([])
        again.__dict__.update(model.__dict__, estimators_=list(model.estimators_))
        model.estimators_ = [again] * 70


def changed(matrix):
    matrix[0, 1] = 1e8
    return matrix.tocsr().toarray()


@case("lists", lambda: sp.lil_matrix((40, 4)), changed)
def one_list_for_all(matrix):
    both = []
    for row in range(matrix.shape[0]):
        matrix.rows[row], matrix.data[row] = [], both


@case("lists-of-one", lambda: sp.lil_matrix(np.eye(4)), changed, PICKLES)
def numbers_for_columns(matrix):
    matrix.rows[0] = matrix.data[0] = [0, 1]


def summed(matrix):
    matrix.sum_duplicates()
    return matrix @ np.ones(matrix.shape[1])


@case("rows-of-entries", lambda: sp.csr_matrix(np.eye(3)), summed, PICKLES)
def starts_for_indices(matrix):
    size = 40
    both = np.zeros(size, "i4")
    both[size // 2 + 1:] = size
    matrix.data, matrix.indices, matrix.indptr, matrix._shape = np.ones(size), both, both, (size - 1, size + 1)
    for flag in ["_has_sorted_indices", "_has_canonical_format"]:
        matrix.__dict__.pop(flag, None)


def scaled(matrix):
    matrix *= 10**8
    return matrix @ np.ones(matrix.shape[1])


@case("coordinates", lambda: sp.coo_matrix((np.ones(2, "i4"), ([0, 1], [0, 1])), shape=(3, 3)), scaled, PICKLES)
def numbers_for_rows(matrix):
    matrix.data = np.array([1, 2], "i4")
    matrix.coords = (matrix.data, matrix.coords[1])
