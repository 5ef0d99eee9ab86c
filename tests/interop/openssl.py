"""openssl reads our keys and verifies our seals, and we read its keys.

usage: python openssl.py PROGRAM MODEL

The signed bytes are put together here from the seal, as RFC 9052 and docs/seal.md say.
"""
import os
import subprocess
import sys
import tempfile

PROGRAM, MODEL = map(os.path.realpath, sys.argv[1:3])
passed, failed = 0, 0


def told(right, what):
    global passed, failed
    passed, failed = passed + bool(right), failed + (not right)
    if not right:
        print("openssl: %s" % what)


def head(major, length):
    for size, mark in ((0, 0), (1, 24), (2, 25), (4, 26), (8, 27)):
        if size == 0 and length < 24:
            return bytes([major << 5 | length])
        if size and length < 1 << 8 * size:
            return bytes([major << 5 | mark]) + length.to_bytes(size, "big")


def string(value):
    return head(2, len(value)) + value


def decode(data, at=0):
    """A CBOR item of bytes, arrays and tags (RFC 8949), and where it ends."""
    major, mark = data[at] >> 5, data[at] & 31
    at += 1
    if mark >= 24:
        size = 1 << mark - 24
        mark, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major == 2:
        return data[at:at + mark], at + mark
    if major == 4:
        items = []
        for _ in range(mark):
            item, at = decode(data, at)
            items.append(item)
        return items, at
    if major == 6:
        return decode(data, at)
    assert (major, mark) == (5, 0), "only an empty map stands between them"
    return {}, at


def openssl(*args):
    return subprocess.run(["openssl", *args], capture_output=True)


def run(*args):
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True)


def verified(key):
    return openssl("pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", "message", "-sigfile", "signature").returncode == 0


def write(path, data):
    with open(path, "wb") as file: file.write(data)


def seal_is_read(key):
    """Signs with `key` and checks the signature with openssl, and that of another message."""
    got = run("sign", MODEL, "-k", key, "-o", key + ".seal", "--name", "m")
    told(got.returncode == 0, "sign with %s: %s%s" % (key, got.stdout, got.stderr))
    with open(key + ".seal", "rb") as file: (body, _, manifest, ((header, _, signature),)), _ = decode(file.read())
    message = head(4, 5) + b"\x69Signature" + string(body) + string(header) + string(b"coldload/seal/v1") + string(manifest)
    write("signature", signature)
    write("message", message)
    told(verified(key + ".pub"), "the signature by %s" % key)
    write("message", message[:-1] + bytes([message[-1] ^ 1]))
    told(not verified(key + ".pub"), "a changed message passes, by %s" % key)
    told(run("verify", MODEL, "-k", key + ".pub", "--seal", key + ".seal", "--name", "m").returncode == 0, "verify with %s.pub" % key)


os.chdir(tempfile.mkdtemp())
told(run("keygen", "-o", "ours").returncode == 0, "keygen")
with open("ours.pub", "rb") as file: told(openssl("pkey", "-in", "ours", "-pubout").stdout == file.read(), "the public half of our key")
seal_is_read("ours")
told(openssl("genpkey", "-algorithm", "ed25519", "-out", "theirs").returncode == 0, "genpkey")
told(openssl("pkey", "-in", "theirs", "-pubout", "-out", "theirs.pub").returncode == 0, "pkey -pubout")
seal_is_read("theirs")
print("openssl: %d passed, %d failed" % (passed, failed))
sys.exit(bool(failed))
