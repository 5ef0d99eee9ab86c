"""Write the files of joblib 0.9.4 again: pip install joblib==0.9.4 numpy==1.13.3 (Python 3.6). Each folder is a model."""
import os

import joblib
import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
VALUE = {
    "floats": numpy.arange(6.0).reshape(2, 3),
    "turned": numpy.asfortranarray(numpy.arange(6).reshape(2, 3)),
    "big": numpy.array([1, 2], dtype=">i4"),
    "texts": numpy.array(["a", "bc"]),
    "pairs": numpy.array([(1, 2.5)], dtype=[("n", "<i4"), ("x", "<f8")]),
    "one": numpy.array(7),
    "none": numpy.zeros((0, 2)),
    "objects": numpy.array([None, "x"], dtype=object),
    "list": [1, 2],
}


def dump(folder, name, **options):
    folder = os.path.join(HERE, folder)
    os.makedirs(folder, exist_ok=True)
    joblib.dump(VALUE, os.path.join(folder, name), **options)


dump("plain", "model.pkl")
dump("protocol2", "model.pkl", protocol=2)
dump("compressed", "model.pkl.z", compress=3)
dump("both", "model.pkl.z", compress=3, cache_size=0)
