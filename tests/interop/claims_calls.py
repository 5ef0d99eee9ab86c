"""What `calls.rs` says of calls, row by row: who is called, with which values, and what comes of it. For Python 2.7 and 3."""
import collections
import random

from claims_trials import Outcome, combinations, goes_on, shown, value
from claims_values import NO_CLASS, OLD, TEXT, StandIn, numpy

# `claim` is `makes` or `raises`; `how` has R if it is called and N if an object is made by its `__new__`; `args` gives lists of the values that each
# argument can be, from the kinds and the names; of the stand-ins that the row lets in, `asked` may be asked.
Row = collections.namedtuple("Row", "quote how callees args claim asked file")
# What `is_of_a_range` is true of.
RANGES = ["name", "start", "stop", "step"]
# Checksums of classes of scikit-learn 1.6 and of numpy 2.
SUMS = [238750788, 65708578, 226543827]
# Of these `datetime` makes times, or does not.
MOMENTS = [b"\7\xe4\1\1", b"\7\xe4\1\xff", b"\xff" * 6, b"\xff" * 8]
PLAIN_BYTES = [bytearray(b"i4")] if OLD else [b"O", b"i4,O", b"2i4", b"T", b"V8", b"\xff", b"\x80", b"(2,)O"]
TRIED_AGAIN = ["Opaque", "Member", "Arima", "FormulaData", "Statespace", "Offset", "Column"]
# Lengths of which one is 0.
EMPTY = [(0,), (0, 5), (2 ** 31, 0), (1, 1, 0, 2 ** 31 - 1)]


def row(quote, how, callees, args, claim, asked=(), file="calls.rs"):
    return Row(quote, how, callees, args, claim, asked, file)


def raising(quote, how, callees, args):
    return row(quote, how, callees, args, "raises", file="raises.rs")


def of(*shapes):
    return lambda source, names: names.of(*shapes)


def records(names):
    """Records of scikit-learn's, which alone are followed."""
    return [(name, cls) for name, cls in names.of("Record") if name.partition(".")[0] == "sklearn"]


def values_of(kinds, *wanted):
    return [item for kind in wanted for item in kinds[kind]]


def all_values(kinds, names):
    """Of each kind some, for arguments of which nothing is known."""
    some = [item for kind in sorted(kinds) for item in kinds[kind][:4]]
    return some + [StandIn(), int] + classes(names, "Estimator")[:1] + classes(names, "Offset")[:1] + [thing for _, thing in names.objects("Record")[:3]]


def of_no_class(kinds, names):
    """What `may_be_a_class` is false of."""
    return [item for kind in sorted(kinds) if kind != "Wild" for item in kinds[kind][:8]] + [thing for shape in ("Estimator", "Sparse", "Path", "ArrayWrapper", "Index") for _, thing in names.objects(shape)[:2]]


def not_tried_again(kinds, names):
    """What `is_tried_again` is false of."""
    again = classes(names, *TRIED_AGAIN)
    return of_no_class(kinds, names) + [found for _, found in names.all() if not any(found is other for other in again)]


def classes(names, *shapes):
    return [found for _, found in names.of(*shapes)]


def codes(kinds):
    """Texts that `says_no_fields` is true of."""
    chance = random.Random(5)
    made = ["".join(chance.choice("<>=|fiuOSUVMmbc?adTgpqlG[]s 0123456789x:{}.'\"") for _ in range(chance.randrange(1, 6))) for _ in range(300)]
    return [code for code in kinds["Text"] + made + ["f8", "<f8", "O", "M8[ns]", "M8[5s]", ">=i4", "T", "datetime64", "str"] if says_no_fields(code)]


def says_no_fields(code):
    code = code.decode("latin1") if isinstance(code, bytes) else code
    code = code[1:] if code[:1] in ("<", ">") and code else code
    code = code[1:] if code[:1] in ("=", "|") and code else code
    return all(ord(char) < 128 for char in code) and code[:1] not in tuple("0123456789T") and "," not in code and "(" not in code


def words():
    """Texts that `is_a_word` is true of, and tuples of another length than two: names of attributes and modules, and of types."""
    types = ["str", "object", "float", "int", "void", "bytes", "unicode", "string", "datetime", "timedelta", "object_", "str_", "bool_", "int_", "intp", "longdouble", "clongdouble", "half", "e", "m", "rec", "record", "names", "str.format"]
    chance = random.Random(7)
    made = ["".join([chance.choice("abcdefimosuvmtOSUVMT_"[:15])] + [chance.choice("abdefgimosuvtOSUVMT_.") for _ in range(chance.randrange(1, 5))]) for _ in range(200)]
    tuples = [(), ("f8",), ("f8", False, True), (3, "<", None, None, None, -1, -1, 0), ("i4", 2, "O"), ("O",), ("T", "T", "T")]
    return types + made + ["tree_", "random_state", "numpy._core.multiarray", "_reconstruct", "alpha_W"] + tuples


def up_to(most, values):
    """Lists of so many arguments of these values: nothing but one of them, and some at random."""
    chance = random.Random(most)
    for count in range(most + 1):
        for _ in range(4 if count else 1):
            yield [[chance.choice(values)] for _ in range(count)]
    for item in values:
        yield [[item]] * chance.randrange(1, most + 1)


def numbers(kinds):
    """What `number` is true of: a few bytes, too."""
    return kinds["Plain"] + kinds["Few"]


def ranges(kinds):
    """What `ranges` is true of."""
    chance, values = random.Random(41), values_of(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray")
    some = [dict((key, chance.choice(values)) for key in RANGES if chance.random() < 0.8) for _ in range(120)]
    return some + [dict(zip(RANGES, numbers)) for numbers in ((None, 0, 10, 1), ("a", 5, -5, -2), (None, 0, 2 ** 62, 1), (None, 0, 10 ** 30, 1), (None, 0, 5, 0), (5, b"", 7, 1), (None, -(2 ** 63), 2 ** 63 - 1, 1))]


def nothing(kinds, names):
    return [[]]


CALLS = [
    row("(How::Made, ArrayWrapper | Complex | Estimator | Record, []) => shape", "N", lambda source, names: names.of("ArrayWrapper", "Complex", "Estimator") + records(names), nothing, "makes"),
    row("(How::Called, ArrayWrapper, _) => shape", "R", of("ArrayWrapper"),
        lambda kinds, names: [[]] + [[not_tried_again(kinds, names)] + more for more in up_to(6, all_values(kinds, names))], "makes"),
    # `range` of Python 2 is a function that makes a list.
    row("(How::Called, Range | Slice | Complex | Deque | Moment, args) if args.iter().all(number) => shape", "R", of("Slice", "Complex", "Deque", "Moment") if OLD else of("Range", "Slice", "Complex", "Deque", "Moment"),
        lambda kinds, names: [[numbers(kinds) + MOMENTS[:1 if OLD else None]] * n for n in range(5)], "makes"),
    row("(How::Called, Moment, [Val::Object(Some(Moment))]) => shape", "R", of("Moment"), lambda kinds, names: [[kinds["Object(Moment)"]]], "makes"),
    row("(How::Called, DType, [Val::Text(code), align] | [Val::Text(code), align, Val::Plain | Val::Few(_)]) if number(align) && says_no_fields(code) => { shape }", "R", of("DType"),
        lambda kinds, names: [[codes(kinds), [True, False, 5] + PLAIN_BYTES], [codes(kinds), [True, 0], [False, 1] + PLAIN_BYTES]], "makes"),
    row("(How::Called, DType, [Val::Name(Some(Type)), align, copy]) if number(align) && number(copy) => shape", "R", of("DType"), lambda kinds, names: [[classes(names, "Type"), numbers(kinds), numbers(kinds)]], "makes"),
    row("( How::Called, Array, [Val::Name(Some(ArrayClass)), Val::Lengths(Some(0)), Val::Plain | Val::Few(Some(b'b'))], ) => shape", "R", of("Array"),
        lambda kinds, names: [[classes(names, "ArrayClass"), EMPTY, kinds["Plain"] + [b"b"]]], "makes"),
    row("(How::Called, Array, [Val::Name(Some(ArrayClass)), Val::Lengths(Some(0)), Val::Text(of)]) if **of == *b\"b\" => { shape }", "R", of("Array"),
        lambda kinds, names: [[classes(names, "ArrayClass"), EMPTY, ["b", u"b"]]], "makes"),
    row("(How::Called, Array, [Val::Name(Some(ArrayWrapper)), Val::Lengths(Some(0)), Val::None]) => ArrayWrapper", "R", of("Array"), lambda kinds, names: [[classes(names, "ArrayWrapper"), EMPTY, [None]]], "makes"),
    row("( How::Called, ArrayBuffer, [Val::Few(_) | Val::Plain | Val::Bytes | Val::ByteArray, of, Val::Lengths(Some(_)), order], ) if order.is_no_class() && of.is_dtype_of_a_buffer() => shape", "R", of("ArrayBuffer"),
        lambda kinds, names: [[values_of(kinds, "Plain", "Few", "Bytes", "ByteArray"), values_of(kinds, "Object(DType)", "Structure", "Numbers", "Plain", "ByteArray") + codes(kinds)[:60] + words() + classes(names, "DType", "ArrayClass"), kinds["Lengths"],
                               ["C", "F", "K"] + no_class(kinds)]], "makes"),
    row("(How::Called, ArrayClass, [Val::Tuple(Some(lengths)), Val::Text(code), Val::None]) if **code == *b\"b\" && lengths.iter().all(number) => { shape }", "R", of("ArrayClass"),
        lambda kinds, names: [[[(), (0,), (3,), (2, 2), (-1,), (1.5,), (b"a",), (True, False)] + [(item,) for item in numbers(kinds)[:14]], ["b", u"b"], [None]]], "makes"),
    row("(How::Called, ArrayClass, [Val::Text(_), Val::Plain, Val::Plain]) => shape", "R", of("ArrayClass"),
        lambda kinds, names: [[kinds["Text"] + ["1,2;3,4", "(" * 200, "'a' None", "{}.x", "9" * 200, "1e999", "[1 'a']"] + ([] if OLD else [b"ab", b"\x7f\x7f\x7f\x7f"]), kinds["Plain"], kinds["Plain"]]], "makes"),
    row("(How::Called, Index, [Val::Name(Some(IndexClass)), Val::Dict(dict)]) if dict.pairs().ranges => shape", "R", of("Index"), lambda kinds, names: [[classes(names, "IndexClass"), ranges(kinds)]], "makes"),
    row("(How::Called, Scalar, [Val::Object(Some(DType)), Val::Plain | Val::Few(_) | Val::Bytes]) => shape", "R", of("Scalar"), lambda kinds, names: [[kinds["Object(DType)"], values_of(kinds, "Plain", "Few", "Bytes")]], "makes"),
    row("(How::Called, Scalar, [of, Val::Plain | Val::Few(_)]) if of.is_no_dtype() || matches!(of, Val::Name(Some(DType | ArrayClass))) => { return Some(Val::Wild); }", "R", of("Scalar"),
        lambda kinds, names: [[no_dtypes(kinds, names) + classes(names, "DType", "ArrayClass"), numbers(kinds)]], "makes"),
    row("(How::Called, LossUnpickler, [Val::Name(Some(LossFunction)), Val::Plain | Val::Few(_), state]) if matches!(state, Val::None) || matches!(state, Val::Tuple(Some(parts)) if parts.is_empty()) => { shape }", "R", of("LossUnpickler"),
        lambda kinds, names: [[classes(names, "LossFunction"), numbers(kinds) + SUMS, [None, ()]]], "makes"),
    row("(How::Called, SeedSequence, [Val::Name(Some(SeedSequenceClass)), Val::Plain | Val::Few(_), Val::None]) => shape", "R", of("SeedSequence"), lambda kinds, names: [[classes(names, "SeedSequenceClass"), numbers(kinds) + SUMS, [None]]], "makes"),
    row("(How::Called, BitGenerator, [Val::Name(Some(BitGeneratorClass))]) => shape", "R", of("BitGenerator"), lambda kinds, names: [[classes(names, "BitGeneratorClass")]], "makes"),
    row("(How::Called, RandomState, [Val::Object(Some(BitGenerator))]) => shape", "R", of("RandomState"), lambda kinds, names: [[bit_generators(names)]], "makes"),
    row("(How::Called, RandomState, [Val::Text(_), Val::Name(Some(BitGenerator))]) => shape", "R", of("RandomState"), lambda kinds, names: [[kinds["Text"] + ["MT19937", "PCG64"], classes(names, "BitGenerator")]], "makes"),
    raising("(Shape::Array, [class, ..]) => class.is_no_class() || matches!(class, Val::Object(Some(Shape::DType)))", "R", of("Array"),
            lambda kinds, names: [[no_class(kinds) + kinds["Object(DType)"]] + [all_values(kinds, names)] * n for n in range(4)]),
    raising("(Shape::ArrayBuffer, args) => args.len() < 4", "R", of("ArrayBuffer"), lambda kinds, names: [[]] + [[not_tried_again(kinds, names)] + [all_values(kinds, names)] * n for n in range(3)]),
    raising("(Shape::DType, [Val::ByteArray, rest @ ..]) => { rest.iter().all(|arg| arg.is_primitive() || matches!(arg, Val::Lengths(_))) }", "R", of("DType"),
            lambda kinds, names: [[kinds["ByteArray"]] + [values_of(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray", "Lengths")] * n for n in range(4)]),
    raising("(Shape::Latin1, [_, codec, ..]) => { matches!(codec, Val::Tuple(_) | Val::Lengths(_) | Val::List(_) | Val::Dict(_)) }", "R", of("Latin1"),
            lambda kinds, names: [[not_tried_again(kinds, names), values_of(kinds, "Tuple", "Lengths", "List", "Dict")] + [all_values(kinds, names)] * n for n in range(3)]),
    raising("(Shape::Tree, [features, classes, outputs]) => { let number = |val: &Val| matches!(val, Val::Plain | Val::Few(_)); let array = |val: &Val| matches!(val, Val::Object(Some(Shape::ArrayWrapper))); (number(features) || matches!(features, Val::Text(_))) && (number(classes) || array(classes)) && number(outputs)", "R", of("Tree"),
            lambda kinds, names: [[values_of(kinds, "Plain", "Few", "Text"), numbers(kinds) + [made for _, made in names.objects("ArrayWrapper")], numbers(kinds)]]),
]
# What of a closed list says nothing.
NOTHING = ["_ => return None"]


def no_class(kinds):
    return [item for kind in NO_CLASS for item in kinds[kind]]


def bit_generators(names):
    return [made for _, made in names.objects("BitGenerator")]


def no_dtypes(kinds, names):
    """What `is_no_dtype` is true of."""
    return [item for item in no_class(kinds) if numpy is None or not isinstance(item, numpy.dtype)] + [made for shape in ("Estimator", "IndexClass") for _, made in names.objects(shape)[:3]] + kinds["Object(ArrayClass)"]


def is_made(source, names, made, callee, shapes):
    """What is wrong with what was made by this, as an object of these shapes."""
    if isinstance(callee, type) and not isinstance(made, callee):
        return "what it makes is no object of the class"
    for shape in shapes:
        if shape not in source.shapes("may_make_functions") and callable(made):
            return "what it makes can be called"
        if shape not in source.shapes("may_make_texts") and isinstance(made, (str, TEXT)):
            return "what it makes is a text"
        if shape == "DType" and (made.names is not None or made.subdtype is not None):
            return "what it makes has fields"
        if shape in ("Array", "ArrayBuffer") and not isinstance(made, numpy.ndarray):
            return "what it makes is no array"
    return None


def checks(source, names, kinds, readers):
    """`(row, check)` of each row."""
    for one in CALLS:
        yield one, lambda say, one=one: check(one, source, names, kinds(), readers, say)


def check(one, source, names, kinds, readers, say):
    told, callees = set(), one.callees(source, names)
    for name, callee in callees:
        shapes = [shape for shape in names.names if any(found is callee for _, found in names.names[shape])]
        opcode = b"R" if one.how == "R" else b"\x81"
        for lists in one.args(kinds, names):
            for args in combinations(lists, max(20, 400 // len(callees))):
                what = "%s%s" % (name, shown(args)[1:])
                if not say(what):
                    continue
                for reader, read in readers:
                    data = value(0) + value(1) + opcode
                    outcome = goes_on(read, data, (callee, args)) if one.claim == "raises" else Outcome(lambda: read(data + b".", (callee, args)))
                    wrong = wrong_with(one, source, names, outcome, callee, args, shapes)
                    if wrong and (name, reader, wrong) not in told:
                        told.add((name, reader, wrong))
                        yield reader + wrong, "%s reader: %s: %s; it %s" % (reader, what, wrong, outcome.ended())


def wrong_with(one, source, names, outcome, callee, args, shapes):
    asked = [name for name in outcome.asked if name not in one.asked]
    if asked:
        return "asks what it was given for %s" % ", ".join(asked)
    if outcome.acted:
        return "acts: %s" % ", ".join(outcome.acted)
    if one.claim == "raises":
        return "does not raise" if outcome.made else None
    if outcome.raised is not None or "Val::Wild" in one.quote:
        return None
    # To numpy's function the class of what it makes is an argument.
    if one.quote.endswith("=> ArrayWrapper"):
        callee, shapes = args[0], ["ArrayWrapper"]
    return is_made(source, names, outcome.made, callee, shapes)
