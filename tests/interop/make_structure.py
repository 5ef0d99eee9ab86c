"""Write models whose indices, counts or shapes do not hold together, each beside the honest one, for `run_hostile.py`.

usage: python make_structure.py OUT [--small] [--use]

OUT/list.json is as `make_hostile.py` writes it: every broken file has to be refused as `structure-invalid`, every twin accepted. Nothing
broken is loaded. --small writes one form of each, as tests/data/structure keeps them (with scikit-learn 1.6.1). --use uses each broken
model as its user would, in a child, and tells how that ended: what an `answer` shows is luck.
"""
import argparse
import collections
import copy
import fractions
import json
import os
import pickle
import signal
import sys
import warnings
from pathlib import Path

# A child of a process whose OpenMP has threads waits for them for ever: `--use` has children.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import joblib
import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.interpolate import LinearNDInterpolator, RectBivariateSpline, RegularGridInterpolator
from scipy.stats import gaussian_kde
from sklearn.cluster import Birch, KMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (GradientBoostingClassifier, GradientBoostingRegressor, HistGradientBoostingClassifier,
                              HistGradientBoostingRegressor, IsolationForest, RandomTreesEmbedding)
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.neighbors import BallTree, KDTree, KernelDensity, KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, NuSVC, OneClassSVM, SVR

from in_child import in_child
from structure_case import CASES, case

warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
Y = rng.integers(0, 3, 60)
MANY = rng.random((4000, 2))
WORDS = ["one cat", "two dogs", "three birds and a cat"]
COLORS = np.array([["red"], ["green"], ["blue"]], dtype=object)


# ── Trees of histograms ──────────────────────────────────────────────────────────────────────────────

def histogram():
    return HistGradientBoostingClassifier(max_iter=2, max_leaf_nodes=4, min_samples_leaf=2).fit(X, Y % 2)


def large_histogram():
    model = HistGradientBoostingRegressor(max_iter=1, max_leaf_nodes=None, min_samples_leaf=1)
    return model.fit(MANY, MANY[:, 0] * MANY[:, 1])


def categories():
    codes = rng.integers(0, 6, (200, 2))
    model = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=2, categorical_features=[0])
    return model.fit(codes, (codes[:, 0] % 2) ^ (codes[:, 1] > 3))


def predict(model):
    model.predict(X[:, : model.n_features_in_])


def nodes(model):
    return model._predictors[0][0].nodes


@case("histogram", histogram, predict)
def child_beyond(model):
    nodes(model)["left"][0] = 1_000_000


@case("histogram", histogram, predict)
def circle(model):
    nodes(model)["left"][0] = nodes(model)["right"][0] = 0


@case("histogram", histogram, predict)
def shared_child(model):
    nodes(model)["right"][0] = nodes(model)["left"][0]


@case("histogram", histogram, predict)
def feature_beyond(model):
    nodes(model)["feature_idx"][0] = 100_000_000


@case("histogram", histogram, predict)
def no_nodes(model):
    model._predictors[0][0].nodes = nodes(model)[:0]


@case("histogram-large", large_histogram, predict)
def last_child_beyond(model):
    inner = np.flatnonzero(nodes(model)["is_leaf"] == 0)
    nodes(model)["right"][inner[-1]] = len(nodes(model))


@case("histogram-large", large_histogram, predict)
def other_end(model):
    for predictors in model._predictors:
        predictors[0].nodes = predictors[0].nodes.astype(predictors[0].nodes.dtype.newbyteorder(">"))
    inner = np.flatnonzero(nodes(model)["is_leaf"] == 0)
    nodes(model)["right"][inner[-1]] = len(nodes(model))


@case("categories", categories, lambda model: model.predict(np.arange(12).reshape(6, 2) % 6))
def set_beyond(model):
    of = next(tree for trees in model._predictors for tree in trees if tree.nodes["is_categorical"].any())
    of.nodes["bitset_idx"][np.flatnonzero(of.nodes["is_categorical"])[0]] = 1_000_000


@case("categories", categories, lambda model: model.predict(np.arange(12).reshape(6, 2) % 6))
def no_known_categories(model):
    model._bin_mapper.is_categorical_ = np.zeros(2, dtype=np.uint8)


# ── Neighbours ───────────────────────────────────────────────────────────────────────────────────────

def query(tree):
    tree.query(np.zeros((5, tree.data.shape[1])), k=3)


def parts(tree):
    """The arrays that a tree was made of, which can be written to."""
    return [np.asarray(part) for part in tree.__getstate__()[:4]]


for maker in (KDTree, BallTree):
    name = maker.__name__.lower()

    @case(name, lambda maker=maker: maker(X, leaf_size=5), query)
    def point_beyond(tree):
        parts(tree)[1][7] = 100_000_000

    @case(name, lambda maker=maker: maker(X, leaf_size=5), query)
    def point_below(tree):
        parts(tree)[1][7] = -1

    @case(name, lambda maker=maker: maker(X, leaf_size=5), query)
    def span_beyond(tree):
        parts(tree)[2]["idx_end"][-1] = 1_000_000

    @case(name, lambda maker=maker: maker(X, leaf_size=5), query)
    def span_backwards(tree):
        parts(tree)[2]["idx_end"][3] = 0
        parts(tree)[2]["idx_start"][3] = 9

    @case(name, lambda maker=maker: maker(X, leaf_size=5), query)
    def leaf_without_children(tree):
        parts(tree)[2]["is_leaf"][-1] = 0

    @case(name + "-large", lambda maker=maker: maker(MANY), query)
    def last_point_beyond(tree):
        parts(tree)[1][-1] = len(MANY)


def by_tree():
    return make_pipeline(StandardScaler(), KNeighborsClassifier(3, algorithm="kd_tree").fit(X, Y))


def by_force():
    return KNeighborsClassifier(3, algorithm="brute").fit(X, Y)


@case("classifier", by_tree, lambda model: model[-1].predict(X))
def point_of_its_tree(model):
    parts(model[-1]._tree)[1][:] = 100_000_000


@case("classifier", by_force, predict)
def labels_of_few(model):
    model._y = model._y[:2]


@case("density", lambda: KernelDensity().fit(X), lambda model: model.score_samples(X))
def point_of_its_own(model):
    parts(model.tree_)[1][0] = 1 << 40


# ── Sparse matrices ──────────────────────────────────────────────────────────────────────────────────

def sparse(kind):
    return lambda: getattr(sp.random(9, 7, 0.4, "csr", random_state=0), "to" + kind)()


def dense(matrix):
    matrix.toarray()


def large():
    return sp.random(9000, 2000, 0.002, "csr", random_state=0)


for kind in ("csr", "csc", "bsr"):
    @case(kind, sparse(kind), dense)
    def index_beyond(matrix):
        matrix.indices[0] = 2_000_000_000

    @case(kind, sparse(kind), dense)
    def index_below(matrix):
        matrix.indices[-1] = -5

    @case(kind, sparse(kind), dense)
    def end_beyond(matrix):
        matrix.indptr[-1] = 1_000_000_000

    @case(kind, sparse(kind), dense)
    def starts_fall(matrix):
        matrix.indptr[2], matrix.indptr[3] = matrix.indptr[3] + 1, 0

    @case(kind, sparse(kind), dense)
    def fewer_numbers(matrix):
        matrix.data = matrix.data[:1]

    @case(kind, sparse(kind), dense)
    def fewer_rows(matrix):
        matrix._shape = (900, 700)


@case("csr", sparse("csr"), lambda matrix: matrix.tocsc().toarray())
def begins_later(matrix):
    matrix.indptr[0] = 3


@case("csr", sparse("csr"), dense)
def shape_for_arrays(matrix):
    matrix._shape = np.array([9, 7])
    matrix.indices[0] = 2_000_000_000


@case("csr-large", large, dense)
def one_index_beyond(matrix):
    matrix.indices[-1] = 2000


@case("csr-large", large, dense)
def one_start_falls(matrix):
    matrix.indptr[1500] = 0


@case("coo", sparse("coo"), dense)
def row_beyond(matrix):
    matrix.row[0] = 1_000_000_000


@case("coo", sparse("coo"), dense)
def column_below(matrix):
    matrix.col[0] = -1_000_000


@case("dia", sparse("dia"), dense)
def more_offsets(matrix):
    matrix.offsets = np.arange(10_000, dtype=matrix.offsets.dtype)


@case("lil", sparse("lil"), dense)
def place_beyond(matrix):
    matrix.rows[0][0] = 1_000_000_000


@case("lil", sparse("lil"), dense)
def more_numbers(matrix):
    matrix.data[0] = matrix.data[0] * 1000


@case("fitted-sparse", lambda: KNeighborsClassifier(2).fit(sp.csr_matrix(X), Y), predict)
def fitted_index_beyond(model):
    model._fit_X.indices[:] = 2_000_000_000


# ── Ensembles ────────────────────────────────────────────────────────────────────────────────────────

def boosted():
    return GradientBoostingRegressor(n_estimators=3, max_depth=2).fit(X, X[:, 0])


def boosted_classes():
    return GradientBoostingClassifier(n_estimators=2, max_depth=2).fit(X, Y)


@case("boosting", boosted, predict)
def more_columns(model):
    model.estimators_ = model.estimators_.reshape(1, 3)


@case("boosting", boosted, predict)
def wide_tree(model):
    model.n_features_in_ = 1


@case("boosting", boosted_classes, predict)
def first_answers_for_two(model):
    model.init_.class_prior_ = model.init_.class_prior_[:2]


@case("isolation", lambda: IsolationForest(n_estimators=3).fit(X), predict)
def member_of_more(model):
    model.estimators_[1] = IsolationForest(n_estimators=1).fit(rng.normal(size=(60, 9))).estimators_[0]


@case("embedding", lambda: RandomTreesEmbedding(n_estimators=3).fit(X), lambda model: model.transform(X))
def member_of_other_features(model):
    model.estimators_[1] = RandomTreesEmbedding(n_estimators=1).fit(rng.normal(size=(60, 9))).estimators_[0]


# ── Support vectors, centres ─────────────────────────────────────────────────────────────────────────

def vectors(**parameters):
    return lambda: SVC(**parameters).fit(X, Y)


for maker in (vectors(), vectors(probability=True), lambda: NuSVC(nu=0.3).fit(X, Y)):
    name = "vectors" + ("-probability" if maker().get_params().get("probability") else "") + ("-nu" if isinstance(maker(), NuSVC) else "")

    @case(name, maker, predict)
    def more_vectors(model):
        model._n_support = model._n_support + np.int32(100_000)

    @case(name, maker, predict)
    def no_classes(model):
        model._n_support = model._n_support[:0]

    @case(name, maker, predict)
    def fewer_factors(model):
        model._dual_coef_ = model._dual_coef_[:, :1].copy()

    @case(name, maker, predict)
    def fewer_intercepts(model):
        model._intercept_ = model._intercept_[:1].copy()


@case("vectors-probability", vectors(probability=True), lambda model: model.predict_proba(X))
def fewer_probabilities(model):
    model._probA = model._probA[:1].copy()


@case("vectors-computed", lambda: SVC(kernel="precomputed").fit(X @ X.T, Y), lambda model: model.predict(X @ X.T))
def column_beyond(model):
    model.support_ = model.support_ + np.int32(1 << 28)


@case("vectors-sparse", lambda: SVC().fit(sp.csr_matrix(X), Y), lambda model: model.predict(sp.csr_matrix(X)))
def fewer_sparse_factors(model):
    model._dual_coef_ = sp.csr_matrix(model._dual_coef_.shape)


@case("regression", lambda: SVR().fit(X, X[:, 0]), predict)
def rows_without_factors(model):
    model._dual_coef_ = model._dual_coef_[:, :1].copy()


@case("one-class", lambda: OneClassSVM().fit(X), predict)
def class_of_none(model):
    model.support_ = model.support_[:1].copy()


@case("centers", lambda: KMeans(2, n_init=1).fit(X), predict)
def no_threads(model):
    model._n_threads = -1


@case("centers", lambda: KMeans(2, n_init=1).fit(X), predict)
def narrow_centers(model):
    model.cluster_centers_ = model.cluster_centers_[:, :1].copy()


@case("vectors-computed", lambda: SVC(kernel="precomputed").fit(X @ X.T, Y), lambda model: model.predict(X @ X.T))
def shape_of_another_kind(model):
    model.shape_fit_ = list(model.shape_fit_)
    model.support_ = model.support_ + np.int32(1 << 28)


@case("regression", lambda: SVR().fit(X, X[:, 0]), predict)
def of_another_kind(model):
    model._impl = "c_svc"


@case("classifier", by_force, predict)
def label_of_no_class(model):
    model._y = model._y + 1_000_000


@case("classifier", by_force, predict)
def other_features(model):
    model._fit_X = model._fit_X[:, :1].copy()


@case("kdtree", lambda: KDTree(X), query)
def no_leaf_size(tree):
    tree.__setstate__((*tree.__getstate__()[:4], 0, *tree.__getstate__()[5:]))


@case("histogram", histogram, predict)
def predictors_of_another_kind(model):
    nodes(model)["feature_idx"][0] = 100_000_000
    model._predictors = collections.deque(model._predictors)


@case("histogram", histogram, predict)
def number_of_another_kind(model):
    model.n_features_in_ = fractions.Fraction(3)


@case("boosting", boosted_classes, predict)
def first_answers_of_another(model):
    model.init_ = DummyClassifier(strategy="uniform").fit(X, Y % 2)


# ── Triangles, grids, densities ──────────────────────────────────────────────────────────────────────

def triangles():
    return LinearNDInterpolator(X[:, :2], X[:, 2])


def interpolate(model):
    model(np.zeros((3, 2)))


@case("triangles", triangles, interpolate)
def corner_beyond(model):
    model.tri.simplices[:] = 1_000_000_000


@case("triangles", triangles, interpolate)
def neighbour_beyond(model):
    model.tri.neighbors[:] = 1_000_000_000


@case("triangles", triangles, interpolate)
def fewer_values(model):
    model.values = model.values[:1].copy()


@case("grid", lambda: RegularGridInterpolator((np.arange(3.0), np.arange(4.0)), np.ones((3, 4))), lambda model: model([[1.5, 2.5]]))
def fewer_crossings(model):
    model.values = model.values[:1].copy()


@case("density", lambda: gaussian_kde(X.T), lambda model: model(np.zeros((3, 1))))
def fewer_weights(model):
    model._weights = model._weights[:1].copy()


@case("surface", lambda: RectBivariateSpline(np.arange(8.0), np.arange(8.0), np.ones((8, 8))), lambda model: model(1.5, 2.5))
def fewer_knots(model):
    model.tck = (model.tck[0][:5].copy(), *model.tck[1:])


@case("clusters", lambda: Birch(n_clusters=2).fit(X), predict)
def fewer_norms(model):
    model._subcluster_norms = model._subcluster_norms[:0]


# ── Words, categories, columns ───────────────────────────────────────────────────────────────────────

for maker in (CountVectorizer, TfidfVectorizer):
    @case(maker.__name__.lower(), lambda maker=maker: maker().fit(WORDS), lambda model: model.transform(WORDS).toarray())
    def word_beyond(model):
        model.vocabulary_["cat"] = 1_000_000_000

    @case(maker.__name__.lower(), lambda maker=maker: maker().fit(WORDS), lambda model: model.transform(WORDS).toarray())
    def word_below(model):
        model.vocabulary_["cat"] = -1_000_000


@case("dict", lambda: DictVectorizer().fit([{"a": 1, "b": 2}]), lambda model: model.transform([{"a": 1}]).toarray())
def key_beyond(model):
    model.vocabulary_["a"] = 1_000_000_000


@case("hashing", lambda: FeatureHasher(8, input_type="string"), lambda model: model.transform([["a"]]))
def no_columns(model):
    model.n_features = 0


@case("one-hot", lambda: OneHotEncoder(handle_unknown="ignore").fit(COLORS), lambda model: model.transform(COLORS).toarray())
def fewer_columns(model):
    model._n_features_outs = [-1_000_000]


@case("categorical", lambda: pd.Categorical(["a", "b", "a"]), lambda column: np.asarray(column))
def code_beyond(column):
    column._ndarray[0] = 100


@case("categorical", lambda: pd.DataFrame({"c": pd.Categorical(["a", "b", "a"]), "x": [1, 2, 3]}), lambda frame: frame.c.astype(str))
def code_below(frame):
    frame["c"].array._ndarray[1] = -2


@case("categorical-large", lambda: pd.Categorical(np.array(["a", "b"])[rng.integers(0, 2, 40_000)]), lambda column: np.asarray(column))
def last_code_beyond(column):
    column._ndarray[-1] = 2


@case("masked", lambda: pd.array([1, 2, None], dtype="Int64"), lambda column: column.sum())
def shorter_mask(column):
    column._mask = column._mask[:1].copy()


@case("few", lambda: pd.arrays.SparseArray([0, 0, 1, 2]), lambda column: np.asarray(column))
def fewer_of_few(column):
    column._sparse_values = column._sparse_values[:1].copy()


# ── Others, in their order ───────────────────────────────────────────────────────────────────────────

import structure_learned  # noqa: E402,F401  These register their cases behind the ones above.
import structure_tables  # noqa: E402,F401
import structure_runs  # noqa: E402,F401
import structure_old  # noqa: E402,F401
import structure_answers  # noqa: E402,F401
import structure_passing  # noqa: E402,F401
import structure_used  # noqa: E402,F401

# ── Files ────────────────────────────────────────────────────────────────────────────────────────────

def pickled(protocol):
    def write(model, path):
        path.write_bytes(pickle.dumps(model, protocol))
    return write


FORMS = {"p2.pkl": pickled(2), "p4.pkl": pickled(4), "p5.pkl": pickled(5), "joblib": joblib.dump,
         "z.joblib": lambda model, path: joblib.dump(model, path, compress=3)}
SMALL = 8000
# Whoever needs more writes it `COMPRESSED`.
LARGEST = 8 << 20


def used(model, use):
    """How it ended to use a model, in a child: it may do anything."""
    ended = in_child(lambda: use(model), 10)
    return signal.Signals(-ended).name if ended < 0 else ("answer", "exception")[ended]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--use", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    entries = []
    for number, (label, make, change, use, kept) in enumerate(CASES):
        honest = make()
        use(honest)
        broken = copy.deepcopy(honest)
        change(broken)
        if options.use:
            print("%-40s %s" % (label, used(broken, use)))
        # The forms in turn, so that the repository keeps some of each.
        forms = [(form, write) for form, write in FORMS.items() if kept is None or form in kept]
        for form, write in forms if not options.small else [forms[number % len(forms)]]:
            names = ["%02d-%s.%s" % (number, what, form) for what in (label, "honest")]
            for model, name in zip((broken, honest), names):
                write(model, options.out / name)
                if (size := (options.out / name).stat().st_size) > LARGEST:
                    sys.exit("%s is of %d bytes: what is written here goes onto disks that others use" % (name, size))
            if options.small and (options.out / names[0]).stat().st_size > SMALL:
                for name in names:
                    (options.out / name).unlink()
                continue
            entries.append({"file": names[0], "family": "structure", "verdict": "refuse", "codes": ["structure-invalid"], "twin": names[1]})
            entries.append({"file": names[1], "family": "structure", "verdict": "accept", "codes": [], "twin": None})
    (options.out / "list.json").write_text(json.dumps(entries, indent=1) + "\n")
    print("%d files" % len(entries), file=sys.stderr)


if __name__ == "__main__":
    main()
