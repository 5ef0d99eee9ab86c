#!/usr/bin/env python3
"""Write fuzz/seeds/TARGET from the models and hostile files of tests/data. Standard library only.

usage: python3 fuzz/make_seeds.py [PROGRAM]       PROGRAM: the built coldload, for seals (default target/release/coldload)
"""
import glob, hashlib, json, os, shutil, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "target/release/coldload"))
SEEDS = os.path.join(ROOT, "fuzz/seeds")
SMALL = 2500
CODECS = [b"\x78", b"\x1f\x8b", b"BZ", b"\x5d\x00", b"\xfd7zXZ", b"\x04\x22\x4d\x18"]


def seed(target, content):
    os.makedirs(os.path.join(SEEDS, target), exist_ok=True)
    open(os.path.join(SEEDS, target, hashlib.sha256(content).hexdigest()[:16]), "wb").write(content)


def head(kind, n):
    for width, code in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if n < 24:
            return bytes([kind << 5 | n])
        if n < 1 << 8 * width:
            return bytes([kind << 5 | code]) + n.to_bytes(width, "big")


def cbor(v):
    if v is None: return b"\xf6"
    if isinstance(v, bool): return b"\xf5" if v else b"\xf4"
    if isinstance(v, int): return head(0, v)
    if isinstance(v, bytes): return head(2, len(v)) + v
    if isinstance(v, str): return head(3, len(v.encode())) + v.encode()
    if isinstance(v, list): return head(4, len(v)) + b"".join(map(cbor, v))
    return head(5, len(v)) + b"".join(cbor(k) + cbor(x) for k, x in v.items())


def talk(*words):
    packets = [cbor(word) for word in words]
    return b"".join(len(p).to_bytes(2, "little") + p for p in packets)


def main():
    shutil.rmtree(SEEDS, ignore_errors=True)
    models = [f for f in sorted(glob.glob(ROOT + "/tests/data/models/*/*")) if not f.endswith(".json")]
    kinds = {}
    for f in models:  # one small model a version, protocol and compressor
        content = open(f, "rb").read()
        key = (os.path.basename(os.path.dirname(f)), content[:2], os.path.basename(f).split(".", 1)[1])
        if len(content) < SMALL and len(kinds.get(key, b"x" * SMALL)) > len(content):
            kinds[key] = content
    hostile = [open(f, "rb").read() for f in sorted(glob.glob(ROOT + "/tests/data/hostile/*")) if not f.endswith(".json")]
    for content in [*kinds.values(), *(h for h in hostile if len(h) < SMALL)]:
        seed("machine", content)
        codec = next((i for i, magic in enumerate(CODECS) if content.startswith(magic)), None)
        if codec is not None:
            seed("joblib", bytes([128 + (codec - 128) % 6]) + content)
    for n in range(40):
        seed("machine_ops", hashlib.shake_256(b"%d" % n).digest(60 + 7 * n))
    with tempfile.TemporaryDirectory() as folder:
        model = os.path.join(folder, "m.pkl")
        shutil.copy(models[0], model)
        for algorithm in ("ed25519", "hmac-sha256"):
            key = os.path.join(folder, algorithm)
            subprocess.run([PROGRAM, "keygen", "-q", "-o", key, "--algorithm", algorithm], check=True, stdout=subprocess.DEVNULL)
            subprocess.run([PROGRAM, "sign", "-q", model, "-k", key, "--name", "m"], check=True, stdout=subprocess.DEVNULL)
            seed("seal", open(model + ".seal", "rb").read())
    for edit in (b"", b"\x00\x01", b"\x05\x80\x10\x01", b"\x00\x00" * 4 + b"\x01", b"\x00\x00" * 4 + b"\x00\x00"):
        seed("seal", edit)
    finding = {"code": "malformed", "message": "m", "offset": 3, "why": "w", "next": "n"}
    for words in ((("Note"), finding), ("End", None)):
        seed("worker_messages", talk({words[0]: words[1]} if words[1] else words[0]))
    seed("worker_messages", talk({"Note": finding}, {"Part": cbor({"Refused": {"more": 0}})}, "End"))
    seed("worker_messages", talk({"Part": cbor("Stopped")}, "End"))
    seed("worker_messages", talk({"Part": b"\xa0"}, "Observed"))
    counts = {t: len(os.listdir(os.path.join(SEEDS, t))) for t in sorted(os.listdir(SEEDS))}
    print(json.dumps(counts))


main()
