"""What becomes of short programs: coldload judges many at once, readers have those that it accepts, and a few of the others."""
import collections
import os
import random
import tempfile

from claims_trials import readers
from followed_batches import accepted
from short_programs_read import COMES, faults, faults_of, joblib_of

# Of each batch so many that are refused are read, too; and of all so large a share has to be accepted.
REFUSED, FAIR = 20, 0.02
# Of joblib these know wrappers, and no padding.
NO_PADDING = ("0.10", "0.11", "0.14", "1.1")
SHOWN = 50
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Check:
    """`counts` says of each kind of files how many there were, are `accepted`, and of those that are refused were `asked` and `come` to the name."""

    def __init__(self, options):
        self.options, self.random = options, random.Random(options.seed)
        self.counts, self.failed = collections.Counter(), collections.OrderedDict()
        self.joblibs = [version for version in sorted(os.listdir(options.joblibs)) if version.rpartition(".")[0] in NO_PADDING] if options.joblibs else []
        self.versions2 = ""

    def accepted(self, batch):
        """Those that coldload accepts. The files are ours, and many: walls round each would take more time than all else."""
        with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
            for index, made in enumerate(batch):
                with open(os.path.join(folder, "%d.joblib" % index), "wb") as file:
                    file.write(made.data)
            found = accepted(self.options.program, folder, "--sandbox", "off", "--no-progress")
            return [batch[index] for index in sorted(int(os.path.basename(path).split(".")[0]) for path in found)]

    def faults(self, kind, batch):
        """`(number of trials, [[what, reader, fault]])` of all readers of this kind of files."""
        files = [(made.what, made.data) for made in batch]
        found = [faults(files, readers)] if not kind.by_joblib else [faults(files, joblib_of(self.options.joblibs, version)) for version in self.joblibs]
        if kind.by_python2:
            more, self.versions2 = faults_of(self.options.python2, batch)
            found.append(more)
        return sum(trials for trials, _ in found), [wrong for _, wrongs in found for wrong in wrongs]

    def hears(self, kind):
        """Whether each reader is heard to come to a name before which nothing stands."""
        trials, come = self.faults(kind, [kind.control()])
        return trials == len(come) > 0 and all(wrong == COMES for _, _, wrong in come)

    def batch(self, kind, batch):
        taken = self.accepted(batch)
        self.counts[kind.name] += len(batch)
        self.counts[kind.name, "accepted"] += len(taken)
        of = {made.what: made for made in taken}
        for what, reader, wrong in self.faults(kind, taken)[1]:
            self.fail(kind, of[what], reader, wrong)
        refused = [made for made in batch if made.what not in of]
        sample = self.random.sample(refused, min(REFUSED, len(refused)))
        self.counts[kind.name, "asked"] += len(sample)
        self.counts[kind.name, "come"] += len({what for what, _, wrong in self.faults(kind, sample)[1] if wrong == COMES})

    def fail(self, kind, made, reader, wrong):
        os.makedirs(self.options.keep, exist_ok=True)
        kept = self.failed.setdefault((kind.name, made.what), os.path.join(self.options.keep, "%s-%d-%d.joblib" % (kind.name, self.options.seed, len(self.failed))))
        with open(kept, "wb") as file:
            file.write(made.data)
        if len(self.failed) <= SHOWN:
            print("%s: %s: %s reader: it %s" % (kept, made.what, reader, wrong), flush=True)

    def tell(self, kind):
        count, taken = self.counts[kind.name], self.counts[kind.name, "accepted"]
        print("%s: %d programs of %d values, %d accepted; of %d that are refused a reader comes to the name in %d" % (
            kind.name, count, len(kind.values), taken, self.counts[kind.name, "asked"], self.counts[kind.name, "come"]), flush=True)

    def silent(self, kinds):
        """What this tells nothing about."""
        for kind in kinds:
            if self.counts[kind.name, "accepted"] < self.counts[kind.name] * FAIR:
                yield "next to nothing is accepted of %s" % kind.name
            if not self.counts[kind.name, "come"]:
                yield "no reader comes to the name in any of %s that is refused" % kind.name
