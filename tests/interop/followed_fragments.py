"""Opcodes that the other reader alone comes to, behind what joblib's newest takes for elements of an array, padding, or an argument."""
import struct

from followed_spelling import CLASSES, EVIL, GET, HARMLESS, POP, STOP, WRAPPERS, made, name, scalar, text

FETCHES = [b"cos\nwalk\n", b"0cos\nwalk\n", b"(ios\nwalk\n"]


class Fragments:
    """Of a writer: what it writes for the other reader."""

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

    def fetch_of_theirs(self, pair=None):
        module, qualname = pair or self.pick(EVIL)
        if self.old:
            return name("numpy.core", "_ufunc_reconstruct") + self.take(module, self.text(module), "theirs") + self.take(qualname, self.text(qualname), "theirs") + b"\x86R"
        return self.take(module, text(module), "theirs") + self.take(qualname, text(qualname), "theirs") + b"\x93"

    def probe(self):
        """Few opcodes that make it do one thing, and behind them a name: who is not stopped by the one thing fetches the other."""
        atoms = [b"\x96" + bytes(8), name(*self.pick(CLASSES)) + b")R", name(*self.pick(HARMLESS)[:2]) + self.pick([b")R", b")\x81", b"]\x85R"]), b"G" + bytes(8), b"I01\n", b"](K\x01e", b"N", b"N", b")", b"}", b"]", b"(", b"K\x00", b"K\x01", b"\x88", b"\x89", b"\x8f", b"C\x00", b"U\x01a", b"\x8c\x00", b"\x8c\x01a", b"U\x01\xe9", b"2", b"0", text("append"), text("__setstate__"),
                 text("__new__"), made(b"\x8c\x02os", "builtins", "str"), made(b"\x8c\x02os", "numpy", "object_"), scalar(b"\x8c\x02os"), scalar(name(*self.pick(CLASSES)) + b")\x81"), b"I1\0a\n", b"p1\0a\n",
                 name("numpy.core.multiarray", "_reconstruct") + name(*self.pick(CLASSES)) + b"K\x00\x85C\x01b\x87R", b"\x95" + struct.pack("<Q", self.pick([0, 3, 7, 12, 20, 40])),
                 name("numpy", "dtype") + text(self.pick(["f8", "O", "V8"])) + self.pick([b"\x85", b"\x89\x86", b"\x89\x89\x87", b"\x89\x88\x87"]) + b"R", name(self.pick(WRAPPERS), "NumpyArrayWrapper") + b")\x81", GET + bytes([self.random.randrange(6)]), b")\x81", b"}b", name(*self.pick(CLASSES))]
        some = lambda most: b"".join(self.pick(atoms) for _ in range(self.random.randrange(most + 1)))
        one = lambda: self.pick(atoms)
        acts = [lambda: one() + one() + b"b", lambda: one() + b"(" + some(3) + self.pick([b"e", b"u", b"\x90"]), lambda: one() + one() + b"a", lambda: one() + one() + one() + b"s",
                lambda: one() + some(2) + self.pick([b")", b"\x85", b"\x86", b"(t", b""]) + self.pick([b"R", b"\x81", b"}\x92"]), lambda: b"(" + some(3) + self.pick([b"o", b"t", b"l", b"d", b"\x91", b"1"]),
                lambda: one() + b"}" + text(self.pick(["append", "add", "__setstate__", "__new__", "a"])) + name(*self.pick(CLASSES)) + b"sb" + one() + self.pick([b"b", b"a", b"\x81"]),
                lambda: one() + self.pick([b"\x98", b"2", b"\x82\x01", b"Q", b"\x97", b"0", b"\x93"])]
        out = some(2) + b"".join(self.pick(acts)() for _ in range(self.pick([1, 1, 1, 2, 3])))
        return out + self.pick([b"cos\nwalk\n", b"cos\nwalk\n", b"(ios\nwalk\n", b""])

    def marks(self):
        """Marks where Python 3 raises: to Python 2 they are values, or stand beside the stack."""
        base = self.pick([b"", b"0", b"]", b"}", b"N", b")", b"K\x01", b"0]", name(*self.pick(HARMLESS)[:2]) + b")R", name("sklearn.dummy", "DummyClassifier") + b")\x81"])
        acts = [b"(a", b"(0", b"(2", b"(N", b"(e", b"(u", b"(s", b"N(s", b"(b", b"((a", b"(\x85", b"(R", b"(\x81", b"(q\x05", b"(p5\n", b"h\x05", b"g5\n", b"(t", b"(l", b"1", b"0", b"2", b"a", b"e", b"S'a' \n", b"U\x01a", b"(d", b"(1",
                b"(ibuiltins\nset\n", b"(cbuiltins\nset\no", b"pa\n", b"ga\n", b"g05\n"]
        out = base + b"".join(self.pick(acts) for _ in range(self.pick([1, 1, 2, 2, 3])))
        return out + self.pick(FETCHES)

    def indices(self):
        """Two values at one index as ours would have it, in spellings that are two to another reader; and what only one of the values does not stop."""
        index = self.random.randrange(self.most_indices)
        spelled = [b"%d\n" % index, self.pick([b"%d\0x\n", b"%d\0x\n", b"0%d\n", b" %d\n", b"%d \n"]) % index]
        puts = [b"p" + one for one in spelled]
        self.random.shuffle(puts)
        get = b"g" + self.pick(spelled) if self.chance(0.8) else GET + bytes([index])
        values = [b"]", self.pick([b"N", b"}", b")", b"K\x01"])]
        self.random.shuffle(values)
        return b"0" + b"".join(value + put + POP for value, put in zip(values, puts)) + get + b"Na" + self.pick(FETCHES)

    def marks_of_before(self):
        """A mark that is kept, and an end, behind which it is fetched: it is one, or a value, or there is no such entry."""
        put, get = self.pick([(b"q\x05", GET + b"\x05"), (b"p5\n", b"g5\n")])
        middle = self.pick([b"0N.", b"0N.", b"0N.", b"N.", b"0", b""]) + self.pick([b"](", b"](", b"(]", b"]", b"(", b"}("])
        return self.pick([b"0", b""]) + b"(" + put + middle + get + self.pick([b"Nt0", b"Nt0", b"Nl0", b"t0", b"0", b""]) + self.pick([b"Na", b"Na", b"0", b""]) + self.pick(FETCHES)

    def names(self):
        """A name by two texts of the memo, if there are such."""
        planted = [pair for pair in EVIL if all(word in self.theirs.values() for word in pair)]
        return b"0" + self.fetch_of_theirs(self.pick(planted)) if planted else self.marks()

    def hook(self):
        """An attribute that readers call, by a text of the memo or a new one, and who calls it."""
        key = self.pick(["__setstate__", "append", "__new__"])
        value, use = name(*self.pick(CLASSES)), {"__setstate__": self.text("x") + b"b", "append": b"Na", "__new__": b")\x81"}[key]
        return b"0" + name("sklearn.dummy", "DummyClassifier") + b")\x81}" + self.take(key, self.text(key), "theirs") + value + b"sb" + use + self.pick(FETCHES)

    def short_fragment(self):
        """The same, as few as a padding has bytes for."""
        return self.asked_of_theirs() if self.chance(0.7 if self.asking else 0.1) else self.fragment(5)

    def fragment(self, most):
        """Opcodes that the other reader alone comes to."""
        if self.chance(0.75 if self.asking else 0.04):
            return self.asked_fragment()
        kind = self.random.random()
        if kind < (0.5 if self.old else 0.03):
            return self.pick([self.marks, self.marks, self.marks_of_before, self.indices, self.hook, self.names])()
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
                out += self.text(token) + self.keep(token, "theirs") + self.pick([b"", POP])
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
