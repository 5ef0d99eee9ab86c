"""What older versions of scikit-learn keep otherwise, beside what none keeps, for `make_structure.py`."""
import numpy as np
import scipy.sparse as sp
from sklearn.cluster import BisectingKMeans
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.neighbors import KDTree
from sklearn.svm import OneClassSVM, SVR

from structure_case import case

rng = np.random.default_rng(2)
X = rng.normal(size=(60, 3))
WHATEVER = np.array([-1163005939, 32765], dtype=np.int32)


def predict(model):
    """What `predict` calls: since 0.23 that compares the counts first."""
    model._dense_predict(X)


# ── Support vectors that are of no class: before 0.22 their counts were whatever was in memory ───────

for maker in (lambda: SVR().fit(X, X[:, 0]), lambda: OneClassSVM().fit(X)):
    def old(maker=maker):
        model = maker()
        model._n_support = WHATEVER.copy()
        return model

    @case("vectors-of-no-class", old, predict)
    def one_count(model):
        model._n_support = model._n_support[:1].copy()

    @case("vectors-of-no-class", old, predict)
    def no_counts(model):
        model._n_support = model._n_support[:0].copy()


# ── Clusters of sparse rows: the centre of all of them is a matrix of one row ────────────────────────

def bisected():
    return BisectingKMeans(3, n_init=1, random_state=0).fit(sp.csr_matrix(X))


def nearest(model):
    model.predict(sp.csr_matrix(X))


@case("bisected-sparse", bisected, nearest)
def narrow_parts(model):
    for part in (model._bisecting_tree.left, model._bisecting_tree.right):
        part.center = part.center[:1].copy()


@case("bisected-sparse", bisected, nearest)
def centers_of_many(model):
    model._bisecting_tree.center = np.asarray(model._bisecting_tree.center).repeat(3, axis=0)


# ── Boosting that was not fitted: before 0.19 it had no stages, and before them no numbers ───────────

for maker in (GradientBoostingClassifier, GradientBoostingRegressor):
    def without_stages(maker=maker):
        model = maker()
        model.estimators_ = np.empty((0, 0), dtype=object)
        return model

    @case("boosting-not-fitted", without_stages, lambda model: model.get_params())
    def stages_of_no_trees(model):
        model.estimators_ = np.empty((3, 0), dtype=object)


# ── Metrics without weights: 1.1 and 1.2 read weights that 1.0 does not keep ─────────────────────────

@case("minkowski", lambda: KDTree(X, metric="minkowski", p=3), lambda tree: tree.query(X, 2))
def weight_of_none(tree):
    metric = tree.__getstate__()[11]
    metric.__setstate__((3.0, np.zeros(1), np.zeros((1, 1))))
