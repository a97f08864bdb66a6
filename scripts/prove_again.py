#!/usr/bin/python3
"""Makes the proofs of the instance library again whose certificates are too long to be stored, and verifies them.

  scripts/prove_again.py BUILD_FOLDER [NAME...]

Of each such bound it runs the command that made it, with up to four times as long, until the gap is what is recorded, and
lets `nmperm check` verify the certificate. Exit code 4 where a bound is not reached again. About ten minutes on an idle core.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATIENCE = 4  # machines differ, and may be busy
SAME = 1e-6  # of the pruned magnitude: a gap that counts as closed


def entries_of(names):
    with open(os.path.join(ROOT, "instances", "library", "best_known.json"), encoding="utf-8") as file:
        entries = json.load(file)["entries"]
    unknown = set(names) - {entry["name"] for entry in entries}
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: not in the library")
    entries = [entry for entry in entries if not names or entry["name"] in names]
    return [of for of in entries if of["bound"] and not of["bound"]["certificate"] and of["bound"]["method"] != "row-bound"]


def command_of(entry, nmperm, folder):
    """The recorded command with this program, more time, and the gap at which it may stop."""
    words = shlex.split(entry["bound"]["command"])
    words[0] = nmperm
    limit = words.index("--time-limit") + 1
    words[limit] = str(PATIENCE * float(words[limit]))
    words[words.index("--output") + 1] = os.path.join(folder, "s.json")
    return [*words, "--gap-limit", repr(max(SAME, entry["gap"])), "--quiet"]


def weaker_by(entry, nmperm):
    """How much more of the pruned magnitude the new bound allows than the recorded one. The new one is verified."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(command_of(entry, nmperm, folder), check=True)
        path = os.path.join(folder, "s.json")
        subprocess.run([nmperm, "check", f"library:{entry['name']}", path], check=True, stdout=subprocess.DEVNULL)
        with open(path, encoding="utf-8") as file:
            solution = json.load(file)
    if solution["bound"] is None or solution["bound"]["certificate"] is None:
        return float("inf")
    magnitude = entry["magnitude"]
    return (solution["bound"]["kept"] - entry["bound"]["kept"]) / (magnitude["total"] - magnitude["kept"])


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: scripts/prove_again.py BUILD_FOLDER [NAME...]")
    nmperm = os.path.join(sys.argv[1], "nmperm")
    failed = 0
    for entry in entries_of(sys.argv[2:]):
        share = weaker_by(entry, nmperm)
        good = share <= SAME
        failed += not good
        print(f"{entry['name']:<32} {'proven again' if good else f'NOT REACHED: weaker by {100 * share:.4f} % of what is pruned'}", flush=True)
    sys.exit(4 if failed else 0)


if __name__ == "__main__":
    main()
