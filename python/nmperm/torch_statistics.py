"""Statistics of a PyTorch model's layers, for the criteria that look beyond the weight.

    from nmperm import criteria, torch_statistics

    statistics = torch_statistics.collect(model, calibration_batches, ["norm", "hessian"])
    torch_statistics.save("stats.safetensors", statistics)       # for `nmperm ... --statistics stats.safetensors`
    scores = criteria.wanda(model.fc1.weight, statistics["fc1.weight.norm"])

The names and shapes are those of docs/criteria.md: WEIGHT.norm [I], WEIGHT.hessian, WEIGHT.gradient, where WEIGHT is
the parameter's name in the model's state dictionary and I the number of the layer's input channels.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping, Optional, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from . import _safetensors
from ._arguments import PathLike

__all__ = ["collect", "save"]

_KINDS = ("norm", "hessian", "hessian-diagonal", "gradient")


class _Layer:
    """Sums over the inputs of one weight; modules that share it share them."""

    def __init__(self, module: nn.Module, kinds: Sequence[str]) -> None:
        self.weight: Any = module.weight
        self.names: list[str] = []
        self.convolution = isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Conv3d))
        self.groups: Any = module.groups if self.convolution else 1
        self.samples = 0
        self.squares: Any = 0.0
        self.products: Any = 0.0
        self.full = "hessian" in kinds
        self.gradient = torch.zeros_like(self.weight, dtype=torch.float64) if "gradient" in kinds else None

    def add(self, inputs: torch.Tensor) -> None:
        x = self.rows_of(inputs.detach())
        self.samples += x.shape[0]
        self.squares = self.squares + x.double().square().sum(dim=0)
        if self.full:
            blocks = x.reshape(x.shape[0], self.groups, -1).transpose(0, 1)  # [G, n, C]
            self.products = self.products + (blocks.transpose(1, 2) @ blocks).double()

    def rows_of(self, inputs: torch.Tensor) -> torch.Tensor:
        """[samples, input channels]: every position of a sequence or an image is a sample."""
        if self.convolution:
            if inputs.dim() == self.weight.dim() - 1:  # one image without a batch dimension
                inputs = inputs.unsqueeze(0)
            inputs = inputs.movedim(1, -1)
        return inputs.reshape(-1, inputs.shape[-1]).float()

    def statistics(self, kinds: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        values: dict[str, torch.Tensor] = {}
        if "norm" in kinds:
            values["norm"] = self.squares.sqrt()
        if "hessian" in kinds:
            mean = self.products * (2 / self.samples)
            mean = (mean + mean.transpose(1, 2)) / 2  # exactly symmetric
            values["hessian"] = mean[0] if self.groups == 1 else mean
        elif "hessian-diagonal" in kinds:
            values["hessian"] = self.squares * (2 / self.samples)
        if self.gradient is not None:
            values["gradient"] = self.gradient
        return {kind: value.float().cpu().numpy() for kind, value in values.items()}


def collect(
    model: nn.Module,
    batches: Iterable[Any],
    kinds: Sequence[str] = ("norm",),
    *,
    loss: Optional[Callable[[nn.Module, Any], torch.Tensor]] = None,
) -> dict[str, npt.NDArray[np.float32]]:
    """Runs the model on calibration batches and returns the statistics of its layers as float32 arrays.

    batches: what the model is called with, one after the other: a tensor, a tuple of positional or a dictionary of
        named arguments. With `loss` anything that it takes.
    kinds: "norm" (Wanda, RIA), "hessian" (OBD, OBS: C x C float64 for each layer, C its input channels) or
        "hessian-diagonal" (OBD, and OBS without the channels' correlations; C floats), "gradient" (SNIP).
    loss: ``loss(model, batch)`` calls the model and returns a scalar; needed for "gradient", which is the sum of its
        gradients over the batches.

    Layers are nn.Linear, nn.Conv1d .. nn.Conv3d and Conv1D of transformers. Sums are kept where the layer is. The model
    runs in evaluation mode and is left as it was: modes, gradients, hooks. Layers that no batch reaches are left out.

    Raises ValueError or TypeError for arguments, ValueError naming the layer where its inputs are not finite.
    """
    unknown = [kind for kind in kinds if kind not in _KINDS]
    if isinstance(kinds, str) or unknown or not kinds:
        raise ValueError(f"kinds: {kinds!r} (expected some of {', '.join(_KINDS)})")
    if "gradient" in kinds and loss is None:
        raise ValueError("loss: None (expected a function of model and batch, for the gradients)")
    layers = _layers_of(model, kinds)
    modes = {module: module.training for module in model.modules()}
    handles = [module.register_forward_pre_hook(_hook(layer)) for module, layer in layers]
    try:
        model.eval()
        for batch in batches:
            _run(model, batch, loss, [layer for _, layer in layers])
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return _named(layers, kinds)


def save(path: PathLike, statistics: Mapping[str, npt.NDArray[np.float32]]) -> None:
    """Writes statistics as a .safetensors file, whole or not at all. Raises OSError."""
    _safetensors.write_float32(path, statistics)


def _layers_of(model: nn.Module, kinds: Sequence[str]) -> list[tuple[nn.Module, _Layer]]:
    by_weight: dict[int, _Layer] = {}
    layers = []
    for name, module in model.named_modules():
        linear = isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)) or type(module).__name__ == "Conv1D"
        if not linear or not isinstance(getattr(module, "weight", None), torch.Tensor):
            continue
        if "gradient" in kinds and not module.weight.requires_grad:
            raise ValueError(f"{name}.weight: requires no gradient (expected requires_grad, for the kind 'gradient')")
        layer = by_weight.setdefault(id(module.weight), _Layer(module, kinds))
        layer.names.append(f"{name}.weight" if name else "weight")
        layers.append((module, layer))
    if not layers:
        raise ValueError("model: no linear layer or convolution (expected some)")
    return layers


def _hook(layer: _Layer) -> Callable[[nn.Module, Any], None]:
    def add(module: nn.Module, inputs: Any) -> None:
        with torch.no_grad():
            layer.add(inputs[0])

    return add


def _run(model: nn.Module, batch: Any, loss: Optional[Callable[..., torch.Tensor]], layers: list[_Layer]) -> None:
    with_gradient = [layer for layer in {id(layer): layer for layer in layers}.values() if layer.gradient is not None]
    if not with_gradient:
        with torch.no_grad():
            if loss is not None:
                loss(model, batch)
            elif isinstance(batch, Mapping):
                model(**batch)
            else:
                model(*(batch if isinstance(batch, (tuple, list)) else (batch,)))
        return
    with torch.enable_grad():
        weights = [layer.weight for layer in with_gradient]
        assert loss is not None  # collect() has seen to it
        gradients = torch.autograd.grad(loss(model, batch), weights, allow_unused=True)
    for layer, gradient in zip(with_gradient, gradients):
        if gradient is not None:
            layer.gradient += gradient.double()


def _named(layers: list[tuple[nn.Module, _Layer]], kinds: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
    statistics: dict[str, npt.NDArray[np.float32]] = {}
    for layer in {id(layer): layer for _, layer in layers}.values():
        if layer.samples == 0:
            continue
        for kind, value in layer.statistics(kinds).items():
            if not np.isfinite(value).all():
                raise ValueError(f"{layer.names[0]}: its {kind} is not finite (expected finite inputs and gradients)")
            for name in layer.names:
                statistics[f"{name}.{kind}"] = value
    if not statistics:
        raise ValueError("batches: none that reaches a layer (expected at least one)")
    return statistics
