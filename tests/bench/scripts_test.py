"""The scripts that repeat the committed results: they know what is committed, and go on where they were stopped."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = os.environ["NMPERM_BUILD"]
sys.path.insert(0, str(ROOT / "bench"))

import choosing_a_solver  # noqa: E402
import literature  # noqa: E402
import repeat_results  # noqa: E402


class InAFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class ChoosingASolver(unittest.TestCase):
    def test_the_page_is_written_from_the_committed_runs(self):
        script = ROOT / "bench" / "choosing_a_solver.py"
        written = subprocess.run([sys.executable, script], check=True, capture_output=True, text=True).stdout
        self.assertEqual((ROOT / "docs" / "choosing-a-solver.md").read_text(), written, "bench/choosing_a_solver.py > docs/choosing-a-solver.md")

    @staticmethod
    def run_of(solver, seed, kept, trace):
        return {
            "instance": {"name": "a", "sha256": "f", "rows": 4, "columns": 8},
            "pattern": "2:4",
            "solver": solver,
            "seed": seed,
            "magnitude": {"default": 100, "kept": kept},
            "trace": [{"seconds": seconds, "kept": value} for seconds, value in trace],
        }

    def test_missing_gain_is_that_of_the_report(self):
        runs = [
            self.run_of("x", 0, 150, [(0.1, 120), (0.5, 150.1)]),
            self.run_of("x", 1, 160, [(0.1, 140), (0.5, 160)]),
            self.run_of("y", 0, 180, [(0.2, 180)]),
        ]
        library = [{"sha256": "f", "rows": 4, "columns": 8, "pattern": "2:4", "name": "known"}]
        entries = [{"name": "known", "magnitude": {"kept": 200}}]
        measured = choosing_a_solver.Measured(runs, library, entries)
        self.assertAlmostEqual(measured.missing("x", ["a"], 0.05), 1)
        self.assertAlmostEqual(measured.missing("x", ["a"], 0.1), 1 - (0.2 + 0.4) / 2)
        self.assertAlmostEqual(measured.missing("x", ["a"], 9), 1 - (0.5 + 0.6) / 2)
        self.assertAlmostEqual(measured.missing("y", ["a"], 9), 0.2)
        library[0]["pattern"] = "1:4"
        self.assertAlmostEqual(choosing_a_solver.Measured(runs, library, entries).missing("y", ["a"], 9), 0)


class RepeatResults(InAFolder):
    def place(self, build=BUILD):
        return repeat_results.Workplace(build, str(self.folder / "work"))

    def test_it_knows_what_is_committed(self):
        entries = json.loads((ROOT / "instances" / "library" / "best_known.json").read_text())["entries"]
        open_rows = sum(not entry["optimal"] for entry in entries)
        self.assertEqual(repeat_results.LibraryRows(self.place()).estimate()[0], open_rows)
        for part, path in ((repeat_results.Reporting, "docs/results/reporting.json"), (repeat_results.Auto, "bench/results/auto.json")):
            count, seconds, most = part(self.place()).estimate()
            self.assertEqual(count, len(json.loads((ROOT / path).read_text())["runs"]))
            self.assertLessEqual(seconds, 1.5 * most)

    def committed(self):
        path = self.folder / "committed.json"
        subprocess.run(
            [f"{BUILD}/nmperm", "compare", "random:16x8:1", "random:16x8:2", "--solvers", "identity,stripe-groups:bounded-regressions=0"]
            + ["--time-limit", "1,2", "--seeds", "2", "--threads", "1", "--quiet", "--output", str(path)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return path

    @staticmethod
    def cells(path):
        members = ("solver", "preset_options", "time_limit", "seed", "threads", "pattern")
        runs = json.loads(path.read_text())["runs"]
        return sorted(json.dumps([run["instance"]["name"], *(run[member] for member in members)]) for run in runs)

    def test_the_same_cells_are_made_again_and_once(self):
        path = self.committed()
        before, cells = path.read_text(), self.cells(path)
        comparison = repeat_results.Comparison(self.place(), str(path))
        self.assertEqual(comparison.estimate()[0], 16)
        comparison.make()
        self.assertEqual(self.cells(path), cells)
        self.assertNotEqual(path.read_text(), before)
        after = path.read_text()
        self.assertEqual(comparison.estimate()[0], 0)
        comparison.make()
        self.assertEqual(path.read_text(), after)

    def test_what_is_no_grid_is_refused(self):
        path = self.committed()
        document = json.loads(path.read_text())
        document["runs"].pop()
        path.write_text(json.dumps(document))
        with self.assertRaisesRegex(SystemExit, "no full grid"):
            repeat_results.Comparison(self.place(), str(path))

    def test_runs_of_two_builds_do_not_mix(self):
        self.place()
        other = self.folder / "other"
        other.mkdir()
        (other / "nmperm").write_text("another program")
        with self.assertRaisesRegex(SystemExit, "another build"):
            self.place(str(other))


class Literature(InAFolder):
    OPTIONS = ["--solver", "identity"]

    def test_runs_are_made_once(self):
        record = self.folder / "runs.jsonl"
        program = literature.Program(BUILD, str(record))
        run = program.solve("random:16x8:1", self.OPTIONS)
        program.solve("random:16x8:2", self.OPTIONS)
        record.write_text(record.read_text()[:-10])  # stopped while it wrote
        again = literature.Program(BUILD, str(record))
        plan = literature.Plan(again)
        for seed in (1, 2):
            plan.solve(f"random:16x8:{seed}", self.OPTIONS)
        self.assertEqual(plan.count, 1)
        self.assertEqual(again.solve("random:16x8:1", self.OPTIONS), run)
        self.assertAlmostEqual(run["magnitude"]["kept"], run["magnitude"]["default"])
        again.solve("random:16x8:2", self.OPTIONS)
        self.assertEqual(len(literature.Program(BUILD, str(record)).known), 2, "what was cut off is no part of the next line")

    def test_every_study_can_be_planned(self):
        plan = literature.Plan(literature.Program(BUILD))
        for study in ("apex", "ablation", "sizes"):
            before = plan.count
            with open(os.devnull, "w", encoding="utf-8") as nowhere:
                with literature.contextlib.redirect_stdout(nowhere), literature.contextlib.redirect_stderr(nowhere):
                    literature.STUDIES[study](plan)
            self.assertGreater(plan.count, before)


if __name__ == "__main__":
    unittest.main()
