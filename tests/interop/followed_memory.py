"""Sentences about what compiled code goes by: the fields of a dtype, the lengths of an array, what a scalar and a tree are made of.

Each is honest to ours. Some of its parts come from the memo, where the other reader may have those of an earlier pickle: it would be led
beyond the memory that it has.
"""
import struct

from followed_spelling import POP, name, number, structure, tuple_of

# A tree of one leaf (`sklearn.tree._tree.Tree`): the fields of its node, and that node.
NODE = [("left_child", "i8"), ("right_child", "i8"), ("feature", "i8"), ("threshold", "f8"), ("impurity", "f8"), ("n_node_samples", "i8"), ("weighted_n_node_samples", "f8")]
LEAF = struct.pack("<qqqddqd", -1, -1, -2, -2.0, 0.0, 2, 2.0)


class Memory:
    """Of a writer: what it says of memory."""

    def dtype_of(self, code):
        """A dtype of this code, or a structure that holds an object."""
        return structure([("a", self.dtype("O8"), 0)], 8, 27, self.text) if code == "object in a field" else self.dtype(code)

    def lengths(self, lengths):
        return tuple_of(map(number, lengths))

    def part(self):
        """What one of the sentences can be made of, kept: an honest part, or, most often in the first pickle, one that leads beyond the memory."""
        harmful = self.chance(0.2 if self.pickles > 1 else 0.7)
        kind = self.pick([self.theme, self.theme, self.theme, "dtype", "lengths", "number", "bytes"])
        if kind == "dtype":
            code = self.pick(["O8", "S99", "object in a field"] if harmful else ["f8", "f8", "u1"])
            made, token = self.dtype_of(code), ("dtype", code)
        elif kind == "lengths":
            lengths = self.pick([(1 << 62, 4), (100,)] if harmful else [(0,), (1,)])
            made, token = self.lengths(lengths), ("lengths", lengths)
        elif kind == "number":
            value = self.pick([2, 100_000_000] if harmful else [1])
            made, token = number(value), ("number", value)
        else:
            made, token = self.bytes(bytes(8)), ("bytes", 8)
        return made + self.keep(token) + POP

    def field(self):
        """A structure with a field that was kept, or an array of such."""
        code = self.pick(["f8", "u1"])
        made = structure([("a", self.take(("dtype", code), self.dtype(code)), 0)], 8, 16, self.text)
        return "fields", self.array(made, self.bytes(b"ABCDEFGH")) if self.chance(0.5) else made

    def stray(self):
        """A structure whose fields stand in a dict that is kept, and another dict that gets a field as well."""
        ours, other = (("fields", len(self.out), self.random.random()) for _ in range(2))
        fields = b"}" + self.keep(ours) + b"}" + self.keep(other) + POP + self.text("a") + self.dtype("f8") + number(0) + b"\x86s"
        get = self.take(other, b"", always=True)
        if get:
            code = self.pick(["O8", "S99", "f8"])
            fields += get + self.text("a") + self.take(("dtype", code), self.dtype(code)) + number(0) + b"\x86s0"
        return "strays", self.array(structure([("a", None, 0)], 8, 16, self.text, fields), self.bytes(b"ABCDEFGH"))

    def axes(self):
        count = self.pick([0, 1])
        return "lengths", self.array(self.dtype("f8"), self.bytes(bytes(8 * count)), self.take(("lengths", (count,)), self.lengths((count,))))

    def scalar(self):
        code = self.pick(["f8", "f8", "u1"])
        size = int(code[1:])
        data = self.take(("bytes", 8), self.bytes(bytes(8))) if size == 8 else self.bytes(bytes(size))
        return "scalars", name("numpy.core.multiarray", "scalar") + self.take(("dtype", code), self.dtype(code)) + data + b"\x86R"

    def tree(self):
        nodes = structure([(field, self.dtype(code), 8 * index) for index, (field, code) in enumerate(NODE)], 56, 16, self.text)
        classes = self.array(self.dtype("i8"), self.bytes(struct.pack("<q", 3)))
        values = self.array(self.dtype("f8"), self.bytes(struct.pack("<ddd", 1, 1, 0)), self.lengths((1, 1, 3)))
        state = [("max_depth", number(0)), ("node_count", number(1)), ("nodes", self.array(nodes, self.bytes(LEAF))), ("values", values)]
        made = name("sklearn.tree._tree", "Tree") + number(4) + classes + self.take(("number", 1), number(1)) + b"\x87R"
        return "trees", made + b"}(" + b"".join(self.text(key) + value for key, value in state) + b"ub"

    def memory(self):
        if self.chance(0.5 if self.pickles > 1 else 0.85):
            return self.part()
        about = {"dtype": [self.field, self.stray, self.scalar], "lengths": [self.axes], "number": [self.tree]}
        sentences = about[self.theme] if self.chance(0.8) else [sentence for some in about.values() for sentence in some]
        kind, made = self.pick(sentences)()
        self.kinds.add(kind)
        return made + POP
