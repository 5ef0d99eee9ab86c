"""What `states.rs`, and BUILD in `acts.rs`, say of states: what they are given to, which values they are, and what comes of it. For Python 2.7 and 3."""
import collections
import itertools
import random

from claims_calls import all_values, classes, values_of
from claims_trials import goes_on, shown, value
from claims_values import CHARARRAY, NO_CLASS, TEXT, StandIn, numpy

# `pairs` gives `(name, how to make the object, state)`; `claim` is `harmless` or `raises`: then no reader goes on. Stand-ins may be `asked`.
Row = collections.namedtuple("Row", "file quote pairs claim asked")


def row(quote, pairs, claim="harmless", file="states.rs", asked=()):
    return Row(file, quote, pairs, claim, asked)


def is_hook(key):
    return isinstance(key, (str, TEXT)) and (key.startswith("__") or key in ("append", "extend", "add", "close", "keys"))


def keys_of(cls):
    """Keys that its objects, its methods or others know."""
    own = [name for name in dir(cls) if not is_hook(name)]
    return own + ["a", "steps", "estimators_", "categories", "coords", "row", "col", "data", "freq", "unit", "tz", "maps", "_sklearn_version"] + [5, None, b"a", 1.5, (1, 2)]


def bare(kinds):
    """Values without attributes; of containers it is not looked what is in them."""
    return values_of(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray", "Numbers", "Dict", "List", "Set", "Tuple", "Lengths", "DTypeState", "Structure") + [
        item for kind in kinds if kind.startswith("Object(") for item in kinds[kind][:6]]


def states_of(cls, values):
    """Dicts of all keys: with one value each, and with some at random."""
    chance, keys = random.Random(7), keys_of(cls)
    for item in values:
        yield dict.fromkeys(keys, item)
    for _ in range(12):
        yield {key: chance.choice(values) for key in keys if chance.random() < 0.5}


def dicts(shapes, values, most=None):
    """Each object of these shapes, with such states."""
    def pairs(names, kinds):
        for shape in shapes:
            for name, made in names.objects(shape)[:most]:
                for state in states_of(type(made), values(kinds, names)):
                    yield name, again(made), plain_version(state)
    return pairs


def plain_version(state):
    """The version is a text, a number or bytes: scikit-learn writes it out."""
    if "_sklearn_version" in state:
        state["_sklearn_version"] = ("0.1", 5, b"\xff", None)[len(state) % 4]
    return state


def again(made):
    """How to make another one."""
    def make():
        try:
            # A bit generator has its memory from its `__init__`.
            return type(made)() if hasattr(made, "capsule") else type(made).__new__(type(made))
        except Exception:
            return made
    return make


def given(shapes, states):
    """Each object of these shapes with each of these states."""
    return lambda names, kinds: ((name, again(made), state) for shape in shapes for name, made in names.objects(shape) for state in states(names, kinds))


def some(values, count=60):
    chance = random.Random(11)
    return [chance.choice(values) for _ in range(count)]


def generator_states(names, kinds):
    """What is like the state of a bit generator, with one thing or another in its place."""
    chance, more = random.Random(17), values_of(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray", "Numbers")
    for _ in range(150):
        inner = {"key": numpy.zeros(624, "u4"), "pos": 5, "state": 5, "inc": 7, "counter": numpy.zeros(4, "u8")}
        state = {"bit_generator": chance.choice(["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64", "Other"]), "state": inner, "has_uint32": 0, "uinteger": 0, "has_gauss": 0, "gauss": 0.0, "buffer": numpy.zeros(4, "u8"), "buffer_pos": 4}
        for part in (inner, state):
            for key in chance.sample(sorted(part), chance.randrange(3)):
                if chance.random() < 0.2:
                    part.pop(key)
                else:
                    part[key] = chance.choice(more)
        yield state


def generator_tuples(names, kinds):
    seeds = [made for _, made in names.objects("SeedSequence")]
    return [(state, random.Random(len(state)).choice(seeds)) for state in generator_states(names, kinds)] if seeds else []


def seed_tuples(names, kinds):
    chance, parts = random.Random(19), values_of(kinds, "Object(Array)", "Object(ArrayClass)", "Object(ArrayBuffer)", *NO_CLASS)
    for _ in range(300):
        yield tuple(chance.choice(parts) if chance.random() < 0.5 else part for part in (5, 0, numpy.zeros(4, "u4"), 4, ()))[:chance.choice([5, 5, 5, 6, 2, 1, 0])] + ((chance.choice(parts),) if chance.random() < 0.2 else ())


def fresh_arrays():
    return [("_reconstruct of %s" % cls.__name__, lambda cls=cls: numpy.ndarray.__new__(cls, (0,), "S1" if cls is CHARARRAY else "b")) for cls in (numpy.ndarray, numpy.matrix, numpy.recarray, CHARARRAY)]


def states_of_arrays(names, kinds):
    """What `is_state_of_an_array` is true of: where there is a list, it is as long as the array."""
    chance = random.Random(23)
    for _ in range(800):
        lengths = chance.choice([(2,), (0,), (), (2, 3), (1, 1), (5,)])
        count = 1
        for length in lengths:
            count *= length
        dtype = chance.choice(kinds["Object(DType)"] + (kinds["Structure"] if chance.random() < 0.4 else []))
        data = [StandIn()] * count
        if chance.random() < 0.6 or dtype.names or dtype.subdtype:
            data = chance.choice(values_of(kinds, "Plain", "Few", "Bytes") + [b"\0" * (count * dtype.itemsize), b"\xff" * (count * dtype.itemsize)])
        name, make = chance.choice(fresh_arrays())
        yield name, make, (chance.choice(kinds["Plain"]), lengths, dtype, chance.choice(kinds["Plain"]), data)


def wrong_dtype_states(names, kinds):
    """What `Fields::of` says is wrong: an order that is none, names that are no tuple, fields that are no dict, or one of both alone."""
    some_dict, chance = {"a": (numpy.dtype("i4"), 0)}, random.Random(29)
    others = values_of(kinds, "Text", "LongText", "Plain", "Few", "Numbers", "List", "Set", "Bytes", "ByteArray")
    for code in ("f8", "V4", "O", "i4"):
        for _ in range(100):
            order, named, fields = chance.choice([("|", None, some_dict), ("|", ("a",), None), ("|", chance.choice(others), some_dict), ("|", ("a",), chance.choice(others)), ("||", ("a",), some_dict), ("", None, None), (None, ("a",), some_dict), ((1,), None, None)])
            for copy in (False, True):
                yield "dtype", lambda code=code, copy=copy: numpy.dtype(code, False, copy), (3, order, None, named, fields, 4, 1, 16)


def placed_dtypes(names, kinds):
    """Arrays of dtypes with fields that lie inside of them, whose names and keys are anything."""
    chance, keys = random.Random(47), ["a", "b", u"\xe9", "", 5, None, b"a", (1,), 1.5]
    for _ in range(400):
        named = tuple(chance.choice(keys) for _ in range(chance.randrange(4)))
        fields = {key: chance.choice([(numpy.dtype("i4"), 0), (numpy.dtype("i4"), 4), (numpy.dtype("u1"), 7, "a"), (numpy.dtype("u1"), 0, None), (numpy.dtype(("u1", (2,))), 0)]) for key in chance.sample(keys, chance.randrange(4)) + list(named[:2])}
        dtype = numpy.dtype("V8", False, True)
        try:
            dtype.__setstate__((chance.choice([3, 4]), "|", None, named, fields, 8, 1, chance.choice([0, 16])))
            hash(dtype)
        except Exception:
            pass
        name, make = chance.choice(fresh_arrays())
        yield name, make, (1, (2,), dtype, False, b"\0" * 16)


def no_tuples(names, kinds):
    """Dtypes, and states that `may_be_tuple` is false of."""
    states = values_of(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray", "Numbers", "Dict", "List", "Set", "Structure", "Mark", "Object(ArrayClass)") + [made for _, made in names.objects("ArrayWrapper")] + some([found for _, found in names.all()], 20)
    return (("dtype", lambda dtype=dtype: dtype, state) for dtype in kinds["Object(DType)"] + kinds["Structure"] for state in states)


def no_class(names, kinds):
    """Python's own values and arrays of numbers, with what may be empty: long tuples, too."""
    values = [item for kind in sorted(NO_CLASS) if kind not in ("Structure", "Number", "Numbers", "Dict") for item in kinds[kind][:8]]
    flat = values_of(kinds, "None", "Plain", "Few", "Bytes", "ByteArray", "LongText", "Numbers", "Dict", "List", "Set")
    chance = random.Random(41)
    states = flat + ["", ()] + [(chance.choice(flat), chance.choice(flat)) for _ in range(40)] + [tuple(chance.choice(flat) for _ in range(count)) for count in range(9, 14)]
    of_python = (("a value", lambda made=made: made, state) for made in values for state in states if chance.random() < 0.5)
    functions = [found for _, found in names.of("Array", "ArrayBuffer", "Block", "Index")]
    of_functions = (("a function", lambda made=made: made, state) for made in functions for state in kinds["Numbers"])
    return itertools.chain(of_python, of_functions)


STATES = [
    row("(shape, Val::Dict(dict)) => are_attributes(shape, dict.pairs()), ... _ if pairs.hooks || pairs.puts > MOST_ATTRIBUTES => false ... Shape::Estimator | Shape::Record => !pairs.version",
        dicts(["Estimator"], lambda kinds, names: [StandIn(), {"a": StandIn()}])),
    row("Shape::Sparse => true", dicts(["Sparse"], lambda kinds, names: [StandIn(), {"a": StandIn()}, (StandIn(),)] + some(bare(kinds), 12) + classes(names, "Type")[:2])),
    row("(Shape::BitGenerator, Val::Tuple(Some(parts))) => match &**parts { [Val::Dict(numbers), Val::Object(Some(Shape::SeedSequence))] => intact && numbers.pairs().plain", given(["BitGenerator"], generator_tuples)),
    row("(Shape::SeedSequence, Val::Tuple(Some(parts))) => { let is_array = |part: &Val| matches!(part, Val::Object(Some(shape)) if shape.has_memory()); parts.iter().all(|part| part.is_no_class() || is_array(part)) }",
        given(["SeedSequence"], seed_tuples)),
    row("""let [Val::Plain, Val::Lengths(Some(size)), dtype, Val::Plain, data] = &**parts else { return false }; match (dtype, data) {
        (Val::Object(Some(Shape::DType)) | Val::Namesake | Val::Structure, Val::Plain | Val::Few(_) | Val::Bytes) => { true }
        (Val::Object(Some(Shape::DType)) | Val::Namesake, Val::List(items)) => items.are(*size)""", states_of_arrays),
    row("if is_state_of_an_array(state) && let Some(Val::List(items)) = elements {return items.inert()", states_of_arrays),
    row("Val::DTypeState(Fields::Wrong) => Val::Object(Some(Shape::DType))", wrong_dtype_states, file="acts.rs"),
    row("Val::DTypeState(Fields::Placed) => Val::Structure", placed_dtypes, file="acts.rs"),
    row("Val::Object(Some(Shape::DType)) | Val::Structure if state.val.may_be_tuple() => return bad(\"a dtype\") ... val @ (Val::Object(Some(Shape::DType)) | Val::Structure) => val", no_tuples, file="acts.rs"),
    row("val @ Val::Object(Some(Shape::ArrayWrapper)) if self.parts != Parts::Elements && matches!(&state.val, Val::Dict(dict) if !dict.pairs().hooks) => { val }",
        dicts(["ArrayWrapper"], lambda kinds, names: all_values(kinds, names)), file="acts.rs"),
    row("val if (val.is_of_python() && state.val.may_be_nothing()) ... || (val.is_a_function() && matches!(state.val, Val::Numbers)) => {", no_class, file="acts.rs"),
]
NEEDS_NUMPY = (states_of_arrays, wrong_dtype_states, placed_dtypes, no_tuples)


def checks(source, names, kinds, readers):
    """`(row, check)` of each row."""
    for one in STATES:
        if numpy is not None or one.pairs not in NEEDS_NUMPY:
            yield one, lambda say, one=one: check(one, names, kinds(), readers, say)


def check(one, names, kinds, readers, say):
    told = set()
    for name, make, state in one.pairs(names, kinds):
        what = "%s given %s" % (name, shown(state))
        if not say(what):
            continue
        for reader, read in readers:
            target = make()
            before, looked = dict(vars(type(target))), looks(target)
            copied = dict(state) if type(state) is dict else state
            outcome = goes_on(read, value(0) + value(1) + b"b", (target, copied))
            asked = [asked for asked in outcome.asked if asked not in one.asked]
            wrong = ("asks what it was given for %s" % ", ".join(asked) if asked else "acts: %s" % ", ".join(outcome.acted) if outcome.acted else "does not stop" if one.claim == "raises" and outcome.made
                     else "changes its class" if dict(vars(type(target))) != before else "changes it" if one.pairs is no_class and looks(target) != looked else None)
            if wrong and (name, reader, wrong) not in told:
                told.add((name, reader, wrong))
                yield reader + wrong, "%s reader: %s; it %s" % (reader, what, wrong)


def looks(target):
    """What is in a value of Python's own, or in an array of numbers."""
    if numpy is not None and isinstance(target, numpy.ndarray):
        return target.dtype, target.shape, target.tobytes() if hasattr(target, "tobytes") else target.tostring(), sorted(vars(target)) if hasattr(target, "__dict__") else None
    return shown(target, 1000) if type(target) in (list, dict, set, bytearray, tuple, bytes, str) else None
