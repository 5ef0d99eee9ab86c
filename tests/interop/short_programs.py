"""Every short program of a pickle where another reader than ours takes an array's bytes for opcodes: what coldload accepts stops each of them.

usage: python short_programs.py PROGRAM [JOBLIBS] [--seed N] [--seconds S | --all] [--python2 PYTHON] [--keep DIR]

A file has an array whose bytes are one or two opcodes with one to three values, and behind them a name of a module that nobody has
(`short_programs_made.py`). `PROGRAM scan` judges many at once. It accepts one because it takes for certain that the program stops other readers: each
accepted file is read by those that are here, as they are, with the libraries that are here (`short_programs_read.py`): C's reader, Python's and pandas',
with `--python2` those of Python 2.7, and of JOBLIBS, a folder for each version, those that do not know padding. It fails if one of them

    comes to the name behind the program, or imports or opens anything
    crashes, takes longer than 5 s, or more than 4 GiB

and if the check tells nothing: next to nothing is accepted, or none of some files that are refused makes a reader come to the name. The seed chooses names of
the vocabulary and, until the time is up, programs; with `--all` each is tried. In an environment of any version, with Python 3.

The last line says `short_programs: N passed, N failed`; a file that fails is kept in DIR (`target/short_programs`).
"""
import argparse
import itertools
import sys
import time
import warnings

warnings.simplefilter("ignore")

from claims_names import Names
from claims_source import Source
from claims_trials import watch
from short_programs_check import Check
from short_programs_made import Elements, Kept, Old, Padded
from short_programs_read import versions
from short_programs_values import values

BATCH = 4000


def batches(made):
    return iter(lambda: list(itertools.islice(made, BATCH)), [])


def run(check, kinds, options):
    if options.all:
        for kind in kinds:
            for batch in batches(kind.all()):
                check.batch(kind, batch)
            check.tell(kind)
        return
    begin, some = time.monotonic(), [(kind, batches(kind.some(check.random))) for kind in kinds]
    while time.monotonic() < begin + options.seconds:
        for kind, batch in some:
            check.batch(kind, next(batch))
    for kind in kinds:
        check.tell(kind)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("joblibs", nargs="?", help="a folder for each version of joblib")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--python2", help="a Python 2.7, whose readers are asked too")
    parser.add_argument("--keep", default="target/short_programs")
    options = parser.parse_args()
    check = Check(options)
    made = values(Names(Source()), check.random)
    found = versions()
    watch()
    kinds = [Elements(made), Kept(made, check.accepted)] + ([Old(made)] if options.python2 else []) + ([Padded(made, check.accepted)] if check.joblibs else [])
    deaf = [kind.name for kind in kinds if not check.hears(kind)]
    run(check, kinds, options)
    print("read with %s%s" % (found, "; and %s" % check.versions2 if check.versions2 else ""))
    silent = list(check.silent(kinds)) + ["not each reader of %s comes to the name alone" % name for name in deaf]
    for text in silent:
        print(text)
    if not options.python2:
        print("no Python 2.7: its readers were not asked")
    if not check.joblibs:
        print("no joblib of before 1.2: it was not asked")
    passed = sum(check.counts[kind.name, "accepted"] for kind in kinds) - len(check.failed)
    print("short_programs: %d passed, %d failed" % (passed, len(check.failed) + len(silent)))
    sys.exit(bool(check.failed or silent))


if __name__ == "__main__":
    main()
