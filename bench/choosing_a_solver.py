#!/usr/bin/python3
"""Writes docs/choosing-a-solver.md from the committed runs: which solver is ahead, by size and by time.

  bench/choosing_a_solver.py > docs/choosing-a-solver.md

Figures are those of the report page: missing gain is 1 - (kept - default) / (best - default), where `best` is the best
known value (of the runs, or of the instance library where it has a better one); median over seeds, mean over instances.
"""

import json
import os
import statistics

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUDGETS_S = (0.01, 0.1, 1, 2)
CLASSES = ((1, 64), (65, 128), (129, 256), (257, 512))  # columns, both included
SAME = 0.001  # of the gain: solvers that are nearer to the best are as good


def read_json(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return json.load(file)


class Measured:
    """The runs by instance and solver, and the best known value of each instance."""

    def __init__(self, runs, library, entries):
        self.columns, self.cells, self.best, self.default = {}, {}, {}, {}
        listed = {(of["sha256"], of["rows"], of["columns"], of["pattern"]): of["name"] for of in library}
        known = {entry["name"]: entry["magnitude"]["kept"] for entry in entries}
        for run in runs:
            instance, name = run["instance"], run["instance"]["name"]
            self.columns[name] = instance["columns"]
            self.default[name] = run["magnitude"]["default"]
            key = (instance["sha256"], instance["rows"], instance["columns"], run["pattern"])
            self.best[name] = max(self.best.get(name, 0), run["magnitude"]["kept"], known.get(listed.get(key), 0))
            self.cells.setdefault((name, run["solver"]), []).append(run)
        self.solvers = list(dict.fromkeys(run["solver"] for run in runs))

    def missing_of_run(self, name, run, seconds):
        start, best = self.default[name], self.best[name]
        reached = [start, *(point["kept"] for point in run["trace"] if point["seconds"] <= seconds)]
        # Traces have the search's float32 sums, which may exceed what was kept by a rounding.
        return 1 - (min(max(reached), run["magnitude"]["kept"]) - start) / (best - start)

    def missing(self, solver, names, seconds):
        medians = [statistics.median(self.missing_of_run(name, run, seconds) for run in self.cells[name, solver]) for name in names]
        return statistics.mean(medians)

    def names(self, least=0, most=10**9):
        return [name for name, columns in self.columns.items() if least <= columns <= most]


def percent(share):
    return f"{100 * share:.2f} %" if share < 0.0995 else f"{100 * share:.1f} %"


def row(cells):
    return "| " + " | ".join(cells) + " |"


def ahead(measured, names, seconds):
    """The solvers that miss least, and `auto` where it is not among them."""
    values = {solver: measured.missing(solver, names, seconds) for solver in measured.solvers}
    least = min(values.values())
    best = [solver for solver in values if values[solver] <= least + SAME]
    text = ", ".join(f"**{solver}**" for solver in best) + f": {percent(least)}"
    return text if "auto" in best else text + f" (auto: {percent(values['auto'])})"


def by_size(measured):
    lines = [row(["columns", "matrices", *(f"after {seconds:g} s" for seconds in BUDGETS_S)]), "|---|---:" + "|---" * len(BUDGETS_S) + "|"]
    for least, most in CLASSES:
        names = measured.names(least, most)
        cells = [ahead(measured, names, seconds) for seconds in BUDGETS_S]
        lines.append(row([f"up to {most}" if least == 1 else f"{least} to {most}", str(len(names)), *cells]))
    return "\n".join(lines)


def overall(measured, runs):
    lines = [row(["solver", *(f"after {seconds:g} s" for seconds in BUDGETS_S), "runs proven optimal"]), "|---" + "|---:" * (len(BUDGETS_S) + 1) + "|"]
    for solver in measured.solvers:
        own = [run for run in runs if run["solver"] == solver]
        proven = sum(run["status"] == "optimal" for run in own)
        cells = [percent(measured.missing(solver, measured.names(), seconds)) for seconds in BUDGETS_S]
        lines.append(row([f"`{solver}`", *cells, f"{proven} of {len(own)}"]))
    return "\n".join(lines)


def conditions(runs):
    machine = runs[0]["machine"]
    loads = [run["machine"]["load_average"] for run in runs]
    text = f"{machine['processor']}, one thread, load {min(loads):.1f} to {max(loads):.1f} on {machine['processors']} processors."
    if statistics.median(loads) > machine["processors"]:
        text += "\nThey were busy: an idle machine reaches the same in a fraction of the time."
    return text


def page(runs, library, entries):
    measured = Measured(runs, library, entries)
    limit = max(run["time_limit"] for run in runs)
    return f"""# Which solver for which size and time?

Use `auto`, the default: it picks and chains the others by size and by the time that is left. In particular:

| wanted | solver |
|---|---|
| the best order in the time there is | `auto` with `--time-limit` |
| a proof, up to about a hundred columns (M <= 4) | `branch-and-price`, or `auto`, which proves where there is time |
| a certified gap, up to about a thousand columns (M <= 4) | `column-generation` |
| a proof for a few columns (C <= 24 or so, also M = 8) | `exhaustive`, `branch-and-price` |
| groups of two (1:2) | `matching`: exact, thousands of columns |
| what the literature does | `stripe-groups`, `channel-swap` |

## Measured

The gain that is still missing after so many seconds, mean over the matrices of a size; bold is ahead ({percent(SAME)} of the
gain is no difference). 0 % is the best known value, 100 % the given order of columns. The runs had {limit:g} s: `auto` plans
with the time that it is given, and does better in a short time than its long run has done by then.

{by_size(measured)}

Over all {len(measured.columns)} matrices:

{overall(measured, runs)}

{conditions(runs)}
Larger matrices, with `auto` alone, are in the [README](../README.md#measured); every run is on the
[page](results/reporting.html), and how to measure your own matrices in [compare.md](compare.md).
Written by `bench/choosing_a_solver.py` from `docs/results/reporting.json` and the values of the instance library.
"""


def main():
    runs = read_json("docs", "results", "reporting.json")["runs"]
    library = read_json("instances", "library", "library.json")["instances"]
    entries = read_json("instances", "library", "best_known.json")["entries"]
    print(page(runs, library, entries), end="")


if __name__ == "__main__":
    main()
