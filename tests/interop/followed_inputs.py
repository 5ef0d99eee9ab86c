"""Inputs of which readers part: files that joblib's newest takes for harmless, made so that others meet something else in them.

`make(random, corpus)` gives one. It is written as sentences that leave the stack as it was; of each it is known what it puts into which
memo, ours and the other reader's, so that ours stays valid while the other one's is led elsewhere: by pickles behind each other, by
pickles inside of arrays, by elements, by the padding of an array. `corpus` holds honest files with the places of their arrays, into which
the same sentences are written. Some of all inputs are damaged at the end.
"""
import struct

from followed_asked import Asked
from followed_fragments import Fragments
from followed_memory import Memory
from followed_spelling import EVIL, GET, HARMLESS, POP, STOP, WORDS, WRAPPERS, array, dtype, name, number, text, wrapper

# Kinds that say how a pickle is spelled, and nothing of what is in it.
SPELLINGS = {"old", "new", "indices as text", "indices as bytes"}


def kind_of(token):
    return token[0] if isinstance(token, tuple) else type(token)


class Writer(Fragments, Memory, Asked):
    """A file that is being written, and both readers' memos."""

    def __init__(self, random):
        self.random, self.ours, self.theirs = random, {}, {}
        self.out, self.kinds, self.pickles = bytearray(), set(), 0
        # Whether the pickle is one that Python 2 reads; whether its indices are text, or None: some are.
        self.old, self.textual = False, False
        # Whose wrappers it has: those of both in one file are refused.
        self.copy = self.pick([WRAPPERS[0]] * 3 + WRAPPERS[1:])
        # Of the pickle in which ours is: how its indices are spelled so far.
        self.spelled = set()
        # Indices are few, for entries to meet; and one file in six is about memory, most of it about one thing.
        self.most_indices, self.memories, self.theme = self.pick([3, 3, 6, 12]), self.chance(0.16), self.pick(["dtype", "dtype", "lengths", "number"])
        # Of the others one in five is about what Python asks for by itself, half of them of what stands in the memo; and one in four has little
        # else than entries that may meet; of those that are left two in five are of Python 2, or most of their pickles are.
        self.asking = self.pick(["bytes", "memo"]) if not self.memories and self.chance(0.2) else ""
        self.meets = not self.memories and not self.asking and self.chance(0.3)
        self.mostly_old = not self.meets and self.chance(0.1 if self.memories or self.asking else 0.4)

    def chance(self, share):
        return self.random.random() < share

    def pick(self, things):
        return things[int(self.random.random() * len(things))]

    def text(self, value):
        if not self.old:
            return text(value)
        data = value.encode()
        return self.pick([b"X" + struct.pack("<I", len(data)) + data, b"U" + bytes([len(data)]) + data, b"T" + struct.pack("<I", len(data)) + data, b"S'" + data + b"'\n", b"V" + data + b"\n"])

    def bytes(self, data):
        return (b"U" if self.old else b"C") + bytes([len(data)]) + data

    def dtype(self, code):
        return dtype(code, self.text)

    def wrapper(self, length, code="u1", aligned=False):
        module = self.copy if self.chance(0.95) else self.pick(WRAPPERS)
        return wrapper(length, code, aligned, self.text, module)

    def array(self, dtype, values, lengths=None):
        return array(dtype, values, lengths, self.text if self.old else None)

    def spelled_as_text(self):
        return self.chance(0.5) if self.textual is None else self.textual

    def spell(self, as_text):
        """Notes how an index is spelled that ours reads, too."""
        self.spelled.add(as_text)
        self.kinds.add("indices as text" if as_text else "indices as bytes")
        if len(self.spelled) > 1:
            self.kinds.add("mixed")

    def keep(self, token, who="both", theirs=None):
        """Puts what is on the stack into the memo, by its count or at an index; if it is something else to the other reader, as that."""
        sides = {"both": (self.ours, self.theirs), "theirs": (self.theirs,)}[who]
        as_text = self.spelled_as_text()
        index = None if self.chance(0.8 if self.memories or self.asking else 0.6) else self.random.randrange(self.most_indices)
        if index is None and (as_text or self.old):
            index = min(len(sides[0]), 255)
        for side in sides:
            side[len(side) if index is None else index] = theirs or token if side is self.theirs else token
        if index is None:
            return b"\x94"
        if who == "both":
            self.spell(as_text)
        return b"p%d\n" % index if as_text else b"q" + bytes([index])

    def get(self, index, who="ours"):
        as_text = self.spelled_as_text()
        if who == "ours":
            self.spell(as_text)
        if as_text:
            return b"g%d\n" % index
        return GET + bytes([index]) if self.chance(0.8) else b"j" + struct.pack("<I", index)

    def take(self, token, literal, who="ours", always=False):
        """What is this to the reader, from the memo if it is there; best where the other one has another thing."""
        side, other = (self.ours, self.theirs) if who == "ours" else (self.theirs, self.ours)
        places = [index for index, kept in side.items() if kept == token and index < 256]
        if not places or (not always and self.chance(0.15)):
            return literal
        parted = [index for index in places if index in other and other[index] != token]
        alike = [index for index in parted if kind_of(other[index]) == kind_of(token)]
        best = alike if alike and self.chance(0.8) else parted if parted and self.chance(0.8) else places
        return self.get(self.pick(best), who)

    def twice(self):
        """Texts at the same indices in both spellings: of two entries the other reader has the first one here, or the second."""
        out = b""
        for evil, good in zip(self.pick(EVIL), ("numpy", "log1p")):
            index = self.random.randrange(self.most_indices)
            self.ours[index], self.theirs[index] = good, evil
            self.kinds.add("mixed")
            puts = [b"p%d\n" % index, b"q" + bytes([index])]
            self.random.shuffle(puts)
            out += self.text(evil) + puts[0] + POP + self.text(good) + puts[1] + POP
        return out

    def some_text(self):
        return self.pick(WORDS) if self.chance(0.4) else self.pick(self.pick(EVIL + [pair[:2] for pair in HARMLESS]))

    def plant(self):
        """Texts or values for a memo, of which the other reader's is led elsewhere."""
        kind = self.random.random()
        words = list(self.pick(EVIL)) if kind < 0.5 else list(self.pick(HARMLESS)[:2]) if kind < 0.75 else [self.some_text(), self.some_text()]
        encoded = self.old and self.chance(0.25)
        if self.chance(0.5):
            words.append("__setstate__" if encoded else self.pick(["id", "a", "latin1"]))
        out = b""
        for word in words:
            if encoded:  # bytes, which are a text to Python 2
                out += name("_codecs", "encode") + b"X" + struct.pack("<I", len(word)) + word.encode() + self.text("latin1") + b"\x86R" + self.keep(("bytes of", word), theirs=word) + POP
                continue
            out += self.text(word)
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
            return self.take(word, self.text(word)) + (self.keep(word) if self.chance(0.3) else b"")
        if kind < 0.55 or depth == 0:
            return self.pick([b"N", b"\x88", number(self.random.randrange(300)), self.bytes(b"ab"), b"G" + bytes(8), b"I7\n", b"\x8a\x01\x05"])
        if kind < 0.65:
            return b"]" + (self.keep("list") if self.chance(0.4) else b"") + (self.data(depth - 1) + b"a" if self.chance(0.6) else b"")
        if kind < 0.75:
            return b"}" + (self.keep("dict") if self.chance(0.4) else b"") + (self.text(self.some_text()) + self.data(depth - 1) + b"s" if self.chance(0.6) else b"")
        if kind < 0.85:
            return self.data(depth - 1) + b"\x85" + (self.keep("tuple of one") if self.chance(0.3) else b"")
        places = [index for index, token in self.ours.items() if token in ("list", "dict") and index < 256]
        return self.get(self.pick(places)) if places else b")"

    def fetch(self):
        """A name that ours may fetch, by texts of which the other may have others, and what ours does with it."""
        if self.chance(0.4 if self.old else 0.1):
            return name("numpy.core", "_ufunc_reconstruct") + self.take("numpy", self.text("numpy")) + self.take("log1p", self.text("log1p")) + b"\x86R" + POP
        known = [entry for entry in HARMLESS if entry[0] in self.ours.values() or entry[1] in self.ours.values()]
        module, qualname, arguments = self.pick(known if known and self.chance(0.7) else HARMLESS)
        if self.old:
            out = name(module, qualname)
        else:
            out = self.take(module, text(module)) + (self.keep(module) if self.chance(0.2) else b"")
            out += self.take(qualname, text(qualname)) + (self.keep(qualname) if self.chance(0.2) else b"") + b"\x93"
        if self.chance(0.2):
            out += self.keep(("name", qualname))
        if arguments == b"\x8c\x011\x85":
            arguments = self.take("1", self.text("1")) + b"\x85"
        out += arguments
        if qualname == "DummyClassifier":
            out += b"\x81" + (self.keep("model") if self.chance(0.3) else b"")
            if self.chance(0.7):
                keys = self.random.sample(["strategy", "constant", "n_features_in_", "a", "id"], self.random.randrange(3))
                out += b"}(" + b"".join(self.take(key, self.text(key)) + self.data() for key in keys) + b"ub"
        else:
            out += b"R" + (self.keep(qualname) if self.chance(0.3) else b"")
            if qualname == "OrderedDict" and self.chance(0.4):
                out += self.text(self.some_text()) + self.data() + b"s"
        return out + POP

    def shared(self):
        """A value that is kept, and what ours makes of it later: whoever changed it in between makes something else."""
        kind = self.random.random()
        model = lambda: name(*self.pick([("sklearn.isotonic", "IsotonicRegression"), ("sklearn.dummy", "DummyClassifier")])) + b")\x81"
        if kind < 0.5:
            if self.chance(0.4):
                word = self.pick(["_build_f", "a"])
                return self.text(word) + self.keep(word) + POP
            made, token = self.pick([(b"}", "dict"), (b"]", "list"), (b"]\x85", "tuple of list"), (model(), "model")])
            return made + self.keep(token) + POP
        places = {token: index for index, token in self.ours.items() if index < 256}
        get = lambda token: self.get(places[token])
        uses = {
            "dict": [lambda: model() + get("dict") + b"b0", lambda: get("dict") + self.text("a") + b"Ns0"],
            "list": [lambda: name("builtins", "set") + get("list") + b"\x85R0", lambda: get("list") + self.data(0) + b"a0"],
            "tuple of list": [lambda: name("builtins", "set") + get("tuple of list") + b"R0"],
            "model": [lambda: get("model") + b"}b0"],
        }
        possible = [use for token, some in uses.items() if token in places for use in some]
        return self.pick(possible)() if possible else b""

    def meeting(self):
        """One of few texts and lists, which both have at the same indices; what Python raises at with another entry; or the name that is fetched by them."""
        kind = self.random.random()
        if kind < 0.4:
            word = self.pick(["set", "set", "builtins", "walk", "id"])
            return text(word) + self.keep(word) + POP
        if kind < 0.55:
            return b"]" + self.keep("list") + POP
        places = [index for index, token in self.ours.items() if token == "list" and index < 256]
        if kind < 0.7 and places:
            return self.get(self.pick(places)) + b"Na0"
        return self.take("builtins", text("builtins")) + self.take("set", text("set")) + b"\x93]\x85R0"

    def sentence(self):
        if self.meets:
            return self.meeting()
        if self.textual is None and self.chance(0.3):
            return self.twice()
        if self.chance(0.85 if self.memories else 0.02):
            return self.memory()
        if self.chance(0.95 if self.asking == "memo" else 0.4 if self.asking else 0.02):
            return self.asked()
        return self.shared() if self.chance(0.15) else self.plant() if self.chance(0.35) else self.fetch() if self.chance(0.6) else self.data() + POP

    def sentences(self, most):
        return b"".join(self.sentence() for _ in range(self.random.randrange(most + 1)))

    def begin(self):
        """The first opcode of a pickle."""
        return self.pick([b"\x80\x02", b"\x80\x02", b"\x80\x01", b""]) if self.old else self.pick([b"\x80\x04", b"\x80\x04", b"\x80\x03", b"\x80\x05", b""])

    def framed(self, sentences):
        return b"\x95" + struct.pack("<Q", len(sentences)) + sentences if not self.old and self.chance(0.15) and len(sentences) > 3 else sentences

    def elements(self):
        """An array whose elements are opcodes to who knows nothing of arrays."""
        self.kinds.add("elements")
        fragment = b"" if self.chance(0.1) else self.fragment(9) + (b"\0" if self.chance(0.2) else b"")
        return self.wrapper(len(fragment)) + fragment + POP if len(fragment) < 1000 else b""

    def nested(self):
        """An array of objects, whose pickle is a part of the one around it to who knows nothing of arrays."""
        self.kinds.add("nested")
        kept = self.in_another_pickle()
        inside = self.begin() + self.framed(self.sentences(6)) + self.objects() + STOP
        self.ours, self.spelled = kept
        return self.wrapper(1, "O8") + inside + POP

    def in_another_pickle(self):
        """Ours has another memo from here on; the one that it had."""
        kept, self.ours, self.spelled = (self.ours, self.spelled), {}, set()
        return kept

    def objects(self):
        return self.array(self.dtype("O8"), b"](" + self.data() + b"e")

    def padded(self):
        """An array whose last elements are opcodes to who does not know its padding."""
        kind = self.pick(["next", "nested"] if self.meets else ["", "", "", "here", "next", "nested"])
        self.kinds.add("padded " + kind if kind else "padded")
        if self.chance(0.5):
            self.out += b"N0" * self.random.randrange(8) + (b"K\x010" if self.chance(0.5) else b"")
        if kind == "nested":
            self.out += self.wrapper(1, "O8")[:-1]
        length = self.pick([20, 40, 64])
        head = self.wrapper(length, "u1", aligned=True)
        padding = 16 - (len(self.out) + len(head) + 1) % 16
        kept = self.ours, self.spelled
        over = self.read_over(kind) if kind else POP
        last = self.pick([b"C", b"C", b"\x8a", b"U"]) + bytes([len(over)]) if kind and len(over) < 256 else b""
        tail = self.short_fragment()[:max(padding + 1 - len(last), 0)] if self.chance(0.1 if self.meets else 0.6) else b""
        tail = (self.filled(tail, max(padding + 1 - len(last), 0)) + last)[-(padding + 1):]
        behind = over
        if kind == "nested":
            behind += self.sentences(4) + self.objects() + STOP + POP
            self.ours, self.spelled = kept
        return head + bytes([padding]) + b"\xff" * padding + bytes(length - len(tail)) + tail + behind

    def read_over(self, kind):
        """What ours reads behind an array, and the other one for the argument of an opcode: its memo stays as it was."""
        kept = dict(self.theirs)
        over = POP + (self.sentences(2) if kind == "next" else b"")
        if kind != "here":
            over += {"next": b"N" + STOP, "nested": b"b"}[kind] + self.begin()
            self.in_another_pickle()
        over += self.sentences(4)
        self.theirs = kept
        return over

    def filled(self, tail, length):
        """The fragment, with what does nothing before or behind it."""
        missing = length - len(tail)
        filler = b"N0" * (missing // 2) + (b"2" if missing % 2 else b"")
        return filler + tail if self.chance(0.7) else tail + filler

    def pickle(self):
        self.in_another_pickle()
        self.pickles += 1
        self.textual = self.chance(0.1 if self.memories or self.asking else 0.2)
        self.old = self.mostly_old and self.chance(0.85)
        if self.old and self.chance(0.1):
            self.textual = None
        self.kinds.add("old" if self.old else "new")
        self.out += self.begin() + self.framed(self.sentences(5 if self.asking else 8))
        for _ in range(self.pick([0, 1, 1] if self.meets else [0, 0, 0, 1] if self.memories else [0, 0, 1] if self.asking == "memo" else [0, 0, 1, 1, 2, 3])):
            kind = self.random.random()
            self.out += self.elements() if kind < (0 if self.meets or self.asking == "memo" else 0.55 if self.old or self.asking else 0.35) else self.nested() if kind < (0.75 if self.old else 0.65) else self.padded()
            self.out += self.framed(self.sentences(2 if self.asking else 6))
        self.out += self.pick([b"N.", b"N.", b"}.", b"N.", b"N\x94." if not self.old and not self.textual else b"N."])


def crafted(random):
    writer = Writer(random)
    for _ in range(writer.pick([2, 3] if writer.memories or writer.asking == "memo" else [1, 1, 2, 3])):
        if writer.chance(0.1 if writer.asking == "memo" else 0.3):
            writer.theirs = {}
        writer.pickle()
    return bytes(writer.out), writer.kinds if writer.kinds - SPELLINGS else writer.kinds | {"plain"}


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
    return bytes(data), {"honest"} | (writer.kinds & {"mixed"})


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
    """An input, and what kinds of things are in it."""
    data, kinds = of_honest(random, corpus) if corpus and random.random() < 0.25 else crafted(random)
    return (damaged(random, data), {"damaged"}) if random.random() < 0.15 else (data, kinds)
