"""What the Rust source says: its tables of names, its lists of shapes, and the text of its rows, so that no claim is checked that it no longer
makes. For Python 2.7 and 3."""
import io
import os
import re

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src")
SHADOW = os.path.join(SOURCE, "format", "pickle", "shadow")
TABLES = ("python", "numpy", "scipy", "pandas", "joblib", "sklearn", "estimators")


def text_of(*path):
    with io.open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def collapsed(text):
    """Without comments, and with one space where there are any: rows are found however they are broken into lines."""
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r"(?<=[(\[{]) | ?,? ?(?=[)\]}])", "", re.sub(r"\s+", " ", text))


class Source:
    """The shadow's files, without white space that matters to nobody."""

    def __init__(self):
        self.files = {name: collapsed(text_of("format", "pickle", "shadow", name)) for name in os.listdir(SHADOW) if name.endswith(".rs")}
        self.rules = text_of("format", "pickle", "shadow", "harm.rs") + text_of("vocabulary", "shape.rs") + text_of("format", "pickle", "shadow", "calls.rs")
        self.texts = dict(re.findall(r'^    (\w+) "([\w-]+)" "', self.rules, re.MULTILINE))

    def says(self, file, quote):
        return collapsed(quote) in self.files[file]

    def shapes(self, predicate):
        """The shapes of which a predicate such as `has_no_append` is true."""
        body = re.search(r"fn %s\(self\) -> bool \{\n(.*?)\n    \}\n" % predicate, self.rules, re.DOTALL).group(1)
        listed = set(re.findall(r"Shape::(\w+)", body))
        for other in re.findall(r"self\.(\w+)\(\)", body):
            listed |= self.shapes(other)
        return set(self.texts) - listed if "!matches!" in body else listed

    def unnamed(self, file, begins, ends, quotes):
        """What no quote names of the arms of a table between two texts."""
        arms = self.files[file].partition(collapsed(begins))[2].partition(collapsed(ends))[0]
        for quote in sorted(map(collapsed, quotes), key=len, reverse=True):
            arms = arms.replace(quote, "")
        return re.findall(r"\((?:Shape::\w+|shape,|self,)[^>]*=>", arms)


def tables():
    """`(module, name, shape)` of each name that honest files ask for; the named sets are the user's word."""
    for table in TABLES:
        modules = []
        for line in text_of("vocabulary", table + ".txt").splitlines():
            heading = re.match(r"\[([^\]]+)\]", line)
            names = re.match(r"([\w-]+): (.*)", line)
            if heading:
                modules = heading.group(1).split()
            elif names and names.group(1) != "methods":
                for module in modules:
                    for name in names.group(2).split():
                        yield module, name, names.group(1)
