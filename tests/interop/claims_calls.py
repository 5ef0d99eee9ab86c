"""What `calls.rs` says of calls, row by row: who is called, with which values, and what comes of it. For Python 2.7 and 3."""
import collections
import random

from claims_trials import Outcome, combinations, goes_on, shown, value
from claims_values import NO_CLASS, OLD, TEXT, StandIn, numpy

# `claim` is `makes` or `raises`; `how` has R if it is called and N if an object is made by its `__new__`; `args` gives lists of the values that each
# argument can be, from the kinds and the names; of the stand-ins that the row lets in, `asked` may be asked.
Row = collections.namedtuple("Row", "quote how callees args claim asked")
FLAT = ["None", "Text", "LongText", "Plain", "Bytes"]


def row(quote, how, callees, args, claim, asked=()):
    return Row(quote, how, callees, args, claim, asked)


def of(*shapes):
    return lambda source, names: names.of(*shapes)


def values_of(kinds, *wanted):
    return [item for kind in wanted for item in kinds[kind]]


def all_values(kinds, names):
    """Of each kind some, for arguments of which nothing is known."""
    some = [item for kind in sorted(kinds) for item in kinds[kind][:4]]
    return some + [StandIn(), int] + classes(names, "Estimator")[:1] + classes(names, "Offset")[:1] + [thing for _, thing in names.objects("Record")[:3]]


def of_no_class(kinds, names):
    """What `may_be_a_class` is false of."""
    return [item for kind in sorted(kinds) if kind != "Wild" for item in kinds[kind][:8]] + [thing for shape in ("Estimator", "Sparse", "Path", "ArrayWrapper", "Index") for _, thing in names.objects(shape)[:2]]


def of_no_text(kinds, names):
    """What `may_be_str` is false of."""
    texts = ("Text", "LongText", "Wild", "Object(Scalar)", "Object(Latin1)", "Object(Bytes)")
    return [item for kind in sorted(kinds) if kind not in texts for item in kinds[kind][:6] if not isinstance(item, (str, TEXT))]


def classes(names, *shapes):
    return [found for _, found in names.of(*shapes)]


def plain_dtypes(kinds):
    """What `is_plain_dtype` is true of."""
    return values_of(kinds, "None", "Plain") + codes(kinds)


def codes(kinds):
    """Texts that `says_no_fields` is true of."""
    chance = random.Random(5)
    made = ["".join(chance.choice("<>=|fiuOSUVMmbc?adTgpqlG[]s 0123456789x:{}.'\"") for _ in range(chance.randrange(1, 6))) for _ in range(300)]
    return [code for code in kinds["Text"] + made + ["f8", "<f8", "O", "M8[ns]", "M8[5s]", ">=i4", "T", "datetime64", "str"] if says_no_fields(code)]


def says_no_fields(code):
    code = code.decode("latin1") if isinstance(code, bytes) else code
    code = code[1:] if code[:1] in ("<", ">") and code else code
    code = code[1:] if code[:1] in ("=", "|") and code else code
    return not (code[:1] and code[:1] in "0123456789") and "," not in code and "(" not in code


def up_to(most, values):
    """Lists of so many arguments of these values: nothing but one of them, and some at random."""
    chance = random.Random(most)
    for count in range(most + 1):
        for _ in range(4 if count else 1):
            yield [[chance.choice(values)] for _ in range(count)]
    for item in values:
        yield [[item]] * chance.randrange(1, most + 1)


def nothing(kinds, names):
    return [[]]


def fewer_than(most):
    return lambda kinds, names: [[all_values(kinds, names)] * count for count in range(most)]


def made_of_nothing(source, names):
    return names.of(*sorted(source.shapes("is_made_of_nothing")))


CALLS = [
    row("(shape, []) if how == How::Made && shape.is_made_of_nothing() => made()", "N", made_of_nothing, nothing, "makes"),
    row("(Shape::NamedTuple, _) => made()", "RN", of("NamedTuple"), lambda kinds, names: up_to(8, all_values(kinds, names)), "makes"),
    row("(Shape::Estimator, args) if args.iter().all(|val| plain(val) || matches!(val, Val::Lengths(_))) => made()", "RN", of("Estimator"),
        lambda kinds, names: up_to(8, [None, "a", "1 2", True, 0, 2 ** 70, float("nan"), b"\xff", bytearray(9), "x" * 300, (2, 3), ()]), "makes"),
    row("(Shape::ArrayWrapper, _) => made()", "RN", of("ArrayWrapper"), lambda kinds, names: up_to(7, all_values(kinds, names)), "makes"),
    row("(Shape::Range | Shape::Slice | Shape::Complex | Shape::Deque, args) if args.iter().all(plain) => made()", "RN", of("Slice", "Complex", "Deque") if OLD else of("Range", "Slice", "Complex", "Deque"),
        lambda kinds, names: [[values_of(kinds, *FLAT)] * n for n in range(4)], "makes"),
    row("(Shape::Moment, args) if args.iter().all(|val| plain(val) || matches!(val, Val::Object(Some(Shape::Moment)))) => { made() }", "RN", of("Moment"),
        lambda kinds, names: [[values_of(kinds, "Object(Moment)", *FLAT) + [b"\7\xe4\1" + b"\xff" * 7, b"\xff" * 6, b"\0\0\1\0\0\0\0\0\0\0"]] * n for n in range(5)], "makes"),
    row("(Shape::DType, [Val::Text(code), Val::Plain] | [Val::Text(code), Val::Plain, Val::Plain]) if says_no_fields(code) => { made() }", "RN", of("DType"),
        lambda kinds, names: [[codes(kinds), [True, False, 5, b"a"]], [codes(kinds), [True, 0], [False, 1, b""]]], "makes"),
    row("(Shape::DType, [Val::Name(Some(Shape::Type)), Val::Plain, Val::Plain]) => made()", "RN", of("DType"), lambda kinds, names: [[classes(names, "Type"), kinds["Plain"][:3], kinds["Plain"][:3]]], "makes"),
    row("(Shape::Array, [Val::Name(Some(Shape::ArrayClass)), Val::Tuple(_), of]) if of.is_plain_dtype() => made()", "R", of("Array"),
        lambda kinds, names: [[classes(names, "ArrayClass"), kinds["Tuple"] + kinds["Lengths"] + [(0,), (3,), (5, True), (1.5,), ("a",), (StandIn(), 1)], plain_dtypes(kinds)[:40]]], "makes", ["__index__", "__int__"]),
    row("(Shape::Array, [Val::Name(Some(class @ (Shape::ArrayWrapper | Shape::ColumnType))), Val::Tuple(_), Val::None],) => Outcome::Makes(Val::Object(Some(*class)))", "R", of("Array"),
        lambda kinds, names: [[classes(names, "ArrayWrapper", "ColumnType"), kinds["Tuple"] + kinds["Lengths"], [None]]], "makes", ["__index__", "__int__"]),
    row("(Shape::Array, args) if !args.first().is_some_and(Val::may_be_a_class) => Outcome::Raises", "R", of("Array"),
        lambda kinds, names: [[]] + [[of_no_class(kinds, names)] + [all_values(kinds, names)] * n for n in range(4)], "raises"),
    row("(Shape::ArrayBuffer, [Val::Plain | Val::Bytes, of, Val::Lengths(_), order]) if (dtype(of) || of.is_plain_dtype() || matches!(of, Val::Numbers) || name(of)) && (order.is_no_class() || name(order)) => { made() }",
        "R", of("ArrayBuffer"), lambda kinds, names: [[values_of(kinds, "Plain", "Bytes"), values_of(kinds, "Object(DType)", "Structure", "Numbers") + plain_dtypes(kinds)[:40] + some_names(names), kinds["Lengths"],
                                                      ["C", "F", "K"] + values_of(kinds, "None", "Text", "Plain", "Numbers", "Dict", "List", "Tuple")]], "makes"),
    row("(Shape::ArrayBuffer, args) if args.len() < 4 => Outcome::Raises", "R", of("ArrayBuffer"), fewer_than(4), "raises"),
    row("(Shape::Scalar, [Val::Object(Some(Shape::DType)), val]) if plain(val) && !val.may_be_str() || matches!(val, Val::Object(Some(Shape::Latin1))) => { made() }", "R", of("Scalar"),
        lambda kinds, names: [[kinds["Object(DType)"], values_of(kinds, "None", "Plain", "Bytes", "Object(Latin1)")]], "makes"),
    row("(Shape::Scalar, [of, ..]) if of.is_no_dtype() || name(of) => Outcome::Makes(Val::Wild)", "R", of("Scalar"),
        lambda kinds, names: [[no_dtypes(kinds, names)] + [all_values(kinds, names)] * n for n in range(3)], "makes"),
    row("(Shape::ArrayClass, [Val::Text(_), Val::Plain] | [Val::Text(_), Val::Plain, Val::Plain]) => made()", "RN", of("ArrayClass"),
        lambda kinds, names: [[kinds["Text"] + ["1,2;3,4", "(" * 200, "'a' None", "{}.x", "9" * 200, "1e999"], kinds["Plain"]], [kinds["Text"] + ["[1 'a']"], kinds["Plain"], kinds["Plain"]]], "makes"),
    row("(Shape::ArrayClass, [_, Val::Tuple(_) | Val::Lengths(_), Val::Lengths(_), Val::Text(_)]) => Outcome::Raises", "RN", of("ArrayClass"),
        lambda kinds, names: [[all_values(kinds, names), kinds["Tuple"] + kinds["Lengths"], kinds["Lengths"], kinds["Text"]]], "raises"),
    row("(Shape::BitGenerator, [Val::Name(Some(Shape::BitGeneratorClass))]) => made()", "R", of("BitGenerator"), lambda kinds, names: [[classes(names, "BitGeneratorClass")]], "makes"),
    row("(Shape::RandomState, [Val::Object(Some(Shape::BitGenerator))]) => made()", "R", of("RandomState"), lambda kinds, names: [[bit_generators(names)]], "makes"),
    row("(Shape::RandomState, [Val::Text(_), Val::Name(Some(Shape::BitGenerator))]) => made()", "R", of("RandomState"),
        lambda kinds, names: [[kinds["Text"] + ["MT19937", "PCG64"], classes(names, "BitGenerator")]], "makes"),
    row("(Shape::SeedSequence, [Val::Name(Some(Shape::SeedSequenceClass)), Val::Plain, Val::None])", "R", of("SeedSequence"),
        lambda kinds, names: [[classes(names, "SeedSequenceClass"), kinds["Plain"] + checksums(names, "SeedSequence"), [None]]], "makes"),
    row("(Shape::ColumnUnpickler, [Val::Name(Some(Shape::Column)), Val::Plain, Val::None]) => made()", "R", of("ColumnUnpickler"),
        lambda kinds, names: [[classes(names, "Column"), kinds["Plain"] + checksums(names, "ColumnUnpickler"), [None]]], "makes"),
    row("(Shape::Tree, args) if !matches!(args, [_, classes, _] if matches!(classes, Val::None) || classes.may_be_an_array()) => { Outcome::Raises }", "RN", of("Tree"),
        lambda kinds, names: [[all_values(kinds, names)] * n for n in (0, 1, 2, 4)] + [[[1, 2, True], no_arrays(kinds, names), [1, 2]]], "raises"),
    row("(Shape::Ufunc, args) if !matches!(args, [module, name] if module.may_be_str() && name.may_be_str()) => { Outcome::Raises }", "R", of("Ufunc"),
        lambda kinds, names: [[all_values(kinds, names) + ["claims_not_there"]] * n for n in (0, 1, 3)] + [[["claims_not_there", "a", 5, None], of_no_text(kinds, names)], [of_no_text(kinds, names), ["a", None]]], "raises"),
    row("(Shape::Latin1, [_, codec, ..]) if args.len() > 3 || !codec.may_be_str() => Outcome::Raises", "R", of("Latin1"),
        lambda kinds, names: [[all_values(kinds, names), of_no_text(kinds, names)] + [["strict", 5]] * n for n in range(2)] + [[["a", b"a"], ["latin1", "claims_not_there"], ["strict"], all_values(kinds, names)]], "raises"),
    row("(Shape::Reconstructor, args) if !matches!(args, [class, base, _] if !(base.is_no_class() && class.is_no_class_of_values())) => { Outcome::Raises }", "R", of("Reconstructor"),
        lambda kinds, names: [[all_values(kinds, names) + [object]] * n for n in (0, 1, 2, 4)] + [[[None, 5], kinds["Numbers"], kinds["Numbers"]], [no_class(kinds) + classes(names, "Estimator")[:2] + classes(names, "Tree"), no_class(kinds), all_values(kinds, names) + kinds["Numbers"]]], "raises"),
]


def no_class(kinds):
    return [item for kind in NO_CLASS for item in kinds[kind]]


def some_names(names):
    chance, found = random.Random(3), [found for _, found in names.all()]
    return [chance.choice(found) for _ in range(60)]


def bit_generators(names):
    return [made for _, made in names.objects("BitGenerator")]


def no_dtypes(kinds, names):
    """What `is_no_dtype` is true of, and names."""
    return [item for item in no_class(kinds) if numpy is None or not isinstance(item, numpy.dtype)] + [made for shape in ("Estimator", "IndexClass") for _, made in names.objects(shape)[:3]] + kinds["Object(ArrayClass)"] + some_names(names)


def no_arrays(kinds, names):
    """What `may_be_an_array` is false of, but None: arrays of numbers are among it."""
    plain = [item for kind in sorted(kinds) if kind not in ("None", "Wild", "Object(Array)", "Object(ArrayClass)", "Object(ArrayBuffer)") for item in kinds[kind]]
    return plain + ([numpy.array([2], dtype=numpy.intp)] if numpy is not None else []) + [made for shape in ("Estimator", "Tree", "ArrayWrapper") for _, made in names.objects(shape)[:2]]


def checksums(names, shape):
    """Those that an object of each class is written with here."""
    found = []
    for _, made in names.objects("Column" if shape == "ColumnUnpickler" else shape):
        try:
            reduced = made.__reduce__()[1]
        except Exception:
            continue
        found += [part for part in reduced if isinstance(part, int) and part > 1000]
    return found


def is_made(source, names, made, shapes):
    """What is wrong with what was made, as an object of these shapes."""
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
    told = set()
    for name, callee in one.callees(source, names):
        shapes = [shape for shape in names.names if any(found is callee for _, found in names.names[shape])]
        ways = [("called", lambda args: callee(*args))] if "R" in one.how else []
        if "N" in one.how and isinstance(callee, type):
            ways.append(("made", lambda args: callee.__new__(callee, *args)))
        for lists in one.args(kinds, names):
            for args in combinations(lists, max(20, 400 // max(1, len(one.callees(source, names))))):
                what = "%s%s" % (name, shown(args)[1:])
                if not say(what):
                    continue
                for way, do in ways:
                    outcome = Outcome(lambda: do(args))
                    wrong = wrong_with(one, source, names, outcome, shapes)
                    if wrong and (name, way, wrong) not in told:
                        told.add((name, way, wrong))
                        yield wrong, "%s %s: %s; it %s" % (way, what, wrong, outcome.ended())
                # Readers that make something else of a call that raises.
                if one.claim == "raises" and "R" in one.how:
                    for reader, read in readers:
                        outcome = goes_on(read, value(0) + value(1) + b"R", (callee, args))
                        if outcome.made and (name, reader) not in told:
                            told.add((name, reader))
                            yield reader, "%s reader goes on behind %s" % (reader, what)


def wrong_with(one, source, names, outcome, shapes):
    asked = [name for name in outcome.asked if name not in one.asked]
    if asked:
        return "asks what it was given for %s" % ", ".join(asked)
    if outcome.acted:
        return "acts: %s" % ", ".join(outcome.acted)
    if one.claim == "raises":
        return "does not raise" if outcome.raised is None else None
    return None if outcome.raised is not None or "Val::Wild" in one.quote else is_made(source, names, outcome.made, shapes)
