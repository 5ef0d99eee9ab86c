"""Write hostile pickle and joblib files, with what a reader may say about each.

usage: python make_hostile.py OUT [--no-run] [--small]

OUT/list.json is a list of {"file", "family", "verdict", "codes", "twin", "ran"}:

    verdict  "refuse": one of `codes` must be among the reasons
             "accept": an honest twin, the same file without the attack
             "bounded": either way, but within the bounds of time and memory
    twin     the honest file that differs in the attack alone, if there is one
    ran      what happened when this file was loaded for real, in a child with a time limit, by the Python
             that runs this script: true if it touched its marker file. Only files that carry a harmless
             payload of ours are loaded (their commands touch one file in an empty folder).

--no-run loads nothing. --small writes only the representative few that the repository keeps.
"""
import argparse
import bz2
import gzip
import io
import itertools
import json
import lzma
import multiprocessing
import os
import re
import resource
import shutil
import signal
import struct
import tempfile
import time
import warnings
import zipfile
import zlib
from pathlib import Path

import dangerous_names as names
from opcodes import (MARKER, OBJECT, PYTHON, SCALER, SCALER_STATE, SHELL, WRAPPER, Joblib, Ops, array, build, call,
                     data, dtype, joblib_array, joblib_objects, lit, name, new, padding, pickle, scaler, stack_name,
                     text, wrapper, wrapper_state)

MODELS = Path(__file__).resolve().parent.parent / "data" / "models"
D, U, M, E = "dangerous-global", "unknown-global", "misused-global", "embedded-code"
BROKEN, LIMIT, TAIL, STRUCTURE, OPCODE, FORMAT = "malformed", "limit-exceeded", "trailing-data", "structure-invalid", "dangerous-opcode", "unknown-format"


class Corpus:
    def __init__(self, out):
        self.out, self.entries, self.twins, self.payloads = out, [], {}, []
        self.counter = itertools.count()

    def write(self, file, content):
        path = self.out / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def twin(self, family, label, content, ext="pkl"):
        """An honest file, once."""
        if content not in self.twins:
            file = "%s/honest-%s.%s" % (family, label, ext)
            self.write(file, content)
            self.twins[content] = file
            self.entries.append({"file": file, "family": family, "verdict": "accept", "codes": [], "twin": None})
        return self.twins[content]

    def add(self, family, label, content, *codes, twin=None, runs=False, ext="pkl", verdict="refuse", small=False):
        label = re.sub(r"[^A-Za-z0-9_.+-]+", "_", label)[:80]
        file = "%s/%04d-%s.%s" % (family, next(self.counter), label, ext)
        self.write(file, content)
        if isinstance(twin, bytes):
            twin = self.twin(family, label, twin, ext)
        if D in codes:  # code that a file carries is told apart from names that run code
            codes = (*codes, E)
        entry = {"file": file, "family": family, "verdict": verdict, "codes": sorted(set(codes)), "twin": twin}
        if runs:
            self.payloads.append(entry)
        if small:
            entry["small"] = True
        self.entries.append(entry)


# ── Names that must never be reached, in every way that a pickle can spell them ──────────────────────

HONEST = pickle(scaler())


def long_text(s):
    return Ops(b"\x8d" + struct.pack("<Q", len(s)) + s.encode())


def python2_text(s):  # STRING with escapes
    return Ops(b"S'" + "".join("\\x%02x" % c for c in s.encode()).encode() + b"'\n")


def raw_unicode(s):  # UNICODE with escapes
    return Ops(b"V" + "".join("\\u%04x" % ord(c) for c in s).encode() + b"\n")


def spellings(module, qualname, args):
    """label -> a whole file that calls the name."""
    f, g, a = name(module, qualname), stack_name(module, qualname), lit(args)
    m, n = text(module), text(qualname)
    join = b"\x93"
    return {
        "global": pickle(f + a + b"R", 0),
        "global_1": pickle(f + a + b"R", 1),
        "global_2": pickle(f + a + b"R", 2),
        "stack_global": pickle(g + a + b"R"),
        "stack_global_5": pickle(g + a + b"R", 5, frame=True),
        "memoised": pickle(m + b"q\x070" + n + b"\x94" b"0" + b"h\x07h\x01" + join + a + b"R"),
        "long_memo": pickle(m + b"r\xff\xff\x00\x00" + b"0" + n + b"r\xff\xff\xff\x000" + b"j\xff\xff\x00\x00" + b"j\xff\xff\xff\x00" + join + a + b"R"),
        "overwritten": pickle(text("numpy") + b"q\x000" + m + b"q\x000" + b"h\x00" + n + join + a + b"R"),
        "text_memo": pickle(m + b"p100\n0" + n + b"p1000000\n0" + b"g100\ng1000000\n" + join + a + b"R"),
        "dup": pickle(m + b"2" + b"0" + n + join + a + b"R"),
        "popped": pickle(m + text("x") + b"0" + n + join + a + b"R"),
        "pop_mark": pickle(m + b"(" + text("x") + text("y") + b"1" + n + join + a + b"R"),
        "inst": pickle(Ops(b"(" + b"".join(lit(x) for x in args) + b"i%s\n%s\n" % (module.encode(), qualname.encode())), 0),
        "obj": pickle(b"(" + f + b"".join(lit(x) for x in args) + b"o", 1),
        "escapes": pickle(python2_text(module) + python2_text(qualname) + join + a + b"R"),
        "short_binstring": pickle(Ops(b"U" + bytes([len(module)]) + module.encode()) + Ops(b"U" + bytes([len(qualname)]) + qualname.encode()) + join + a + b"R"),
        "binstring": pickle(Ops(b"T" + struct.pack("<i", len(module)) + module.encode()) + n + join + a + b"R"),
        "unicode8": pickle(long_text(module) + long_text(qualname) + join + a + b"R"),
        "raw_unicode": pickle(raw_unicode(module) + raw_unicode(qualname) + join + a + b"R"),
        "partial": pickle(call(call(name("functools", "partial"), f, *args))),
        "then_honest": pickle(g + a + b"R" + b"0" + scaler()),
        "second_pickle": HONEST + pickle(g + a + b"R"),
        "second_pickle_0": HONEST + pickle(f + a + b"R", 0),
        "objects": joblib_objects(pickle(g + a + b"R")),
        "objects_0": joblib_objects(pickle(f + a + b"R", 0), proto=2),
        "in_estimator": pickle(scaler(with_mean=g + a + b"R")),
        "in_key": pickle(lit({g + a + b"R": 1})),
        "in_tuple": pickle(lit((1, (2, [g + a + b"R"])))),
        "in_frozenset": pickle(Ops(b"(" + g + a + b"R" + b"\x91")),
        "in_set": pickle(Ops(b"\x8f(" + g + a + b"R" + b"\x90")),
        "then_break": pickle(g + a + b"R" + b"\xff"),
        "then_nothing": b"\x80\x04" + g + a + b"R",
        "no_protocol": bytes(g + a + b"R."),
        "second_proto": b"\x80\x02\x80\x04" + g + a + b"R.",
    }


ONLY_FETCHED = {
    "never_called": lambda g: pickle(lit({"model": g})),
    "fetched_then_popped": lambda g: pickle(g + b"0" + scaler()),
    "in_wrapper": lambda g: joblib_array((1,), dtype(), b"\0" * 8, subclass=g),
    "parameter": lambda g: pickle(scaler(copy=g)),
    "given_state": lambda g: pickle(build(g, {"x": 1})),
    "made": lambda g: pickle(new(g)),
    "made_ex": lambda g: pickle(g + b")}\x92"),
    "second_base": lambda g: pickle(call(name("copyreg", "_reconstructor"), g, name("builtins", "object"), None)),
    "reduced_twice": lambda g: pickle(call(call(g, "x"), "y")),
}
COMPRESSORS = {
    "z": lambda b: zlib.compress(b), "gz": lambda b: gzip.compress(b), "bz2": lambda b: bz2.compress(b),
    "xz": lambda b: lzma.compress(b), "lzma": lambda b: lzma.compress(b, format=lzma.FORMAT_ALONE),
}
try:
    import lz4.frame
    COMPRESSORS["lz4"] = lambda b: lz4.frame.compress(b)
except ImportError:
    pass


def dangerous(c):
    for k, (module, qualname, args) in enumerate(names.CORE):
        codes = names.codes(module, qualname)
        for way, (label, content) in enumerate(spellings(module, qualname, args).items()):
            dotted = "." in qualname and label in ("global", "global_1", "global_2", "inst", "obj", "second_pickle_0", "objects_0", "no_protocol")
            sampled = k < 8 or (k + way) % 4 == 0  # loading each takes its time
            c.add("name-" + label, "%s.%s" % (module, qualname), content, *codes, runs=sampled and not dotted, small=(k == 1 and not label.startswith("second_pickle_0")))
        for label, make in ONLY_FETCHED.items():
            if k < 12:
                c.add("name-" + label, "%s.%s" % (module, qualname), make(stack_name(module, qualname)), *codes)
        if k < 6:
            for ext, squeeze in COMPRESSORS.items():
                c.add("name-compressed", "%s.%s" % (module, qualname), squeeze(pickle(call(stack_name(module, qualname), *args))), *codes, runs=True, ext="joblib." + ext, small=k == 1)
                c.add("name-compressed", "objects-%s.%s" % (module, qualname), squeeze(joblib_objects(pickle(call(stack_name(module, qualname), *args)))), *codes, runs=True, ext="joblib." + ext)
    for old, qualname, args in (("__builtin__", "eval", (PYTHON,)), ("__builtin__", "execfile", ("absent",)), ("__builtin__", "file", (MARKER, "w")), ("__builtin__", "apply", (name("os", "system"), (SHELL,))),
                                ("commands", "getoutput", (SHELL,)), ("commands", "getstatusoutput", (SHELL,)), ("copy_reg", "add_extension", ("os", "system", 1)), ("cPickle", "loads", (names.EVIL,)),
                                ("__builtin__", "reduce", (name("os", "system"), [SHELL, 0])), ("itertools", "imap", (name("os", "system"), [SHELL])), ("os", "getcwdu", ()), ("urllib", "urlopen", ("file:///dev/null",)),
                                ("UserDict", "UserDict", ()), ("StringIO", "StringIO", ()), ("__builtin__", "raw_input", ()), ("whichdb", "whichdb", ("x",)), ("SocketServer", "TCPServer", ()), ("xmlrpclib", "loads", ("",))):
        for proto in (0, 2):
            c.add("name-python2", "%d-%s.%s" % (proto, old, qualname), pickle(call(name(old, qualname), *args), proto), D, U, M, runs=qualname in ("eval", "file", "getoutput", "getstatusoutput", "loads"))
    ways = [w for w in spellings("a", "b", ("c",)) if w not in ("then_honest", "second_proto", "no_protocol")]
    for k, (module, qualname) in enumerate(names.more()):
        way = ways[k % len(ways)]
        c.add("more-" + way, "%s.%s" % (module, qualname), spellings(module, qualname, (MARKER,))[way], *names.codes(module, qualname))
    for module, qualname in (("numpy", "os.system"), ("sklearn", "os.system"), ("joblib", "os.system"), ("sklearn.utils", "os.system"), ("numpy", "lib.npyio.os.system"), ("collections", "_sys.modules"),
                             ("sklearn.preprocessing._data", "StandardScaler.__init__.__globals__"), ("sklearn.preprocessing._data", "StandardScaler.__class__"), ("sklearn.preprocessing._data", "StandardScaler.fit"),
                             ("sklearn.base", "BaseEstimator.set_params"), ("numpy", "ndarray.tofile"), ("numpy", "__builtins__"), ("numpy.core", "multiarray.scalar"), ("builtins", "object.__subclasses__"), ("builtins", "dict.__class__"),
                             ("collections", "OrderedDict.__init__.__globals__"), ("datetime", "sys.modules"), ("copyreg", "__builtins__"), ("_codecs", "encode.__self__.open"), ("sklearn.preprocessing._data", "np.load")):
        c.add("name-dotted", "%s.%s" % (module, qualname), pickle(call(stack_name(module, qualname), "x")), D, U, M)
        c.add("name-dotted", "value-%s.%s" % (module, qualname), pickle(scaler(copy=stack_name(module, qualname))), D, U, M)
    c.add("name-odd", "empty", pickle(call(stack_name("", ""), 1)), D, U, M, BROKEN)
    c.add("name-odd", "relative", pickle(call(stack_name(".os", "system"), 1)), D, U, M, BROKEN)
    c.add("name-odd", "newline", pickle(call(stack_name("os\n", "system"), 1)), D, U, M, BROKEN)
    c.add("name-odd", "nul", pickle(call(stack_name("os\0", "system"), 1)), D, U, M, BROKEN)
    c.add("name-odd", "escape-sequence", pickle(call(stack_name("\x1b]0;owned\x07", "\x1b[2J"), 1)), D, U, M, BROKEN, small=True)
    c.add("name-odd", "right-to-left", pickle(call(stack_name("numpy\u202e", "yarra"), 1)), D, U, M, BROKEN)
    c.add("name-odd", "full-width", pickle(call(stack_name("os", "system"), 1)), D, U, M, BROKEN)
    c.add("name-odd", "very-long", pickle(call(stack_name("a" * 100000, "b" * 100000), 1)), D, U, M, BROKEN, LIMIT)
    c.add("name-odd", "surrogate", pickle(call(stack_name("os\udc80", "system"), 1)), D, U, M, BROKEN)
    c.add("name-odd", "bytes-not-text", pickle(call(data(b"os") + data(b"system") + b"\x93", 1)), D, U, M, BROKEN)
    c.add("name-odd", "carriage-return", b"cos\r\nsystem\r\n(S'true'\r\ntR.", D, U, M, BROKEN)


# ── Harmless names in acts that no honest file does ──────────────────────────────────────────────────

ND = name("numpy", "ndarray")
SYSTEM = name("os", "system")
RAW8 = struct.pack("<d", 1.5)
HONEST_ARRAY = pickle(lit({"mean_": array((1,), dtype(), RAW8)}))


def misused(c):
    def m(label, body, *codes, twin=None, runs=False, proto=4, **k):
        c.add("misuse", label, body if isinstance(body, bytes) and not isinstance(body, Ops) else pickle(body, proto), *(codes or (M,)), twin=twin, runs=runs, **k)

    est = new(SCALER)
    plain_scaler = HONEST
    m("build-on-class", build(SCALER, {"__setstate__": SYSTEM}), M, D, small=True)
    m("build-on-class-plain", build(SCALER, {"x": 1}), M)
    m("build-on-class-then-made", build(SCALER, {"transform": name("builtins", "len")}) + b"0" + scaler(), M, U, D, twin=plain_scaler)
    m("build-twice", build(build(est, SCALER_STATE), SCALER_STATE), M, twin=plain_scaler, small=True)
    m("build-installs-setstate", build(build(est, {"__setstate__": SYSTEM}), SHELL), M, D, twin=plain_scaler)
    m("build-list", build(lit([1]), {"x": 1}), M, BROKEN)
    m("build-text", build(lit("x"), {"x": 1}), M, BROKEN)
    m("build-none", build(lit(None), {}), M, BROKEN)
    m("build-dict", build(lit({}), {"x": 1}), M, BROKEN)
    for key in ("__setstate__", "__class__", "__dict__", "__reduce__", "__getattr__", "__sklearn_tags__", "__x__"):
        m("state-dunder-" + key, scaler(**{key: 1}), M, twin=plain_scaler)
    for key in ("transform", "fit", "get_params", "set_params", "inverse_transform", "_reset", "_validate_params", "_more_tags", "partial_fit"):
        m("state-method-" + key, scaler(**{key: SCALER}), M, U, twin=plain_scaler)
        m("state-method-text-" + key, scaler(**{key: "x"}), M, twin=plain_scaler)
    iso = new(name("sklearn.isotonic", "IsotonicRegression"))
    iso_state = {"y_min": None, "y_max": None, "increasing": True, "out_of_bounds": "nan", "_sklearn_version": "1.6.1"}
    m("isotonic-build-f", build(iso, dict(iso_state, _build_f=SYSTEM)), M, D, twin=pickle(build(iso, iso_state)))
    m("isotonic-build-f-honest-name", build(iso, dict(iso_state, _build_f=name("sklearn.metrics._classification", "f1_score"))), M, U, twin=pickle(build(iso, iso_state)))
    m("state-duplicate-key", Ops(est + b"}(" + b"".join(lit(k) + lit(v) for k, v in SCALER_STATE.items()) + lit("copy") + lit(False) + b"ub"), M, BROKEN, twin=plain_scaler)
    m("state-duplicate-key-setitem", Ops(est + lit(SCALER_STATE) + lit("copy") + lit(True) + b"sb"), M, BROKEN, twin=plain_scaler)
    m("state-number-key", Ops(est + b"}(" + lit(1) + lit(2) + b"ub"), M)
    m("state-bytes-key", Ops(est + b"}(" + data(b"copy") + lit(True) + b"ub"), M)
    m("state-not-a-dict", build(est, [("copy", True)]), M)
    m("state-tuple-slots", build(est, (None, {"copy": True})), M)
    m("state-pair-of-dicts", build(est, (SCALER_STATE, {"with_mean": False})), M, twin=plain_scaler)
    m("state-ordered-dict", build(est, call(name("collections", "OrderedDict"))), M)
    m("state-version-not-text", scaler(_sklearn_version=161), M, twin=plain_scaler)
    m("state-of-itself", est + b"\x94" + Ops(b"}" + lit("copy") + b"h\x00" + b"sb"), M, STRUCTURE, LIMIT, verdict="bounded")
    m("new-with-arguments", new(SCALER, True), M)
    m("new-ex-with-keywords", Ops(SCALER + b")" + lit({"with_mean": True}) + b"\x92"), M)
    m("estimator-called", call(SCALER), M)
    m("estimator-called-with", call(SCALER, True), M)
    m("append-to-estimator", Ops(est + lit(1) + b"a"), M, BROKEN)
    m("setitem-on-estimator", Ops(est + lit("a") + lit(1) + b"s"), M, BROKEN)
    m("add-to-estimator", Ops(est + b"(" + lit(1) + b"\x90"), M, BROKEN)
    bunch = name("sklearn.utils._bunch", "Bunch")
    m("bunch-append", Ops(call(bunch) + b"(" + lit("append") + SYSTEM + b"u" + b"(" + lit(SHELL) + b"e"), M, D)
    m("bunch-append-honest-name", Ops(call(bunch) + b"(" + lit("append") + name("numpy", "log1p") + b"u" + b"(" + lit(2) + b"e"), M, twin=pickle(call(bunch) + b"(" + lit("a") + lit(2) + b"u"))
    m("bunch-extend", Ops(call(bunch) + b"(" + lit("extend") + name("joblib", "load") + b"u" + b"(" + lit(2) + b"e"), M, D, U)
    m("bunch-add", Ops(call(bunch) + b"(" + lit("add") + name("numpy", "log1p") + b"u" + b"(" + lit(2) + b"\x90"), M)
    m("append-to-ordered-dict", Ops(call(name("collections", "OrderedDict")) + lit(1) + b"a"), M, BROKEN)
    m("setitems-on-list", Ops(b"]" + lit(1) + b"a(" + lit(0) + lit(2) + b"u"), M, BROKEN)
    m("setitem-on-tuple", Ops(b")" + lit(0) + lit(2) + b"s"), M, BROKEN)
    m("append-to-tuple", Ops(b")" + lit(0) + b"a"), M, BROKEN)
    m("add-to-frozenset", Ops(b"(\x91(" + lit(0) + b"\x90"), M, BROKEN)
    m("add-to-dict", Ops(b"}(" + lit(0) + b"\x90"), M, BROKEN)
    # results that are called, arguments that are no tuple
    m("call-a-result", call(call(name("collections", "OrderedDict")), 1), M, BROKEN, small=True)
    m("call-a-text", call(lit("os.system"), 1), M, BROKEN)
    m("call-none", call(lit(None)), M, BROKEN)
    m("call-with-list", Ops(name("collections", "OrderedDict") + lit([]) + b"R"), M, BROKEN, twin=pickle(lit([call(name("collections", "OrderedDict"))])))
    m("call-with-dict", Ops(name("collections", "OrderedDict") + lit({}) + b"R"), M, BROKEN)
    m("call-with-text", Ops(name("builtins", "list") + lit("abc") + b"R"), M, BROKEN)
    m("new-of-result", new(call(name("collections", "OrderedDict"))), M, BROKEN)
    m("new-of-text", new(lit("x")), M, BROKEN)
    m("new-ex-args-list", Ops(SCALER + lit([]) + lit({}) + b"\x92"), M, BROKEN)
    m("obj-of-text", Ops(b"(" + lit("x") + b"o"), M, BROKEN)
    # look-ups and constructors
    partial = name("functools", "partial")
    m("partial-system", call(partial, SYSTEM, SHELL), M, D)
    m("partial-load", call(partial, name("joblib", "load"), "x"), M, D, U)
    m("partial-check-array-evil", call(partial, name("sklearn.utils.validation", "check_array")) + b"\x94" + lit((name("sklearn.utils.validation", "check_array"), (), {"dtype": SYSTEM}, None)) + b"b", M, D)
    m("partial-state-other-function", Ops(call(partial, name("sklearn.utils.validation", "check_array")) + lit((SYSTEM, (), {}, None)) + b"b"), M, D)
    m("partial-of-partial", call(partial, call(partial, name("builtins", "len"))), M, U, D)
    m("partial-then-called-with-more", call(call(partial, name("numpy.random._pickle", "__generator_ctor"), "MT19937"), SYSTEM), M, D)
    for what, spec in (("system", SYSTEM), ("load", name("joblib", "load")), ("honest", name("numpy", "log1p")), ("scaler", SCALER)):
        m("generator-calls-" + what, call(name("numpy.random._pickle", "__generator_ctor"), "MT19937", spec), M, D, U)
        m("randomstate-calls-" + what, call(name("numpy.random._pickle", "__randomstate_ctor"), "MT19937", spec), M, D, U)
    m("generator-system-runs", call(name("numpy.random._pickle", "__generator_ctor"), SHELL, SYSTEM), M, D, runs=True, small=True)
    m("randomstate-system-runs", call(name("numpy.random._pickle", "__randomstate_ctor"), SHELL, SYSTEM), M, D, runs=True)
    m("generator-eval-runs", call(name("numpy.random._pickle", "__generator_ctor"), PYTHON, name("builtins", "exec")), M, D, runs=True)
    m("generator-joblib-load-runs", call(name("numpy.random._pickle", "__generator_ctor"), "absent", name("joblib", "load")), M, D, U)
    m("bit-generator-of-system", call(name("numpy.random._pickle", "__bit_generator_ctor"), SYSTEM), M, D)
    m("bit-generator-of-estimator", call(name("numpy.random._pickle", "__bit_generator_ctor"), SCALER), M)
    m("bit-generator-unknown", call(name("numpy.random._pickle", "__bit_generator_ctor"), "Evil"), M)
    for lib in ("numpy.core", "numpy._core"):
        m("ufunc-reconstruct-system-" + lib, call(call(name(lib, "_ufunc_reconstruct"), "os", "system"), SHELL), M, D, U, runs=lib == "numpy.core")
        m("ufunc-reconstruct-value-" + lib, call(name(lib, "_ufunc_reconstruct"), "os", "system"), M, D, U)
        m("ufunc-reconstruct-joblib-" + lib, call(name(lib, "_ufunc_reconstruct"), "joblib", "load"), M, D, U)
        m("ufunc-reconstruct-other-" + lib, call(name(lib, "_ufunc_reconstruct"), "antigravity", "x"), M, D, U)
    m("dill-load-type-evil", call(name("dill._dill", "_load_type"), "CodeType"), M, D, U, E)
    m("dill-import-module", call(name("dill._dill", "_import_module"), "os.system"), M, D, U, E)
    m("dill-create-code", call(name("dill._dill", "_create_code"), 0, 0), M, D, U, E)
    m("cloudpickle-make-function", call(name("cloudpickle.cloudpickle", "_make_function"), 1), M, D, U, E)
    m("code-type", call(name("types", "CodeType"), 0, 0, 0, 1, 64, b"d\0S\0", (None,), (), (), "x", "x", 1, b""), M, D, U, E)
    m("function-type", call(name("types", "FunctionType"), name("builtins", "len")), M, D, U, E)
    recon = name("copyreg", "_reconstructor")
    obj = name("builtins", "object")
    honest = pickle(build(call(recon, SCALER, obj, None), SCALER_STATE))
    for label, args in (("base-int", (SCALER, name("builtins", "int"), 1)), ("base-dict", (SCALER, name("builtins", "dict"), {"a": 1})), ("state-given", (SCALER, obj, "x")), ("class-system", (SYSTEM, obj, None)), ("class-popen", (name("subprocess", "Popen"), obj, None)),
                        ("base-system", (SCALER, SYSTEM, None)), ("class-text", ("x", obj, None)), ("unknown-class", (name("mymod", "Thing"), obj, None)), ("no-arguments", ()), ("four", (SCALER, obj, None, None)), ("base-is-a-class", (SCALER, name("sklearn.base", "BaseEstimator"), None)), ("class-is-function", (name("numpy", "log1p"), obj, None)), ("array", (ND, obj, None)), ("dtype", (name("numpy", "dtype"), obj, None)), ("memmap", (name("numpy", "memmap"), obj, None))):
        m("reconstructor-" + label, call(recon, *args), M, D, U, twin=honest)
    m("copyreg-newobj", call(name("copyreg", "__newobj__"), SCALER), M, D, U)
    m("copyreg-newobj-ex", call(name("copyreg", "__newobj_ex__"), SCALER, (), {}), M, D, U)
    enc = name("_codecs", "encode")
    for codec in ("rot13", "rot_13", "hex", "idna", "punycode", "zip", "bz2", "utf-7", "unicode_escape", "raw_unicode_escape", "utf8", "ascii", "base64", "uu", "mbcs", "", "latin2", "Latin1\0"):
        m("encode-" + codec, call(enc, "abc", codec), M, twin=pickle(lit([call(enc, "abc", "latin1")])))
    m("encode-no-codec", call(enc, "abc"), M)
    m("encode-errors", call(enc, "abc", "latin1", "xmlcharrefreplace"), M)
    m("encode-not-text", call(enc, 12, "latin1"), M)
    m("encode-wide-character", call(enc, "\u0394", "latin1"), M)
    m("decode", call(name("_codecs", "decode"), b"abc", "rot13"), M, D, U)
    m("codecs-lookup", call(name("_codecs", "lookup"), "abc"), M, D, U)
    # memory and files by constructors
    for f in ("bytearray", "bytes"):
        m(f + "-huge", call(name("builtins", f), 10**12), M, LIMIT, U, small=f == "bytearray")
        m(f + "-of-range", call(name("builtins", f), call(name("builtins", "range"), 10**9)), M, LIMIT, U)
    m("list-of-range", call(name("builtins", "list"), call(name("builtins", "range"), 10**10)), M, LIMIT, U)
    m("set-of-range", call(name("builtins", "set"), call(name("builtins", "range"), 10**10)), M, LIMIT, U)
    m("tuple-of-slice", call(name("builtins", "tuple"), call(name("builtins", "slice"), 1)), M, LIMIT, U)
    m("complex-text", call(name("builtins", "complex"), "1" * 10000), M, LIMIT, U)
    m("int-text", call(name("builtins", "int"), "9" * 1000000), M, LIMIT, U, D)
    m("memmap-file", new(name("numpy", "memmap"), MARKER, "u1", "w+", 0, (1,)), M, D, U, runs=True, small=True)
    m("memmap-called", call(name("numpy", "memmap"), MARKER, "u1", "w+", 0, (1,)), M, D, U, runs=True)
    m("memmap-new-ex", Ops(name("numpy", "memmap") + lit((MARKER,)) + lit({"mode": "w+", "shape": (1,)}) + b"\x92"), M, D, U, runs=True)
    m("ndarray-new", new(ND, (10**9,)), M, LIMIT)
    m("ndarray-called", call(ND, (10**9,)), M, LIMIT)
    m("ndarray-strides", new(ND, (10,), call(name("numpy", "dtype"), "f8"), b"12345678", 0, (10**6,)), M)
    m("matrix-text", call(name("numpy", "matrix"), "os.system('x')"), M, U, D)
    m("empty-huge", call(name("numpy", "empty"), 10**10), M, U, LIMIT, D)
    m("zeros-huge", call(name("numpy", "zeros"), (10**6, 10**6)), M, U, LIMIT, D)
    m("frombuffer-of-name", call(name("numpy._core.numeric", "_frombuffer"), ND, dtype(), (1,), "C"), M)
    m("frombuffer-short", call(name("numpy._core.numeric", "_frombuffer"), b"1234", dtype(), (1,), "C"), M, BROKEN)
    m("frombuffer-object", call(name("numpy._core.numeric", "_frombuffer"), b"12345678", dtype("O8", OBJECT), (1,), "C"), M)
    m("frombuffer-order", call(name("numpy._core.numeric", "_frombuffer"), RAW8, dtype(), (1,), "X"), M, twin=pickle(lit([call(name("numpy._core.numeric", "_frombuffer"), RAW8, dtype(), (1,), "C")])))
    # scipy: an allowed class whose __setstate__ runs text
    norm = name("scipy.stats._continuous_distns", "norm_gen")
    code = {"_parse_arg_template": PYTHON + "\ndef _parse_args(self, *a, **k): pass\ndef _parse_args_rvs(self, *a, **k): pass\ndef _parse_args_stats(self, *a, **k): pass\n", "_ctor_param": {}, "name": "norm"}
    m("rv-continuous-code", build(new(norm), code), M, U, runs=False)
    m("rv-continuous-code-list", build(new(norm), [code]), M, U)
    m("rv-generic-parse-template", build(new(name("scipy.stats._distn_infrastructure", "rv_continuous")), dict(code, _parse_arg_template="import os")), M, U)
    m("rv-frozen-code", build(new(name("scipy.stats._distn_infrastructure", "rv_continuous_frozen")), {"args": (), "kwds": {}, "dist": build(new(norm), code)}), M, U)
    m("interpolator-code", build(new(name("scipy.interpolate._interpolate", "interp1d")), {"_call": SYSTEM}), M, D, U)
    # functions in slots
    ft = name("sklearn.preprocessing._function_transformer", "FunctionTransformer")
    ft_state = {"func": name("numpy", "log1p"), "inverse_func": None, "validate": False, "accept_sparse": False, "check_inverse": True, "feature_names_out": None, "kw_args": None, "inv_kw_args": None, "_sklearn_version": "1.6.1"}
    ft_twin = pickle(build(new(ft), ft_state))
    for what, f in (("joblib-load", name("joblib", "load")), ("joblib-numpy-pickle-load", name("joblib.numpy_pickle", "load")), ("numpy-load", name("numpy", "load")), ("system", SYSTEM), ("eval", name("builtins", "eval")), ("read-pickle", name("pandas.io.pickle", "read_pickle")), ("fromfile", name("numpy", "fromfile")), ("fetch", name("sklearn.datasets._openml", "fetch_openml")), ("partial", call(partial, SYSTEM)), ("getattr", name("builtins", "getattr")), ("delayed", name("joblib.parallel", "delayed")), ("vectorize", name("numpy", "vectorize"))):
        m("function-transformer-" + what, build(new(ft), dict(ft_state, func=f)), M, D, U, twin=ft_twin)
        m("function-transformer-inverse-" + what, build(new(ft), dict(ft_state, inverse_func=f)), M, D, U, twin=ft_twin)
    look_up = name("builtins", "getattr")
    ft_lower = pickle(build(new(ft), dict(ft_state, func=call(look_up, name("builtins", "str"), "lower"))))
    for what, of, attribute in (("format", name("builtins", "str"), "format"), ("subclasses", name("builtins", "object"), "__subclasses__"), ("init", SCALER, "__init__"), ("class", scaler(), "__class__"), ("fit", scaler(), "fit"),
                                ("tofile", name("numpy", "ndarray"), "tofile"), ("self", call(look_up, name("builtins", "str"), "lower"), "__self__"), ("globals", name("functools", "partial"), "__globals__"), ("reduce", new(ft), "__reduce_ex__")):
        m("getattr-kept-" + what, build(new(ft), dict(ft_state, func=call(look_up, of, attribute))), M, D, twin=ft_lower)
        m("getattr-called-" + what, call(call(look_up, of, attribute), "x"), M, D, twin=ft_lower)
    m("getattr-given", lit({"model": look_up}), M, D, twin=ft_lower)
    m("getattr-called-lower", call(call(look_up, name("builtins", "str"), "lower"), "x"), M, D, twin=ft_lower)
    m("zone-outside", call(call(look_up, name("zoneinfo", "ZoneInfo"), "_unpickle"), "../../etc/passwd", True), M, D)
    m("type-of-three", call(name("builtins", "type"), "X", (), {}), M, D)
    m("function-in-plain-slot", scaler(with_mean=name("numpy", "log1p")), M, twin=plain_scaler)
    m("class-in-plain-slot", scaler(with_mean=SCALER), M, twin=plain_scaler)
    # arrays
    twin = HONEST_ARRAY

    def a(label, value, *codes, core=None):
        m("array-" + label, lit({"mean_": value}), *(codes or (M,)), twin=twin)
    a("subclass-system", array((1,), dtype(), RAW8, subclass=("os", "system")), M, D)
    a("subclass-memmap", array((1,), dtype(), RAW8, subclass=("numpy", "memmap"), first=(MARKER,)))
    a("subclass-estimator", array((1,), dtype(), RAW8, subclass=("sklearn.preprocessing._data", "StandardScaler")))
    a("subclass-list", array((1,), dtype(), RAW8, subclass=("builtins", "list")))
    a("first-shape", array((1,), dtype(), RAW8, first=(10**9,)))
    a("first-shape-2", array((1,), dtype(), RAW8, first=(0, 0)))
    a("first-shape-none", array((1,), dtype(), RAW8, first=()))
    a("letter-O", array((1,), dtype(), RAW8, letter=b"O"))
    a("letter-text", array((1,), dtype(), RAW8, letter="f8"))
    a("too-short", array((2,), dtype(), RAW8), M, BROKEN)
    a("too-long", array((1,), dtype(), RAW8 * 2), M, BROKEN)
    a("negative", array((-1,), dtype(), RAW8), M, BROKEN)
    a("negative-twice", array((-1, -1), dtype(), RAW8), M, BROKEN)
    a("overflow", array((2**32, 2**32), dtype(), b""), M, BROKEN, LIMIT)
    a("overflow-to-one", array((2**62, 4, 1), dtype(), RAW8), M, BROKEN, LIMIT)
    a("overflow-by-itemsize", array((2**61,), dtype(), b""), M, BROKEN, LIMIT)
    a("zero-times-huge", array((0, 2**63 - 1, 2**63 - 1), dtype(), b""), M, BROKEN, LIMIT)
    a("many-dimensions", array((1,) * 100, dtype(), RAW8), M, BROKEN, LIMIT)
    a("shape-list", array([1], dtype(), RAW8), M, BROKEN)
    a("shape-bool", array((True,), dtype(), RAW8), M, BROKEN)
    a("shape-float", array((1.0,), dtype(), RAW8), M, BROKEN)
    a("shape-huge-int", array((2**200,), dtype(), RAW8), M, BROKEN, LIMIT)
    a("version-7", array((1,), dtype(), RAW8, version=7), M, BROKEN)
    a("version-text", array((1,), dtype(), RAW8, version="1"), M, BROKEN)
    a("order-list", array((1,), dtype(), RAW8, fortran=[]), M, BROKEN)
    m("array-content-text", lit({"mean_": array((1,), dtype(), "12345678")}), verdict="bounded")  # how Python 2 wrote bytes
    a("content-number", array((1,), dtype(), 5), M, BROKEN)
    a("content-list-of-plain", array((1,), dtype(), [1.5]), M, BROKEN)
    a("objects-from-bytes", array((1,), dtype("O8", OBJECT), b"\x41" * 8), M, BROKEN)
    a("objects-too-few", array((3,), dtype("O8", OBJECT), [1]), M, BROKEN)
    a("dtype-text", array((1,), "f8", RAW8), M, BROKEN)
    a("dtype-name", array((1,), name("numpy", "dtype"), RAW8), M, BROKEN)
    a("dtype-system", array((1,), SYSTEM, RAW8), M, BROKEN, D)
    a("state-short", build(call(name("numpy._core.multiarray", "_reconstruct"), ND, (0,), b"b"), (1, (1,), dtype())), M, BROKEN)
    a("state-dict", build(call(name("numpy._core.multiarray", "_reconstruct"), ND, (0,), b"b"), {"x": 1}), M, BROKEN)
    a("state-twice", build(array((1,), dtype(), RAW8), (1, (1,), dtype(), False, RAW8)))
    a("never-built", call(name("numpy._core.multiarray", "_reconstruct"), ND, (10**10,), b"b"), M, LIMIT)
    for label, code, state in (("u1-with-object-flags", "u1", (3, "|", None, None, None, -1, -1, 63)), ("f8-with-object-flags", "f8", (3, "<", None, None, None, -1, -1, 1)), ("O-without-flags", "O8", (3, "|", None, None, None, -1, -1, 0)), ("itemsize", "f8", (3, "<", None, None, None, 4, 4, 0)),
                               ("itemsize-huge", "V8", (3, "|", None, None, None, 2**31 - 1, 1, 0)), ("itemsize-negative", "V8", (3, "|", None, None, None, -5, 1, 0)), ("alignment", "V8", (3, "|", None, None, None, 8, 3, 0)), ("byte-order", "f8", (3, "?", None, None, None, -1, -1, 0)), ("version-99", "f8", (99, "<", None, None, None, -1, -1, 0)),
                               ("state-short", "f8", (3, "<")), ("state-text", "f8", "x"), ("names-without-fields", "V8", (3, "|", None, ("a",), None, 8, 1, 16)), ("subarray", "V8", (3, "|", (dtype(), (2**40,)), None, None, 8, 1, 0)),
                               ("field-beyond-end", "V8", (3, "|", None, ("a",), {"a": (dtype(), 4)}, 8, 1, 16)), ("field-negative", "V8", (3, "|", None, ("a",), {"a": (dtype(), -8)}, 8, 1, 16)), ("fields-overlap", "V8", (3, "|", None, ("a", "b"), {"a": (dtype("O8", OBJECT), 0), "b": (dtype(), 0)}, 8, 1, 27)),
                               ("field-of-objects-hidden", "V8", (3, "|", None, ("a",), {"a": (dtype("O8", OBJECT), 0)}, 8, 1, 16)), ("field-not-dtype", "V8", (3, "|", None, ("a",), {"a": (SYSTEM, 0)}, 8, 1, 16)), ("field-missing", "V8", (3, "|", None, ("a", "b"), {"a": (dtype(), 0)}, 8, 1, 16)), ("field-twice", "V16", (3, "|", None, ("a", "a"), {"a": (dtype(), 0)}, 16, 1, 16)), ("flags-text", "f8", (3, "<", None, None, None, -1, -1, "x")), ("metadata", "f8", (4, "<", None, None, None, -1, -1, 0, {"a": SYSTEM}))):
        size = {"u1": 1, "V16": 16}.get(code, 8)
        a("dtype-" + label, array((1,), dtype(code, state), b"\0" * size), M, BROKEN, D, LIMIT)
    for code in ("f8,f8", "{'names':['a']}", "numpy.float64", "object", "O", "(2,3)f8", "i4" * 5000, "f16", "x9", "", "V", "V-1", "U999999999999", "S2147483648", "f8f8", "5f8", "<f8", "=f8", "os.system"):
        if code not in ("O", "<f8"):
            a("dtype-code-" + (code[:20] or "empty"), array((1,), dtype(code), RAW8), M, BROKEN, LIMIT, U)
    a("dtype-of-class", array((1,), call(name("numpy", "dtype"), SYSTEM, False, True), RAW8), M, D, BROKEN)
    a("dtype-of-estimator", array((1,), call(name("numpy", "dtype"), SCALER, False, True), RAW8), M, BROKEN)
    a("dtype-of-dict", array((1,), call(name("numpy", "dtype"), {"names": ["a"], "formats": ["O"]}, False, True), RAW8), M, BROKEN)
    a("dtype-used-then-built", array((1,), dtype() + b"\x94", RAW8) + b"0" + Ops(b"h\x00") + lit((3, "|", None, None, None, -1, -1, 63)) + b"b", M)
    scalar = name("numpy._core.multiarray", "scalar")
    s_twin = pickle(lit([call(scalar, dtype(), RAW8)]))
    for label, args in (("short", (dtype(), b"1234")), ("long", (dtype(), RAW8 * 2)), ("object", (dtype("O8", OBJECT), b"\x41" * 8)), ("object-of-name", (dtype("O8", OBJECT), SYSTEM)), ("no-bytes", (dtype(),)), ("dtype-text", ("f8", RAW8)), ("dtype-name", (SYSTEM, RAW8)), ("lying-itemsize", (dtype("f8", (3, "<", None, None, None, 4, 4, 0)), b"1234"))):
        m("scalar-" + label, call(scalar, *args), M, BROKEN, D, twin=s_twin)
    # scikit-learn's own constructors
    tree = name("sklearn.tree._tree", "Tree")
    i8 = lambda *v: array((len(v),), dtype("i8"), struct.pack("<%dq" % len(v), *v))
    for label, args in (("huge-features", (2**62, i8(2), 1)), ("negative-features", (-1, i8(2), 1)), ("huge-outputs", (4, i8(2), 2**40)), ("negative-outputs", (4, i8(2), -1)), ("classes-short", (4, i8(2), 100)), ("classes-negative", (4, i8(-1), 1)), ("classes-huge", (4, i8(2**60), 1)), ("classes-floats", (4, array((1,), dtype(), RAW8), 1)), ("classes-list", (4, [2], 1)), ("no-arguments", ()), ("text", ("4", i8(2), 1))):
        m("tree-" + label, call(tree, *args), M, STRUCTURE, LIMIT, BROKEN)
        m("tree-in-estimator-" + label, build(new(name("sklearn.tree._classes", "DecisionTreeClassifier")), {"tree_": call(tree, *args), "_sklearn_version": "1.6.1"}), M, STRUCTURE, LIMIT, BROKEN)
    m("tree-new", new(tree, 4, i8(2), 1), M)
    for label, state in (("no-nodes", {"max_depth": 1, "node_count": 1}), ("nodes-floats", {"max_depth": 1, "node_count": 1, "nodes": array((1,), dtype(), RAW8), "values": array((1, 1, 2), dtype(), RAW8 * 2)}), ("nodes-text", {"max_depth": 1, "node_count": 1, "nodes": "x", "values": "y"}), ("not-a-dict", [1]), ("extra-key", {"max_depth": 1, "node_count": 1, "nodes": None, "values": None, "apply": 1})):
        m("tree-state-" + label, build(call(tree, 4, i8(2), 1), state), M, STRUCTURE, BROKEN)
    pyx = name("sklearn.metrics._dist_metrics", "newObj")
    for label, cls in (("system", SYSTEM), ("estimator", SCALER), ("popen", name("subprocess", "Popen")), ("unknown", name("mymod", "Thing"))):
        m("newObj-" + label, call(pyx, cls), M, D, U)
        m("kdtree-newObj-" + label, call(name("sklearn.neighbors._kd_tree", "newObj"), cls), M, D, U)
        m("pyx-unpickle-" + label, call(name("sklearn._loss._loss", "__pyx_unpickle_CyHalfSquaredError"), cls, 238750788, None), M, D, U)
        m("mareconstruct-" + label, call(name("numpy.ma.core", "_mareconstruct"), cls, ND, (0,), "b"), M, D, U)
        m("new-index-" + label, call(name("pandas.core.indexes.base", "_new_Index"), cls, {"data": 1}), M, D, U)
    m("pyx-checksum", call(name("sklearn._loss._loss", "__pyx_unpickle_CyHalfSquaredError"), name("sklearn._loss._loss", "CyHalfSquaredError"), 1, None), M, U)
    m("new-index-huge-range", call(name("pandas.core.indexes.base", "_new_Index"), name("pandas.core.indexes.range", "RangeIndex"), {"start": 0, "stop": 10**18, "step": 1, "name": SYSTEM}), M, D)
    m("unpickle-block-placement", call(name("pandas._libs.internals", "_unpickle_block"), SYSTEM, 1, 2), M, D, U)
    m("defaultdict-system", call(name("collections", "defaultdict"), SYSTEM), M, D)
    m("defaultdict-of-unknown", call(name("collections", "defaultdict"), name("mymod", "f")), M, U)
    m("unknown-class", build(new(name("mymod", "Thing")), {"a": 1}), U, small=True)
    m("main-class", build(new(name("__main__", "Thing")), {"a": 1}), U)
    m("unknown-in-known-module", build(new(name("sklearn.preprocessing._data", "EvilScaler")), {"a": 1}), U, M)
    m("old-name-in-new-protocol", call(name("copy_reg", "_reconstructor"), SCALER, obj, None), M, U, proto=4)
    m("old-builtin-in-new-protocol", call(name("__builtin__", "set"), []), M, U, D, proto=4)
    m("loss-alone", call(name("_loss", "__pyx_unpickle_Evil"), 1), M, U)


# ── Opcodes ──────────────────────────────────────────────────────────────────────────────────────────

def frame(body, length=None):
    return b"\x95" + struct.pack("<Q", len(body) if length is None else length) + body


def opcodes(c):
    def o(label, content, *codes, twin=None, verdict="refuse", runs=False, **k):
        c.add("opcode", label, content, *(codes or (BROKEN,)), twin=twin, verdict=verdict, runs=runs, **k)
    P = b"\x80\x04"
    call_system = bytes(call(stack_name("posix", "system"), SHELL))
    good = bytes(scaler())
    framed = P + frame(good + b".")
    o("argument-crosses-frame", P + frame(b"B" + struct.pack("<I", 40) + b"x" * 10) + b"0" * 30 + b".", twin=framed)
    o("text-crosses-frame", P + frame(b"\x8c\x20abc") + call_system + b".", BROKEN, D)
    o("line-crosses-frame", P + frame(b"cos") + b"\nsystem\n" + lit((SHELL,)) + b"R.", BROKEN, D)
    o("number-crosses-frame", P + frame(b"J\x01\x02") + b"\x03\x04.")
    o("opcode-after-frame-without-frame", P + frame(good) + b".", twin=framed, verdict="bounded")
    # CPython #154848. Before 3.13.15, a C reader that needs more than is left of a frame that it *read* (longer
    # than the 128 KiB that it peeks, or from a BytesIO) drops the rest of the frame: to it the text begins behind
    # the frame and ends where another reader is in the middle of the next argument. Nobody else sees this call.
    hidden = call_system + b"."
    for pad in (0, 1000, 131072, 131126, 200000):
        rest, tail = b"j" * 64, b"k" * 58 + hidden
        inside = b"B" + struct.pack("<I", pad) + b"\0" * pad + b"0X" + struct.pack("<I", len(rest) + 64) + rest
        o("frame-rest-dropped-%d" % pad, P + frame(inside) + b"d" * 64 + b"0B" + struct.pack("<I", len(tail) - 1) + tail, BROKEN, D, runs=pad > 131000, small=pad == 0)
    for size in (131072, 262144):
        o("argument-of-%d-crosses-frame" % size, P + b"(" + frame(b"B" + struct.pack("<I", size) + hidden) + b"\0" * size + b"1N.", BROKEN, D)
    o("long-honest-bytes", P + frame(b"B" + struct.pack("<I", 131328) + b"\0" * 131328 + b"0" + good + b"."), verdict="accept")
    o("long-argument-then-name", P + b"B" + struct.pack("<I", 131328) + b"\0" * 131328 + b"0" + call_system + b".", D, runs=True)
    o("name-across-the-buffer", P + b"B" + struct.pack("<I", 131072 - 20) + b"\0" * (131072 - 20) + b"0" + call_system + b".", D, runs=True)
    o("frame-in-frame", P + frame(frame(good + b".")), BROKEN, twin=framed, small=True)
    o("frame-too-long", P + frame(good + b".", len(good) + 100), BROKEN, twin=framed)
    o("frame-huge", P + frame(good + b".", 2**63), BROKEN, LIMIT, twin=framed)
    o("frame-max", P + frame(good + b".", 2**64 - 1), BROKEN, LIMIT, twin=framed)
    o("frame-zero", P + frame(b"") + frame(good + b"."), verdict="bounded")
    o("frame-short", P + frame(good + b".", 5), BROKEN, twin=framed, verdict="refuse")
    o("stop-before-frame-end", P + frame(good + b"." + call_system + b"."), BROKEN, TAIL, D, twin=framed)
    o("frame-in-protocol-2", b"\x80\x02" + frame(good + b"."), verdict="bounded")
    for label, code in (("ext1", b"\x82\x01"), ("ext2", b"\x83\x01\x02"), ("ext4", b"\x84\x01\x02\x03\x04"), ("ext1-zero", b"\x82\x00"), ("ext4-negative", b"\x84\xff\xff\xff\xff"), ("persid", b"Pmodel\n"), ("binpersid", b"NQ"), ("next-buffer", b"\x97"), ("next-buffer-readonly", b"\x97\x98")):
        for proto in (2, 5):
            o("%s-%d" % (label, proto), b"\x80" + bytes([proto]) + code + b".", OPCODE, BROKEN, small=proto == 5)
            o("%s-%d-with-model" % (label, proto), b"\x80" + bytes([proto]) + code + b"0" + good + b".", OPCODE, BROKEN, twin=b"\x80" + bytes([proto]) + good + b".")
    o("readonly-of-bytes", P + b"C\x01x\x98.", OPCODE, BROKEN)
    o("bytearray8", b"\x80\x05\x96" + struct.pack("<Q", 2**63) + b"x.", BROKEN, LIMIT)
    for label, content in (("binbytes8", b"\x8e" + struct.pack("<Q", 2**63) + b"x"), ("binunicode8", b"\x8d" + struct.pack("<Q", 2**63) + b"x"), ("binunicode8-max", b"\x8d" + struct.pack("<Q", 2**64 - 1) + b"x"), ("binbytes8-2-40", b"\x8e" + struct.pack("<Q", 2**40)), ("binstring-negative", b"T" + struct.pack("<i", -1) + b"x"), ("long4-negative", b"\x8b" + struct.pack("<i", -1)),
                           ("long4-huge", b"\x8b" + struct.pack("<i", 2**31 - 1) + b"x"), ("binunicode-long", b"X" + struct.pack("<I", 2**32 - 1) + b"x"), ("binbytes-long", b"B" + struct.pack("<I", 2**32 - 1) + b"x"), ("short-cut", b"\x8c\xffabc"), ("float-cut", b"G\0\0"), ("long1-cut", b"\x8a\x10\0"),
                           ("invalid-utf8", b"\x8c\x02\xff\xfe"), ("overlong-utf8", b"\x8c\x02\xc0\x80"), ("utf8-cut", b"\x8c\x01\xe2"), ("unicode-escape-bad", b"V\\uZZZZ\n"), ("unicode-escape-cut", b"V\\u12\n"), ("unicode-escape-huge", b"V\\Uffffffff\n"),
                           ("string-unquoted", b"Sabc\n"), ("string-half-quoted", b"S'abc\n"), ("string-mixed", b"S'abc\"\n"), ("string-one-quote", b"S'\n"), ("string-bad-escape", b"S'\\xZ'\n"), ("string-empty-line", b"S\n"),
                           ("int-not-a-number", b"Iabc\n"), ("int-empty", b"I\n"), ("int-spaces", b"I 1 2\n"), ("int-nul", b"I1\0\n"), ("long-not-a-number", b"Lxyz\n"), ("float-not-a-number", b"F1.2.3\n"), ("float-empty", b"F\n"), ("line-without-end", b"I12345"), ("get-not-a-number", b"Nga\n"), ("put-not-a-number", b"Npa\n"), ("put-negative", b"Np-1\n"), ("get-negative", b"Np0\n0g-1\n"),
                           ("get-missing", b"h\x05"), ("long-get-missing", b"j\x05\0\0\0"), ("text-get-missing", b"g5\n"), ("get-missing-huge", b"g99999999999999999999\n"), ("put-empty-stack", b"q\0"), ("memoize-empty-stack", b"\x94"),
                           ("unknown-opcode", b"N\xff"), ("unknown-opcode-0", b"N\0"), ("unknown-opcode-9a", b"N\x9a"), ("unknown-lower", b"Nz"),
                           ("stop-empty", b""), ("stop-mark-only", b"("), ("pop-empty", b"0N"), ("pop-mark-without-mark", b"N1N"), ("dup-empty", b"2"), ("dup-mark", b"(2"), ("mark-as-value", b"N(\x85"), ("tuple-without-mark", b"Nt"), ("tuple1-empty", b"\x85"), ("tuple2-short", b"N\x86"), ("tuple3-short", b"NN\x87"), ("tuple2-over-mark", b"N(N\x86"),
                           ("list-without-mark", b"Nl"), ("dict-without-mark", b"Nd"), ("dict-odd", b"(NNNd"), ("setitem-short", b"}Ns"), ("setitem-none", b"s"), ("setitems-odd", b"}(NNNu"), ("setitems-no-target", b"(NNu"), ("setitems-without-mark", b"}NNu"), ("append-no-target", b"Na"), ("append-empty", b"a"), ("appends-without-mark", b"]Ne"), ("appends-no-target", b"(Ne"), ("additems-no-target", b"(N\x90"), ("additems-without-mark", b"\x8fN\x90"), ("frozenset-without-mark", b"N\x91"), ("append-over-mark", b"](Na"), ("reduce-empty", b"R"), ("reduce-short", b")R"), ("build-empty", b"b"), ("build-short", b"Nb"), ("newobj-short", b")\x81"), ("newobj-ex-short", b")}\x92"), ("stack-global-short", b"\x8c\x01x\x93"), ("stack-global-numbers", b"K\x01K\x02\x93"), ("stack-global-none", b"NN\x93"), ("obj-without-mark", b"No"), ("obj-empty", b"(o"), ("inst-without-mark", b"icollections\nOrderedDict\n"), ("global-cut", b"ccollections\n"), ("unhashable-key", b"}]Ns"), ("unhashable-dict-key", b"}}Ns"), ("unhashable-in-tuple-key", b"}(]\x85Ns"), ("unhashable-in-set", b"\x8f(]\x90"), ("unhashable-in-frozenset", b"(]\x91"), ("pop-below-mark", b"N(00"),
                           ("proto-6", b"\x80\x06N"), ("proto-255", b"\x80\xffN"), ("long-text-not-minus", b"L--1L\n")):
        o(label, P + content + b".", BROKEN, LIMIT, M, U)
    o("proto-6-first", b"\x80\x06" + good + b".", BROKEN)
    o("no-stop", P + good, BROKEN, small=True)
    o("no-stop-frame", P + frame(good), BROKEN)
    for at in (1, 2, 5, 20, 40, 60, len(good)):
        o("cut-at-%d" % at, (P + good + b".")[:at], BROKEN, FORMAT)
    o("empty", b"", "not-fetched", FORMAT, small=True)
    o("only-proto", P, BROKEN, FORMAT)
    o("only-stop", b".", BROKEN, FORMAT)
    o("zeros", b"\0" * 1000, BROKEN, FORMAT)
    o("text-file", b"hello, world\n", BROKEN, FORMAT)
    o("lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 41000000\n", "not-fetched", small=True)
    o("pickle-crlf", pickle(lit([1, 2]), 0).replace(b"\n", b"\r\n") + b"\r\n", verdict="bounded")
    o("evil-behind-broken", P + b"N\xff" + call_system + b".", BROKEN)
    o("trailing-bytes", P + good + b"." + b"\0" * 64, TAIL, BROKEN, twin=P + good + b".", small=True)
    o("trailing-text", P + good + b"." + b"hello", TAIL, BROKEN, twin=P + good + b".")
    o("trailing-evil", P + good + b"." + P + call_system + b".", D, twin=P + good + b"." + P + good + b".", small=True)
    o("trailing-evil-0", P + good + b"." + b"cos\nsystem\n(S'" + SHELL.encode() + b"'\ntR.", D)
    o("trailing-third-evil", (P + good + b".") * 2 + P + call_system + b".", D)
    o("trailing-after-newline", P + good + b"." + b"\n" + P + call_system + b".", D, TAIL, BROKEN)
    o("trailing-cut-evil", P + good + b"." + P + call_system, D)
    z = io.BytesIO()
    with zipfile.ZipFile(z, "w") as archive:
        archive.writestr("archive/data.pkl", P + call_system + b".")
    o("trailing-zip", P + good + b"." + z.getvalue(), TAIL, BROKEN, D)
    o("leading-zip", z.getvalue() + P + good + b".", D, TAIL, BROKEN, FORMAT)
    o("many-protos", P * 1000 + good + b".", verdict="bounded")
    o("leftover-on-stack", P + b"NNN" + good + b".", verdict="bounded")
    o("leftover-mark", P + b"(" + good + b".", verdict="bounded")
    o("huge-put", P + good + b"r\xff\xff\xff\xff" + b".", BROKEN, LIMIT, verdict="bounded")
    o("huge-text-put", P + good + b"p4294967295\n.", BROKEN, LIMIT, verdict="bounded")
    o("huge-text-put-64", P + good + b"p18446744073709551615\n.", BROKEN, LIMIT, verdict="bounded")
    o("huge-text-put-more", P + good + b"p99999999999999999999999\n.", BROKEN, LIMIT)
    o("many-far-puts", P + b"N" + b"".join(b"r" + struct.pack("<I", k * 65537 % 2**32) for k in range(50000)) + b"0" + good + b".", verdict="bounded")
    o("recursive-list", P + b"]\x94h\x00a.", verdict="bounded")
    o("recursive-dict", P + b"}\x94Nh\x00s.", verdict="bounded")
    o("recursive-tuple", P + b"]\x94h\x00\x85a.", verdict="bounded")


# ── Bombs ────────────────────────────────────────────────────────────────────────────────────────────

def bombs(c):
    P = b"\x80\x04"

    def b(label, content, *codes, verdict="refuse", ext="pkl"):
        c.add("bomb", label, content, *(codes or (LIMIT,)), verdict=verdict, ext=ext)
    deep = 1000000
    b("nested-tuples", P + b"N" + b"\x85" * deep + b".", LIMIT)
    b("nested-lists", P + b"]" * deep + b"a" * (deep - 1) + b".", LIMIT)
    b("nested-dicts", P + (b"}N") * deep + b"N" + b"s" * deep + b".", LIMIT, BROKEN)
    b("nested-marks", P + b"(" * deep + b"t" * deep + b".", LIMIT)
    b("nested-frozensets", P + b"(" * 20000 + b"N" + b"\x91" * 20000 + b".", BROKEN)
    b("marks", P + b"(" * 8000000 + b".", LIMIT, BROKEN)
    b("deep-states", P + (bytes(new(SCALER)) + b"}" + bytes(text("copy"))) * 20000 + b"N" + b"sb" * 20000 + b".", LIMIT, M)
    b("doubled-tuples", P + b")" + b"2\x86" * 2000 + b".", LIMIT, verdict="bounded")
    b("doubled-tuples-memo", P + b")\x94" + b"".join(b"h%c" % k + b"h%c" % k + b"\x86\x94" for k in range(100)) + b".", LIMIT, verdict="bounded")
    b("doubled-lists", P + b"]" + b"".join(b"q%c0](h%ch%ce" % (k, k, k) for k in range(200)) + b".", LIMIT, verdict="bounded")
    b("doubled-dict-keys", P + b")\x94" + b"".join(b"h%c" % k + b"h%c" % k + b"\x86\x94" for k in range(60)) + b"}2h\x3cNs.", LIMIT, BROKEN, verdict="bounded")
    b("doubled-in-estimator", pickle(scaler(with_mean=Ops(b")" + b"2\x86" * 60))), LIMIT, M, STRUCTURE, verdict="bounded")
    b("many-lists", P + b"]" * 50000000 + b".", LIMIT, verdict="bounded")
    b("many-dicts", P + b"}" * 10000000 + b".", LIMIT, verdict="bounded")
    b("many-puts", P + b"N" + b"\x94" * 10000000 + b".", LIMIT, verdict="bounded")
    b("many-dups", P + b"N" + b"2" * 10000000 + b".", LIMIT, verdict="bounded")
    b("many-names", P + b"ccollections\nOrderedDict\n0" * 200000 + b"N.", LIMIT, verdict="bounded")
    b("many-distinct-names", P + b"".join(b"cm%d\nx\n0" % k for k in range(150000)) + b"N.", LIMIT, U)
    b("many-set-items", P + b"\x8f(" + b"".join(b"J" + struct.pack("<i", k) for k in range(1000000)) + b"\x90.", verdict="bounded")
    b("colliding-keys", P + b"}(" + b"".join(b"\x8a\x0b" + (k * (2**61 - 1)).to_bytes(11, "little") + b"N" for k in range(50000)) + b"u.", LIMIT, verdict="bounded")
    b("long-integer-text", P + b"L" + b"9" * 2000000 + b"L\n.", LIMIT, BROKEN, verdict="bounded")
    b("long-integer", P + b"\x8b" + struct.pack("<i", 5000000) + b"\x7f" * 5000000 + b".", verdict="bounded")
    b("long-float-text", P + b"F" + b"1" * 2000000 + b"\n.", LIMIT, BROKEN, verdict="bounded")
    b("many-pickles", HONEST * 20000, verdict="bounded")
    b("many-tiny-pickles", b"N." * 1000000, verdict="bounded")
    block = 1 << 20
    compressors = {"z": (200, lambda: zlib.compressobj(1)), "gz": (200, lambda: zlib.compressobj(1, wbits=31)), "bz2": (30, lambda: bz2.BZ2Compressor(1)), "xz": (60, lambda: lzma.LZMACompressor(preset=0)), "lzma": (60, lambda: lzma.LZMACompressor(format=lzma.FORMAT_ALONE, preset=0))}
    for kind, unit in (("lists", b"]"), ("push-pop", b"N0"), ("memo", b"N\x94")):
        for ext, (megabytes, make) in compressors.items():
            k = make()
            out = k.compress(P) + b"".join(k.compress(unit * (block // len(unit))) for _ in range(megabytes)) + k.compress(b"N.") + k.flush()
            b("compressed-%s" % kind, out, LIMIT, verdict="bounded" if kind == "push-pop" else "refuse", ext="joblib." + ext)
    for ext, squeeze in COMPRESSORS.items():
        lying = Joblib().ops(wrapper((2**40,), dtype())).raw(b"").done()
        b("compressed-lying-shape", squeeze(lying + b"\0" * (16 << 20)), LIMIT, BROKEN, ext="joblib." + ext)
    lying = Joblib().ops(wrapper((2**40,), dtype())).raw(b"").done()
    b("lying-shape", lying + b"\0" * 4096, LIMIT, BROKEN, ext="joblib")
    b("kept-bytes-claimed", P + b"\x8e" + struct.pack("<Q", 2**36) + b"\0" * 4096, BROKEN, LIMIT)
    k = zlib.compress(zlib.compress(pickle(call(SYSTEM, SHELL))))
    b("compressed-twice", k, D, FORMAT, BROKEN, "nested-model", ext="joblib.z")


# ── joblib ───────────────────────────────────────────────────────────────────────────────────────────

def joblibs(c):
    def j(label, content, *codes, twin=None, verdict="refuse", runs=False, ext="joblib", **k):
        c.add("joblib", label, content, *(codes or (M,)), twin=twin, verdict=verdict, runs=runs, ext=ext, **k)
    F8 = dtype()
    twin = joblib_array((1,), F8, RAW8)
    c.twin("joblib", "array", twin, "joblib")
    c.twin("joblib", "array-2", joblib_array((1,), F8, RAW8, proto=2), "joblib")
    c.twin("joblib", "objects", joblib_objects(pickle(array((1,), dtype("O8", OBJECT), ["x"]))), "joblib")
    same = dict(twin=twin)
    j("read-key", joblib_array((1,), F8, RAW8, read=SYSTEM), M, D, **same)
    j("read-key-honest-name", joblib_array((1,), F8, RAW8, read=name("numpy", "log1p")), M, **same)
    j("read-array-key", joblib_array((1,), F8, RAW8, read_array=name("numpy", "log1p")), M, **same)
    j("read-mmap-key", joblib_array((1,), F8, RAW8, read_mmap=SYSTEM), M, D, **same)
    j("padding-key", joblib_array((1,), F8, RAW8, safe_get_numpy_array_alignment_bytes=SYSTEM), M, D, **same)
    j("unknown-key", joblib_array((1,), F8, RAW8, extra=1), M, **same)
    # `read` found in the state is called with the reader: partial(exec, text) runs.
    j("read-runs", joblib_array((1,), F8, RAW8, read=call(name("functools", "partial"), name("builtins", "exec"), PYTHON)), M, D, runs=False, **same)
    j("subclass-system", joblib_array((1,), F8, RAW8, subclass=SYSTEM), M, D, small=True, **same)
    j("subclass-estimator", joblib_array((1,), F8, RAW8, subclass=SCALER), M, **same)
    j("subclass-text", joblib_array((1,), F8, RAW8, subclass="ndarray"), M, **same)
    j("order-X", joblib_array((1,), F8, RAW8, order="X"), M, **same)
    j("order-name", joblib_array((1,), F8, RAW8, order=SYSTEM), M, D, **same)
    j("shape-negative", joblib_array((-1,), F8, RAW8), M, BROKEN, **same)
    j("shape-list", joblib_array([1], F8, RAW8), M, BROKEN, **same)
    j("shape-number", joblib_array(1, F8, RAW8), M, BROKEN, **same)
    j("shape-overflow", joblib_array((2**32, 2**32), F8, RAW8), M, BROKEN, LIMIT, **same)
    j("shape-overflow-to-one", joblib_array((2**62, 4), F8, RAW8), M, BROKEN, LIMIT, **same)
    j("shape-zero-huge", joblib_array((0, 2**63), F8, b""), M, BROKEN, LIMIT, **same)
    j("shape-bool", joblib_array((True,), F8, RAW8), M, BROKEN, **same)
    j("bytes-missing", joblib_array((3,), F8, RAW8)[:-1], M, BROKEN, **same)
    j("bytes-cut", twin[:-6], BROKEN, **same)
    j("bytes-none", Joblib().ops(wrapper((1,), F8)).done(), BROKEN, **same)
    j("one-too-many", joblib_array((1,), F8, RAW8 + b"\0" * 8), BROKEN, TAIL, M, **same)
    j("dtype-objects-hidden", joblib_array((1,), dtype("u1", (3, "|", None, None, None, -1, -1, 63)), pickle(call(SYSTEM, SHELL)), pad=False), M, D, runs=True, small=True)
    j("dtype-objects-hidden-flag-1", joblib_array((1,), dtype("f8", (3, "<", None, None, None, -1, -1, 1)), pickle(call(SYSTEM, SHELL)), pad=False), M, D, runs=True)
    j("dtype-text", joblib_array((1,), "f8", RAW8), M, BROKEN, **same)
    j("dtype-structured-objects", joblib_array((1,), dtype("V8", (3, "|", None, ("a",), {"a": (dtype("O8", OBJECT), 0)}, 8, 1, 27)), pickle(call(SYSTEM, SHELL)), pad=False), M, D, runs=True)
    for n in (0, 1, 8, 32, -16, 2**40, "16", True, 16.0):
        j("alignment-%s" % n, joblib_array((1,), F8, RAW8, numpy_array_alignment_bytes=n), M, BROKEN, verdict="bounded" if n in (0, 1, 8, 32) and n is not True else "refuse", **same)
    base = bytes(Joblib().ops(wrapper((1,), F8)).done())
    for n in (0, 1, 15, 16, 17, 200, 255):
        right = padding(len(base))[0]
        if n != right:
            j("padding-%d" % n, base + bytes([n]) + b"\xff" * n + RAW8 + frame(b"."), M, BROKEN, **same)
    j("padding-hides-pickle", base + bytes([padding(len(base))[0]]) + b"\x80\x04N."[: padding(len(base))[0]].ljust(padding(len(base))[0], b"\0") + RAW8 + frame(b"."), M, BROKEN, verdict="bounded", **same)
    j("build-in-mid-frame", Joblib().ops(wrapper((1,), F8), lit(1), b"0").raw(RAW8).ops(b".").done(), M, BROKEN, **same)
    hidden = bytes(call(stack_name("posix", "system"), SHELL))
    j("mid-frame-hides-call", Joblib().ops(wrapper((1,), F8), hidden, b"0").raw(RAW8).ops(b".").done(), M, BROKEN, D, runs=True, **same)
    w = wrapper((1,), F8)
    j("wrapper-built-again", Joblib().ops(new(WRAPPER) + b"\x94" + lit(wrapper_state((1,), F8)) + b"b").raw(RAW8).ops(b"0h\x00" + lit({"shape": (1,)}) + b"b").raw(RAW8).ops(b".").done(), M, **same)
    j("wrapper-state-from-array", Joblib().ops(w).raw(RAW8).ops(lit({"x": 1}) + b"b.").done(), M, BROKEN, **same)
    j("wrapper-never-built", Joblib().ops(new(WRAPPER) + b".").done(), M, verdict="bounded")
    j("wrapper-called", Joblib().ops(build(call(WRAPPER), wrapper_state((1,), F8))).raw(RAW8).ops(b".").done(), M, BROKEN)
    j("wrapper-called-with", Joblib().ops(call(WRAPPER, ND, (1,), "C", F8)).raw(RAW8).ops(b".").done(), M, BROKEN)
    j("wrapper-slots", Joblib().ops(build(new(WRAPPER), (None, wrapper_state((1,), F8)))).raw(RAW8).ops(b".").done(), M, BROKEN)
    j("wrapper-missing-dtype", Joblib().ops(build(new(WRAPPER), {"shape": (1,), "order": "C", "subclass": ND})).raw(RAW8).ops(b".").done(), M, BROKEN)
    j("wrapper-empty-state", Joblib().ops(build(new(WRAPPER), {})).raw(RAW8).ops(b".").done(), M, BROKEN)
    j("old-wrapper-side-file", Joblib().ops(build(new(name("joblib.numpy_pickle_compat", "NDArrayWrapper")), {"filename": "../../etc/passwd", "subclass": ND, "allow_mmap": True})).ops(b".").done(), M, U, D, "external-data", "missing-file", "unsafe-path")
    j("old-zip-wrapper", Joblib().ops(build(new(name("joblib.numpy_pickle_compat", "ZNDArrayWrapper")), {"filename": "/etc/passwd", "init_args": (SYSTEM, (0,), b"b"), "state": (1,)})).ops(b".").done(), M, U, D, "external-data", "missing-file", "unsafe-path")
    # nested pickles
    j("nested-evil", joblib_objects(pickle(call(SYSTEM, SHELL))), D, runs=True, small=True)
    j("nested-evil-second", Joblib().ops(lit({"a": 1}) + b"0" + wrapper((1,), F8)).raw(RAW8).ops(b"0" + wrapper((1,), dtype("O8", OBJECT), allow_mmap=False)).raw(pickle(call(SYSTEM, SHELL)), pad=False).ops(b".").done(), D, runs=True)
    j("nested-cut", joblib_objects(pickle(call(SYSTEM, SHELL))[:-1])[:-10], D, BROKEN)
    j("nested-broken", joblib_objects(b"\x80\x04\xff"), BROKEN)
    j("nested-other-thing", joblib_objects(pickle(lit(5))), M, BROKEN, STRUCTURE, verdict="bounded")
    j("nested-shape-lies", joblib_objects(pickle(array((1,), dtype("O8", OBJECT), ["x"])), shape=(10**9,)), M, BROKEN, LIMIT)
    j("nested-leaves-frame", joblib_objects(b"\x80\x04" + frame(b"N." + hidden + b".")), BROKEN, D, TAIL, M)
    deep = pickle(lit(["x"]))
    for _ in range(30):
        deep = joblib_objects(deep)
    j("nested-deep", deep, LIMIT, BROKEN, M, verdict="refuse")
    j("wrapper-in-nested", joblib_objects(joblib_array((1,), F8, RAW8)), M, BROKEN, LIMIT)
    j("wrapper-in-plain-reduce", pickle(lit([w])), BROKEN, M, ext="pkl")
    # compressed
    good = joblib_array((1,), F8, RAW8)
    for ext, squeeze in COMPRESSORS.items():
        t = squeeze(good)
        k = dict(twin=t, ext="joblib." + ext)
        j("compressed-trailing-%s" % ext, t + b"\0" * 20, TAIL, BROKEN, **k)
        j("compressed-trailing-pickle-%s" % ext, t + pickle(call(SYSTEM, SHELL)), TAIL, BROKEN, D, **k)
        j("compressed-cut-%s" % ext, t[:-3], BROKEN, **k)
        j("compressed-half-%s" % ext, t[: len(t) // 2], BROKEN, **k)
        j("compressed-flipped-%s" % ext, t[: len(t) // 2] + bytes([t[len(t) // 2] ^ 0x55]) + t[len(t) // 2 + 1:], BROKEN, M, D, U, LIMIT, FORMAT, OPCODE, **k)
        j("compressed-second-member-%s" % ext, t + squeeze(pickle(call(SYSTEM, SHELL))), TAIL, BROKEN, D, **k)
        j("compressed-split-%s" % ext, squeeze(good[:40]) + squeeze(good[40:]), TAIL, BROKEN, verdict="bounded", **k)
        j("compressed-evil-split-%s" % ext, squeeze(pickle(call(SYSTEM, SHELL))[:9]) + squeeze(pickle(call(SYSTEM, SHELL))[9:]), D, TAIL, BROKEN, ext="joblib." + ext, runs=True)
        j("compressed-wrong-name-%s" % ext, squeeze(pickle(call(SYSTEM, SHELL))), D, ext="pkl", runs=True)
        j("compressed-checksum-%s" % ext, t[:-2] + bytes([t[-2] ^ 1]) + t[-1:], BROKEN, verdict="refuse" if ext in ("z", "gz", "bz2", "xz") else "bounded", **k)
    j("gzip-header-name", b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"\x1b[2J" * 1000 + b"\0" + zlib.compress(good)[2:-4], BROKEN, verdict="bounded", ext="joblib.gz")


# ── Forged trees: real models with one number changed ────────────────────────────────────────────────

# A node is (left, right, feature, threshold, impurity, samples, weighted samples): 56 bytes; scikit-learn 1.3 added a flag and padding.


def trees_in(content, itemsize):
    """Offsets (start, node count) of node tables in an uncompressed file, found by their shape: children
    of node 0 are 1 and a later one, every leaf is (-1, -1, -2)."""
    found, at = [], 0
    start = re.compile(rb"\x01\0{7}[\x02-\xff]\0{7}[\0-\x0f]\0{7}", re.S)
    while True:
        m = start.search(content, at)
        if not m:
            return found
        at, n = m.start(), 0
        while at + (n + 1) * itemsize <= len(content):
            left, right, feature = struct.unpack_from("<qqq", content, at + n * itemsize)
            if not (left == right == -1 and feature == -2) and not (left == n + 1 and n < right < 10000 and 0 <= feature < 50):
                break
            n += 1
        if n >= 3:
            found.append((at, n))
            at += n * itemsize
        else:
            at += 1


def forged(c):
    for version in sorted(os.listdir(str(MODELS))) if MODELS.is_dir() else []:
        minor = tuple(int(x) for x in version.split(".")[:2])
        itemsize = 64 if minor >= (1, 3) else 56
        for path in sorted((MODELS / version).iterdir()):
            # protocols 3 to 5, and joblib without compression, keep node tables as they are in memory
            if path.suffix not in (".pkl", ".joblib") or not re.match(r"iris_forest_pickle|tree_|extra_tree_|forest_(classifier|regressor)\b", path.name):
                continue
            honest = path.read_bytes()
            if path.suffix == ".pkl" and honest[:2] not in (b"\x80\x03", b"\x80\x04", b"\x80\x05"):
                continue
            tables = trees_in(honest, itemsize)
            if not tables:
                continue
            last, count = tables[-1]
            inner = max(n for n in range(count) if struct.unpack_from("<q", honest, last + n * itemsize)[0] != -1)
            features = 7 if "regressor" in path.name else 4

            def put(node, field, value, offset=last, kind="<q"):
                out = bytearray(honest)
                struct.pack_into(kind, out, offset + node * itemsize + field * 8, value)
                return bytes(out)
            lies = {
                "left-out-of-range": put(inner, 0, 50000000), "left-just-beyond": put(inner, 0, count), "right-out-of-range": put(inner, 1, 2**40), "right-just-beyond": put(inner, 1, count),
                "left-is-itself": put(inner, 0, inner), "right-is-itself": put(inner, 1, inner), "left-is-the-root": put(inner, 0, 0), "right-is-the-root": put(inner, 1, 0), "left-negative": put(inner, 0, -7),
                "only-left-is-a-leaf": put(inner, 0, -1), "only-right-is-a-leaf": put(inner, 1, -1), "two-parents": put(inner, 1, inner + 1), "feature-negative": put(inner, 2, -3), "feature-is-a-leafs": put(inner, 2, -2),
                "feature-beyond": put(inner, 2, features), "feature-far-beyond": put(inner, 2, 2**40), "leaf-becomes-inner": put(count - 1, 0, 0), "root-is-its-own-child": put(0, 0, 0),
            }
            m = re.search(rb"node_count\x94?(?:q.)?K(.)", honest, re.S)
            if m:
                for label, value in (("node-count-more", 255), ("node-count-less", 1), ("node-count-none", 0)):
                    out = bytearray(honest)
                    out[m.start(1)] = value
                    if value != m.group(1)[0]:
                        lies[label] = bytes(out)
            m = re.search(rb"n_features_in_\x94?(?:q.)?K(.)", honest, re.S)
            if m:
                for value in (0, features - 1, 200):
                    out = bytearray(honest)
                    out[m.start(1)] = value
                    lies["n-features-in-%d" % value] = bytes(out)
            m = re.search(rb"n_classes_\x94?(?:q.)?K(.)", honest, re.S)
            if m:
                out = bytearray(honest)
                out[m.start(1)] = 9
                lies["n-classes-9"] = bytes(out)
            if path.stem != "iris_forest_pickle":
                lies = {k: v for i, (k, v) in enumerate(sorted(lies.items())) if (i + len(path.name)) % 5 == 0}
            twin = c.twin("forged", "%s-%s" % (version, path.stem), honest, path.suffix[1:])
            for label, content in lies.items():
                c.add("forged", "%s-%s-%s" % (version, path.stem, label), content, STRUCTURE, M, BROKEN, twin=twin, ext=path.suffix[1:])


# ── Does it run? ─────────────────────────────────────────────────────────────────────────────────────

def load_for_real(path, folder):
    """In this (child) process: load the file as its user would, in `folder`."""
    os.chdir(folder)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
    import pickle as python_pickle
    import joblib
    try:
        if ".joblib" in path or "compressed" in path or "/joblib/" in path or "objects" in path:
            joblib.load(path)
        else:
            with open(path, "rb") as f:
                while True:
                    python_pickle.load(f)
    except BaseException:
        pass
    time.sleep(0.01)


def run_one(path):
    """Did the file touch its marker?"""
    folder = tempfile.mkdtemp()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        try:
            load_for_real(path, folder)
        finally:
            os._exit(0)
    deadline, done = time.time() + 5, False
    while time.time() < deadline and not done:
        done = os.waitpid(pid, os.WNOHANG)[0] == pid
        if not done:
            time.sleep(0.001)
    for _ in range(10):  # a `touch` of its own may still be on its way
        ran = os.path.exists(os.path.join(folder, MARKER))
        if ran or "pawn" not in path and "open" not in path:
            break
        time.sleep(0.01)
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass
    if not done:
        os.waitpid(pid, 0)
    shutil.rmtree(folder, ignore_errors=True)
    return ran


def run_all(c):
    warnings.filterwarnings("ignore")
    for module in ("joblib", "numpy", "sklearn.preprocessing", "numpy.testing._private.utils"):
        try:
            __import__(module)
        except ImportError:
            print("not installed here: %s" % module)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for entry, ran in zip(c.payloads, pool.map(run_one, [str((c.out / e["file"]).resolve()) for e in c.payloads], 20)):
            entry["ran"] = ran


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--no-run", action="store_true")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    c = Corpus(options.out)
    dangerous(c)
    misused(c)
    opcodes(c)
    joblibs(c)
    if not options.small:
        bombs(c)
        forged(c)
    if not options.no_run:
        run_all(c)
    if options.small:
        keep = [e for e in c.entries if e.get("small")]
        keep += [e for e in c.entries if e["file"] in {k["twin"] for k in keep}]
        for e in c.entries:
            if e not in keep:
                (options.out / e["file"]).unlink()
        c.entries = keep
        flat = {e["file"]: re.sub(r"(^|/)\d{4}-", r"\1", e["file"]).replace("/", "-") for e in keep}
        for e in keep:
            (options.out / e["file"]).rename(options.out / flat[e["file"]])
            e.update(file=flat[e["file"]], twin=flat.get(e["twin"]))
        for folder in options.out.iterdir():
            if folder.is_dir():
                folder.rmdir()
    for e in c.entries:
        e.pop("small", None)
    (options.out / "list.json").write_text("[\n" + ",\n".join(json.dumps(e) for e in c.entries) + "\n]\n")
    verdicts = [e["verdict"] for e in c.entries]
    print("%d hostile files, %d honest twins, %d to be bounded; %d of %d payloads ran" % (
        verdicts.count("refuse"), verdicts.count("accept"), verdicts.count("bounded"), sum(e.get("ran", False) for e in c.payloads), len(c.payloads)))


if __name__ == "__main__":
    main()
