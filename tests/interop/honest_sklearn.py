"""Kinds of what scikit-learn's estimators hold that people really save; see honest_kinds.py."""
import functools
import operator
import tempfile

import numpy as np
import sklearn
from sklearn import base, feature_selection, linear_model, metrics, model_selection, neighbors, pipeline, preprocessing, svm
from sklearn.ensemble import RandomForestClassifier
from sklearn.utils.validation import check_memory

KINDS = []
ROWS = np.random.RandomState(0).rand(40, 3)
LABELS = (ROWS[:, 0] > 0.5).astype(int)


def each(prefix, makers):
    """Registers several makers, `{name: maker}`."""
    for name in sorted(makers):
        KINDS.append(("%s.%s" % (prefix, name), makers[name]))


def module(name):
    return __import__(name, fromlist=["x"])


def fitted(make):
    return lambda: make().fit(ROWS, LABELS)


def function(f, **options):
    return lambda: preprocessing.FunctionTransformer(f() if isinstance(f, type(lambda: 0)) else f, **options).fit(ROWS)


def knn(**options):
    return fitted(lambda: neighbors.KNeighborsClassifier(**options))


def distance(name):
    return lambda: getattr(module("scipy.spatial.distance"), name)


def pairwise(name):
    return lambda: getattr(metrics.pairwise, name)


METRICS = [
    "pairwise_distances", "pairwise_kernels", "cosine_distances", "cosine_similarity", "euclidean_distances", "manhattan_distances",
    "rbf_kernel", "linear_kernel", "polynomial_kernel", "laplacian_kernel", "sigmoid_kernel", "chi2_kernel", "haversine_distances",
    "pairwise_distances_argmin", "pairwise_distances_argmin_min", "distance_metrics", "kernel_metrics", "paired_distances",
]
each("pairwise", {name: pairwise(name) for name in METRICS})
each("pairwise", {
    "partial": lambda: functools.partial(metrics.pairwise.pairwise_distances, metric="cosine"),
    "partial-rbf": lambda: functools.partial(metrics.pairwise.rbf_kernel, gamma=0.1),
    "transformer": lambda: preprocessing.FunctionTransformer(metrics.pairwise.pairwise_distances),
    "transformer-kw": lambda: preprocessing.FunctionTransformer(metrics.pairwise.pairwise_distances, kw_args={"metric": "cosine"}),
    "transformer-table": lambda: preprocessing.FunctionTransformer(module("pandas").DataFrame),
    "transformer-matrix": lambda: preprocessing.FunctionTransformer(module("scipy.sparse").csr_matrix, validate=False),
    "svm-kernel": lambda: svm.SVC(kernel=metrics.pairwise.rbf_kernel).fit(ROWS, LABELS),
    "svm-kernel-partial": lambda: svm.SVC(kernel=functools.partial(metrics.pairwise.rbf_kernel, gamma=0.1)).fit(ROWS, LABELS),
})
each("neighbors", {
    "kd-tree": lambda: neighbors.KDTree(ROWS),
    "ball-tree": lambda: neighbors.BallTree(ROWS),
    "ball-tree-haversine": lambda: neighbors.BallTree(ROWS[:, :2], metric="haversine"),
    "ball-tree-function": lambda: neighbors.BallTree(ROWS, metric=distance("cosine")()),
    "ball-tree-euclidean-function": lambda: neighbors.BallTree(ROWS, metric=distance("euclidean")()),
    "knn-function": lambda: knn(metric=distance("cosine")())(),
    "knn-function-brute": lambda: knn(metric=distance("cosine")(), algorithm="brute")(),
    "knn-function-ball": lambda: knn(metric=distance("braycurtis")(), algorithm="ball_tree")(),
    "knn-pyfunc": lambda: knn(metric="pyfunc", algorithm="ball_tree", metric_params={"func": distance("cosine")()})(),
    "knn-minkowski-3": lambda: knn(p=3)(),
    "knn-mahalanobis": lambda: knn(metric="mahalanobis", metric_params={"VI": np.eye(3)}, algorithm="ball_tree")(),
    "knn-seuclidean": lambda: knn(metric="seuclidean", metric_params={"V": np.ones(3)})(),
    "knn-wminkowski": lambda: knn(metric="minkowski", metric_params={"w": np.ones(3)})(),
    "knn-weights-function": lambda: knn(weights=np.reciprocal)(),
    "knn-kdtree": lambda: knn(algorithm="kd_tree")(),
    "kernel-density": fitted(lambda: neighbors.KernelDensity()),
    "lof": fitted(lambda: neighbors.LocalOutlierFactor(novelty=True)),
    "distance-metric": lambda: module("sklearn.metrics").DistanceMetric.get_metric("euclidean"),
    "distance-metric-old": lambda: neighbors.DistanceMetric.get_metric("haversine"),
    "distance-metric-pyfunc": lambda: module("sklearn.metrics").DistanceMetric.get_metric("pyfunc", func=distance("cosine")()),
    "nearest-centroid": fitted(lambda: neighbors.NearestCentroid()),
    "nca": fitted(lambda: neighbors.NeighborhoodComponentsAnalysis()),
})


def ensemble(name, **options):
    return getattr(module("sklearn.ensemble"), name)(random_state=0, **options)


def table_with_labels():
    """Rows of a table, and which of three texts each is."""
    pandas = module("pandas")
    return pandas.DataFrame(ROWS, columns=["a", "b", "c"]), pandas.Series(np.array(["low", "middle", "high"])[(ROWS[:, 0] * 3).astype(int)])


def three():
    return (ROWS[:, 0] * 3).astype(int)


each("ensemble", {
    "hist-labels-of-a-table": lambda: ensemble("HistGradientBoostingClassifier", max_iter=2).fit(*table_with_labels()),
    "boosting-labels-of-a-table": lambda: ensemble("GradientBoostingClassifier", n_estimators=2).fit(*table_with_labels()),
    "boosting-from-a-pipeline": lambda: ensemble("GradientBoostingClassifier", n_estimators=2, init=pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression())).fit(ROWS, three()),
    "boosting-from-a-search": lambda: ensemble("GradientBoostingClassifier", n_estimators=2, init=model_selection.GridSearchCV(linear_model.LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)).fit(ROWS, three()),
    "forest-oob-function": fitted(lambda: ensemble("RandomForestClassifier", n_estimators=20, bootstrap=True, oob_score=metrics.accuracy_score)),
    "stacking": fitted(lambda: module("sklearn.ensemble").StackingClassifier([("a", linear_model.LogisticRegression()), ("b", svm.SVC())], cv=2)),
    "stacking-method": fitted(lambda: module("sklearn.ensemble").StackingClassifier([("a", linear_model.LogisticRegression())], cv=2, stack_method="predict_proba")),
    "chain": lambda: module("sklearn.multioutput").ClassifierChain(linear_model.LogisticRegression()).fit(ROWS, np.c_[LABELS, 1 - LABELS]),
    "threshold": fitted(lambda: model_selection.FixedThresholdClassifier(linear_model.LogisticRegression(), response_method="predict_proba")),
    "embedding-affinity": lambda: module("sklearn.manifold").SpectralEmbedding(affinity=metrics.pairwise.rbf_kernel).fit(ROWS),
    "neighbors-jensenshannon": fitted(lambda: neighbors.KNeighborsClassifier(metric=module("scipy.spatial.distance").jensenshannon)),
    "neighbors-mahalanobis": fitted(lambda: neighbors.KNeighborsClassifier(metric="mahalanobis", metric_params={"VI": np.eye(3)}, algorithm="brute")),
    "neighbors-seuclidean": fitted(lambda: neighbors.KNeighborsClassifier(metric="seuclidean", metric_params={"V": np.ones(3)}, algorithm="brute")),
    "imputer-indicator": lambda: module("sklearn.impute").SimpleImputer(add_indicator=True).fit(np.where(ROWS > 0.9, np.nan, ROWS)),
})
each("function", {
    "numpy": function(np.log1p),
    "inverse": function(np.log1p, inverse_func=np.expm1),
    "numpy-mean": function(np.prod),
    "attrgetter": function(operator.attrgetter("real")),
    "methodcaller": function(operator.methodcaller("astype", "float32")),
    "methodcaller-plain": function(operator.methodcaller("copy")),
    "itemgetter": function(operator.itemgetter(0)),
    "partial": function(functools.partial(np.power, 2)),
    "attrgetter-values": function(operator.attrgetter("T")),
    "keywords": function(np.clip, kw_args={"a_min": 0.1, "a_max": 0.9}),
    "keywords-number": function(np.nan_to_num, kw_args={"nan": 1.0}),
    "partial-clip": function(functools.partial(np.clip, a_min=0, a_max=1)),
    "np-sqrt": function(np.sqrt),
    "np-square-inverse": function(np.sqrt, inverse_func=np.square),
    "np-nan-to-num": function(np.nan_to_num),
    "scipy-expit": lambda: preprocessing.FunctionTransformer(module("scipy.special").expit),
    "bool-mask": function(np.isnan),
})
each("select", {
    "k-best": fitted(lambda: feature_selection.SelectKBest(feature_selection.f_classif, k=2)),
    "k-best-mutual": fitted(lambda: feature_selection.SelectKBest(feature_selection.mutual_info_classif, k=2)),
    "k-best-partial": fitted(lambda: feature_selection.SelectKBest(functools.partial(feature_selection.mutual_info_classif, random_state=0), k=2)),
    "from-model": fitted(lambda: feature_selection.SelectFromModel(RandomForestClassifier(3, random_state=0))),
    "from-model-prefit": lambda: feature_selection.SelectFromModel(RandomForestClassifier(3, random_state=0).fit(ROWS, LABELS), prefit=True),
    "from-model-linear": fitted(lambda: feature_selection.SelectFromModel(svm.LinearSVC(C=0.1, penalty="l1", dual=False))),
    "from-model-threshold": fitted(lambda: feature_selection.SelectFromModel(RandomForestClassifier(3), threshold="1.25*mean")),
    "from-model-attrgetter": fitted(lambda: feature_selection.SelectFromModel(svm.LinearSVC(), importance_getter="coef_")),
    "rfe": fitted(lambda: feature_selection.RFE(linear_model.LogisticRegression(), n_features_to_select=2)),
    "rfecv": fitted(lambda: feature_selection.RFECV(linear_model.LogisticRegression(), cv=3)),
    "rfe-getter-function": fitted(lambda: feature_selection.RFE(svm.SVC(kernel="linear"), importance_getter=operator.attrgetter("coef_"))),
    "sequential": fitted(lambda: feature_selection.SequentialFeatureSelector(linear_model.LogisticRegression(), n_features_to_select=2, cv=2)),
})
each("search", {
    "grid": fitted(lambda: model_selection.GridSearchCV(linear_model.LogisticRegression(), {"C": [0.1, 1.0]}, cv=3)),
    "grid-scoring": fitted(lambda: model_selection.GridSearchCV(linear_model.LogisticRegression(), {"C": [0.1, 1.0]}, cv=3, scoring="roc_auc")),
    "grid-scorer": fitted(lambda: model_selection.GridSearchCV(linear_model.LogisticRegression(), {"C": [0.1]}, cv=3, scoring=metrics.make_scorer(metrics.f1_score, average="macro"))),
    "grid-multi": fitted(lambda: model_selection.GridSearchCV(linear_model.LogisticRegression(), {"C": [0.1]}, cv=3, scoring=["accuracy", "f1"], refit="f1")),
    "grid-cv": fitted(lambda: model_selection.GridSearchCV(linear_model.LogisticRegression(), {"C": [0.1]}, cv=model_selection.RepeatedStratifiedKFold(n_splits=2, n_repeats=2))),
    "grid-functions": fitted(lambda: model_selection.GridSearchCV(pipeline.Pipeline([("k", feature_selection.SelectKBest(k=1)), ("m", linear_model.LogisticRegression())]), {"k__score_func": [feature_selection.f_classif, feature_selection.mutual_info_classif]}, cv=3)),
    "random-functions": fitted(lambda: model_selection.RandomizedSearchCV(pipeline.Pipeline([("f", preprocessing.FunctionTransformer(validate=False)), ("m", linear_model.LogisticRegression())]), {"f__func": [np.abs, np.square]}, n_iter=2, cv=3)),
    "pipeline-memory": fitted(lambda: pipeline.Pipeline([("s", preprocessing.StandardScaler()), ("m", linear_model.LogisticRegression())], memory=check_memory(None))),
    "grid-estimators": fitted(lambda: model_selection.GridSearchCV(pipeline.Pipeline([("m", svm.SVC())]), [{"m": [svm.SVC(), linear_model.LogisticRegression()]}], cv=2)),
    "grid-times": fitted(lambda: model_selection.GridSearchCV(linear_model.Ridge(), {"alpha": np.logspace(-2, 2, 3)}, cv=model_selection.TimeSeriesSplit(3))),
    "grid-generator": fitted(lambda: model_selection.GridSearchCV(linear_model.Ridge(), {"alpha": [1.0]}, cv=list(model_selection.KFold(2).split(ROWS)))),
    "random": fitted(lambda: model_selection.RandomizedSearchCV(linear_model.LogisticRegression(), {"C": module("scipy.stats").uniform(0.1, 1)}, n_iter=2, cv=2, random_state=0)),
    "halving": lambda: (module("sklearn.experimental.enable_halving_search_cv"), model_selection.HalvingGridSearchCV(linear_model.LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(ROWS, LABELS))[1],
    "scorers": lambda: [metrics.get_scorer("accuracy"), metrics.get_scorer("neg_mean_squared_error")],
    "scorer-partial": lambda: metrics.make_scorer(functools.partial(metrics.fbeta_score, beta=2)),
    "param-grid": lambda: model_selection.ParameterGrid({"a": [1, 2]}),
    "param-sampler": lambda: model_selection.ParameterSampler({"a": [1, 2]}, 2, random_state=0),
    "results": lambda: model_selection.cross_validate(linear_model.Ridge(), ROWS, LABELS, cv=3, return_estimator=True),
    "split-list": lambda: list(model_selection.KFold(3).split(ROWS)),
    "learning-curve": lambda: model_selection.learning_curve(linear_model.Ridge(), ROWS, LABELS, cv=3),
})


def with_callbacks(names):
    def make():
        callbacks = module("sklearn.callback")
        return linear_model.LogisticRegression().set_callbacks([getattr(callbacks, name)() for name in names]).fit(ROWS, LABELS)
    return make


each("callbacks", {
    "progress": with_callbacks(["ProgressBar"]),
    "scoring": lambda: linear_model.LogisticRegression().set_callbacks(module("sklearn.callback").ScoringMonitor(scoring="accuracy")).fit(ROWS, LABELS),
    "object": lambda: module("sklearn.callback").ProgressBar(),
})
each("sklearn", {
    "bunch": lambda: module("sklearn.datasets").load_iris(),
    "classification-report": lambda: metrics.classification_report(LABELS, LABELS, output_dict=True),
    "confusion": lambda: metrics.confusion_matrix(LABELS, LABELS),
    "roc-display": lambda: metrics.RocCurveDisplay(fpr=np.array([0, 1.0]), tpr=np.array([0, 1.0])),
    "clone": lambda: base.clone(RandomForestClassifier()),
    "class": lambda: RandomForestClassifier,
    "class-dict": lambda: {"svc": svm.SVC, "rf": RandomForestClassifier},
    "config": lambda: sklearn.get_config(),
    "tfidf": lambda: module("sklearn.feature_extraction.text").TfidfVectorizer(tokenizer=str.split, token_pattern=None).fit(["a b", "b c"]),
    "tfidf-lower": lambda: module("sklearn.feature_extraction.text").TfidfVectorizer(preprocessor=str.lower).fit(["aa bb", "bb cc"]),
    "count-stop": lambda: module("sklearn.feature_extraction.text").CountVectorizer(stop_words=["a"]).fit(["aa bb", "bb cc"]),
    "hashing": lambda: module("sklearn.feature_extraction.text").HashingVectorizer(),
    "dict-vectorizer": lambda: module("sklearn.feature_extraction").DictVectorizer().fit([{"a": 1}]),
    "column-transformer": lambda: module("sklearn.compose").ColumnTransformer([("a", preprocessing.StandardScaler(), [0]), ("b", "passthrough", slice(1, 3))]).fit(ROWS),
    "column-getter": lambda: module("sklearn.compose").ColumnTransformer([("a", preprocessing.StandardScaler(), operator.itemgetter(0))]),
    "column-selector": lambda: module("sklearn.compose").make_column_selector(dtype_include=np.number),
    "gp": lambda: module("sklearn.gaussian_process").GaussianProcessRegressor().fit(ROWS, LABELS),
    "gp-kernel-function": lambda: module("sklearn.gaussian_process").GaussianProcessRegressor(optimizer=None).fit(ROWS, LABELS),
    "kernel-ridge-function": lambda: module("sklearn.kernel_ridge").KernelRidge(kernel=metrics.pairwise.rbf_kernel).fit(ROWS, LABELS),
    "dbscan-metric": lambda: module("sklearn.cluster").DBSCAN(metric=metrics.pairwise.cosine_distances).fit(ROWS),
    "agglomerative-pooling": lambda: module("sklearn.cluster").FeatureAgglomeration(pooling_func=np.median).fit(ROWS),
    "umap-metric": lambda: module("sklearn.manifold").MDS(n_init=1).fit(ROWS),
    "isotonic": lambda: module("sklearn.isotonic").IsotonicRegression(out_of_bounds="clip").fit(ROWS[:, 0], LABELS),
    "spline-transformer": lambda: preprocessing.SplineTransformer().fit(ROWS),
    "calibrated": fitted(lambda: module("sklearn.calibration").CalibratedClassifierCV(svm.LinearSVC(), cv=3)),
    "pipeline-memory": lambda: pipeline.Pipeline([("a", preprocessing.StandardScaler()), ("b", svm.SVC())], memory=None).fit(ROWS, LABELS),
    "pipeline-stored": lambda: pipeline.Pipeline([("b", svm.SVC())], memory=module("joblib").Memory(tempfile.gettempdir())),
    "pipeline-cached": lambda: pipeline.Pipeline([("a", preprocessing.StandardScaler()), ("b", svm.SVC())], memory="/tmp/cache").fit(ROWS, LABELS),
    "feature-union": lambda: pipeline.FeatureUnion([("a", preprocessing.StandardScaler()), ("b", preprocessing.MinMaxScaler())]).fit(ROWS),
    "stacking": fitted(lambda: module("sklearn.ensemble").StackingClassifier([("a", svm.SVC()), ("b", linear_model.LogisticRegression())], cv=2)),
    "voting": fitted(lambda: module("sklearn.ensemble").VotingClassifier([("a", svm.SVC()), ("b", linear_model.LogisticRegression())])),
    "tree-class-dict": fitted(lambda: RandomForestClassifier(3, class_weight={0: 1.0, 1: 2.0})),
    "warning": lambda: module("sklearn.exceptions").ConvergenceWarning("no"),
    "not-fitted": lambda: module("sklearn.exceptions").NotFittedError("no"),
    "tags": lambda: module("sklearn.utils").get_tags(svm.SVC()),
    "metadata": lambda: linear_model.LogisticRegression().set_fit_request(sample_weight=True),
    "set-output": lambda: preprocessing.StandardScaler().set_output(transform="pandas").fit(ROWS),
    "random-projection": fitted(lambda: module("sklearn.random_projection").GaussianRandomProjection(2)),
    "transformed-target": fitted(lambda: module("sklearn.compose").TransformedTargetRegressor(linear_model.LinearRegression(), func=np.log1p, inverse_func=np.expm1)),
    "one-class": fitted(lambda: svm.OneClassSVM()),
})
