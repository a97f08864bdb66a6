#!/usr/bin/python3
"""Repeats the experiments of the literature and prints them as Markdown, beside what was published.

  bench/literature.py BUILD_FOLDER [--runs FILE] [--estimate] apex|ablation|sizes|unstructured... > FILE.md

apex          the table of the published implementation's README: rand(128, 64) of seed 1
ablation      Pool & Yu's Table 1: 25 matrices rand(64, 128), 25 of rand(32, 16), seeds 0..24
sizes         Pool & Yu's Table 3: square and twice as high, 32 to 256 columns, and 2048 x 2048
unstructured  Pool & Yu's Figure 4, on other layers: the lowest unstructured sparsity that becomes 2:4 without loss

Several may be named; docs/results/literature.md holds all four. One thread; seconds are wall clock of
the search or CPU time of the process, whichever is less. Needs numpy (python3-numpy) for `unstructured`.

--runs FILE adds each run to FILE as it ends, and takes from there what it has: a stopped study goes on. Runs are told
apart by the version of nmperm, not by its build. --estimate runs nothing and says how many runs are still to be made, and how
long they take.
"""

import argparse
import contextlib
import json
import math
import os
import resource
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RUN_LIMIT_S = 60  # a search that takes longer is stopped, and marked

PAPER = "Pool & Yu, NeurIPS 2021"


def published(solver, regressions, size=None):
    options = ["--solver", solver, "--option", f"bounded-regressions={regressions}"]
    return options + (["--option", f"stripe-group-size={size}"] if size else [])


# The strategies of the paper under its names, as this program has them, and `auto`.
STRATEGIES = {
    "random, 1000": ["--solver", "random", "--option", "samples=1000"],
    "channel swap": published("channel-swap", 0),
    "channel swap, BR(100)": published("channel-swap", 100),
    "channel swap, BR(1000)": published("channel-swap", 1000),
    "OSG(2)": published("stripe-groups", 0, 8),
    "OSG(2), BR(100)": published("stripe-groups", 100, 8),
    "OSG(2), BR(1000)": published("stripe-groups", 1000, 8),
    "OSG(3)": published("stripe-groups", 0, 12),
    "OSG(3), BR(100)": published("stripe-groups", 100, 12),
    "OSG(3), BR(1000)": published("stripe-groups", 1000, 12),
}


def auto(seconds):
    return ["--solver", "auto", "--time-limit", str(seconds)]


class Program:
    """nmperm as the studies use it. Runs that the file `runs` has (a JSON object a line) are not made again."""

    def __init__(self, build_folder, runs=None):
        self.path = os.path.join(build_folder, "nmperm")
        self.version = subprocess.run([self.path, "--version"], check=True, capture_output=True, text=True).stdout.strip()
        self.runs, self.known, self.loads = runs, {}, []
        if runs and os.path.exists(runs):
            with open(runs, "r+", encoding="utf-8") as file:
                text = file.read()
                file.truncate(text.rfind("\n") + 1)  # a line that was cut off
            for line in text.split("\n")[:-1]:
                run = json.loads(line)
                self.known[self.key(run["instance"], run["options"])] = run

    def key(self, name, options):
        return (self.version, name, *options)

    def solve(self, instance, options, name=None):
        """Figures of a run; `name` tells an instance apart that is a file for this moment only."""
        run = self.known.get(self.key(name or instance, options))
        if run is None:
            run = self.fresh_run(instance, options, name or instance)
            self.known[self.key(name or instance, options)] = run
            if self.runs:
                with open(self.runs, "a", encoding="utf-8") as file:
                    file.write(json.dumps(run) + "\n")
        self.loads.append(run["load"])
        return run

    def fresh_run(self, instance, options, name):
        limit = [] if "--time-limit" in options else ["--time-limit", str(RUN_LIMIT_S)]
        command = [self.path, "solve", instance, *options, *limit, "--threads", "1", "--quiet", "--output", "-"]
        load = os.getloadavg()[0]
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        solution = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        # Neither is less than what the search takes on an idle core; processes that share the core add to the one,
        # the start of the program to the other.
        cpu_s = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        figures = {member: solution[member] for member in ("magnitude", "efficacy", "status")}
        return {"instance": name, "options": options, **figures, "seconds": min(solution["seconds"], cpu_s), "load": load}

    def load_text(self):
        """The load of the runs since the last call."""
        least, most, self.loads = min(self.loads), max(self.loads), []
        return f"Load while these runs were made: {least:.1f} to {most:.1f} on {os.cpu_count()} processors."


class Plan:
    """Counts what a Program would still have to run, and how long that takes."""

    OVERHEAD_S = 0.05  # starting a process, reading and writing
    TYPICAL_S = 0.2  # of a search that ends by itself: mean of the committed tables
    SLOW_S = {"OSG(3)": 0.5, "OSG(3), BR(100)": 2, "OSG(3), BR(1000)": 15}  # of those that take longest, 64 x 128

    def __init__(self, program):
        self.program, self.count, self.expected_s = program, 0, 0.0

    def solve(self, instance, options, name=None):
        run = self.program.known.get(self.program.key(name or instance, options))
        if run is not None:
            return run
        self.count += 1
        limited = "--time-limit" in options and options[-1] != str(RUN_LIMIT_S)
        small = instance.startswith("random:32x")
        slow = [seconds for strategy, seconds in self.SLOW_S.items() if STRATEGIES[strategy] == options and not small]
        self.expected_s += self.OVERHEAD_S + (float(options[-1]) if limited else max([self.TYPICAL_S, *slow]))
        # Every second bisection goes up, so that all its steps are counted.
        kept = self.count % 2
        return {"magnitude": {"total": 1.0, "kept": kept}, "efficacy": 0.0, "status": "feasible", "seconds": 0.0}


def cut(solution, options):
    """A mark for a search that the time limit of this script ended."""
    return " (stopped)" if "--time-limit" not in options and solution["status"] == "time_limit" else ""


def seconds_text(seconds):
    return f"{seconds:.4f}" if seconds < 0.1 else f"{seconds:.2f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


# Magnitude, efficacy and seconds as the README of the published implementation prints them: on a V100, and on a CPU.
APEX = {
    "random, 1000": (2873.380, 11.1, 0.116, 14.889),
    "channel swap": (2913.352, 32.1, 0.214, 55.972),
    "channel swap, BR(100)": (2914.174, 32.5, 2.249, 450.025),
    "channel swap, BR(1000)": (2920.694, 36.0, 20.248, None),
    "OSG(2)": (2919.757, 35.5, 0.013, 60.653),
    "OSG(2), BR(100)": (2919.758, 35.5, 0.152, 465.709),
    "OSG(2), BR(1000)": (2919.935, 35.6, 1.387, None),
    "OSG(3)": (2921.947, 36.6, 0.860, None),
}


def apex(program):
    rows = []
    searches = {name: STRATEGIES[name] for name in APEX}
    searches["`auto`, 0.1 s"] = auto(0.1)
    searches["`auto` until proven"] = auto(RUN_LIMIT_S)
    for name, options in searches.items():
        solution = program.solve("random:128x64:1", options)
        kept, efficacy, gpu, cpu = APEX.get(name, (None,) * 4)
        rows.append(
            [
                name,
                f"{kept:.3f}" if kept else "",
                f"{efficacy:.1f}" if kept else "",
                f"{gpu:.3f}" if kept else "",
                f"{cpu:.3f}" if cpu else "",
                f"{solution['magnitude']['kept']:.3f}" + (" = optimal" if solution["status"] == "optimal" else ""),
                f"{solution['efficacy']:.2f}",
                seconds_text(solution["seconds"]) + cut(solution, options),
            ]
        )
    print("## apex: `rand(128, 64)`, seed 1\n")
    print(
        "Published: README of `apex/contrib/sparsity/permutation_tests` in github.com/NVIDIA/apex, run on a V100 and\n"
        "on a CPU (kept as on the V100, up to float32). Total 4083.169, default 2852.377, row bound 3042.332 there and here. Theirs\n"
        "is Python with CUDA or NumPy kernels, ours compiled: seconds compare programs, not methods. Searches without random\n"
        "numbers (channel swap, OSG) end at the same value; random orders and bounded regressions draw other numbers here. By\n"
        "`bench/literature.py BUILD_FOLDER apex`.\n"
    )
    head = ["strategy", "published kept", "efficacy", "s, V100", "s, CPU", "here: kept", "efficacy", "s, one thread"]
    print(table(head, rows))


def mean(values):
    return sum(values) / len(values)


def deviation(values):
    """Of the population, as the paper's script computes it."""
    return math.sqrt(mean([(value - mean(values)) ** 2 for value in values]))


def ablation(program):
    seeds = range(25)
    optimum = {seed: program.solve(f"random:32x16:{seed}", ["--solver", "exhaustive"]) for seed in seeds}
    rows = []
    for name, options in {**STRATEGIES, "`auto`, 0.1 s": auto(0.1), "`auto`, 1 s": auto(1)}.items():
        large = [program.solve(f"random:64x128:{seed}", options) for seed in seeds]
        small = {seed: program.solve(f"random:32x16:{seed}", options) for seed in seeds}
        efficacies = [solution["efficacy"] for solution in large]
        found = sum(abs(small[s]["efficacy"] - optimum[s]["efficacy"]) < 1e-3 for s in seeds)
        stopped = sum(cut(solution, options) != "" for solution in large)
        rows.append(
            [
                name,
                f"{mean(efficacies):.2f}",
                f"{deviation(efficacies):.2f}",
                seconds_text(mean([s["seconds"] for s in large])) + (f" ({stopped} stopped)" if stopped else ""),
                f"{mean([small[s]['efficacy'] for s in seeds]):.2f}",
                f"{found} of 25",
            ]
        )
        print(name, file=sys.stderr)
    print("## Ablation: 25 matrices `rand(64, 128)`, 25 of `rand(32, 16)`\n")
    print(
        f"The experiment of {PAPER}, Table 1 (its script `ablation_studies.sh`): the same matrices, seeds 0..24, deviation of the\n"
        "population, optima of `rand(32, 16)` by exhaustive search. All rows were run here: the methods of the paper are this\n"
        "project's implementations of them (the table above says how near these are), and nothing is compared with the paper's printed\n"
        "figures, which were not at hand. By\n"
        "`bench/literature.py BUILD_FOLDER ablation`.\n"
    )
    print(table(["strategy", "64 x 128: mean", "deviation", "mean s", "32 x 16: mean", "optima found"], rows))


def sizes(program):
    shapes = [(rows, columns) for columns in (32, 64, 128, 256) for rows in (columns, 2 * columns)] + [(2048, 2048)]
    names = ["random, 1000", "channel swap", "channel swap, BR(100)", "OSG(2)", "OSG(2), BR(100)", "OSG(2), BR(1000)"]
    widest = {"OSG(3)": 256, "OSG(3), BR(100)": 128, "OSG(3), BR(1000)": 128}  # columns; beyond, minutes to hours a run
    searches = {name: STRATEGIES[name] for name in [*names, *widest]}
    searches.update({"`auto`, 1 s": auto(1), "`auto`, 10 s": auto(10)})
    rows = []
    for name, options in searches.items():
        row = [name]
        for shape in shapes:
            if shape[1] > widest.get(name, 2048):
                row.append("")
                continue
            solution = program.solve(f"random:{shape[0]}x{shape[1]}:1", options)
            mark = "*" if solution["status"] == "optimal" else ""
            row.append(f"{solution['efficacy']:.2f}{mark} / {seconds_text(solution['seconds'])}{cut(solution, options)}")
        rows.append(row)
        print(name, file=sys.stderr)
    print("## Sizes: efficacy / seconds\n")
    print(
        f"The experiment of {PAPER}, Table 3 (its script `runtime_table.sh`): `rand(rows, columns)` of seed 1. All rows were run\n"
        f"here, as above; the paper's printed figures were not at hand. \\* proven optimal; (stopped) after {RUN_LIMIT_S} s. OSG(3)\n"
        f"with regressions is run up to 128 columns, in the script up to 256. By\n"
        f"`bench/literature.py BUILD_FOLDER sizes`.\n"
    )
    print(table(["strategy", *(f"{r} x {c}" for r, c in shapes)], rows))


def read_safetensors(path, name):
    import numpy

    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        info = json.loads(file.read(length))[name]
        first, last = info["data_offsets"]
        file.seek(8 + length + first)
        weights = numpy.frombuffer(file.read(last - first), "<f4").reshape(info["shape"])
    return weights if weights.ndim == 2 else weights.transpose(0, 2, 3, 1).reshape(-1, weights.shape[1])


def pruned(scores, percent):
    """The smallest scores set to 0, whatever their place."""
    import numpy

    flat = scores.ravel().copy()
    flat[numpy.argsort(flat, kind="stable")[: flat.size * percent // 100]] = 0
    return flat.reshape(scores.shape)


def lowest_sparsity(program, matrix, scores, options, folder):
    """By bisection, in whole per cent, as the paper's script does; and whether one less is proven impossible."""
    path = os.path.join(folder, "pruned.npy")
    low, high, outcome = 49, 100, {}  # high always succeeds: all scores are 0 there
    import numpy

    while high - low > 1:
        middle = (low + high) // 2
        numpy.save(path, pruned(scores, middle))
        outcome[middle] = solution = program.solve(path, options, f"{matrix}, {middle} % zeros")
        magnitude = solution["magnitude"]
        if magnitude["total"] - magnitude["kept"] <= 1e-9 * magnitude["total"]:
            high = middle
        else:
            low = middle
    below = outcome.get(high - 1)
    impossible = high == 50 or (below is not None and below["status"] == "optimal")
    return f"{high} %" + (" = least" if impossible else "")


def unstructured(program):
    import numpy

    digits = os.path.join(ROOT, "instances", "digits", "digits_cnn.safetensors")
    matrices = {
        f"digits {layer}": numpy.abs(read_safetensors(digits, f"{layer}.weight"))
        for layer in ("conv2", "conv3", "conv4", "fc1", "fc2")
    }
    for rows, columns in ((32, 32), (64, 64), (64, 256)):
        normal = numpy.abs(numpy.random.RandomState(1).randn(rows, columns)).astype("<f4")
        matrices[f"normal {rows} x {columns}"] = normal
    searches = {"given order": ["--solver", "identity"]}
    names = ["channel swap", "OSG(2)", "OSG(2), BR(100)", "OSG(2), BR(1000)", "OSG(3)"]
    searches.update({name: STRATEGIES[name] for name in names})
    searches["`auto`, 2 s"] = auto(2)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for matrix, scores in matrices.items():
            cells = [lowest_sparsity(program, matrix, scores, options, folder) for options in searches.values()]
            rows.append([f"{matrix}, {scores.shape[0]} x {scores.shape[1]}" if "digits" in matrix else matrix, *cells])
            print(matrix, file=sys.stderr)
    print("## Unstructured to 2:4: the lowest sparsity that a permutation turns into 2:4 without loss\n")
    print(
        f"The question of {PAPER}, Figure 4 (its script `unstructured_study.sh`), on other matrices: the smallest weights are set to\n"
        "zero, and the lowest share of zeros (in whole per cent, by bisection) is sought with which the search finds an order\n"
        "whose 2:4 pruning removes nothing. The paper counts layers of ResNet-50 in a plot, which cannot be set beside this;\n"
        "these are layers that this project trained (instances/digits) and normal random matrices of seed 1. The bisection takes for\n"
        "granted that more zeros are not harder, which holds for the best permutation, not for every search: a search may have failed\n"
        "at one share and not at a lower one. *= least*: with one per cent less no permutation does it (proven). By\n"
        "`bench/literature.py BUILD_FOLDER unstructured`.\n"
    )
    print(table(["matrix", *searches], rows))


STUDIES = {"apex": apex, "ablation": ablation, "sizes": sizes, "unstructured": unstructured}


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown processor")


def head(program, names):
    return f"""# The literature's experiments, repeated

By `bench/literature.py BUILD_FOLDER {' '.join(names)}`: {program.version}, one thread,
{processor()}. Seconds are the wall clock of the search or the CPU time of the process, whichever is less:
upper limits of what an idle core takes. Time limits are wall clock, so that a shared core finds less in them;
the load is stated. Efficacy is 100 * (kept - default) / (row bound - default); BR: bounded regressions; OSG(k):
stripe groups of k stripes.
"""


def estimate(program, names):
    plan = Plan(program)
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        for name in names:
            STUDIES[name](plan)
    print(f"{plan.count} runs, about {plan.expected_s:.0f} s on an idle core")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build_folder")
    parser.add_argument("--runs", metavar="FILE")
    parser.add_argument("--estimate", action="store_true")
    parser.add_argument("studies", nargs="+", choices=STUDIES, metavar="|".join(STUDIES))
    return parser.parse_args()


def main():
    options = arguments()
    program = Program(options.build_folder, options.runs)
    if options.estimate:
        return estimate(program, options.studies)
    print(head(program, options.studies))
    for name in options.studies:
        STUDIES[name](program)
        print(program.load_text() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
