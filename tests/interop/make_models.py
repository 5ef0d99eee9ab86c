"""Fit small, honest scikit-learn models and save each in one of the ways people save them.

usage: python make_models.py OUT [--seed N]

For every kind of `KINDS` this writes OUT/NAME.EXT and OUT/NAME.json. The JSON says how the file was
made and keeps a few rows with what the fitted model answered for them, so that a reader in another
language can be checked against scikit-learn. Floats are written with repr: they read back to the bit.

    {"file", "class", "saved": {"with", "protocol", "compress"}, "versions": {…},
     "X": {"shape", "data"} or {"columns", "rows"},
     "answers": {METHOD: {"dtype", "shape", "data"} or {"outputs": [one of these an output]}}}

Ways to save rotate over the kinds and start elsewhere for each scikit-learn, so that the folders
together hold every protocol and every compressor; the last two kinds are always saved the same way.
"""
import argparse
import json
import pickle
import platform
import warnings
from pathlib import Path

import joblib
import numpy as np
import scipy
import sklearn
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import (ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier,
                              RandomForestRegressor)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import (DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier,
                          ExtraTreeRegressor)

METHODS = ("predict", "predict_proba", "decision_function", "transform")
ROWS = 6


class Data:
    """The few tables that all kinds are fitted on; small, so that the models are."""

    def __init__(self, seed):
        rng = np.random.RandomState(seed)
        X, y = load_iris(return_X_y=True)
        order = rng.permutation(len(X))
        self.X, self.y = X[order], y[order]
        self.species = np.array(["setosa", "versicolor", "virginica"])[self.y]
        self.is_virginica = self.y == 2
        two = self.y != 0
        self.X_two, self.y_two = self.X[two], self.y[two]
        self.y_pair = np.column_stack([self.y, (self.X[:, 0] > 5.8).astype(int)])
        self.y_text_pair = np.column_stack([self.species, np.where(self.X[:, 1] > 3, "wide", "narrow")])
        self.weight = rng.uniform(0.2, 2.0, len(X))
        D, t = load_diabetes(return_X_y=True)
        order = rng.permutation(len(D))[:120]
        self.D, self.t = D[order][:, :7], t[order]
        self.t_pair = np.column_stack([self.t, self.D[:, 2] * 3.5 + 1])
        self.X_holes = self.X.copy()
        self.X_holes[rng.uniform(size=X.shape) < 0.15] = np.nan
        self.D_holes = self.D.copy()
        self.D_holes[rng.uniform(size=self.D.shape) < 0.15] = np.nan
        self.X_single = self.X.astype(np.float32)
        self.X_flat = np.column_stack([self.X[:, :2], np.full(len(X), 4.25)])


def frame(d):
    import pandas as pd
    return pd.DataFrame(d.X, columns=["sepal length", "sepal width", "pétale", "petal_width"])


def kinds(d, seed):
    """name -> (estimator, X, y, fit parameters), lazily: one that this version can not make is skipped."""
    r = dict(random_state=seed)
    logistic = dict(max_iter=300)
    few = dict(n_estimators=3, max_depth=4)
    return {
        "tree_classifier": lambda: (DecisionTreeClassifier(**r), d.X, d.y),
        "tree_classifier_strings": lambda: (DecisionTreeClassifier(max_leaf_nodes=6, **r), d.X, d.species),
        "tree_classifier_bool": lambda: (DecisionTreeClassifier(max_depth=3, **r), d.X, d.is_virginica),
        "tree_classifier_balanced": lambda: (DecisionTreeClassifier(class_weight="balanced", min_samples_leaf=4, **r), d.X, d.y),
        "tree_classifier_weights": lambda: (DecisionTreeClassifier(class_weight={0: 1, 1: 2.5, 2: 0.5}, max_depth=4, **r), d.X, d.y),
        "tree_classifier_pair": lambda: (DecisionTreeClassifier(max_depth=4, **r), d.X, d.y_pair),
        "tree_classifier_text_pair": lambda: (DecisionTreeClassifier(max_depth=3, **r), d.X, d.y_text_pair),
        "tree_classifier_entropy": lambda: (DecisionTreeClassifier(criterion="entropy", max_features="sqrt", ccp_alpha=0.01, **r), d.X, d.y),
        "tree_classifier_holes": lambda: (DecisionTreeClassifier(max_depth=5, **r), d.X_holes, d.y),
        "tree_classifier_stump": lambda: (DecisionTreeClassifier(max_depth=1, **r), d.X, d.y),
        "tree_classifier_root_only": lambda: (DecisionTreeClassifier(min_samples_split=1000, **r), d.X, d.y),
        "tree_classifier_single": lambda: (DecisionTreeClassifier(max_depth=4, **r), d.X_single, d.y),
        "tree_regressor": lambda: (DecisionTreeRegressor(max_depth=5, **r), d.D, d.t),
        "tree_regressor_samples": lambda: (DecisionTreeRegressor(min_samples_split=9, min_samples_leaf=3, min_impurity_decrease=0.1, **r), d.D, d.t),
        "tree_regressor_pair": lambda: (DecisionTreeRegressor(max_depth=3, **r), d.D, d.t_pair),
        "tree_regressor_holes": lambda: (DecisionTreeRegressor(max_depth=5, **r), d.D_holes, d.t),
        "tree_regressor_monotonic": lambda: (DecisionTreeRegressor(max_depth=4, monotonic_cst=[0, 0, 1, 0, 0, 0, -1], **r), d.D, d.t),
        "extra_tree_classifier": lambda: (ExtraTreeClassifier(max_depth=5, **r), d.X, d.y),
        "extra_tree_classifier_pair": lambda: (ExtraTreeClassifier(max_depth=4, **r), d.X, d.y_pair),
        "extra_tree_regressor": lambda: (ExtraTreeRegressor(max_depth=5, **r), d.D, d.t),
        "extra_tree_regressor_pair": lambda: (ExtraTreeRegressor(max_depth=3, **r), d.D, d.t_pair),
        "extra_trees_classifier": lambda: (ExtraTreesClassifier(**dict(few, **r)), d.X, d.y),
        "extra_trees_classifier_strings": lambda: (ExtraTreesClassifier(bootstrap=True, **dict(few, **r)), d.X, d.species),
        "extra_trees_classifier_holes": lambda: (ExtraTreesClassifier(**dict(few, **r)), d.X_holes, d.y),
        "extra_trees_regressor": lambda: (ExtraTreesRegressor(**dict(few, **r)), d.D, d.t),
        "extra_trees_regressor_pair": lambda: (ExtraTreesRegressor(min_samples_leaf=2, **dict(few, **r)), d.D, d.t_pair),
        "forest_classifier": lambda: (RandomForestClassifier(**dict(few, **r)), d.X, d.y),
        "forest_classifier_two": lambda: (RandomForestClassifier(oob_score=True, **dict(few, n_estimators=6, **r)), d.X_two, d.y_two),
        "forest_classifier_strings": lambda: (RandomForestClassifier(class_weight="balanced_subsample", **dict(few, **r)), d.X, d.species),
        "forest_classifier_pair": lambda: (RandomForestClassifier(**dict(few, **r)), d.X, d.y_pair),
        "forest_classifier_text_pair": lambda: (RandomForestClassifier(**dict(few, **r)), d.X, d.y_text_pair),
        "forest_classifier_holes": lambda: (RandomForestClassifier(**dict(few, **r)), d.X_holes, d.y),
        "forest_classifier_weighted": lambda: (RandomForestClassifier(min_samples_leaf=3, **dict(few, **r)), d.X, d.y, {"sample_weight": d.weight}),
        "forest_classifier_state": lambda: (RandomForestClassifier(n_estimators=2, max_depth=3, random_state=np.random.RandomState(seed)), d.X, d.y),
        "forest_classifier_frame": lambda: (RandomForestClassifier(**dict(few, **r)), frame(d), d.species),
        "forest_regressor": lambda: (RandomForestRegressor(**dict(few, **r)), d.D, d.t),
        "forest_regressor_pair": lambda: (RandomForestRegressor(max_samples=0.5, **dict(few, **r)), d.D, d.t_pair),
        "forest_regressor_holes": lambda: (RandomForestRegressor(**dict(few, **r)), d.D_holes, d.t),
        "forest_regressor_samples": lambda: (RandomForestRegressor(max_leaf_nodes=7, max_features=0.5, min_samples_split=5, **dict(few, max_depth=None, **r)), d.D, d.t),
        "logistic": lambda: (LogisticRegression(**logistic), d.X, d.y),
        "logistic_strings": lambda: (LogisticRegression(C=0.3, fit_intercept=False, **logistic), d.X, d.species),
        "logistic_two": lambda: (LogisticRegression(**logistic), d.X_two, d.y_two),
        "logistic_bool": lambda: (LogisticRegression(class_weight="balanced", **logistic), d.X, d.is_virginica),
        "logistic_ovr": lambda: (LogisticRegression(multi_class="ovr", **logistic), d.X, d.y),
        "logistic_multinomial": lambda: (LogisticRegression(multi_class="multinomial", **logistic), d.X_two, d.y_two),
        "logistic_liblinear": lambda: (LogisticRegression(solver="liblinear", **logistic), d.X_two, d.y_two),
        "logistic_liblinear_three": lambda: (LogisticRegression(solver="liblinear", **logistic), d.X, d.y),
        "logistic_saga": lambda: (LogisticRegression(solver="saga", penalty="l1", max_iter=2000, **r), d.X, d.y),
        "logistic_frame": lambda: (LogisticRegression(**logistic), frame(d), d.y),
        "linear": lambda: (LinearRegression(), d.D, d.t),
        "linear_pair": lambda: (LinearRegression(), d.D, d.t_pair),
        "linear_no_intercept": lambda: (LinearRegression(fit_intercept=False), d.D, d.t),
        "linear_positive": lambda: (LinearRegression(positive=True), d.D, d.t),
        "scaler": lambda: (StandardScaler(), d.X, None),
        "scaler_no_mean": lambda: (StandardScaler(with_mean=False), d.X, None),
        "scaler_no_std": lambda: (StandardScaler(with_std=False), d.X, None),
        "scaler_nothing": lambda: (StandardScaler(with_mean=False, with_std=False), d.X, None),
        "scaler_flat_column": lambda: (StandardScaler(copy=False), d.X_flat.copy(), None),
        "scaler_holes": lambda: (StandardScaler(), d.X_holes, None),
        "scaler_single": lambda: (StandardScaler(), d.X_single, None),
        "scaler_frame": lambda: (StandardScaler(), frame(d), None),
        "pipeline_logistic": lambda: (make_pipeline(StandardScaler(), LogisticRegression(**logistic)), d.X, d.species),
        "pipeline_linear": lambda: (Pipeline([("scale", StandardScaler()), ("model", LinearRegression())]), d.D, d.t),
        "pipeline_forest": lambda: (Pipeline([("scale", StandardScaler()), ("model", RandomForestClassifier(**dict(few, **r)))]), d.X, d.y),
        "pipeline_tree": lambda: (make_pipeline(StandardScaler(with_mean=False), DecisionTreeRegressor(max_depth=4, **r)), d.D, d.t_pair),
        "pipeline_nested": lambda: (Pipeline([("front", Pipeline([("first", StandardScaler()), ("second", StandardScaler(with_std=False))])),
                                              ("model", LogisticRegression(**logistic))]), d.X, d.y),
        "pipeline_passthrough": lambda: (Pipeline([("nothing", "passthrough"), ("scale", StandardScaler()), ("model", LogisticRegression(**logistic))]), d.X, d.y),
        "pipeline_ends_in_passthrough": lambda: (Pipeline([("scale", StandardScaler()), ("model", "passthrough")]), d.X, None),
        "pipeline_scalers": lambda: (make_pipeline(StandardScaler(), StandardScaler(with_mean=False)), d.X, None),
        "pipeline_frame": lambda: (make_pipeline(StandardScaler(), ExtraTreesClassifier(**dict(few, **r))), frame(d), d.species),
        "iris_forest_compress_3": lambda: (RandomForestClassifier(n_estimators=10, max_depth=6, **r), d.X, d.y),
        "iris_forest_pickle": lambda: (RandomForestClassifier(n_estimators=4, max_depth=6, **r), d.X, d.y),
    }


# (tool, protocol, compress): None is the tool's own default.
WAYS = ([("pickle", p, None) for p in (0, 1, 2, 3, 4, 5)] +
        [("joblib", None, c) for c in (0, 3, True, ("zlib", 9), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3), ("lz4", 3))] +
        [("joblib", 2, 0), ("joblib", 0, ("gzip", 9)), ("joblib", 4, ("zlib", 1)), ("joblib", 5, 0)])
ALWAYS = {"iris_forest_compress_3": ("joblib", None, 3), "iris_forest_pickle": ("pickle", None, None)}
SUFFIX = {"zlib": ".z", "gzip": ".gz", "bz2": ".bz2", "xz": ".xz", "lzma": ".lzma", "lz4": ".lz4"}


def save(model, out, name, way):
    tool, protocol, compress = way
    if tool == "pickle":
        path = out / (name + ".pkl")
        with open(str(path), "wb") as f:
            pickle.dump(model, f) if protocol is None else pickle.dump(model, f, protocol=protocol)
        return path
    path = out / (name + ".joblib" + (SUFFIX[compress[0]] if isinstance(compress, tuple) else ""))
    joblib.dump(model, str(path), compress=compress, protocol=protocol)
    return path


def scalar(v):
    v = v.item() if hasattr(v, "item") else v
    return repr(v) if isinstance(v, float) else v


def table(a):
    if hasattr(a, "columns"):
        return {"columns": list(a.columns), "rows": [[scalar(v) for v in row] for row in a.itertuples(index=False)]}
    if isinstance(a, list):
        return {"outputs": [table(x) for x in a]}
    a = np.asarray(a)
    return {"dtype": str(a.dtype), "shape": list(a.shape), "data": [scalar(v) for v in a.ravel()]}


def answers(model, X):
    found = {}
    for method in METHODS:
        try:
            call = getattr(model, method, None)
        except Exception:  # some versions' available_if raises more than AttributeError
            call = None
        if call is not None:
            try:
                found[method] = table(call(X.copy()))
            except Exception as e:
                found[method] = {"error": type(e).__name__}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore")
    shift = int("".join(c for c in sklearn.__version__.rsplit(".", 1)[0] if c.isdigit())) * 5 + options.seed
    made, skipped = 0, []
    for i, (name, kind) in enumerate(kinds(Data(options.seed), options.seed).items()):
        try:
            model, X, y, *extra = kind()
            model.fit(X, y, **(extra[0] if extra else {}))
        except Exception as e:  # this version has no such thing
            skipped.append("%s (%s)" % (name, type(e).__name__))
            continue
        way = ALWAYS.get(name, WAYS[(i * 7 + shift) % len(WAYS)])
        path = save(model, options.out, name, way)
        rows = np.random.RandomState(options.seed + i).choice(len(X), ROWS, replace=False)
        rows = X.iloc[rows] if hasattr(X, "iloc") else X[rows]
        about = {"file": path.name, "class": type(model).__module__ + "." + type(model).__name__,
                 "saved": {"with": way[0], "protocol": way[1], "compress": way[2]},
                 "versions": {"python": platform.python_version(), "scikit-learn": sklearn.__version__, "numpy": np.__version__,
                              "scipy": scipy.__version__, "joblib": joblib.__version__},
                 "X": table(rows), "answers": answers(model, rows)}
        (options.out / (name + ".json")).write_text(json.dumps(about, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        made += 1
    print("scikit-learn %s: %d models%s" % (sklearn.__version__, made, "; not here: " + ", ".join(skipped) if skipped else ""))


if __name__ == "__main__":
    main()
