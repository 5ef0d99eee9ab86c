"""What the shadow says that certainly happens in other readers (src/format/pickle/shadow), done in the Python that runs this, with what is installed there.

usage: python claims.py [--all]

Each row of the tables names a row of the Rust source, word for word: a row that the source does not have any more fails, and so does an arm of
`calls.rs` or `states.rs` that no row names. It is then done with many values of each kind that it lets in, odd ones among them (`claims_values.py`):

    calls.rs       what raises raises, in pandas' reader too; what makes an object makes one of that kind, and asks nothing of its arguments (`claims_calls.py`)
    states.rs      a state that is harmless asks nothing of what is in it and changes no class; what stops at one stops (`claims_states.py`)
    step.rs, acts.rs, marks.rs, names.rs   where a reader stops, C's, Python's, cPickle and pandas' do (`claims_opcodes.py`)
    values.rs      what has no hash has none, what is no class is none (`claims_kinds.py`)

Nothing of this imports a module that is not here already, or opens a file; whatever may crash does so in a child. With `--all` every failure is shown, not
the first few of those that are alike. The last line says `claims: N passed, N failed`. In Python 2.7 and 3, with numpy, pandas and scikit-learn of any age, and without.
"""
from __future__ import print_function

import sys
import time
import warnings

warnings.simplefilter("ignore")

import claims_calls
import claims_kinds
import claims_opcodes
import claims_states
from claims_names import Names
from claims_source import Source
from claims_trials import readers, tried, watch
from claims_values import kinds

ALIKE = 3


def rows(source, names):
    """`(file, quote, check)` of each claim."""
    found = readers()
    for module in (claims_calls, claims_states, claims_opcodes, claims_kinds):
        for row, check in module.checks(source, names, kinds, found):
            yield getattr(row, "file", "calls.rs"), row.quote, check


def unnamed(source):
    """Arms of the closed lists that no row names."""
    calls = [row.quote for row in claims_calls.CALLS]
    states = [row.quote for row in claims_states.STATES if row.file == "states.rs"] + claims_states.UNKNOWN
    for file, begins, ends, quotes in (("calls.rs", "match (self, &*args) {", "_ => Outcome::Unknown", calls), ("states.rs", "match (self, state) {", "_ => Given::Unknown(\"a thing\"), }", states)):
        for arm in source.unnamed(file, begins, ends, quotes):
            yield file, arm


def main():
    begun, everything = time.time(), "--all" in sys.argv[1:]
    source = Source()
    names = Names(source)
    for shape in source.texts:
        names.objects(shape)
    watch()
    passed, failed, trials, empty = 0, 0, 0, 0
    for file, arm in unnamed(source):
        failed += 1
        print("FAIL %s: no claim stands for %s" % (file, arm))
    for file, quote, check in rows(source, names):
        count, failures = tried(check)
        if not source.says(file, quote):
            failures = [("", "the source does not say so any more")] + failures
        if not count and not failures:
            empty += 1
            continue
        trials += count
        passed, failed = passed + (not failures), failed + bool(failures)
        if failures:
            print("FAIL %s: %s" % (file, " ".join(quote.split())))
            tell(failures, everything)
    print("%d claims checked in %d trials with %d names, %d s; %d failed, %d are of what is not here" % (passed + failed, trials, len(names.all()), time.time() - begun, failed, empty))
    print("claims: %d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


def tell(failures, everything):
    """The first of those that are alike, and how many more."""
    alike = {}
    for group, text in failures:
        alike.setdefault(group, []).append(text)
    for group in sorted(alike):
        for text in alike[group] if everything else alike[group][:ALIKE]:
            print("     " + text.encode("ascii", "backslashreplace").decode("ascii"))
        if len(alike[group]) > ALIKE and not everything:
            print("     and %d more like these" % (len(alike[group]) - ALIKE))


if __name__ == "__main__":
    sys.exit(main())
