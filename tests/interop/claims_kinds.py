"""What `values.rs` and `dtypes.rs` say of a kind of values that certainly is not so of another: what has no hash, is no class, no tuple. For Python 2.7
and 3."""
import collections

from claims_calls import classes, codes, of_no_class, no_dtypes, records
from claims_trials import Outcome, shown
from claims_values import NO_CLASS, numpy

# `things` gives values of the kinds that the predicate is true of; `wrong` says what is not so of one.
Row = collections.namedtuple("Row", "file quote things wrong")
KEYS = ["None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray", "Mark", "List", "Dict", "Numbers", "Structure"] + [
    "Object(%s)" % shape for shape in ("Array", "ArrayClass", "ArrayBuffer", "Scalar", "Slice", "Complex", "DType", "Moment")]
NO_TUPLES = ["None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray", "Numbers", "Dict", "List", "Set", "Structure", "Mark", "Object(ArrayClass)"]


def of_kinds(*wanted):
    return lambda names, kinds: [item for kind in wanted for item in kinds.get(kind, [])]


def asks_or_acts(do):
    outcome = Outcome(do)
    return "asks for %s" % ", ".join(outcome.asked) if outcome.asked else "acts: %s" % ", ".join(outcome.acted) if outcome.acted else None


def compares(thing):
    """Two keys are compared if their hashes are equal: with these numbers and texts."""
    def do():
        hash(thing)
        for other in (1, 0, "a", b"a", None, (1,), 1.5, 1j, numpy.dtype("i4") if numpy is not None else 5):
            bool(thing == other)
    return asks_or_acts(do)


def is_class(thing):
    return "is a class" if isinstance(thing, type) or type(thing).__name__ == "classobj" else None


def is_a(*classes):
    return lambda thing: "is one" if isinstance(thing, classes) else None


def owner(cls, name):
    """The class that has a method of its own by this name, if it is another than `object`."""
    return next((base for base in cls.__mro__ if name in vars(base) and base is not object), None)


def is_no_bare_estimator(cls):
    """An object of it keeps a dict; what it is given for a state `BaseEstimator` puts there, or Python."""
    setstate = owner(cls, "__setstate__")
    if setstate is not None and setstate.__name__ != "BaseEstimator":
        return "has a __setstate__ of %s" % setstate.__name__
    return is_no_bare_class(cls)


def is_no_bare_record(cls):
    """The same of scikit-learn's other classes, of which some can be called, and take items."""
    setstate = owner(cls, "__setstate__")
    if setstate is not None and setstate.__name__ != "BaseEstimator":
        return "has a __setstate__ of %s" % setstate.__name__
    found = [name for name in ("__del__", "__getattribute__") if owner(cls, name)]
    return "has %s" % ", ".join(found) if found else None


def is_no_bare_matrix(cls):
    """The one of scipy's matrices by their places makes `coords` of `row` and `col`, in the state itself."""
    setstate = owner(cls, "__setstate__")
    if setstate is not None and setstate.__name__ not in ("_coo_base", "coo_matrix"):
        return "has a __setstate__ of %s" % setstate.__name__
    return is_no_bare_class(cls)


def is_no_bare_class(cls):
    if not isinstance(cls, type):
        return "is no class"
    if not cls.__dictoffset__:
        return "keeps no dict"
    new = owner(cls, "__new__")
    if new is not None and new.__module__.partition(".")[0] not in ("abc", "typing", "collections") and new.__name__ != "BaseEstimator" and not is_harmless_new(new):
        return "has a __new__ of %s" % new.__name__
    found = [name for name in ("__call__", "__del__", "__getattribute__", "append", "extend", "add") if owner(cls, name)]
    return "has %s" % ", ".join(found) if found else None


def is_harmless_new(cls):
    """It makes an object of nothing, and asks for nothing."""
    outcome = Outcome(lambda: cls.__new__(cls))
    return not outcome.acted and (outcome.raised is not None or type(outcome.made) is cls)


def letter(thing):
    import _codecs
    return None if _codecs.encode(*thing) == b"b" else "is another"


KINDS = [
    Row("values.rs", "pub fn is_key(&self) -> bool", lambda names, kinds: of_kinds(*KEYS)(names, kinds) + [found for _, found in names.all()], compares),
    Row("values.rs", "pub fn may_be_a_class(&self) -> bool", lambda names, kinds: of_no_class(kinds, names), is_class),
    Row("values.rs", "pub fn is_no_class(&self) -> bool", of_kinds(*NO_CLASS), lambda thing: is_class(thing) or ("can be called" if callable(thing) else None)),
    Row("values.rs", "pub fn may_be_tuple(&self) -> bool", lambda names, kinds: of_kinds(*NO_TUPLES)(names, kinds) + [made for _, made in names.objects("ArrayWrapper")], is_a(tuple)),
    Row("values.rs", "pub fn may_be_dict(&self) -> bool", of_kinds(*[kind for kind in NO_CLASS if kind != "Dict"]), is_a(dict)),
    Row("values.rs", "pub fn answers_as_made(&self) -> bool", lambda names, kinds: of_kinds(*NO_CLASS)(names, kinds) + [item for kind in sorted(kinds) if kind.startswith("Object(") for item in kinds[kind]]
        + [found for _, found in names.all() if not hasattr(type(found), "__iter__")], lambda thing: asks_or_acts(lambda: [None for _, _ in zip(range(9), thing)])),
    Row("states.rs", "Shape::Estimator | Shape::Record => !pairs.version", lambda names, kinds: classes(names, "Estimator"), is_no_bare_estimator),
    Row("states.rs", "Shape::Estimator | Shape::Record => !pairs.version", lambda names, kinds: [cls for _, cls in records(names)], is_no_bare_record),
    Row("states.rs", "Shape::Sparse => true", lambda names, kinds: classes(names, "Sparse"), is_no_bare_matrix),
    Row("acts.rs", "fn is_letter(args: &Val) -> bool", lambda names, kinds: [("b", "latin1")], letter),
]
if numpy is not None:
    KINDS += [
        Row("dtypes.rs", "pub fn is_no_dtype(&self) -> bool", lambda names, kinds: no_dtypes(kinds, names), is_a(numpy.dtype)),
        Row("dtypes.rs", "pub(super) fn says_no_fields(text: &[u8]) -> bool", lambda names, kinds: codes(kinds), lambda code: has_fields(code)),
    ]


def has_fields(code):
    made = Outcome(lambda: numpy.dtype(code)).made
    return "has fields" if made is not None and (made.names or made.subdtype) else None


def checks(source, names, kinds, readers):
    for one in KINDS:
        yield one, lambda say, one=one: check(one, names, kinds(), say)


def check(one, names, kinds, say):
    for thing in one.things(names, kinds):
        if say(shown(thing)):
            wrong = one.wrong(thing)
            if wrong:
                yield wrong, "%s: it %s" % (shown(thing), wrong)
