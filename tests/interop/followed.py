"""Files that coldload accepts, read by readers that take them otherwise: none may do what was not judged.

usage: python followed.py PROGRAM JOBLIBS [--seed N] [--seconds S] [--corpus FOLDER]... [--keep DIR] [FILE]...

Inputs are made of the seed until the time is up (`followed_inputs.py`), judged by `PROGRAM scan`, and what it accepts is read by the
readers of `followed_readers.py`; JOBLIBS has a folder for each version of joblib. Given files are judged instead.

What joblib's newest does is what coldload judged: the same act with the same values is in order, whoever does it. Of another act is asked:

    find     the name is in the vocabulary; or it is another module's by one of few names that the newest reader fetches (SECURITY.md: what
             was judged there is done with it, and no more)
    call     its function runs, asks and calls nothing of its arguments (`harms`)
    state    its class keeps it as attributes, or numpy compares it with what it has
    append, setitem   never, but with what a reader has by such a name, and does with it as the newest does
    unfit    never: memory is read or written beside what was made (`followed_stand_ins.py`)
    ask, hash, write, release   never: what Python asks for by itself was answered by the file (`followed_hooks.py`)

The last line says `followed: N passed, N failed`; an input that fails is kept in DIR (`target/followed`).
"""
import _compat_pickle
import argparse
import codecs
import collections
import json
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import time

import followed_inputs
from followed_batches import Batch, Shares, accepted
from followed_events import last_part
from followed_python2 import Python2, as_python_2
from followed_readers import Readers, shapes_of

# Calls that run nothing of their arguments, whatever those are: code in C that looks at their types, and classes that keep them.
TAKES_ANYTHING = {"estimator", "tree", "array", "array-buffer", "array-wrapper", "base-object", "loss-function", "dtype", "scalar", "slice", "named-tuple", "moment"}
# The same, if none of their arguments has attributes.
TAKES_DATA = {"set", "frozenset", "ordered-dict", "bytes", "bytearray", "complex", "type", "range", "number", "array-class", "record", "bunch", "predictor", "seed-sequence-class",
              "bit-generator-class", "namespace"}
# Of what stands in a container these ask for its hash alone, which runs nothing in a class of the tables.
HASHES, CONTAINERS = {"set", "frozenset"}, {("list",), ("tuple",), ("dict",), ("set",)}
# What keeps attributes, and nothing else, in every module of the tables.
KEEP = {"estimator", "record"}
NUMBERS = {"joblib.array", "numpy.dtype"}
DICTS, ARRAYS = {"bunch", "ordered-dict"}, {"array", "array-class"}
KEEPS_ATTRIBUTES = {"estimator", "record", "array-wrapper", "column-type", "sparse"}
# Compiled objects of numbers, which take what fits.
KEEPS_NUMBERS = {"bit-generator", "random-state", "seed-sequence"}


def parts(value):
    """All values in a written one."""
    yield value
    if isinstance(value, tuple):
        for item in value:
            yield from parts(item)


def by_last_parts(value):
    """The same, with names that may be of any module."""
    if isinstance(value, tuple):
        if value[:1] in (("name",), ("thing",)):
            value = (value[0], last_part(value[1]), *value[2:])
        return tuple(map(by_last_parts, value))
    return value


def has_things(value):
    return any(isinstance(part, tuple) and part[:1] == ("thing",) and part[1] not in NUMBERS for part in parts(value))


def is_text(value):
    return isinstance(value, str) and value[:1] in "'\""


class Judge:
    def __init__(self, vocabulary):
        self.shapes, self.kinds = shapes_of(vocabulary), collections.defaultdict(set)
        for name, shape in self.shapes.items():
            self.kinds[last_part(name)].add(shape)

    def learn(self, newest):
        """Takes what the newest reader does with an input."""
        self.known = set(newest)
        self.fetched = {last_part(event[1]) for event in newest if event[0] == "find"}
        self.by_last = {(event[0], last_part(event[1]), *by_last_parts(event[2:])) for event in newest}
        self.flags = {event[2][1:2] + event[2][-3:] for event in newest if event[0] == "state" and event[1] == "numpy.dtype"}

    def fault(self, events):
        """The first act that nobody judged, or None."""
        for event in events:
            act, name = event[:2]
            if act == "import" or event in self.known:
                continue
            if last_part(name) in self.fetched and self.is_as_judged(event, last_part(name)):
                continue
            if act == "find" and name in self.shapes:
                continue
            if act in ("call", "new") and not self.harms(self.shapes.get(name), event[2][1:]):
                continue
            if act == "state" and self.keeps(name, event[2]):
                continue
            if act == "setitem" and (self.shapes.get(name) in DICTS or ((name in NUMBERS or self.shapes.get(name) in ARRAYS) and not has_things(event[2]))):
                continue
            return event
        return None

    def is_as_judged(self, event, last):
        if event[0] == "call" and last == "scalar":  # numpy's own, in whatever module
            return True
        kinds = self.kinds.get(last, {None})
        if event[0] == "find":  # by another module, and no more than that: what is done with it is looked at as well
            return True
        if (event[0], last, *by_last_parts(event[2:])) in self.by_last:
            return True
        return kinds <= KEEP and event[0] in ("call", "new", "state") and (event[0] == "state" or event[2] == ("tuple",))

    def harms(self, shape, args):
        if shape in TAKES_ANYTHING:
            return False
        if shape in TAKES_DATA:
            hashed = shape in HASHES and len(args) == 1 and args[0][:1] in CONTAINERS
            return has_things(args) and not hashed
        if shape == "latin1":
            return len(args) > 1 and is_text(args[1]) and args[1] not in ("'latin1'", "'latin-1'")
        if shape == "ufunc":
            return len(args) == 2 and all(map(is_text, args))
        if shape == "reconstructor" and len(args) != 3:  # Python raises
            return False
        if shape == "seed-sequence":  # of a class and a checksum; with a state it would be given that
            return [self.shapes.get(arg[1]) for arg in args[:1] if arg[:1] == ("name",)] != ["seed-sequence-class"] or args[2:] != ("None",)
        if shape is None:
            return True
        return any(isinstance(part, tuple) or is_text(part) for part in args)

    def keeps(self, name, state):
        shape = self.shapes.get(name)
        if name.endswith("IsotonicRegression"):
            return False
        if shape in KEEPS_ATTRIBUTES:
            return not (isinstance(state, tuple) and state[:1] == ("tuple",) and len(state) == 3)  # attributes and slots; it is no other mapping
        if shape == "dtype":
            return state[1:2] + state[-3:] in self.flags
        return shape in ("array", "array-class") or shape in KEEPS_NUMBERS


def work(arguments, pipe):
    """Reads files until there is none: a process of its own, for what a reader does to itself."""
    joblibs, vocabulary, python2 = arguments
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    readers, judge = Readers(joblibs, vocabulary), Judge(vocabulary)
    for codec in ("latin1", "latin-1", "ascii", "utf-8", "raw_unicode_escape", "unicode_escape"):  # imported when they are first asked for
        codecs.lookup(codec)
    for reader in readers.readers:
        for seed in range(20):
            readers.read(reader, followed_inputs.crafted(random.Random(seed))[0])
    old = python2 and Python2(python2, shapes_of(vocabulary), _compat_pickle.IMPORT_MAPPING, _compat_pickle.NAME_MAPPING)
    guard()
    while True:
        data = pipe.recv_bytes()
        newest, stopped = readers.read("newest", data)
        judge.learn(newest)
        faults, parted = [], False
        for reader in readers.readers:
            events, _ = readers.read(reader, data)
            parted |= events != newest[:len(events)]
            fault = judge.fault(events)
            if fault:
                faults.append((reader, str(fault)[:300]))
        if old:
            newest = as_python_2(tuple(newest))
            judge.learn(newest)
            for reader, events in sorted(old.read(data).items()):
                parted |= tuple(events) != newest[:len(events)]
                fault = judge.fault(events)
                if fault:
                    faults.append((reader, str(fault)[:300]))
        pipe.send((faults, parted, stopped))


def guard():
    """Ends the process if reading reaches beyond it."""
    harmless = {"pickle.find_class", "array.__new__", "object.__getattr__", "object.__setattr__", "object.__delattr__", "builtins.id", "sys.excepthook", "sys.unraisablehook", "code.__new__"}

    def hook(event, args):
        # numpy has the number of elements in the text of a dtype read as a literal.
        counts = event == "compile" and isinstance(args[0], bytes) and not args[0].strip(b"0123456789(), ")
        if event not in harmless and not counts:
            os.write(2, ("followed: reading did %s %r\n" % (event, args)).encode("ascii", "backslashreplace"))
            os._exit(3)
    sys.addaudithook(hook)


class Worker:
    def __init__(self, *arguments):
        self.arguments, self.process = arguments, None

    def ask(self, data):
        if self.process is None:
            self.pipe, theirs = multiprocessing.Pipe()
            self.process = multiprocessing.get_context("fork").Process(target=work, args=(self.arguments, theirs), daemon=True)
            self.process.start()
            theirs.close()
        try:
            self.pipe.send_bytes(data)
            if self.pipe.poll(60):
                return self.pipe.recv()
        except (EOFError, OSError):
            pass
        self.process.kill()
        self.process = None
        return [("all", "reading it ended the process")], False, None


def honest(program, folders, joblibs, vocabulary):
    corpus = []
    readers = Readers(joblibs, vocabulary)
    for folder in folders:
        for path in sorted(accepted(program, folder)):
            with open(path, "rb") as file:
                data = file.read(20_001)
            if len(data) <= 20_000 and data[:1] == b"\x80":
                corpus.append((data, readers.arrays(data)))
    return corpus


def keep(options, number, data, faults, seconds):
    os.makedirs(options.keep, exist_ok=True)
    kept = os.path.join(options.keep, "%d-%d.joblib" % (options.seed, number))
    with open(kept, "wb") as file:
        file.write(data)
    for fault in faults:
        print("%s after %d s: %s: %s" % (kept, seconds, *fault), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("joblibs")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--corpus", action="append", default=[])
    parser.add_argument("--python2", help="a Python 2.7, whose readers are asked too")
    parser.add_argument("--enough", type=int, default=20, help="failing inputs after which a run ends")
    parser.add_argument("--keep", default="target/followed")
    options = parser.parse_intermixed_args()
    report = subprocess.run([options.program, "vocabulary", "--json"], stdout=subprocess.PIPE, check=True)
    vocabulary = json.loads(report.stdout)["vocabulary"]
    worker = Worker(options.joblibs, vocabulary, options.python2)
    failed = 0
    if options.files:
        for path in options.files:
            with open(path, "rb") as file:
                faults, _, _ = worker.ask(file.read())
            failed += bool(faults)
            for fault in faults:
                print(path, *fault)
        print("followed: %d passed, %d failed" % (len(options.files) - failed, failed))
        sys.exit(bool(failed))
    corpus = honest(options.program, options.corpus, options.joblibs, vocabulary)
    read = parted = stopped = 0
    shares = Shares()
    begin = time.monotonic()
    batch = Batch(options.program, options.seed, 0, corpus)
    while time.monotonic() < begin + options.seconds and failed < options.enough:
        current, batch = batch, batch.following(options.program, options.seed, corpus)
        for _, kinds in current.inputs:
            shares.made.update(kinds)
        for number, data, kinds in current.accepted():
            read += 1
            shares.accepted.update(kinds)
            faults, parts, stops = worker.ask(data)
            parted, stopped = parted + parts, stopped + bool(stops)
            if Shares.MIXED in kinds:
                faults.append(("coldload", "accepted, with memo indices of one pickle in two spellings"))
            if faults:
                failed += 1
                keep(options, number, data, faults, time.monotonic() - begin)
    made = batch.first
    batch.end()
    print("%d inputs of seed %d, %d honest files behind them; of those that are accepted another reader does something else in %d, and the newest stops early in %d" % (made, options.seed, len(corpus), parted, stopped))
    print("accepted of each kind: %s" % shares)
    if shares.unfair():
        print("next to nothing is accepted of: %s" % ", ".join(shares.unfair()))
    if not options.python2:
        print("no Python 2.7: its readers were not asked")
    print("followed: %d passed, %d failed" % (read - failed, failed + len(shares.unfair())))
    sys.exit(bool(failed or not parted or shares.unfair() or stopped * 50 > read))


if __name__ == "__main__":
    main()
