"""Make each kind of data that people really save, in every protocol and by joblib, and compare what the program says of it with
`honest_refused.txt`: what is not there is accepted. Arrays are dumped, and compared with numpy's own.

usage: python honest.py PROGRAM [FOLDER]      in an environment of any version; FOLDER keeps what was made

The last line says `honest: N passed, N failed`.
"""
import base64
import fnmatch
import json
import os
import pickle
import subprocess
import sys
import tempfile
import warnings

import joblib
import numpy as np

import honest_kinds

HERE = os.path.dirname(os.path.abspath(__file__))


def make(folder):
    """Writes `KIND.PROTOCOL.pkl`, `KIND.COMPRESSION.joblib` and `KIND.npy`; the value of each kind."""
    values = {}
    for name, maker in honest_kinds.kinds():
        try:
            value = maker()
        except Exception:
            continue  # Not of this version.
        writers = {"%d.pkl" % protocol: pickled(protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)}
        writers.update({"0.joblib": dumped(0), "3.joblib": dumped(3)})
        if type(value) is np.ndarray:
            writers["npy"] = saved
        for ending, write in writers.items():
            path = os.path.join(folder, "%s.%s" % (name, ending))
            try:
                write(value, path)
                values[os.path.basename(path)] = value
            except Exception:
                if os.path.exists(path):
                    os.remove(path)  # It can not be saved in this way.
    return values


def pickled(protocol):
    def write(value, path):
        with open(path, "wb") as file:
            pickle.dump(value, file, protocol)
    return write


def dumped(compress):
    return lambda value, path: joblib.dump(value, path, compress=compress)


def saved(value, path):
    with open(path, "wb") as file:
        np.save(file, value)


def patterns():
    """The names of files that are refused, as patterns."""
    with open(os.path.join(HERE, "honest_refused.txt")) as file:
        lines = [line.split("#")[0].strip() for line in file]
    return [pattern for line in lines if line and not line.startswith("==") for pattern in line.split()]


def verdicts(program, folder):
    """What the program says of each file."""
    run = subprocess.run([program, "scan", folder, "--strict", "--json"], stdout=subprocess.PIPE)
    return {os.path.basename(result["path"]): result for result in json.loads(run.stdout)["results"]}


def differs(program, path, value):
    """In what the dump of an array differs from numpy's own; nothing if it does not."""
    target = path + ".json"
    subprocess.run([program, "dump", path, "-o", target, "-q"], check=True)
    with open(target, encoding="utf-8") as file:
        document = json.load(file)
    os.remove(target)
    root = document["nodes"][document["roots"][0]["ref"]].get("array")
    if root is None:
        return None  # Its axes are turned: it is an object.
    dtype = document["dtypes"][root["dtype"]]
    if root["shape"] != list(value.shape) or dtype["size"] != value.dtype.itemsize:
        return "%s of %s" % (root["shape"], dtype)
    fields = [(field["name"], field["offset"]) for field in dtype.get("fields", [])]
    if fields != [(name, value.dtype.fields[name][1]) for name in value.dtype.names or ()]:
        return "fields %s" % fields
    if value.dtype.hasobject:
        node = document["nodes"][root["objects"]["ref"]]
        return None if len(node["list"]) == value.size else "%d objects" % len(node["list"])
    own = value.tobytes("F" if root.get("fortran") else "C")
    return None if base64.b64decode(root["data"]) == own else "other bytes"


def main(program, folder):
    warnings.simplefilter("ignore")
    values = make(folder)
    found = verdicts(program, folder)
    refused = patterns()
    passed = failed = 0
    for name in sorted(values):
        honest = not any(fnmatch.fnmatch(name, pattern) for pattern in refused)
        wrong = None
        if any(fnmatch.fnmatch(name, pattern[1:]) for pattern in refused if pattern.startswith("~")):
            honest = found[name]["verdict"] == "accepted"
        if (found[name]["verdict"] == "accepted") != honest:
            wrong = "%s %s" % (found[name]["verdict"], found[name].get("reasons"))
        elif honest and type(values[name]) is np.ndarray:
            wrong = differs(program, os.path.join(folder, name), values[name])
        passed, failed = passed + (wrong is None), failed + (wrong is not None)
        if wrong:
            print("%s: %s" % (name, wrong[:300]))
    print("honest: %d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) > 2:
        os.makedirs(sys.argv[2], exist_ok=True)
        sys.exit(main(sys.argv[1], sys.argv[2]))
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(sys.argv[1], temporary))
