"""Where the shadow says that every reader stops: at opcodes that have too little on the stack, with arguments that nobody reads, or that do
something with values that can not be done (`acts.rs`, `step.rs`, `names.rs`, `marks.rs`). For Python 2.7 and 3."""
import collections
import importlib
import pkgutil
import random
import re
import struct
import sys

from claims_raises import HARMLESS, RAISES
from claims_trials import goes_on, shown, value
from claims_values import OLD

# `trials` gives `(what, opcodes, values)`: nothing is imported or asked, but of stand-ins what is `asked`, and, if the claim is that it `stops`, no reader
# goes on behind them.
Row = collections.namedtuple("Row", "file quote trials readers asked claim")
ALL, NEW = ("Python's", "C's", "pandas'", "cPickle"), ("Python's", "C's", "pandas'") if not OLD else ()


def row(file, quote, trials, readers=ALL, asked=("__index__",), claim="stops"):
    # Of what can be indexed Python asks a key for its number, by its class, before it says that nothing can be put there.
    return Row(file, quote, trials, readers, asked, claim)


TAKEN = {b"0": 1, b"2": 1, b"a": 2, b"s": 3, b"b": 2, b"R": 2, b"\x81": 2, b"\x92": 3, b"\x85": 1, b"\x86": 2, b"\x87": 3, b"p1\n": 1, b"q\1": 1, b"r\1\0\0\0": 1, b"\x94": 1, b"\x93": 2, b"\x98": 1}
NO_PART = [code for code in range(33, 256) if not chr(code).isalnum() and chr(code) not in "+-._"] if OLD else [code for code in range(33, 256) if not (code < 128 and chr(code).isalnum()) and chr(code) not in "+-._"]
MARKED = (b"1", b"t", b"l", b"d", b"\x91", b"e", b"u", b"\x90", b"o", b"iv\n0\n")


def too_few(source, names, kinds):
    """Opcodes with less on the stack than they take, and no mark."""
    things = ([], {}, (), int, "a")
    for opcode, count in sorted(TAKEN.items()):
        for have in range(count):
            for thing in things:
                yield "%r behind %d values" % (opcode, have), value(0) * have + opcode, (thing,)
    for opcode in MARKED:
        for have in range(3):
            for thing in things:
                yield "%r without a mark, behind %d values" % (opcode, have), value(0) * have + opcode, (thing,)
    for opcode in (b"e", b"\x90", b"o") + ((b"u",) if not OLD else ()):
        yield "%r at a bare mark" % opcode, b"(" + opcode, ()


def too_few_above_a_mark(source, names, kinds):
    """The same, where the values are below a mark: Python 2 takes them."""
    for opcode, count in sorted(TAKEN.items()):
        for have in range(count):
            if opcode != b"0":  # it takes the mark
                yield "%r at a mark, behind %d values" % (opcode, have), value(0) * 4 + b"(" + value(0) * have + opcode, ([],)
    for opcode in (b"e", b"u", b"\x90"):
        yield "%r at two marks" % opcode, value(0) + b"((" + opcode, ([],)
        yield "%r at two marks, behind a value" % opcode, value(0) + b"((" + value(0) + opcode, ([],)


def bad_lines(source, names, kinds):
    """Numbers and texts of a line that nobody reads: what `may_be_read` refuses."""
    chance = random.Random(37)
    for opcode in (b"I", b"L", b"F"):
        for line in [b"1;", b"1,0", b"(1)", b"0x1!", b"\xd9\xa1", b"\xff", b"1/2", b"'1'", b"\x1c1", b"1\x85", b"#", b"\xa01"] + [b"1" + bytes(bytearray([chance.choice(NO_PART)])) + b"0" for _ in range(40)]:
            yield "%r of %r" % (opcode, line), opcode + line + b"\n", ()
    for line in (b"", b"a", b"'", b"'a", b"a'", b"\"a'", b"'a\"", b"' ", b"'a' b", b" 'a'", b"'a'\xff\0x", b"(''", b"u'a'", b"b'a'"):
        yield "STRING of %r" % line, b"S" + line + b"\n", ()


def no_numbers(source, names, kinds):
    """An index of the memo that is no number: what `is_near_number` is false of."""
    chance = random.Random(43)
    others = [byte for byte in range(256) if byte not in b"0123456789 \t\n\r\x0b\x0c+-_L\0"]
    some = [bytes(chance.choice(others) for _ in range(chance.randrange(1, 9))) for _ in range(40)]
    for line in [b"", b"a", b":", b"x1", b"1x", b"1.", b"0x1", b"\xd9\xa1", b"\xff", b"1e5", b"1;", b"'1'", b"\x1c1", b"\x851"] + some + [b"1" + line + b"0" for line in some]:
        for opcode in (b"p", b"g"):
            yield "%r of %r" % (opcode, line), b"N\x94" + opcode + line + b"\n", ()


def no_entries(source, names, kinds):
    for data in (b"g5\n", b"g\n", b"gx\n", b"g5.\n", b"g0x0\n", b"h\5", b"j\5\0\0\0", b"Nq\0h\1", b"Np0\ng1\n", b"g-1\n", b"N\x94h\1"):
        yield "an entry that is not there: %r" % data, data, ()


def lengths(source, names, kinds):
    for data in (b"T\xff\xff\xff\xff", b"T\0\0\0\x80", b"\x8b\xff\xff\xff\xff", b"\x8b\0\0\0\x80", b"\x8e" + b"\xff" * 8, b"\x96" + b"\xff" * 8, b"\x96\1\0\0\0\0\0\1\0", b"\x96\1\0\0\0\x40\0\0\0", b"\x96\0\0\0\0\x6e\0\0\0", b"\x8d" + b"\xff" * 8, b"\x8e" + b"\0" * 7 + b"\x80", b"\x95" + b"\xff" * 8, b"\x95" + b"\0" * 7 + b"\x80"):
        yield "a length of %r" % data, data + b"a" * 40, ()


def no_texts(source, names, kinds):
    """Bytes that are no UTF-8; in Python 3 no ASCII either."""
    for text in (b"\xff", b"\xc3", b"a\x80", b"\xf5\x80\x80\x80", b"\xc0\x80"):
        for head in (b"X" + struct.pack("<I", len(text)), b"\x8c" + struct.pack("<B", len(text)), b"\x8d" + struct.pack("<Q", len(text))):
            yield "a text of %r by %r" % (text, head[:1]), head + text, ()


def no_ascii(source, names, kinds):
    for text in (b"\xff", b"a\x80", b"\xc3\xa9"):
        yield "a str of %r" % text, b"U" + struct.pack("<B", len(text)) + text, ()
        yield "a str of %r" % text, b"S'" + text + b"'\n", ()


def unknown(source, names, kinds):
    """Every opcode that the table does not have, with this and that behind it; and those that ask the program."""
    known = b"N\x88\x89)]\x8f}(012tld\x91eu\x90as\x85\x86\x87KMJG\x8aCB\x8e\x96T\x8bU\x8cX\x8dILFSVpgqhrj\x94ci\x93R\x81\x92ob\x80\x95.\x98"
    for code in range(256):
        opcode = bytes(bytearray([code]))
        if opcode not in known:
            for rest in (b"", b"\0", b"\1", b"\1\0", b"\1\0\0\0", b"a\n"):
                yield "opcode %r with %r" % (opcode, rest), b"NNN" + opcode + rest, ()
    for protocol in (6, 7, 64, 128, 255):
        yield "protocol %d" % protocol, b"\x80" + bytes(bytearray([protocol])), ()


def frames(source, names, kinds):
    """To Python's own reader a frame in another one; what is left of that is none of it."""
    for rest in (1, 2, 40):
        yield "a frame with %d bytes before the end of another" % rest, b"\x95" + struct.pack("<Q", 9 + rest) + b"\x95" + struct.pack("<Q", 5) + b"N" * (rest + 40), ()


def newer(source, names, kinds):
    """What Python 2 does not know."""
    for opcode in [b"B\1\0\0\0a", b"C\1a", b"\x80\3", b"\x80\4", b"\x8c\1a"] + [bytes(bytearray([code])) + b"\0" * 9 for code in range(0x8c, 256)]:
        yield "opcode %r" % opcode, b"NN" + opcode, ()


def no_names(source, names, kinds):
    """STACK_GLOBAL of two values of which one is no text of Python's own."""
    others = [item for kind in sorted(kinds) if kind not in ("Text", "LongText", "Wild") for item in kinds[kind][:6]] + [made for shape in ("Path", "NamedTuple", "Stamp", "Uuid") for _, made in names.objects(shape)[:2]]
    others = [item for item in others if type(item) is not str]
    for item in others:
        yield "a module that is %s" % shown(item), value(0) + b"\x8c\1a\x93", (item,)
        yield "a name that is %s" % shown(item), b"\x8c\6reache" + value(0) + b"\x93", (item,)


def imports(source, names, kinds):
    """Names that no module can have: it is not asked for either."""
    for module in (b"claims_not_there", b"claims_not.there"):
        for name in (b"\xed\xb2\x80", b"a\xed\xa0\x80", b"\xff"):
            yield "%r of %r by GLOBAL" % (name, module), b"c" + module + b"\n" + name + b"\n", None


def no_modules(source, names, kinds):
    """A module without a name."""
    for name in (b"a", b"", b"__name__"):
        yield "%r of a module without a name" % name, b"c\n" + name + b"\n", None
        yield "%r of a module without a name, by STACK_GLOBAL" % name, b"\x8c\0\x8c" + struct.pack("<B", len(name)) + name + b"\x93", None


def missing(source, names, kinds):
    """Names that modules of pandas and scikit-learn do not have, if they are here."""
    without = [("pandas", name) for name in source.texts_of("names.rs", "NAMESAKES")] if is_here("pandas") else []
    only = re.findall(r"\(&\[([^]]*)\], &\[([^]]*)\]\)", re.search(r"const ONLY_IN: .*? = \[(.*?)\];", source.files["names.rs"]).group(1))
    only = [[re.findall('"([^"]*)"', texts) for texts in pair] for pair in only]
    for module in modules_of("sklearn"):
        without += [(module, name.encode()) for names, packages in only if module.split(".")[1] not in packages for name in names]
    for module, name in without:
        yield "%r of %s" % (name, module), b"c" + module.encode() + b"\n" + name + b"\n", None
        yield "%r of %s, by STACK_GLOBAL" % (name, module), b"\x8c" + struct.pack("<B", len(module)) + module.encode() + b"\x8c" + struct.pack("<B", len(name)) + name + b"\x93", None


def is_here(module):
    try:
        importlib.import_module(module)
    except Exception:  # not here, or not with these versions of what it needs
        return False
    return True


def modules_of(package):
    """The modules inside a package that can be imported, without tests and scripts."""
    if not is_here(package):
        return []
    walked = pkgutil.walk_packages(sys.modules[package].__path__, package + ".", onerror=lambda name: None)
    named = [module for _, module, _ in walked if not set(module.split(".")) & {"tests", "conftest", "setup", "__main__", "_build_utils"}]
    return [module for module in named if is_here(module)]


OPCODES = [row(file, quote, trials) for file, quote, trials in RAISES] + [row(file, quote, trials, claim="harmless") for file, quote, trials in HARMLESS] + [
    row("step.rs", "b'0' => done(self.stack.pop_bare_mark() || self.pop().is_some(), 1)", too_few),
    row("marks.rs", "fn taken(opcode: u8) -> (bool, usize)", too_few_above_a_mark, NEW),
    row("step.rs", "if !may_be_read(opcode, line, true) { return Next::Stopped; } ... if !may_be_read(opcode, begun, false) { return Next::Stopped; }", bad_lines),
    row("memo.rs", "(None, None) => return false", no_entries),
    row("step.rs", "if negative || i64::try_from(length).is_err() { return Next::Stopped; } ... if opcode == 0x96 && length > MOST_MEMORY { return Next::Stopped; } ... self.skip_value(bytes.len(), head, length, Val::LongText) } else { Next::Stopped };", lengths),
    row("step.rs", "_ if self.python2 == Python2::None => Next::Stopped", no_numbers, NEW),
    row("step.rs", "let wrong = if opcode == b'U' { !text.is_ascii() } else { !is_text(text) }; ... self.skip_value(bytes.len(), end, 0, Val::LongText) } else { Next::Stopped };", no_texts),
    row("step.rs", "if text.as_ref().is_some_and(|text| !text.is_ascii()) && !self.reads_any_encoding(bytes) { return Next::Stopped; }", no_ascii, NEW),
    row("step.rs", "Some(_) => Next::Stopped, }, 0x95 ... None => Next::Stopped, }, _ => Next::Stopped", unknown),
    row("pickles.rs", "if (around.is_some() && self.parts == Parts::Elements) || i64::try_from(length).is_err() { return Next::Stopped; }", frames, ("Python's",)),
    row("marks.rs", "[0x80, protocol, ..] => *protocol > 2, [b'B' | b'C' | 0x8c.., ..] => true", newer, ALL if OLD else ()),
    row("names.rs", "return Err(if imported { what() } else { Next::Stopped });", imports, NEW),
    row("names.rs", "_ if !is_importable(module) => Err(Next::Stopped)", no_modules),
    row("names.rs", "Own::Name if self.reads_pickles() && is_missing(module, qualname) => Err(Next::Stopped)", missing),
    row("names.rs", "(module, name) if module.may_be_own_str() && name.may_be_own_str() => { ... _ => Err(Next::Stopped), }; match found", no_names),
]


def checks(source, names, kinds, readers):
    """`(row, check)` of each row."""
    for one in OPCODES:
        if any(name in one.readers for name, _ in readers):
            yield one, lambda say, one=one: check(one, source, names, kinds(), readers, say)


def check(one, source, names, kinds, readers, say):
    told = collections.Counter()
    for what, data, values in one.trials(source, names, kinds):
        if not say(what):
            continue
        for reader, read in readers:
            if reader in one.readers:
                outcome = goes_on(read, data, values)
                asked = [name for name in outcome.asked if name not in one.asked]
                wrong = "goes on" if outcome.made and one.claim == "stops" else "acts: %s" % ", ".join(outcome.acted) if outcome.acted else "asks what it was given for %s" % ", ".join(asked) if asked else None
                about = (reader, wrong, data[-1:], what.partition(" called with ")[0].partition(": ")[0])
                told[about] += bool(wrong)
                if wrong and told[about] == 1:
                    yield "%s %s %r" % about[:3], "%s reader: %s; it %s" % (reader, what, wrong)
