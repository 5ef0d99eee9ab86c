"""Compare the documents of `coldload dump` with what CPython's own unpickler makes of the same pickles of plain data.

usage: dump.py PROGRAM        compare, over data that is made here, in every protocol
       dump.py MODEL.pkl      print the document of one pickle, as tests/data/dump holds them

The last line says `dump: N passed, N failed`.
"""
import base64
import json
import pickle
import struct
import subprocess
import sys
import tempfile
from collections import deque

SHORT = 64

def document(root):
    met, queue, keep = {}, deque(), []
    def node(value):
        key = id(value)
        if key not in met:
            met[key] = len(met); queue.append(value); keep.append(value)
        return {"ref": met[key]}
    def b64(data): return base64.b64encode(bytes(data)).decode()
    def text(value):
        try: value.encode(); return None
        except UnicodeEncodeError: return {"surrogates": b64(value.encode("utf-8", "surrogatepass"))}
    def two(value):
        n = max((value.bit_length() + 8) // 8, 1)
        return value.to_bytes(n, "little", signed=True)
    def inline(value):
        if value is None or value is True or value is False: return value
        if type(value) is int:
            if -2**63 <= value < 2**63: return value
            data = two(value)
            return {"long": b64(data)} if len(data) <= SHORT else node(value)
        if type(value) is float:
            if value - value == 0: return value
            return {"float": struct.pack(">d", value).hex()}
        if type(value) is str and len(value.encode("utf-8", "surrogatepass")) <= SHORT:
            return text(value) or value
        if type(value) is bytes and len(value) <= SHORT: return {"bytes": b64(value)}
        return node(value)
    roots, nodes = [inline(root)], []
    while queue:
        value = queue.popleft()
        kind = type(value)
        if kind in (tuple, list): nodes.append({kind.__name__: [inline(v) for v in value]})
        elif kind is dict: nodes.append({"dict": [[inline(k), inline(v)] for k, v in value.items()]})
        elif kind is str: nodes.append(text(value) or {"text": value})
        elif kind is int: nodes.append({"long": b64(two(value))})
        elif kind in (bytes, bytearray): nodes.append({kind.__name__: b64(value)})
        else: raise TypeError(kind)
    return {"schema": "coldload.dump/1", "names": [], "dtypes": [], "roots": roots, "nodes": nodes}

def values():
    """Plain data with all that can go wrong in it: sharing, cycles, numbers of every size, texts of every kind."""
    long = "x" * 100
    shared = [1, 2.5, long]
    cyclic = [1]
    cyclic += [cyclic, {"me": cyclic}]
    cyclic.append((cyclic, 3))
    numbers = [0, -1, 255, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63), 2**63, 2**70, -(3**500), 0.1, 1.0, 5e-324, 1.7e308,
               float("nan"), float("inf"), float("-inf"), -0.0]
    texts = ["", "\u00fc\n\"\u2028\U0001f600", "\udc80a", "\x00\x7f", "\ufeff", long, "\udc80" * 80, "z" * 64, "z" * 65]
    data = [b"", b"\0\xff", bytes(range(256)), bytearray(b"abc"), bytearray()]
    yield from (cyclic, {"shared": [shared, shared, (shared,)], "long": [long, long]}, numbers, texts, data)
    yield {3: "int key", (1, "a"): "tuple key", 2.5: None, None: True, "nested": ((1, (2, ())), [], {})}
    deep = []
    for _ in range(100):
        deep = [deep, {"deep": deep}]
    yield deep
    yield from [None, True, 7, 1.5, "text", b"bytes", ()]


def dumped(program, model):
    """The document that the program writes of a pickle."""
    target = model + ".json"
    subprocess.run([program, "dump", model, "-o", target, "-q"], check=True)
    with open(target, encoding="utf-8") as file:
        return json.load(file)


def main(program):
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, value in enumerate(values()):
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                model = f"{folder}/{number}-{protocol}.pkl"
                with open(model, "wb") as file:
                    pickle.dump(value, file, protocol)
                with open(model, "rb") as file:
                    wanted = document(pickle.load(file))
                found = dumped(program, model)
                # Old protocols make bytes by calling a name; the document lists it.
                same = {**found, "names": []} == wanted
                passed, failed = passed + same, failed + (not same)
                if not same:
                    print(f"value {number}, protocol {protocol}: {json.dumps(found)[:500]}")
    print(f"dump: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1].endswith(".pkl"):
        with open(sys.argv[1], "rb") as file:
            print(json.dumps(document(pickle.load(file)), separators=(",", ":"), ensure_ascii=False))
    else:
        sys.exit(main(sys.argv[1]))
