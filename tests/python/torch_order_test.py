"""nmperm.torch: what keeps its order in a PyTorch model, and why."""

import copy

import pytest

torch = pytest.importorskip("torch")
nmperm_torch = pytest.importorskip("nmperm.torch")

import torch.nn.functional as F  # noqa: E402
import torch_models  # noqa: E402
from torch import nn  # noqa: E402
from torch_changes import SEARCH, changed_tensors, close, outputs, set_with, skipped, state_of  # noqa: E402
from torch_models import Between, DecidesByElements, Module, randomised  # noqa: E402


class HasAHook(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_forward_hook(lambda module, args, result: result.flip(-1))

    def forward(self, x):
        return torch.relu(x)


def assign(module, x):
    y = x.clone()
    y[:, 0] = module.scale[0]
    return y


def fill_by_halves(module, x):
    y = torch.zeros_like(x)
    y[:, :16], y[:, 16:] = x[:, 16:], x[:, :16]
    return x + y


def write_through_a_view(module, x):
    y = torch.zeros(x.shape)
    y[:, :16].add_(x[:, 16:])
    return x + y


def fill_a_part_of_zeros(module, x):
    y = torch.zeros_like(x)
    y[:, :16].add_(x[:, 16:])
    return x + y


KEEP_THEIR_ORDER = {
    "a module that decides by elements": (DecidesByElements(), "DecidesByElements 'between'"),
    "a module with a hook": (HasAHook(), "HasAHook 'between'"),
    "an unknown function": (Module(lambda module, x: torch.cumsum(x, 1)), "CumSum"),
    "elements that are assigned": (Module(assign), "setitem"),
    "halves that are assigned": (Module(fill_by_halves), "setitem|tensor_to_write_into"),
    "a write through a view": (Module(write_through_a_view), "zeros|made in forward"),
    "a part of zeros that is filled": (Module(fill_a_part_of_zeros), "tensor_to_write_into"),
    "positions": (Module(lambda module, x: x * torch.arange(32.0)), "made in forward"),
    "numbers of elements": (Module(lambda module, x: x * module.scale.tolist()[0]), "Module 'between'"),
    "the order of the channels": (Module(lambda module, x: torch.sort(x, dim=1).values), "sort"),
    "convolution over channels": (
        nn.Sequential(nn.Unflatten(1, (1, 32)), nn.Conv1d(1, 1, 3, padding=1), nn.Flatten()),
        "between.1.weight",
    ),
    "a wrapped function that decides": (Module(lambda module, x: torch_models.by_sign(x)), "torch::by_sign"),
    "a mask of booleans": (Module(lambda module, x: x[:, module.scale > -1]), "getitem"),
    "triples of channels": (Module(lambda module, x: x[:, :30].reshape(-1, 10, 3).sum(2).repeat(1, 4)[:, :32]), ""),
}


@pytest.mark.parametrize("name", KEEP_THEIR_ORDER)
def test_what_is_not_understood_keeps_its_order_with_a_reason(name):
    between, words = KEEP_THEIR_ORDER[name]
    model = randomised(Between(copy.deepcopy(between))).eval()
    example = torch.randn(3, 16)
    before, state = outputs(model, example), state_of(model)
    report = nmperm_torch.permute_model(model, example, **SEARCH)
    assert torch.allclose(before, outputs(model, example))
    if not words:
        return
    assert set_with(report, "last.weight") == [] and changed_tensors(model, state) == set()
    assert any(word in skipped(report)["last.weight"] for word in words.split("|")), skipped(report)


def test_parameters_made_from_others_keep_their_order():
    model = randomised(Between(nn.ReLU())).eval()
    nn.utils.weight_norm(model.first)
    example = torch.randn(3, 16)
    before = outputs(model, example)
    report = nmperm_torch.permute_model(model, example, **SEARCH)
    assert torch.allclose(before, outputs(model, example))
    assert "Linear 'first'" in skipped(report)["last.weight"]


def test_tensors_that_share_memory_keep_their_order_but_equal_ones_move_once():
    class Shared(nn.Module):
        def __init__(self, part):
            super().__init__()
            self.a, self.b, self.last = nn.Linear(16, 32), nn.Linear(16, 32), nn.Linear(32, 8)
            if part:
                joint = torch.rand(64, 16)
                self.a.weight, self.b.weight = nn.Parameter(joint[:32]), nn.Parameter(joint[16:48])
            else:
                self.b.weight = self.a.weight

        def forward(self, x):
            return self.last(torch.tanh(self.a(x)) + self.b(x))

    for part in (True, False):
        model = Shared(part).eval()
        example = torch.randn(3, 16)
        before = outputs(model, example)
        report = nmperm_torch.permute_model(model, example, **SEARCH)
        assert close(before, outputs(model, example))
        assert len(set_with(report, "last.weight")) == (0 if part else 1)
        if part:
            assert "memory_shared" in skipped(report)["last.weight"]


def test_a_weight_that_an_unknown_module_uses_too_keeps_its_order():
    class Unknown(nn.Module):
        def __init__(self, weight):
            super().__init__()
            self.weight = weight

        def forward(self, x):
            return F.linear(x, self.weight) if float(x.sum()) < 1e9 else x

    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(16, 32), nn.Linear(32, 8)
            self.unknown = Unknown(self.first.weight)

        def forward(self, x):
            return self.last(torch.relu(self.first(x))), self.unknown(x)

    model = randomised(Shared()).eval()
    state = state_of(model)
    report = nmperm_torch.permute_model(model, torch.randn(3, 16), **SEARCH)
    assert changed_tensors(model, state) == set()
    assert "Unknown 'unknown'" in skipped(report)["last.weight"]


def test_a_reshape_across_the_batch_pins_the_channels_even_when_the_example_has_one_row():
    class AcrossTheBatch(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(16, 32), nn.Linear(32, 8)

        def forward(self, x):
            y = self.first(x)
            return self.last(y.reshape(y.shape[1], y.shape[0]).t())  # with one row, this changes nothing

    model = randomised(AcrossTheBatch()).eval()
    other = torch.randn(4, 16)
    before = outputs(model, other)
    nmperm_torch.permute_model(model, other[:1], **SEARCH)
    assert close(before, outputs(model, other))
