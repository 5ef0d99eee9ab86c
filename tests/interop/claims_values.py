"""Values of each kind that a shadow tells apart (`Val` in src/format/pickle/shadow/values.rs), as odd as an accepted file may make them, and
stand-ins that say what they were asked. For Python 2.7 and 3, with numpy and without."""
import collections
import datetime
import decimal
import fractions
import sys

try:
    import numpy
except ImportError:
    numpy = None

# Since numpy 2.5 it stands beside its functions alone.
CHARARRAY = None if numpy is None else getattr(numpy, "chararray", None) or numpy.char.chararray
OLD = sys.version_info < (3,)
TEXT = type(u"")
# What stand-ins were asked since this was emptied.
ASKED = []
DUNDERS = """len iter next getitem setitem delitem contains bool nonzero call eq ne lt le gt ge hash index int long float complex str repr unicode bytes
    format enter exit reversed array array_interface array_struct array_wrap array_function array_ufunc array_finalize buffer setattr delattr dir reduce_ex getstate
    add radd mul rmul sub rsub mod and or xor neg pos abs invert trunc round fspath length_hint""".split()


class StandIn(object):
    """A thing of any class: whatever it is asked by Python, or for an attribute, is noted, and then answered as well as can be."""
    __slots__ = ()

    def __getattribute__(self, name):
        if name not in ("__class__", "__bases__"):  # by which nothing can be called that the file has made
            ASKED.append(name)
        if name.startswith("__") or len(ASKED) > 99:
            return object.__getattribute__(self, name)
        return StandIn()


def _answers(name):
    answers = {"len": 2, "bool": True, "nonzero": True, "hash": 5, "index": 1, "int": 1, "long": 1, "float": 1.0, "complex": 1j, "str": "a", "repr": "a", "unicode": u"a", "eq": True,
               "ne": False, "format": "a", "bytes": b"a", "length_hint": 1, "fspath": "a", "trunc": 1, "dir": []}

    def asked(self, *args, **kwargs):
        ASKED.append("__%s__" % name)
        if len(ASKED) > 99:
            raise TypeError("it was asked enough")
        if name == "iter":
            return iter([StandIn(), StandIn()])
        if name == "getitem" and isinstance(args[0], int) and args[0] > 1:
            raise IndexError
        if name in ("array_interface", "array_struct", "buffer", "array", "next", "reduce_ex"):
            raise TypeError
        return answers.get(name, StandIn())
    return asked


for _name in DUNDERS:
    if _name not in ("array_finalize", "reduce_ex", "setattr", "delattr", "array_ufunc"):
        setattr(StandIn, "__%s__" % _name, _answers(_name))




def numbers():
    """`Val::Numbers`: arrays of numbers, times or texts, of each class that an accepted file can make one of; and, of what has memory, a view that can not be written."""
    if numpy is None:
        return []
    arrays = [numpy.zeros(0), numpy.zeros(()), numpy.arange(1), numpy.arange(4), numpy.arange(5), numpy.ones((5, 5)), numpy.array([True]), numpy.arange(3) * 1j, numpy.arange(5, dtype=">i2"),
              numpy.array(["2020-01-01"], "M8[ns]"), numpy.array([5], "m8[s]"), numpy.ones((2, 3)).T, numpy.matrix([[1, 2], [3, 4]]), numpy.arange(5).view(numpy.recarray),
              numpy.array([u"a", u"b"]), numpy.array([u""]), numpy.array([u"append"]), numpy.array([[u"a", u"b"], [u"c", u"d"]]), numpy.array(u"a"), numpy.array([b"a", b"bc"]), numpy.array([b"a"]).view(CHARARRAY), numpy.array([u"a", u"b"]).view(CHARARRAY)]
    # What is called with one gets its rows, of which one of a single element has a truth and a number.
    rows = [[0, 1, 2], [[5], [0], [1]], [[[5]], [[0]], [[1]]], [[0], [1]], [[1]], [[5, 6], [0, 1], [1, 1]], [[[1, 0]]]]
    arrays += [numpy.array(items, code) for items in rows for code in ("i8", "f8", "u1", "?", "M8[ns]", "U2")] + [numpy.array([["numpy"], ["f8"], ["C"]]), numpy.array([[b"f8"], [b"b"]])]
    frozen = numpy.arange(3)
    frozen.flags.writeable = False
    frozen_class = frozen_ndarray()
    return arrays + [frozen] + ([frozen_class(numpy.arange(5))] if frozen_class else [])


def frozen_ndarray():
    """pandas' class of an array, before 1.0."""
    for module in ("pandas.core.indexes.frozen", "pandas.core.base"):
        try:
            return __import__(module, fromlist=["FrozenNDArray"]).FrozenNDArray
        except (ImportError, AttributeError):
            pass
    return None


def dtypes():
    """What `numpy.dtype` makes of a code: numpy's own, and copies."""
    codes = ["f8", "i4", "O", "S5", "U5", "V8", "M8[ns]", "m8", "?", ">f4", "c16", "S0", "V", "U"]
    return [numpy.dtype(code, False, copy) for code in codes for copy in (False, True)]


def structures():
    return [numpy.dtype([("a", "i4"), ("append", "O")]), numpy.dtype(("i4", (2,))), numpy.dtype([("a", [("b", "i2")])]), numpy.dtype({"names": ["a"], "formats": ["i2"], "offsets": [4]})]


def arrays():
    """`Val::Object(Some(Shape::ArrayClass))`: arrays that were given a state, of objects, texts or fields."""
    objects = numpy.empty(5, dtype=object)
    for index in range(5):
        objects[index] = StandIn()
    fields = numpy.zeros(2, dtype=[("a", "i4"), ("append", "O"), ("extend", "O"), ("add", "O")])
    made = [objects, objects[:1].reshape(()), objects.view(numpy.recarray), fields, fields.view(numpy.recarray), fields[:1].reshape(()).view(numpy.recarray), numpy.array([u"a", u"b"]), numpy.array([b"a"]).view(CHARARRAY),
            numpy.matrix([[1, 2]]), objects.reshape(1, 5).view(numpy.matrix)]
    return made + numbers()


def empty_arrays():
    """`Val::Object(Some(Shape::Array))`: what `_reconstruct` makes."""
    return [numpy.ndarray.__new__(cls, (0,), b"S1") for cls in (numpy.ndarray, numpy.recarray, CHARARRAY)] + [numpy.ndarray.__new__(numpy.matrix, (0,), "b")]


def buffers():
    return [numpy.frombuffer(b"12345678", dtype="i4"), numpy.frombuffer(bytearray(b"12345678"), dtype="u1").reshape(2, 4), numpy.frombuffer(b"", dtype="u1").reshape(0, 1) if numpy.__version__ > "1.20" else numpy.zeros((0, 1))]


def random_states():
    """What numpy's constructors make, without a state of its own."""
    made = [numpy.random.RandomState(1)]
    return made + [numpy.random.Generator(numpy.random.PCG64(1))] if hasattr(numpy.random, "Generator") else made


def scalars():
    return [numpy.float64(1), numpy.int32(5), numpy.bool_(True), numpy.str_("a"), numpy.bytes_(b"a"), numpy.datetime64("2020-01-01"), numpy.void(b"ab"), numpy.zeros(1, dtype=[("append", "i4")])[0], 5, b"a", 1.5, True]


def plain():
    """`Val::Plain`: numbers."""
    values = [True, False, 0, 1, -1, 7, 2 ** 70, 1.5, float("nan"), float("inf")]
    if OLD:
        return values + [object(), long(5)]  # a mark of another pickle
    return values


def few():
    """`Val::Few`: up to eight bytes, or a view of those."""
    return [] if OLD else [b"", b"b", b"f8", b"12345678", b"U9999999"] + view_of(b"abc")


def own_numbers():
    """`Val::Number`: what ours has as a number may be one of numpy's."""
    values = [True, 0, -1, 7, 2 ** 70, 1.5, float("nan"), float("inf")]
    return values + [scalar for scalar in scalars() if isinstance(scalar, (numpy.number, numpy.bool_))] if numpy is not None else values


def view_of(value):
    """READONLY_BUFFER."""
    return [memoryview(value).toreadonly()] if sys.version_info >= (3, 8) else []


def many_bytes():
    return [] if OLD else [b"123456789", b"\0" * 64, b"\xff" * 10] + view_of(b"\0" * 64)


def bytearrays():
    """`Val::ByteArray`, and views of those."""
    return [bytearray(), bytearray(b"abc"), bytearray(b"12345678"), bytearray(b"123456789"), bytearray(1000)] + view_of(bytearray(b"abc")) + view_of(bytearray(64))


def moments():
    made = [datetime.datetime(2020, 1, 1), datetime.date(2020, 1, 1), datetime.time(1), datetime.timedelta(1), datetime.timedelta(0)]
    return made if OLD else made + [datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=1), "a"), datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)]


def texts():
    values = ["", "a", "f8", "O", "i4,O", "latin1", "numpy", "claims_not_there", "append", "1 2; 3 4", "NaN", "2020-01-01", "__setstate__", "x" * 256, u"\xe9", u"\u4e00"]
    return [value for value in values] + ([TEXT("a"), TEXT("latin1")] if OLD else [u"\ud800", b"a"])  # bytes, to who asks for `encoding="bytes"`


def tuples():
    return [(), (1,), (StandIn(),), (None, None), ({}, None), (None, {}), ("", 0), (1, 2), (StandIn(), StandIn()), (1, "a", None, 2.5), (1, (2,), None, False, b"a"), tuple(range(8)), (StandIn(),) * 5]


def dtype_states():
    """`Val::DTypeState`: eight parts, of which the numbers are those of an honest file."""
    part = numpy.dtype("i4") if numpy is not None else None
    return [(3, "|", None, None, None, -1, -1, 0), (3, "<", None, None, None, -1, -1, 0), (3, "|", None, ("a",), {"a": (part, 0)}, 4, 1, 16), (3, 5, None, None, None, -1, -1, 0), (3, "|", None, "a", {}, 4, 1, 0), (3, "|", None, ("a",), None, 4, 1, 0)]


def kinds():
    """The values of each kind, made anew."""
    made = {
        "None": [None], "Text": texts(), "LongText": ["x" * 257, "", "a", u"\xe9" * 300, "1 2 " * 200, "latin1"], "Plain": plain(), "Few": few(), "Number": own_numbers(), "Bytes": many_bytes(), "ByteArray": bytearrays(),
        "Dict": [{}, {"a": 1}, {1: 2}, {"a": StandIn()}, collections.OrderedDict(a=1), {5: StandIn()}, {"__setstate__": StandIn(), "append": StandIn()}],
        "List": [[], [1], [StandIn()], [1, 2, 3, 4], [StandIn()] * 5, ["a"] * 2], "Set": [set(), {1}, frozenset(), frozenset(["a"])], "Tuple": tuples(),
        "Lengths": [(2,), (0,), (), (2, 3), (2 ** 40,), (-1,), (2 ** 40, 2 ** 40), (1, 1, 1)], "Field": [("a", 0), ("a", 4, "title")], "DTypeState": dtype_states(),
        "Mark": [object()], "Structure": [], "Numbers": numbers(), "Wild": [StandIn()],
        "Object(Moment)": moments(), "Object(Number)": [decimal.Decimal("1"), decimal.Decimal("NaN"), decimal.Decimal("1e9999"), fractions.Fraction(1, 3)],
        "Object(Slice)": [slice(0, 1), slice(None), slice("a", b"b", 5)], "Object(Complex)": [1j, complex(2, 3)], "Object(Range)": [range(0), range(3)], "Object(Bytes)": [b"", b"ab"], "Object(FrozenSet)": [frozenset(), frozenset([1])],
    }
    if numpy is not None:
        made.update({
            "Field": [(numpy.dtype("i4"), 0), (numpy.dtype("O"), 4, "title")], "Structure": structures(), "Object(DType)": dtypes(), "Object(Array)": empty_arrays(),
            "Object(RandomState)": random_states(), "Object(LegacyRandomState)": random_states()[:1],
            "Object(ArrayClass)": arrays(), "Object(ArrayBuffer)": buffers(), "Object(Scalar)": scalars(), "Object(Latin1)": [b"", b"b", b"12345678", b"\0" * 64],
        })
    return made


# Kinds that are no class, by `Val::is_no_class`.
NO_CLASS = ["None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray", "Numbers", "Dict", "List", "Set", "Tuple", "Lengths", "Field", "DTypeState", "Structure", "Mark"]
