"""Changes that break a model, by name: what `make_structure.py` writes."""
CASES = []


def case(label, make, use):
    """Registers a change that breaks the model that `make` makes."""
    def register(change):
        CASES.append((label + "-" + change.__name__.strip("_").replace("_", "-"), make, change, use))
        return change
    return register
