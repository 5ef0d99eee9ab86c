"""Models whose parts answer more or fewer rows, or other columns, than whoever asks them counts on, for `make_structure.py`."""
import numpy as np
import scipy.sparse as sp
from sklearn.cluster import FeatureAgglomeration
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier, KNeighborsTransformer, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MultiLabelBinarizer, OneHotEncoder
from sklearn.svm import SVC, SVR

from structure_case import case

rng = np.random.default_rng(3)
X = rng.random((300, 2))
Y = X @ [1.0, 2.0]
LABELS = (X > 0.5).astype(int)
COLORS = np.array([["red", 1], ["green", 2], ["blue", 1], ["red", 2]], dtype=object)


def functions(estimator):
    return make_pipeline(FunctionTransformer(np.log1p), estimator)


# ── What gradient boosting begins with ───────────────────────────────────────────────────────────────

def small(model, labels):
    """Without the random states of the fitting, which make most of the file."""
    model.fit(X[:30], labels[:30])
    model._rng = None
    for tree in model.estimators_.flat:
        tree.random_state = None
    return model


def boosted(init):
    return lambda: small(GradientBoostingRegressor(n_estimators=1, max_depth=1, init=init), Y)


def predict(model):
    model.predict(np.ones((200_000, 2)))


@case("first", boosted(DummyRegressor()), predict)
def no_outputs(model):
    model.init_.n_outputs_ = 0


@case("first", boosted(DummyRegressor()), predict)
def many_constants(model):
    model.init_.constant_ = np.zeros((1, 0))


@case("first-linear", boosted(SVR(kernel="linear", max_iter=1)), predict)
def no_coefficients(model):
    model.init_._dual_coef_ = np.zeros((0, 1))


@case("first-functions", boosted(functions(LinearRegression())), predict)
def one_row_of_all(model):
    model.init_[0].func, model.init_[0].kw_args = np.mean, {"axis": 0, "keepdims": True}


def of_two():
    return small(GradientBoostingClassifier(n_estimators=1, max_depth=1, init=functions(LogisticRegression())), LABELS[:, 0])


@case("first-two", of_two, predict)
def one_row_of_all_for_two(model):
    model.init_[0].func, model.init_[0].kw_args = np.mean, {"axis": 0, "keepdims": True}


# ── Several labels a row ─────────────────────────────────────────────────────────────────────────────

@case("labels", lambda: OneVsRestClassifier(functions(LogisticRegression())).fit(X, LABELS), lambda model: model.predict(X))
def repeated_rows(model):
    for member in model.estimators_:
        member[0].func, member[0].kw_args = np.repeat, {"repeats": 100, "axis": 0}


def labels():
    model = MultiLabelBinarizer().fit([("a", "b"), ("c",)])
    model.transform([("a",)])
    return model


@case("binarizer", labels, lambda model: model.transform([("c", "a")]))
def column_beyond(model):
    model._cached_dict["c"] = 50_000_000


@case("binarizer-classes", lambda: MultiLabelBinarizer().fit([("a", "b"), ("c",)]), lambda model: model.transform([("c", "a")]))
def one_class_twice(model):
    model.classes_ = np.array(["a", "a", "a", "c"], dtype=object)


# ── Neighbours ───────────────────────────────────────────────────────────────────────────────────────

@case("neighbors", lambda: NearestNeighbors(algorithm="brute").fit(X), lambda model: model.kneighbors_graph(X).toarray())
def fewer_neighbors(model):
    model.n_samples_fit_ = 2


@case("neighbors-tree", lambda: KNeighborsTransformer(algorithm="kd_tree").fit(X[:60]), lambda model: model.transform(X).toarray())
def another_tree(model):
    model._fit_X, model.n_samples_fit_ = X[:20], 20


# ── Columns ──────────────────────────────────────────────────────────────────────────────────────────

def encode(model):
    model.transform(np.repeat(COLORS, 300, axis=0)).toarray()


@case("one-hot-drop", lambda: OneHotEncoder(drop="first").fit(COLORS), encode)
def nothing_left_out(model):
    model._drop_idx_after_grouping = np.array([None, None], dtype=object)


@case("one-hot-drop", lambda: OneHotEncoder(drop="if_binary").fit(COLORS), encode)
def another_left_out(model):
    model._drop_idx_after_grouping = np.array([None, 1000], dtype=object)


@case("one-hot-rare", lambda: OneHotEncoder(drop="first", min_frequency=2).fit(np.repeat(COLORS, [2, 1, 1, 1], axis=0)), encode)
def one_behind_the_rare_left_out(model):
    model._drop_idx_after_grouping = np.array([2, 0], dtype=object)


# ── Others, in their order ───────────────────────────────────────────────────────────────────────────

@case("first-zero", boosted("zero"), predict)
def no_trees(model):
    model.n_trees_per_iteration_ = 0


def of_three():
    return small(GradientBoostingClassifier(n_estimators=1, max_depth=1), LABELS.sum(axis=1))


@case("first-three", of_three, predict)
def priors_of_nothing(model):
    model.init_.class_prior_ = np.zeros((3, 0))


@case("labels-prior", lambda: OneVsRestClassifier(DummyClassifier()).fit(X, LABELS), lambda model: model.predict(X[:1]))
def many_priors(model):
    for member in model.estimators_:
        member.class_prior_ = np.tile(member.class_prior_, (100, 1))


@case("hashing-flag", lambda: FeatureHasher(8), lambda model: model.transform([{"a": 1}]))
def no_number_of_columns(model):
    model.n_features = False


@case("binarizer-bytes", lambda: MultiLabelBinarizer().fit([(b"a", b"b"), (b"c",)]), lambda model: model.transform([(b"c", b"a")]))
def one_of_bytes_twice(model):
    model.classes_ = np.array([b"a", b"a", b"a", b"c"], dtype=object)


@case("binarizer-floats", lambda: MultiLabelBinarizer().fit([(0.0, 1.0), (5.0,)]), lambda model: model.transform([(5.0, 0.0)]))
def nothing_twice(model):
    model.classes_ = np.array([-0.0, 0.0, 5.0])


# More than a worker keeps, so that they are compared as they pass.
@case("binarizer-many", lambda: MultiLabelBinarizer().fit([range(2500)]), lambda model: model.transform([(2499,)] * 1000))
def one_of_many_twice(model):
    model.classes_[7] = 6


# ── More numbers for a row, or none ──────────────────────────────────────────────────────────────────

@case("labels-lines", lambda: OneVsRestClassifier(LogisticRegression()).fit(X, LABELS), lambda model: model.predict(X))
def many_lines_of_factors(model):
    member = model.estimators_[1]
    member.coef_ = np.repeat(member.coef_, 50, axis=0)


@case("labels-intercepts", lambda: OneVsRestClassifier(LogisticRegression()).fit(X, LABELS), lambda model: model.predict(X))
def many_intercepts(model):
    member = model.estimators_[0]
    member.intercept_ = np.repeat(member.intercept_, 50)


@case("neighbors-number", lambda: KNeighborsClassifier(algorithm="brute").fit(X, LABELS[:, 0]), lambda model: model.predict(X))
def one_number_for_all_rows(model):
    model._fit_X = np.array(1.5)


@case("groups", lambda: FeatureAgglomeration(2).fit(rng.random((30, 4))), lambda model: model.transform(np.ones((3, 4))))
def group_beyond(model):
    model.labels_ = np.full(4, 2**62)


def probable():
    return SVC(probability=True, random_state=0).fit(sp.csr_matrix(X[:30]), (X[:30].sum(axis=1) * 1.4).astype(int))


@case("probabilities", probable, lambda model: model.predict_proba(sp.csr_matrix(X)))
def no_second_numbers(model):
    model._probB = np.empty(0)
