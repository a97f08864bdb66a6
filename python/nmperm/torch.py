"""Whole PyTorch models: their channels permuted in place.

    import nmperm.torch

    report = nmperm.torch.permute_model(model, torch.randn(1, 3, 224, 224), time_limit=60)

The model computes the same function afterwards; what N:M pruning of its weights would keep is more. docs/torch.md has
the whole story.
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any, Iterator, Mapping, Optional, Union

import numpy as np
import torch
from torch import nn

from . import _arguments as arguments
from . import _nmperm, _safetensors
from ._arguments import Options, PathLike, PatternLike
from ._solution import Interrupted
from ._torch_import import NetworkImporter
from ._torch_trace import Run, Untraceable, replace_tensors, run_model, same_operations, tensors_in, with_larger_batch

__all__ = ["permute_model"]

# Sums of permuted channels are rounded in another order.
_TOLERANCES = {torch.float16: 1e-2, torch.bfloat16: 1e-2}
_DEFAULT_TOLERANCE = 1e-5


def permute_model(
    model: nn.Module,
    example_input: Any,
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
    criterion_options: Optional[Options] = None,
    statistics: Union[PathLike, Mapping[str, Any], None] = None,
    inputs: int = 3,
) -> dict[str, Any]:
    """Permutes the channels of a model in place; returns the network report that ``nmperm apply --report`` writes.

    `example_input` is what the model is called with: a tensor, a tuple of positional or a dictionary of named
    arguments. The model is followed on it, and once more with a larger batch, in evaluation mode; the order of its
    channels is chosen for the weights that N:M prunes, and every parameter and buffer moves with its channels.
    Operations and modules that are not understood keep the order of the channels they touch; the report's "skipped"
    says why a weight stays. Sizes other than the batch are taken as the example has them.

    Two proofs: every tensor is compared bit for bit under the permutations, and the model is run before and after on
    the example and `inputs` - 1 random inputs like it. Where a proof fails, the model is put back as it was and
    CheckError is raised. With `prune` zeros are then written where the pattern prunes. `rule`, `include` and `exclude`
    choose the weights, by their names in ``model.state_dict()``, as docs/networks.md describes. `criterion` is what is
    called score (docs/criteria.md); `statistics`, where it needs them, is what ``nmperm.torch_statistics.collect``
    returns, or a file of it.

    Make the optimizer after this call: what one remembers of a parameter does not move. Gradients of tensors that
    moved are dropped. Memory: three times the model. Ctrl-C ends the search; the best order found is applied and
    proven, then ``Interrupted`` is raised with the report as ``solution``.

    Raises ValueError for a model whose own forward() cannot be followed (it decides by the elements of tensors), and
    for arguments out of range; TypeError for those of another type.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model: {type(model).__name__} (expected a torch.nn.Module)")
    args, kwargs = _call_of(example_input)
    inputs = arguments.whole_number(inputs, "inputs", 1, 1000)
    search = (
        arguments.pattern_of(pattern),
        rule,
        include,
        exclude,
        solver,
        *arguments.limits_of(time_limit, iteration_limit, gap_limit, seed, threads),
        arguments.option_values(options),
        str(criterion),
        arguments.option_values(criterion_options, "criterion_options"),
    )
    with _Evaluation(model), torch.no_grad(), tempfile.TemporaryDirectory(prefix="nmperm-") as folder:
        network = _nmperm.Network(type(model).__name__)
        tensors = NetworkImporter(model, _runs_of(model, args, kwargs), network).write()
        calls = list(_calls(args, kwargs, inputs, seed))
        before = [_outputs_of(model, call, seed) for call in calls]
        _require_finite(type(model).__name__, before[0])
        changed, interrupted = network.permute(*search, _statistics_file(statistics, folder))
        originals = {name: tensors[name].clone() for name in changed}
        try:
            _write(tensors, changed)
            after = [_outputs_of(model, call, seed) for call in calls]
            network.add_outputs(f"torch {torch.__version__}", inputs, *_compared(type(model).__name__, before, after))
            if prune:
                _write(tensors, network.prune())
        except BaseException:
            for name, tensor in originals.items():
                tensors[name].copy_(tensor)
            raise
    report: dict[str, Any] = json.loads(network.report())
    if interrupted:
        raise Interrupted(report)
    return report


def _statistics_file(statistics: Union[PathLike, Mapping[str, Any], None], folder: str) -> str:
    if statistics is None:
        return ""
    if not isinstance(statistics, Mapping):
        return arguments.input_path(statistics)
    path = os.path.join(folder, "statistics.safetensors")
    _safetensors.write_float32(path, {name: np.asarray(value) for name, value in statistics.items()})
    return path


class _Evaluation:
    """Evaluation mode for the time of a block; every module gets its own mode back."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._modes = [(module, module.training) for module in model.modules()]

    def __enter__(self) -> None:
        self._model.eval()

    def __exit__(self, *_: Any) -> None:
        for module, mode in self._modes:
            module.training = mode


def _call_of(example: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if isinstance(example, torch.Tensor):
        call: tuple[tuple[Any, ...], dict[str, Any]] = ((example,), {})
    elif isinstance(example, (tuple, list)):
        call = (tuple(example), {})
    elif isinstance(example, dict):
        call = ((), dict(example))
    else:
        call = ((), {})
    if not any(True for _ in tensors_in(call)):
        raise TypeError(
            f"example_input: {type(example).__name__} without a tensor (expected a tensor, or a tuple or dictionary "
            "of arguments)"
        )
    return call


def _runs_of(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Run]:
    """What the model does with the example, and with a larger batch where it does the same with that."""
    opaque: set[str] = set()
    try:
        while True:
            known = len(opaque)
            runs = [run_model(model, args, kwargs, opaque)]
            try:
                larger_args, larger_kwargs = with_larger_batch((args, kwargs))
                runs.append(run_model(model, larger_args, larger_kwargs, opaque))
            except Untraceable:
                return runs  # the model takes this batch alone
            if len(opaque) == known or len(runs[0].nodes) == len(runs[1].nodes):
                return runs if same_operations(*runs) else runs[:1]
    except Untraceable as error:
        raise ValueError(
            f"model: {type(model).__name__}: cannot be followed: {error} (expected a forward() that does not decide by "
            "the elements of tensors)"
        ) from error


def _calls(args: tuple[Any, ...], kwargs: dict[str, Any], count: int, seed: int) -> Iterator[Any]:
    """The example, and random arguments like it: integers as large as those of the example."""
    yield args, kwargs
    generator = torch.Generator().manual_seed(seed)

    def like(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.is_floating_point():
            values = torch.randn(tensor.shape, generator=generator, dtype=torch.float32)
        elif tensor.dtype == torch.bool or tensor.is_complex() or tensor.numel() == 0:
            return tensor
        else:
            low, high = int(tensor.min()), int(tensor.max())
            values = torch.randint(low, high + 1, tensor.shape, generator=generator)
        return values.to(tensor.dtype).to(tensor.device)

    for _ in range(count - 1):
        yield replace_tensors((args, kwargs), (like(tensor) for tensor in list(tensors_in((args, kwargs)))))


def _outputs_of(model: nn.Module, call: Any, seed: int) -> list[torch.Tensor]:
    args, kwargs = replace_tensors(call, (tensor.clone() for tensor in list(tensors_in(call))))
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # a model may draw random numbers
        return [tensor.detach().clone() for tensor in tensors_in(model(*args, **kwargs))]


def _require_finite(name: str, outputs: list[torch.Tensor]) -> None:
    """Outputs that are all NaN or infinite would prove nothing."""
    if not any(bool(torch.isfinite(output).any()) for output in outputs):
        raise ValueError(f"model: {name}: no output for the example is finite (expected some)")


def _compared(name: str, before: list[list[torch.Tensor]], after: list[list[torch.Tensor]]) -> tuple[float, float]:
    """The largest difference and the largest output. Raises CheckError where one differs by more than rounding."""
    largest_difference = largest_output = 0.0
    for a, b in zip((t for run in before for t in run), (t for run in after for t in run)):
        x, y = a.double(), b.double()
        finite = torch.isfinite(x)
        same_rest = torch.equal(torch.nan_to_num(x[~finite]), torch.nan_to_num(y[~finite]))
        output = float(x[finite].abs().max()) if finite.any() else 0.0
        difference = float((x[finite] - y[finite]).abs().max()) if finite.any() else 0.0
        largest_difference, largest_output = max(largest_difference, difference), max(largest_output, output)
        if not same_rest or not difference <= _TOLERANCES.get(a.dtype, _DEFAULT_TOLERANCE) * output:
            raise _nmperm.CheckError(
                f"{name}: torch {torch.__version__}: outputs differ by {difference:.3e} "
                f"(expected rounding of outputs up to {output:.3e})"
            )
    return largest_difference, largest_output


def _write(tensors: dict[str, torch.Tensor], changed: dict[str, bytearray]) -> None:
    for name, elements in changed.items():
        tensor = tensors[name]
        new = torch.frombuffer(elements, dtype=tensor.dtype).reshape(tensor.shape)
        tensor.copy_(new.to(tensor.device))
        tensor.grad = None
