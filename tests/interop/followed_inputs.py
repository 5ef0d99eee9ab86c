"""Inputs of which readers part: files that joblib's newest takes for harmless, made so that others meet something else in them.

`make(random, corpus)` gives one. It is written as sentences that leave the stack as it was; of each it is known what it puts into which
memo, ours and the other reader's, so that ours stays valid while the other one's is led elsewhere: by pickles behind each other, by
pickles inside of arrays, by elements, by the padding of an array. `corpus` holds honest files with the places of their arrays, into which
the same sentences are written. Some of all inputs are damaged at the end.
"""
import struct

GET, POP, STOP = b"h", b"0", b"."
# Names that ours may call with these arguments, each with what is written for it.
HARMLESS = [
    ("builtins", "set", b"]\x85"), ("collections", "OrderedDict", b")"), ("datetime", "time", b"C\x06\0\0\0\0\0\0\x85"), ("decimal", "Decimal", b"\x8c\x011\x85"),
    ("builtins", "slice", b"NNN\x87"), ("sklearn.dummy", "DummyClassifier", b")"), ("builtins", "bytearray", b"C\x01a\x85"), ("sklearn.utils", "Bunch", b")"),
]
EVIL = [("os", "walk"), ("posix", "system"), ("time", "time"), ("shutil", "rmtree"), ("numpy.core", "_ufunc_reconstruct"), ("lib-dynload", "__loader__.path"), ("_codecs", "encode"),
        ("sklearn.isotonic", "IsotonicRegression"), ("functools", "partial"), ("builtins", "getattr"), ("numpy", "dtype"), ("code", "set"), ("my_module", "slice")]
WORDS = ["id", "O8", "latin1", "no module", "a", "|", "numpy", "log1p", "os", "system", "__setstate__", "append", "read", "shape", "dtype", "_build_f", "train-model", ""]
CLASSES = [("sklearn.dummy", "DummyClassifier"), ("sklearn.isotonic", "IsotonicRegression"), ("builtins", "str"), ("numpy", "ndarray"), ("scipy.stats._continuous_distns", "norm_gen"),
           ("sklearn.utils", "Bunch"), ("numpy", "log1p"), ("numpy.core.multiarray", "_reconstruct"), ("numpy.core.multiarray", "scalar"), ("copyreg", "_reconstructor"),
           ("numpy", "dtype"), ("sklearn.svm._classes", "SVC"), ("numpy", "float64"), ("builtins", "object"), ("joblib.numpy_pickle", "NumpyArrayWrapper")]


def text(value):
    data = value.encode("utf-8", "surrogatepass")
    return b"\x8c" + bytes([len(data)]) + data if len(data) < 256 else b"X" + struct.pack("<I", len(data)) + data


def number(value):
    return b"K" + bytes([value]) if 0 <= value < 256 else b"J" + struct.pack("<i", value)


def name(module, qualname):
    return b"c" + module.encode() + b"\n" + qualname.encode() + b"\n"


def dtype(code):
    order, size, flags = ("|", -1, 63) if code == "O8" else ("|" if code[1:] == "1" else "<", -1, 0)
    return name("numpy", "dtype") + text(code) + b"\x89\x88\x87R(" + number(3) + text(order) + b"NNN" + number(size) + number(size) + number(flags) + b"tb"


def made(value, module, qualname):
    """What a call with one value makes."""
    return name(module, qualname) + value + b"\x85R"


def scalar(value):
    """A scalar of a dtype of objects."""
    return name("numpy.core.multiarray", "scalar") + name("numpy", "dtype") + text("O8") + b"\x85R" + value + b"\x86R"


def wrapper(length, code="u1", aligned=False):
    state = b"}(" + text("subclass") + name("numpy", "ndarray") + text("shape") + number(length) + b"\x85" + text("order") + text("C") + text("dtype") + dtype(code)
    state += text("allow_mmap") + b"\x89" + (text("numpy_array_alignment_bytes") + number(16) if aligned else b"")
    return name("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81" + state + b"ub"


def object_array(inside):
    return name("numpy.core.multiarray", "_reconstruct") + name("numpy", "ndarray") + number(0) + b"\x85C\x01b\x87R(" + number(1) + number(1) + b"\x85" + dtype("O8") + b"\x89](" + inside + b"eatb"


class Writer:
    """A file that is being written, and both readers' memos."""

    def __init__(self, random):
        self.random, self.ours, self.theirs = random, {}, {}
        self.out = bytearray()

    def chance(self, share):
        return self.random.random() < share

    def pick(self, things):
        return things[int(self.random.random() * len(things))]

    def keep(self, token, who="both"):
        """Puts what is on the stack into the memo, by its count or at an index."""
        sides = {"both": (self.ours, self.theirs), "theirs": (self.theirs,)}[who]
        index = None if self.chance(0.6) else self.random.randrange(12)
        for side in sides:
            side[len(side) if index is None else index] = token
        if index is None:
            return b"\x94"
        return b"q" + bytes([index]) if self.chance(0.8) else b"p%d\n" % index

    def take(self, token, literal, who="ours"):
        """What is this to the reader, from the memo if it is there; best where the other one has another thing."""
        side, other = (self.ours, self.theirs) if who == "ours" else (self.theirs, self.ours)
        places = [index for index, kept in side.items() if kept == token and index < 256]
        if not places or self.chance(0.15):
            return literal
        parted = [index for index in places if index in other and other[index] != token]
        index = self.pick(parted if parted and self.chance(0.8) else places)
        return GET + bytes([index]) if self.chance(0.8) else b"j" + struct.pack("<I", index)

    def some_text(self):
        return self.pick(WORDS) if self.chance(0.4) else self.pick(self.pick(EVIL + [pair[:2] for pair in HARMLESS]))

    def plant(self):
        """Texts or values for a memo, of which the other reader's is led elsewhere."""
        kind = self.random.random()
        words = list(self.pick(EVIL)) if kind < 0.5 else list(self.pick(HARMLESS)[:2]) if kind < 0.75 else [self.some_text(), self.some_text()]
        if self.chance(0.5):
            words.append(self.pick(["id", "a", "latin1"]))
        out = b""
        for word in words:
            out += text(word)
            if self.chance(0.12):
                out += b"\x85" + self.keep(("tuple", word)) + POP
            else:
                out += self.keep(word) + POP
        return out

    def data(self, depth=2):
        """A value that ours has nothing against."""
        kind = self.random.random()
        if kind < 0.35:
            word = self.some_text()
            return self.take(word, text(word)) + (self.keep(word) if self.chance(0.3) else b"")
        if kind < 0.55 or depth == 0:
            return self.pick([b"N", b"\x88", number(self.random.randrange(300)), b"C\x02ab", b"G" + bytes(8), b"I7\n", b"\x8a\x01\x05"])
        if kind < 0.65:
            return b"]" + (self.keep("list") if self.chance(0.4) else b"") + (self.data(depth - 1) + b"a" if self.chance(0.6) else b"")
        if kind < 0.75:
            return b"}" + (self.keep("dict") if self.chance(0.4) else b"") + (text(self.some_text()) + self.data(depth - 1) + b"s" if self.chance(0.6) else b"")
        if kind < 0.85:
            return self.data(depth - 1) + b"\x85" + (self.keep("tuple of one") if self.chance(0.3) else b"")
        places = [index for index, token in self.ours.items() if token in ("list", "dict") and index < 256]
        return GET + bytes([self.pick(places)]) if places else b")"

    def fetch(self):
        """A name that ours may fetch, by texts of which the other may have others, and what ours does with it."""
        module, qualname, arguments = self.pick(HARMLESS)
        out = self.take(module, text(module)) + (self.keep(module) if self.chance(0.2) else b"")
        out += self.take(qualname, text(qualname)) + (self.keep(qualname) if self.chance(0.2) else b"") + b"\x93"
        if self.chance(0.2):
            out += self.keep(("name", qualname))
        if arguments == b"\x8c\x011\x85":
            arguments = self.take("1", text("1")) + b"\x85"
        out += arguments
        if qualname == "DummyClassifier":
            out += b"\x81" + (self.keep("model") if self.chance(0.3) else b"")
            if self.chance(0.7):
                pairs = b"".join(text(self.pick(["strategy", "constant", "_build_f", "n_features_in_", "a"])) + self.data() for _ in range(self.random.randrange(3)))
                out += b"}(" + pairs + b"ub"
        else:
            out += b"R" + (self.keep(qualname) if self.chance(0.3) else b"")
            if qualname == "OrderedDict" and self.chance(0.4):
                out += text(self.some_text()) + self.data() + b"s"
        return out + POP

    def shared(self):
        """A value that is kept, and what ours makes of it later: whoever changed it in between makes something else."""
        kind = self.random.random()
        model = lambda: name(*self.pick([("sklearn.isotonic", "IsotonicRegression"), ("sklearn.dummy", "DummyClassifier")])) + b")\x81"
        if kind < 0.5:
            if self.chance(0.4):
                word = self.pick(["_build_f", "a"])
                return text(word) + self.keep(word) + POP
            return self.pick([b"}" + self.keep("dict"), b"]" + self.keep("list"), b"]\x85" + self.keep("tuple of list"), model() + self.keep("model")]) + POP
        places = {token: GET + bytes([index]) for index, token in self.ours.items() if index < 256}
        uses = [model() + places["dict"] + b"b0" if "dict" in places else b"", name("builtins", "set") + places["list"] + b"\x85R0" if "list" in places else b"",
                name("builtins", "set") + places["tuple of list"] + b"R0" if "tuple of list" in places else b"", places["model"] + b"}b0" if "model" in places else b""]
        return self.pick(uses)

    def change(self):
        """What the other reader does to a value that both have."""
        places = [index for index, token in self.theirs.items() if token in ("dict", "list", "tuple of list", "model") and index < 256]
        if not places:
            return b""
        index = self.pick(places)
        texts = [at for at, token in self.theirs.items() if isinstance(token, str) and at < 256]
        if self.theirs[index] in ("dict", "list") and texts and self.chance(0.6):  # short enough for a padding
            get = lambda: GET + bytes([self.pick(texts)])
            return GET + bytes([index]) + (get() + get() + b"s0" if self.theirs[index] == "dict" else get() + b"a0")
        value = self.pick([b"N", name(*self.pick(CLASSES)), name(*self.pick(CLASSES)) + b")\x81"])
        acts = {"dict": text(self.pick(["_build_f", "__setstate__", "a", "append"])) + value + b"s0", "list": value + b"a0", "model": b"}" + text(self.pick(["_build_f", "__setstate__"])) + value + b"sb0"}
        return GET + bytes([index]) + acts.get(self.theirs[index], value + b"a0")

    def sentences(self, most):
        return b"".join(self.shared() if self.chance(0.15) else self.plant() if self.chance(0.35) else self.fetch() if self.chance(0.6) else self.data() + POP for _ in range(self.random.randrange(most + 1)))

    def fetch_of_theirs(self):
        module, qualname = self.pick(EVIL)
        return self.take(module, text(module), "theirs") + self.take(qualname, text(qualname), "theirs") + b"\x93"

    def probe(self):
        """Few opcodes that make it do one thing, and behind them a name: who is not stopped by the one thing fetches the other."""
        atoms = [b"\x96" + bytes(8), name(*self.pick(CLASSES)) + b")R", name(*self.pick(HARMLESS)[:2]) + self.pick([b")R", b")\x81", b"]\x85R"]), b"G" + bytes(8), b"I01\n", b"](K\x01e", b"N", b"N", b")", b"}", b"]", b"(", b"K\x00", b"K\x01", b"\x88", b"\x89", b"\x8f", b"C\x00", b"U\x01a", b"\x8c\x00", b"\x8c\x01a", b"U\x01\xe9", b"2", b"0", text("append"), text("__setstate__"),
                 text("__new__"), made(b"\x8c\x02os", "builtins", "str"), made(b"\x8c\x02os", "numpy", "object_"), scalar(b"\x8c\x02os"), scalar(name(*self.pick(CLASSES)) + b")\x81"), b"I1\0a\n", b"p1\0a\n",
                 name("numpy.core.multiarray", "_reconstruct") + name(*self.pick(CLASSES)) + b"K\x00\x85C\x01b\x87R", b"\x95" + struct.pack("<Q", self.pick([0, 3, 7, 12, 20, 40])), GET + bytes([self.random.randrange(6)]), b")\x81", b"}b", name(*self.pick(CLASSES))]
        some = lambda most: b"".join(self.pick(atoms) for _ in range(self.random.randrange(most + 1)))
        one = lambda: self.pick(atoms)
        acts = [lambda: one() + one() + b"b", lambda: one() + b"(" + some(3) + self.pick([b"e", b"u", b"\x90"]), lambda: one() + one() + b"a", lambda: one() + one() + one() + b"s",
                lambda: one() + some(2) + self.pick([b")", b"\x85", b"\x86", b"(t", b""]) + self.pick([b"R", b"\x81", b"}\x92"]), lambda: b"(" + some(3) + self.pick([b"o", b"t", b"l", b"d", b"\x91", b"1"]),
                lambda: one() + b"}" + text(self.pick(["append", "add", "__setstate__", "__new__", "a"])) + name(*self.pick(CLASSES)) + b"sb" + one() + self.pick([b"b", b"a", b"\x81"]),
                lambda: one() + self.pick([b"\x98", b"2", b"\x82\x01", b"Q", b"\x97", b"0", b"\x93"])]
        out = some(2) + b"".join(self.pick(acts)() for _ in range(self.pick([1, 1, 1, 2, 3])))
        return out + self.pick([b"cos\nwalk\n", b"cos\nwalk\n", b"(ios\nwalk\n", b""])

    def fragment(self, most):
        """Opcodes that the other reader alone comes to."""
        kind = self.random.random()
        if kind < 0.4:
            return self.probe()
        if kind < 0.6:
            return b"0" * self.chance(0.5) + self.change() + self.pick([b"", b"0", b"N.", b"0N."])
        out = b""
        for _ in range(self.random.randrange(1, most + 1)):
            kind = self.random.random()
            if kind < 0.2:
                out += GET + bytes([self.random.randrange(14)])
            elif kind < 0.42:
                out += self.pick([b"\x93", b"R", b"b", b"\x81", b"\x85", b"\x86", b"\x87", POP, b"2", b"u", b"s", b"a", b"(", b"t", b"e", b"o", b"1", b"l", b"d", b"\x92", b"\x90", b"\x91", b"Q", b"\x82\x01", b"\x97", b"\x98"])
            elif kind < 0.52:
                out += b"q" + bytes([self.random.randrange(14)])
            elif kind < 0.58:
                token = self.some_text()
                out += text(token) + self.keep(token, "theirs") + self.pick([b"", POP])
            elif kind < 0.62:
                out += b"\x95" + struct.pack("<Q", self.pick([0, 5, 20, 60, 120, 300, 1 << 50]))
            elif kind < 0.68:
                out += self.pick([b"C", b"\x8c", b"U", b"\x8a"]) + bytes([self.random.randrange(70)])
            elif kind < 0.7:
                out += self.pick([b"B", b"X", b"T"]) + struct.pack("<I", self.pick([3, 20, 200, 1 << 31]))
            elif kind < 0.76:
                out += name(*self.pick(CLASSES)) + self.pick([b"", b")R", b")\x81", b")\x81}b", b")\x81(N}tb"])
            elif kind < 0.8:
                out += self.pick([b"i", b"c"]) + b"os\nwalk\n"
            elif kind < 0.86:
                out += self.fetch_of_theirs() + self.pick([b"", b")R", GET + b"\x02R"])
            elif kind < 0.9:
                out += self.pick([STOP, b"0N.", b"N.", b"\x80\x02", b"\x80\x04"])
            elif kind < 0.94:
                out += self.pick([b"I1\n", b"L1L\n", b"F1\n", b"S'os'\n", b"Vos\n", b"p3\n", b"g2\n", b"p03\n", b"g 1\n", b"I1\0a\n", b"L1\0\n", b"F1\0a\n", b"p1\0a\n", b"g1\0a\n"])
            else:
                out += self.pick([b"N", b")", b"}", b"]", b"K\x01", b"\x8f", b"G" + bytes(8)])
        return out

    def framed(self, sentences):
        return b"\x95" + struct.pack("<Q", len(sentences)) + sentences if self.chance(0.15) and len(sentences) > 3 else sentences

    def elements(self):
        """An array whose elements are opcodes to who knows nothing of arrays."""
        fragment = b"" if self.chance(0.1) else self.fragment(9) + (b"\0" if self.chance(0.2) else b"")
        return wrapper(len(fragment)) + fragment + POP if len(fragment) < 256 else b""

    def nested(self):
        """An array of objects, whose pickle is a part of the one around it to who knows nothing of arrays."""
        kept, self.ours = self.ours, {}
        inside = b"\x80\x04" + self.framed(self.sentences(6)) + object_array(self.data()) + STOP
        self.ours = kept
        return wrapper(1, "O8") + inside + POP

    def padded(self):
        """An array whose last elements are opcodes to who does not know its padding."""
        if self.chance(0.5):
            self.out += b"N0" * self.random.randrange(8) + (b"K\x010" if self.chance(0.5) else b"")
        length = self.pick([20, 40, 64])
        head = wrapper(length, "u1", aligned=True)
        padding = 16 - (len(self.out) + len(head) + 1) % 16
        over = self.read_over() if self.chance(0.3) else b""
        last = self.pick([b"C", b"C", b"\x8a", b"U"]) + bytes([len(over)]) if over else b""
        tail = self.fragment(5)[:max(padding + 1 - len(last), 0)]
        tail = (self.filled(tail, max(padding + 1 - len(last), 0)) + last)[-(padding + 1):]
        return head + bytes([padding]) + b"\xff" * padding + bytes(length - len(tail)) + tail + (over or POP)

    def read_over(self):
        """What ours reads behind an array, and the other one for the argument of an opcode: its memo stays as it was."""
        kept = dict(self.theirs)
        over = POP + self.sentences(4)
        self.theirs = kept
        return over if len(over) < 256 else b""

    def filled(self, tail, length):
        """The fragment, with what does nothing before or behind it."""
        missing = length - len(tail)
        filler = b"N0" * (missing // 2) + (b"2" if missing % 2 else b"")
        return filler + tail if self.chance(0.7) else tail + filler

    def pickle(self):
        self.ours = {}
        self.out += self.pick([b"\x80\x04", b"\x80\x04", b"\x80\x03", b"\x80\x05", b""]) + self.framed(self.sentences(8))
        for _ in range(self.pick([0, 0, 1, 1, 2, 3])):
            kind = self.random.random()
            self.out += self.elements() if kind < 0.35 else self.nested() if kind < 0.65 else self.padded()
            self.out += self.framed(self.sentences(6))
        self.out += self.pick([b"N.", b"N.", b"}.", b"N\x94."])


def crafted(random):
    writer = Writer(random)
    for _ in range(writer.pick([1, 1, 2, 3])):
        if writer.chance(0.3):
            writer.theirs = {}
        writer.pickle()
    return bytes(writer.out)


def of_honest(random, corpus):
    """An honest file whose arrays hold fragments, or that stands behind or before other pickles."""
    writer = Writer(random)
    data, arrays = writer.pick(corpus)
    data = bytearray(data)
    for begin, length, padding in arrays:
        if writer.chance(0.5):
            continue
        fragment = writer.fragment(8)
        if padding and length > padding:
            tail = writer.filled(fragment[:padding + 1], padding + 1)
            data[begin + length - len(tail):begin + length] = tail
        elif not padding and len(fragment) <= length:
            data[begin:begin + len(fragment)] = fragment
    if writer.chance(0.6) and not any(padding for *_, padding in arrays):
        before = b"\x80\x04" + b"".join(text(writer.some_text()) + writer.pick([b"\x94", b"q" + bytes([random.randrange(40)])]) + POP for _ in range(random.randrange(30))) + b"N."
        data[:0] = before
    if writer.chance(0.3):
        writer.out = bytearray(data)
        writer.pickle()
        data = writer.out
    return bytes(data)


def damaged(random, data):
    """One or two bytes that are others."""
    data = bytearray(data)
    for _ in range(random.randrange(1, 3)):
        at = random.randrange(len(data))
        kind = random.random()
        if kind < 0.5:
            data[at] = random.randrange(256)
        elif kind < 0.8:
            data[at] = data[random.randrange(len(data))]
        else:
            data[at:at + 1] = data[at:at + 1] * 2
    return bytes(data)


def make(random, corpus):
    data = of_honest(random, corpus) if corpus and random.random() < 0.25 else crafted(random)
    return damaged(random, data) if random.random() < 0.15 else data
