"""Inputs of a seed, some hundred at a time, of which the program judges the next while readers have those of before; and how many of each
kind it accepts."""
import collections
import json
import os
import random
import subprocess
import tempfile

import followed_inputs

BATCH = 200


def accepted_of(lines):
    for line in lines:
        entry = json.loads(line)
        if entry.get("verdict") == "accepted":
            yield entry["path"]


def accepted(program, folder, *options):
    run = subprocess.run([program, "scan", "--output-format", "jsonl", *options, folder], stdout=subprocess.PIPE)
    return accepted_of(run.stdout.splitlines())


class Batch:
    def __init__(self, program, seed, first, corpus):
        self.first, self.verdicts, self.folder = first, tempfile.TemporaryFile(), tempfile.TemporaryDirectory()
        self.inputs = [followed_inputs.make(random.Random("%d-%d" % (seed, first + index)), corpus) for index in range(BATCH)]
        for index, (data, _) in enumerate(self.inputs):
            with open(os.path.join(self.folder.name, "%d.joblib" % index), "wb") as file:
                file.write(data)
        self.scan = subprocess.Popen([program, "scan", "--output-format", "jsonl", self.folder.name], stdout=self.verdicts)

    def following(self, program, seed, corpus):
        return Batch(program, seed, self.first + BATCH, corpus)

    def accepted(self):
        """Of each that is accepted its number, its bytes and its kinds."""
        self.end()
        self.verdicts.seek(0)
        for path in accepted_of(self.verdicts):
            index = int(os.path.basename(path).split(".")[0])
            yield (self.first + index, *self.inputs[index])

    def end(self):
        self.scan.wait()
        self.folder.cleanup()


class Shares:
    """How many inputs of each kind are made, and accepted: one that is never accepted tests nothing."""
    FAIR, ENOUGH = 0.1, 200
    # Those are there to be refused, most of them, and all of them.
    DAMAGED, MIXED = "damaged", "mixed"

    def __init__(self):
        self.made, self.accepted = collections.Counter(), collections.Counter()

    def unfair(self):
        enough = [kind for kind in sorted(self.made) if kind not in (self.DAMAGED, self.MIXED) and self.made[kind] >= self.ENOUGH]
        return [kind for kind in enough if self.accepted[kind] < self.made[kind] * self.FAIR]

    def __str__(self):
        return ", ".join("%s %d%%" % (kind, 100 * self.accepted[kind] // self.made[kind]) for kind in sorted(self.made))
