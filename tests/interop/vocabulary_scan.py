"""What the estimators of many scikit-learn versions are called, and which names on them are methods.

usage: python vocabulary_scan.py list > VERSION.json          (in an environment of each version)
       python vocabulary_scan.py merge ESTIMATORS METHODS VERSION.json... [--states FOLDER]...
       python vocabulary_scan.py rows ESTIMATORS > src/vocabulary/estimators.txt
       python vocabulary_scan.py records TABLE SITE_PACKAGES... > src/vocabulary/records.txt

`list` imports every module of the installed scikit-learn and prints, for each class that is a
BaseEstimator: the module and name that a pickle gives it, which hooks that pickle uses it defines or
inherits (and from which class), its methods, and the attributes that fitting an instance
with its defaults leaves in its state.

`merge` writes ESTIMATORS, a table of (module, class, first and last minor version seen, hooks), and
METHODS, the names that no honest state contains: a state that sets one of them puts a value where
scikit-learn calls a method. Names that states below --states contain, in any class, are left out.

`rows` writes the vocabulary's lines for the estimators of ESTIMATORS whose hooks are all BaseEstimator's own, and for
those that a person has looked at (REVIEWED).

`records` writes, for each class that TABLE gives the shape `record` or `named-tuple`, the attributes that its
methods and those of its bases set on `self`, or its fields, in the sources of every scikit-learn below SITE_PACKAGES.
"""
import argparse
import ast
import inspect
import json
import os
import pkgutil
import re
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


def states_below(folders, estimators):
    """Keys of every state of one of these estimators in the files below these folders."""
    import oracle
    found = set()
    remember = oracle.Inert.set_state

    def set_state(self, state):
        remember(self, state)
        of = getattr(self.args[0], "of", "") if self.of in ("copyreg._reconstructor", "copy_reg._reconstructor") else self.of
        if of in estimators:
            found.update(k for k in self.state if isinstance(k, str) and k)
    oracle.Inert.set_state = set_state
    for folder in folders:
        for root, _, names in os.walk(folder):
            for name in names:
                if not name.endswith(".json"):
                    oracle.trace(os.path.join(root, name), "joblib")
    return found


def minor(version):
    return tuple(int(x) for x in version.split(".")[:2])


def merge(options):
    scans = sorted((json.load(open(path)) for path in options.scans), key=lambda s: minor(s["version"]))
    honest = states_below(options.states, {"%s.%s" % (c["module"], c["class"]) for scan in scans for c in scan["classes"]})
    classes, code = {}, set()
    for scan in scans:
        for c in scan["classes"]:
            row = classes.setdefault((c["module"], c["class"]), {"versions": [], "hooks": {}})
            row["versions"].append("%d.%d" % minor(scan["version"]))
            row["abstract"] = c["abstract"]
            for hook, owner in c["hooks"].items():
                row["hooks"].setdefault(hook, set()).add(owner)
            code.update(c["methods"])
            honest.update(c["states"])
    seen = ", ".join("%d.%d" % minor(s["version"]) for s in scans)
    with open(options.estimators, "w") as f:
        f.write("# Estimators of scikit-learn %s: module, class, first and last minor version seen, hooks and the class each comes from.\n" % seen)
        f.write("# Written by tests/interop/vocabulary_scan.py. `gap`: not in every version between; `abstract`: has no instances.\n")
        f.write("# BaseEstimator.__setstate__ (a plain update of the state) is not listed, nor what _SetOutputMixin and _MetadataRequester do when a subclass is made.\n")
        order = ["%d.%d" % minor(s["version"]) for s in scans]
        for (module, name), row in sorted(classes.items()):
            span = order[order.index(row["versions"][0]):order.index(row["versions"][-1]) + 1]
            flags = ["%s:%s" % (h, "/".join(sorted(o))) for h, o in sorted(row["hooks"].items())
                     if not (h == "__setstate__" and o == {"BaseEstimator"}) and not (h == "__init_subclass__" and o <= {"_SetOutputMixin", "_MetadataRequester"})]
            flags += ["gap"] if set(span) != set(row["versions"]) else []
            flags += ["abstract"] if row["abstract"] else []
            f.write("%s %s %s-%s %s\n" % (module, name, row["versions"][0], row["versions"][-1], " ".join(flags)))
    names = sorted(n for n in code if n not in honest)
    with open(options.methods, "w") as f:
        f.write("# Methods of scikit-learn's estimators (%s) that no honest state contains.\n" % seen)
        f.write("# A state that sets one of them is refused: it would stand where scikit-learn calls the method.\n")
        f.write("# Written by tests/interop/vocabulary_scan.py; do not edit.\n")
        f.writelines(n + "\n" for n in names)
    print("%d classes, %d method names, %d left out because honest states contain them:" % (len(classes), len(names), len(code & honest)))
    print(" ".join(sorted(code & honest)))


# Classes with hooks of their own, and why their state is still as harmless as any estimator's.
REVIEWED = {
    "FrozenEstimator": "__getattr__ looks for the name on its estimator, which is data of the vocabulary",
    "IsotonicRegression": "__setstate__ calls _build_f, which no state may set",
    "PassiveAggressiveClassifier": "__new__ warns that the class is deprecated",
    "PassiveAggressiveRegressor": "__new__ warns that the class is deprecated",
}
# Bases that are never saved themselves, and classes that only scikit-learn's own tests use.
NEVER_SAVED = re.compile(r"^(_?Base[A-Z].*|_BasePCA|_DPGMMBase|_GMMBase|_GeneralizedLinearRegressor|BaseEstimator)$")
FOR_TESTS = ("sklearn.utils._mocking", "sklearn.utils.mocking", "sklearn.utils.metaestimators")


def rows(options):
    modules = {}
    for line in open(options.estimators):
        if line.startswith("#"):
            continue
        module, name, span, *flags = line.split()
        hooked = any(":" in flag for flag in flags)
        if "abstract" in flags or module in FOR_TESTS or NEVER_SAVED.match(name) or (hooked and name not in REVIEWED):
            continue
        modules.setdefault(module, []).append((name, *span.split("-")))
    print("# scikit-learn's estimators, by every module that they have lived in: files live longer than modules.")
    print("# Written by tests/interop/vocabulary_scan.py from estimators.txt beside it; do not edit. With hooks of their own:")
    for name, why in sorted(REVIEWED.items()):
        print("#   %s: %s" % (name, why))
    key = lambda version: tuple(int(x) for x in version.split("."))
    for module, classes in sorted(modules.items()):
        last = max((c[2] for c in classes), key=key)
        for end in sorted({c[2] for c in classes}, key=key):
            here = [c for c in classes if c[2] == end]
            first = min((c[1] for c in here), key=key)
            span = "%s..%s" % ("" if first == "0.19" else first, "" if end == "1.9" else end)
            print("\n[%s]%s" % (module, "  " + span if span != ".." else ""))
            names = [c[0] for c in here]
            while names:
                line = "estimator:"
                while names and len(line) + len(names[0]) < 118:
                    line += " " + names.pop(0)
                print(line)


def set_on_self(cls):
    """Names that a class sets on `self`, and its fields if it is a dataclass; the names of its methods."""
    found, code = set(), set()
    for node in ast.walk(cls):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, (ast.AnnAssign, ast.AugAssign)) else []
        for target in targets:
            for part in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "self":
                    found.add(part.attr)
    for node in cls.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        if isinstance(node, ast.FunctionDef):
            code.add(node.name)
    return found, code


def records(options):
    wanted, heading = [], []
    for line in open(options.table):
        if line.startswith("["):
            heading = line[1:].split("]")[0].split()
        elif line.startswith(("record: ", "named-tuple: ")):
            wanted += [(module, name) for module in heading for name in line.split()[1:]]
    attributes, missing = {}, set(wanted)
    for site in options.sites:
        classes, listed = {}, {}
        for root, _, files in os.walk(os.path.join(site, "sklearn")):
            for file in files if "tests" not in root and "externals" not in root else ():
                if not file.endswith(".py"):
                    continue
                path = os.path.join(root, file)
                module = os.path.relpath(path, site)[:-3].replace(os.sep, ".")
                for node in ast.parse(open(path, encoding="utf-8").read()).body:
                    if isinstance(node, ast.ClassDef):
                        classes.setdefault(node.name, {})[module] = node
                    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SIMPLE_METHODS":
                        listed["MetadataRequest"] = set(ast.literal_eval(node.value))
                    if isinstance(node, ast.Assign) and getattr(getattr(node.value, "func", None), "id", "") == "namedtuple":
                        name, fields = (ast.literal_eval(part) for part in node.value.args[:2])
                        attributes.setdefault(name, set()).update(fields)
                        missing.discard((module, name))
        for module, name in wanted:
            if module not in classes.get(name, {}):
                continue
            missing.discard((module, name))
            found, code, todo, met = set(listed.get(name, ())), set(), [(module, name)], set()
            while todo:
                where, base = todo.pop()
                there = classes.get(base, {})
                cls = there.get(where) or next(iter(there.values()), None)
                if cls is None or id(cls) in met:
                    continue
                met.add(id(cls))
                own, methods_of = set_on_self(cls)
                found |= own
                code |= methods_of
                bases = [b.id for b in cls.bases if isinstance(b, ast.Name)]
                found |= {"_metadata_request"} if "_MetadataRequester" in bases else set()
                found |= {"data"} if "UserList" in bases else set()
                todo += [(where, b) for b in bases]
            attributes.setdefault(name, set()).update(found - (code - set(listed.get(name, ()))))
    print("# Attributes of the classes whose shape is `record`: what their methods set, in every scikit-learn from %s on." % options.first)
    print("# Written by tests/interop/vocabulary_scan.py; do not edit.")
    for name in sorted({name for _, name in wanted}):
        print("%s: %s" % (name, " ".join(sorted(attributes[name]))))
    print("not found: %s" % sorted(missing), file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("list")
    merging = commands.add_parser("merge")
    merging.add_argument("estimators")
    merging.add_argument("methods")
    merging.add_argument("scans", nargs="+")
    merging.add_argument("--states", action="append", default=[])
    table = commands.add_parser("rows")
    table.add_argument("estimators")
    sources = commands.add_parser("records")
    sources.add_argument("table")
    sources.add_argument("sites", nargs="+")
    sources.add_argument("--first", default="0.19")
    options = parser.parse_args()
    {"list": lambda _: list_installed(), "merge": merge, "rows": rows, "records": records}[options.command](options)


if __name__ == "__main__":
    main()
