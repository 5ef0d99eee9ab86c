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
import sys

MAX_ARRAY = 1 << 33
# Calls whose result may be used as a class (NEWOBJ wants one).
MAKE_CLASSES = {"builtins.getattr", "__builtin__.getattr", "builtins.type", "__builtin__.type", "dill._dill._load_type", "dill.dill._load_type", "dill._dill._create_type",
                "cloudpickle.cloudpickle._builtin_type", "cloudpickle.cloudpickle._make_skeleton_class", "pydoc.locate", "pkgutil.resolve_name", "typing.get_type_hints"}
WRAPPERS = ("joblib.numpy_pickle.NumpyArrayWrapper", "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper")


class Recorder:
    """Makes inert classes and keeps the events; one for a file."""

    def __init__(self):
        self.events = []
        self.classes = {}

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
    made = object.__new__(Inert)
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


class CReader(pickle.Unpickler):
    def __init__(self, file, recorder):
        super().__init__(file, encoding="latin1")  # Python 2 text that is not ASCII must not stop us
        self.recorder = recorder

    def find_class(self, module, name):
        return self.recorder.find(module, name)

    def persistent_load(self, pid):
        return self.recorder.persistent(pid)


class PureReader(pickle._Unpickler):
    """Python's own reader, with one event for an opcode that moves several items."""
    dispatch = pickle._Unpickler.dispatch.copy()

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
    dispatch[pickle.SETITEMS[0]] = load_setitems

    def load_additems(self):
        self.once("add", pickle._Unpickler.load_additems)
    dispatch[pickle.ADDITEMS[0]] = load_additems


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
    dispatch[pickle.BUILD[0]] = load_build

    def array_of(self, wrapper):  # not `read`: the reader keeps its own under that name
        state = wrapper.state
        if "read" in state:  # found before the method, and called
            return state["read"](self, True)
        count = 1
        for n in state["shape"]:
            count *= n
        itemsize, has_object = layout(state["dtype"])
        if has_object:
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
        return wrapper


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


def opened(path):
    """A file object as `joblib.load` would make it, and the name of the compressor or None."""
    from joblib import numpy_pickle_utils as utils
    raw = open(path, "rb")
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
    """(events, error or None) of one reader on one file."""
    recorder = Recorder()
    error = None
    try:
        file, _ = opened(path)
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
        error = e
    return recorder.events, error


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
