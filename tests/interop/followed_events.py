"""What a reader has done, and how values are written there, so that two readers' events can be compared, whatever Python they run in.

Events are tuples: `("find", name)`, `("call" | "new", name, arguments)`, `("state", name, state)`, `("append" | "setitem", name, value)`,
`("unfit", name, state)` of a dtype that its fields do not fit into; and those of `followed_hooks.py`. Values are written out as Python 3 would.
"""
import datetime
import sys

if sys.version_info < (3,):
    TEXTS, INTEGERS, range, written_text = (str, unicode), (int, long), xrange, lambda value: repr(value if isinstance(value, unicode) else value.decode("latin1"))[1:]
    written = lambda value: "mark" if type(value) is object else written_text(value) if isinstance(value, TEXTS) else repr(value).rstrip("L")
else:
    TEXTS, INTEGERS, written = (str, bytes), (int,), lambda value: ascii(value)
NAMES = TEXTS if str is bytes else (str,)

DEPTH = 5


def last_part(name):
    return name.rpartition(".")[2]


class OfAName(type):
    """The type of what stands for a class or a function of the name `of`."""


class OfAThing(object):
    """What stands for what a name makes; `objects` are those of an array."""
    objects = ()


class Events:
    """What the reader that is at work has done."""
    list = []

    def tell(self, *event):
        self.list.append(event)


NOW = Events()


def shown(value, depth=DEPTH):
    """A value as others can be compared with."""
    if depth == 0:
        return "..."
    if isinstance(value, OfAName):
        return ("name", value.of)
    if isinstance(value, OfAThing):
        return ("thing", value.of, getattr(value, "made", None), shown(value.state, depth - 1))
    if isinstance(value, (tuple, list)):
        return (type(value).__name__,) + tuple(shown(item, depth - 1) for item in value[:32])
    if isinstance(value, (set, frozenset)):
        return (type(value).__name__,) + tuple(sorted((shown(item, depth - 1) for item in value), key=in_order)[:32])
    if isinstance(value, dict):
        items = sorted(((shown(key, depth - 1), item) for key, item in value.items()), key=lambda pair: in_order(pair[0]))
        return (type(value).__name__,) + tuple((key, shown(item, depth - 1)) for key, item in items[:32])
    return "timedelta(%s)" % value if isinstance(value, datetime.timedelta) else written(value)


def in_order(shown):
    """Sorts what is written alike in every Python: of dicts and sets the old one has another order, and no bytes."""
    if isinstance(shown, tuple):
        return "(%s)" % ",".join(map(in_order, shown))
    return shown[1:] if isinstance(shown, TEXTS) and shown[:2] in ("b'", 'b"') else str(shown)
