"""What the estimators of the installed scikit-learn are called, and which names on them are methods.

usage: python vocabulary_scan.py > VERSION.json          (Python 3.6 or newer; `propose` runs it in an environment of each version)

Imports every module of the installed scikit-learn and prints, for each class that is a BaseEstimator: the module and
name that a pickle gives it, which hooks that pickle uses it defines or inherits (and from which class), its methods,
and the attributes that fitting an instance with its defaults leaves in its state. `vocabulary_tables.py` makes tables of it.
"""
import inspect
import json
import os
import pkgutil
import signal
import sys
import warnings

HOOKS = ("__setstate__", "__reduce__", "__reduce_ex__", "__new__", "__setattr__", "__init_subclass__", "__getattr__", "__getattribute__", "__del__")
EXPERIMENTS = ("enable_hist_gradient_boosting", "enable_iterative_imputer", "enable_halving_search_cv")
SKIP = ("tests", "conftest", "setup", "_build_utils", "externals", "__main__")


def modules():
    import sklearn
    yield "sklearn"
    for found in pkgutil.walk_packages(sklearn.__path__, "sklearn.", onerror=lambda name: None):
        if not any(part in SKIP or part.startswith("test_") for part in found[1].split(".")):
            yield found[1]


def hooks(cls):
    """Hooks that are not `object`'s, with the class that defines each."""
    found = {}
    for hook in HOOKS:
        for base in cls.__mro__:
            if hook in vars(base):
                if base is not object:
                    found[hook] = base.__name__
                break
    return found


def methods(cls):
    """Names on the class that are code and that an attribute of the object would hide: functions and what
    gives one, not properties (those win over the object's own attributes, so a state can not replace them)."""
    for name in dir(cls):
        if name.startswith("__"):
            continue
        value = inspect.getattr_static(cls, name)
        if (callable(value) or hasattr(type(value), "__get__")) and not hasattr(type(value), "__set__"):
            yield name


class Late(Exception):
    pass


def late(*_):
    raise Late()


def keys(value, found, depth=0):
    """Attribute names of every estimator that a fitted one holds (a metadata request has a `fit`, too, and is none)."""
    if depth > 6:
        return
    if type(value).__module__.startswith("sklearn") and hasattr(value, "__dict__"):
        if hasattr(value, "get_params"):
            found.update(vars(value))
        for inner in list(vars(value).values()):
            keys(inner, found, depth + 1)
    elif isinstance(value, (list, tuple)):
        for inner in value[:20]:
            keys(inner, found, depth + 1)
    elif isinstance(value, dict):
        for inner in list(value.values())[:20]:
            keys(inner, found, depth + 1)


def fitted(cls):
    """Attribute names of instances that were fitted with the defaults on several small tables."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import Pipeline
    rng = np.random.RandomState(0)
    X = np.abs(rng.normal(size=(60, 4))) + 0.1
    y = (X[:, 0] > X[:, 1]).astype(int) + (X[:, 2] > 1)
    texts = ["one two three", "two three", "three four", "four five one"] * 15
    tables = [(X, y), (X, X[:, 0] * 2 + 1), (X, X[:, :2]), (X, np.column_stack([y > 0, y > 1]).astype(int)), (X, None), (X[:, 0], X[:, 1]), (y, None), (texts, y), ([{"a": 1, "b": "x"}] * 60, None), ((X > 1).astype(int), y), (np.cov(X.T), None), (X, (y > 0).astype(int))]
    made = []
    tree = [("a", LogisticRegression()), ("b", LogisticRegression())]
    for arguments in ((), (LogisticRegression(),), (Ridge(),), (tree,), ([("a", Ridge()), ("b", Ridge())],), (LogisticRegression(), {"C": [0.5, 1.0]}), ([("s", Pipeline([("m", LogisticRegression())])), ],), ([("a", "passthrough", [0, 1])],), (X,), (2,)):
        try:
            made.append(cls(*arguments))
        except Exception:
            continue
    found = set()
    for model in made[:4]:
        keys(model, found)
        for A, b in tables:
            signal.alarm(2)
            try:
                model.fit(A, b) if b is not None else model.fit(A)
                keys(model, found)
            except (Exception, Late):
                pass
            finally:
                signal.alarm(0)
    return sorted(found)


def list_installed():
    warnings.filterwarnings("ignore")
    signal.signal(signal.SIGALRM, late)
    sys.stdout = open(os.devnull, "w")  # some fits print
    import sklearn
    from sklearn.base import BaseEstimator
    for experiment in EXPERIMENTS:
        try:
            __import__("sklearn.experimental." + experiment)
        except Exception:
            pass
    out, seen = [], set()
    for name in modules():
        try:
            __import__(name)
        except (Exception, SystemExit):
            continue
        for cls in list(vars(sys.modules[name]).values()):
            if not (inspect.isclass(cls) and issubclass(cls, BaseEstimator) and cls.__module__.startswith("sklearn")) or cls in seen:
                continue
            seen.add(cls)
            out.append({"module": cls.__module__, "class": cls.__qualname__, "hooks": hooks(cls), "methods": sorted(methods(cls)),
                        "abstract": inspect.isabstract(cls), "states": [] if inspect.isabstract(cls) else fitted(cls)})
    json.dump({"version": sklearn.__version__, "classes": out}, sys.__stdout__)


if __name__ == "__main__":
    list_installed()
