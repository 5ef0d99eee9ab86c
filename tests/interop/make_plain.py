"""Save Python's own data, and oddities of numpy, as every protocol of the running Python writes them.

usage: python make_plain.py FOLDER

Python 2.7 or 3, with numpy or without, and with pytz and dateutil or without; a file for each protocol and kind, named for all three.
"""
import array
import collections
import datetime
import decimal
import fractions
import functools
import math
import operator
import os
import pickle
import sys
import tempfile
import uuid

try:
    import pathlib
except ImportError:
    pathlib = None
try:
    import zoneinfo
except ImportError:
    zoneinfo = None
try:
    import pytz
    from dateutil import tz
except ImportError:
    pytz = tz = None
try:
    import numpy
except ImportError:
    numpy = None


def values():
    """What models and the dicts that they stand in hold beside arrays."""
    moment = datetime.datetime(2021, 3, 4, 5, 6, 7, 89)
    deque = collections.deque([1.5, "two"], 3)
    counter = collections.Counter("abracadabra")
    numbers = collections.defaultdict(int)
    numbers["a"] += 1
    lists = collections.defaultdict(list)
    lists["a"].append("b")
    yield "times", {
        "datetime": moment,
        "date": moment.date(),
        "time": moment.time(),
        "timedelta": datetime.timedelta(1, 2, 3),
        moment.date(): "key",
    }
    yield "numbers", {
        "decimal": [decimal.Decimal(text) for text in ("1.50", "-1E+3", "NaN", "Infinity")],
        "fraction": fractions.Fraction(-3, 2),
        "complex": 1 - 2j,
        "uuid": uuid.UUID("12345678123456781234567812345678"),
    }
    yield "keys", {
        decimal.Decimal("1.50"): fractions.Fraction(1, 3),
        fractions.Fraction(1, 3): {decimal.Decimal("-1E+3"), uuid.UUID(int=5)},
        (uuid.UUID("12345678123456781234567812345678"), decimal.Decimal("Infinity")): "tuple",
    }
    yield "containers", {
        "deque": deque,
        "unbounded": collections.deque([1, 2]),
        "empty": collections.deque(),
        "counter": counter,
        "numbers": numbers,
        "lists": lists,
        "bare": collections.defaultdict(None),
        "ordered": collections.OrderedDict([("a", 1)]),
        "set": {1, 2},
        "frozenset": frozenset([1, 2]),
        "bytearray": bytearray(b"ab"),
    }
    own = ValueError("bad")
    own.column = "age"
    yield "errors", [own, UnicodeDecodeError("utf8", b"ab", 1, 2, "invalid start byte"), KeyError("a")]
    yield "functions", {"kept": [any, all, repr], "bound": functools.partial(int, base=2)}
    yield "typed", [array.array("I", [2**32 - 1])] + ([array.array("Q", [2**63]), array.array("q", [2**40])] if sys.version_info[0] > 2 else [])
    if sys.version_info[0] == 2:
        yield "ranges", {"range": xrange(1, 10, 3), "type": [unicode, long]}  # noqa: F821
        return
    import types
    yield "ranges", {"range": range(1, 10, 3), "slice": slice(1, None, 2), "constants": [Ellipsis, NotImplemented]}
    yield "zones", {
        "utc": datetime.datetime(2021, 3, 4, tzinfo=datetime.timezone.utc),
        "named": datetime.time(1, tzinfo=datetime.timezone(datetime.timedelta(hours=1), "one")),
    }
    yield "lookups", {
        "methods": [str.lower, str.split],
        "items": [operator.itemgetter("a"), operator.itemgetter(0, 1)],
        "types": [type(None), int],
        "functions": [len, math.sqrt],
    }
    places = {}
    if zoneinfo is not None:
        places["zoneinfo"] = [datetime.datetime(2021, 3, 4, tzinfo=zoneinfo.ZoneInfo("Europe/Paris")), zoneinfo.ZoneInfo.no_cache("UTC")]
    if pytz is not None:
        paris = pytz.timezone("Europe/Paris").localize(datetime.datetime(2021, 3, 4))
        places["pytz"] = [paris, pytz.utc, pytz.FixedOffset(60), pytz.timezone("Etc/GMT+3")]
    if tz is not None:
        yield "dateutil", [datetime.datetime(2021, 3, 4, tzinfo=tz.tzutc()), tz.tzoffset("X", 3600)]
    if places:
        yield "places", places
    yield "paths", [pathlib.PurePosixPath("/srv/data"), pathlib.PosixPath("a", "b"), pathlib.PureWindowsPath("c:/x")]
    yield "namespace", types.SimpleNamespace(a=1, b=[2])


def arrays():
    """Arrays of other classes, types and spellings than most."""
    yield "matrix", numpy.matrix([[1.0, 2.0]])
    yield "times", numpy.array(["2021-03-04", "NaT"], "M8[ns]")
    yield "moment", numpy.datetime64("2021-03-04", "D")
    yield "subarray", numpy.zeros(2, [("a", "f8", (3,)), ("b", "i4", (2, 2)), ("c", "S3")])
    yield "texts", numpy.zeros(2, [("a", "f8"), ("b", "U3"), ("c", [("d", "U1")])])
    yield "ufunc", {"func": numpy.log10}
    yield "bound", {"func": functools.partial(numpy.log1p)}
    yield "record", numpy.array([(1.5, b"ab")], [("a", "f4"), ("b", "S2")])[0]
    if hasattr(numpy.random, "SeedSequence"):
        yield "seed", numpy.random.SeedSequence(5)
    yield "random", numpy.random.RandomState(0)
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        numpy.save(file.name, numpy.arange(6.0).reshape(2, 3))
        mapped = numpy.load(file.name, mmap_mode="r")
        yield "mapped", {"all": mapped, "column": mapped[:, 1]}
    if not (1, 15) < tuple(int(part) for part in numpy.__version__.split(".")[:2]) < (1, 18):
        # Between these numpy divides by its size.
        yield "nothing", numpy.dtype([], align=True)


def main():
    folder = sys.argv[1]
    if not os.path.isdir(folder):
        os.makedirs(folder)
    python = "py%d%d" % sys.version_info[:2]
    kinds = list(values())
    if numpy is not None:
        kinds = [("numpy%s-%s" % (".".join(numpy.__version__.split(".")[:2]), kind), value) for kind, value in arrays()]
    for kind, value in kinds:
        # At protocols 0 and 1 dateutil's zones are made of a bare tzinfo, which is not read.
        for protocol in range(2 if kind == "dateutil" else 0, pickle.HIGHEST_PROTOCOL + 1):
            with open(os.path.join(folder, "%s-%s-%d.pkl" % (python, kind, protocol)), "wb") as file:
                pickle.dump(value, file, protocol)


main()
