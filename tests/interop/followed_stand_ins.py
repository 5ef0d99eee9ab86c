"""Stand-ins for what names fetch, and the record of what a reader would do with it: nothing of it is done. For Python 2.7 and 3.

Names give inert classes. A thing that a function of a library's would make can do what the real one can: an estimator keeps attributes and
can not be called, an array takes one state, a set is a set. What it is asked for by Python itself it answers by its attributes
(`followed_hooks.py`). A name that no table has gives a thing that can do everything, if it may be a module's: whoever comes so far has lost.
Events are those of `followed_events.py`.
"""
import datetime
import decimal
import re

import followed_hooks
from followed_events import INTEGERS, NAMES, NOW, TEXTS, OfAName, OfAThing, shown

try:
    import numpy
except ImportError:  # in Python 2.7
    numpy = None

if str is bytes:
    range = xrange

# Makes of a table's shape what the real one would, if it is nothing but a value.
VALUES = {
    "builtins.set": set, "builtins.frozenset": frozenset, "builtins.slice": slice, "builtins.complex": complex, "builtins.bytearray": bytearray,
    "builtins.bytes": bytes, "datetime.time": datetime.time, "datetime.date": datetime.date, "datetime.timedelta": datetime.timedelta,
    "decimal.Decimal": decimal.Decimal, "builtins.range": range, "builtins.str": str, "numpy.float64": float,
    "builtins.tuple": tuple, "builtins.list": list, "builtins.dict": dict, "numpy.object_": lambda value=None: value,
}
# Shapes of functions, which are no classes.
FUNCTIONS = {"function", "attribute", "latin1", "ufunc", "reconstructor", "array", "array-buffer", "scalar", "bit-generator", "loss-unpickler"}
# Attributes by which a stand-in knows itself, that a file does not change.
ITS_OWN = {"of", "state", "made", "levels", "hashed", "told"}


def made_by(cls, event, args):
    if isinstance(cls, Thing):  # the reader in Python asks things for `__new__`, too
        if not isinstance(cls, Free):
            raise TypeError("object.__new__: it is no class")
        NOW.tell(event, "a thing: " + cls.of, shown(args))
        return thing(Free, cls.of, args)
    NOW.tell(event, cls.of, shown(args))
    return cls.makes(*args)


class Named(OfAName):
    """What stands for a class or a function of this name."""

    def __call__(cls, *args):
        return made_by(cls, "call", args)

    def makes(cls, *args):
        if cls.of in VALUES:
            return VALUES[cls.of](*args)
        special = MAKERS.get(cls.shape)
        return special(cls, *args) if special else thing(cls, cls.of, args)

    @property
    def __setstate__(cls):
        return lambda state: NOW.tell("state", "a name: " + cls.of, shown(state))


class Thing(Named("Base", (followed_hooks.Hooked,), {})):
    """What a name makes: it has attributes, and nothing else."""
    of, shape, made = "thing", None, None

    def __new__(cls, *args, **kwargs):
        if cls.shape in FUNCTIONS:
            raise TypeError("a function is no class")
        return made_by(cls, "new", args)

    def __setstate__(self, state):
        NOW.tell("state", self.of, shown(state))
        self.holds(state)
        if type(self).shape not in followed_hooks.ATTRIBUTES:
            self.state = state
            return
        slots = None
        if isinstance(state, tuple) and len(state) == 2:
            state, slots = state
        given = dict(self.state or {})
        for part in (state, slots):
            if isinstance(part, Thing):
                part.asked_as_state()
            if part:
                given.update(part.items())
        if type(self).shape == "estimator" and isinstance(state, dict):
            followed_hooks.writes_version(state)
        for key, value in given.items():
            if key not in ITS_OWN:
                self.__dict__[key] = value
        self.state, self.told = given, NOW.list


class Record(followed_hooks.Answering, Thing):
    """What goes on to its attributes where it is called, or given items."""


class Closing(followed_hooks.Closing, Record):
    """What is told to close when it is let go of."""


class Row(tuple, OfAThing):
    """A named tuple: it is hashed, counted and iterated as one."""
    state, shape = None, "named-tuple"

    def __setstate__(self, state):
        NOW.tell("state", self.of, shown(state))


class Free(Thing):
    """What can do anything."""

    def __call__(self, *args, **kwargs):
        NOW.tell("call", "a thing: " + self.of, shown(args))
        return thing(Free, self.of, args)

    def __setstate__(self, state):
        NOW.tell("state", "a thing: " + self.of, shown(state))
        self.state = state

    def append(self, value):
        NOW.tell("append", "a thing: " + self.of, shown(value))

    def extend(self, values):
        if values:
            NOW.tell("append", "a thing: " + self.of, shown(values))

    add = append

    def __setitem__(self, key, value):
        NOW.tell("setitem", "a thing: " + self.of, shown((key, value)))


class DType(Thing):
    """`numpy.dtype`: takes tuples for a state; numpy's own, that are no copies, take anything, and do nothing."""
    is_numpys_own, is_still = False, True

    def __setstate__(self, state):
        if self.is_numpys_own:
            return
        if not isinstance(state, tuple):
            raise SystemError("numpy: bad argument")
        NOW.tell("state", self.of, shown(state))
        self.state = state
        if not self.fits():
            NOW.tell("unfit", self.of, shown(state))

    def number(self, index, otherwise):
        numbers = self.state if isinstance(self.state, tuple) and len(self.state) >= 8 else ()
        return numbers[index] if numbers and isinstance(numbers[index], INTEGERS) else otherwise

    def size(self):
        size = self.number(5, -1)
        return size if size >= 0 else size_of(self.code)

    def holds_objects(self):
        return self.code.lstrip("<>=|")[:1] == "O" or bool(self.number(7, 0) & 1)

    def fits(self):
        """Whether what it is made of stays within its size, and holds objects only where its flags say so."""
        parts = []
        if isinstance(self.state, tuple) and len(self.state) >= 8:
            fields = self.state[4] if isinstance(self.state[4], dict) else {}
            parts = [field[:2] for field in fields.values() if isinstance(field, tuple) and len(field) > 1]
            if isinstance(self.state[2], tuple) and self.state[2]:
                parts.append((self.state[2][0], 0))
        for part, offset in parts:
            if not isinstance(part, DType) or not isinstance(offset, INTEGERS):
                continue
            if offset < 0 or offset + part.size() > self.size() or (part.holds_objects() and not self.holds_objects()):
                return False
        return True


def size_of(code):
    if numpy is not None:
        return numpy.dtype(code).itemsize
    digits = re.search("[0-9]+$", code)
    return int(digits.group()) * (4 if "U" in code else 1) if digits else 1


class Array(Thing):
    """An array of numpy's: takes a tuple for a state, or another sequence."""
    __hash__, lengths, dtype, is_still = None, None, None, True

    @property
    def objects(self):
        return self.state[-1] if isinstance(self.state, tuple) and isinstance(self.state[-1], list) else ()

    def __setstate__(self, state):
        if not isinstance(state, (tuple, list)) or len(state) not in (4, 5):
            raise TypeError("numpy: no state of an array")
        NOW.tell("state", self.of + (" again" if self.state is not None else ""), shown(state))
        self.state = state
        self.lengths, self.dtype = state[-4:-2] if len(state) == 4 else state[1:3]
        if overflow(self.lengths, self.dtype, state[-1]):
            NOW.tell("unfit", self.of, shown(state))

    def __setitem__(self, key, value):
        if isinstance(key, str):
            raise IndexError("numpy: no field")
        NOW.tell("setitem", self.of, shown((key, value)))


def overflow(lengths, dtype, data):
    """Whether numpy before 1.22 takes so many bytes for elements of so many more: it does not see that the product overflows."""
    if not isinstance(lengths, tuple) or not all(isinstance(length, INTEGERS) for length in lengths) or not isinstance(dtype, DType):
        return False
    product, fits = 1, min(lengths or (0,)) >= 0
    for length in lengths:
        product, fits = product * length, fits and abs(product * max(length, 1)) < 1 << 63
    return not fits and (not isinstance(data, TEXTS) or len(data) == (product * dtype.size()) % (1 << 64))


class Mapping(dict):
    """A dict of another name."""
    of = "dict"

    def __setitem__(self, key, value):
        NOW.tell("setitem", self.of, shown((key, value)))
        dict.__setitem__(self, key, value)


class Bunch(Mapping):
    """A dict whose items are attributes (`sklearn/utils/_bunch.py`), and that takes no others."""

    def __getattr__(self, key):
        if key in self:
            return self[key]
        raise AttributeError(key)

    def __setstate__(self, state):
        pass


def thing(kind, name, args):
    made = object.__new__(kind)
    made.of, made.made = name, shown(args)
    return made


def make_dtype(cls, code, *rest):
    if isinstance(code, Named):
        code = "O" if code.shape != "array-class" else "V"
    if not isinstance(code, TEXTS):
        raise TypeError("numpy: no dtype")
    made = thing(DType, cls.of, (code,) + rest)
    made.code = code if isinstance(code, str) else code.encode("latin1") if str is bytes else code.decode("latin1")
    size_of(made.code)
    made.is_numpys_own = made.code[:1] in tuple("biufcO?") and not (len(rest) > 1 and rest[1])
    return made


def make_array(cls, *args):
    if not args:
        raise TypeError("an array of nothing")
    if cls.shape == "array" and getattr(args[0], "shape", None) != "array-class":
        raise TypeError("_reconstruct: First argument must be a sub-type of ndarray")
    made = thing(Array, cls.of, args)
    if cls.shape == "array-buffer" and len(args) == 4:
        made.dtype, made.lengths = args[1:3]
    return made


def make_instance(cls, kind=None, base=None, *state):
    if isinstance(kind, Named) and type(base) is VALUES.get(kind.of) and len(state) == 1 and not isinstance(base, list):
        return type(base)(*state)  # `base.__new__`
    if not isinstance(kind, Named) or not isinstance(base, Named) or len(state) != 1:
        raise TypeError("copyreg: no class")
    return thing(kind, kind.of, ())


def make_scalar(cls, dtype=None, *data):
    if not isinstance(dtype, DType):
        raise TypeError("numpy: no dtype")
    # numpy before 1.21 takes the bytes for addresses of objects.
    if data and isinstance(data[0], TEXTS + (bytearray,)) and dtype.code[:1] != "O" and dtype.holds_objects():
        NOW.tell("unfit", cls.of, shown((dtype,) + data))
    return data[0] if dtype.code[:1] == "O" and data else 0.5


def make_tree(cls, *args):
    """`Tree.__cinit__` of scikit-learn before 1.0: takes an array of one axis, and reads as many numbers of it as the last argument says."""
    if len(args) != 3 or not isinstance(args[1], Array) or not isinstance(args[2], INTEGERS):
        raise TypeError("Tree: no numbers of classes")
    lengths, dtype = args[1].lengths, args[1].dtype
    if not isinstance(lengths, tuple) or len(lengths) != 1 or not isinstance(dtype, DType) or dtype.code.lstrip("<=") != "i8":
        raise ValueError("Tree: Buffer dtype mismatch")
    if args[2] > lengths[0]:
        NOW.tell("unfit", cls.of, shown(args))
    return thing(cls, cls.of, args)


def make_text(cls, text="", codec="utf-8", *rest):
    if not isinstance(text, NAMES) or not isinstance(codec, NAMES):
        raise TypeError("codecs: no text")
    return text.encode(codec) if codec in ("latin1", "latin-1", "utf-8") else thing(Free, cls.of, (text, codec))


def make_free(cls, *args):
    return thing(Free, cls.of, args)


def make_result(cls, *args):
    """What a function of numbers gives; of another thing nobody knows what."""
    if not args:
        raise TypeError("a function of nothing")
    return thing(Free if any(isinstance(arg, (Named, Thing)) for arg in args) else Thing, cls.of, args)


def make_partial(cls, function=None, *args):
    if not isinstance(function, (Named, Free)):
        raise TypeError("partial: it can not be called")
    return thing(Free, cls.of, (function,) + args)


def make_ufunc(cls, module=None, name=None, *more):
    if not isinstance(module, NAMES) or not isinstance(name, NAMES) or more:
        raise TypeError("numpy: no names")
    return thing(Free, cls.of, (module, name))


def make_mapping(cls, *args):
    made = (Bunch if cls.shape == "bunch" else Mapping)(*args)
    made.of = cls.of
    return made


def make_row(cls, *args):
    made = Row(args)
    made.of, made.made = cls.of, shown(args)
    return made


MAKERS = {
    "dtype": make_dtype, "array": make_array, "array-buffer": make_array, "array-class": make_array, "scalar": make_scalar, "tree": make_tree, "latin1": make_text, "reconstructor": make_instance,
    "function": make_result, "attribute": make_free, "partial": make_partial, "ufunc": make_ufunc, "frozen": make_free, "type": make_free,
    "bunch": make_mapping, "ordered-dict": make_mapping, "named-tuple": make_row,
}


def may_be_module(module, name):
    """Whether a module may be called so: whatever looks like one; and the folders that every Python has in its path, which have little in them."""
    parts = module[module.startswith("."):].split(".")
    return all(re.match(r"[^\W\d]\w*\Z", part, re.UNICODE) for part in parts) or (module in ("lib-dynload", "site-packages") and name.startswith("__"))


class Finder:
    """Finds inert classes by their names."""

    def __init__(self, shapes, modules, names):
        """`modules` and `names` are those of Python 2, with what they are in Python 3."""
        self.shapes, self.modules, self.names = shapes, modules, names
        self.classes, self.wrapper, self.package = {}, None, ""

    def find(self, module, name):
        # As the readers do themselves for old protocols; no table and no input has one of the old names with another meaning.
        module, name = self.names.get((module, name), (self.modules.get(module, module), name))
        full = "%s.%s" % (module, name)
        shape = self.shapes.get(full)
        if shape is None and not may_be_module(module, name):
            NOW.tell("import", full)
            raise ImportError(full)
        NOW.tell("find", full)
        # Of joblib and the copy that scikit-learn had of it each knows its own wrapper.
        if shape == "array-wrapper" and self.wrapper is not None and full.startswith(self.package):
            return self.wrapper
        if full not in self.classes:
            closes = shape == "record" and name in followed_hooks.CLOSED
            base = Free if shape is None else Closing if closes else Record if shape in ("record", "spline") else Thing
            self.classes[full] = Named("Found", (base,), {"of": full, "shape": shape})
        return self.classes[full]
