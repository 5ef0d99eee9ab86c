"""Compare `coldload inspect --opcodes` with pickletools over pickles: offsets, names, numbers and plain texts.

usage: compare_opcodes.py PROGRAM FOLDER...

Pickles that pickletools can not read are left out, and of refused ones only the opcodes before the break are compared.
The last line says `compare_opcodes: N passed, N failed`.
"""

import json
import pathlib
import pickletools
import subprocess
import sys


def wanted(data):
    """Offset, name and argument of each opcode; None where pickletools gives up."""
    try:
        return [(position, opcode.name, argument) for opcode, argument, position in pickletools.genops(data)]
    except Exception:  # It raises whatever its readers do.
        return None


def comparable(name, argument):
    """Whether both show the argument the same way."""
    if isinstance(argument, str):
        plain = argument.isascii() and argument.isprintable() and "\\" not in argument and len(argument) < 90
        return plain and name not in ("STRING", "UNICODE")
    return isinstance(argument, (int, float)) and argument - argument == 0 and abs(argument) < 2**63 and name != "LONG"


def differs(want, got, status):
    """What is not the same, or None."""
    # What follows the first pickle, pickletools does not look at.
    if status == 0 and len(got) < len(want):
        return f"{len(got)} opcodes, not {len(want)}"
    for (position, name, argument), line in zip(want, got):
        if (line["at"], line["opcode"]) != (position, name):
            return f"{line} is {name} at {position}"
        # pickletools shows I00 and I01 as booleans.
        if comparable(name, argument) and line.get("argument") != argument:
            return f"{line} has the argument {argument!r}"
    return None


def main(program, folders):
    passed = failed = 0
    for path in sorted(path for folder in folders for path in pathlib.Path(folder).rglob("*.pkl")):
        want = wanted(path.read_bytes())
        if want is None:
            continue
        run = subprocess.run([program, "inspect", path, "--opcodes"], capture_output=True, text=True, check=False)
        difference = differs(want, [json.loads(line) for line in run.stdout.splitlines()], run.returncode)
        passed, failed = passed + (difference is None), failed + (difference is not None)
        if difference:
            print(f"{path}: {difference}")
    print(f"compare_opcodes: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
