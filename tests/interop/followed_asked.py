"""Sentences and fragments about what Python asks for by itself: keys are hashed, versions written out, arguments iterated, objects let go of.

A thing has attributes, or stands in another, and an act makes Python ask it; of some of these the answer is the file's, of most it is not
(`followed_hooks.py`). In a fragment the other reader alone comes to both. In sentences ours keeps the things, and asks texts and numbers of
the memo, where the other one has a thing.
"""
from followed_spelling import CLASSES, GET, POP, made, name, number, tuple_of

MODEL = ("sklearn.dummy", "DummyClassifier")
SEED = "numpy.random.bit_generator"
# Named tuples, with as many values as they have.
ROWS = [("scipy.stats._stats_py", "ModeResult", 2), ("sklearn.impute._iterative", "_ImputerTriplet", 3)]
# Classes whose objects go by these attributes.
TYPES = [("pandas.core.dtypes.dtypes", "CategoricalDtype", ["categories", "_metadata"]), ("pandas.core.dtypes.dtypes", "IntervalDtype", ["subtype", "_metadata"])]
HULLS = [("scipy.spatial._qhull", "Delaunay", ["close", "close", "_qhull"]), ("scipy.spatial.qhull", "ConvexHull", ["close"])]
KERNELS = [("sklearn.gaussian_process.kernels", "ConstantKernel", ["constant_value"]), ("sklearn.gaussian_process.kernels", "Sum", ["k1", "k2"])]
GRID, LIST = ("sklearn.model_selection._search", "ParameterGrid", ["param_grid"]), ("collections", "UserList", ["data", "append"])
GO_BY = TYPES + HULLS + KERNELS + [
    GRID, LIST, (*MODEL, ["_sklearn_version", "close", "append", "__array_interface__", "a"]), ("collections", "ChainMap", ["maps", "__missing__"]),
    ("scipy.interpolate._interpolate", "interp1d", ["_evaluate", "_prepare_x"]), ("scipy.stats._hypotests", "TukeyHSDResult", ["pvalue", "statistic"]),
    ("scipy.sparse._csr", "csr_matrix", ["_shape", "data"]), ("sklearn.tree._tree", "Tree", ["nodes"]), ("sklearn.utils", "Bunch", ["__array_interface__", "append", "a"]),
    ("sklearn.pipeline", "Pipeline", ["steps"]),
]


class Asked:
    """Of a writer: what Python asks for by itself."""

    def within(self, leaf):
        """This in tuples, each in another one, by itself or twice."""
        levels = self.pick([1, 12, 25])
        return leaf + (b"2\x86" * min(levels, 12) if self.chance(0.5) else b"\x85" * levels)

    def plain(self):
        return self.pick([b"N", b")", number(1), self.text("a"), self.text("1.6.1"), b"G" + bytes(8), self.bytes(b"ab")])

    def slice(self):
        return name("builtins", "slice") + b"NNN\x87R"

    def row(self, value):
        module, qualname, count = self.pick(ROWS)
        return name(module, qualname) + tuple_of([value] + [b"N"] * (count - 1)) + b"\x81"

    def dtype_state(self, order):
        """What may be the state of a dtype, with this for the order of its bytes."""
        return b"(" + number(3) + order + b"NNN" + number(-1) * 2 + number(0) + b"t"

    def seeds(self, numbers=b"N", levels=None):
        """Seeds of random numbers, each of which another one was made of; an honest one has an array of numbers, too."""
        seed = name(SEED, "__pyx_unpickle_SeedSequence") + name(SEED, "SeedSequence") + number(0xf88304a) + b"N\x87R("
        levels = levels or self.pick([1, 2, 6])
        return seed * levels + number(7) + (number(0) + numbers + number(4) + b")tb") * levels

    def attributes(self, depth, place=None):
        """An object, and one of the attributes that it goes by."""
        module, qualname, keys = place or self.pick(GO_BY)
        value = self.pick([self.plain, self.a_name, lambda: self.within(b")"), lambda: self.thing(depth - 1), lambda: self.thing(depth - 1)])()
        pair = self.text(self.pick(keys)) + value
        new = name(module, qualname) + b")\x81"
        return new + (pair + b"s" if qualname == "Bunch" else b"}" + pair + b"sb")

    def a_name(self):
        return name(*self.pick(CLASSES))

    def thing(self, depth=2):
        """What Python may ask."""
        if depth == 0 or self.chance(0.15):
            return self.pick([self.plain, self.a_name, lambda: self.within(b")")])()
        inner = lambda: self.thing(depth - 1)
        more = [lambda: self.within(b")"), lambda: self.within(inner()), lambda: self.row(inner()), self.slice, self.seeds, lambda: self.dtype_state(inner()), lambda: b"](" + inner() + b"e",
                lambda: self.array(self.dtype("O8"), b"](" + inner() + b"e")]
        return self.attributes(depth) if self.chance(0.5) else self.pick(more)()

    def hashed(self, thing):
        asked = [b"}" + thing + b"Ns", b"}" + thing + b"Ns", b"(" + thing + b"Nd", b"}(" + thing + b"Nu", name("sklearn.utils", "Bunch") + b")\x81" + thing + b"Ns"]
        return self.pick(asked if self.old else asked + [b"(" + thing + b"\x91", b"\x8f(" + thing + b"\x90"])

    def written(self, thing):
        return name(*MODEL) + b")\x81}" + self.text("_sklearn_version") + thing + b"sb"

    def iterated(self, thing):
        return self.pick([lambda: b"]" + self.slice() + thing + b"s", lambda: self.pick([number(3), b"N", self.text("a"), name(*MODEL) + b")\x81"]) + thing + self.pick([b"R", b"R", b"\x81"])])()

    def asks(self, thing):
        """An act that makes Python ask this; on the stack it leaves one value."""
        return self.pick([
            lambda: self.hashed(thing), lambda: self.hashed(thing), lambda: self.written(thing), lambda: self.iterated(thing), lambda: b"]" + thing + b"Ns", lambda: thing + b"0N",
            lambda: thing + self.plain() + b"a", lambda: thing + b"(" + self.plain() + self.pick([b"e", b"\x90"]), lambda: thing + self.text("a") + b"Ns",
            lambda: thing + self.pick([b")", self.plain() + b"\x85", b"NN\x86"]) + b"R", lambda: name(*MODEL) + b")\x81" + thing + b"b", lambda: thing,
        ])()

    def asks_what_answers(self):
        """A thing, and the act that makes Python ask this kind of thing."""
        of = lambda *places: self.attributes(2, self.pick(places))
        within = self.within(self.pick([lambda: b")", lambda: b")", self.a_name, lambda: self.thing(1)])())
        return self.pick([
            lambda: self.hashed(within), lambda: self.hashed(self.row(within)), lambda: self.written(within), lambda: self.written(of(*KERNELS, *GO_BY)), lambda: self.hashed(of(*TYPES)),
            lambda: self.iterated(of(GRID)), lambda: of(*HULLS) + b"0N", self.seeds, lambda: of(LIST) + self.plain() + b"a", lambda: of(*KERNELS, *GO_BY) + b"NN\x86R",
        ])()

    def asked_fragment(self):
        """A thing and an act, to whoever takes the bytes for opcodes."""
        kind = self.random.random()
        out = self.asks_what_answers() if kind < 0.55 else self.asks(self.plain() if kind < 0.65 else self.thing())
        return self.pick([b"0", b"", b""]) + out + self.pick([b"0N.", b".", b".", b"\0", b"0", b""])

    def asked_of_theirs(self):
        """The same of what is in the memo, in few bytes."""
        places = [index for index, token in self.theirs.items() if isinstance(token, tuple) and token[0] == "asked" and index < 256]
        if not places:
            return self.asks(b")")
        get = lambda: GET + bytes([self.pick(places)])
        return self.pick([b"0", b""]) + self.pick([lambda: b"}" + get() + b"Ns", lambda: b"(" + get() + b"Nd", lambda: get() + get() + b"b", lambda: b"]" + get() + get() + b"s",
                                                   lambda: get() + get() + b"R", lambda: b"K\x03" + get() + b"R", lambda: get() + get() + b"Ns", lambda: get() + get() + b"a"])()

    # What ours has in its memo, where the other reader may have something else.

    def keeps_a_thing(self):
        """What ours has nothing against, kept."""
        kind = self.random.random()
        word = self.pick(["a", "|", "1.6.1"])
        if kind < (0.15 if self.pickles == 1 else 0.6):
            return self.text(word) + self.keep(word) + POP
        ways = [("within", lambda: self.within(b")")), ("row", lambda: self.row(self.within(b")"))), ("row", lambda: self.row(self.within(b")"))), ("model", lambda: name(*MODEL) + b")\x81"), ("slice", self.slice),
                ("grid", lambda: name(*GRID[:2]) + b")\x81}" + self.text("param_grid") + b"]sb"), ("seeds", lambda: self.seeds(self.array(self.dtype("u4"), self.bytes(b"seed")), 1)),
                ("state", lambda: b"}" + self.text(self.pick(["close", "_sklearn_version", "__array_interface__", "a"])) + self.plain() + b"s"), ("name", lambda: name(*MODEL)),
                ("bunch", lambda: name("sklearn.utils", "Bunch") + b")\x81" + self.text("a") + b"Ns"), ("categories", lambda: name(*TYPES[0][:2]) + b")\x81}" + self.text("categories") + b"Nsb")]
        token, way = self.pick(ways)
        return way() + self.keep(("asked", token)) + POP

    def text_of_memo(self, word):
        """This text, best from where the other reader has a thing."""
        places = [index for index, token in self.ours.items() if token == word and index < 256]
        parted = [index for index in places if isinstance(self.theirs.get(index), tuple) and self.theirs[index][0] == "asked"]
        if parted and self.chance(0.85):
            return self.get(self.pick(parted))
        return self.text(word) + (self.keep(word) if self.chance(0.6) else b"")

    def asks_of_memo(self):
        """What ours does with a text, or with a thing that is kept."""
        word = self.pick(["a", "|", "1.6.1"])
        model = name(*MODEL) + b")\x81"
        key = self.pick([lambda: self.text_of_memo(word), lambda: self.text_of_memo(word) + b"\x85", lambda: self.dtype_state(self.text_of_memo(word)), lambda: self.dtype_state(self.text_of_memo(word)),
                         lambda: b"(" + b"N" + self.text_of_memo(word) + b"NNNt", lambda: self.text_of_memo(word) + b"N\x86"])
        states = [index for index, token in self.ours.items() if token == ("asked", "state") and index < 256]
        return self.pick([
            lambda: b"}" + key() + b"Ns0", lambda: b"}" + key() + b"Ns0", lambda: b"}(" + key() + b"Nu0", lambda: made(b"](" + key() + b"e", "builtins", "set") + POP,
            lambda: name("sklearn.utils", "Bunch") + b")\x81" + self.text_of_memo(word) + b"Ns0",
            lambda: model + b"}" + self.text("_sklearn_version") + self.text_of_memo("1.6.1") + b"sb0",
            lambda: model + (self.get(self.pick(states)) if states else b"}") + b"b0",
            lambda: b"}" + self.text(self.pick(["a", "categories"])) + self.text_of_memo(word) + b"s0",
        ])()

    def asked(self):
        self.kinds.add("asked")
        return self.keeps_a_thing() if self.chance(0.3 if self.pickles > 1 else 0.9) else self.asks_of_memo()
