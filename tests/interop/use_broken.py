"""Break fitted models in one place each, and use those that the program accepts: nothing may crash or hang.

usage: python use_broken.py PROGRAM [--seed N] [--seconds 60] [--keep DIR]

Every estimator of the installed scikit-learn that can be fitted on the rows below is taken, and what it is made of besides: trees, sparse
matrices, neighbours' trees, columns of pandas. One number, array or length in it is changed (another index, a shorter array, another
dtype), and the result is saved. Of what `PROGRAM scan` accepts, each file is loaded and used in a child: an exception is fine, a signal
or ten seconds of computing without an answer is not. Honest models are accepted.

The last line says `use_broken: N passed, N failed`.
"""
import argparse
import copy
import json
import os
import pickle
import random
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.utils import all_estimators

from in_child import in_child

warnings.simplefilter("ignore")
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
RNG = np.random.RandomState(0)
X = RNG.rand(40, 4)
LABELS = RNG.randint(0, 3, 40)
TEXTS = ["one cat", "two dogs", "three birds and a cat", "no cat"] * 10
DICTS = [{"a": 1, "b": 2}, {"b": 3}] * 20
METHODS = ("predict", "predict_proba", "decision_function", "score_samples", "transform", "kneighbors", "apply", "inverse_transform")
BATCH = 100
HANG = 10


def inner(estimator):
    from sklearn.linear_model import LogisticRegression, Ridge
    return Ridge() if hasattr(estimator, "_estimator_type") and "egress" in type(estimator).__name__ else LogisticRegression()


def models():
    """Fitted estimators by name, each with rows to use it with."""
    found = {}
    for name, cls in all_estimators():
        for rows in (X, TEXTS, DICTS, np.abs((X * 5).astype(int)), LABELS.astype(float)):
            for arguments in ({}, {"estimator": inner(cls)}, {"n_components": 2}, {"estimators": [("a", inner(cls)), ("b", inner(cls))]}):
                try:
                    model = cls(**arguments)
                    if "n_estimators" in model.get_params():
                        model.set_params(n_estimators=3)
                    if "max_iter" in model.get_params() and "Hist" in name:
                        model.set_params(max_iter=3)
                    try:
                        model.fit(rows, LABELS)
                    except Exception:
                        model.fit(rows)
                    pickle.dumps(model)
                except Exception:
                    continue
                found[name] = (model, rows)
                break
            if name in found:
                break
    return {**found, **others()}


def others():
    """What is not an estimator, or one that is made in another way."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestRegressor
    from sklearn.neighbors import BallTree, KDTree, KNeighborsClassifier, NearestNeighbors
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.svm import SVC

    categories = np.array([["red", "s"], ["green", "m"], ["blue", "l"], ["red", "m"]] * 10, dtype=object)
    codes = RNG.randint(0, 6, (40, 4))
    frame = pd.DataFrame({"c": pd.Categorical(list("abca") * 10), "x": np.arange(40), "t": pd.date_range("2020", periods=40)})
    matrix = sp.random(9, 7, 0.4, "csr", random_state=0)
    made = {
        "histogram-categories": (HistGradientBoostingClassifier(max_iter=3, categorical_features=[0, 1]).fit(codes, LABELS), codes),
        "boosting-early": (GradientBoostingClassifier(n_estimators=5, n_iter_no_change=2).fit(X, LABELS % 2), X),
        "forest-outputs": (RandomForestRegressor(3).fit(X, X[:, :2]), X),
        "pipeline": (make_pipeline(StandardScaler(), SVC(probability=True)).fit(X, LABELS), X),
        "columns": (make_column_transformer((OneHotEncoder(), [0]), (OneHotEncoder(drop="first"), [1])).fit(categories), categories),
        "vectors-sparse": (SVC(probability=True).fit(sp.csr_matrix(X), LABELS), sp.csr_matrix(X)),
        "vectors-computed": (SVC(kernel="precomputed").fit(X @ X.T, LABELS), X @ X.T),
        "neighbours-weights": (KNeighborsClassifier(3, metric="minkowski", metric_params={"w": np.ones(4)}, algorithm="ball_tree").fit(X, LABELS), X),
        "neighbours-brute": (KNeighborsClassifier(3, algorithm="brute").fit(X, LABELS), X),
        "neighbours-sparse": (NearestNeighbors(n_neighbors=2).fit(sp.csr_matrix(X)), sp.csr_matrix(X)),
        "kd-tree": (KDTree(X, leaf_size=5), X),
        "ball-tree": (BallTree(X, leaf_size=5, metric="mahalanobis", V=np.eye(4)), X),
        "frame": (frame, None),
        "column": (frame["c"], None),
        "levels": (frame.set_index(["c", "x"]), None),
    }
    made.update({kind: (getattr(matrix, "to" + kind)(), None) for kind in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")})
    return made


def use(model, rows):
    """Does what a user does with a model; exceptions are of no interest."""
    def attempt(do):
        try:
            do()
        except Exception:
            pass

    for method in METHODS:
        if hasattr(type(model), method):
            attempt(lambda: getattr(model, method)(rows))
    if hasattr(model, "query"):
        attempt(lambda: model.query(rows, k=3))
        attempt(lambda: model.query_radius(rows, 0.5))
    if sp.issparse(model) and max(model.shape) < 1 << 20:  # more takes its time
        for do in (lambda: model.toarray(), lambda: model.tocsc(), lambda: model.tocsr() @ np.ones(model.shape[1]), lambda: model.sum(0), lambda: model.T.tocsr(), lambda: model[1:3]):
            attempt(do)
    if isinstance(model, (pd.DataFrame, pd.Series)):
        for do in (lambda: repr(model), lambda: model.to_numpy(), lambda: model.astype(str), lambda: model.sort_index(), lambda: model.groupby(level=0).size(), lambda: model.value_counts(), lambda: model.iloc[3], lambda: model.reset_index().to_csv()):
            attempt(do)
    attempt(lambda: repr(model))


# ── Breaking ─────────────────────────────────────────────────────────────────────────────────────────

NUMBERS = [-(1 << 40), -(1 << 31), -1_000_000, -2, -1, 0, 1, 2, 3, 7, 100, 1_000_000, (1 << 31) - 1, 1 << 28, 1 << 40, (1 << 63) - 1]


class Broken(Exception):
    pass


def broken(value, random):
    """The same value with one change somewhere in it."""
    if isinstance(value, np.ndarray):
        return array(value, random)
    if isinstance(value, (bool, np.bool_)):
        return not value
    if isinstance(value, (int, np.integer)):
        return type(value)(0) + random.choice(NUMBERS) if isinstance(value, int) else np.int64(random.choice(NUMBERS))
    if isinstance(value, (dict, list)):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        if not keys or random.random() < 0.05:
            return type(value)() if random.random() < 0.5 or not isinstance(value, list) else value[:-1]
        key = random.choice(keys)
        value[key] = broken(value[key], random)
        return value
    if isinstance(value, tuple) and value:
        at = random.randrange(len(value))
        items = [broken(item, random) if index == at else item for index, item in enumerate(value)]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, float):
        return random.choice([0.0, -1.0, 1e300, float("nan"), float("inf")])
    if callable(value) or isinstance(value, (str, bytes, type(None), type)):
        raise Broken
    return thing(value, random)


def array(value, random):
    kind = random.randrange(8)
    value = value.copy()
    if value.dtype == object or value.dtype.names and kind < 4:
        if not value.size:
            raise Broken
        at = random.randrange(value.size)
        if value.dtype == object:
            value.flat[at] = broken(value.flat[at], random)
            return value
        field = random.choice(value.dtype.names)
        column = value[field]
        column.flat[at] = number(column.dtype, random)
        return value
    if kind < 4 and value.size and value.dtype.kind in "iufb":
        value.flat[random.choice([0, value.size - 1, random.randrange(value.size)])] = number(value.dtype, random)
        return value
    if kind == 4:
        return value[: len(value) // 2] if value.ndim else value
    if kind == 5 and value.ndim:
        return np.concatenate([value, value])
    if kind == 6:
        return value.reshape(random.choice([(-1,), (1, -1), (-1, 1)]))
    other = {"i": "i8 i4 u4 i2 f8 >i8", "u": "u4 i8 u1 f8", "f": "f4 f8 i8 >f8", "b": "i8 u1"}.get(value.dtype.kind)
    if other is None:
        return value[:0] if value.ndim else value
    return value.astype(random.choice(other.split()))


def number(dtype, random):
    if dtype.kind == "f":
        return random.choice([-1.0, 0.0, 5.0, 1e300, float("nan"), float("inf")])
    if dtype.kind not in "iu":
        return 0
    info = np.iinfo(dtype)
    return random.choice([found for found in NUMBERS if info.min <= found <= info.max] + [info.max, info.min])


def thing(value, random):
    """An object, by what pickle would keep of it."""
    if hasattr(value, "__dict__") and not isinstance(value, (pd.DataFrame, pd.Series, pd.Index)) and value.__dict__ and random.random() < 0.97:
        names = [name for name in value.__dict__ if not name.startswith("_sklearn")]
        name = random.choice(names)
        value.__dict__[name] = broken(value.__dict__[name], random)
        return value
    parts = value.__reduce_ex__(2)
    if len(parts) < 3 or parts[2] is None:
        raise Broken
    state = broken(copy.deepcopy(parts[2]), random)
    return Forged(parts[0], parts[1], state)


class Forged:
    """An object that is pickled as these parts."""
    def __init__(self, make, arguments, state):
        self.parts = (make, arguments, state)

    def __reduce_ex__(self, protocol):
        return self.parts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only")
    options = parser.parse_args()
    chosen = random.Random(options.seed)
    all_models = models()
    if options.only:
        all_models = {name: found for name, found in all_models.items() if options.only in name}
    names = sorted(all_models)
    folder = Path(tempfile.mkdtemp())
    passed = failed = accepted = 0
    end = time.monotonic() + options.seconds

    def judge():
        out = subprocess.run([options.program, "scan", "--json", folder], capture_output=True).stdout
        return {Path(result["path"]).name: result["verdict"] for result in json.loads(out)["results"]}

    for name, (model, rows) in all_models.items():
        (folder / (name + ".pkl")).write_bytes(pickle.dumps(model, 4))
    for file, verdict in judge().items():
        if verdict == "accepted":
            passed += 1
        else:
            failed += 1
            print("honest, and refused: %s" % file)
    refused = 0
    while time.monotonic() < end:
        for file in folder.iterdir():
            file.unlink()
        for index in range(BATCH):
            name = chosen.choice(names)
            seed = chosen.getrandbits(48)

            def make():
                forged = broken(copy.deepcopy(all_models[name][0]), random.Random(seed))
                data = pickle.dumps(forged, random.Random(seed).choice([2, 4, 5]))
                (folder / ("%03d-%s.pkl" % (index, name))).write_bytes(data)

            in_child(make, HANG)
        for file, verdict in sorted(judge().items()):
            name = file[4:-4]
            if verdict != "accepted":
                refused += 1
                continue
            accepted += 1

            def load_and_use():
                with open(folder / file, "rb") as opened:
                    use(pickle.load(opened), all_models[name][1])

            ended = in_child(load_and_use, HANG)
            if ended in (0, 1):
                passed += 1
                continue
            failed += 1
            print("accepted, and ends with signal %d: %s" % (-ended, file), flush=True)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(folder / file, options.keep / ("%d-%s-%d.pkl" % (-ended, name, failed)))
    shutil.rmtree(folder)
    print("%d models, %d broken files refused, %d accepted and used" % (len(names), refused, accepted))
    print("use_broken: %d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
