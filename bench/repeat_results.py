#!/usr/bin/python3
"""Makes the committed results again: on an idle machine, with the seeds, budgets and solvers that they were made with.

  bench/repeat_results.py BUILD_FOLDER WORK_FOLDER [--estimate] [PART...]

library     instances/library/best_known.json and docs/results/best_known.md: the rows that are not proven optimal, by
            scripts/fill_library.sh; a value or a bound is entered only where it is better
literature  docs/results/literature.md, by bench/literature.py
reporting   docs/results/reporting.json, its page and figures, and docs/choosing-a-solver.md, by `nmperm compare`; better
            values go into the library
auto        bench/results/auto.json, from which README.md has a table, by `nmperm compare`

Without a PART all are made, in this order. It says first how long that takes, and --estimate only that. It can be stopped
and started again: runs stay in WORK_FOLDER, which belongs to one build of nmperm. A part replaces the committed files
once all its runs are there. Searches use one thread, one at a time: two at once share the memory and the clock of the
processor, and change each other's figures. Needs numpy (python3-numpy) for `literature`.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RESULTS = os.path.join(ROOT, "docs", "results")
STUDIES = ["apex", "ablation", "sizes", "unstructured"]
PAGE_TITLE = "Channel permutations: the reporting set"
PAGE_MATRIX = "library:structured-128x128-100"  # of the heat maps: large enough to fill them, and like trained layers
MEMORY_LIMIT_MIB = 2000  # of a run of `compare`
OVERHEAD_S = 0.15  # of a run of `compare`: starting it, reading and writing


def unique(values):
    return list(dict.fromkeys(values))


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Workplace:
    """The program, and where its runs are kept."""

    def __init__(self, build_folder, work_folder):
        self.build_folder, self.folder = build_folder, work_folder
        self.nmperm = os.path.join(build_folder, "nmperm")
        os.makedirs(work_folder, exist_ok=True)
        with open(self.nmperm, "rb") as file:
            sha256 = hashlib.sha256(file.read()).hexdigest()
        stamp = self.path("build.sha256")
        if not os.path.exists(stamp):
            with open(stamp, "w", encoding="utf-8") as file:
                file.write(sha256 + "\n")
        with open(stamp, encoding="utf-8") as file:
            if file.read().strip() != sha256:
                sys.exit(f"{work_folder}: holds runs of another build of nmperm (expected a folder of its own for each)")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *command, **more):
        subprocess.run(command, check=True, **more)


class Comparison:
    """A results file that was committed: the same cells again."""

    def __init__(self, place, committed):
        self.place, self.committed = place, committed
        self.fresh = place.path(os.path.basename(committed))
        self.runs = read_json(committed)["runs"]
        self.instances = unique(run["instance"]["name"] for run in self.runs)
        self.presets = unique(self.preset_of(run) for run in self.runs)
        self.limits = unique(f"{run['time_limit']:g}" for run in self.runs)
        self.seeds = 1 + max(run["seed"] for run in self.runs)
        cells = len(self.instances) * len(self.presets) * len(self.limits) * self.seeds
        others = unique((run["threads"], run.get("iteration_limit")) for run in self.runs)
        if cells != len(self.runs) or others != [(1, None)]:
            sys.exit(f"{committed}: is no full grid of runs on one thread, each with a time limit")

    @staticmethod
    def preset_of(run):
        options = run.get("preset_options") or {}
        return ":".join([run["solver"], *(f"{name}={value}" for name, value in options.items())])

    def estimate(self):
        done = len(read_json(self.fresh)["runs"]) if os.path.exists(self.fresh) else 0
        share = 1 - done / len(self.runs)
        seconds = share * sum(run["seconds"] + OVERHEAD_S for run in self.runs)
        most = share * sum(run["time_limit"] + OVERHEAD_S for run in self.runs)
        return len(self.runs) - done, seconds, most

    def make(self):
        self.place.run(
            *(self.place.nmperm, "compare", *self.instances, "--solvers", ",".join(self.presets)),
            *("--time-limit", ",".join(self.limits), "--seeds", str(self.seeds), "--threads", "1"),
            *("--memory-limit", str(MEMORY_LIMIT_MIB), "--output", self.fresh, "--resume"),
            stdout=subprocess.DEVNULL,
        )
        if any("failure" in run for run in read_json(self.fresh)["runs"]):
            sys.exit(f"{self.fresh}: runs failed; the committed file stays as it is")
        shutil.copyfile(self.fresh, self.committed)


class Reporting(Comparison):
    def __init__(self, place):
        super().__init__(place, os.path.join(RESULTS, "reporting.json"))

    def make(self):
        super().make()
        self.place.run(self.place.nmperm, "library", "update", self.committed)  # should a run have found a better value
        with open(os.path.join(RESULTS, "best_known.md"), "w", encoding="utf-8") as table:
            self.place.run(self.place.nmperm, "library", "list", "--markdown", stdout=table)
        draw(self.place)


def draw(place):
    """What is made from reporting.json and from the library's values: the page, its figures, the recommendations."""
    results = os.path.join(RESULTS, "reporting.json")
    page = os.path.join(RESULTS, "reporting")
    place.run(place.nmperm, "report", results, "--output", page + ".html", "--title", PAGE_TITLE, "--instance", PAGE_MATRIX)
    place.run(place.nmperm, "report", results, "--output", page + ".svg", "--format", "svg")
    place.run(place.nmperm, "report", results, "--output", page + "-profile.svg", "--format", "svg", "--figure", "profile")
    with open(os.path.join(ROOT, "docs", "choosing-a-solver.md"), "w", encoding="utf-8") as file:
        place.run(os.path.join(ROOT, "bench", "choosing_a_solver.py"), stdout=file)


class Auto(Comparison):
    def __init__(self, place):
        super().__init__(place, os.path.join(ROOT, "bench", "results", "auto.json"))


class Literature:
    def __init__(self, place):
        self.place = place
        script = os.path.join(ROOT, "bench", "literature.py")
        self.command = [script, place.build_folder, "--runs", place.path("literature.jsonl")]

    def estimate(self):
        text = subprocess.run([*self.command, "--estimate", *STUDIES], check=True, capture_output=True, text=True).stdout
        runs, seconds = (float(word) for word in text.split() if word.isdigit())
        return int(runs), seconds, None

    def make(self):
        tables = self.place.path("literature.md")
        with open(tables, "w", encoding="utf-8") as file:
            self.place.run(*self.command, *STUDIES, stdout=file)
        shutil.copyfile(tables, os.path.join(RESULTS, "literature.md"))


class LibraryRows:
    """The rows of the library that a time limit ended."""

    def __init__(self, place):
        self.place = place
        entries = read_json(os.path.join(ROOT, "instances", "library", "best_known.json"))["entries"]
        # Rows that were open when this folder was begun: later ones may have been closed by its runs.
        rows = place.path("library-rows.json")
        if not os.path.exists(rows):
            with open(rows, "w", encoding="utf-8") as file:
                json.dump([entry["name"] for entry in entries if not entry["optimal"]], file)
        script = os.path.join(ROOT, "scripts", "fill_library.sh")
        self.command = [script, place.build_folder, place.path("library"), *read_json(rows)]

    def estimate(self):
        plan = subprocess.run(self.command, check=True, capture_output=True, text=True, env={**os.environ, "NMPERM_PLAN": "yes"})
        seconds = [float(line.split()[-1]) for line in plan.stdout.splitlines()]
        return len(seconds), sum(seconds), sum(seconds)

    def make(self):
        self.place.run(*self.command)
        draw(self.place)


PARTS = {"library": LibraryRows, "literature": Literature, "reporting": Reporting, "auto": Auto}


def print_estimate(parts):
    load = os.getloadavg()[0]
    total = 0
    for name, part in parts.items():
        runs, seconds, most = part.estimate()
        total += seconds
        limit = f", at most {most:.0f} s by their limits" if most else ""
        print(f"{name:<11} {runs:4} runs, about {seconds:.0f} s{limit}")
    print(f"together about {total / 60:.0f} min on an idle core; load now {load:.1f} on {os.cpu_count()} processors", flush=True)
    if load > 0.5:
        print("This machine is not idle: times will be too long, and searches with a limit find less.", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build_folder")
    parser.add_argument("work_folder")
    parser.add_argument("--estimate", action="store_true")
    # One by one: argparse of Python 3.11 refuses an empty list where choices are given.
    parser.add_argument("parts", nargs="*", metavar="PART")
    options = parser.parse_intermixed_args()
    for name in options.parts:
        if name not in PARTS:
            parser.error(f"there is no part {name!r} (expected {', '.join(PARTS)})")
    place = Workplace(options.build_folder, options.work_folder)
    parts = {name: PARTS[name](place) for name in PARTS if name in options.parts or not options.parts}
    print_estimate(parts)
    if options.estimate:
        return
    for name, part in parts.items():
        print(f"\n== {name}", flush=True)
        part.make()


if __name__ == "__main__":
    main()
