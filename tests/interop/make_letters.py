"""Models whose labels and columns an older reader takes for opcodes: usage: python make_letters.py FOLDER

joblib before 1.2 takes the last bytes of a padded array for opcodes: of labels these are letters, of which `o` is a call, `r` an index of
the memo, and `b` gives a state. Which letter it comes to goes by the padding, and that by what stands before the array, so each set of
labels is learned by several estimators. Of models that were fitted on a table with named columns, one `Unpickler` on the
array of names and what follows takes other entries of the memo. The last bytes of series of numbers are opcodes too: each
of these seeds comes to another one. Made with scikit-learn 1.6.1 and joblib 1.4 for tests/data/letters.
"""
import os
import sys

import joblib
import numpy
import pandas
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LarsCV, LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import NearestCentroid
from sklearn.tree import DecisionTreeClassifier

LABELS = [["bad", "good"], ["cat", "dog"], ["fake", "real"], ["a", "b"], ["Barb", "Bob"], ["attack", "normal"]]

# Something is appended to blocks, and to an array; a list is called with an array; blocks and a list get an item. Then: room is made for more bytes than
# there is memory, an array is given a number for its state, an index of equal steps is made, a list gets an item before
# another wrapper is made, an index of the memo is no number, a text is read as far as the middle of what follows.
SERIES = [117, 209, 1031, 1041, 1059, 1515, 2269, 2271, 5229, 2017, 2551, 2523]


def table(columns, seed=0, rows=24):
    values = numpy.random.default_rng(seed).random((rows, columns)).round(2)
    return pandas.DataFrame(values, columns=["x%d" % column for column in range(columns)])


def models():
    for labels in LABELS:
        y = numpy.array(labels)[[0, 1] * 12]
        for model in (BernoulliNB(), DecisionTreeClassifier(max_depth=2, random_state=0), GaussianNB(), LogisticRegression(), NearestCentroid(), RidgeClassifier()):
            yield "%s-%s" % ("-".join(labels), type(model).__name__), model.fit(table(5).to_numpy(), y)
    yield "columns-IsolationForest", IsolationForest(n_estimators=2, random_state=42).fit(table(6))
    for seed in SERIES:
        yield "series-%d" % seed, pandas.Series(numpy.random.RandomState(seed).randn(2 + seed % 50))
    yield "columns-LarsCV", LarsCV(cv=2, max_n_alphas=5).fit(table(3), table(1, 1)["x0"])


if __name__ == "__main__":
    for name, model in models():
        joblib.dump(model, os.path.join(sys.argv[1], name + ".joblib"))
