"""What objects of other libraries than scikit-learn hold, for `src/vocabulary/kept_records.txt`.

usage: kept_records.py FILE.json            in an environment of any version: writes what the kinds of honest_kinds.py hold there
       kept_records.py --table FILE.json... prints the table of all of them

A class is in the table if it stands in kept_records.txt already: to add one, add its name with a colon behind it, and run both.
"""
import collections
import io
import json
import os
import pickle
import sys

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/vocabulary/kept_records.txt")
MODULES = ("argparse", "collections", "dateutil", "numpy", "pandas", "scipy", "sklearn")


class Noting(pickle.Pickler):
    """Notes the attributes, slots and fields of everything that is pickled."""

    def __init__(self):
        pickle.Pickler.__init__(self, io.BytesIO(), min(pickle.HIGHEST_PROTOCOL, 4))
        self.met = {}

    def persistent_id(self, value):
        kind = type(value)
        if kind.__module__.split(".")[0] in MODULES and not isinstance(value, type):
            held = getattr(value, "__dict__", None)
            bases = [vars(base).get("__slots__", ()) for base in kind.__mro__]
            names = [name for slots in bases for name in ([slots] if isinstance(slots, str) else slots)]
            slots = [name for name in names if not name.startswith("__") and hasattr(value, name)]
            noted = self.met.setdefault(kind.__name__, {"attributes": set(), "slots": set(), "fields": []})
            noted["attributes"].update(held if isinstance(held, dict) else ())
            noted["slots"].update(slots)
            noted["fields"] = list(getattr(kind, "_fields", ()))


def note(target):
    import honest_kinds
    met = {}
    for _, make in honest_kinds.kinds():
        noting = Noting()
        try:
            noting.dump(make())
        except Exception:
            pass
        for name, noted in noting.met.items():
            known = met.setdefault(name, noted)
            known["attributes"] |= noted["attributes"]
            known["slots"] |= noted["slots"]
    with open(target, "w") as file:
        json.dump(met, file, default=sorted)


def table(sources):
    merged = collections.defaultdict(lambda: {"attributes": set(), "slots": set(), "fields": []})
    for source in sources:
        for name, noted in json.load(open(source)).items():
            merged[name]["attributes"].update(noted["attributes"])
            merged[name]["slots"].update(noted["slots"])
            merged[name]["fields"] = noted["fields"] or merged[name]["fields"]
    with open(TABLE) as file:
        lines = file.read().splitlines()
    for line in lines:
        name, _, known = line.partition(":")
        if not line.startswith("#"):
            known, _, beside = known.partition("/")
            if name not in merged:
                print(line)
                continue
            noted = merged[name]
            # What was in the table stays: not every version that it was seen in is at hand. Modules are in no file.
            if noted["fields"]:
                known = noted["fields"]
                beside = sorted((set(beside.split()) | noted["attributes"]) - set(known) - {"_xp"})
            else:
                known = sorted((set(known.split()) | noted["attributes"]) - noted["slots"] - {"_xp_internal"})
                beside = sorted(set(beside.split()) | noted["slots"])
            line = "%s: %s%s" % (name, " ".join(known), " / " + " ".join(beside) if beside else "")
        print(line.rstrip())


if __name__ == "__main__":
    if sys.argv[1] == "--table":
        table(sys.argv[2:])
    else:
        note(sys.argv[1])
