"""The examples run."""

import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def test_digits_with_two_seeds():
    command = [sys.executable, EXAMPLES / "digits_2to4.py", "--seeds", "2"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| 0 ") or line.startswith("| 1 ")]
    assert len(rows) == 2
    for row in rows:
        without, with_permutation = (float(value) for value in row[2].split(" and "))
        assert with_permutation > without  # of the magnitude
    assert sum("lost on average" in line for line in lines) == 2
