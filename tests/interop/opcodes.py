"""Pickle opcodes as small functions, so that an attack can be read where it is written.

A value is bytes of opcodes that leave one thing on the stack. `lit` makes them from Python values;
a bytes subclass `Ops` inside a value stands for opcodes themselves.
"""
import struct

MARKER = "coldload-was-run"
SHELL = "touch " + MARKER
PYTHON = "open('%s', 'w').close()" % MARKER


class Ops(bytes):
    def __add__(self, other):
        return Ops(bytes(self) + bytes(other))

    def __radd__(self, other):
        return Ops(bytes(other) + bytes(self))


def text(s):
    b = s.encode("utf-8", "surrogatepass") if isinstance(s, str) else s
    return Ops(b"\x8c" + bytes([len(b)]) + b if len(b) < 256 else b"X" + struct.pack("<I", len(b)) + b)


def data(b):
    return Ops(b"C" + bytes([len(b)]) + b if len(b) < 256 else b"B" + struct.pack("<I", len(b)) + b)


def integer(n):
    if 0 <= n < 256:
        return Ops(b"K" + bytes([n]))
    if -2**31 <= n < 2**31:
        return Ops(b"J" + struct.pack("<i", n))
    size = n.bit_length() // 8 + 1
    return Ops(b"\x8a" + bytes([size]) + n.to_bytes(size, "little", signed=True))


def lit(v):
    if isinstance(v, Ops):
        return v
    if v is None:
        return Ops(b"N")
    if v is True or v is False:
        return Ops(b"\x88" if v else b"\x89")
    if isinstance(v, int):
        return integer(v)
    if isinstance(v, float):
        return Ops(b"G" + struct.pack(">d", v))
    if isinstance(v, str):
        return text(v)
    if isinstance(v, (bytes, bytearray)):
        return data(bytes(v))
    if isinstance(v, tuple):
        return Ops(b"(" + b"".join(lit(x) for x in v) + b"t") if v else Ops(b")")
    if isinstance(v, list):
        return Ops(b"](" + b"".join(lit(x) for x in v) + b"e")
    if isinstance(v, dict):
        return Ops(b"}(" + b"".join(lit(k) + lit(x) for k, x in v.items()) + b"u")
    raise TypeError(v)


def name(module, qualname):
    """GLOBAL where a line can hold it, else STACK_GLOBAL."""
    return Ops(b"c%s\n%s\n" % (module.encode(), qualname.encode()))


def stack_name(module, qualname):
    return text(module) + text(qualname) + b"\x93"


def call(f, *args):
    return lit(f) + lit(args) + b"R"


def new(cls, *args):
    return lit(cls) + lit(args) + b"\x81"


def build(obj, state):
    return lit(obj) + lit(state) + b"b"


def pickle(body, proto=4, frame=False):
    assert isinstance(body, Ops) or not isinstance(body, bytes), "opcodes, or a value: bytes could be either"
    body = bytes(lit(body)) + b"."
    head = b"\x80" + bytes([proto]) if proto >= 2 else b""
    return head + (b"\x95" + struct.pack("<Q", len(body)) + body if frame else body)


# numpy, as numpy 2 writes it

CORE = "numpy._core.multiarray"
PLAIN = (3, "<", None, None, None, -1, -1, 0)
OBJECT = (3, "|", None, None, None, -1, -1, 63)


def dtype(code="f8", state=PLAIN):
    return build(call(name("numpy", "dtype"), code, False, True), state)


def array(shape, kind, content, core=CORE, subclass=("numpy", "ndarray"), first=(0,), letter=b"b", version=1, fortran=False):
    empty = call(name(core, "_reconstruct"), name(*subclass), first, letter)
    return build(empty, (version, shape, kind, fortran, content))


# scikit-learn

SCALER = name("sklearn.preprocessing._data", "StandardScaler")
SCALER_STATE = {"with_mean": True, "with_std": True, "copy": True, "_sklearn_version": "1.6.1"}


def scaler(**more):
    return build(new(SCALER), dict(SCALER_STATE, **more))


# joblib

WRAPPER = name("joblib.numpy_pickle", "NumpyArrayWrapper")


def wrapper_state(shape, kind, order="C", subclass=name("numpy", "ndarray"), **more):
    return dict({"subclass": subclass, "shape": shape, "order": order, "dtype": kind, "allow_mmap": True, "numpy_array_alignment_bytes": 16}, **more)


def wrapper(shape, kind, **more):
    return build(new(WRAPPER), wrapper_state(shape, kind, **more))


def padding(at):
    """What joblib >= 1.2 writes before array bytes at this offset of the file."""
    n = 16 - (at + 1) % 16
    return bytes([n]) + b"\xff" * n


class Joblib:
    """A joblib file in the making: opcodes go to a frame, array bytes behind its end."""

    def __init__(self, proto=4):
        self.out = bytearray(b"\x80" + bytes([proto]))
        self.framed = proto >= 4

    def ops(self, *parts):
        body = b"".join(bytes(lit(p)) if not isinstance(p, bytes) else bytes(p) for p in parts)
        if self.framed:
            self.out += b"\x95" + struct.pack("<Q", len(body))
        self.out += body
        return self

    def raw(self, content, pad=True):
        if pad:
            self.out += padding(len(self.out))
        self.out += content
        return self

    def done(self):
        return bytes(self.out)


def joblib_array(shape, kind, content, proto=4, pad=True, **more):
    j = Joblib(proto).ops(wrapper(shape, kind, **more)).raw(content, pad=pad)
    return j.ops(b".").done()


def joblib_objects(nested, proto=4, shape=(1,)):
    """An object array: a pickle of its own behind the wrapper."""
    return Joblib(proto).ops(wrapper(shape, dtype("O8", OBJECT), allow_mmap=False)).raw(nested, pad=False).ops(b".").done()
