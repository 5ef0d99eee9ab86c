"""Load accepted files for real, under an audit hook: nothing may happen but what coldload says (P4).

usage: python audit_loads.py PROGRAM FOLDER... [-v]

Each file that `PROGRAM inspect --trace` accepts is loaded by `pickle.load`, or `joblib.load` if it is joblib's, in a child of its
own with bounded memory and time. Before the hook is set, the child imports the modules of the names in the trace: what importing
a library does is the library's, and happens whatever stands in the file. From then on `sys.addaudithook` may be told of nothing but

    pickle.find_class   of the names in the trace, in its order, and of all of them if the file loads
    import              of a module of such a name that is not installed here, and so runs nothing
    compile, exec       of scipy's own template for the arguments of a distribution, filled with names: its `__setstate__` runs
                        that text from the file (`scipy/stats/_distn_infrastructure.py`), and coldload accepts no other text
    open                for reading, of a file of a time zone, by a file that makes one of its name
    what asks the process about itself alone (`HARMLESS`)

Files of the scikit-learn that is installed have to load. Others may end with an error, for much has moved since: what happened until
then is judged all the same. Exit status 1 if any file does more, or does not load. Only run it on files that are yours: a file
that coldload takes for honest and is not would do what it does, with your rights.
"""
import argparse
import codecs
import importlib
import io
import json
import multiprocessing
import os
import pickle
import re
import resource
import signal
import subprocess
import sys
import tempfile
import warnings
import zoneinfo

import joblib
import pytz
import scipy.stats
import sklearn
from scipy.stats import _distn_infrastructure


MEMORY = 4 << 30
SECONDS = 30
# Told of when the process looks at itself, at an attribute, or makes an array of numbers.
HARMLESS = {"array.__new__", "object.__getattr__", "object.__setattr__", "object.__delattr__", "sys._getframe", "sys.excepthook", "sys.unraisablehook", "builtins.id"}
# What makes a time zone of a name, and where the zones stand: on the machine, and in pytz.
MAKE_ZONES = {"zoneinfo.ZoneInfo", "pytz._p"}
ZONES = tuple(os.path.realpath(folder) + os.sep for folder in (*zoneinfo.TZPATH, *(os.path.join(path, "zoneinfo") for path in pytz.__path__)))
TEMPLATE = re.compile(re.sub(r"%\\?\(\w+\\?\)s", r"[\\w ,=]*", re.escape(_distn_infrastructure.parse_arg_template)))


def ours(program, path):
    """The names of an accepted file, as (module and name) in the order in which they are asked for; None if it is refused."""
    run = subprocess.run([program, "inspect", "--trace", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    events = [json.loads(line) for line in run.stdout.splitlines()]
    return [event["name"] for event in events if event["event"] == "find"] if run.returncode == 0 else None


def files(paths):
    for path in paths:
        if os.path.isdir(path):
            for root, _, names in sorted(os.walk(path)):
                yield from (os.path.join(root, name) for name in sorted(names) if not name.endswith((".json", ".npy", ".md", ".txt")))
        else:
            yield path


def prepare(names):
    """Import what the names need: every part of a dotted name that is a module; and what their functions look into."""
    for name in (*set(names), "numpy.core._multiarray_umath.log1p", "tzdata.zones"):
        module = name
        while "." in module:
            module = module.rpartition(".")[0]
            try:
                importlib.import_module(module)
                break
            except Exception:  # It may be a module of another version; loading says so.
                continue


def load(data, as_joblib):
    file = io.BytesIO(data)
    if as_joblib:
        joblib.load(file)
        return
    while file.tell() < len(data):
        pickle.load(file, encoding="latin1")


def child(path, names, pipe):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(SECONDS)
    warnings.simplefilter("ignore")
    prepare(names)
    with open(path, "rb") as file:
        data = file.read()
    found, more, listening = [], [], [True]
    parts = [name.split(".") for name in names]
    modules = {".".join(part[:end]) for part in parts for end in range(1, len(part))}

    def hook(event, args):
        if not listening[0] or event in HARMLESS:
            return
        if event == "pickle.find_class":
            found.append("%s.%s" % args)
        elif event == "open" and args[1] == "r" and not MAKE_ZONES.isdisjoint(names) and os.path.realpath(args[0]).startswith(ZONES):
            return
        elif event == "import" and args[0] in modules:
            return
        elif event == "compile" and args[0] is not None and is_template(args[0]):
            more.append("template")
        elif event == "exec" and more and more[-1] == "template":
            more.pop()
        else:
            more.append(("%s %r" % (event, args))[:300])

    error = None
    sys.addaudithook(hook)
    try:
        load(data, not path.endswith(".pkl"))
    except BaseException as e:
        error = "%s: %s" % (type(e).__name__, str(e)[:200])
    listening[0] = False
    pipe.send((found, more, error))
    os._exit(0)


def is_template(source):
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    return isinstance(text, str) and TEMPLATE.fullmatch(text) is not None


def theirs(path, names):
    mine, other = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=child, args=(path, names, other))
    process.start()
    other.close()
    try:
        return mine.recv() if mine.poll(SECONDS + 5) else None
    except (EOFError, OSError):
        return None
    finally:
        process.kill()
        process.join()


def judge(path, names):
    """What is wrong with a file, or None; and whether it loads."""
    answer = theirs(path, names)
    if answer is None:
        return "loading it ended the process", False
    found, more, error = answer
    if more:
        return "loading it also did %s" % "; ".join(more), error is None
    if found != (names if error is None else names[:len(found)]):
        at = next((i for i, (a, b) in enumerate(zip(found, names)) if a != b), min(len(found), len(names)))
        return "name %d is %s, not %s" % (at, found[at:at + 1], names[at:at + 1]), error is None
    if error is not None and os.sep + sklearn.__version__ + os.sep in path:
        return "it does not load: " + error, False
    return None, error is None


def distributions(program, folder):
    """A file of scipy's distributions, by which the check itself is checked: it loads as it should, and is a fault if the text that
    it runs is not told from others."""
    global TEMPLATE
    path = os.path.join(folder, "distributions.pkl")
    with open(path, "wb") as file:
        pickle.dump({"C": scipy.stats.uniform(0, 4), "gamma": scipy.stats.gamma(1.99), "free": scipy.stats.norm}, file)
    names = ours(program, path)
    if names is None:
        return "scipy's distributions are refused"
    fault, loads = judge(path, names)
    kept, TEMPLATE = TEMPLATE, re.compile("(?!)")
    seen, _ = judge(path, names)
    TEMPLATE = kept
    if fault or not loads:
        return "scipy's distributions: %s" % fault
    return None if seen and "exec" in seen else "a text that is run goes unseen"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("-v", action="store_true", help="name the files that are as they should be, too")
    options = parser.parse_args()
    for module in ("sklearn.ensemble", "sklearn.pipeline", "pandas", "scipy.stats"):
        importlib.import_module(module)
    for codec in ("latin1", "latin-1", "ascii", "raw_unicode_escape"):  # Python imports a codec when it is first asked for.
        codecs.lookup(codec)
    loaded = 0
    with tempfile.TemporaryDirectory() as folder:
        fault = distributions(options.program, folder)
    if fault:
        print(fault)
    passed, failed = int(fault is None), int(fault is not None)
    for path in files(options.paths):
        names = ours(options.program, path)
        if names is None:
            continue
        fault, loads = judge(path, names)
        passed, failed, loaded = passed + (fault is None), failed + (fault is not None), loaded + loads
        if fault or options.v:
            print("%s: %s" % (path, fault or ("loads" if loads else "does not load here, and does nothing else")))
    print("audit_loads: %d passed, %d failed; %d load with scikit-learn %s" % (passed, failed, loaded, sklearn.__version__))
    sys.exit(bool(failed or not passed))


if __name__ == "__main__":
    main()
