#!/usr/bin/env python3
"""Write fuzz/seeds/TARGET/ again, from the models and hostile files of tests/data and from seals that the program makes.

usage: fuzz/make_seeds.py [PROGRAM]          default: target/release/coldload
       fuzz/make_seeds.py --long DIR         one long pickle, for a job with -max_len=140000; it is not kept
"""
import collections
import hashlib
import pathlib
import pickle
import random
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "tests" / "data"
SEEDS = HERE / "seeds"
SUFFIXES = (".pkl", ".joblib", ".joblib.z", ".joblib.gz", ".joblib.bz2", ".joblib.xz", ".joblib.lzma", ".joblib.lz4")
LARGEST = 2800


def put(target, content):
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(content).hexdigest()[:12]).write_bytes(content)


def suffix(path):
    return path.name[path.name.index("."):]


def smallest(suffixes, largest):
    """The smallest file of each model, whichever version of scikit-learn saved it."""
    found = {}
    for path in sorted((DATA / "models").glob("*/*")):
        if suffix(path) in suffixes and path.stat().st_size <= largest:
            name = path.name.split(".")[0]
            if name not in found or path.stat().st_size < found[name].stat().st_size:
                found[name] = path
    return [path.read_bytes() for _, path in sorted(found.items())]


def hostile(suffixes):
    return [path.read_bytes() for path in sorted((DATA / "hostile").iterdir()) if suffix(path) in suffixes]


def plain():
    shared = ["ü", b"\x00\xff", 2**70]
    value = {"a": [1, -1, 70000, 2**40, 1.5, None, True], ("k", 1): (shared, shared), "o": collections.OrderedDict(x=1)}
    more = {"s": {1, 2}, "f": frozenset("ab"), "b": bytearray(b"xy"), "long": "x" * 300}
    for protocol in range(6):
        yield pickle.dumps(value, protocol)
        yield pickle.dumps([value, more], protocol)


def long_pickle():
    """An argument that is longer than its frame, over the end of a reader's buffer of 128 KiB."""
    inside = b"B" + struct.pack("<I", 131300) + b"A" * 131300
    return b"\x80\x04(\x95" + struct.pack("<Q", 20) + inside + b"1N."


def messages(random_bytes):
    def say(kind, content=b""):
        return bytes([kind, len(content)]) + content

    accepted = say(2, b"pickle") + say(4) + say(3, b"\x00") + say(5)
    told = say(2, b"pickle") + say(4 | 0x80) + say(3, b"\x03") + say(5)
    refused = say(6, b"found") + say(7 | 0x20, b"x" * 11) + say(3, b"\x02") + say(5)
    failed = say(3, b"\x04why") + say(5)
    orders = say(2, b"a.b") + say(4) + say(3) + say(4 | 0x30)
    yield from (accepted, told, refused, failed, orders, say(1, b"\xa1") + say(4), say(0, b"\x63End"), say(0, b"\x68Observed"))
    for whole in (accepted, refused, orders):
        for kind in (0x40, 0x41, 0x46):
            yield say(kind, random_bytes(6)) + whole
        yield bytes([whole[0] | 0x40]) + whole[1:]


def seals(program):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        model = folder / "model.joblib"
        model.write_bytes((DATA / "models" / "1.6.1" / "tree_regressor.joblib.xz").read_bytes())

        def run(*arguments):
            subprocess.run([str(program), *map(str, arguments)], cwd=folder, check=True, stdout=subprocess.DEVNULL)

        def sealed():
            seal = folder / "model.joblib.seal"
            content = seal.read_bytes()
            seal.unlink()
            return content

        run("keygen", "-o", "one")
        run("keygen", "-o", "two")
        run("keygen", "--algorithm", "hmac-sha256", "-o", "shared")
        run("sign", model, "-k", "one", "--name", "churn")
        yield sealed()
        run("sign", model, "-k", "one", "-k", "two", "--name", "churn", "--model-version", "1.4.0", "--expires", "2099-01-01")
        yield sealed()
        run("sign", model, "-k", "shared", "--name", "churn")
        yield sealed()


def npy(descr, shape, data, version=(1, 0)):
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY" + bytes(version) + struct.pack("<H", len(header)) + header + data


def rows():
    for text in ("a,b\n1,2\n3,\n", '"x, y";z\n', "\ufeffa\r\n1e5\r\nnan\r\n", 'a\n"1""2"\n', "a,a\n1,2\n"):
        yield b"\0" + text.encode()
    yield b"\1" + npy("<f8", (2, 2), struct.pack("<4d", 1, 2, float("nan"), 4))
    yield b"\1" + npy(">i4", (2, 1), struct.pack(">2i", 1, -2))
    yield b"\1" + npy("<f4", (3,), struct.pack("<3f", 1, 2, 3))
    yield b"\1" + npy("|O", (1,), b"\x80\x04K\x01.")
    yield b"\1" + npy("<f8", (2**62, 4), b"")
    for text in ('{"inputs": [[1, 2], [3, null]]}', '{"inputs": ["a", "b"]}', '{"inputs": [1.5, 2]}', '{"inputs": []}',
                 '{"dataframe_split": {"columns": ["a"], "data": [[1], [NaN]]}}', '{"inputs": [[1], [2, 3]]}'):
        yield b"\2" + text.encode()


def environments():
    yield b"\0numpy==1.26.4\nscikit_learn[alldeps]==1.6.1 ; python_version >= '3.9'  # pinned\n-r other.txt\n"
    yield b"\0joblib==1.4.2 \\\n    --hash=sha256:" + b"0" * 64 + b"\n--index-url https://user:secret@example.org/simple\n"
    yield b"\1model @ git+https://token:x@example.org/a/b.git@v1#egg=model\n-e ./here\nfile @ file:///home/me/x.whl\n"
    yield b"\2\xff\xfe" + "numpy==2.0\r\n".encode("utf-16-le")
    yield b'\3{"_meta": {}, "default": {"numpy": {"version": "==1.26.4"}}, "develop": {}}'
    yield b'\4[[package]]\nname = "numpy"\nversion = "1.26.4"\n'
    yield b"\6name: base\ndependencies:\n  - numpy=1.26\n"


def documents(program):
    for path in sorted((DATA / "dump").glob("*.pkl")):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "out.cbor"
            subprocess.run([str(program), "dump", str(path), "-o", str(out)], check=True, stdout=subprocess.DEVNULL)
            yield out.read_bytes()


def manifest(seal):
    """The payload of a COSE message whose protected header is shorter than 256 bytes."""
    at = 3 if seal[0] == 0xD8 else 2
    at += 2 + seal[at + 1] if seal[at] == 0x58 else 1 + (seal[at] & 31)
    at += 1
    kind = seal[at] & 31
    size = {24: 1, 25: 2}[kind]
    length = int.from_bytes(seal[at + 1:at + 1 + size], "big")
    return seal[at + 1 + size:at + 1 + size + length]


def main():
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent / "target" / "release" / "coldload").resolve()
    shutil.rmtree(SEEDS, ignore_errors=True)
    random_bytes = random.Random(1).randbytes
    for content in [*plain(), *hostile({".pkl"}), *smallest({".pkl"}, LARGEST)]:
        put("machine", content)
    raw = smallest({".joblib"}, LARGEST)
    for kind in SUFFIXES[2:]:
        for content in smallest({kind}, LARGEST)[::5]:
            put("joblib", content)
    for content in hostile(set(SUFFIXES[1:])) + raw:
        put("joblib", content)
    for codec, content in enumerate((raw * 4)[:4]):
        put("joblib", bytes([codec]) + bytes(5) + content)
        put("joblib", bytes([codec, 1, 37, 9, 0, 4]) + content)
    for codec in range(6):
        put("joblib", bytes([16 + codec]) + random_bytes(40))
    for content in smallest({".pkl", ".joblib"}, LARGEST):
        put("predict", content)
    for length in range(24, 600, 24):
        put("machine_ops", random_bytes(length))
    for content in seals(program):
        put("seal", content)
        put("seal", manifest(content))
    for length in range(8, 40, 4):
        put("seal", random_bytes(length))
    for path in sorted((SEEDS / "joblib").iterdir())[::3]:
        put("compress", path.read_bytes())
    for path in sorted((DATA / "old").glob("*/*.z")):
        put("compress", path.read_bytes())
        put("machine", path.read_bytes())
    for path in sorted((DATA / "npy").glob("*/*.np?")):
        content = path.read_bytes()
        put("machine", content)
        if path.suffix == ".npy":
            version, wide = content[6], 2 if content[6] == 1 else 4
            length = int.from_bytes(content[8 : 8 + wide], "little")
            header = content[8 + wide : 8 + wide + length]
            # In the target a header is an even number of bytes.
            put("npy", bytes([version - 1, (length + 1) // 2]) + header + content[8 + wide + length :])
    for length in range(8, 120, 8):
        put("archive", bytes([0]) + random_bytes(length))
        put("archive", bytes([1]) + random_bytes(length))
    for length in range(16, 120, 8):
        put("manifest", random_bytes(length))
        put("seal_mutate", random_bytes(length))
        put("seal_mutate", bytes([length % 4]) + bytes(length % 5) + random_bytes(8))
    for content in environments():
        put("requirements", content)
    for content in rows():
        put("rows", content)
    for content in messages(random_bytes):
        put("worker_messages", content)
    for content in [*plain(), *smallest({".pkl"}, LARGEST)[::3]]:
        put("dump", content)
    for path in sorted((DATA / "dump").glob("*.json")):
        put("dump", path.read_bytes())
    for content in documents(program):
        put("dump", content)
    for content in [*plain(), *hostile({".pkl"})[::3], *raw[::3]]:
        put("opcodes", content)
    for index, content in enumerate(smallest({".pkl", ".joblib"}, LARGEST)[::2]):
        # One limit is lowered, to what its 16 bits and a shift say.
        chosen = [bytes([16 * (index % 5)]) + random_bytes(2) if index % 7 == limit else b"\1\0\0" for limit in range(7)]
        put("limited", b"".join(chosen) + content)
    for choice in range(16):
        put("old_joblib", bytes([choice, choice % 2]) + bytes(10) + random_bytes(60))
    for path in sorted((DATA / "npy").glob("*/*.npz")):
        put("zip", path.read_bytes()[4:])
    for length in range(4, 20):
        put("verify", random_bytes(length))
    for length in range(32, 600, 24):
        put("values", random.Random(length).randbytes(length))
    for path in sorted((SEEDS / "machine_ops").iterdir()):
        put("differential", b"\xff" + path.read_bytes())
    for folder in sorted(SEEDS.iterdir()):
        files = list(folder.iterdir())
        print(f"{folder.name}: {len(files)} files, {sum(file.stat().st_size for file in files)} bytes")


if sys.argv[1:2] == ["--long"]:
    (pathlib.Path(sys.argv[2]) / "long").write_bytes(long_pickle())
else:
    main()
