"""Values that short programs are made of, as opcodes: Python's own, names of each shape of the tables that there is here, and an object of each such class.

`values(names, random)` gives `{what it is: opcodes}`. Of each shape one name is taken by chance. `as_python_2` spells opcodes as a pickle
of Python 2 has them.
"""
import _compat_pickle
import io
import pickle
import pickletools
import struct

import numpy

from claims_names import ARGUMENTS
from followed_spelling import structure
from opcodes import OBJECT, PLAIN, Ops, build, call, dtype, lit, name, new

OWN = [None, True, 3, 0, -1, 2 ** 73, 1.5, "a", "", "latin1", "append", "k" * 300, b"ab", b"", b"z" * 40, (), (3,), ("a",), (None,), (None, None), ({}, {}), ((), "a"), ([],), (1, "a", None), (2, 3),
       PLAIN, OBJECT, [], [1, "a"], {}, {"a": 1}, {5: ()}, {"__setstate__": 1}, {"keys": 1}]
# What `lit` has no opcodes for; to Python 2 a mark is a value, too.
SPELLED = {"a mark": b"(", "a bytearray": b"\x96" + struct.pack("<Q", 3) + b"abc", "a long bytearray": b"\x96" + struct.pack("<Q", 30) + bytes(30), "a set": b"\x8f", "a frozenset": b"(K\x01\x91",
           "an empty frozenset": b"(\x91", "a view": b"\x96" + struct.pack("<Q", 3) + b"abc\x98", "a str": b"U\x01a", "a long str": b"U\x28" + b"a" * 40}


def is_made(opcodes):
    try:
        pickle._Unpickler(io.BytesIO(opcodes + b".")).load()
    except Exception:
        return False
    return True


def of_arguments(full):
    """The first way to make an object by this name."""
    ways = [new(full)]
    for arguments in ARGUMENTS:
        try:
            ways.append(call(full, *arguments))
        except TypeError:  # `lit` has no opcodes for them
            pass
    return next(filter(is_made, ways), None)


def named(names, shape):
    return name(*names.of(shape)[0][0].rsplit(".", 1))


def of_numpy(names):
    """What its functions make, before it has its state, and behind it."""
    make, scalar = named(names, "Array"), named(names, "Scalar")
    made = {"dtype of %s" % code: call(named(names, "DType"), code, False, True) for code in ("f8", "O", "U3", "S2")}
    made["structure"] = Ops(structure([("a", dtype("i4"), 0)], 8, 16))
    made["dtype that was given a state"] = dtype("f8")
    for full, _ in names.of("ArrayClass"):
        for lengths, code in (((0,), b"b"), ((2,), "f8"), ((2, 2), "f8"), ((2,), "O"), ((2,), "U1")):
            made["%s of %r, %r" % (full, lengths, code)] = call(make, name(*full.rsplit(".", 1)), lengths, code)
    empty = call(make, named(names, "ArrayClass"), (0,), b"b")
    made["array of numbers"] = build(empty, (1, (2,), dtype("f8"), False, bytes(16)))
    made["array of objects"] = build(empty, (1, (2,), dtype("O8", OBJECT), False, [None, "a"]))
    made["array of fields"] = build(empty, (1, (1,), made["structure"], False, bytes(8)))
    made.update({"scalar of %s" % code: call(scalar, dtype(code), bytes(numpy.dtype(code).itemsize)) for code in ("i8", "f4", "?", "c16")})
    made["scalar of text"] = call(scalar, dtype("U1", (3, "<", None, None, None, 4, 4, 8)), b"a\0\0\0")
    made["scalar of bytes"] = call(scalar, dtype("S2", (3, "|", None, None, None, 2, 1, 0)), b"ab")
    return made


def of_random_numbers(names):
    made = {}
    if names.of("BitGenerator"):
        made["bit generator"] = call(named(names, "BitGenerator"), named(names, "BitGeneratorClass"))
        made["bit generator by its name"] = call(named(names, "BitGenerator"), "MT19937")
    if names.of("RandomState"):
        made["random state"] = call(named(names, "RandomState"), "MT19937")
    if names.of("SeedSequence"):
        made["seeds"] = call(named(names, "SeedSequence"), named(names, "SeedSequenceClass"), 65708578, None)
    return made


def values(names, random):
    made = {repr(value)[:40]: lit(value) for value in OWN}
    made.update({what: Ops(opcodes) for what, opcodes in SPELLED.items()})
    for shape in sorted(names.names):
        full, found = random.choice(names.of(shape))
        made[full] = name(*full.rsplit(".", 1))
        one = of_arguments(made[full]) if isinstance(found, type) else None
        if one:
            made["object of " + full] = one
    made.update(of_numpy(names))
    made.update(of_random_numbers(names))
    estimator = named(names, "Estimator")
    made["estimator with a state"] = build(new(estimator), {"a": 1, "_sklearn_version": "1.6.1"})
    return {what: opcodes for what, opcodes in made.items() if what == "a mark" or is_made(opcodes)}


def as_python_2(opcodes):
    """The same, or None if there is no such value in Python 2."""
    out, places = b"", []
    for opcode, argument, place in pickletools.genops(bytes(opcodes) + b"."):
        places.append((opcode, argument, place))
    for (opcode, argument, begin), (_, _, end) in zip(places, places[1:]):
        if opcode.name in ("SHORT_BINUNICODE", "BINUNICODE"):
            data = argument.encode("utf-8", "surrogatepass")
            out += b"X" + struct.pack("<I", len(data)) + data
        elif opcode.name in ("SHORT_BINBYTES", "BINBYTES"):
            out += b"T" + struct.pack("<I", len(argument)) + argument
        elif opcode.name == "GLOBAL":
            pair = tuple(argument.split(" ", 1))
            pair = _compat_pickle.REVERSE_NAME_MAPPING.get(pair, pair)
            out += name(_compat_pickle.REVERSE_IMPORT_MAPPING.get(pair[0], pair[0]), pair[1])
        elif opcode.proto > 2:
            return None
        else:
            out += bytes(opcodes)[begin:end]
    return Ops(out)
