"""Make the models of tests/data/diff: a forest, a deeper one, one of fewer features and labels, and a scaler; and pairs of models that
differ in parameters of what is in them, with what `get_params` says to that (parameters.json).

usage: make_diff.py FOLDER        with scikit-learn 1.9.1 (requirements-1.9.1.txt)
"""

import json
import pickle
import sys

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

X, y = load_iris(return_X_y=True)
models = {
    "shallow": RandomForestClassifier(2, max_depth=2, random_state=0).fit(X, y),
    "deep": RandomForestClassifier(3, max_depth=None, criterion="entropy", random_state=0).fit(X, y),
    "narrow": RandomForestClassifier(2, max_depth=2, random_state=0).fit(X[:100, :3], y[:100]),
    "scaler": StandardScaler().fit(X[:, :3]),
}
for name, model in models.items():
    with open(f"{sys.argv[1]}/{name}.pkl", "wb") as file:
        pickle.dump(model, file, 4)


def steps(with_mean, clip, whiten, strength):
    columns = [("scale", StandardScaler(with_mean=with_mean), [0, 1]), ("rest", Pipeline([("range", MinMaxScaler(clip=clip))]), [2, 3])]
    union = FeatureUnion([("components", PCA(2, whiten=whiten, random_state=0)), ("best", SelectKBest(k=2))])
    return Pipeline([("columns", ColumnTransformer(columns)), ("union", union), ("model", LogisticRegression(C=strength))])


def search(shrinking, most):
    return GridSearchCV(SVC(shrinking=shrinking), {"C": np.logspace(-1, most, 3)}, cv=2)


def vote(depth):
    return VotingClassifier([("tree", DecisionTreeClassifier(max_depth=depth, random_state=0)), ("line", LogisticRegression())])


def words(last):
    stop = [f"word{number}" for number in range(300)] + [last]
    return Pipeline([("count", CountVectorizer(stop_words=stop)), ("bayes", MultinomialNB())])


def fitted(pair, *data):
    return [model.fit(*data) for model in pair]


pairs = {
    "steps": fitted([steps(True, False, False, 1.0), steps(False, True, True, np.float64(2.0))], X, y),
    "search": fitted([search(True, 0), search(False, 1)], X, y),
    "vote": fitted([vote(2), vote(3)], X, y),
    "words": fitted([words("this"), words("that")], ["good one", "bad one", "good"], [1, 0, 1]),
}
differ = {}
for name, pair in pairs.items():
    for model, which in zip(pair, "ab", strict=True):
        with open(f"{sys.argv[1]}/{name}-{which}.pkl", "wb") as file:
            pickle.dump(model, file, 4)
    one, other = (model.get_params(deep=True) for model in pair)
    # An estimator differs where a parameter of it does, which has a name of its own.
    plain = [key for key in one if not hasattr(one[key], "get_params") and not isinstance(one[key], list | tuple) or "stop_words" in key]
    differ[name] = sorted(key for key in plain if repr(one[key]) != repr(other[key]))
with open(f"{sys.argv[1]}/parameters.json", "w") as file:
    json.dump(differ, file, indent=1)
    file.write("\n")
