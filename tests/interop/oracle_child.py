"""The readers of `oracle.py` as a process that answers one input after another.

usage: python oracle_child.py

Standard input: inputs, each a length (4 bytes, little-endian) and that many bytes. Standard output, for a greeting and then
for each input: a length and JSON. The greeting is the version of Python. An answer is a list with an item a reader:

    [reader, opcodes, error, [[event, name], ...]]

`opcodes` is how many the reader began (null where the C reader had a part in it, which can not tell), `error` what stopped it (null: it came to
the end). `joblib-c` answers only where a pickle stands inside another, for elsewhere it is `joblib`.

Nothing of an input runs: every name is an inert class. That is checked as it goes: an audit hook ends the process (status 3)
if reading does anything that Python would tell one of. Memory is bounded, and an input that takes longer than ten seconds ends
the process: whoever drives it starts another one.
"""
import codecs
import gc
import io
import json
import os
import pickle
import resource
import signal
import struct
import sys
import warnings

import joblib.numpy_pickle  # noqa: F401

import oracle

MEMORY = 1 << 30
SECONDS = 10
# Classes are made once a name, and thrown away when there are this many.
MOST_CLASSES = 500
# What reading may do that Python tells an audit hook of: nothing that reaches beyond the process.
HARMLESS = {"sys.excepthook", "sys.unraisablehook", "object.__getattr__", "object.__setattr__", "object.__delattr__", "builtins.id", "code.__new__", "gc.get_objects"}


SPEAK = os.dup(2)


def guard(event, args):
    if event not in HARMLESS:
        os.write(SPEAK, ("oracle_child: reading an input did %s %r\n" % (event, args)).encode("ascii", "backslashreplace"))
        os._exit(3)


class Answers(oracle.Recorder):
    """A recorder for many inputs."""

    def begin(self):
        if len(self.classes) > MOST_CLASSES:
            self.classes.clear()
        self.events, self.opcodes, self.nested = [], 0, False

    def answer(self, data):
        answers = []
        for reader in oracle.READERS:
            if reader == "joblib-c" and not self.nested:
                continue
            self.begin()
            error = oracle.read(io.BufferedReader(io.BytesIO(data)), reader, self)
            opcodes = self.opcodes if reader == "joblib" else None
            said = None if error is None else plain("%s: %s" % (type(error).__name__, error))[:200]
            answers.append((reader, opcodes, said, [(event, plain(name)) for event, name in self.events]))
        return answers


def plain(name):
    """A text that any reader of JSON takes."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def send(value):
    said = json.dumps(value).encode()
    sys.stdout.buffer.write(struct.pack("<I", len(said)) + said)
    sys.stdout.buffer.flush()


def prepare():
    """Everything that the first input would import, so that no input imports anything."""
    warnings.simplefilter("ignore")
    for name in ("latin1", "ascii", "utf-8", "raw_unicode_escape", "unicode_escape"):
        codecs.lookup(name)
    recorder = Answers()
    for protocol in range(6):
        recorder.answer(pickle.dumps(["\u20ac\xe9", b"\xff", 2**70, 1.5, {1}, frozenset((2,)), OSError, {"a": ()}], protocol))
    from joblib.numpy_pickle_utils import _COMPRESSORS
    for compressor in _COMPRESSORS.values():
        recorder.answer(compressor.prefix + bytes(100))
    recorder.answer(b"ZF0x10" + bytes(100))
    gc.collect()
    gc.freeze()
    return recorder


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    recorder = prepare()
    send(sys.version.split()[0])
    receive = sys.stdin.buffer.read
    # CPython complains of some broken files on standard error (a bytearray that is cut short).
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.addaudithook(guard)
    while True:
        head = receive(4)
        if len(head) < 4:
            break
        data = receive(struct.unpack("<I", head)[0])
        signal.alarm(SECONDS)
        answer = recorder.answer(data)
        signal.alarm(0)
        send(answer)
    os._exit(0)


if __name__ == "__main__":
    main()
