"""Is every name of the installed scikit-learn that could stand in a file either in the vocabulary or left out on purpose?

usage: python vocabulary_check.py PROGRAM [--without NAME]...

A file can hold an object of any class, compiled or not, and any function that people pass as a parameter: those that a public module
offers. Each is in the program's table (`coldload vocabulary`), or on the list beside this, `left_out.txt`, which says why.
A name that is neither fails the check, and so does one that is both. `--without NAME` acts as if the table lacked a name, so
that one can see the check fail.

The last line says how many names passed.
"""
import argparse
import collections
import importlib
import inspect
import json
import os
import subprocess
import sys
import types
import warnings

from vocabulary_scan import EXPERIMENTS, modules

HERE = os.path.dirname(os.path.abspath(__file__))
LEFT_OUT = os.path.join(HERE, "left_out.txt")
ATTRIBUTES = os.path.join(HERE, "..", "..", "src", "vocabulary", "attributes.txt")


def own(value, module):
    """Whether a class or function is scikit-learn's, defined in this module. Some compiled modules call themselves by their last name only."""
    return value.__module__ == module or (value.__module__ and "." not in value.__module__ and module.endswith("." + value.__module__))


def offered(module):
    """Names of functions that a public module offers."""
    public = not any(part.startswith("_") for part in module.__name__.split("."))
    return [getattr(module, name, None) for name in getattr(module, "__all__", [])] if public else []


def seen():
    """(module, name) of every class and offered function of the installed scikit-learn."""
    warnings.filterwarnings("ignore")
    for experiment in EXPERIMENTS:
        try:
            __import__("sklearn.experimental." + experiment)
        except Exception:
            pass  # This version has no such experiment.
    found, unread = set(), []
    for name in modules():
        try:
            __import__(name)
        except (Exception, SystemExit) as error:
            unread.append("%s (%s)" % (name, error))
            continue
        module = sys.modules[name]
        for value in list(vars(module).values()):
            if inspect.isclass(value) and own(value, name) and not issubclass(value, BaseException):
                found.add((value.__module__, value.__qualname__))
        for value in offered(module):
            if inspect.isroutine(value) and (value.__module__ or "").startswith("sklearn"):
                found.add((value.__module__, value.__qualname__))
    return found, unread


def left_out():
    """Rules of the list: (module, name or `*`) to the reason that stands above it. `module.*` is every module below it too."""
    rules, reason = {}, ""
    for line in open(LEFT_OUT, encoding="utf-8").read().splitlines():
        if line.startswith("== "):
            reason = line[3:]
        elif line and not line.startswith("#"):
            names = line.split(": ", 1)
            for name in names[1].split():
                rules[names[0], name] = reason
    return rules


def rule_for(rules, module, name):
    """The rule that leaves a name out, if one does."""
    if (module, name) in rules:
        return module, name
    parts = module.split(".")
    spellings = [module] + [".".join(parts[:end]) + ".*" for end in range(len(parts), 0, -1)]
    return next(((spelling, "*") for spelling in spellings if (spelling, "*") in rules), None)


def pairs():
    """(of, module, class, attribute) of each pair that a file may look up."""
    for line in open(ATTRIBUTES, encoding="utf-8").read().splitlines():
        if line and not line.startswith("#"):
            head, classes, attributes = line.split(": ")
            of, module = head.split()
            for name in classes.split():
                for attribute in attributes.split():
                    yield of, module, name, attribute


def wrong_pair(of, module, name, attribute):
    """What is wrong with a pair, in what is installed; None if it is not there."""
    try:
        cls = getattr(importlib.import_module(module), name)
        value = inspect.getattr_static(cls, attribute)
    except (ImportError, AttributeError):
        return None
    functions = (types.FunctionType,) if of == "object" else (types.FunctionType, types.MethodDescriptorType, types.ClassMethodDescriptorType, classmethod)
    if not isinstance(value, functions):
        return "is no plain function, but a %s" % type(value).__name__
    for base in (cls if of == "object" else type(cls)).__mro__:
        own = [hook for hook in ("__getattr__", "__getattribute__") if hook in vars(base)]
        if own and base not in (object, type):
            return "is of a class that answers for attributes itself: %s.%s" % (base.__name__, own[0])
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--without", action="append", default=[])
    options = parser.parse_args()
    import sklearn
    report = json.loads(subprocess.run([options.program, "vocabulary", "--json"], stdout=subprocess.PIPE, check=True).stdout)
    table = {entry["name"] for entry in report["vocabulary"] if entry["standing"] == "known"} - set(options.without)
    rules = left_out()
    names, unread = seen()
    counts, failed = collections.Counter(), 0
    for module, name in sorted(names):
        known, rule = "%s.%s" % (module, name) in table, rule_for(rules, module, name)
        if known and rule and rule[1] != "*":
            print("FAIL %s.%s is in the table, and on the list of what is left out: %s" % (module, name, rules[rule]))
        elif not known and not rule:
            print("FAIL %s.%s is neither in the table nor on the list of what is left out" % (module, name))
        else:
            counts["in the table" if known else "left out"] += 1
            continue
        failed += 1
    for pair in pairs():
        wrong = wrong_pair(*pair)
        if wrong:
            print("FAIL %s.%s.%s %s" % (*pair[1:], wrong))
            failed += 1
        counts["pairs"] += wrong == ""
    for module in unread:
        print("     not read: %s" % module)
    if len(names) < 500:
        print("FAIL only %d names were seen" % len(names))
        failed += 1
    if counts["pairs"] < 10:
        print("FAIL only %d pairs were seen" % counts["pairs"])
        failed += 1
    print("vocabulary_check: %d passed, %d failed (scikit-learn %s: %d names in the table, %d left out; %d pairs)" % (
        sum(counts.values()), failed, sklearn.__version__, counts["in the table"], counts["left out"], counts["pairs"]))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
