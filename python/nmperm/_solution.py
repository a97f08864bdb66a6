"""What searches return."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Magnitude:
    """Sums of scores: all, kept in the given order, what no permutation can exceed, kept by the permutation."""

    total: float
    default: float
    row_bound: float
    kept: float

    @property
    def pruned(self) -> float:
        return self.total - self.kept


@dataclass(frozen=True)
class Bound:
    """A valid upper limit on the kept magnitude of every permutation, and the method that proved it."""

    kept: float
    method: str


@dataclass(frozen=True)
class Incumbent:
    """An improvement of the kept magnitude or of the bound, as it happened."""

    seconds: float
    kept: float
    bound: Optional[float]
    source: str


@dataclass(frozen=True, eq=False)
class Solution:
    """A permutation with its figures; the names are those of the solution file (docs/formats.md).

    ``permutation[i]`` is the original column that stands at place i: ``weights[:, permutation]`` is the weight in
    the new order. The array (int64) is read-only.
    """

    permutation: npt.NDArray[np.int64] = field(repr=False)
    pattern: tuple[int, int]
    segments: tuple[int, ...]
    magnitude: Magnitude
    efficacy: Optional[float]  #: 100 (kept - default) / (row bound - default); None where they are equal
    bound: Optional[Bound]
    gap: Optional[float]  #: the share of the pruned magnitude that might still be saved; None without a bound
    status: str  #: "optimal", "feasible", "time_limit" or "interrupted"
    solver: str
    options: Mapping[str, str]
    seed: int
    threads: int
    seconds: float  #: wall clock of the search
    trace: tuple[Incumbent, ...] = field(repr=False)

    @property
    def kept(self) -> float:
        """magnitude.kept"""
        return self.magnitude.kept

    @staticmethod
    def _from(figures: dict[str, Any]) -> Solution:
        figures["permutation"].setflags(write=False)
        bound = figures["bound"]
        values: dict[str, Any] = {
            **figures,
            "magnitude": Magnitude(**figures["magnitude"]),
            "bound": Bound(**bound) if bound else None,
            "trace": tuple(Incumbent(*point) for point in figures["trace"]),
        }
        return Solution(**values)


@dataclass(frozen=True)
class Discrepancy:
    """A figure of a solution that is not what its permutation yields."""

    place: str  #: as in the solution file: "magnitude.kept"
    recorded: str
    expected: str


@dataclass(frozen=True)
class SolverOption:
    name: str
    description: str
    default: str
    range: str


@dataclass(frozen=True)
class SolverInfo:
    """What a solver says of itself."""

    name: str
    summary: str
    reference: str
    exact: bool  #: ends with a proof of optimality, given time
    iteration_unit: str  #: what iteration_limit counts
    options: tuple[SolverOption, ...]
    aliases: tuple[str, ...]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended a search. ``solution`` is the best found until then (None where there is none)."""

    def __init__(self, solution: Any = None) -> None:
        super().__init__("the search was interrupted")
        self.solution = solution
