"""Changes that break a model, by name: what `make_structure.py` writes."""
CASES = []
# joblib writes each array by itself: that two are one is kept by pickle alone.
PICKLES = ["p2.pkl", "p4.pkl", "p5.pkl"]
# What is hundreds of megabytes of zeros is written as few: a disk is shared with all else that runs.
COMPRESSED = ["z.joblib"]


def case(label, make, use, forms=None):
    """Registers a change that breaks the model that `make` makes, where it is written in one of the `forms`."""
    def register(change):
        CASES.append((label + "-" + change.__name__.strip("_").replace("_", "-"), make, change, use, forms))
        return change
    return register
