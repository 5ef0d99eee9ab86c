"""Trees as a machine of 32 bits saves them, and what the same ones of 64 bits answer: usage: python make_bits.py FOLDER

`npy_intp` has four bytes there, so that a tree's children and features are `<i4`, and its nodes end where they end (`sklearn/tree/_tree.pxd`, `Node`;
`common.pxd` of the gradient boosting with histograms). scikit-learn 1.3 and later read them on 64 bits (`_check_node_ndarray`): each file that is
written here was loaded again, and answered the same. Made with scikit-learn 1.6.1 for tests/data/bits.
"""
import json
import os
import pickle
import sys

import numpy
import sklearn
from make_models import answers, table
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import Tree
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

SHORT = ("left_child", "right_child", "feature", "n_node_samples", "feature_idx")


def short(dtype, multiple):
    """The same dtype on a machine of 32 bits, whose fields of eight bytes stand at such a multiple."""
    formats = [numpy.dtype("<i4") if name in SHORT else dtype[name] for name in dtype.names]
    offsets, end = [], 0
    for format in formats:
        aligned = min(format.itemsize, multiple)
        offsets.append(-(-end // aligned) * aligned)
        end = offsets[-1] + format.itemsize
    return numpy.dtype({"names": dtype.names, "formats": formats, "offsets": offsets, "itemsize": -(-end // multiple) * multiple})


class Pickler(pickle._Pickler):
    """Writes trees as they are on 32 bits."""

    multiple = 8

    def reducer_override(self, made):
        if isinstance(made, Tree):
            cls, args, state = made.__reduce__()
            state["nodes"] = state["nodes"].astype(short(state["nodes"].dtype, self.multiple))
            return cls, (args[0], args[1].astype("<i4"), args[2]), state
        if isinstance(made, TreePredictor):
            cls, args, state = made.__reduce_ex__(2)[:3]
            state = dict(state, nodes=state["nodes"].astype(short(state["nodes"].dtype, 1)))
            return cls, args, state
        return NotImplemented


def main(folder):
    X, y = load_iris(return_X_y=True)
    folder = os.path.join(folder, sklearn.__version__)
    os.makedirs(folder, exist_ok=True)
    models = {
        "tree": DecisionTreeClassifier(max_depth=3, random_state=0),
        "forest": RandomForestClassifier(3, max_depth=3, random_state=0),
        "hist": HistGradientBoostingClassifier(max_iter=2, max_leaf_nodes=4, random_state=0),
    }
    for name, model in models.items():
        model.fit(X[::3], y[::3])
        for multiple in (8, 4, 1)[: 1 if name == "hist" else 3]:
            path = os.path.join(folder, "%s-32-%d.pkl" % (name, multiple))
            with open(path, "wb") as file:
                pickler = Pickler(file, 4)
                pickler.multiple = multiple
                pickler.dump(model)
            with open(path, "rb") as file:
                assert numpy.array_equal(pickle.load(file).predict_proba(X), model.predict_proba(X)), path
            if name != "hist":
                about = {"file": os.path.basename(path), "class": type(model).__module__ + "." + type(model).__name__,
                         "versions": {"scikit-learn": sklearn.__version__}, "X": table(X[::7]), "answers": answers(model, X[::7])}
                with open(path[:-4] + ".json", "w") as file:
                    file.write(json.dumps(about, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
