"""Write the files of numpy again: `python make.py NAME`, with numpy 2.3 for `new`, 1.18.5 (Python 3.8) for `twice`, whose
archives say sizes twice, and 1.13.3 (Python 3.6) for `old`."""
import os
import sys

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
KIND = sys.argv[1]
ARRAYS = {
    "floats": numpy.arange(6.0).reshape(2, 3),
    "turned": numpy.asfortranarray(numpy.arange(6, dtype=">i2").reshape(2, 3)),
    "texts": numpy.array(["a", "bc", "ü"]),
    "bytes": numpy.array([b"a", b"bc"]),
    "times": numpy.array(["2020-01-01", "NaT"], dtype="M8[ns]"),
    "spans": numpy.array([1, 2], dtype="m8[25s]"),
    "complex": numpy.array(1j),
    "nothing": numpy.zeros((0, 3), dtype="?"),
    "void": numpy.zeros(2, dtype="V3"),
    "pairs": numpy.zeros(2, dtype=[("n", "<i4"), ("in", [("x", "<f8"), ("y", "|S2")])]),
    "aligned": numpy.zeros(1, dtype=numpy.dtype([("b", "u1"), ("x", "<f8")], align=True)),
    "objects": numpy.array([[None, "x", (1, 2.5)]], dtype=object),
}


class Pipe:
    """A file that can not be seeked in."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def write(self, data):
        return self.file.write(data)

    def flush(self):
        self.file.flush()

    def close(self):
        self.file.close()


def path(name):
    folder = os.path.join(HERE, KIND)
    os.makedirs(folder, exist_ok=True)
    return os.path.join(folder, name)


for name, array in ARRAYS.items():
    numpy.save(path(name + ".npy"), array)
numpy.savez(path("stored.npz"), **ARRAYS)
numpy.savez_compressed(path("deflated.npz"), **ARRAYS)
numpy.savez(path("empty.npz"))
if KIND != "old":
    pipe = Pipe(path("streamed.npz"))
    pipe.read = None
    numpy.savez_compressed(pipe, a=ARRAYS["floats"], ü=ARRAYS["objects"])
    pipe.close()
if KIND == "new":
    with open(path("two.npy"), "wb") as out:
        numpy.lib.format.write_array(out, ARRAYS["floats"], version=(2, 0))
    with open(path("three.npy"), "wb") as out:
        numpy.lib.format.write_array(out, numpy.zeros(1, dtype=[("ü", "<i4")]), version=(3, 0))
