"""What is refused: one line that names the argument and what was expected."""

import numpy as np
import pytest

import nmperm

GOOD = np.random.RandomState(0).rand(8, 8)


def with_value(value):
    scores = GOOD.copy()
    scores[2, 3] = value
    return scores


@pytest.mark.parametrize(
    "error, names, arguments",
    [
        (ValueError, ["scores", "row 2, column 3", "nonnegative"], {"scores": with_value(-1)}),
        (ValueError, ["scores", "row 2, column 3", "finite"], {"scores": with_value(np.nan)}),
        (ValueError, ["scores", "row 2, column 3", "finite"], {"scores": with_value(np.inf)}),
        (ValueError, ["scores", "row 2, column 3", "finite"], {"scores": with_value(1e300)}),
        (TypeError, ["scores", "int64", "float32"], {"scores": np.ones((8, 8), np.int64)}),
        (TypeError, ["scores", "complex128", "float32"], {"scores": GOOD.astype(complex)}),
        (TypeError, ["scores", "<U1", "float32"], {"scores": [["a", "b"]]}),
        (ValueError, ["scores", "1 dimensions", "matrix"], {"scores": GOOD[0]}),
        (ValueError, ["scores", "empty", "at least one"], {"scores": np.zeros((0, 8))}),
        (ValueError, ["columns", "7", "multiple of M"], {"scores": GOOD[:, :7]}),
        (ValueError, ["pattern", "4:4", "1 <= N < M"], {"pattern": (4, 4)}),
        (ValueError, ["pattern", "2-4", "N:M"], {"pattern": "2-4"}),
        (TypeError, ["pattern", "2.5", "whole number"], {"pattern": (2.5, 4)}),
        (ValueError, ["solver", "stripe-group", "stripe-groups"], {"solver": "stripe-group"}),
        (TypeError, ["solver", "None"], {"solver": None}),
        (ValueError, ["time_limit", "-1"], {"time_limit": -1}),
        (ValueError, ["time_limit", "nan"], {"time_limit": float("nan")}),
        (TypeError, ["time_limit", "'10'"], {"time_limit": "10"}),
        (TypeError, ["iteration_limit", "1.5"], {"iteration_limit": 1.5}),
        (ValueError, ["gap_limit", "-0.1"], {"gap_limit": -0.1}),
        (ValueError, ["seed", "-1"], {"seed": -1}),
        (ValueError, ["threads", "-2"], {"threads": -2}),
        (ValueError, ["segments"], {"segments": [4, 8]}),
        (ValueError, ["segment", "3"], {"segments": [3, 5]}),
        (TypeError, ["segments"], {"segments": [4.0, 4.0]}),
        (ValueError, ["start", "exactly once"], {"start": [0] * 8}),
        (ValueError, ["start", "-1"], {"start": [-1, 1, 2, 3, 4, 5, 6, 7]}),
        (ValueError, ["start"], {"start": [0, 1]}),
        (TypeError, ["start"], {"start": "abc"}),
        (ValueError, ["samples", "1"], {"solver": "random", "options": {"samples": 0}}),
        (ValueError, ["sample", "samples"], {"solver": "random", "options": {"sample": 5}}),
        (TypeError, ["options"], {"options": ["samples=5"]}),
        (TypeError, ["on_incumbent"], {"on_incumbent": 3}),
    ],
)
def test_solve_refuses(error, names, arguments):
    with pytest.raises(error) as caught:
        nmperm.solve(**{"scores": GOOD, **arguments})
    message = str(caught.value)
    assert all(name in message for name in names), message
    assert "\n" not in message


def test_what_a_solver_was_not_made_for_is_unsupported():
    with pytest.raises(nmperm.UnsupportedError, match="matching"):
        nmperm.solve(GOOD, solver="matching")
    assert issubclass(nmperm.UnsupportedError, ValueError)


def test_check_refuses_what_is_no_solution(tmp_path):
    with pytest.raises(TypeError, match="solution: int"):
        nmperm.check(GOOD, 5)
    with pytest.raises(FileNotFoundError):
        nmperm.check(GOOD, tmp_path / "none.json")
    (tmp_path / "s.json").write_text("{}")
    with pytest.raises(ValueError, match="s.json"):
        nmperm.check(GOOD, tmp_path / "s.json")


def test_other_shapes_are_refused():
    solution = nmperm.solve(GOOD, solver="identity")
    with pytest.raises(ValueError, match="permutation"):
        nmperm.mask(GOOD[:, :4], solution)
    with pytest.raises(ValueError):
        nmperm.check(GOOD[:, :4], solution)
