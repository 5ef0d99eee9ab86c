"""Short programs, read by the readers that are here, as they are: whether one comes to the name behind a program, opens or runs something,
crashes, or takes too long or too much. For Python 2.7 and 3.

Run by itself it reads programs from its input, for a driver that is another Python (`faults_of`).
"""
import binascii
import importlib
import io
import json
import resource
import signal
import subprocess
import sys

from claims_trials import EVENTS, REACHED, Outcome, readers, tried, watch

# Of processor time, and of the clock; and how much memory there is.
SECONDS, PATIENCE, MEMORY = 5, 60, 4 << 30
CANARY, COMES = REACHED[1:].split(b"\n")[0].decode("ascii"), "comes to the name behind it"
LIBRARIES = ("numpy", "scipy", "sklearn", "joblib", "pandas")


def fault(read, data):
    """What is wrong with what a reader did, or None."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(PATIENCE)
    outcome = Outcome(lambda: read(data, None))
    if CANARY in outcome.acted:
        return COMES
    if EVENTS:
        return "acts: %s" % ", ".join(EVENTS)[:200]
    return "takes more memory than there is" if isinstance(outcome.raised, MemoryError) else None


def faults(files, found):
    """`(number of trials, [[what, reader, fault]])` of `(what, bytes)`, where `found` gives readers; what ends a child is a fault of who was at work."""
    def claim(say):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        for name, read in found():
            for index, (_, data) in enumerate(files):
                if say("%d %s" % (index, name)):
                    wrong = fault(read, data)
                    if wrong:
                        yield "", "%s: %d %s" % (wrong, index, name)
    trials, failures = tried(claim)
    wrongs = []
    for _, failure in failures:
        wrong, _, about = failure.rpartition(": ")
        index, _, name = about.partition(" ")
        if not index.isdigit():
            raise RuntimeError(failure)
        wrongs.append([files[int(index)][0], name, wrong])
    return trials, wrongs


def joblib_of(folder, version):
    """Readers of this version, which is imported instead of the one that is here."""
    def found():
        from followed_readers import imports_as
        for name in list(sys.modules):
            if name.partition(".")[0] == "joblib":
                del sys.modules[name]
        imports_as("joblib", folder, version)
        real = importlib.import_module("joblib.numpy_pickle")
        return [("joblib %s" % version, lambda data, values: real.load(io.BytesIO(data)))]
    return found


def versions():
    """Of Python and of the libraries that are imported here."""
    found = [(name, importlib.import_module(name).__version__) for name in LIBRARIES if has(name)]
    return "Python %d.%d.%d" % sys.version_info[:3] + "".join(", %s %s" % pair for pair in found)


def has(name):
    try:
        importlib.import_module(name)
        return True
    except ImportError:
        return False


def faults_of(python, programs):
    """The same of another Python, as it says, and its versions."""
    told = [(made.what, binascii.hexlify(made.data).decode("ascii"), made.begin) for made in programs]
    run = subprocess.run([python, "-B", __file__], input=json.dumps(told).encode("ascii"), stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout.decode("ascii"))


def answer():
    """Where there is no joblib a program stands behind None: it is one that takes nothing else."""
    whole = has("joblib.numpy_pickle") and has("numpy")
    files = []
    for what, data, begin in json.loads(sys.stdin.read()):
        data = binascii.unhexlify(data)
        files.append((what, data if whole else data[:2] + b"N" + data[begin:]))
    found = versions()
    watch()
    print(json.dumps([faults(files, readers), found]))


if __name__ == "__main__":
    answer()
