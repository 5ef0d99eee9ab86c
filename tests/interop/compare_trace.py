"""Compare `inspect --trace` with what CPython's and joblib's readers do.

usage: python compare_trace.py PROGRAM FILE-OR-FOLDER... [-v]

For each file, and each reader of `oracle.py` that would usually be used on it (a file with joblib's
wrapper is read by joblib alone), the events must agree:

    accepted  ours equal theirs, and their reader came to the end                            (P1)
    refused   ours are a prefix of theirs: what was reported is what Python would have done  (P2)
              or theirs a prefix of ours, if their reader stopped with an error              (P3)

Offsets are not compared, nor the text of a persistent id; runs of `setitem` or `add` of one name count
as one, for the C reader tells each item. Each oracle runs in a child with bounded memory and time; one
that dies by those bounds says nothing, and is counted. Exit status 1 if any file disagrees.
"""
import argparse
import concurrent.futures
import json
import multiprocessing
import os
import resource
import subprocess
import sys

import joblib.numpy_pickle  # noqa: F401  (here, so that no child has to)

import oracle

MEMORY = 3 << 30
SECONDS = 30


def child(path, readers, pipe):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    for reader in readers:
        try:
            events, error = oracle.trace(path, reader)
            pipe.send((reader, plain(events), None if error is None else "%s: %s" % (type(error).__name__, str(error)[:200]), isinstance(error, MemoryError)))
        except (MemoryError, RecursionError) as e:
            pipe.send((reader, [], type(e).__name__, True))
    os._exit(0)  # a deep value is not worth taking apart


def plain(events):
    return oracle.squeeze([(e, "" if e == "persid" else n) for e, n in events])


def theirs(path, readers):
    """reader -> (events, error); a reader whose child died, or ran out of memory, is missing."""
    found = {}
    mine, other = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=child, args=(path, readers, other))
    process.start()
    other.close()
    try:
        while len(found) < len(readers) and mine.poll(SECONDS):
            reader, events, error, void = mine.recv()
            found[reader] = None if void else (events, error)
    except (EOFError, OSError):
        pass
    process.kill()
    process.join()
    return {r: t for r, t in found.items() if t is not None}


def ours(program, path):
    run = subprocess.run([program, "inspect", "--trace", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    events = []
    for line in run.stdout.decode("utf-8", "surrogateescape").splitlines():
        try:
            event = json.loads(line)
            events.append((event["event"], event["name"]))
        except (ValueError, KeyError, TypeError):
            return run.returncode, None, "not an event: %r" % line[:120]
    return run.returncode, plain(events), run.stderr.decode("utf-8", "replace").strip()[:200]


def differ(mine, them):
    """The first index at which two traces differ, and the two events."""
    at = next((i for i, (a, b) in enumerate(zip(mine, them)) if a != b), min(len(mine), len(them)))
    show = lambda t: "%s %s" % t[at] if at < len(t) else "the end"
    return "at event %d: ours %s, theirs %s" % (at, show(mine), show(them))


def judge(program, path):
    """(faults, what the oracles left unsaid) of one file."""
    try:
        status, mine, said = ours(program, path)
    except subprocess.TimeoutExpired:
        return ["the program did not end"], 0
    if status not in (0, 1) or mine is None:
        return ["exit %d, %s" % (status, said)], 0
    found = theirs(path, oracle.READERS)
    named = [n for r in ("joblib", "joblib-c") for e, n in found.get(r, ([], None))[0]] + [n for e, n in mine]
    usual = ("joblib", "joblib-c") if any(n in oracle.WRAPPERS for n in named) else oracle.READERS
    faults = []
    for reader in usual:
        if reader not in found:
            continue
        them, error = found[reader]
        if status == 0:
            if mine != them:
                faults.append("accepted, but %s does otherwise %s" % (reader, differ(mine, them)))
            elif error:
                faults.append("accepted, but %s stops: %s" % (reader, error))
        elif mine != them[:len(mine)] and not (error and them == mine[:len(them)]):
            faults.append("refused, and %s does otherwise %s%s" % (reader, differ(mine, them), ", where it stops: " + error if error else ""))
    return faults, sum(r not in found for r in usual)


def files(paths):
    for path in paths:
        if os.path.isdir(path):
            for root, _, names in sorted(os.walk(path)):
                yield from (os.path.join(root, n) for n in sorted(names) if not n.endswith((".json", ".npy", ".md", ".txt")))
        else:
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("-v", action="store_true", help="name the files that agree, too")
    options = parser.parse_args()
    passed = failed = unsaid = 0
    todo = list(files(options.paths))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, (faults, missing) in zip(todo, pool.map(lambda p: judge(options.program, p), todo)):
            unsaid += missing
            failed += bool(faults)
            passed += not faults
            if faults or options.v:
                print("%s: %s" % (path, "; ".join(faults) or "agrees"))
    print("compare_trace: %d passed, %d failed%s" % (passed, failed, "; %d readers ran out of memory or time" % unsaid if unsaid else ""))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
