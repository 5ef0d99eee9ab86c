"""Make the vocabulary's tables of scikit-learn's estimators from what was listed of its versions.

usage: python vocabulary_tables.py merge VERSION.json... [--states FOLDER]...
       python vocabulary_tables.py rows > src/vocabulary/estimators.txt
       python vocabulary_tables.py records SITE_PACKAGES... > src/vocabulary/records.txt

`merge` adds what `vocabulary_scan.py` listed to `estimators.txt` here, a table of (module, class, first and last minor version seen,
hooks), and to `src/vocabulary/methods.txt`, the names that no honest state contains: a state that sets one of them puts a value where
scikit-learn calls a method. Names that fitted estimators have as attributes are left out, and those in states below FOLDER.

`rows` writes the vocabulary's lines for estimators. The safety rule: a class that defines, or inherits from anything but `object`
and BaseEstimator, a hook of its own (`vocabulary_scan.HOOKS`) gets no line before a person has looked at it (REVIEWED).

`records` adds, for each class to which `src/vocabulary/sklearn.txt` gives the shape `record` or `named-tuple`, the attributes that its
methods and those of its bases set on `self`, or its fields, in the sources of every scikit-learn below SITE_PACKAGES.
"""
import argparse
import ast
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VOCABULARY = os.path.join(HERE, "..", "..", "src", "vocabulary")
ESTIMATORS = os.path.join(HERE, "estimators.txt")
METHODS = os.path.join(VOCABULARY, "methods.txt")
RECORDS = os.path.join(VOCABULARY, "records.txt")
OWN_RECORDS = os.path.join(VOCABULARY, "own_records.txt")
SKLEARN = os.path.join(VOCABULARY, "sklearn.txt")


def lines(path):
    return [line for line in open(path, encoding="utf-8").read().splitlines() if line and not line.startswith("#")]


def states_below(folders, estimators):
    """Keys of every state of one of these estimators in the files below these folders."""
    import oracle
    found = set()
    remember = oracle.Inert.set_state

    def set_state(self, state):
        remember(self, state)
        of = getattr(self.args[0], "of", "") if self.of in ("copyreg._reconstructor", "copy_reg._reconstructor") else self.of
        if of in estimators:
            # What getattr found is the method itself, in its own place.
            found.update(k for k, v in self.state.items() if isinstance(k, str) and k and not getattr(v, "of", "").endswith(".getattr"))
    oracle.Inert.set_state = set_state
    for folder in folders:
        for root, _, names in os.walk(folder):
            for name in names:
                if not name.endswith(".json"):
                    oracle.trace(os.path.join(root, name), "joblib")
    return found


def number(version):
    return tuple(int(part) for part in version.split(".")[:2])


def minor(version):
    return "%d.%d" % number(version)


def merged():
    """Minor versions of the table, and (module, class) -> its row."""
    first = open(ESTIMATORS, encoding="utf-8").readline()
    order = first.split("scikit-learn ")[1].split(":")[0].split(", ")
    classes = {}
    for line in lines(ESTIMATORS):
        module, name, span, *flags = line.split()
        begin, end = span.split("-")
        seen = [begin, end] if "gap" in flags else order[order.index(begin):order.index(end) + 1]
        hooks = {hook: set(owners.split("/")) for hook, owners in (flag.split(":") for flag in flags if ":" in flag)}
        classes[module, name] = {"versions": set(seen), "hooks": hooks, "abstract": "abstract" in flags}
    return order, classes


LEFT_OUT = "# Left out, for honest states of some version contain them: "


def left_out():
    """Names that were left out of the table of methods."""
    found = [line[len(LEFT_OUT):].split() for line in open(METHODS, encoding="utf-8").read().splitlines() if line.startswith(LEFT_OUT)]
    return set().union(*found)


def is_ours(hook, owners):
    """Whether a hook is BaseEstimator's own, or one that only runs when a subclass is made."""
    return (hook == "__setstate__" and owners == {"BaseEstimator"}) or (hook == "__init_subclass__" and owners <= {"_SetOutputMixin", "_MetadataRequester"})


def merge(options):
    order, classes = merged()
    known = set(lines(METHODS))
    code, before = set(known), set(order)
    scans = sorted((json.load(open(path)) for path in options.scans), key=lambda scan: number(scan["version"]))
    honest = states_below(options.states, {"%s.%s" % (c["module"], c["class"]) for scan in scans for c in scan["classes"]})
    honest |= left_out()
    for scan in scans:
        version = minor(scan["version"])
        order = sorted(set(order) | {version}, key=number)
        for c in scan["classes"]:
            row = classes.setdefault((c["module"], c["class"]), {"versions": set(), "hooks": {}})
            row["versions"].add(version)
            row["abstract"] = c["abstract"]
            for hook, owner in c["hooks"].items():
                if not is_ours(hook, {owner}):
                    row["hooks"].setdefault(hook, set()).add(owner)
            code.update(c["methods"])
            honest.update(c["states"])
            if version in before:  # What the table lacks of a version that it has was left out of it.
                honest.update(set(c["methods"]) - known)
    with open(ESTIMATORS, "w") as f:
        f.write("# Estimators of scikit-learn %s: module, class, first and last minor version seen, hooks and the class each comes from.\n" % ", ".join(order))
        f.write("# Written by vocabulary_tables.py. `gap`: not in every version between; `abstract`: has no instances.\n")
        f.write("# BaseEstimator.__setstate__ (a plain update of the state) is not listed, nor what _SetOutputMixin and _MetadataRequester do when a subclass is made.\n")
        for (module, name), row in sorted(classes.items()):
            seen = sorted(row["versions"], key=number)
            span = order[order.index(seen[0]):order.index(seen[-1]) + 1]
            flags = ["%s:%s" % (hook, "/".join(sorted(owners))) for hook, owners in sorted(row["hooks"].items())]
            flags += ["gap"] if set(span) != set(seen) else []
            flags += ["abstract"] if row["abstract"] else []
            f.write("%s %s %s-%s %s\n" % (module, name, seen[0], seen[-1], " ".join(flags)))
    with open(METHODS, "w") as f:
        f.write("# Methods of scikit-learn's estimators (%s) that no honest state contains.\n" % ", ".join(order))
        f.write("# A state that sets one of them is refused: it would stand where scikit-learn calls the method.\n")
        f.write("# Written by tests/interop/vocabulary_tables.py; do not edit.\n")
        f.write(LEFT_OUT + " ".join(sorted(code & honest)) + "\n")
        f.writelines(name + "\n" for name in sorted(code - honest))
    print("%d classes, %d method names, %d left out" % (len(classes), len(code - honest), len(code & honest)))


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
    order, _ = merged()
    for line in lines(ESTIMATORS):
        module, name, span, *flags = line.split()
        hooked = any(":" in flag for flag in flags)
        if "abstract" in flags or module in FOR_TESTS or NEVER_SAVED.match(name) or (hooked and name not in REVIEWED):
            continue
        modules.setdefault(module, []).append((name, *span.split("-")))
    print("# scikit-learn's estimators, by every module that they have lived in: files live longer than modules.")
    print("# Written by tests/interop/vocabulary_tables.py from estimators.txt beside it; do not edit. With hooks of their own:")
    for name, why in sorted(REVIEWED.items()):
        print("#   %s: %s" % (name, why))
    for module, classes in sorted(modules.items()):
        for end in sorted({c[2] for c in classes}, key=number):
            here = [c for c in classes if c[2] == end]
            first = min((c[1] for c in here), key=number)
            span = "%s..%s" % ("" if first == order[0] else first, "" if end == order[-1] else end)
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
    for line in lines(SKLEARN):
        if line.startswith("["):
            heading = line[1:].split("]")[0].split()
        elif line.startswith(("record: ", "named-tuple: ")):
            wanted += [(module, name) for module in heading for name in line.split()[1:]]
    by_hand = {line.split(":")[0] for line in lines(OWN_RECORDS)}
    wanted = [(module, name) for module, name in wanted if name not in by_hand]
    attributes, missing = {}, set(wanted)
    for line in lines(RECORDS):
        name, known = line.split(":")
        attributes[name] = set(known.split())
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
    print("# Attributes of the classes whose shape is `record`: what their methods set, in every scikit-learn from 0.19 on.")
    print("# Written by tests/interop/vocabulary_tables.py; do not edit.")
    for name in sorted({name for _, name in wanted}):
        print("%s: %s" % (name, " ".join(sorted(attributes.get(name, ())))))
    unknown = sorted("%s.%s" % (module, name) for module, name in missing if name not in attributes)
    if unknown:
        print("no attributes of %s are known" % ", ".join(unknown), file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    merging = commands.add_parser("merge")
    merging.add_argument("scans", nargs="+")
    merging.add_argument("--states", action="append", default=[])
    commands.add_parser("rows")
    sources = commands.add_parser("records")
    sources.add_argument("sites", nargs="+")
    options = parser.parse_args()
    {"merge": merge, "rows": rows, "records": records}[options.command](options)


if __name__ == "__main__":
    main()
