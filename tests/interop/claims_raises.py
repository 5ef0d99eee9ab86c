"""What `raises.rs` says that raises in every reader, and where `acts.rs` and `step.rs` say that something is put into a thing and nothing else happens: the
same opcodes, with the values of which each function is true. For Python 2.7 and 3."""
import collections
import random

from claims_calls import TRIED_AGAIN, all_values, classes, not_tried_again, values_of
from claims_trials import shown, value
from claims_values import NO_CLASS, StandIn, numpy

REDUCE, NEWOBJ, NEWOBJ_EX = b"R", b"\x81", b"\x92"
UNCALLED = ["ArrayClass", "ArrayWrapper", "DType", "Deque", "Estimator", "Namespace", "OrderedDict", "SeedSequence"]
OF_PYTHON = [kind for kind in NO_CLASS if kind not in ("Number", "Numbers", "Dict", "Structure")]


def pushed(count):
    return b"".join(value(index) for index in range(count))


def of_kinds(kinds, *wanted):
    return [("%s: %s" % (kind, shown(item)), item) for kind in wanted for item in kinds.get(kind, [])]


def objects_of(names, kinds, *shapes):
    """Objects of these shapes: of the classes there are, and values of Python's and numpy's own."""
    made = [("an object of " + name, made) for shape in shapes for name, made in names.objects(shape)]
    return made + of_kinds(kinds, *["Object(%s)" % shape for shape in shapes])


# Attributes that a file may give a wrapper: what a dict, a list or an array has, but for hooks.
ATTRIBUTES = ["shape", "dtype", "order", "subclass", "items", "values", "get", "pop", "update", "copy", "index", "count", "read", "a"]


def wrappers(names):
    """Wrappers as they are made, and with attributes of a file's choice."""
    found = [made for _, made in names.objects("ArrayWrapper")]
    for made in [type(made).__new__(type(made)) for made in found]:
        made.__dict__.update((name, StandIn()) for name in ATTRIBUTES)
        found.append(made)
    return found


def functions(names):
    """What `is_a_function` is true of."""
    return names.of("Array", "ArrayBuffer", "Block", "Index")


def not_iterated(names, kinds):
    """What `is_not_iterated` is true of."""
    return functions(names) + objects_of(names, kinds, "ArrayWrapper", "DType")


def uncalled(names, kinds):
    """What `can_not_be_called` is true of."""
    return of_kinds(kinds, *NO_CLASS) + objects_of(names, kinds, *UNCALLED)


def chosen(values, count, chance):
    return values if len(values) <= count else chance.sample(values, count)


def calls(source, names, kinds):
    """Each is called with what is not tried again, and more."""
    chance, first, more = random.Random(2), not_tried_again(kinds, names), all_values(kinds, names)
    for name, thing in uncalled(names, kinds):
        for given in [()] + [(item,) + tuple(chance.choice(more) for _ in range(chance.randrange(3))) for item in chosen(first, 40, chance)]:
            yield "%s called with %s" % (name, shown(given)), pushed(2) + REDUCE, (thing, given)
            yield "%s called with %s by OBJ" % (name, shown(given)), b"(" + pushed(1 + len(given)) + b"o", (thing,) + given


def calls_by_obj(source, names, kinds):
    """Each is called by OBJ, of which no reader has a second try, with anything."""
    chance, more = random.Random(5), all_values(kinds, names)
    for name, thing in uncalled(names, kinds):
        for count in (0, 1, 2, 9, 12):
            given = tuple(chance.choice(more) for _ in range(count))
            yield "%s called with %s by OBJ" % (name, shown(given)), b"(" + pushed(1 + count) + b"o", (thing,) + given


def first_arguments(source, names, kinds):
    """What can not be called, with each name and each kind of thing as its first argument."""
    for thing in (None, 5, "a", {}, []):
        for item in not_tried_again(kinds, names):
            yield "%s called with %s" % (shown(thing), shown(item)), pushed(2) + REDUCE, (thing, (item,))
            yield "%s called with %s and more" % (shown(thing), shown(item)), pushed(2) + REDUCE, (thing, (item, 5))


def calls_with_no_tuple(source, names, kinds):
    chance, given = random.Random(3), [None] + kinds["Plain"] + kinds["Few"] + wrappers(names) + [item for _, item in not_iterated(names, kinds)]
    written = of_kinds(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray", "Mark") + ([("Object(DType)", item) for item in kinds["Object(DType)"]] if numpy is not None else [])
    for name, thing in written:
        for item in chosen(given, 12, chance):
            yield "%s called with %s" % (name, shown(item)), pushed(2) + REDUCE, (thing, item)


def plain_dicts(kinds):
    """Dicts whose values are numbers, texts and arrays of numbers; pandas may ask for the value of 0."""
    values = values_of(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray", "Numbers")
    made = [{}, collections.OrderedDict()] + [{0: item} for item in values]
    return made + [collections.OrderedDict([(0, item), ("a", item)]) for item in values] + [{item: 5} for item in ("a", b"zz", int, None, (1, 2), StandIn())]


def calls_with_numbers(source, names, kinds):
    """Each is called with an array, bytes or a text, whose items are the arguments."""
    chance, given = random.Random(6), values_of(kinds, "Numbers", "Bytes", "Text", "LongText", "Set") + plain_dicts(kinds)
    for name, thing in uncalled(names, kinds):
        for item in chosen(given, 12, chance):
            yield "%s called with %s" % (name, shown(item)), pushed(2) + REDUCE, (thing, item)


def blocks_called_with_numbers(source, names, kinds):
    given = kinds["Numbers"] + ([] if numpy is None else [numpy.array(items, code) for code in ("i8", "f8", "u1", "?", "c16", "M8[ns]", "m8[s]", "U3", "S3") for items in ([0, 1, 1], [0, 1, 2], [1, 0, 0], [5, 2, 1], [[5], [0], [1]], [[[5]], [[0]], [[1]]], [[5], [0]], [[5, 6], [0, 1], [1, 1]])])
    for name, thing in names.of("Block"):
        for item in given:
            yield "%s called with %s" % (name, shown(item)), pushed(2) + REDUCE, (thing, item)


def objects_of_values(source, names, kinds):
    """Python's own values where a class is wanted, with any that is no class for the arguments, and any keywords."""
    chance, more = random.Random(4), all_values(kinds, names)
    keywords = values_of(kinds, *NO_CLASS) + wrappers(names) + [item for _, item in not_iterated(names, kinds)]
    given = keywords
    for name, thing in of_kinds(kinds, "Dict", "Number", *OF_PYTHON) + functions(names) + objects_of(names, kinds, "DType"):
        for item in [(), (thing,), (thing, thing)] + chosen(given, 40, chance) + [(item,) for item in chosen(more, 20, chance)]:
            yield "an object of %s called with %s" % (name, shown(item)), pushed(2) + NEWOBJ, (thing, item)
            yield "an object of %s called with %s and keywords" % (name, shown(item)), pushed(3) + NEWOBJ_EX, (thing, item, chance.choice(keywords))


def objects_of_nothing_iterated(source, names, kinds):
    """An array or a column where a class is wanted, with arguments that can not be iterated."""
    for name, thing in of_kinds(kinds, "Numbers") + objects_of(names, kinds, "Column"):
        for item in wrappers(names) + [item for _, item in not_iterated(names, kinds)]:
            yield "an object of %s called with %s" % (name, shown(item)), pushed(2) + NEWOBJ, (thing, item)
            yield "an object of %s called with %s and keywords" % (name, shown(item)), pushed(3) + NEWOBJ_EX, (thing, item, {})


def objects_of_arrays(source, names, kinds):
    """An array where a class is wanted, with no arguments, a number or a few bytes, and with keywords."""
    for name, thing in of_kinds(kinds, "Numbers"):
        for item in [None, {}, collections.OrderedDict()] + kinds["Plain"] + kinds["Few"]:
            yield "an object of %s called with %s" % (name, shown(item)), pushed(2) + NEWOBJ, (thing, item)
            for keywords in ({}, {"dtype": "i4"}, {"data": 5}):
                yield "an object of %s called with %s and keywords" % (name, shown(item)), pushed(3) + NEWOBJ_EX, (thing, item, keywords)


def blocks_of_functions(source, names, kinds):
    for name, thing in names.of("Blocks"):
        for item in [item for _, item in functions(names)]:
            yield "an object of %s called with %s" % (name, shown(item)), pushed(2) + NEWOBJ, (thing, item)
            yield "an object of %s called with %s and keywords" % (name, shown(item)), pushed(3) + NEWOBJ_EX, (thing, item, {})


def objects_of_objects(source, names, kinds):
    """What `has_the_plain_new` is true of, where a class is wanted, with any tuple and any keywords."""
    chance, more = random.Random(6), all_values(kinds, names)
    for name, thing in objects_of(names, kinds, "Deque", "Estimator", "Namespace", "OrderedDict"):
        for item in [(), (thing,)] + [tuple(chosen(more, count, chance)) for count in (1, 1, 2, 3)]:
            yield "an object of %s called with %s" % (name, shown(item)), pushed(2) + NEWOBJ, (thing, item)
            yield "an object of %s called with %s and keywords" % (name, shown(item)), pushed(3) + NEWOBJ_EX, (thing, item, {"a": StandIn()})


def objects_of_nothing(source, names, kinds):
    """What `is_made_of_something` is true of."""
    things = of_kinds(kinds, "Numbers", "Structure") + objects_of(names, kinds, "ArrayClass", "BitGenerator", "DType", "RandomState") + names.of("Array", "ArrayBuffer", "ArrayClass", "DType", "Latin1")
    for name, thing in things:
        yield "an object of %s, with nothing" % name, pushed(2) + NEWOBJ, (thing, ())


def keywords(source, names, kinds):
    """What `has_no_keys` is true of, but dicts, for keywords of what raises, if it is called."""
    for name, thing in of_kinds(kinds, *[kind for kind in NO_CLASS if kind != "Dict"]) + not_iterated(names, kinds):
        for callee in (int, dict) + tuple(classes(names, "Estimator")[:2]):
            yield "an object of %s with %s for keywords" % (shown(callee), name), pushed(3) + NEWOBJ_EX, (callee, (), thing)


def puts(opcodes, things):
    """Something is put into each of these."""
    def trials(source, names, kinds):
        for name, thing in things(names, kinds):
            for opcode in opcodes:
                for item in (StandIn(), 5, "a", numpy, None):
                    yield "%s is put into %s by %r" % (shown(item), name, opcode), (pushed(2) if opcode == b"a" else value(0) + b"(" + value(1)) + opcode, (thing, item)
    return trials


# What has no `append`, `extend` or `add`, whatever it is.
NO_CONTAINERS = ["None", "Text", "LongText", "Plain", "Few", "Number", "Numbers", "Bytes", "Tuple", "Dict"]


def no_containers(names, kinds):
    """What `is_no_container` is true of."""
    return objects_of(names, kinds, "Blocks", "LegacyRandomState", "RandomState")


def without_append(names, kinds):
    return of_kinds(kinds, "Set", *NO_CONTAINERS) + no_containers(names, kinds) + not_iterated(names, kinds)


def without_add(names, kinds):
    return of_kinds(kinds, "List", *NO_CONTAINERS) + no_containers(names, kinds) + not_iterated(names, kinds)


def puts_pairs(things, keys, values=lambda names, kinds: [5, b"a", b"zz", "a", None, [1], StandIn(), numpy]):
    """Pairs with such keys are put into each of these."""
    def trials(source, names, kinds):
        chance = random.Random(31)
        found, given, items = things(names, kinds), keys(names, kinds), values(names, kinds)
        for name, thing in found:
            for key in given if len(found) < 30 else chosen(given, 25, chance):
                item = chance.choice(items)
                yield "%s: %s is put into %s" % (shown(key), shown(item), name), pushed(3) + b"s", (thing, key, item)
                yield "%s: %s is put into %s by SETITEMS" % (shown(key), shown(item), name), value(0) + b"(" + value(1) + value(2) + b"u", (thing, key, item)
    return trials


def without_items(names, kinds):
    return of_kinds(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "Tuple", "Mark") + objects_of(names, kinds, "Estimator") + no_containers(names, kinds) + names.of("Blocks") + not_iterated(names, kinds)


def any_key(names, kinds):
    return all_values(kinds, names) + [slice(0, 1), slice(None), slice(5, 2)]


def without_hash(names, kinds):
    """What `has_no_hash` is true of."""
    things = values_of(kinds, "List", "Dict", "Numbers", "ByteArray", *["Object(%s)" % shape for shape in ("Array", "ArrayClass", "ArrayBuffer") if numpy is not None])
    return things + [(1, thing) for thing in things[::3]] + [("a", (None, thing)) for thing in things[::3]]


def hashed_in_turn(source, names, kinds):
    """Keys, one that has no hash, and behind it what answers as it likes."""
    chance, keys = random.Random(7), values_of(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes")
    for last in without_hash(names, kinds):
        for count in (0, 1, 3):
            items = tuple(chance.choice(keys) for _ in range(count)) + (last, StandIn(), chance.choice(keys))
            several = pushed(len(items))
            yield "a frozenset of %s" % shown(items), b"(" + several + b"\x91", items
            yield "a set of %s" % shown(items), b"\x8f(" + several + b"\x90", items
            yield "a set of a tuple of %s" % shown(items), b"\x8f((" + several + b"t\x90", items
            pairs = b"".join(value(index) + b"N" for index in range(len(items)))
            yield "a dict of %s" % shown(items), b"(" + pairs + b"d", items
            yield "items of a dict for %s" % shown(items), b"}(" + pairs + b"u", items


def no_indexes(names, kinds):
    """What `begins_with_no_index` is true of."""
    return values_of(kinds, "ByteArray", "Bytes", "Dict", "List", "LongText", "None", "Set", "Text", "Tuple")


def no_slices(names, kinds):
    """What `has_no_slices` is true of."""
    return values_of(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray")


def given(things, states):
    """Each of these is given each of these states."""
    def trials(source, names, kinds):
        chance, all_states = random.Random(8), states(names, kinds)
        for name, thing in things(names, kinds):
            for state in chosen(all_states, 25, chance):
                yield "%s given %s" % (name, shown(state)), pushed(2) + b"b", (thing, state)
    return trials


def of_python(names, kinds):
    return of_kinds(kinds, *OF_PYTHON)


def without_setstate(names, kinds):
    return of_kinds(kinds, "Dict", *OF_PYTHON)


def with_memory(names, kinds):
    return objects_of(names, kinds, "Array", "ArrayClass", "ArrayBuffer")


def long_tuples(names, kinds):
    more = all_values(kinds, names)
    return [item for item in kinds["Tuple"] if len(item) > 2] + [(more[index], more[-index], more[index // 2]) for index in range(1, len(more), 3)] + [(None, {}, None), ((), {}, {})]


def arrays(names, kinds):
    return objects_of(names, kinds, "Array")


def without_dtype(names, kinds):
    """States of arrays that have something for their dtype that is none."""
    chance, made = random.Random(11), []
    numbers, texts = kinds["Plain"], values_of(kinds, "Plain", "Few", "Bytes")
    for of in values_of(kinds, "None", "Text", "LongText", "Plain", "Few", "Number", "Bytes", "ByteArray"):
        made += [(chance.choice(numbers), chance.choice(kinds["Lengths"]), of, chance.choice(numbers), chance.choice(texts)), (1, (2,), of, False, b"ab")]
    return made


# `(file, quote, trials, claim)`.
RAISES = [
    ("raises.rs", "let no_items = args.is_not_iterated(); ... (How::Called, args) => { self.is_written_out() && (no_items || matches!(args, Val::None | Val::Plain | Val::Few(_))) } ... self.is_primitive() || matches!(self, Val::Mark | Val::Object(Some(Shape::DType)))", calls_with_no_tuple),
    ("raises.rs", "(How::Called, Val::Numbers | Val::Bytes | Val::Text(_) | Val::LongText | Val::Set) => { self.can_not_be_called() } ... (How::Called, Val::Dict(args)) => args.pairs().plain && self.can_not_be_called()", calls_with_numbers),
    ("raises.rs", """(How::Called, Val::Tuple(Some(args))) => self.can_not_be_called() || raises_with(self, args) ... let shapes = [ArrayClass, ArrayWrapper, DType, Deque, Estimator, Namespace, OrderedDict, SeedSequence];
        self.is_no_class() || matches!(self, Val::Object(Some(shape)) if shapes.contains(shape))""", calls),
    ("step.rs", "if callee.val.can_not_be_called() && !(of.own && self.is_ours()) { return Next::Stopped; }", calls_by_obj),
    ("raises.rs", """Some(Val::Name(Some(shape))) => shape.is_opaque() || matches!(shape, Shape::Offset | Shape::Column),
        Some(Val::Object(Some(shape))) => { !(shape.stays() || matches!(shape, Shape::ArrayWrapper | Shape::BitGenerator | Shape::Estimator | Shape::Tree)) }
        first => first.is_some_and(|first| first.may_be_a_class() || matches!(first, Val::Object(None)))""", first_arguments),
    ("raises.rs", "(How::Made, args) if self.is_of_python() || matches!(self, Val::Dict(_) | Val::Number) => { no_items || args.is_no_class() } ... self.is_no_class() && !matches!(self, Val::Number | Val::Numbers | Val::Dict(_) | Val::Structure)", objects_of_values),
    ("raises.rs", """(How::Made, args) if self.is_a_function() || matches!(self, Val::Object(Some(Shape::DType))) => { no_items || args.is_no_class() }
        ... matches!(self, Val::Name(Some(Shape::Array | Shape::ArrayBuffer | Shape::Block | Shape::Index)))""", objects_of_values),
    ("raises.rs", "(How::Made, _) if no_items && matches!(self, Val::Numbers | Val::Object(Some(Shape::Column))) => true", objects_of_nothing_iterated),
    ("raises.rs", "(How::Made, Val::None | Val::Plain | Val::Few(_)) if matches!(self, Val::Numbers) => true ... (How::Made, Val::Dict(args)) if matches!(self, Val::Numbers) => args.pairs().puts == 0", objects_of_arrays),
    ("raises.rs", "(How::Made, _) if args.is_a_function() && matches!(self, Val::Name(Some(Shape::Blocks))) => true", blocks_of_functions),
    ("raises.rs", "(How::Made, Val::Tuple(_)) if self.has_the_plain_new() => true ... matches!(self, Val::Object(Some(Deque | Estimator | Namespace | OrderedDict)))", objects_of_objects),
    ("raises.rs", """(How::Made, Val::Tuple(Some(args))) => args.is_empty() && self.is_made_of_something() ... Val::Numbers | Val::Structure => true, Val::Object(Some(shape)) => matches!(shape, ArrayClass | BitGenerator | DType | RandomState),
        Val::Name(Some(shape)) => matches!(shape, Array | ArrayBuffer | ArrayClass | DType | Latin1)""", objects_of_nothing),
    ("raises.rs", "self.is_no_class() || self.is_not_iterated() ... self.is_a_function() || matches!(self, Val::Object(Some(Shape::ArrayWrapper | Shape::DType)))", keywords),
    ("raises.rs", "Set => !adds ... None | Text(_) | LongText | Plain | Few(_) | Number | Numbers | Bytes | Tuple(_) | Dict(_) => true, Object(Some(shape)) if shape.is_no_container() => true, val => val.is_not_iterated() ... matches!(self, Shape::Blocks | Shape::LegacyRandomState | Shape::RandomState)", puts((b"a", b"e"), without_append)),
    ("raises.rs", "List(_) => adds", puts((b"\x90",), without_add)),
    ("raises.rs", "let is_object = self.is_not_iterated() || matches!(self, Val::Object(Some(Shape::Estimator)) | Val::Name(Some(Shape::Blocks))) || matches!(self, Val::Object(Some(shape)) if shape.is_no_container()); is_object || matches!(self, None | Text(_) | LongText | Plain | Few(_) | Number | Bytes | Tuple(_) | Mark)", puts_pairs(without_items, any_key)),
    ("raises.rs", """Val::List(_) | Val::Dict(_) | Val::Numbers | Val::ByteArray => true, Val::Object(shape) => shape.is_some_and(Shape::has_memory),
        Val::Tuple(Some(items)) => items.iter().any(Val::has_no_hash)""", puts_pairs(lambda names, kinds: [("a dict", {}), ("a dict", {1: 2}), ("a dict", {"a": StandIn()})], without_hash)),
    ("raises.rs", """Val::Tuple(Some(items)) if val.has_no_hash() => Some(Val::raise_when_hashed(items.iter())), val if val.has_no_hash() => Some(true),
        val => (!val.is_key()).then_some(false)""", hashed_in_turn),
    ("acts.rs", "Val::Set if adds && raises_when_hashed(items) => return Next::Stopped,", hashed_in_turn),
    ("acts.rs", "Val::Dict(_) if !own && raises_when_keyed(pairs) => return Next::Stopped,", hashed_in_turn),
    ("step.rs", "b'd' => raises_when_keyed(items.as_deref()), 0x91 => raises_when_hashed(items.as_deref()), _ => false, }; if !is_judged && raises { return Next::Stopped; }", hashed_in_turn),
    ("acts.rs", "Val::List(_) if begins_with_no_index(pairs) => return Next::Stopped,", puts_pairs(lambda names, kinds: of_kinds(kinds, "List"), no_indexes)),
    ("raises.rs", "matches!(first, Some(ByteArray | Bytes | Dict(_) | List(_) | LongText | None | Set | Text(_) | Tuple(_)))", puts_pairs(lambda names, kinds: [("a list", [1, 2, 3])], no_indexes)),
    ("raises.rs", "(Val::Object(Some(shape)), Val::DTypeState(_)) => shape.has_memory()", given(with_memory, lambda names, kinds: kinds["DTypeState"])),
    ("raises.rs", "(Val::Object(Some(Shape::Array)), state) if has_no_dtype(state) => true", given(arrays, without_dtype)),
    ("states.rs", "matches!(&**parts, [Val::Plain, Val::Lengths(_), dtype, Val::Plain, Val::Plain | Val::Few(_) | Val::Bytes] if dtype.is_primitive())", given(arrays, without_dtype)),
    ("raises.rs", "(Val::Numbers, Val::None | Val::Plain | Val::Few(_) | Val::Bytes) => true", given(lambda names, kinds: of_kinds(kinds, "Numbers"), lambda names, kinds: values_of(kinds, "None", "Plain", "Few", "Bytes"))),
    ("raises.rs", "let has_no_setstate = |val: &Val| val.is_of_python() || matches!(val, Val::Dict(_)); ... (val, Val::Text(state)) => has_no_setstate(val) && !state.is_empty()", given(without_setstate, lambda names, kinds: [item for item in kinds["Text"] if item])),
    ("raises.rs", "(val, Val::Tuple(Some(parts))) => has_no_setstate(val) && parts.len() > 2", given(without_setstate, long_tuples)),
    ("raises.rs", "(val, Val::Object(Some(Shape::ArrayWrapper))) => val.is_of_python()", given(of_python, lambda names, kinds: wrappers(names))),
]
HARMLESS = [
    ("calls.rs", "Val::Numbers if how == How::Called && *shape == Shape::Block => { return Outcome::Makes(Val::Object(Some(Shape::Block))); }", blocks_called_with_numbers),
    ("acts.rs", "Val::List(_) if !adds => {}", puts((b"a", b"e"), lambda names, kinds: of_kinds(kinds, "List"))),
    ("acts.rs", "Val::Object(Some(Shape::OrderedDict | Shape::Bunch)) if are_keys && !hooks && holds_no_field(pairs) && self.may_act(1) => {} ... Val::Dict(dict) if are_keys => dict.put(pairs, target.own && self.is_ours())",
     puts_pairs(lambda names, kinds: objects_of(names, kinds, "OrderedDict", "Bunch") + of_kinds(kinds, "Dict"),
                lambda names, kinds: [key for key in no_slices(names, kinds) if not (isinstance(key, type(u"")) or isinstance(key, str)) or not key.startswith("__") and key not in ("append", "extend", "add", "close")])),
    ("acts.rs", "Val::List(_) if has_no_slices(pairs) => {}", puts_pairs(lambda names, kinds: of_kinds(kinds, "List"), no_slices)),
    ("raises.rs", "pairs.is_some_and(|pairs| pairs.iter().step_by(2).all(|key| key.val.is_primitive()))",
     puts_pairs(lambda names, kinds: [("a list", [1, 2, 3])], no_slices)),
]
