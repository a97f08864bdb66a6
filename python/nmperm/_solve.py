"""Searching for one permutation, checking one, and the list of solvers."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Callable, Optional, Sequence, Union

from . import _arguments as arguments
from . import _nmperm
from ._arguments import Options, PatternLike, PathLike
from ._solution import Discrepancy, Incumbent, Interrupted, Solution, SolverInfo, SolverOption


def solve(
    scores: Any,
    pattern: PatternLike = (2, 4),
    solver: str = "auto",
    *,
    time_limit: Optional[float] = None,
    iteration_limit: Optional[int] = None,
    gap_limit: float = 0.0,
    seed: int = 0,
    threads: int = 0,
    start: Union[Solution, Sequence[int], Any, None] = None,
    segments: Optional[Sequence[int]] = None,
    options: Optional[Options] = None,
    on_incumbent: Optional[Callable[[Incumbent], Optional[bool]]] = None,
) -> Solution:
    """Searches for a permutation of the columns that keeps much of the scores under an N:M pattern.

    scores: nonnegative, finite; a matrix [R, C], or [K, C, ...] for a convolution weight, whose C input channels are
        the columns. NumPy array or PyTorch tensor of float16, float32 or float64 (tensors also bfloat16) with any
        strides; copied once, into the transposed float32 matrix of the search. For weights of any sign use
        ``nmperm.criteria``: ``solve(criteria.magnitude(weights))``. Must not change while the search reads it.
    pattern: (N, M) or "N:M"; C must be a multiple of M.
    solver: a name of ``solvers()``.
    time_limit: seconds of wall clock; 10 by default, none where only an iteration limit is given.
    iteration_limit: in the solver's own unit. Makes a run repeatable: the answer then depends on nothing but
        scores, options and seed, whatever ``threads`` says.
    gap_limit: end when the gap to a valid bound is at most this.
    threads: 0 stands for all processors.
    start: a permutation (or a solution of the same scores) to begin with; the result is never worse.
    segments: lengths of the blocks of columns that columns must not leave.
    options: of the solver, as ``solvers()`` lists them; - and _ are the same in their names.
    on_incumbent: called in the calling thread on every improvement of the kept magnitude or the bound; where it
        returns False, the search ends with status "interrupted". An exception that it raises ends the search and
        is raised.

    The GIL is released while the search runs. Ctrl-C (in the main thread) ends the search and raises
    ``Interrupted``, a KeyboardInterrupt whose ``solution`` is the best found.

    Raises ValueError or TypeError, naming the argument and what was expected.
    """
    return solve_with(
        _nmperm.CancelToken(),
        scores,
        pattern,
        solver,
        time_limit=time_limit,
        iteration_limit=iteration_limit,
        gap_limit=gap_limit,
        seed=seed,
        threads=threads,
        start=start,
        segments=segments,
        options=options,
        on_incumbent=on_incumbent,
    )


def solve_with(
    cancel: _nmperm.CancelToken,
    scores: Any,
    pattern: PatternLike = (2, 4),
    solver: str = "auto",
    *,
    time_limit: Optional[float] = None,
    iteration_limit: Optional[int] = None,
    gap_limit: float = 0.0,
    seed: int = 0,
    threads: int = 0,
    start: Any = None,
    segments: Optional[Sequence[int]] = None,
    options: Optional[Options] = None,
    on_incumbent: Optional[Callable[[Incumbent], Optional[bool]]] = None,
) -> Solution:
    """solve() that ends when another thread cancels the token."""
    if isinstance(start, Solution):
        start = start.permutation
    if on_incumbent is not None and not callable(on_incumbent):
        raise TypeError(f"on_incumbent: {on_incumbent!r} (expected a function of an Incumbent)")
    observer = None if on_incumbent is None else _observer(on_incumbent)
    limits = arguments.limits_of(time_limit, iteration_limit, gap_limit, seed, threads)
    figures, interrupted = _nmperm.solve(
        arguments.real_array(scores, "scores"),
        arguments.pattern_of(pattern),
        arguments.segments_of(segments),
        _solver_name(solver),
        *limits,
        None if start is None else arguments.indices(start, "start"),
        arguments.option_values(options),
        observer,
        cancel,
    )
    solution = Solution._from(figures)
    if interrupted:
        raise Interrupted(solution)
    return solution


def _observer(on_incumbent: Callable[[Incumbent], Optional[bool]]) -> Callable[..., Optional[bool]]:
    return lambda *point: on_incumbent(Incumbent(*point))


def _solver_name(solver: Any) -> str:
    if not isinstance(solver, str):
        raise TypeError(f"solver: {solver!r} (expected a name of nmperm.solvers())")
    return solver


def solvers() -> tuple[SolverInfo, ...]:
    """Every solver: what it is, exact or not, its options with default and range."""
    return tuple(_solver_info(info) for info in _nmperm.solvers())


def _solver_info(info: dict[str, Any]) -> SolverInfo:
    options: Any = tuple(SolverOption(*option) for option in info["options"])
    return SolverInfo(**{**info, "options": options})


def check(scores: Any, solution: Union[Solution, PathLike]) -> tuple[Discrepancy, ...]:
    """Recomputes every figure of a solution of these scores with the scalar reference; empty where all are right.

    `solution` may be the path of a solution file: it must belong to these scores. A bound is held against the
    figures; its proof is the matter of ``nmperm check``.
    """
    array = arguments.real_array(scores, "scores")
    if isinstance(solution, (str, os.PathLike)):
        return tuple(Discrepancy(*wrong) for wrong in _nmperm.check_file(array, arguments.input_path(solution)))
    return tuple(Discrepancy(*wrong) for wrong in _nmperm.check(array, _figures_of(solution)))


def write_solution(
    path: PathLike,
    scores: Any,
    solution: Solution,
    name: str = "array",
    *,
    criterion: str = "magnitude",
    criterion_options: Optional[Options] = None,
) -> None:
    """Writes the solution file that ``nmperm solve`` writes (docs/formats.md), whole or not at all.

    name: of the instance. criterion: what `scores` are, where they are no magnitudes. The proof of a bound is not
    written: the file states the bound as a claim of its method. Raises OSError where the file cannot be written.
    """
    _nmperm.write_solution(
        arguments.output_path(path),
        arguments.real_array(scores, "scores"),
        _figures_of(solution),
        name,
        criterion,
        arguments.option_values(criterion_options, "criterion_options"),
    )


def read_solution(path: PathLike) -> Solution:
    """Reads a solution file; the figures are those that it states (check() recomputes them).

    Raises OSError where there is no such file, ValueError, naming the place in it, where it is no solution.
    """
    return Solution._from(_nmperm.read_solution(arguments.input_path(path)))


def _figures_of(solution: Solution) -> dict[str, Any]:
    if not isinstance(solution, Solution):
        raise TypeError(f"solution: {type(solution).__name__} (expected a Solution)")
    return dataclasses.asdict(solution)
