"""What the Rust source says: its tables of names, its lists of shapes, and the text of its rows, so that no claim is checked that it no longer
makes. For Python 2.7 and 3."""
import io
import os
import re

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src")
SHADOW = os.path.join(SOURCE, "format", "pickle", "shadow")
# Stands between quotes of one claim.
SEVERAL = " ... "
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
        """Whether a file has this; what stands between ` ... ` are several quotes."""
        return all(collapsed(part) in self.files[file] for part in quote.split(SEVERAL))

    def shapes(self, predicate):
        """The shapes of which a predicate such as `has_no_append` is true."""
        body = re.search(r"fn %s\(self\) -> bool \{\n(.*?)\n    \}\n" % predicate, self.rules, re.DOTALL).group(1)
        listed = set(re.findall(r"Shape::(\w+)", body))
        for other in re.findall(r"self\.(\w+)\(\)", body):
            listed |= self.shapes(other)
        return set(self.texts) - listed if "!matches!" in body else listed

    def body(self, file, name):
        """The text of a function, without what is before its first brace."""
        found = re.search(r"fn %s\b.*?\{(.*?)(?= (?:pub(?:\(super\))? )?fn |$)" % name, self.files[file])
        return found.group(1) if found else ""

    def texts_of(self, file, constant):
        """The texts of a constant list, as bytes."""
        listed = re.search(r"const %s: [^=]*= \[(.*?)\];" % constant, self.files[file]).group(1)
        return [text.encode("ascii") for text in re.findall(r'"([^"]*)"', listed)]

    def functions(self, file):
        return re.findall(r"\bfn (\w+)", self.files[file])

    def unnamed(self, file, name, quotes, said):
        """What no quote names of what a function says: arms of a table, and conditions."""
        left = self.body(file, name)
        parts = [part for quote in quotes for part in quote.split(SEVERAL)]
        for part in sorted(map(collapsed, parts), key=len, reverse=True):
            left = left.replace(part, "#")
        return re.findall(r"[^#]{0,80}(?:%s)[^#]{0,40}" % said, left)


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
