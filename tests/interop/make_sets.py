"""Save small models of the libraries in named sets: `tests/data/sets/SET-KIND.pkl`, for each library that is installed here.

usage: python make_sets.py FOLDER
"""
from __future__ import print_function

import os
import pickle
import sys
import warnings

import numpy
import pandas

X = pandas.DataFrame(numpy.random.RandomState(0).rand(60, 3), columns=list("abc"))
Y = (X.a > 0.5).astype(int)
WORDS = pandas.DataFrame({"k": ["a", "b", "c"] * 20, "v": numpy.arange(60.0)})


def xgboost():
    import xgboost
    yield "classifier", xgboost.XGBClassifier(n_estimators=2, max_depth=2).fit(X, Y)
    yield "booster", xgboost.train({"max_depth": 2}, xgboost.DMatrix(X, Y), 2)


def lightgbm():
    import lightgbm
    yield "classifier", lightgbm.LGBMClassifier(n_estimators=2, min_child_samples=2, verbose=-1).fit(X, Y)
    yield "booster", lightgbm.train({"verbose": -1, "min_data_in_leaf": 2}, lightgbm.Dataset(X, Y), 2)


def catboost():
    import catboost
    quiet = {"iterations": 2, "depth": 2, "verbose": 0, "allow_writing_files": False}
    yield "classifier", catboost.CatBoostClassifier(**quiet).fit(X, Y)
    yield "regressor", catboost.CatBoostRegressor(**quiet).fit(X, X.a, eval_set=(X, X.a))


def imbalanced_learn():
    from imblearn.over_sampling import SMOTE
    from imblearn.pipeline import make_pipeline
    from sklearn.linear_model import LogisticRegression
    yield "pipeline", make_pipeline(SMOTE(random_state=0), LogisticRegression()).fit(X, Y)


def category_encoders():
    import category_encoders
    for name in ("OneHotEncoder", "TargetEncoder", "WOEEncoder", "MEstimateEncoder"):
        yield name, getattr(category_encoders, name)(cols=["k"]).fit(WORDS, Y)


def sklearn_pandas():
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn_pandas import DataFrameMapper
    yield "mapper", DataFrameMapper([(["v"], StandardScaler()), (["k"], [OneHotEncoder()])]).fit(WORDS)


def statsmodels():
    import statsmodels.api
    import statsmodels.formula.api
    constant = statsmodels.api.add_constant(X)
    yield "ols", statsmodels.api.OLS(X.a * 2 + X.b, constant).fit()
    yield "logit", statsmodels.api.Logit(Y, statsmodels.api.add_constant(X[["b", "c"]])).fit(disp=0)
    series = statsmodels.api.tsa.SARIMAX(X.a.values[:8], order=(1, 0, 0))
    series.fit(disp=0)
    yield "smoother", series.ssm._kalman_smoothers["d"]
    yield "formula", statsmodels.formula.api.ols("a ~ b + c", X).fit()


def dill():
    from dill import dumps
    if sys.version_info[0] == 2:
        for protocol in 0, 2:
            yield "python2_%d" % protocol, dumps(of_python2(), protocol)
        return
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    columns = ColumnTransformer([("n", StandardScaler(), ["v"]), ("c", OneHotEncoder(), ["k"])]).fit(WORDS)
    yield "columns", dumps(columns)
    yield "types", dumps({"types": [int, float, str], "slice": slice(1, 2), "array": numpy.array(["a", None], object)})


def of_python2():
    """Values whose types dill writes by the names that Python 2 has for them in `types`. Made with dill 0.2.4 and 0.3.5.1."""
    from collections import defaultdict
    from sklearn.preprocessing import StandardScaler
    kinds = [int, float, str, bool, complex, list, dict, tuple, set, slice, object, type(u""), type(1 << 99)]
    values = {"slice": slice(1, 2), "complex": 1j, "counts": defaultdict(list, a=[1]), "sums": defaultdict(int, a=1)}
    return dict(values, types=kinds, scaler=StandardScaler().fit(X.values))


def nltk():
    from nltk.probability import FreqDist
    yield "counts", {"label": FreqDist(["pos", "neg", "pos"]), "good": FreqDist({True: 3, False: 1})}


def hdbscan():
    from hdbscan.dist_metrics import DistanceMetric
    yield "distances", [DistanceMetric.get_metric("euclidean"), DistanceMetric.get_metric("minkowski", p=3)]


def optuna():
    from optuna.study import StudyDirection
    from optuna.trial import TrialState
    yield "states", {"states": [TrialState.COMPLETE, TrialState.FAIL], StudyDirection.MAXIMIZE: 1}


def prophet():
    from cmdstanpy.cmdstan_args import Method
    from stanio.reshape import VariableType
    yield "methods", {"method": Method.OPTIMIZE, "type": VariableType.SCALAR}


def chaid():
    from CHAID.invalid_split_reason import InvalidSplitReason
    yield "reason", {"reason": InvalidSplitReason.PURE_NODE, "again": InvalidSplitReason.MAX_DEPTH}


def lifelines():
    from lifelines.utils import CensoringType
    yield "censoring", {"type": CensoringType.RIGHT, "again": CensoringType.LEFT}


def sklearn_crfsuite():
    from sklearn_crfsuite import CRF
    words = [[{"word": "a", "bias": 1.0}, {"word": "b"}]] * 4
    yield "crf", CRF(algorithm="lbfgs", max_iterations=2).fit(words, [["A", "B"]] * 4)


def treeple():
    from treeple.tree import ObliqueDecisionTreeClassifier
    yield "tree", ObliqueDecisionTreeClassifier(max_depth=2, random_state=0).fit(X, Y).tree_


def main():
    warnings.simplefilter("ignore")
    if not os.path.isdir(sys.argv[1]):
        os.makedirs(sys.argv[1])
    libraries = xgboost, lightgbm, catboost, imbalanced_learn, category_encoders, sklearn_pandas, statsmodels, dill
    for make in libraries + (chaid, hdbscan, lifelines, nltk, optuna, prophet, sklearn_crfsuite, treeple):
        hyphens = "imbalanced_learn", "sklearn_crfsuite", "sklearn_pandas"
        library = make.__name__.replace("_", "-") if make.__name__ in hyphens else make.__name__
        try:
            for kind, value in make():
                data = value if isinstance(value, bytes) else pickle.dumps(value, 4)
                with open(os.path.join(sys.argv[1], "%s-%s.pkl" % (library, kind)), "wb") as file:
                    file.write(data)
        except ImportError as error:
            print("%s: %s" % (library, error), file=sys.stderr)


main()
