"""Fit estimators that are judged by their shapes alone, and save each in one of the ways people save them.

usage: python make_held.py OUT [--seed N] [--every-way]

The kinds are chosen for what they hold: each compiled loss, tree of neighbors, distance, kernel, optimizer, scorer, splitter
and sparse matrix stands in one of them. OUT/NAME.json says what stands in OUT/NAME.EXT and how it was saved; there are no
rows and answers. `--every-way` saves each in every protocol and compressor, without notes.
"""
import argparse
import json
import platform
import warnings
from operator import itemgetter
from pathlib import Path

import joblib
import numpy as np
import scipy
import sklearn
from scipy import sparse, stats
from sklearn import (calibration, cluster, compose, decomposition, discriminant_analysis, dummy, ensemble, feature_selection,
                     gaussian_process, impute, isotonic, linear_model, model_selection, multiclass, multioutput, naive_bayes,
                     neighbors, neural_network, preprocessing, svm)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_extraction import text
from sklearn.impute import IterativeImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from make_models import WAYS, Data, save

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
if VERSION < (1, 0):
    from sklearn.experimental import enable_hist_gradient_boosting  # noqa: F401


def kinds(d, seed):
    """name -> (estimator, X, y), lazily. Without X the estimator is fitted already."""
    kernels = gaussian_process.kernels
    r = dict(random_state=seed)
    X, y, t = d.X[:60], d.y[:60], d.X[:60, 2] + 0.5
    counts = np.round(X * 3).astype(int)
    words = (["good cheap phone", "bad phone", "cheap and good", "awful screen, bad sound", "good good sound",
             "not nice"] * 3, [1, 0, 1, 0, 1, 0] * 3)
    holes = X.copy()
    holes[::5, seed % 4] = np.nan
    boosted = dict(n_estimators=2, max_depth=2, **r)
    tree = DecisionTreeClassifier(max_depth=2, **r)
    grid = ({"max_depth": [1, 2]},)
    bayes = naive_bayes.GaussianNB()

    def histogram(kind, **more):
        return getattr(ensemble, "HistGradientBoosting" + kind)(max_iter=2, max_leaf_nodes=4, **dict(r, **more))

    def named(*names):
        """The first name of a loss that this version knows."""
        return names[0] if VERSION < (1, 1) else names[-1]

    def pandas_frame():
        import pandas as pd
        city = np.array(["Lyon", "Oslo", "S\u00e3o Paulo"])[np.arange(len(X)) % 3]
        return pd.DataFrame({"age": holes[:, 0], "income": X[:, 1], "city": city, "vip": X[:, 2] > 3, "left": X[:, 3]})

    def columns():
        numbers = make_pipeline(impute.SimpleImputer(), StandardScaler())
        parts = [("num", numbers, ["age", "income"]), ("cat", preprocessing.OneHotEncoder(handle_unknown="ignore"), ["city", "vip"])]
        return Pipeline([("pre", compose.ColumnTransformer(parts)), ("model", LogisticRegression())]), pandas_frame(), y

    def selected():
        parts = [("num", StandardScaler(), compose.make_column_selector(dtype_include=np.number)),
                 ("text", preprocessing.OrdinalEncoder(), compose.make_column_selector("^city$"))]
        return compose.ColumnTransformer(parts, remainder="passthrough"), pandas_frame().drop(columns="age"), None

    def sparse_logistic():
        return LogisticRegression(C=0.01, penalty="l1", solver="liblinear").fit(X, y > 0).sparsify(), None, None

    return {
        "adaboost": lambda: (ensemble.AdaBoostClassifier(n_estimators=3, **r), X, y),
        "adaboost_regressor": lambda: (ensemble.AdaBoostRegressor(n_estimators=2, **r), X, t),
        "bagging": lambda: (ensemble.BaggingClassifier(bayes, n_estimators=2, **r), X, y),
        "birch": lambda: (cluster.Birch(n_clusters=3), X, None),
        "boosting_binary": lambda: (ensemble.GradientBoostingClassifier(**boosted), X, y > 0),
        "boosting_classifier": lambda: (ensemble.GradientBoostingClassifier(**boosted), X, y),
        "boosting_exponential": lambda: (ensemble.GradientBoostingClassifier(loss="exponential", **boosted), X, y > 0),
        "boosting_huber": lambda: (ensemble.GradientBoostingRegressor(loss="huber", **boosted), X, t),
        "boosting_quantile": lambda: (ensemble.GradientBoostingRegressor(loss="quantile", alpha=0.3, **boosted), X, t),
        "boosting_regressor": lambda: (ensemble.GradientBoostingRegressor(**boosted), X, t),
        "boosting_absolute": lambda: (ensemble.GradientBoostingRegressor(loss=named("lad", "absolute_error"), **boosted), X, t),
        "calibrated": lambda: (calibration.CalibratedClassifierCV(bayes, cv=2), X, y),
        "calibrated_isotonic": lambda: (calibration.CalibratedClassifierCV(bayes, cv=2, method="isotonic"), X, y),
        "columns": columns,
        "columns_selected": selected,
        "count_bayes": lambda: (make_pipeline(text.CountVectorizer(), naive_bayes.MultinomialNB()), *words),
        "discriminant": lambda: (discriminant_analysis.LinearDiscriminantAnalysis(), X, y),
        "dummy": lambda: (dummy.DummyClassifier(strategy="prior"), X, y),
        "gaussian_process": lambda: (gaussian_process.GaussianProcessRegressor(**r), X[:8], t[:8]),
        "gaussian_process_classifier": lambda: (gaussian_process.GaussianProcessClassifier(kernels.RBF(), **r), X[:20], y[:20]),
        "gaussian_process_kernels": lambda: (gaussian_process.GaussianProcessRegressor(
            kernels.ConstantKernel() * kernels.Matern() + kernels.WhiteKernel() + kernels.DotProduct() ** 2 + kernels.RationalQuadratic()
            + kernels.ExpSineSquared() + kernels.PairwiseKernel(metric="rbf"), optimizer=None), X[:8], t[:8]),
        "generalized_poisson": lambda: (linear_model.PoissonRegressor(), X, np.round(t)),
        "histogram_absolute": lambda: (histogram("Regressor", loss=named("least_absolute_deviation", "absolute_error")), X, t),
        "histogram_binary": lambda: (histogram("Classifier"), X, y > 0),
        "histogram_categories": lambda: (histogram("Classifier", categorical_features=[0]), np.column_stack([y, X]), y),
        "histogram_classifier": lambda: (histogram("Classifier"), holes, y),
        "histogram_early": lambda: (histogram("Classifier", early_stopping=True), X, y),
        "histogram_gamma": lambda: (histogram("Regressor", loss="gamma"), X, t),
        "histogram_poisson": lambda: (histogram("Regressor", loss="poisson"), X, t),
        "histogram_quantile": lambda: (histogram("Regressor", loss="quantile", quantile=0.3), X, t),
        "histogram_regressor": lambda: (histogram("Regressor"), X, t),
        "imputer_iterative": lambda: (IterativeImputer(max_iter=1, **r), holes, None),
        "imputer_indicator": lambda: (impute.SimpleImputer(strategy="median", add_indicator=True), holes, None),
        "isolation_forest": lambda: (ensemble.IsolationForest(n_estimators=2, max_samples=16, **r), X, None),
        "isotonic": lambda: (isotonic.IsotonicRegression(out_of_bounds="clip"), X[:, 2], t),
        "kbins": lambda: (preprocessing.KBinsDiscretizer(3), X, None),
        "kernel_pca": lambda: (decomposition.KernelPCA(2, kernel="rbf"), X[:20], None),
        "kmeans": lambda: (cluster.KMeans(3, n_init=1, **r), X, None),
        "kmeans_batches": lambda: (cluster.MiniBatchKMeans(3, n_init=1, **r), X, None),
        "label_binarizer": lambda: (preprocessing.LabelBinarizer(sparse_output=True), d.species[:60], None),
        "lasso": lambda: (linear_model.Lasso(alpha=0.01), X, t),
        "lasso_path": lambda: (linear_model.LassoCV(cv=2), X, t),
        "multi_output": lambda: (multioutput.MultiOutputRegressor(linear_model.Ridge()), X[:, :2], X[:, 2:]),
        "naive_bernoulli": lambda: (naive_bayes.BernoulliNB(binarize=2.0), X, y),
        "neighbors_ball_haversine": lambda: (neighbors.KNeighborsRegressor(algorithm="ball_tree", metric="haversine"), X[:, :2] / 10, t),
        "neighbors_ball_weighted": lambda: (neighbors.KNeighborsClassifier(algorithm="ball_tree", metric="seuclidean",
            metric_params={"V": np.ones(4)}), X, y),
        "neighbors_brute": lambda: (neighbors.KNeighborsClassifier(algorithm="brute", metric="cosine"), X, y),
        "neighbors_density": lambda: (neighbors.KernelDensity(), X, None),
        "neighbors_kd": lambda: (neighbors.KNeighborsClassifier(3), X, y),
        "neighbors_kd_minkowski": lambda: (neighbors.KNeighborsClassifier(algorithm="kd_tree", p=3), X, y),
        "neighbors_outliers": lambda: (neighbors.LocalOutlierFactor(novelty=True, metric="chebyshev"), X, None),
        "neighbors_single": lambda: (neighbors.NearestNeighbors(algorithm="kd_tree", metric="manhattan"), X.astype(np.float32), None),
        "network_adam": lambda: (neural_network.MLPClassifier(hidden_layer_sizes=(4,), max_iter=5, **r), X, y),
        "network_sgd": lambda: (neural_network.MLPRegressor(hidden_layer_sizes=(3,), solver="sgd", max_iter=5, **r), X, t),
        "one_hot": lambda: (preprocessing.OneHotEncoder(handle_unknown="ignore"), counts, None),
        "one_hot_rest": lambda: (multiclass.OneVsRestClassifier(svm.LinearSVC()), X, y),
        "ordinal": lambda: (preprocessing.OrdinalEncoder(), d.species[:60].reshape(-1, 1), None),
        "pca": lambda: (decomposition.PCA(2, **r), X, None),
        "pca_truncated": lambda: (decomposition.TruncatedSVD(2, **r), sparse.csr_matrix(counts), None),
        "polynomial": lambda: (make_pipeline(preprocessing.PolynomialFeatures(2), linear_model.Ridge()), X, t),
        "quantiles": lambda: (preprocessing.QuantileTransformer(n_quantiles=9, **r), X, None),
        "scalers": lambda: (make_union(preprocessing.MinMaxScaler(), preprocessing.MaxAbsScaler(),
            preprocessing.RobustScaler(), preprocessing.Normalizer()), X, None),
        "search_grid": lambda: (model_selection.GridSearchCV(tree, *grid, cv=2), X, y),
        "search_random": lambda: (model_selection.RandomizedSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]},
            n_iter=2, cv=2, **r), X, y),
        "search_scored": lambda: (model_selection.GridSearchCV(tree, *grid, cv=model_selection.StratifiedKFold(2,
            shuffle=True, **r), scoring="f1_macro"), X, y),
        "search_scored_twice": lambda: (model_selection.GridSearchCV(tree, *grid, cv=model_selection.ShuffleSplit(2,
            **r), scoring=["accuracy", "neg_log_loss"], refit="accuracy"), X, y),
        "select_best": lambda: (make_pipeline(feature_selection.SelectKBest(feature_selection.f_classif, k=2), bayes), X, y),
        "sgd_epsilon": lambda: (linear_model.SGDRegressor(loss="epsilon_insensitive", **r), X, t),
        "sgd_hinge": lambda: (linear_model.SGDClassifier(**r), X, y),
        "sgd_huber": lambda: (linear_model.SGDRegressor(loss="huber", **r), X, t),
        "sgd_log": lambda: (linear_model.SGDClassifier(loss=named("log", "log_loss"), average=True, **r), X, y),
        "sgd_modified_huber": lambda: (linear_model.SGDClassifier(loss="modified_huber", **r), X, y > 0),
        "sgd_perceptron": lambda: (linear_model.Perceptron(**r), X, y),
        "sparse_logistic": sparse_logistic,
        "stacking": lambda: (ensemble.StackingClassifier([("a", bayes), ("b", tree)], cv=2), X, y),
        "tfidf_logistic": lambda: (make_pipeline(text.TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression()), *words),
        "vectors_linear": lambda: (svm.LinearSVC(max_iter=5000, **r), X, y),
        "vectors_rbf": lambda: (svm.SVC(C=2.0, **r), X, y),
        "vectors_regressor": lambda: (svm.SVR(), X, t),
        "vectors_sparse": lambda: (svm.SVC(kernel="linear"), sparse.csr_matrix(X), y),
        "voting": lambda: (ensemble.VotingClassifier([("a", bayes), ("b", tree)], voting="soft"), X, y),
        # What is looked up while it is read: methods, in what keeps functions.
        "histogram_scored": lambda: (histogram("Classifier", early_stopping=True, scoring="accuracy"), X, y),
        "items": lambda: (preprocessing.FunctionTransformer(itemgetter(0, 2), validate=False), X, None),
        "search_discrete": lambda: (model_selection.RandomizedSearchCV(tree, {"max_depth": stats.randint(1, 4),
            "min_impurity_decrease": stats.loguniform(1e-3, 1e-1)}, n_iter=2, cv=2, **r), X, y),
        "text_methods": lambda: (text.CountVectorizer(preprocessor=str.lower, tokenizer=str.split), *words),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every-way", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore")
    shift = VERSION[0] * 100 + VERSION[1] * 5 + options.seed
    made, skipped = 0, []
    for i, (name, kind) in enumerate(kinds(Data(options.seed), options.seed).items()):
        try:
            model, X, y = kind()
            if X is not None:
                model.fit(X, y) if y is not None else model.fit(X)
        except Exception as e:  # this version has no such thing
            skipped.append("%s (%s)" % (name, type(e).__name__))
            continue
        made += 1
        if options.every_way:
            for at, way in enumerate(WAYS):
                save(model, options.out, "%s.%d" % (name, at), way)
            continue
        way = WAYS[(i * 7 + shift) % len(WAYS)]
        path = save(model, options.out, name, way)
        about = {"file": path.name, "class": type(model).__module__ + "." + type(model).__name__,
                 "saved": {"with": way[0], "protocol": way[1], "compress": way[2]},
                 "versions": {"python": platform.python_version(), "scikit-learn": sklearn.__version__, "numpy": np.__version__,
                              "scipy": scipy.__version__, "joblib": joblib.__version__}}
        (options.out / (name + ".json")).write_text(json.dumps(about, separators=(",", ":")) + "\n", encoding="utf-8")
    print("scikit-learn %s: %d models%s" % (sklearn.__version__, made, "; not here: " + ", ".join(skipped) if skipped else ""))


if __name__ == "__main__":
    main()
