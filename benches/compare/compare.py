"""Time coldload and what a user would use instead, side by side, and print a Markdown table: medians and ratios of one run.

usage: compare.py PROGRAM FOLDER        (benches/compare/run calls it)

Each command is run in turn with the ones beside it, so that what slows the machine slows all of them.
"""

import os
import pathlib
import pickle
import statistics
import subprocess
import sys
import time

RUNS = 5


def forest(path):
    """A forest of about 350 MB."""
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40_000, 20)), rng.integers(0, 3, 40_000)
    model = RandomForestClassifier(218, random_state=0, n_jobs=-1).fit(X, y)
    with open(path, "wb") as file:
        pickle.dump(model, file, 5)


def packed(path):
    """The same forest as joblib compresses it."""
    import joblib

    with open(path.with_name("forest.pkl"), "rb") as file:
        joblib.dump(pickle.load(file), path, compress=3)


def array(path):
    """An array of 1 GiB."""
    import numpy as np

    with open(path, "wb") as file:
        pickle.dump(np.random.default_rng(0).random(1 << 27), file, 5)


def opcodes(path):
    """A pickle of 41 MB and 13 million opcodes: dicts, tuples and lists of numbers and texts."""
    import random

    draw = random.Random(0)
    rows = [
        {
            f"column {index % 500}": (index, float(index), [index % 256, index % 100, None, True]),
            "v": [draw.randrange(1 << 20) for _ in range(3)] + [draw.random() for _ in range(3)],
        }
        for index in range(450_000)
    ]
    with open(path, "wb") as file:
        pickle.dump(rows, file, 4)


def small(folder, count, size):
    """`count` scalers in a folder, each with an array of `size` bytes."""
    import numpy as np
    from sklearn.preprocessing import StandardScaler

    folder.mkdir()
    rng = np.random.default_rng(0)
    for index in range(count):
        scaler = StandardScaler().fit(rng.random((5, max(size // 32, 4))))
        with open(folder / f"m{index:04}.pkl", "wb") as file:
            pickle.dump(scaler, file, 5)


def once(path, make, *args):
    """A model that is made if it is not there from another run, by a process of its own: what this one has in memory would
    count for the commands that it starts."""
    if not path.exists():
        print(f"making {path.name}", file=sys.stderr)
        subprocess.run([sys.executable, __file__, "make", make.__name__, path, *map(str, args)], check=True)
    return path


def measure(command):
    """Seconds and bytes of memory at its highest, of a command and of what it starts. It must succeed."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return seconds, usage.ru_maxrss * 1024


def row(what, goal, commands):
    """Prints one row: the first command is ours, the goal is the largest ratio to each of the others."""
    taken = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            taken[name].append(measure(command))
    seconds = {name: statistics.median(each for each, _ in runs) for name, runs in taken.items()}
    memory = {name: max(each for _, each in runs) for name, runs in taken.items()}
    (ours, own), *others = seconds.items()
    others = "; ".join(
        f"{name} {each:.3g} s, {memory[name] / 2**20:.0f} MiB: {own / each:.2g}" + (f" (goal {goal[name]})" if name in goal else "")
        for name, each in others
    )
    print(f"| {what} | {own:.3g} s, {memory[ours] / 2**20:.0f} MiB | {others} |", flush=True)


def main(program, folder):
    venv = pathlib.Path(sys.executable).parent
    python = str(venv / "python")
    plain = [python, "-c", "import pickle, sys; pickle.load(open(sys.argv[1], 'rb'))"]
    load = [python, "-c", "import pickle, sys, sklearn.ensemble; pickle.load(open(sys.argv[1], 'rb'))"]
    key, oms = folder / "key", folder / "oms.pem"
    if not (key.exists() and oms.exists()):
        key.unlink(missing_ok=True)
        pathlib.Path(f"{key}.pub").unlink(missing_ok=True)
        subprocess.run([program, "keygen", "-o", key, "-q"], check=True)
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", oms], check=True)
        subprocess.run(["openssl", "ec", "-in", oms, "-pubout", "-out", f"{oms}.pub"], check=True)
    big, wide = once(folder / "forest.pkl", forest), once(folder / "array.pkl", array)
    zipped = once(folder / "forest.joblib", packed)
    ops, many = once(folder / "opcodes-13-million.pkl", opcodes), once(folder / "small", small, 1000, 100)
    hundred = once(folder / "hundred", small, 1000, 100_000)
    one = many / "m0000.pkl"

    def signed(model):
        """Commands that verify a model, ours and model_signing's."""
        signature = f"{folder / model.name}.sig"
        subprocess.run([program, "sign", model, "-k", key, "--name", "m", "-q"], check=True)
        seal = ["--seal", f"{folder / model.name}.dirseal"] if model.is_dir() else []
        if seal:
            os.replace(model / "coldload.seal", seal[1])
        tool = [venv / "model_signing"]
        subprocess.run([*tool, "sign", "key", model, "--signature", signature, "--private_key", oms], check=True)
        ours = [program, "verify", model, "-k", f"{key}.pub", "--name", "m", *seal]
        return ours, [*tool, "verify", "key", model, "--signature", signature, "--public_key", f"{oms}.pub"]

    print("| what | coldload | others, and the ratio to each |\n| --- | --- | --- |")
    ours, _ = signed(big)
    row(f"verify a forest of {big.stat().st_size >> 20} MiB", {"pickle.load": 0.15}, {"ours": ours, "pickle.load": [*load, big]})
    ours, _ = signed(zipped)
    row(f"verify the same forest by joblib, compress=3, {zipped.stat().st_size >> 20} MiB", {},
        {"ours": ours, "joblib.load": [python, "-c", "import joblib, sys, sklearn.ensemble; joblib.load(sys.argv[1])", zipped]})
    ours, theirs = signed(wide)
    row("verify an array of 1 GiB", {"openssl": 0.55, "model_signing": 0.35},
        {"ours": ours, "openssl": ["openssl", "dgst", "-sha256", wide], "model_signing": theirs})
    ours, theirs = signed(hundred)
    row("verify 1,000 files of 100 kB in a folder", {"model_signing": 0.1}, {"ours": ours, "model_signing": theirs})
    row(f"scan a pickle of {ops.stat().st_size // 1_000_000} MB, 13 million opcodes", {"picklescan": 0.02, "pickle.load": 0.2},
        {"ours": [program, "scan", ops], "picklescan": [venv / "picklescan", "-p", ops], "pickle.load": [*plain, ops]})
    row("scan 1,000 small pickles", {"picklescan": 0.1},
        {"ours": [program, "scan", many], "picklescan": [venv / "picklescan", "-p", many],
         "modelscan": [venv / "modelscan", "-p", many]})
    row("scan one small pickle", {}, {"ours": [program, "scan", one], "without walls": [program, "scan", one, "--sandbox", "off"],
                                      "pickle.load": [*load, one]})


if __name__ == "__main__" and sys.argv[1] == "make":
    MAKERS = {make.__name__: make for make in (forest, packed, array, opcodes, small)}
    MAKERS[sys.argv[2]](pathlib.Path(sys.argv[3]), *map(int, sys.argv[4:]))
elif __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
