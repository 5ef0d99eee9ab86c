"""Make the models of tests/data/diff: a forest, a deeper one, one of fewer features and labels, and a scaler.

usage: make_diff.py FOLDER        with scikit-learn 1.9.1 (requirements-1.9.1.txt)
"""

import pickle
import sys

from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import StandardScaler

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
