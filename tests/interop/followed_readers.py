"""Readers that take a file otherwise than joblib's newest, made inert: what each of them would do with it is kept, and nothing of it is done.

`Readers(joblibs, vocabulary)` knows the shapes of the vocabulary (`coldload vocabulary --json`) and finds joblib's versions in a folder,
each in a folder of its own (`pip install --no-deps --target JOBLIBS/1.1.1 joblib==1.1.1`). The readers are the libraries' own code:

    plain, plain-py       `pickle.load`, again and again until the file ends; C's reader, and Python's
    plain-latin1          the same with `encoding="latin1"`, as numpy and pandas ask for
    plain-bytes           the same from a file that can not be looked ahead into: C's reader takes each frame whole
    pandas                Python's reader as `pandas.read_pickle` makes it, once C's has raised
    shared, shared-py, shared-bytes   one `Unpickler` whose `load` is called again: its memo lives on
    joblib VERSION        the `NumpyUnpickler` of this version; what it reads of an array it reads by its own code
    newest                the newest of them, again and again, with `encoding="latin1"`: what coldload says that happens

Names give inert classes. A thing that a function of a library's would make can do what the real one can: an estimator keeps attributes and
can not be called, an array takes one state, a set is a set. A name that no table has gives a thing that can do everything, if it may be
a module's: whoever comes so far has lost. Events are tuples: `("find", name)`, `("call" | "new", name, arguments)`, `("state", name, state)`,
`("append" | "setitem", name, value)`; values are written out, so that two readers' events can be compared.
"""
import _compat_pickle
import datetime
import decimal
import importlib
import io
import os
import pickle
import sys
import types

import numpy

DEPTH = 5
# Makes of a table's shape what the real one would, if it is nothing but a value.
VALUES = {
    "builtins.set": set, "builtins.frozenset": frozenset, "builtins.slice": slice, "builtins.complex": complex, "builtins.bytearray": bytearray,
    "builtins.bytes": bytes, "datetime.time": datetime.time, "datetime.date": datetime.date, "datetime.timedelta": datetime.timedelta,
    "decimal.Decimal": decimal.Decimal, "builtins.range": range, "builtins.str": str, "numpy.float64": float,
    "builtins.tuple": tuple, "builtins.list": list, "builtins.dict": dict, "numpy.object_": lambda value=None: value,
}
# Shapes of functions, which are no classes.
FUNCTIONS = {"function", "attribute", "latin1", "ufunc", "reconstructor", "array", "array-buffer", "scalar", "bit-generator", "loss-unpickler"}
# Shapes of classes whose objects keep a state as their attributes, and take no other.
ATTRIBUTES = {"estimator", "record", "array-wrapper", "array-file"}


class Events:
    """What the reader that is at work has done."""
    list = []

    def tell(self, *event):
        self.list.append(event)


NOW = Events()
# Where the elements of arrays were: where they begin, their length, and that of their padding.
PLACES = []


def shown(value, depth=DEPTH):
    """A value as others can be compared with."""
    if depth == 0:
        return "..."
    if isinstance(value, (tuple, list)):
        return (type(value).__name__, *(shown(item, depth - 1) for item in value[:32]))
    if isinstance(value, (set, frozenset)):
        return (type(value).__name__, *sorted(map(repr, value))) if all(not isinstance(item, Thing) for item in value) else ("set", len(value))
    if isinstance(value, dict):
        return (type(value).__name__, *((shown(key, depth - 1), shown(item, depth - 1)) for key, item in list(value.items())[:32]))
    if isinstance(value, Named):
        return ("name", value.of)
    if isinstance(value, Thing):
        return ("thing", value.of, getattr(value, "made", None), shown(value.state, depth - 1))
    return repr(value)


class Named(type):
    """What stands for a class or a function of this name."""

    def __call__(cls, *args):
        return cls.made_by("call", args)

    def made_by(cls, event, args):
        if isinstance(cls, Thing):  # the reader in Python asks things for `__new__`, too
            if not isinstance(cls, Free):
                raise TypeError("object.__new__: it is no class")
            NOW.tell(event, "a thing: " + cls.of, shown(args))
            return thing(Free, cls.of, args)
        NOW.tell(event, cls.of, shown(args))
        return cls.makes(*args)

    def makes(cls, *args):
        if cls.of in VALUES:
            return VALUES[cls.of](*args)
        special = MAKERS.get(cls.shape)
        return special(cls, *args) if special else thing(cls, cls.of, args)

    @property
    def __setstate__(cls):
        return lambda state: NOW.tell("state", "a name: " + cls.of, shown(state))


class Thing(metaclass=Named):
    """What a name makes: it has attributes, and nothing else."""
    of, shape, state, made = "thing", None, None, None

    def __new__(cls, *args, **kwargs):
        if cls.shape in FUNCTIONS:
            raise TypeError("a function is no class")
        return Named.made_by(cls, "new", args)

    def __setstate__(self, state):
        NOW.tell("state", self.of, shown(state))
        if self.shape not in ATTRIBUTES:
            self.state = state
            return
        slots = None
        if isinstance(state, tuple) and len(state) == 2:
            state, slots = state
        if state:
            for key, value in state.items():
                self.__dict__[key] = value
        if slots:
            for key, value in slots.items():
                setattr(self, key, value)
        self.state = dict(self.__dict__)
        self.state.pop("state", None)


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
    """`numpy.dtype`: takes tuples for a state."""

    def __setstate__(self, state):
        if not isinstance(state, tuple):
            raise SystemError("numpy: bad argument")
        NOW.tell("state", self.of, shown(state))
        self.state = state

    def real(self):
        """The real one, as far as a wrapper asks for it."""
        text = self.code
        numbers = self.state if isinstance(self.state, tuple) else ()
        size = numbers[5] if len(numbers) >= 8 and isinstance(numbers[5], int) else -1
        objects = bool(numbers[7] & 1) if len(numbers) >= 8 and isinstance(numbers[7], int) else text[:1] == "O"
        if objects:
            return numpy.dtype(object)
        if text[:1] in "SUV" and size >= 0:
            return numpy.dtype("V%d" % size)
        return numpy.dtype("V%d" % numpy.dtype(text).itemsize)


class Array(Thing):
    """An array of numpy's: takes a tuple for a state."""
    __hash__ = None

    def __setstate__(self, state):
        if not isinstance(state, tuple) or len(state) not in (4, 5):
            raise TypeError("numpy: no state of an array")
        NOW.tell("state", self.of + (" again" if self.state is not None else ""), shown(state))
        self.state = state

    def __setitem__(self, key, value):
        if isinstance(key, str):
            raise IndexError("numpy: no field")
        NOW.tell("setitem", self.of, shown((key, value)))


class Mapping(dict):
    """A dict of another name."""
    of = "dict"

    def __setitem__(self, key, value):
        NOW.tell("setitem", self.of, shown((key, value)))
        super().__setitem__(key, value)


def thing(kind, name, args):
    made = object.__new__(kind)
    made.of, made.made = name, shown(args)
    return made


def make_dtype(cls, code, *rest):
    if isinstance(code, Named):
        code = "O" if code.shape != "array-class" else "V"
    if not isinstance(code, (str, bytes)):
        raise TypeError("numpy: no dtype")
    made = thing(DType, cls.of, (code, *rest))
    made.code = code if isinstance(code, str) else code.decode("latin1")
    numpy.dtype(made.code)
    return made


def make_array(cls, *args):
    if not args:
        raise TypeError("an array of nothing")
    if cls.shape == "array" and getattr(args[0], "shape", None) != "array-class":
        raise TypeError("_reconstruct: First argument must be a sub-type of ndarray")
    return thing(Array, cls.of, args)


def make_instance(cls, kind=None, base=None, *state):
    if isinstance(kind, Named) and type(base) is VALUES.get(kind.of) and len(state) == 1 and not isinstance(base, list):
        return type(base)(*state)  # `base.__new__`
    if not isinstance(kind, Named) or not isinstance(base, Named) or len(state) != 1:
        raise TypeError("copyreg: no class")
    return thing(kind, kind.of, ())


def make_scalar(cls, dtype=None, *data):
    if not isinstance(dtype, DType):
        raise TypeError("numpy: no dtype")
    return data[0] if dtype.code[:1] == "O" and data else 0.5


def make_text(cls, text="", codec="utf-8", *rest):
    if not isinstance(text, str) or not isinstance(codec, str):
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
    return thing(Free, cls.of, (function, *args))


def make_ufunc(cls, module=None, name=None, *more):
    if not isinstance(module, str) or not isinstance(name, str) or more:
        raise TypeError("numpy: no names")
    return thing(Free, cls.of, (module, name))


def make_mapping(cls, *args):
    made = Mapping(*args)
    made.of = cls.of
    return made


MAKERS = {
    "dtype": make_dtype, "array": make_array, "array-buffer": make_array, "array-class": make_array, "scalar": make_scalar, "latin1": make_text, "reconstructor": make_instance,
    "function": make_result, "attribute": make_free, "partial": make_partial, "ufunc": make_ufunc, "frozen": make_free, "type": make_free,
    "bunch": make_mapping, "ordered-dict": make_mapping,
}


def may_be_module(module, name):
    """Whether a module may be called so: whatever looks like one; and the folders that every Python has in its path, which have little in them."""
    parts = module.removeprefix(".").split(".")
    return all(part.isidentifier() for part in parts) or (module in ("lib-dynload", "site-packages") and name.startswith("__"))


class Finder:
    """Finds inert classes by their names."""

    def __init__(self, vocabulary):
        self.shapes = {entry["name"]: entry["shape"] for entry in vocabulary if not entry["set"]}
        self.classes, self.wrapper = {}, None

    def find(self, module, name):
        # As the readers do themselves for old protocols; no table and no input has one of the old names with another meaning.
        module, name = _compat_pickle.NAME_MAPPING.get((module, name), (_compat_pickle.IMPORT_MAPPING.get(module, module), name))
        full = "%s.%s" % (module, name)
        shape = self.shapes.get(full)
        if shape is None and not may_be_module(module, name):
            NOW.tell("import", full)
            raise ImportError(full)
        NOW.tell("find", full)
        if shape == "array-wrapper" and self.wrapper is not None:
            return self.wrapper
        if full not in self.classes:
            base = Free if shape is None else Thing
            self.classes[full] = Named("Found", (base,), {"of": full, "shape": shape})
        return self.classes[full]


class CReader(pickle.Unpickler):
    finder = None

    def find_class(self, module, name):
        return self.finder.find(module, name)


class PyReader(pickle._Unpickler):
    finder = None

    def find_class(self, module, name):
        return self.finder.find(module, name)


class PandasReader(PyReader):
    """`pandas/compat/pickle_compat.py`."""
    dispatch = dict(PyReader.dispatch)
    # Classes of which `object.__new__` makes nothing: they say that it is not safe.
    COMPILED = ("dtype", "tree", "array-class", "bunch", "ordered-dict", "random-state", "bit-generator-class")

    def load_reduce(self):
        args = self.stack.pop()
        function = self.stack[-1]
        try:
            self.stack[-1] = function(*args)
        except TypeError as error:
            if "_reconstruct" not in str(error) or not isinstance(args[0], Named) or args[0].shape in FUNCTIONS or args[0].of in VALUES:
                raise
            if args[0].shape in self.COMPILED:
                raise
            self.stack[-1] = thing(args[0], args[0].of, ())
    dispatch[pickle.REDUCE[0]] = load_reduce


def old_modules():
    """What joblib's old versions import and Python no longer has."""
    if "distutils" not in sys.modules:
        version = types.ModuleType("distutils.version")
        version.LooseVersion = lambda text: tuple(int(part) for part in text.split(".")[:2])
        sys.modules["distutils"], sys.modules["distutils.version"] = types.ModuleType("distutils"), version


def joblib_reader(folder, version, finder, nested):
    """The reader of one version, and what its arrays' wrappers are; `nested` reads the pickle inside an array."""
    package = "joblib_" + version.replace(".", "_")
    if package not in sys.modules:
        module = types.ModuleType(package)
        module.__path__ = [os.path.join(folder, version, "joblib")]
        module.__version__ = version
        sys.modules[package] = module
        old_modules()
    real = importlib.import_module(package + ".numpy_pickle")
    real.pickle = types.SimpleNamespace(**{name: getattr(pickle, name) for name in dir(pickle) if not name.startswith("__")})
    real._ensure_native_byte_order = lambda array: array
    real.pickle.load = lambda file: nested(file).load()
    wrapper = vars(real).setdefault("TheirWrapper", getattr(real, "NumpyArrayWrapper", None))

    def read(self, unpickler, *more):
        dtype = self.__dict__.get("dtype")
        if not isinstance(dtype, DType):
            raise TypeError("numpy: no dtype")
        self.dtype = dtype.real()
        if any(not isinstance(length, int) or length > 1 << 24 for length in self.shape):
            raise ValueError("joblib: no shape")
        before = unpickler.file_handle.tell()
        array = wrapper.read(self, unpickler, *more)
        if not isinstance(array, numpy.ndarray):
            return array
        begin = unpickler.file_handle.tell() - array.nbytes
        PLACES.append((begin, array.nbytes, max(begin - before - 1, 0)))
        made = thing(Array, "joblib.array", ())
        made.state = (array.tobytes()[:64],)
        return made

    class Wrapper(Thing):
        of, shape = "joblib.numpy_pickle.NumpyArrayWrapper", "array-wrapper"

    if wrapper is not None:
        Wrapper.read = read
        Wrapper.safe_get_numpy_array_alignment_bytes = getattr(wrapper, "safe_get_numpy_array_alignment_bytes", None)
        Wrapper.read_array = wrapper.read_array
        Wrapper.subclass = numpy.ndarray
        real.NumpyArrayWrapper = Wrapper

    class Reader(real.NumpyUnpickler):
        def find_class(self, module, name):
            finder.wrapper = Wrapper
            try:
                return finder.find(module, name)
            finally:
                finder.wrapper = None
    native = (True,) if "ensure_native_byte_order" in real.NumpyUnpickler.__init__.__code__.co_varnames else ()
    return lambda file: Reader("no file", file, *native)


class Readers:
    """All readers, by their names."""

    def __init__(self, joblibs, vocabulary):
        self.finder = CReader.finder = PyReader.finder = Finder(vocabulary)
        versions = sorted((name for name in os.listdir(joblibs) if name[:1].isdigit()), key=lambda text: [int(part) for part in text.split(".")])
        self.joblibs = {version: joblib_reader(joblibs, version, self.finder, CReader) for version in versions}
        newest = with_latin1(self.joblibs[versions[-1]])
        self.readers = {
            "plain": again(CReader), "plain-py": again(PyReader), "plain-latin1": again(lambda file: CReader(file, encoding="latin1")),
            "plain-bytes": unbuffered(again(CReader)), "pandas": again(PandasReader),
            "shared": same(CReader), "shared-py": same(PyReader), "shared-bytes": unbuffered(same(CReader)),
            **{"joblib " + version: again(reader) for version, reader in self.joblibs.items()}, "newest": again(newest),
        }

    def arrays(self, data):
        """Where the elements of the arrays in an honest file are: where they begin, their length, their padding."""
        PLACES.clear()
        self.read("newest", data)
        return list(PLACES)

    def read(self, reader, data):
        """The events of one reader, and what stopped it."""
        NOW.list = []
        try:
            self.readers[reader](io.BufferedReader(io.BytesIO(data)), len(data))
        except Exception as error:
            return NOW.list, "%s: %s" % (type(error).__name__, str(error)[:100])
        return NOW.list, None


def with_latin1(reader):
    """The same, which takes what Python 2 wrote as a `str` for a text, whatever is in it."""
    def made(file):
        one = reader(file)
        one.encoding = "latin1"
        return one
    return made


def again(reader):
    """A new reader for each pickle of the file."""
    def read(file, length):
        while file.tell() < length:
            reader(file).load()
    return read


def unbuffered(read):
    return lambda file, length: read(file.raw, length)


def same(reader):
    """One reader for all pickles of the file."""
    def read(file, length):
        one = reader(file)
        for _ in range(64):
            one.load()
    return read
