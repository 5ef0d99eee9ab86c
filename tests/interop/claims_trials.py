"""Trials of claims, in child processes: a crash is a failure, too. And the readers that opcodes are given to. For Python 2.7 and 3.

A reader gets opcodes in which `cv\\nN\\n` puts the Nth of some values on its stack; what comes behind the opcode that is tried says whether
it went on.
"""
import gc
import io
import itertools
import json
import os
import pickle
import random
import resource
import sys
import traceback
import warnings

from claims_values import ASKED, OLD

MOST = 300
# So often a check goes on behind a crash.
CRASHES = 30
# Modules that were asked for, though they had not been imported.
IMPORTED, EVENTS = [], []
# Of these Python's and numpy's own code fetches parts when they are needed.
KNOWN = set()
AUDITED = ("open", "exec", "os.", "subprocess.", "socket.", "shutil.", "ctypes.")


class Reached(Exception):
    """The reader goes on behind the opcode."""


class Finder(object):
    """Says which modules somebody wants."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in KNOWN:
            IMPORTED.append(name)

    def find_module(self, name, path=None):
        self.find_spec(name)


def watch():
    warnings.simplefilter("ignore")
    KNOWN.update(name.partition(".")[0] for name in list(sys.modules) + ["encodings"])
    sys.meta_path.insert(0, Finder())
    if hasattr(sys, "addaudithook"):
        sys.addaudithook(lambda event, args: EVENTS.append("%s%r" % (event, args[:1])) if event.startswith(AUDITED) and not is_of_import(args) else None)


def is_of_import(args):
    """Or of a traceback that is written out."""
    return any(str(arg).endswith((".py", ".pyc", ".pyx", ".pxd", ".so")) for arg in args[:1])


class Outcome(object):
    """What became of something that was done."""

    def __init__(self, do):
        del ASKED[:], IMPORTED[:], EVENTS[:]
        self.made, self.raised = None, None
        try:
            self.made = do()
        except BaseException as error:
            self.raised = error
        self.asked = sorted(set(ASKED))
        self.acted = IMPORTED[:] + EVENTS[:]

    def ended(self):
        return "makes %s" % shown(self.made) if self.raised is None else "raises %s" % shown(self.raised)


def shown(value, most=100):
    """Without asking a class of some library."""
    name = type(value).__name__
    if isinstance(value, (tuple, list)) and type(value) in (tuple, list):
        return name[0] + "(%s)" % ", ".join(shown(item, 30) for item in value[:9])
    if type(value) in (int, float, bool, bytes, bytearray, type(u""), type(None), slice) or isinstance(value, BaseException):
        return ("%s: " % name if isinstance(value, BaseException) else "") + repr(value.args if isinstance(value, BaseException) else value)[:most]
    return "<class %s>" % value.__name__ if isinstance(value, type) else "<%s>" % name


def combinations(lists, most=MOST):
    """All ways to take one of each list, or as many of them as are tried, the same ones each time."""
    lists = [list(values) for values in lists]
    size = 1
    for values in lists:
        size *= len(values)
    if size <= most:
        return list(itertools.product(*lists))
    chance = random.Random(size)
    return [tuple(chance.choice(values) for values in lists) for _ in range(most)]


def tried(claim):
    """`(number of trials, failures)` of a claim: a function that is given a way to say what it tries, which answers whether to, and yields what is
    wrong, as `(what is alike, text)`. Behind a crash it goes on."""
    trials, failures, crashed = 0, [], set()
    for _ in range(CRASHES):
        more, found, last = tried_from(trials, crashed, claim)
        trials, failures = trials + more, failures + found
        if last is None:
            break
        crashed.add(last)
    return trials, failures


def tried_from(skipped, crashed, claim):
    """The same from so many trials on, and without those of whom it crashed before that; with the last one, if it crashed."""
    alike = tuple(what.partition(" called with ")[0] + " called with " for what in crashed if " called with " in what)
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        gc.disable()  # it would copy all that the parent has
        resource.setrlimit(resource.RLIMIT_CPU, (90, 90))
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        for stream in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), stream)
        try:
            said = []

            def say(text):
                said.append(1)
                tries = len(said) > skipped and not text.startswith(alike)
                if len(said) > skipped:
                    tell(sending, "trial", text)
                return tries
            for failure in claim(say):
                tell(sending, "failure", failure)
        except BaseException:
            tell(sending, "failure", ("", "the check itself: " + traceback.format_exc()[-300:]))
        os._exit(0)
    os.close(sending)
    trials, last, failures = 0, "nothing", []
    with io.open(receiving, encoding="ascii") as lines:
        for line in lines:
            kind, text = json.loads(line)
            if kind == "trial":
                trials, last = trials + 1, text
            else:
                failures.append(text)
    status = os.waitpid(child, 0)[1]
    if status & 127:
        failures.append(("ends", "ends with signal %d: %s" % (status & 127, last)))
    return trials, failures, last if status & 127 else None


def tell(file, kind, text):
    data = (json.dumps([kind, text]) + "\n").encode("ascii")
    while data:
        data = data[os.write(file, data):]


def readers():
    """`(name, read)`: `read(opcodes, values)` makes a reader read them."""
    made = [("Python's", python_reader(pickle.Unpickler if OLD else pickle._Unpickler))]
    if OLD:
        import cPickle
        made.append(("cPickle", lambda data, values: c_reader_of_python_2(cPickle, data, values)))
    else:
        made.append(("C's", python_reader(pickle.Unpickler)))
    try:
        from pandas.compat import pickle_compat
        made.append(("pandas'", python_reader(pickle_compat.Unpickler)))
    except ImportError:
        pass
    return made


def python_reader(base):
    """The reader, which finds these values, or, where there are none, what there is by the names."""
    class Reader(base, object):
        values = ()

        def find_class(self, module, name):
            return found(Reader.values, module, name) if Reader.values is not None else base.find_class(self, module, name)

    def read(data, values):
        Reader.values = values
        return Reader(io.BytesIO(data)).load()
    return read


def c_reader_of_python_2(cPickle, data, values):
    import cStringIO
    reader = cPickle.Unpickler(cStringIO.StringIO(data))
    if values is not None:
        reader.find_global = lambda module, name: found(values, module, name)
    return reader.load()


def found(values, module, name):
    if module == "reached":
        raise Reached
    return values[int(name)]


def value(index):
    return b"cv\n" + str(index).encode("ascii") + b"\n"


REACHED = b"creached\n0\n"


def goes_on(read, data, values=()):
    """What became of these opcodes: `made` is whether the reader went on behind them."""
    outcome = Outcome(lambda: read(data + REACHED + b".", values))
    outcome.made = isinstance(outcome.raised, Reached)
    return outcome
