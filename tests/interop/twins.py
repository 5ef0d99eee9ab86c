"""Load the twins that `coldload fuzz --emit` makes as their users would, and see which of them run their payload.

usage: python twins.py PROGRAM DATA...      DATA: folders with honest models

The readers are those of `oracle.py`: CPython's in C, from a file and from bytes, and joblib's. Every name gives an inert class but
for the names that the index lists of a twin, and those with which it gets to them: those are real, so that a twin which claims to run its payload has to leave its
marker in an empty folder, and one that claims not to must not. The honest models leave none.
"""
import collections
import importlib
import io
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from oracle import CReader, JoblibReader, PureReader, Recorder, opened

# Names by which a payload gets to its function, real in twins of that kind alone: honest models have some of them.
CARRIERS = {"partial": {"functools.partial"}, "build": {"collections.OrderedDict"}, "generator": {"numpy.random._pickle.__generator_ctor"}}
SUFFIXES = (".pkl", ".joblib", ".z", ".gz", ".bz2", ".xz", ".lzma", ".lz4")
MODELS, COUNT, SECONDS = 16, 28, 60


class HalfInert(Recorder):
    def __init__(self, real):
        super().__init__()
        self.real = real

    def find(self, module, name):
        inert = super().find(module, name)
        if "%s.%s" % (module, name) not in self.real:
            return inert
        return getattr(importlib.import_module(module), name)


def load(path, reader, real, folder):
    os.chdir(folder)
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    try:
        file, _ = opened(open(path, "rb"))
        recorder = HalfInert(real)
        if reader == "file":
            CReader(file, recorder).load()
        elif reader == "bytes":
            CReader(io.BytesIO(file.read()), recorder).load()
        else:
            JoblibReader(file, recorder, CReader if reader == "joblib-c" else PureReader).load()
    except Exception:
        pass


def runs(path, reader, real, marker):
    """Whether loading leaves the marker, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        child = multiprocessing.get_context("fork").Process(target=load, args=(path, reader, real, folder))
        child.start()
        child.join(SECONDS)
        if child.is_alive():
            child.kill()
            child.join()
        left = os.listdir(folder)
        if left not in ([], [marker]):
            raise SystemExit("%s left %s" % (path, left))
        return left == [marker]


def models(folders):
    found = [path for folder in folders for path in sorted(Path(folder).rglob("*")) if path.is_file() and path.name.endswith(SUFFIXES)]
    random.Random(1).shuffle(found)
    return found


def main():
    program, folders = sys.argv[1], sys.argv[2:]
    # Once here, and not in each of a thousand children: the readers ask for it.
    importlib.import_module("joblib.numpy_pickle_compat")
    passed, wrong, done, kinds = 0, [], 0, collections.Counter()
    for model in models(folders):
        if done == MODELS:
            break
        with tempfile.TemporaryDirectory() as folder:
            twins = Path(folder) / "twins"
            made = subprocess.run([program, "fuzz", str(model), "--emit", str(twins), "--count", str(COUNT)], capture_output=True, text=True)
            if made.returncode == 2 and "files beside it" in made.stderr:
                continue
            done += 1
            if made.returncode != 0:
                wrong.append("%s: %s" % (model, made.stderr.strip()))
                continue
            index = json.loads((twins / "index.json").read_text())
            readers = ("file", "bytes") if index["reader"] == "pickle.load" else ("joblib", "joblib-c")
            cases = [("the model itself", model, set(), False)]
            for twin in index["twins"]:
                real = set(twin["names"]) | CARRIERS.get(twin["kind"], set())
                cases.append((twin["kind"], twins / twin["file"], real, twin["runs"]))
            for kind, path, real, claimed in cases:
                for reader in readers:
                    kinds[kind] += 1
                    if runs(path, reader, real, index["marker"]) == claimed:
                        passed += 1
                    else:
                        wrong.append("%s: %s (%s), by %s: runs should be %s" % (model, kind, path.name, reader, claimed))
    for line in wrong[:40]:
        print(line)
    missing = [kind for kind in ("call-first", "memo", "build", "nested-objects", "new-file", "generator") if not kinds[kind]]
    if missing:
        print("no twins of the kinds %s" % ", ".join(missing))
    print("twins: %d passed, %d failed" % (passed, len(wrong) + len(missing)))
    sys.exit(bool(wrong or missing))


if __name__ == "__main__":
    main()
