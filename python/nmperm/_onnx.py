"""Whole ONNX networks."""

from __future__ import annotations

import json
import os
from typing import Any, Optional

from . import _arguments as arguments
from . import _nmperm
from ._arguments import Options, PathLike, PatternLike
from ._solution import Interrupted


def apply_onnx(
    model: PathLike,
    output: PathLike,
    pattern: PatternLike = (2, 4),
    solver: str = "auto",
    *,
    prune: bool = False,
    rule: str = "",
    include: str = "",
    exclude: str = "",
    time_limit: Optional[float] = None,
    iteration_limit: Optional[int] = None,
    gap_limit: float = 0.0,
    seed: int = 0,
    threads: int = 0,
    options: Optional[Options] = None,
    criterion: str = "magnitude",
    statistics: Optional[PathLike] = None,
    criterion_options: Optional[Options] = None,
    inputs: int = 3,
) -> dict[str, Any]:
    """Permutes the channels of an ONNX network, as ``nmperm apply`` does; returns the network report.

    The network computes the same function: every tensor is compared bit for bit under the permutations, and both
    networks are run on `inputs` random inputs in ONNX Runtime where it is installed (0: not). With `prune` zeros are
    written where the pattern prunes, and each pruned weight is compressed and multiplied. docs/networks.md and
    docs/formats.md describe the rule and the report. The time limit is that of the whole network. What is called score
    is `criterion` with the `statistics` file that it needs (docs/criteria.md; ``torch_statistics`` makes such files).

    Raises CheckError where a proof fails, OSError where a file cannot be read or written, ValueError or TypeError
    for all other arguments and for a file that is no ONNX model; nothing is written then. Ctrl-C ends the search and
    writes the network with the best permutations found; then ``Interrupted`` is raised with the report as
    ``solution``.
    """
    model_path, target = arguments.input_path(model), arguments.output_path(output)
    if os.path.exists(target) and os.path.samefile(model_path, target):
        raise ValueError(f"output: {target}: the model itself would be overwritten (expected another file name)")
    report, interrupted = _nmperm.apply_onnx(
        model_path,
        target,
        arguments.pattern_of(pattern),
        rule,
        include,
        exclude,
        solver,
        *arguments.limits_of(time_limit, iteration_limit, gap_limit, seed, threads),
        arguments.option_values(options),
        criterion,
        "" if statistics is None else arguments.input_path(statistics),
        arguments.option_values(criterion_options, "criterion_options"),
        bool(prune),
        arguments.whole_number(inputs, "inputs", 0, 1000),
    )
    figures: dict[str, Any] = json.loads(report)
    if interrupted:
        raise Interrupted(figures)
    return figures
