"""The permutation search of apex's ASP, replaced in two lines.

NVIDIA apex (apex.contrib.sparsity) finds the permutations of its Automatic SParsity with a function that its
``permutation_lib`` imports by name. A script that prunes with ASP gets this search instead by

    import nmperm.asp
    nmperm.asp.install()

before ``ASP.prune_trained_model(...)``; or, the same by hand,

    from apex.contrib.sparsity import permutation_lib
    permutation_lib.accelerated_search_for_good_permutation = nmperm.asp.accelerated_search_for_good_permutation

Needs no GPU. The answer depends on nothing but the matrix and the options (but for strategies with a time limit), so
that all ranks of a distributed run find the same one.
"""

from __future__ import annotations

import math
from typing import Any, Mapping, Optional

import numpy as np
import numpy.typing as npt

from . import _arguments as arguments
from . import criteria
from ._solution import Solution
from ._solve import solve, solvers

__all__ = ["accelerated_search_for_good_permutation", "install"]

STRIPE_COLUMNS = 4  #: ASP prunes 2:4
#: Beyond this, stripe groups of 12 are searched in halves, as in apex.
MAX_COLUMNS_OF_12 = 512

_COMMON = {"strategy", "seed", "threads"}
_OPTIONS_OF: dict[str, set[str]] = {
    "exhaustive": {"stripe_group_size", "escape_attempts"},
    "progressive channel swap": {"progressive_search_time_limit", "improvement_threshold"},
    "user defined": set(),
}


def accelerated_search_for_good_permutation(
    matrix_group: Any, options: Optional[Mapping[str, Any]] = None, verbosity: int = 0
) -> list[int]:
    """The order of the columns (input channels) in which 2:4 pruning keeps much of the magnitude.

    Signature and meaning are those of apex's function of this name: ``matrix_group[:, answer]`` is the permuted
    matrix.

    matrix_group: tensor or array [rows, channels] of any sign, on any device; channels are a multiple of 4.
    options: a dictionary (it is not changed) with

        strategy: "exhaustive" (the default): stripe groups are rearranged exhaustively, best gains first, with
            escapes (the published search); then its answer is improved by linear assignments.
            "progressive channel swap": swaps of two channels, until none improves or the time limit expires.
            "user defined": the given order, as in apex, where users put their own search into this place.
            Or the name of any solver of ``nmperm.solvers()``, such as "auto", with ``time_limit`` (10 s),
            ``iteration_limit`` (then without a time limit unless one is given, so that the answer is repeatable) and
            the solver's own options.
        stripe_group_size: of "exhaustive": 8 (the default), 12 or 16 columns; -1: the whole matrix at once (only for
            few channels). 12 with more than 512 channels searches halves and then the whole with 8, as apex does.
        escape_attempts: of "exhaustive": random swaps tried after convergence (100).
        progressive_search_time_limit: of "progressive channel swap": seconds (60).
        improvement_threshold: of "progressive channel swap": accepted, because ASP sets it; the search takes the
            largest gains first and ends by itself.
        seed, threads: 0, and 0 for all processors.

    verbosity: above 1, one line is printed.

    Raises ValueError or TypeError, naming the option and what was expected.
    """
    matrix = arguments.real_array(matrix_group, "matrix_group")
    if matrix.ndim != 2 or matrix.shape[1] % STRIPE_COLUMNS != 0:
        raise ValueError(
            f"matrix_group: array of shape {matrix.shape} (expected [rows, channels], channels a multiple of 4)"
        )
    if options is not None and not isinstance(options, Mapping):
        raise TypeError(f"options: {options!r} (expected a dictionary)")
    given = dict(options or {})
    strategy = given.pop("strategy", "exhaustive")
    common = {"seed": given.pop("seed", 0), "threads": given.pop("threads", 0)}
    _check_options(strategy, given)
    if strategy == "user defined":
        return list(range(matrix.shape[1]))
    scores = criteria.magnitude(matrix)
    if strategy == "exhaustive":
        solution = _exhaustive(scores, given.get("stripe_group_size", 8), given.get("escape_attempts", 100), common)
    elif strategy == "progressive channel swap":
        limit = given.get("progressive_search_time_limit", 60)
        solution = solve(scores, solver="channel-swap", time_limit=limit, **common)
    else:
        limits = {name: given.pop(name, None) for name in ("time_limit", "iteration_limit")}
        solution = solve(scores, solver=strategy, options=given, **limits, **common)
    if verbosity > 1:
        magnitude = solution.magnitude
        print(
            f"[nmperm] {strategy}: {matrix.shape[0]} x {matrix.shape[1]}, kept {magnitude.kept:.3f} of "
            f"{magnitude.total:.3f} (without a permutation {magnitude.default:.3f})"
        )
    return [int(column) for column in solution.permutation]


def install() -> None:
    """Puts the function above into apex's permutation_lib. Raises ImportError where apex is not installed."""
    from apex.contrib.sparsity import permutation_lib

    permutation_lib.accelerated_search_for_good_permutation = accelerated_search_for_good_permutation


def _check_options(strategy: Any, given: Mapping[str, Any]) -> None:
    known = _OPTIONS_OF.get(strategy) if isinstance(strategy, str) else None
    if known is None:
        names = [solver.name for solver in solvers()]
        if strategy not in names:
            raise ValueError(
                f"options['strategy']: {strategy!r} (expected {', '.join(map(repr, _OPTIONS_OF))}, or a solver: "
                f"{', '.join(names)})"
            )
        return  # the solver checks its own
    for name in given:
        # One dictionary may hold the options of several strategies.
        if not any(name in options for options in _OPTIONS_OF.values()):
            expected = ", ".join(sorted(known | _COMMON))
            raise ValueError(f"options[{name!r}]: unknown option of strategy {strategy!r} (expected {expected})")


def _exhaustive(
    scores: npt.NDArray[np.float32], stripe_group_size: Any, escape_attempts: Any, common: dict[str, Any]
) -> Solution:
    size = arguments.whole_number(stripe_group_size, "options['stripe_group_size']", -1, 16)
    escapes = arguments.whole_number(escape_attempts, "options['escape_attempts']", 0, 10**9)
    if size == -1:
        return solve(scores, solver="exhaustive", time_limit=math.inf, **common)
    if size < 2 * STRIPE_COLUMNS:
        raise ValueError(f"options['stripe_group_size']: {size} (expected 8, 12 or 16 columns, or -1 for all)")
    columns = scores.shape[1]
    start: Optional[Solution] = None
    if size == 12 and columns > MAX_COLUMNS_OF_12:
        parts = _halves(columns)
        start = _stripe_groups(scores, size, escapes, None, parts, common)
        size, escapes = 8, 10 * max(escapes, 100)
    grouped = _stripe_groups(scores, size, escapes, start, None, common)
    return solve(scores, solver="assignment", start=grouped, time_limit=math.inf, **common)


def _stripe_groups(
    scores: npt.NDArray[np.float32],
    size: int,
    escapes: int,
    start: Optional[Solution],
    segments: Optional[list[int]],
    common: dict[str, Any],
) -> Solution:
    options = {"stripe-group-size": size, "bounded-regressions": escapes}
    return solve(
        scores,
        solver="stripe-groups",
        options=options,
        start=start,
        segments=segments,
        time_limit=math.inf,
        **common,
    )


def _halves(columns: int) -> list[int]:
    """Lengths of blocks of whole stripes, halved until none is longer than MAX_COLUMNS_OF_12."""
    if columns <= MAX_COLUMNS_OF_12:
        return [columns]
    left = columns // (2 * STRIPE_COLUMNS) * STRIPE_COLUMNS
    return _halves(left) + _halves(columns - left)
