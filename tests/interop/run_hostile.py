"""Judge every file that `make_hostile.py` wrote, and hold the program to its bounds.

usage: python run_hostile.py PROGRAM DIR [--family PREFIX] [--jobs 2] [-v]

Runs `PROGRAM scan --json FILE` on each file of DIR/list.json and asks for

    refuse   exit 1, and one of the entry's codes among the reasons
    accept   exit 0
    bounded  exit 0 or 1
    always   less than 5 s of the processor (and 1 s more for each 20 MB of file), less than twice that on the clock, and no
             process with more resident memory than 16 bytes for each byte of the file and 96 MiB

Prints what fell short, by family. Exit status 1 if anything did.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import time


def scan(program, path, seconds):
    """(exit status or None, report or None, seconds of the processor or half of those on the clock, peak resident bytes, what it said on standard error)."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        process = subprocess.Popen([program, "scan", "--json", path], stdout=out, stderr=err, stdin=subprocess.DEVNULL, start_new_session=True)
        timer_status = None
        pause = 0.002
        while True:
            # wait4 counts the processes that this one waited for, its workers, too
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
                timer_status = process.returncode
                break
            if time.monotonic() - started > 4 * seconds:
                os.killpg(process.pid, 9)
                _, _, usage = os.wait4(process.pid, 0)
                process.returncode = -9
                break
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
        # Other checks run beside this one: what a processor took is held to the bound, and a program that sleeps to twice of it.
        took = max(usage.ru_utime + usage.ru_stime, (time.monotonic() - started) / 2)
        out.seek(0)
        err.seek(0)
        try:
            report = json.loads(out.read().decode("utf-8"))
        except ValueError:
            report = None
        return timer_status, report, took, usage.ru_maxrss * 1024, err.read().decode("utf-8", "replace").strip()[:150]


def judge(program, folder, entry):
    path = os.path.join(folder, entry["file"])
    size = os.path.getsize(path)
    seconds = 5 + size / 20e6
    status, report, took, memory, said = scan(program, path, seconds)
    faults = []
    reasons = [r for result in (report or {}).get("results", []) for r in result.get("reasons", [])]
    codes = {r.get("code") for r in reasons}
    first = ", ".join("%s (%s)" % (r.get("code"), r.get("message")) for r in reasons[:2])
    if status is None:
        faults.append("still running after %.0f s" % took)
    elif report is None:
        faults.append("exit %d without a report: %s" % (status, said))
    elif entry["verdict"] == "accept" and status != 0:
        faults.append("honest, but exit %d: %s" % (status, first))
    elif entry["verdict"] == "refuse" and status != 1:
        faults.append("hostile, but exit %d" % status)
    elif entry["verdict"] == "refuse" and not codes & set(entry["codes"]):
        faults.append("refused as %s; wanted %s" % (first or "nothing", " or ".join(entry["codes"])))
    elif status not in (0, 1):
        faults.append("exit %d: %s" % (status, said))
    if codes & {"worker-crashed", "worker-silent", "worker-protocol"}:
        faults.append("the worker died: %s" % first)
    if status is not None and took > seconds:
        faults.append("%.1f s" % took)
    if memory > 16 * size + (96 << 20):
        faults.append("%d MiB for a file of %d kB" % (memory >> 20, size >> 10))
    return faults, took, memory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--family", default="", help="only families that start with this")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-v", action="store_true", help="every failure, not five a family")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    with open(os.path.join(options.folder, "list.json")) as f:
        entries = [e for e in json.load(f) if e["family"].startswith(options.family)]
    table = collections.defaultdict(lambda: [0, []])
    slowest = largest = (0, "")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for entry, (faults, took, memory) in zip(entries, pool.map(lambda e: judge(program, options.folder, e), entries)):
            row = table[entry["family"]]
            row[0] += not faults
            if faults:
                row[1].append("%s: %s" % (entry["file"], "; ".join(faults)))
            slowest, largest = max(slowest, (took, entry["file"])), max(largest, (memory, entry["file"]))
    for family in sorted(table):
        passed, faults = table[family]
        if faults:
            print("%s: %d passed, %d failed" % (family, passed, len(faults)))
            for fault in faults if options.v else faults[:5]:
                print("    " + fault)
            if len(faults) > 5 and not options.v:
                print("    … %d more: -v" % (len(faults) - 5))
    passed, failed = sum(r[0] for r in table.values()), sum(len(r[1]) for r in table.values())
    print("run_hostile: %d passed, %d failed; slowest %.1f s (%s), largest %d MiB (%s)" % (passed, failed, slowest[0], slowest[1], largest[0] >> 20, largest[1]))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
