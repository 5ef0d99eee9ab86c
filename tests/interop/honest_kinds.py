"""Kinds of data that people really save, made by the libraries of the running environment: Python 2.7 or 3, any version of numpy,
scipy, pandas and scikit-learn. `kinds()` gives (name, maker); a maker that the installed versions do not know raises.
"""
import array
import collections
import datetime
import decimal
import fractions
import functools
import io
import logging
import operator
import random
import sys
import types
import warnings

import numpy as np

KINDS = []
ROWS = np.random.RandomState(0).rand(30, 3)
LABELS = (ROWS[:, 0] > 0.5).astype(int)


def kind(name):
    """Registers a maker under `name`."""
    def keep(maker):
        KINDS.append((name, maker))
        return maker
    return keep


def each(prefix, makers):
    """Registers several makers, `{name: maker}`."""
    for name in sorted(makers):
        KINDS.append(("%s.%s" % (prefix, name), makers[name]))


# -- numpy


# What numpy before 1.17 writes by the modules that define it.
FUNCTIONS = """
allclose array_equal convolve count_nonzero cross full_like isclose ones_like outer roll tensordot zeros_like array bincount concatenate
digitize dot inner matmul vdot where diagonal repeat reshape searchsorted swapaxes trace atleast_1d atleast_2d atleast_3d hstack stack vstack
column_stack dstack expand_dims kron split tile angle append average corrcoef cov diff flip gradient histogram i0 interp quantile rot90 sinc
trapz unwrap diag fliplr flipud tril triu ediff1d isin unique fix isneginf isposinf imag iscomplex isreal real nancumprod nancumsum nanmax
nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar argpartition argsort argwhere choose compress delete flatnonzero
insert lexsort nanargmax nanargmin nonzero partition select take take_along_axis
"""
# Of other modules than numpy itself, by the module that has them.
OTHERS = {
    "linalg": "cross diagonal matmul matrix_norm matrix_transpose outer svdvals tensordot trace vecdot vector_norm eigvalsh multi_dot matrix_power",
    "fft": "fft fft2 fftn hfft ifft ifft2 ifftn ihfft irfft irfft2 irfftn rfft rfft2 rfftn fftshift ifftshift",
    "char": "capitalize isalpha isdigit isnumeric lower lstrip rstrip str_len strip swapcase title upper",
}
STATISTICS = """
boxcox chisquare energy_distance entropy f_oneway gmean hmean iqr kendalltau ks_2samp kurtosis linregress mannwhitneyu median_abs_deviation mode moment
pearsonr pointbiserialr rankdata sem skew spearmanr theilslopes tmean trim_mean tstd ttest_ind ttest_rel tvar variation wasserstein_distance
weightedtau yeojohnson zscore
"""


def masked_structure():
    return np.ma.array([(1, 2.0), (3, 4.0)], mask=[(True, False), (False, True)], dtype=[("a", "i4"), ("b", "f8")])


# The same object twice in an array of objects: joblib since 1.5 writes its pickle with a memo of its own.
ANSWERS = np.array(["yes", "no", "yes", "yes"], dtype=object)
each("answers", {
    "in-a-dict": lambda: {"class_names": ANSWERS},
    "two": lambda: {"y": ANSWERS, "p": np.array(["no", "yes", "no", "no"], dtype=object)},
    "after-numbers": lambda: {"rows": ROWS, "n": 3, "y": ANSWERS},
    "in-a-list": lambda: ["a", 1, None, ANSWERS, ANSWERS],
})

each("numpy", {
    "dtype-metadata": lambda: np.dtype("f8", metadata={"unit": "kg"}),
    "array-metadata": lambda: np.zeros(3, np.dtype("f8", metadata={"unit": "kg", "scale": 2})),
    "text-metadata": lambda: np.array(["a"], np.dtype("U1", metadata={"vlen": str})),
    "object-metadata": lambda: np.array(["a", None], np.dtype("O", metadata={"vlen": str})),
    "structure-metadata": lambda: np.zeros(2, np.dtype([("a", "i4"), ("b", "f8")], metadata={"by": "me"})),
    "titles": lambda: np.zeros(2, np.dtype([(("Title of a", "a"), "i4"), ("b", "f8")])),
    "title-dtype": lambda: np.dtype({"names": ["a"], "formats": ["i4"], "titles": ["Title"]}),
    "structure-objects": lambda: np.array([(1, "x"), (2, [3])], dtype=[("a", "i4"), ("b", "O")]),
    "structure-nested": lambda: np.zeros(2, np.dtype([("a", [("x", "f4"), ("y", "f4")]), ("b", "f8", (2, 3))])),
    "structure-nested-objects": lambda: np.array([((1, "x"), 2.0)], dtype=[("a", [("x", "i4"), ("y", "O")]), ("b", "f8")]),
    "structure-object-subarray": lambda: np.zeros(2, np.dtype([("a", "O", (2,))])),
    "structure-aligned": lambda: np.zeros(2, np.dtype([("a", "i1"), ("b", "f8")], align=True)),
    "structure-offsets": lambda: np.zeros(2, np.dtype({"names": ["a", "b"], "formats": ["i4", "f8"], "offsets": [4, 16], "itemsize": 32})),
    "structure-view": lambda: np.zeros(2, np.dtype([("a", "i4"), ("b", "f8"), ("c", "U3")]))[["a", "c"]],
    "structure-empty": lambda: np.zeros(2, np.dtype([])),
    "structure-scalar": lambda: np.zeros(2, np.dtype([("a", "i4"), ("b", "U3")]))[0],
    "structure-object-scalar": lambda: np.array([(1, "x")], dtype=[("a", "i4"), ("b", "O")])[0],
    "structure-overlap": lambda: np.zeros(2, np.dtype({"names": ["a", "b"], "formats": ["i4", "i2"], "offsets": [0, 0]})),
    "recarray": lambda: np.rec.array([(1, "x", 2.0)], names="a,b,c"),
    "recarray-view": lambda: np.zeros(2, [("a", "i4")]).view(np.recarray),
    "record": lambda: np.rec.array([(1, "x", 2.0)], names="a,b,c")[0],
    "record-objects": lambda: np.rec.array([(1, [2])], dtype=[("a", "i4"), ("b", "O")]),
    "record-dtype": lambda: np.rec.array([(1, 2.0)], names="a,b").dtype,
    "chararray": lambda: np.char.array(["ab", "c"]),
    "masked": lambda: np.ma.array([1.0, 2.0], mask=[True, False]),
    "masked-nomask": lambda: np.ma.array([1.0, 2.0]),
    "masked-2d": lambda: np.ma.array(np.arange(4).reshape(2, 2), mask=[[1, 0], [0, 1]], fill_value=9),
    "masked-object": lambda: np.ma.array(["a", None], mask=[False, True], dtype=object),
    "masked-text": lambda: np.ma.array(["ab", "c"], mask=[False, True]),
    "masked-times": lambda: np.ma.array(np.array(["2020-01-01", "NaT"], "M8[D]"), mask=[False, True]),
    "masked-structure": masked_structure,
    "masked-structure-row": lambda: masked_structure()[0],
    "masked-records": lambda: np.ma.mrecords.fromarrays([[1, 2], [3.0, 4.0]], names="a,b"),
    "masked-singleton": lambda: np.ma.masked,
    "masked-singleton-list": lambda: [np.ma.masked, 1.0],
    "masked-zero-d": lambda: np.ma.array(1.0, mask=True),
    "masked-hard": lambda: np.ma.array([1, 2], mask=[1, 0], hard_mask=True),
    "masked-fortran": lambda: np.ma.array(np.asfortranarray(np.ones((2, 3))), mask=np.asfortranarray(np.eye(2, 3, dtype=bool))),
    "masked-nomask-value": lambda: np.ma.nomask,
    "times-days": lambda: np.array(["2020-01-01"], "M8[D]"),
    "times-25us": lambda: np.array([1, 2], "M8[25us]"),
    "times-generic": lambda: np.array([1, 2], "m8"),
    "times-big": lambda: np.array([1, 2], ">M8[ns]"),
    "times-list": lambda: [np.datetime64("2020-01-01"), np.timedelta64(3, "h"), np.datetime64("NaT"), np.datetime64(7, "25us")],
    "times-objects": lambda: np.array([np.datetime64("2020-01-01"), None], object),
    "scalars": lambda: [np.float16(1), np.float32(1.5), np.int8(3), np.bool_(True), np.complex128(1 - 1j), np.str_("a"), np.bytes_(b"b")],
    "scalars-long": lambda: [np.longdouble(1.5), np.clongdouble(1.5)],
    "scalar-void": lambda: np.void(b"abcd"),
    "array-void": lambda: np.array([b"abcd"], "V4"),
    "array-long": lambda: np.ones(2, np.longdouble),
    "array-bytes": lambda: np.array([b"ab", b"c"]),
    "array-zero-d": lambda: np.array(5.0),
    "array-object-zero-d": lambda: np.array(None, object),
    "array-empty": lambda: np.zeros((0, 3)),
    "array-objects": lambda: np.array([[1, "a"], [None, {"b": 2}]], object),
    "array-arrays": lambda: np.array([np.zeros(2), np.ones(3)], object),
    "array-strided": lambda: np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1),
    "string-dtype": lambda: np.array(["abc", "d"], np.dtypes.StringDType()),
    "string-dtype-na": lambda: np.array(["abc", None], np.dtypes.StringDType(na_object=None)),
    "matrix": lambda: np.matrix([[1, 2], [3, 4]]),
    "poly1d": lambda: np.poly1d([1, 2, 3]),
    "polynomial": lambda: np.polynomial.Polynomial([1, 2, 3]),
    "chebyshev": lambda: np.polynomial.Chebyshev([1, 2, 3]),
    "polynomials": lambda: [getattr(np.polynomial, name)([1, 2]) for name in ("Hermite", "HermiteE", "Laguerre", "Legendre")],
    "generator": lambda: np.random.default_rng(1),
    "generator-philox": lambda: np.random.Generator(np.random.Philox(1)),
    "seed-sequence": lambda: np.random.SeedSequence(5),
    "bit-generator": lambda: np.random.PCG64(3),
    "random-state": lambda: np.random.RandomState(3),
    "random-module-state": lambda: np.random.RandomState(3).get_state(),
    "finfo": lambda: np.finfo("f8"),
    "iinfo": lambda: np.iinfo("i4"),
    "busday": lambda: np.busdaycalendar(),
    "nan-functions": lambda: [np.nanmean, np.nan_to_num, np.log1p, np.exp],
    "functions-more": lambda: [np.prod, np.any, np.all, np.percentile, np.quantile, np.ptp, np.cumprod, np.dot, np.where, np.isin],
    "functions-of-arrays": lambda: [getattr(np, name) for name in FUNCTIONS.split() if hasattr(np, name)],
    "functions-of-others": lambda: [getattr(getattr(np, place), name) for place in sorted(OTHERS) for name in OTHERS[place].split() if hasattr(getattr(np, place), name)],
    "linalg-functions": lambda: [np.linalg.norm, np.linalg.det],
    "vectorize": lambda: np.vectorize(np.log1p),
    "ellipsis-newaxis": lambda: [Ellipsis, None, NotImplemented],
    "bool-type": lambda: [np.bool_, np.float64, np.int64, np.str_, np.object_],
    "dtype-classes": lambda: [np.dtypes.Float64DType],
    "r-types": lambda: [np.s_[1:2], np.s_[::2, 1]],
    "datetime-scalar-key": lambda: {np.datetime64("2020-01-01"): 1},
    "int-keys": lambda: {np.int64(1): "a", np.str_("b"): 2, np.float64(1.5): 3},
    "ndindex-flat": lambda: np.broadcast_to(np.arange(3), (2, 3)),
    "memmap-like": lambda: np.frombuffer(b"abcd", "u1"),
})

# -- standard library


def module(name):
    return __import__(name, fromlist=["x"])


class Colour(object):
    pass


def logger_of():
    return logging.getLogger("my.app")


each("python", {
    "datetime": lambda: [datetime.datetime(2020, 1, 2, 3, 4, 5, 6), datetime.date(2020, 1, 2), datetime.time(1, 2), datetime.timedelta(1, 2, 3)],
    "datetime-fold": lambda: [datetime.datetime(2020, 1, 2, fold=1), datetime.time(1, 2, fold=1)],
    "datetime-utc": lambda: datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc),
    "timezone": lambda: [datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=5, minutes=30)), datetime.timezone(datetime.timedelta(hours=-5), "EST")],
    "zoneinfo": lambda: module("zoneinfo").ZoneInfo("Europe/Paris"),
    "zoneinfo-datetime": lambda: datetime.datetime(2020, 7, 2, tzinfo=module("zoneinfo").ZoneInfo("Europe/Paris")),
    "zoneinfo-no-cache": lambda: module("zoneinfo").ZoneInfo.no_cache("Europe/Paris"),
    "pytz": lambda: [module("pytz").utc, module("pytz").timezone("Europe/Paris"), module("pytz").FixedOffset(90)],
    "pytz-static": lambda: module("pytz").timezone("Etc/GMT+3"),
    "pytz-datetime": lambda: module("pytz").timezone("US/Eastern").localize(datetime.datetime(2020, 7, 1)),
    "dateutil-utc": lambda: datetime.datetime(2020, 1, 1, tzinfo=module("dateutil.tz").tzutc()),
    "dateutil-offset": lambda: module("dateutil.tz").tzoffset("X", 3600),
    "dateutil-local": lambda: module("dateutil.tz").tzlocal(),
    "dateutil-file": lambda: module("dateutil.tz").gettz("Europe/Paris"),
    "dateutil-relativedelta": lambda: module("dateutil.relativedelta").relativedelta(months=1, days=2),
    "dateutil-weekday": lambda: module("dateutil.relativedelta").MO(2),
    "dateutil-relativedelta-weekday": lambda: module("dateutil.relativedelta").relativedelta(weekday=module("dateutil.relativedelta").FR(-1)),
    "enum": lambda: module("http").HTTPStatus.OK,
    "enum-uuid": lambda: module("uuid").SafeUUID.safe,
    "chainmap": lambda: collections.ChainMap({"a": 1}, {"b": 2}),
    "userdict": lambda: collections.UserDict({"a": 1}),
    "userlist": lambda: collections.UserList([1, 2]),
    "userstring": lambda: collections.UserString("ab"),
    "namespace": lambda: types.SimpleNamespace(a=1, b=[2]),
    "namespace-nested": lambda: types.SimpleNamespace(a=types.SimpleNamespace(b=1)),
    "mappingproxy": lambda: types.MappingProxyType({"a": 1}),
    "array-int": lambda: array.array("i", [1, 2, 3]),
    "array-double": lambda: array.array("d", [1.5, 2.5]),
    "array-unicode": lambda: array.array("u", u"ab"),
    "array-bytes": lambda: array.array("b", [1, -2]),
    "array-empty": lambda: array.array("q" if sys.version_info[0] > 2 else "l"),
    "ipaddress": lambda: [module("ipaddress").ip_address(u"10.0.0.1"), module("ipaddress").ip_address(u"::1")],
    "ipnetwork": lambda: [module("ipaddress").ip_network(u"10.0.0.0/8"), module("ipaddress").ip_interface(u"10.0.0.1/8"), module("ipaddress").ip_network(u"2001:db8::/32")],
    "range": lambda: [range(3), range(1, 10, 2), range(10, 0, -1)],
    "slice": lambda: [slice(1), slice(1, 2), slice(None, None, 2), slice("a", "b")],
    "complex": lambda: 1 - 2j,
    "path": lambda: [module("pathlib").PurePosixPath("/a/b"), module("pathlib").Path("a/b"), module("pathlib").PureWindowsPath("c:\\a")],
    "decimal": lambda: [decimal.Decimal("1.50"), decimal.Decimal("NaN"), decimal.Decimal("-1E+3")],
    "decimal-context": lambda: decimal.Context(prec=5),
    "decimal-default-context": lambda: decimal.getcontext(),
    "fraction": lambda: fractions.Fraction(-3, 2),
    "uuid": lambda: module("uuid").UUID(int=5),
    "random": lambda: random.Random(3),
    "random-state": lambda: random.Random(3).getstate(),
    "logger": logger_of,
    "logger-root": lambda: logging.getLogger(),
    "logger-in-dict": lambda: {"logger": logger_of(), "level": logging.INFO},
    "partial": lambda: functools.partial(np.log1p),
    "partial-kw": lambda: functools.partial(np.sum, axis=0),
    "partial-round": lambda: functools.partial(round, ndigits=2),
    "partial-partial": lambda: functools.partial(functools.partial(np.sum, axis=0), keepdims=True),
    "itemgetter": lambda: operator.itemgetter("a", 1),
    "attrgetter": lambda: operator.attrgetter("name"),
    "attrgetter-two": lambda: operator.attrgetter("name", "size.x"),
    "methodcaller": lambda: operator.methodcaller("lower"),
    "methodcaller-args": lambda: operator.methodcaller("split", ",", maxsplit=1),
    "operator-functions": lambda: [operator.add, operator.mul, operator.neg],
    "loose-version": lambda: module("distutils.version").LooseVersion("1.2.3"),
    "str-lower": lambda: str.lower,
    "deque": lambda: collections.deque([1, 2], 3),
    "counter": lambda: collections.Counter("abca"),
    "ordered-dict": lambda: collections.OrderedDict([("a", 1), ("b", 2)]),
    "default-dict": lambda: collections.defaultdict(int, {"a": 1}),
    "default-dict-list": lambda: collections.defaultdict(list, {"a": [1]}),
    "default-dict-dict": lambda: collections.defaultdict(dict, {"a": {"b": 1}}),
    "default-dict-float": lambda: collections.defaultdict(float),
    "default-dict-of-dicts": lambda: collections.defaultdict(functools.partial(collections.defaultdict, float), {"a": collections.defaultdict(float, {"b": 1.5})}),
    "default-dict-of-default-dicts": lambda: collections.defaultdict(collections.defaultdict),
    "set": lambda: [{1, 2}, frozenset([1, 2]), set(), frozenset()],
    "bytearray": lambda: bytearray(b"abc"),
    "types": lambda: [int, str, float, list, dict, type(None), bytes, tuple, set, object],
    "types-more": lambda: [memoryview, property, type(Ellipsis), type(NotImplemented)],
    "exception": lambda: ValueError("bad value", 3),
    "exception-key": lambda: KeyError("a"),
    "exception-stop": lambda: StopIteration(3),
    "exception-os": lambda: OSError(2, "No such file", "a.txt"),
    "exception-memory": lambda: MemoryError(),
    "warning": lambda: UserWarning("careful"),
    "struct-time": lambda: module("time").gmtime(0),
    "version-info": lambda: tuple(sys.version_info),
    "version-info-itself": lambda: sys.version_info,
    "float-info": lambda: sys.float_info,
    "stat-result": lambda: module("os").stat("/"),
    "iterators": lambda: [iter([1, 2]), iter((1, 2)), iter(range(3))],
    "itertools-count": lambda: module("itertools").count(3),
    "itertools-chain": lambda: module("itertools").chain([1], [2]),
    "zip": lambda: zip([1], [2]),
    "map": lambda: map(str, [1]),
    "reversed": lambda: reversed([1, 2]),
    "enumerate": lambda: enumerate("ab"),
    "dict-keys-list": lambda: list({"a": 1}.keys()),
    "regex": lambda: module("re").compile(r"(?u)\b\w\w+\b"),
    "regex-flags": lambda: module("re").compile("a", module("re").I),
    "generic-alias": lambda: list[int],
    "union-type": lambda: int | str,
    "typing": lambda: [module("typing").List[int], module("typing").Optional[str], module("typing").Any],
    "statistics": lambda: module("statistics").NormalDist(1.0, 2.0),
    "calendar": lambda: module("calendar").Calendar(0),
    "string-template": lambda: module("string").Template("$a"),
    "text-functions": lambda: [str.lower, str.strip, len, sorted, sum, abs],
    "math-functions": lambda: [module("math").sqrt, module("math").log, module("math").fsum, module("math").gcd],
    "queue": lambda: collections.deque([]),
    "weak": lambda: module("weakref").WeakValueDictionary(),
    "simple-cookies": lambda: module("http.cookies").SimpleCookie("a=b"),
    "parse-result": lambda: module("urllib.parse").urlparse("http://a/b?c=d"),
    "locale-time": lambda: module("locale").localeconv(),
    "configparser": lambda: module("configparser").ConfigParser(),
    "argparse-namespace": lambda: module("argparse").Namespace(a=1, b="x"),
    "email-message": lambda: module("email.message").Message(),
    "io-bytes": lambda: module("io").BytesIO(b"abc"),
    "io-string": lambda: module("io").StringIO(u"abc"),
})

# -- scipy


def sparse(name, array_type=False):
    def make():
        import scipy.sparse
        matrix = scipy.sparse.random(5, 4, 0.4, random_state=0)
        return getattr(scipy.sparse, name + ("_array" if array_type else "_matrix"))(matrix)
    return make


def interpolate(name, *args, **options):
    def make():
        import scipy.interpolate
        return getattr(scipy.interpolate, name)(*args, **options)
    return make


def of(path, *args, **options):
    """A maker that calls `scipy.....name` with these."""
    def make():
        module_name, name = path.rsplit(".", 1)
        return getattr(module(module_name), name)(*args, **options)
    return make


LINE = np.linspace(0.0, 1.0, 6)
SQUARE = LINE ** 2
for format_name in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok"):
    each("sparse", {format_name + "-matrix": sparse(format_name), format_name + "-array": sparse(format_name, True)})
each("sparse", {
    "csr-int64": lambda: module("scipy.sparse").csr_matrix(np.eye(3, dtype="i8")),
    "csr-bool": lambda: module("scipy.sparse").csr_matrix(np.eye(3, dtype=bool)),
    "csr-complex": lambda: module("scipy.sparse").csr_matrix(np.eye(3) * 1j),
    "csr-empty": lambda: module("scipy.sparse").csr_matrix((3, 4)),
    "csr-sorted": lambda: module("scipy.sparse").csr_matrix(np.eye(3)).sorted_indices(),
    "coo-1d": lambda: module("scipy.sparse").coo_array(np.array([1, 0, 2])),
    "coo-3d": lambda: module("scipy.sparse").coo_array(np.ones((2, 2, 2))),
    "csr-1d": lambda: module("scipy.sparse").csr_array(np.array([1, 0, 2])),
    "linear-operator": lambda: module("scipy.sparse.linalg").aslinearoperator(np.eye(2)),
})
each("interpolate", {
    "interp1d": interpolate("interp1d", LINE, SQUARE),
    "interp1d-bounds": interpolate("interp1d", LINE, SQUARE, bounds_error=False, fill_value=(0.0, 1.0)),
    "interp1d-extrapolate": interpolate("interp1d", LINE, SQUARE, fill_value="extrapolate"),
    "interp1d-cubic": interpolate("interp1d", LINE, SQUARE, kind="cubic"),
    "interp1d-nearest": interpolate("interp1d", LINE, SQUARE, kind="nearest"),
    "interp1d-previous": interpolate("interp1d", LINE, SQUARE, kind="previous"),
    "interp2d": lambda: module("scipy.interpolate").interp2d(LINE, LINE, np.outer(LINE, LINE)),
    "cubic-spline": interpolate("CubicSpline", LINE, SQUARE),
    "cubic-spline-2d": interpolate("CubicSpline", LINE, np.outer(SQUARE, SQUARE)),
    "pchip": interpolate("PchipInterpolator", LINE, SQUARE),
    "akima": interpolate("Akima1DInterpolator", LINE, SQUARE),
    "cubic-hermite": interpolate("CubicHermiteSpline", LINE, SQUARE, LINE),
    "ppoly": interpolate("PPoly", np.ones((2, 5)), LINE),
    "bpoly": interpolate("BPoly", np.ones((2, 5)), LINE),
    "ndppoly": interpolate("NdPPoly", np.ones((2, 2, 1, 1)), (np.array([0.0, 1.0]), np.array([0.0, 1.0]))),
    "bspline": interpolate("BSpline", np.arange(8.0), np.ones(4), 3),
    "bspline-made": lambda: module("scipy.interpolate").make_interp_spline(LINE, SQUARE),
    "univariate-smooth": interpolate("UnivariateSpline", np.linspace(0, 1, 50), np.sin(np.linspace(0, 9, 50)), s=0.5),
    "univariate": interpolate("UnivariateSpline", LINE, SQUARE),
    "interpolated-univariate": interpolate("InterpolatedUnivariateSpline", LINE, SQUARE),
    "lsq-univariate": interpolate("LSQUnivariateSpline", LINE, SQUARE, [0.5]),
    "rect-bivariate": interpolate("RectBivariateSpline", LINE, LINE, np.outer(LINE, LINE)),
    "smooth-bivariate": interpolate("SmoothBivariateSpline", ROWS[:, 0], ROWS[:, 1], ROWS[:, 2]),
    "regular-grid": interpolate("RegularGridInterpolator", (LINE, LINE), np.outer(LINE, LINE)),
    "regular-grid-cubic": interpolate("RegularGridInterpolator", (LINE, LINE), np.outer(LINE, LINE), method="cubic"),
    "nearest-nd": interpolate("NearestNDInterpolator", ROWS[:, :2], ROWS[:, 2]),
    "linear-nd": interpolate("LinearNDInterpolator", ROWS[:, :2], ROWS[:, 2]),
    "clough-tocher": interpolate("CloughTocher2DInterpolator", ROWS[:, :2], ROWS[:, 2]),
    "rbf": interpolate("Rbf", LINE, LINE, SQUARE),
    "rbf-interpolator": interpolate("RBFInterpolator", ROWS[:, :2], ROWS[:, 2]),
    "rbf-neighbors": interpolate("RBFInterpolator", ROWS[:, :2], ROWS[:, 2], neighbors=5),
    "krogh": interpolate("KroghInterpolator", LINE, SQUARE),
    "barycentric": interpolate("BarycentricInterpolator", LINE, SQUARE),
    "splrep": lambda: module("scipy.interpolate").splrep(LINE, SQUARE),
    "aaa": interpolate("AAA", LINE, SQUARE),
    "ndbspline": interpolate("NdBSpline", (np.arange(8.0), np.arange(8.0)), np.ones((4, 4)), 3),
})
each("spatial", {
    "ckdtree": of("scipy.spatial.cKDTree", ROWS),
    "kdtree": of("scipy.spatial.KDTree", ROWS),
    "ckdtree-box": of("scipy.spatial.cKDTree", ROWS, boxsize=1.0),
    "ckdtree-chain": of("scipy.spatial.cKDTree", 2.0 ** -np.arange(200.0)[:, None], leafsize=1, balanced_tree=False, compact_nodes=False),
    "ckdtree-one": of("scipy.spatial.cKDTree", ROWS[:1]),
    "ckdtree-same": of("scipy.spatial.cKDTree", np.ones((100, 2)), leafsize=2),
    "ckdtree-many": of("scipy.spatial.cKDTree", np.random.RandomState(0).rand(20000, 3)),
    "kdtree-few": of("scipy.spatial.KDTree", ROWS, leafsize=2),
    "delaunay": of("scipy.spatial.Delaunay", ROWS[:, :2]),
    "convex-hull": of("scipy.spatial.ConvexHull", ROWS[:, :2]),
    "voronoi": of("scipy.spatial.Voronoi", ROWS[:, :2]),
    "rotation": lambda: module("scipy.spatial.transform").Rotation.from_euler("z", 0.5),
    "rotation-many": lambda: module("scipy.spatial.transform").Rotation.from_euler("z", [0.5, 0.6]),
    "slerp": lambda: module("scipy.spatial.transform").Slerp([0, 1], module("scipy.spatial.transform").Rotation.from_euler("z", [0.5, 0.6])),
    "distance-functions": lambda: [module("scipy.spatial.distance").cdist, module("scipy.spatial.distance").pdist],
    "rigid-transform": lambda: module("scipy.spatial.transform").RigidTransform.identity(),
})
each("stats", {
    "root": lambda: module("scipy.optimize").root_scalar(np.cos, bracket=[0, 3]),
    "root-brentq": lambda: module("scipy.optimize").brentq(np.cos, 0, 3, full_output=True),
    "kurtosistest": lambda: module("scipy.stats").kurtosistest(np.arange(30.0)),
    "brunnermunzel": lambda: module("scipy.stats").brunnermunzel([1, 2, 3, 4.0], [2, 3, 4, 5.0]),
    "mstats": lambda: [module("scipy.stats.mstats").ttest_ind(LINE, SQUARE), module("scipy.stats.mstats").mode([1, 2, 2]), module("scipy.stats.mstats").describe(LINE)],
    "gaussian-kde": of("scipy.stats.gaussian_kde", ROWS[:, 0]),
    "gaussian-kde-silverman": of("scipy.stats.gaussian_kde", ROWS.T, bw_method="silverman"),
    "gaussian-kde-number": of("scipy.stats.gaussian_kde", ROWS[:, 0], bw_method=0.3),
    "functions-of-statistics": lambda: [getattr(module("scipy.stats"), name) for name in STATISTICS.split() if hasattr(module("scipy.stats"), name)],
    "norm": lambda: module("scipy.stats").norm,
    "norm-frozen": lambda: module("scipy.stats").norm(1.0, 2.0),
    "uniform-frozen": lambda: module("scipy.stats").uniform(0, 1),
    "randint-frozen": lambda: module("scipy.stats").randint(1, 10),
    "loguniform-frozen": lambda: module("scipy.stats").loguniform(1e-3, 1.0),
    "expon-frozen": lambda: module("scipy.stats").expon(scale=2),
    "multivariate-normal": lambda: module("scipy.stats").multivariate_normal([0, 0], np.eye(2)),
    "multivariate-normal-itself": lambda: module("scipy.stats").multivariate_normal,
    "rv-histogram": lambda: module("scipy.stats").rv_histogram(np.histogram(ROWS[:, 0])),
    "rv-discrete": lambda: module("scipy.stats").rv_discrete(values=([1, 2], [0.5, 0.5])),
    "dirichlet": lambda: module("scipy.stats").dirichlet([1.0, 2.0]),
    "ttest": of("scipy.stats.ttest_ind", ROWS[:, 0], ROWS[:, 1]),
    "ttest-1samp": of("scipy.stats.ttest_1samp", ROWS[:, 0], 0.0),
    "pearsonr": of("scipy.stats.pearsonr", ROWS[:, 0], ROWS[:, 1]),
    "spearmanr": of("scipy.stats.spearmanr", ROWS[:, 0], ROWS[:, 1]),
    "kendalltau": of("scipy.stats.kendalltau", ROWS[:, 0], ROWS[:, 1]),
    "linregress": of("scipy.stats.linregress", ROWS[:, 0], ROWS[:, 1]),
    "ks-2samp": of("scipy.stats.ks_2samp", ROWS[:, 0], ROWS[:, 1]),
    "kstest": of("scipy.stats.kstest", ROWS[:, 0], "norm"),
    "f-oneway": of("scipy.stats.f_oneway", ROWS[:, 0], ROWS[:, 1]),
    "mannwhitneyu": of("scipy.stats.mannwhitneyu", ROWS[:, 0], ROWS[:, 1]),
    "wilcoxon": of("scipy.stats.wilcoxon", ROWS[:, 0], ROWS[:, 1]),
    "kruskal": of("scipy.stats.kruskal", ROWS[:, 0], ROWS[:, 1]),
    "chisquare": of("scipy.stats.chisquare", [16, 18, 16, 14]),
    "chi2-contingency": of("scipy.stats.chi2_contingency", [[10, 10, 20], [20, 20, 20]]),
    "shapiro": of("scipy.stats.shapiro", ROWS[:, 0]),
    "levene": of("scipy.stats.levene", ROWS[:, 0], ROWS[:, 1]),
    "bartlett": of("scipy.stats.bartlett", ROWS[:, 0], ROWS[:, 1]),
    "normaltest": of("scipy.stats.normaltest", ROWS[:, 0]),
    "jarque-bera": of("scipy.stats.jarque_bera", ROWS[:, 0]),
    "anderson": of("scipy.stats.anderson", ROWS[:, 0]),
    "mode": of("scipy.stats.mode", [1, 2, 2]),
    "describe": of("scipy.stats.describe", ROWS[:, 0]),
    "skewtest": of("scipy.stats.skewtest", ROWS[:, 0]),
    "binned": of("scipy.stats.binned_statistic", ROWS[:, 0], ROWS[:, 1]),
    "bootstrap": lambda: module("scipy.stats").bootstrap((ROWS[:, 0],), np.mean, n_resamples=20),
    "ecdf": of("scipy.stats.ecdf", ROWS[:, 0]),
    "fisher": of("scipy.stats.fisher_exact", [[1, 2], [3, 4]]),
    "ranksums": of("scipy.stats.ranksums", ROWS[:, 0], ROWS[:, 1]),
    "ansari": of("scipy.stats.ansari", ROWS[:, 0], ROWS[:, 1]),
    "fligner": of("scipy.stats.fligner", ROWS[:, 0], ROWS[:, 1]),
    "friedman": of("scipy.stats.friedmanchisquare", ROWS[:, 0], ROWS[:, 1], ROWS[:, 0] + ROWS[:, 1]),
    "epps-singleton": of("scipy.stats.epps_singleton_2samp", ROWS[:, 0], ROWS[:, 1]),
    "sigmaclip": of("scipy.stats.sigmaclip", ROWS[:, 0]),
    "cumfreq": of("scipy.stats.cumfreq", ROWS[:, 0]),
    "relfreq": of("scipy.stats.relfreq", ROWS[:, 0]),
    "bayes-mvs": of("scipy.stats.bayes_mvs", ROWS[:, 0]),
    "tukey-hsd": of("scipy.stats.tukey_hsd", ROWS[:, 0], ROWS[:, 1]),
    "dunnett": of("scipy.stats.dunnett", ROWS[:, 0], control=ROWS[:, 1]),
    "binomtest": of("scipy.stats.binomtest", 3, 10),
    "cramervonmises": of("scipy.stats.cramervonmises", ROWS[:, 0], "norm"),
    "somersd": of("scipy.stats.somersd", [[1, 2], [3, 4]]),
    "barnard": of("scipy.stats.barnard_exact", [[8, 2], [1, 5]]),
    "logrank": of("scipy.stats.logrank", ROWS[:, 0], ROWS[:, 1]),
    "alexander-govern": of("scipy.stats.alexandergovern", ROWS[:, 0], ROWS[:, 1]),
    "functions": lambda: [module("scipy.stats").pearsonr, module("scipy.stats").spearmanr, module("scipy.stats").zscore],
    "qmc": lambda: module("scipy.stats").qmc.Sobol(2, seed=0),
    "qmc-halton": lambda: module("scipy.stats").qmc.Halton(2, seed=0),
    "normal-new": lambda: module("scipy.stats").Normal(mu=0.0, sigma=1.0),
})
each("optimize", {
    "minimize": lambda: module("scipy.optimize").minimize(module("scipy.optimize").rosen, [0.5, 0.5]),
    "minimize-lbfgs": lambda: module("scipy.optimize").minimize(module("scipy.optimize").rosen, [0.5, 0.5], method="L-BFGS-B"),
    "minimize-slsqp": lambda: module("scipy.optimize").minimize(module("scipy.optimize").rosen, [0.5, 0.5], method="SLSQP"),
    "minimize-nelder": lambda: module("scipy.optimize").minimize(module("scipy.optimize").rosen, [0.5, 0.5], method="Nelder-Mead"),
    "minimize-scalar": lambda: module("scipy.optimize").minimize_scalar(np.cos),
    "least-squares": lambda: module("scipy.optimize").least_squares(np.cos, [0.5]),
    "linprog": lambda: module("scipy.optimize").linprog([1.0, 2.0], [[1.0, 1.0]], [4.0]),
    "root": lambda: module("scipy.optimize").root(np.cos, [0.5]),
    "differential-evolution": lambda: module("scipy.optimize").differential_evolution(module("scipy.optimize").rosen, [(0, 1), (0, 1)], maxiter=2, seed=1),
    "bounds": lambda: module("scipy.optimize").Bounds([0], [1]),
    "linear-constraint": lambda: module("scipy.optimize").LinearConstraint([[1, 1]], 0, 1),
    "curve-fit": lambda: module("scipy.optimize").curve_fit(np.multiply, LINE, SQUARE),
})
each("signal", {
    "tf": lambda: module("scipy.signal").TransferFunction([1], [1, 2]),
    "tf-discrete": lambda: module("scipy.signal").TransferFunction([1], [1, 2], dt=0.1),
    "ss": lambda: module("scipy.signal").StateSpace([[1]], [[1]], [[1]], [[0]]),
    "zpk-discrete": lambda: module("scipy.signal").ZerosPolesGain([1], [2], 3, dt=0.1),
    "ss-discrete": lambda: module("scipy.signal").StateSpace([[1]], [[1]], [[1]], [[0]], dt=0.1),
    "zpk": lambda: module("scipy.signal").ZerosPolesGain([1], [2], 3),
    "lti": lambda: module("scipy.signal").lti([1], [1, 2]),
    "butter": lambda: module("scipy.signal").butter(2, 0.3),
    "functions": lambda: [module("scipy.signal").savgol_filter, module("scipy.signal").detrend],
})
def struct_of_matlab():
    file = io.BytesIO()
    module("scipy.io").savemat(file, {"s": {"a": 1.0, "b": "x"}})
    file.seek(0)
    return module("scipy.io").loadmat(file, struct_as_record=False)["s"]


each("linalg", {
    "eig": lambda: np.linalg.eig(np.eye(2)),
    "eigh": lambda: np.linalg.eigh(np.eye(2)),
    "qr": lambda: np.linalg.qr(np.eye(2)),
    "slogdet": lambda: np.linalg.slogdet(np.eye(2)),
    "svd": lambda: np.linalg.svd(np.eye(2)),
    "error": lambda: np.linalg.LinAlgError("Singular matrix"),
    "unique-all": lambda: np.unique_all(np.array([1, 1, 2])),
    "unique-counts": lambda: np.unique_counts(np.array([1, 1, 2])),
    "unique-inverse": lambda: np.unique_inverse(np.array([1, 1, 2])),
})
each("scipy", {
    "struct": struct_of_matlab,
    "fft-functions": lambda: [module("scipy.fft").fft],
    "ode-result": lambda: module("scipy.integrate").solve_ivp(lambda t, y: -y, (0, 1), [1.0]),
    "ode-solution": lambda: module("scipy.integrate").solve_ivp(lambda t, y: -y, (0, 1), [1.0], dense_output=True),
    "svd": lambda: module("scipy.linalg").svd(np.eye(2)),
    "lu-factor": lambda: module("scipy.linalg").lu_factor(np.eye(2)),
    "linkage": lambda: module("scipy.cluster.hierarchy").linkage(ROWS),
    "cluster-node": lambda: module("scipy.cluster.hierarchy").to_tree(module("scipy.cluster.hierarchy").linkage(ROWS[:3])),
    "disjoint-set": lambda: module("scipy.cluster.hierarchy").DisjointSet([1, 2]),
    "special-orthopoly": lambda: module("scipy.special").legendre(3),
    "splu": lambda: module("scipy.sparse.linalg").splu(module("scipy.sparse").csc_matrix(np.eye(2))),
})


def kinds():
    """Every kind: those of pandas and scikit-learn too, if they are there."""
    warnings.simplefilter("ignore")
    # Distributions keep the state of this generator: the same bytes each time.
    np.random.seed(0)
    for name in ("honest_pandas", "honest_sklearn"):
        try:
            more = __import__(name)
        except ImportError as error:
            sys.stderr.write("%s: %s\n" % (name, error))
            continue
        for pair in more.KINDS:
            yield pair
    for pair in KINDS:
        yield pair
