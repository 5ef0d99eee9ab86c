"""How inputs of `followed_inputs.py` are spelled: names, texts, dtypes, arrays, as opcodes of protocol 4 or of Python 2."""
import struct

GET, POP, STOP = b"h", b"0", b"."
# Names that ours may call with these arguments, each with what is written for it.
HARMLESS = [
    ("builtins", "set", b"]\x85"), ("collections", "OrderedDict", b")"), ("datetime", "time", b"C\x06\0\0\0\0\0\0\x85"), ("decimal", "Decimal", b"\x8c\x011\x85"),
    ("builtins", "slice", b"NNN\x87"), ("sklearn.dummy", "DummyClassifier", b")"), ("builtins", "bytearray", b"C\x01a\x85"), ("sklearn.utils", "Bunch", b")"),
]
EVIL = [("os", "walk"), ("posix", "system"), ("time", "time"), ("shutil", "rmtree"), ("numpy.core", "_ufunc_reconstruct"), ("lib-dynload", "__loader__.path"), ("_codecs", "encode"),
        ("sklearn.isotonic", "IsotonicRegression"), ("functools", "partial"), ("builtins", "getattr"), ("numpy", "dtype"), ("code", "set"), ("my_module", "slice")]
WORDS = ["id", "O8", "latin1", "no module", "a", "|", "numpy", "log1p", "os", "system", "__setstate__", "append", "read", "shape", "dtype", "_build_f", "train-model", ""]
CLASSES = [("sklearn.dummy", "DummyClassifier"), ("sklearn.isotonic", "IsotonicRegression"), ("builtins", "str"), ("numpy", "ndarray"), ("scipy.stats._continuous_distns", "norm_gen"),
           ("sklearn.utils", "Bunch"), ("numpy", "log1p"), ("numpy.core.multiarray", "_reconstruct"), ("numpy.core.multiarray", "scalar"), ("copyreg", "_reconstructor"),
           ("numpy", "dtype"), ("sklearn.svm._classes", "SVC"), ("numpy", "float64"), ("builtins", "object"), ("joblib.numpy_pickle", "NumpyArrayWrapper")]


def text(value):
    data = value.encode("utf-8", "surrogatepass")
    return b"\x8c" + bytes([len(data)]) + data if len(data) < 256 else b"X" + struct.pack("<I", len(data)) + data


def number(value):
    if value >= 1 << 31:
        return b"\x8a\x09" + value.to_bytes(9, "little")
    return b"K" + bytes([value]) if 0 <= value < 256 else b"J" + struct.pack("<i", value)


def name(module, qualname):
    return b"c" + module.encode() + b"\n" + qualname.encode() + b"\n"


def dtype(code, text=text):
    order, size, flags = ("|", -1, 63) if code == "O8" else ("|", int(code[1:]), 0) if code[0] == "S" else ("|" if code[1:] == "1" else "<", -1, 0)
    return name("numpy", "dtype") + text(code) + b"\x89\x88\x87R(" + number(3) + text(order) + b"NNN" + number(size) + number(min(size, 1)) + number(flags) + b"tb"


def made(value, module, qualname):
    """What a call with one value makes."""
    return name(module, qualname) + value + b"\x85R"


def scalar(value):
    """A scalar of a dtype of objects."""
    return name("numpy.core.multiarray", "scalar") + name("numpy", "dtype") + text("O8") + b"\x85R" + value + b"\x86R"


def tuple_of(values):
    values = list(values)
    return b"".join(values) + bytes([0x84 + len(values)]) if 0 < len(values) < 4 else b"(" + b"".join(values) + b"t"


def structure(fields, size, flags, text=text, placed=None):
    """A dtype with these fields, each a name, a dtype and a place; `placed` makes the dict of them, if it is another one."""
    placed = placed or b"}(" + b"".join(text(field) + dtype + number(place) + b"\x86" for field, dtype, place in fields) + b"u"
    state = number(3) + text("|") + b"N" + tuple_of(text(field) for field, _, _ in fields) + placed + number(size) + number(1) + number(flags)
    return name("numpy", "dtype") + text("V%d" % size) + b"\x89\x88\x87R(" + state + b"tb"


# joblib's wrapper, and the one of the copy that scikit-learn had of it.
WRAPPERS = ["joblib.numpy_pickle", "sklearn.externals.joblib.numpy_pickle"]


def wrapper(length, code="u1", aligned=False, text=text, module=WRAPPERS[0]):
    state = b"}(" + text("subclass") + name("numpy", "ndarray") + text("shape") + number(length) + b"\x85" + text("order") + text("C") + text("dtype") + dtype(code, text)
    state += text("allow_mmap") + b"\x89" + (text("numpy_array_alignment_bytes") + number(16) if aligned else b"")
    return name(module, "NumpyArrayWrapper") + b")\x81" + state + b"ub"


def array(dtype, values, lengths, text=None):
    """An array of one element, or of these lengths; the letter that it is made with is bytes, or a text of Python 2."""
    letter = text("b") if text else b"C\x01b"
    return name("numpy.core.multiarray", "_reconstruct") + name("numpy", "ndarray") + number(0) + b"\x85" + letter + b"\x87R(" + number(1) + (lengths or number(1) + b"\x85") + dtype + b"\x89" + values + b"tb"
