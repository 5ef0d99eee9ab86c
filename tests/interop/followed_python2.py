"""Python 2.7's readers, `pickle` in Python and `cPickle`, made inert as those of `followed_readers.py` are, in a process of their own.

The file is both ends: `Python2(python, vocabulary)` starts the process, and in it the file is run by Python 2.7. Each input is answered with
the events of each reader, as one line of JSON.

    python2, cpickle                 `load` of a new reader, again and again until the file ends
    python2-shared, cpickle-shared   one reader whose `load` is called again: its memo lives on
"""
import json
import struct
import subprocess
import sys


class Python2:
    def __init__(self, python, shapes, modules, names):
        self.process = subprocess.Popen([python, "-B", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        told = {"shapes": shapes, "modules": modules, "names": [(old, new) for old, new in names.items()]}
        self.process.stdin.write(json.dumps(told).encode("ascii") + b"\n")

    def read(self, data):
        """The events of each reader; it raises if reading ended the process."""
        self.process.stdin.write(struct.pack("<I", len(data)) + data)
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise EOFError("Python 2.7 ended")
        return {reader: [tuples(event) for event in events] for reader, events in json.loads(line.decode("ascii")).items()}


def tuples(value):
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def as_python_2(value):
    """The same as Python 2 has it, to which bytes are a text."""
    if isinstance(value, tuple):
        return tuple(map(as_python_2, value))
    return value[1:] if isinstance(value, str) and value[:2] in ("b'", 'b"') else value


def answer():
    import cPickle
    import cStringIO
    import pickle
    import resource
    from followed_hooks import telling
    from followed_stand_ins import NOW, Finder
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    told = json.loads(sys.stdin.readline())
    finder = Finder(told["shapes"], told["modules"], {tuple(old): tuple(new) for old, new in told["names"]})
    find = lambda module, name: finder.find(text(module), text(name))

    def above_mark(reader):
        mark = reader.marker()
        return reader.stack[mark - 1], reader.stack[mark + 1:]

    class PyReader(pickle.Unpickler):
        dispatch = telling(pickle.Unpickler.dispatch, above_mark)

        def find_class(self, module, name):
            return find(module, name)

    def c_reader(file):
        reader = cPickle.Unpickler(file)
        reader.find_global = find
        return reader

    def again(reader, data):
        file = cStringIO.StringIO(data)
        while file.tell() < len(data):
            reader(file).load()

    def same(reader, data):
        one = reader(cStringIO.StringIO(data))
        for _ in range(64):
            one.load()
    readers = {"python2": (again, PyReader), "python2-shared": (same, PyReader), "cpickle": (again, c_reader), "cpickle-shared": (same, c_reader)}
    while True:
        length = sys.stdin.read(4)
        if len(length) < 4:
            return
        data = sys.stdin.read(struct.unpack("<I", length)[0])
        events = {}
        for name, (read, reader) in readers.items():
            NOW.list = events[name] = []
            try:
                read(reader, data)
            except Exception:  # where it raises is not compared
                pass
        sys.stdout.write(json.dumps(events) + "\n")
        sys.stdout.flush()


def text(name):
    """A name as Python 3 has it; cPickle takes any value for one."""
    try:
        return name if isinstance(name, unicode) else name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("latin1")


if __name__ == "__main__":
    answer()
