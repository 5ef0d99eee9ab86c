"""Readers that take a file otherwise than joblib's newest, made inert: what each of them would do with it is kept, and nothing of it is done.

`Readers(joblibs, vocabulary)` knows the shapes of the vocabulary (`coldload vocabulary --json`) and finds joblib's versions in a folder,
each in a folder of its own (`pip install --no-deps --target JOBLIBS/1.1.1 joblib==1.1.1`). The readers are the libraries' own code, which
finds stand-ins by names (`followed_stand_ins.py`):

    plain, plain-py       `pickle.load`, again and again until the file ends; C's reader, and Python's
    plain-latin1          the same with `encoding="latin1"`, as numpy and pandas ask for
    plain-bytes           the same from a file that can not be looked ahead into: C's reader takes each frame whole
    pandas                Python's reader as `pandas.read_pickle` makes it, once C's has raised
    shared, shared-py, shared-bytes   one `Unpickler` whose `load` is called again: its memo lives on
    joblib VERSION        the `NumpyUnpickler` of this version; what it reads of an array it reads by its own code
    sklearn's joblib ...  the same as the copy that scikit-learn had: it knows the wrappers of that module alone
    newest                the newest of them, again and again, with `encoding="latin1"`: what coldload says that happens

Python 2.7's readers are in a process of their own (`followed_python2.py`).
"""
import _compat_pickle
import importlib
import io
import os
import pickle
import sys
import types

import numpy

from followed_hooks import telling
from followed_stand_ins import FUNCTIONS, NOW, VALUES, Array, DType, Finder, Named, Thing, thing

# Where the elements of arrays were: where they begin, their length, and that of their padding.
PLACES = []


def shapes_of(vocabulary):
    return {entry["name"]: entry["shape"] for entry in vocabulary if not entry["set"]}


class CReader(pickle.Unpickler):
    finder = None

    def find_class(self, module, name):
        return self.finder.find(module, name)


def told(dispatch):
    """A table of Python 3's reader, in which those opcodes that hash say what."""
    return telling(dispatch, lambda reader: (reader.metastack[-1][-1], reader.stack))


class Inner(pickle._Unpickler):
    """Python's reader, whose names somebody else finds."""
    dispatch = told(pickle._Unpickler.dispatch)


class PyReader(Inner):
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


def imports_as(package, folder, version):
    """Makes a version of joblib importable as this package, without its other parts."""
    module = types.ModuleType(package)
    module.__path__ = [os.path.join(folder, version, "joblib")]
    module.__version__ = version
    sys.modules[package] = module
    old_modules()


def real_dtype(dtype):
    """The real one, as far as a wrapper asks for it."""
    if dtype.number(7, 0) & 1 if dtype.number(7, None) is not None else dtype.code[:1] == "O":
        return numpy.dtype(object)
    if dtype.code[:1] in "SUV" and dtype.number(5, -1) >= 0:
        return numpy.dtype("V%d" % dtype.number(5, -1))
    return numpy.dtype("V%d" % numpy.dtype(dtype.code).itemsize)


def joblib_reader(folder, version, finder, nested, package=""):
    """The reader of one version, and what its arrays' wrappers are; `nested` reads the pickle inside an array. In `package` the wrapper is that it
    knows."""
    package_of_wrapper = package
    package = "joblib_%s_%s" % (version.replace(".", "_"), package.strip("."))
    if package not in sys.modules:
        imports_as(package, folder, version)
    real = importlib.import_module(package + ".numpy_pickle")
    real.pickle = types.SimpleNamespace(**{name: getattr(pickle, name) for name in dir(pickle) if not name.startswith("__")})
    real._ensure_native_byte_order = lambda array: array
    real.pickle.load = lambda file: nested(file).load()
    wrapper = vars(real).setdefault("TheirWrapper", getattr(real, "NumpyArrayWrapper", None))

    def read(self, unpickler, *more):
        dtype = self.__dict__.get("dtype")
        if not isinstance(dtype, DType):
            raise TypeError("numpy: no dtype")
        self.dtype = real_dtype(dtype)
        if any(not isinstance(length, int) or length > 1 << 24 for length in self.shape):
            raise ValueError("joblib: no shape")
        before = unpickler.file_handle.tell()
        # Since 1.6 a reader of Python's own has the pickle inside an array: the inert one finds its names, and tells it what a `str` is.
        real.Unpickler = lambda file: Inner(file, encoding=unpickler.encoding)
        try:
            array = wrapper.read(self, unpickler, *more)
        finally:
            real.Unpickler = pickle._Unpickler
        if not isinstance(array, numpy.ndarray):
            return array
        begin = unpickler.file_handle.tell() - array.nbytes
        PLACES.append((begin, array.nbytes, max(begin - before - 1, 0)))
        made = thing(Array, "joblib.array", ())
        made.state, made.lengths, made.dtype = (array.tobytes()[:64],), array.shape, dtype
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
        dispatch = told(real.NumpyUnpickler.dispatch)

        def find_class(self, module, name):
            finder.wrapper, finder.package = Wrapper, package_of_wrapper
            try:
                return finder.find(module, name)
            finally:
                finder.wrapper = None
    native = (True,) if "ensure_native_byte_order" in real.NumpyUnpickler.__init__.__code__.co_varnames else ()
    return lambda file: Reader("no file", file, *native)


class Readers:
    """All readers, by their names."""

    def __init__(self, joblibs, vocabulary):
        self.finder = CReader.finder = PyReader.finder = Finder(shapes_of(vocabulary), _compat_pickle.IMPORT_MAPPING, _compat_pickle.NAME_MAPPING)
        versions = sorted((name for name in os.listdir(joblibs) if name[:1].isdigit()), key=lambda text: [int(part) for part in text.split(".")])
        self.joblibs = {version: joblib_reader(joblibs, version, self.finder, CReader, "joblib.") for version in versions}
        # scikit-learn 0.18 to 0.20 had a copy of some version between these.
        copies = {version: joblib_reader(joblibs, version, self.finder, CReader, "sklearn.") for version in versions if version.startswith("0.1")}
        newest = with_latin1(joblib_reader(joblibs, versions[-1], self.finder, CReader))
        self.readers = {
            "plain": again(CReader), "plain-py": again(PyReader), "plain-latin1": again(lambda file: CReader(file, encoding="latin1")),
            "plain-bytes": unbuffered(again(CReader)), "pandas": again(PandasReader),
            "shared": same(CReader), "shared-py": same(PyReader), "shared-bytes": unbuffered(same(CReader)),
            **{"joblib " + version: again(reader) for version, reader in self.joblibs.items()}, "newest": again(newest),
            **{"sklearn's joblib " + version: again(reader) for version, reader in copies.items()},
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
