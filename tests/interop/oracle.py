"""What CPython's and joblib's own readers do with a file, recorded without doing any of it.

usage: python oracle.py FILE [--reader file|bytes|joblib|joblib-c]

Prints JSON lines {"event", "name"} in the order in which the reader acts, as `inspect --trace` does;
no offsets, for the C reader does not tell where it is. Every name gives an inert class: calling it,
making it, giving it state or items is recorded and does nothing. Readers:

    file      CPython's C Unpickler, from a buffered file (it peeks ahead, 128 KiB at a time)
    bytes     the same from a BytesIO (no peek: it reads exactly what it needs)
    joblib    joblib's NumpyUnpickler, which is Python's own `_Unpickler`; nested pickles of object
              arrays by `_Unpickler` too, as joblib 1.6 does
    joblib-c  the same with nested pickles by the C Unpickler, as joblib up to 1.5 does

Compressed files are opened as joblib opens them, whatever the reader. After a pickle's STOP the next
one is read, until the file ends. Array bytes behind joblib's wrapper are read by rules of this file,
from the recorded state: numpy is not needed. Several `setitem` or `add` of the C reader for one
object in a row may be one opcode (it tells each item); `squeeze` makes traces comparable.

Exit status: 0 the whole file was read, 1 the reader stopped; its error is on standard error.
"""
import argparse
import io
import json
import pickle
import struct
import sys

MAX_ARRAY = 1 << 33
# Calls whose result may be used as a class (NEWOBJ wants one).
MAKE_CLASSES = {"builtins.getattr", "__builtin__.getattr", "builtins.type", "__builtin__.type", "dill._dill._load_type", "dill.dill._load_type", "dill._dill._create_type",
                "cloudpickle.cloudpickle._builtin_type", "cloudpickle.cloudpickle._make_skeleton_class", "pydoc.locate", "pkgutil.resolve_name", "typing.get_type_hints"}
WRAPPERS = ("joblib.numpy_pickle.NumpyArrayWrapper", "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper")


# Calls that give plain data: what is done with it afterwards Python decides as it does for any. Only what is nothing more is made.
VALUES = {"_codecs.encode": lambda text="", *codec: text.encode("latin1") if isinstance(text, str) else b"", "builtins.bytes": lambda *args: b"", "builtins.bytearray": lambda data=b"", *codec: bytearray(data if isinstance(data, bytes) else b"text" if data else b""),
          "builtins.set": set, "builtins.frozenset": frozenset}
VALUES.update({name.replace("builtins", "__builtin__"): make for name, make in VALUES.items()})
SCALARS = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
# What can not be hashed or called.
ARRAYS = {"%s.%s" % (module, name): kind for module in ("numpy.core", "numpy._core")
          for name, kind in (("multiarray._reconstruct", lambda args: Array), ("numeric._frombuffer", lambda args: Elements))}
ARRAYS.update({"%s._create_array" % module: lambda args: Elements for module in ("dill._dill", "dill.dill")})
ARRAYS["collections.OrderedDict"] = lambda args: Elements if args else Inert


class Recorder:
    """Makes inert classes and keeps the events; one for a file."""

    def __init__(self):
        self.events = []
        self.classes = {}
        self.opcodes = 0     # opcodes that the pure Python reader began: of the C reader nobody can tell
        self.nested = False  # whether a pickle inside a pickle was read

    def tell(self, event, name):
        self.events.append((event, name))

    def find(self, module, name):
        full = "%s.%s" % (module, name)
        self.tell("find", full)
        if full not in self.classes:
            self.classes[full] = Meta("Inert", (Inert,), {"of": full, "recorder": self})
        return self.classes[full]

    def persistent(self, pid):
        self.tell("persid", str(pid))
        made = object.__new__(Inert)
        made.of, made.recorder, made.args, made.state = "persid", self, (), {}
        return made


def make(cls, event, args):
    """A new inert object that bears the name of what made it. `cls` may be an inert object: the
    pure Python reader lets a file make `result.__new__(result)`."""
    cls.recorder.tell(event, cls.of)
    if event == "call" and cls.of in MAKE_CLASSES:
        return Meta("Inert", (Inert,), {"of": cls.of, "recorder": cls.recorder})
    if event == "call" and cls.of in VALUES:
        return VALUES[cls.of](*args)
    if event == "call" and cls.of in SCALARS and is_number(args):
        return number(*args)
    kind = ARRAYS.get(cls.of, lambda args: Inert)(args) if event == "call" else Inert
    made = object.__new__(kind)
    made.of, made.recorder, made.args, made.state = cls.of, cls.recorder, args, {}
    return made


class Act:
    """A method that classes have as well as objects (BUILD on a class asks the class for
    `__setstate__`), and that records its use under the name of what it was asked of."""

    def __init__(self, event, moves_items=False):
        self.event, self.moves_items = event, moves_items

    def __get__(self, obj, owner):
        target = owner if obj is None else obj

        def act(*args):
            if self.moves_items and not args[0]:
                return  # APPENDS of nothing: only the pure reader asks, and nothing is moved
            target.recorder.tell(self.event, target.of)
            if self.event == "add":
                hash(args[0])  # as any set would
            if self.event == "state" and obj is not None:
                obj.set_state(args[0])
        return act


class Meta(type):
    def __call__(cls, *args, **kwargs):
        return make(cls, "call", args)

    # An opcode's target may be the class itself; `type` must not answer for it.
    def __setitem__(cls, key, value):
        cls.recorder.tell("setitem", cls.of)

    @property
    def __setstate__(cls):
        return Act("state").__get__(None, cls)


class Inert(metaclass=Meta):
    of = "inert"
    recorder = None
    __setstate__ = Act("state")
    append = Act("append")
    extend = Act("append", moves_items=True)
    add = Act("add")

    def __new__(cls, *args, **kwargs):
        return make(cls, "new", args)

    def __call__(self, *args, **kwargs):  # a result that is called: `functools.partial`, or an attack
        return make(self, "call", args)

    def __setitem__(self, key, value):
        self.recorder.tell("setitem", self.of)
        hash(key)  # as any dict would

    def set_state(self, state):
        if isinstance(state, tuple) and len(state) == 2 and isinstance(state[0], (dict, type(None))) and isinstance(state[1], (dict, type(None))):
            for part in state:
                self.state.update(part or {})
        elif isinstance(state, dict):
            self.state.update(state)
        else:
            self.state = {"": state}

    def is_wrapper(self):
        if self.of in ("copyreg._reconstructor", "copy_reg._reconstructor"):  # protocols 0 and 1
            return bool(self.args) and getattr(self.args[0], "of", "") in WRAPPERS
        return self.of in WRAPPERS


class Array(Inert):
    """What stands for an array of numpy's: it can not be hashed or called. That it is asked for `append` is recorded."""
    __hash__ = None

    def __call__(self, *args, **kwargs):
        raise TypeError("an array is called")


class Elements(Array):
    """The same with its elements, or a dict with its items: it takes more by their places or keys only."""

    def none(self):
        raise AttributeError("an array or a dict")
    append = extend = add = property(none)


def is_number(args):
    """Whether a scalar of this dtype is a number, which is nothing but a value."""
    made = getattr(args[0], "args", ()) if args else ()
    return bool(made) and isinstance(made[0], str) and made[0].lstrip("<>|=")[:1] in "biufc"


def number(dtype, data=b"", *rest):
    """A scalar's value, as far as it matters: whether it is zero."""
    text = dtype.args[0].lstrip("<>|=")
    form = {"f2": "e", "f4": "f", "f8": "d"}.get(text)
    if isinstance(data, str):
        data = data.encode("latin1", "replace")  # what Python 2 wrote, as numpy takes it
    if form and len(data) == struct.calcsize(form):
        order = ">" if dtype.state.get("", ())[1:2] == (">",) else "<"
        return struct.unpack(order + form, data)[0]
    return float(any(data)) if isinstance(data, (bytes, bytearray)) else 0.0


class CReader(pickle.Unpickler):
    def __init__(self, file, recorder):
        super().__init__(file, encoding="latin1")  # Python 2 text that is not ASCII must not stop us
        self.recorder = recorder

    def find_class(self, module, name):
        return self.recorder.find(module, name)

    def persistent_load(self, pid):
        return self.recorder.persistent(pid)


def counted(load):
    """An opcode of the pure Python reader, that is counted when it begins."""
    def step(self):
        self.recorder.opcodes += 1
        load(self)
    return step


class PureReader(pickle._Unpickler):
    """Python's own reader, with one event for an opcode that moves several items."""
    dispatch = {code: counted(load) for code, load in pickle._Unpickler.dispatch.items()}

    def __init__(self, file, recorder):
        super().__init__(file, encoding="latin1")
        self.recorder = recorder

    def find_class(self, module, name):
        return self.recorder.find(module, name)

    def persistent_load(self, pid):
        return self.recorder.persistent(pid)

    def once(self, event, load):
        before = len(self.recorder.events)
        load(self)
        del self.recorder.events[before + 1:]

    def load_setitems(self):
        self.once("setitem", pickle._Unpickler.load_setitems)
    dispatch[pickle.SETITEMS[0]] = counted(load_setitems)

    def load_additems(self):
        self.once("add", pickle._Unpickler.load_additems)
    dispatch[pickle.ADDITEMS[0]] = counted(load_additems)


class JoblibReader(PureReader):
    """`joblib.numpy_pickle.NumpyUnpickler`: a wrapper that was given its state is replaced by what
    the *file handle* gives next, which is behind the frame, not behind BUILD."""
    dispatch = PureReader.dispatch.copy()

    def __init__(self, file, recorder, inner):
        super().__init__(file, recorder)
        self.file_handle, self.inner = file, inner

    def load_build(self):
        pickle._Unpickler.load_build(self)
        top = self.stack[-1]
        if isinstance(top, Inert) and not isinstance(top, type) and top.is_wrapper():
            self.stack[-1] = self.array_of(top)
    dispatch[pickle.BUILD[0]] = counted(load_build)

    def array_of(self, wrapper):  # not `read`: the reader keeps its own under that name
        state = wrapper.state
        array = object.__new__(Elements)
        array.of, array.recorder, array.args, array.state = wrapper.of, wrapper.recorder, (), {}
        if "read" in state:  # found before the method, and called
            return state["read"](self, True)
        count = 1
        for n in state["shape"]:
            count *= n
        itemsize, has_object = layout(state["dtype"])
        if has_object:
            self.recorder.nested = True
            return self.inner(self.file_handle, self.recorder).load()
        if state.get("numpy_array_alignment_bytes") is not None:
            pad = self.file_handle.read(1)
            if pad != b"\0":
                self.file_handle.read(int.from_bytes(pad, "little"))
        if not 0 <= count * itemsize <= MAX_ARRAY:
            raise ValueError("an array of %d bytes" % (count * itemsize))
        left = count * itemsize
        while left:
            got = len(self.file_handle.read(min(left, 1 << 20)))
            if not got:
                raise ValueError("EOF: reading array data, %d bytes missing" % left)
            left -= got
        return array


SIZES = {"b1": 1, "?": 1, "f2": 2, "b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "l": 8, "L": 8, "q": 8, "Q": 8, "e": 2, "f": 4, "d": 8, "g": 16, "F": 8, "D": 16, "G": 32, "O": 8}


def layout(dtype):
    """(item size, does it hold objects) of an inert `numpy.dtype`, from its text and its state."""
    text = dtype.args[0] if getattr(dtype, "args", ()) else ""
    if isinstance(text, Inert):
        text = {"of": "V"}.get(text.of, "O")
    text = (text.decode("latin1") if isinstance(text, bytes) else text).lstrip("<>|=")
    if text in SIZES:
        size = SIZES[text]
    elif text[1:].isdigit():
        size = int(text[1:]) * (4 if text[0] == "U" else 1)
    elif text[:2] in ("M8", "m8"):
        size = 8
    else:
        raise ValueError("dtype %r" % text)
    has_object = text[:1] == "O"
    state = dtype.state.get("")
    if isinstance(state, tuple) and len(state) >= 8:
        if text[:1] in "USV" and isinstance(state[5], int) and state[5] >= 0:
            size = state[5]
        has_object = bool(state[7] & 1) if isinstance(state[7], int) else has_object
    return size, has_object


def opened(raw):
    """A file object as `joblib.load` would make it of an opened file, and the name of the compressor or None."""
    from joblib import numpy_pickle_utils as utils
    name = utils._detect_compressor(raw)
    raw.seek(0)
    if name == "compat":  # joblib 0.8 and 0.9: "ZF", a length in hexadecimal, zlib
        from joblib.numpy_pickle_compat import read_zfile
        return io.BytesIO(read_zfile(raw)), name
    if name in utils._COMPRESSORS:
        return utils._buffered_read_file(utils._COMPRESSORS[name].decompressor_file(raw)), name
    return raw, None


READERS = ("file", "bytes", "joblib", "joblib-c")


def trace(path, reader):
    """(events, error or None) of one reader on the file at a path."""
    recorder = Recorder()
    with open(path, "rb") as raw:
        error = read(raw, reader, recorder)
    return recorder.events, error


def read(raw, reader, recorder):
    """What stopped one reader of `READERS` on an opened file, or None if it came to the end of it."""
    try:
        file, _ = opened(raw)
        if reader == "bytes":
            file = io.BytesIO(file.read())
        while True:
            if reader in ("file", "bytes"):
                CReader(file, recorder).load()
            else:
                JoblibReader(file, recorder, CReader if reader == "joblib-c" else PureReader).load()
            at = file.tell()
            if not file.read(1):
                break
            file.seek(at)
    except Exception as e:
        return e
    return None


def squeeze(events):
    """The same with runs of one object's `setitem`, or `add`, made one."""
    out = []
    for event in events:
        if not (out and event == out[-1] and event[0] in ("setitem", "add")):
            out.append(event)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--reader", choices=READERS, default="joblib")
    options = parser.parse_args()
    events, error = trace(options.file, options.reader)
    for event, name in events:
        print(json.dumps({"event": event, "name": name}))
    if error is not None:
        sys.exit("%s: %s" % (type(error).__name__, error))


if __name__ == "__main__":
    main()
