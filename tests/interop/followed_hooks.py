"""What Python and its libraries ask objects for by themselves: stand-ins answer it as the real classes do, and say what of it is the file's.

Nobody calls anything when a key is hashed, a version is written out, an object is let go of: but the class of the key, of the version, of the
object looks at its attributes for what to do then, and these are what the file gave it. Events:

    ("ask", name, what for, attributes)   an object with attributes that can be asked in their turn, or that take no end of time
    ("hash", "a tuple", how)              a key or member of tuples in one another, each hashed as often as it stands there, by calls in calls
    ("write", "a value", "without end")   the same, where it is written out
    ("release", name)                     compiled objects in one another: nothing but calls in calls lets go of them

Numbers here are small, for inputs to be: what may be 20 deep may be 100,000.
"""
from followed_events import NAMES, NOW, OfAName, OfAThing, last_part, shown

DEEP, MANY, LEVELS = 20, 1000, 4
# Shapes of classes whose objects keep a state as their attributes, and take no other.
ATTRIBUTES = {"estimator", "record", "array-wrapper", "array-file", "column-type", "sparse"}
CONTAINERS = (tuple, list, dict, set, frozenset)
# Shapes whose objects have methods that go by their attributes: which one does is not looked up here, nor by the program.
ANSWER = {"estimator", "record", "column-type", "sparse", "warning-dict", "rich-result", "namespace", "spline", "radial", "offset", "distribution", "splitter", "repeated", "table", "column", "index-class"}
# Names that no class calls for what a file says of it.
NO_FUNCTIONS = {"type", "array-class", "set", "frozenset", "bytes", "complex", "error", "base-object"}
# What of scikit-learn 0.20 to 1.7, scipy 1.5 to 1.16 and pandas 1.1 to 2.3 has methods of its own for this: of estimators and records by their names.
HASHED_SHAPES, HASHED = {"column-type", "offset"}, {"relativedelta", "weekday"}
ITERATED_SHAPES, ITERATED = {"sparse", "table", "column", "index-class"}, {
    "AdaBoostClassifier", "AdaBoostRegressor", "BaggingClassifier", "BaggingRegressor", "ColumnTransformer", "ExtraTreesClassifier", "ExtraTreesRegressor", "FeatureUnion", "FrozenEstimator",
    "GradientBoostingClassifier", "GradientBoostingRegressor", "IsolationForest", "Pipeline", "RandomForestClassifier", "RandomForestRegressor", "RandomTreesEmbedding",
    "ChainMap", "Chebyshev", "Hermite", "HermiteE", "Laguerre", "Legendre", "ParameterGrid", "ParameterSampler", "Polynomial", "UserDict", "UserList", "_RemainderColsList", "poly1d",
}
EXTENDED, WITH_ITEMS = {"UserList", "_RemainderColsList"}, {"ChainMap", "UserDict", "UserList", "_RemainderColsList", "poly1d"}
# `close` is called when they are let go of (`scipy/spatial/_qhull.pyx`).
CLOSED = {"ConvexHull", "Delaunay", "Voronoi"}
# Shapes of what Cython or C made: letting go of one lets go of those that it holds by a call in a call.
COMPILED = {"seed-sequence", "bit-generator", "random-state", "legacy-random-state", "tree", "loss-function", "loss-unpickler", "criterion", "splitter", "distance", "neighbors-tree"}


def inside(value, kinds=CONTAINERS):
    """What stands in a container, or in an array of objects."""
    if not isinstance(value, kinds):
        return value.objects if isinstance(value, OfAThing) and list in kinds else ()
    return [part for pair in value.items() for part in pair] if isinstance(value, dict) else list(value)


def extent(value, kinds=CONTAINERS):
    """How deep containers stand in one another, how many values that makes if each is counted as often as it stands there, and each of them once."""
    known, begun, waiting, values = {}, set(), [value], []
    while waiting:
        one = waiting[-1]
        parts = inside(one, kinds)
        if id(one) not in begun:
            begun.add(id(one))
            values.append(one)
            waiting.extend(part for part in parts if id(part) not in begun)
            continue
        waiting.pop()
        if id(one) not in known:
            found = [known.get(id(part), (0, 1)) for part in parts]
            known[id(one)] = (1 + max(depth for depth, _ in found), 1 + sum(count for _, count in found)) if found else (0, 1)
    return known[id(value)] + (values,)


def answers(value):
    """Whether this is asked for what the file says."""
    if isinstance(value, OfAName):
        return value.shape not in NO_FUNCTIONS
    if isinstance(value, Hooked):
        return type(value).shape in ANSWER or (type(value).shape is None and not value.is_still)
    # A bunch is asked for attributes, which are its items.
    return isinstance(value, dict) and type(value) is not dict and any(isinstance(key, NAMES) and key.startswith("__") for key in value)


def is_asked(value):
    _, count, values = extent(value)
    return count > MANY or any(map(answers, values))


def tell_of(thing, what_for, attributes):
    NOW.tell("ask", thing.of, what_for, shown(attributes))


def hashes(keys):
    """Of a reader's keys or members: tuples, of which Python asks each again and again."""
    for key in keys:
        if isinstance(key, (tuple, frozenset)):
            depth, count, _ = extent(key, (tuple, frozenset))
            if depth > DEEP or count > MANY:
                NOW.tell("hash", "a tuple", "in depth" if depth > DEEP else "without end")


def telling(dispatch, above_mark):
    """The opcodes of a reader in Python, of which those that hash say what; `above_mark` gives what stands below the last mark, and what above."""
    def pairs(reader):
        target, items = above_mark(reader)
        return target, items[::2]
    # What is given keys or members, and those: of SETITEM, SETITEMS, DICT, ADDITEMS, FROZENSET.
    keys_of = {
        b"s": lambda reader: (reader.stack[-3], reader.stack[-2:-1]), b"u": pairs, b"d": lambda reader: ({}, pairs(reader)[1]),
        b"\x90": above_mark, b"\x91": lambda reader: (set(), above_mark(reader)[1]),
    }

    def told(load, keys):
        def loads(reader):
            target, hashed = keys(reader)
            if isinstance(target, (dict, set)):
                hashes(hashed)
            load(reader)
        return loads
    table = dict(dispatch)
    for opcode, keys in keys_of.items():
        opcode = opcode if str is bytes else ord(opcode)
        if opcode in table:
            table[opcode] = told(table[opcode], keys)
    return table


def writes_version(state):
    """`BaseEstimator.__setstate__` compares a version with its own, and writes it out if it is another one."""
    version = state.get("_sklearn_version")
    if extent(version)[1] > MANY:
        NOW.tell("write", "a value", "without end")
    elif is_asked(version):
        NOW.tell("ask", "a version", "its text", shown(version))


class Hooked(OfAThing):
    """What Python asks a thing for by itself. Its attributes are `state`, once it has some."""
    state, is_still, levels, hashed = None, False, 0, 0

    def does(self, shapes, names):
        """Whether it has attributes, and its class a method that goes by them: one of these shapes or names."""
        return self.state and (type(self).shape in shapes or (type(self).shape in ATTRIBUTES and last_part(self.of) in names))

    def __hash__(self):
        if self.does(HASHED_SHAPES, HASHED) and is_asked(self.state):
            tell_of(self, "its hash", self.state)
        self.hashed += 1
        if self.hashed == MANY:
            NOW.tell("hash", "a tuple", "without end")
        return object.__hash__(self)

    def __iter__(self):
        if not self.does(ITERATED_SHAPES, ITERATED):
            raise TypeError("it is not iterable")
        tell_of(self, "its items", self.state)
        return iter(())

    def asked_as_state(self):
        """Who is given it for a state asks it for `pop` or `get`, for `keys`, and for the items by these."""
        if self.does(ANSWER, ()):
            tell_of(self, "its pairs", self.state)

    def holds(self, state):
        """Counts compiled objects in one another."""
        if type(self).shape in COMPILED:
            levels = [part.levels for part in extent(state)[2] if isinstance(part, Hooked)]
            self.levels = 1 + max(levels or [0])
            if self.levels > LEVELS:
                NOW.tell("release", self.of)


class Answering(object):
    """Of a record: `UserList`, `ChainMap`, kernels, splines go on to what they have for attributes."""

    def answer(self, shapes, names, what_for, given):
        if self.does(shapes, names):
            NOW.tell("ask", self.of, what_for, shown((self.state, given)))
        raise AttributeError(what_for)

    def __call__(self, *args, **kwargs):
        self.answer(ANSWER, (), "a call", args)

    def append(self, value):
        self.answer((), EXTENDED, "append", value)

    extend = append

    def __setitem__(self, key, value):
        self.answer((), WITH_ITEMS, "an item", (key, value))


class Closing(object):
    """An object of one of `CLOSED`: `__del__` calls `close`, which the file may have given it, and that calls the same of `_qhull`."""

    def __del__(self):
        state = self.state if isinstance(self.state, dict) else {}
        for owner in (state, getattr(state.get("_qhull"), "state", None)):
            if isinstance(owner, dict) and answers(owner.get("close")):
                # What stands in itself is let go of later, when another reader is at work.
                self.told.append(("ask", self.of, "close", shown(owner["close"])))
