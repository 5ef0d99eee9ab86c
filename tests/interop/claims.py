"""What the shadow says that certainly happens in other readers (src/format/pickle/shadow), done in the Python that runs this, with what is installed there.

usage: python claims.py [--all]

Each row of the tables names a row of the Rust source, word for word: a row that the source does not have any more fails, and so does an arm or a
condition of `calls.rs`, `raises.rs` or `states.rs` that no row names, and a place of `acts.rs`, `step.rs` or `names.rs` where a reader stops. It is then done with many values of each kind that it lets in, odd ones among them (`claims_values.py`):

    calls.rs       what makes an object makes one of that kind, or raises, in each reader, and asks nothing of its arguments (`claims_calls.py`)
    raises.rs, acts.rs   no reader goes on, or what is put into a thing asks nothing of it (`claims_raises.py`; functions of numpy's: `claims_calls.py`)
    states.rs      a state that is kept asks nothing of what is in it and changes no class (`claims_states.py`)
    step.rs, marks.rs, names.rs   where a reader stops, C's, Python's, cPickle and pandas' do (`claims_opcodes.py`)
    values.rs, dtypes.rs   what is no class is none, what is a key asks nothing; what estimators and scipy's matrices are (`claims_kinds.py`)

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
# Of closed lists what says nothing.
NOTHING = ["_ => return None", "_ => false", "(How::Made, _) => false", "let number = |val: &Val| matches!(val, Val::Plain | Val::Few(_));"]
# Readers stop as the rows of `raises.rs` say, where there are too few values (`too_few`), as no names or entries of the memo are there, or where ours is refused.
STOPPED = {
    "acts.rs": ["Outcome::Raises => return Next::Stopped", "target if target.has_no_append(adds) => return Next::Stopped", "target if target.has_no_items() => return Next::Stopped",
                "keys.iter().flatten().any(|key| key.val.has_no_hash()) => { return Next::Stopped; }", "val if val.raises_when_given(&state.val) => return Next::Stopped",
                "let Some(target) = self.pop() else { return Next::Stopped };", "let (Some(state), Some(target)) = (self.pop(), self.pop()) else { return Next::Stopped };",
                "is none of this file\".to_owned()) } _ => Next::Stopped"],
    "step.rs": ["Next::Used(1) } None => Next::Stopped", "opcode == 0x90), None => Next::Stopped", "Some(&[item]), false), None => Next::Stopped", "Item::WILD, 1), None => Next::Stopped", "else { return Next::Stopped };",
                "Some(&[key, value])), _ => Next::Stopped", "callee, args, 1) } _ => Next::Stopped", "of.own, of.age), 1) } _ => Next::Stopped", "self.stack.push(Item::WILD); Next::Used(1) } _ => Next::Stopped",
                "if alive { Next::Used(length) } else { Next::Stopped };"],
    # The second is of a module that nobody has; the readers here would be given one.
    "names.rs": ["Own::Both if !self.is_known_otherwise(&name) => Err(Next::Stopped)", "Own::Name if self.reads_pickles() && is_no_module(module) => Err(Next::Stopped)", "let (Some(name), Some(module)) = (self.pop(), self.pop()) else { return Next::Stopped };", "self.made(args, of.own, of.age), length) } None => Next::Stopped",
                 "longer than any\".to_owned()), Some(_) => Next::Stopped", "let [module, name] = lines.as_slice() else { return Next::Stopped };"],
}


def rows(source, names):
    """`(file, quote, check)` of each claim."""
    found = readers()
    for module in (claims_calls, claims_states, claims_opcodes, claims_kinds):
        for row, check in module.checks(source, names, kinds, found):
            yield getattr(row, "file", "calls.rs"), row.quote, check


def unnamed(source):
    """`(file, what)` of the closed lists that no row names."""
    quotes = {}
    for row in claims_calls.CALLS + claims_states.STATES + claims_opcodes.OPCODES + claims_kinds.KINDS:
        quotes.setdefault(row.file, []).append(row.quote)
    lists = [("calls.rs", "made")] + [("states.rs", name) for name in source.functions("states.rs")] + [("raises.rs", name) for name in source.functions("raises.rs")]
    found = [(file, left) for file, name in lists for left in source.unnamed(file, name, quotes[file] + NOTHING, r"=> |matches!\(|\|\||&&|\.contains\(|\.any\(|\.all\(")]
    for file in ("acts.rs", "step.rs", "names.rs"):
        for name in source.functions(file):
            found += [(file, left) for left in source.unnamed(file, name, quotes[file] + STOPPED[file], "Next::Stopped")]
    return found


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
