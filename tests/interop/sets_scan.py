"""List the classes of a library that a named set of the vocabulary may hold, and the names of their methods.

usage: python sets_scan.py PACKAGE...

For each package, installed in the environment that runs this: its classes that derive from scikit-learn's
BaseEstimator, by module, and those with hooks of their own, which get no line before a person has read them.
"""
import importlib
import inspect
import pkgutil
import sys
import warnings

from vocabulary_scan import HOOKS


def modules(package):
    yield package
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if ".tests" in found.name or ".test" in found.name or "keras" in found.name or "tensorflow" in found.name:
            continue
        try:
            yield importlib.import_module(found.name)
        except BaseException as error:  # A part whose own needs are not installed.
            print("# %s: %s" % (found.name, error), file=sys.stderr)


def hooks(cls):
    found = []
    for base in cls.__mro__:
        own = base.__module__.split(".")[0] not in ("builtins", "abc", "typing", "sklearn")
        found += ["%s of %s" % (hook, base.__name__) for hook in HOOKS if own and hook in base.__dict__]
    return found


def main():
    warnings.simplefilter("ignore")
    from sklearn.base import BaseEstimator
    for name in sys.argv[1:]:
        package = importlib.import_module(name)
        print("\n# %s %s" % (name, getattr(package, "__version__", "")))
        lines, methods, hooked = {}, set(), []
        for module in modules(package):
            for cls in vars(module).values():
                if not inspect.isclass(cls) or cls.__module__ != module.__name__ or not issubclass(cls, BaseEstimator):
                    continue
                if inspect.isabstract(cls):
                    continue
                found = hooks(cls)
                if found:
                    hooked.append("%s.%s: %s" % (cls.__module__, cls.__name__, ", ".join(found)))
                    continue
                lines.setdefault(cls.__module__, []).append(cls.__name__)
            for cls in vars(module).values():
                if inspect.isclass(cls) and cls.__module__.split(".")[0] == name and issubclass(cls, BaseEstimator):
                    methods |= {
                        key
                        for base in cls.__mro__[:-1]
                        for key, value in vars(base).items()
                        if inspect.isfunction(value) or isinstance(value, (classmethod, staticmethod))
                        if not key.startswith("__")
                    }
        for module in sorted(lines):
            print("[%s]\nestimator: %s\n" % (module, " ".join(sorted(lines[module]))))
        print("methods: %s" % " ".join(sorted(methods)))
        for line in hooked:
            print("# hooks: " + line)


main()
