"""How honest files use each name: with which arguments it is called or made, and with which state.

usage: python names_used.py OUT FOLDER-OR-FILE...

One block a name: how often it is only fetched, then each kind of call, making and state with its count.
Texts are shown when short, everything else by its type; an object by the name of what made it.
"""
import collections
import os
import sys

import oracle

LONG = 24


def kind(v, depth=0):
    if isinstance(v, oracle.Meta):
        return "@" + v.of
    if isinstance(v, oracle.Inert):
        return "<%s>" % v.of
    if v is None or isinstance(v, bool):
        return repr(v) if depth < 2 else ("bool" if v is not None else "None")
    if isinstance(v, str):
        return repr(v) if len(v) <= LONG and depth < 2 else "str"
    if isinstance(v, bytes):
        return repr(v) if len(v) <= 3 else "bytes"
    if isinstance(v, int):
        return str(v) if -2 < v < 8 and depth < 2 else "int"
    if isinstance(v, tuple):
        return "(%s)" % ", ".join(kind(x, depth + 1) for x in v[:12]) if depth < 3 else "tuple"
    if isinstance(v, (list, set, frozenset)):
        inside = sorted({kind(x, depth + 2) for x in list(v)[:50]})
        return "%s[%s]" % (type(v).__name__, " | ".join(inside[:5]) + (" …" if len(inside) > 5 else "")) if depth < 3 else type(v).__name__
    if isinstance(v, dict):
        return "{%s}" % ", ".join("%s: %s" % (kind(k, 1), kind(x, depth + 2)) for k, x in list(v.items())[:8]) if depth < 2 else "dict"
    return type(v).__name__


def main():
    uses = collections.defaultdict(collections.Counter)
    state_keys = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    seen_in = collections.defaultdict(set)
    make, set_state = oracle.make, oracle.Inert.set_state

    def recording_make(cls, event, args):
        uses[cls.of]["%s(%s)" % (event, ", ".join(kind(a, 1) for a in args))] += 1
        made = make(cls, event, args)
        if cls.of in ("copyreg._reconstructor", "copy_reg._reconstructor", "copyreg.__newobj__") and args:
            made.made_of = getattr(args[0], "of", "?")
        return made

    def recording_state(self, state):
        set_state(self, state)
        of = getattr(self, "made_of", self.of)
        if isinstance(state, dict):
            for k, v in state.items():
                state_keys[of][kind(k, 1)][kind(v, 2)] += 1
        else:
            uses[of]["state %s" % kind(state, 0)] += 1

    oracle.make, oracle.Inert.set_state = recording_make, recording_state
    find = oracle.Recorder.find

    def recording_find(self, module, name):
        uses["%s.%s" % (module, name)]["found"] += 1
        seen_in["%s.%s" % (module, name)].add(current[0])
        return find(self, module, name)
    oracle.Recorder.find = recording_find
    current = [""]
    for folder in sys.argv[2:]:
        paths = [folder] if os.path.isfile(folder) else [os.path.join(r, n) for r, _, names in sorted(os.walk(folder)) for n in sorted(names) if not n.endswith((".json", ".md", ".npy"))]
        for path in paths:
            current[0] = "/".join(path.split(os.sep)[-2:])
            oracle.trace(path, "joblib")
    with open(sys.argv[1], "w") as f:
        for of in sorted(set(uses) | set(state_keys)):
            where = sorted(seen_in[of])
            versions = sorted({w.split("/")[0] for w in where})
            f.write("%s    [%d files: %s]\n" % (of, len(where), ", ".join(versions[:10]) if len(where) > 3 else ", ".join(where)))
            for use, n in uses[of].most_common(14):
                f.write("    %6d  %s\n" % (n, use[:400]))
            if len(uses[of]) > 14:
                f.write("            … %d other uses\n" % (len(uses[of]) - 14))
            for key, kinds in sorted(state_keys[of].items()):
                f.write("            state[%s]: %s\n" % (key, " | ".join(k for k, _ in kinds.most_common(6))[:300]))


if __name__ == "__main__":
    main()
