"""Short programs of a pickle, and the files that have them where another reader takes the bytes of an array for opcodes.

A program is written as it is read: `a`, `b` and `c` stand for values (`short_programs_values.py`), the other words are opcodes as pickletools names
them. Behind each stands the canary, a name of a module that nobody has: who is not stopped by the program asks for it.

    elements   to `pickle.load`, which knows nothing of arrays, all bytes of an array are opcodes
    old        the same as Python 2 would write it, and with what Python 2 has
    kept       the same with values of the memo, where ours puts those that it reads
    padded     to joblib before 1.2, which knows nothing of padding, the last 17 bytes of an array are opcodes; values are kept
"""
import collections
import functools
import itertools
import pickletools

from claims_trials import REACHED
from followed_spelling import wrapper
from opcodes import padding
from short_programs_values import as_python_2

# An older Python does not know all of them.
CODES = {opcode.name: opcode for opcode in pickletools.opcodes}
PROGRAMS = [line.split() for line in """
    a DUP; a MEMOIZE; a READONLY_BUFFER; a BINPERSID; a POP; a POP POP; a POP_MARK; a MARK POP; a MARK DUP; a MARK POP_MARK; a MARK APPENDS; a MARK SETITEMS; a MARK ADDITEMS; MARK a OBJ;
    a EMPTY_TUPLE REDUCE; a EMPTY_TUPLE NEWOBJ; a EMPTY_TUPLE EMPTY_DICT NEWOBJ_EX; MARK a FROZENSET; MARK a DICT; a DUP APPEND; a DUP BUILD; a DUP REDUCE; a DUP NEWOBJ; a DUP DUP SETITEM;
    a b APPEND; a MARK b APPENDS; a MARK b ADDITEMS; a MARK b SETITEMS; a b BUILD; a NONE b TUPLE2 BUILD; a b REDUCE; a b NEWOBJ; a b TUPLE1 REDUCE; a b TUPLE1 NEWOBJ; MARK a b OBJ;
    a EMPTY_TUPLE b NEWOBJ_EX; a b EMPTY_DICT NEWOBJ_EX; MARK a b DICT; EMPTY_DICT a b SETITEM; MARK a b FROZENSET; a b STACK_GLOBAL; a b TUPLE2 BUILD;
    a b c SETITEM; a MARK b c SETITEMS; a MARK b c APPENDS; a b c TUPLE2 REDUCE; a b c TUPLE2 NEWOBJ; MARK a b c OBJ; a b c NEWOBJ_EX; a b c TUPLE2 BUILD; a b REDUCE c BUILD; a b REDUCE c APPEND;
    a b BUILD c BUILD; a b NEWOBJ c BUILD; a b APPEND c APPEND; a b REDUCE c REDUCE
""".replace("\n", "").split(";")]
# Of programs with three values all are made with these for the last two.
FEW = ["None", "3", "'a'", "(3,)", "{'a': 1}", "numpy.ndarray"]
PLACES = "abc"

Made = collections.namedtuple("Made", "what data begin")


def places(program):
    return sum(word in PLACES for word in program)


class Elements:
    """Files of one kind: the newest protocol of their opcodes, and whether old joblib and Python 2 are to read them."""
    name, newest, by_joblib, by_python2 = "elements", 5, False, False

    def __init__(self, values):
        self.values = values
        self.programs = [program for program in PROGRAMS if all(word in PLACES or (word in CODES and CODES[word].proto <= self.newest) for word in program)]

    def all(self):
        for program in self.programs:
            few = [what for what in FEW if what in self.values]
            several = [list(self.values)] * 2 if places(program) < 3 else [list(self.values), few, few]
            yield from (self.made(program, chosen) for chosen in itertools.product(*several[:places(program)]))

    def some(self, random):
        """As many as wanted, by chance: most are of two values."""
        values = list(self.values)
        by_places = {count: [program for program in self.programs if places(program) == count] for count in (1, 2, 3)}
        while True:
            count = random.choice([count for count in (1, 2, 2, 2, 3, 3) if by_places[count]])
            yield self.made(random.choice(by_places[count]), [random.choice(values) for _ in range(count)])

    def made(self, program, chosen):
        what = " ".join(chosen[PLACES.index(word)] if word in PLACES else word for word in program)
        return Made(what, *self.file(b"".join(self.opcodes(chosen[PLACES.index(word)], chosen) if word in PLACES else CODES[word].code.encode("latin1") for word in program), chosen))

    def control(self):
        """The canary alone."""
        return Made("nothing", *self.file(b"", []))

    def opcodes(self, what, chosen):
        return self.values[what]

    @functools.lru_cache(None)
    def head(self, length):
        return b"\x80\x04" + wrapper(length)

    def file(self, opcodes, chosen):
        content = opcodes + REACHED + b"."
        head = self.head(len(content))
        return head + content + b".", len(head)


class Old(Elements):
    name, newest, by_python2 = "old", 2, True

    def __init__(self, values):
        spelled = {what: as_python_2(opcodes) for what, opcodes in values.items()}
        Elements.__init__(self, {what: opcodes for what, opcodes in spelled.items() if opcodes is not None})

    @functools.lru_cache(None)
    def head(self, length):
        return b"\x80\x02" + as_python_2(wrapper(length))


class Kept(Elements):
    """`are_read` gives those of some files that ours reads: each has one value in its memo."""
    name = "kept"

    def __init__(self, values, are_read):
        Elements.__init__(self, values)
        read = {made.what for made in are_read([Made(what, *self.file(None, [what])) for what in values])}
        self.values = {what: opcodes for what, opcodes in values.items() if what in read}

    def opcodes(self, what, chosen):
        return b"h" + bytes([chosen.index(what)])

    def puts(self, chosen):
        return b"".join(self.values[what] + b"q" + bytes([index]) + b"0" for index, what in enumerate(chosen))

    def file(self, opcodes, chosen):
        """Without opcodes the other reader stops at once."""
        content = b"\0" if opcodes is None else opcodes + REACHED + b"."
        head = b"\x80\x04" + self.puts(chosen) + self.head(len(content))[2:]
        return head + content + b".", len(head)


class Padded(Kept):
    """Of old joblib there is what reads arrays alone."""
    name, by_joblib, length, most = "padded", True, 64, 17
    aligned = wrapper(length, aligned=True)

    def __init__(self, values, are_read):
        Kept.__init__(self, {what: opcodes for what, opcodes in values.items() if b"joblib" not in opcodes}, are_read)
        self.programs = [program for program in self.programs if len(program) + places(program) <= self.most - len(REACHED)]

    def file(self, opcodes, chosen):
        fillers = [b"N0" * count + odd for count in range(8) for odd in (b"", b"K\x010")]
        heads = (b"\x80\x04" + filler + self.puts(chosen) + self.aligned for filler in fillers)
        head = next(head for head in heads if len(padding(len(head))) == self.most)
        content = b"\0" * self.most if opcodes is None else opcodes + REACHED
        missing = self.most - len(content)
        tail = b"N0" * (missing // 2) + b"N" * (missing % 2) + content
        return head + padding(len(head)) + bytes(self.length - self.most) + tail + b".", len(head) + self.length
