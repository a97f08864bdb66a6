"""nmperm.torch: whole PyTorch models, permuted in place."""

import copy
import pathlib
import re
import signal
import threading

import numpy as np
import pytest

torch = pytest.importorskip("torch")
nmperm_torch = pytest.importorskip("nmperm.torch")

import nmperm  # noqa: E402
import torch.nn.functional as F  # noqa: E402
import torch_models  # noqa: E402
from torch import nn  # noqa: E402
from torch_changes import SEARCH, changed_tensors, close, outputs, set_with, skipped, state_of  # noqa: E402
from torch_models import MODELS, Between, DecidesByElements, Module, Transformer, make, randomised  # noqa: E402

# ---- what must work -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_networks_compute_the_same_and_every_prunable_weight_is_free(name):
    model, example = make(name)
    before, state = outputs(model, example), state_of(model)
    report = nmperm_torch.permute_model(model, example, **SEARCH)
    assert close(before, outputs(model, example))
    assert report["coverage"]["free_elements"] == report["coverage"]["prunable_elements"] > 0
    assert report["magnitude"]["kept"] > report["magnitude"]["default"]
    if name == "SequenceNet":
        assert [s["channels"] for s in set_with(report, "after.weight")] == [32, 32]  # one for each direction
    if name not in ("ShuffleNet", "GroupedNet", "SuperResolution"):  # shuffled channels share groups with other sets
        assert all(s["efficacy"] is not None for s in report["sets"])
    assert len(changed_tensors(model, state)) >= 3
    assert report["equivalence"]["structural"] is True
    assert report["equivalence"]["engine"].startswith("torch ")
    stem = {"stem.weight", "stem.0.weight", "a.weight", "down.0.weight", "conv.weight", "patches.weight"}
    for tensor, reason in skipped(report).items():  # images have 3 channels, depthwise weights 1
        assert tensor in stem and "3 input channels" in reason or "1 input channels" in reason


@pytest.mark.parametrize("name", MODELS)
def test_other_batches_give_the_same_too(name):
    model, example = make(name)
    other = torch.cat([example, example.flip(0), example[:1]])
    before = outputs(model, other)
    nmperm_torch.permute_model(model, example[:1], **SEARCH)
    assert close(before, outputs(model, other))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("open_batch", [False, True])
@pytest.mark.parametrize("name", ["ResNet", "MobileNet", "DenseNet", "ShuffleNet", "SuperResolution", "Transformer"])
def test_the_report_is_that_of_the_onnx_path(name, open_batch, tmp_path):
    model, example = make(name)
    path = str(tmp_path / "model.onnx")
    as_it_is = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False, "input_names": ["x"]}
    if open_batch:
        as_it_is["dynamic_axes"] = {"x": {0: "batch"}}
    torch.onnx.export(model, example, path, opset_version=13, **as_it_is)
    from_file = nmperm.apply_onnx(path, str(tmp_path / "out.onnx"), inputs=0, **SEARCH)
    report = nmperm_torch.permute_model(model, example, **SEARCH)
    assert report["format"] == from_file["format"] and report.keys() == from_file.keys()
    assert report["coverage"] == from_file["coverage"]
    assert report["magnitude"] == pytest.approx(from_file["magnitude"], rel=1e-9)
    channels = [sorted((s["channels"], s["magnitude"]["kept"]) for s in r["sets"]) for r in (report, from_file)]
    assert np.allclose(channels[0], channels[1])


def test_the_report_names_the_model_s_own_tensors():
    model, example = make("ResNet")
    report = nmperm_torch.permute_model(model, example, **SEARCH)
    names = set(model.state_dict())
    for s in report["sets"]:
        for role in ("producers", "consumers", "followers"):
            assert {entry["tensor"] for entry in s[role]} <= names
    (inner,) = set_with(report, "blocks.0.b.weight")
    followers = {entry["tensor"] for entry in inner["followers"]}
    assert followers == {f"blocks.0.a.1.{name}" for name in ("weight", "bias", "running_mean", "running_var")}
    assert sorted(inner["permutation"]) == list(range(32))
    weight = dict(model.named_parameters())["blocks.0.b.weight"]
    assert inner["magnitude"]["total"] == pytest.approx(float(weight.detach().double().abs().sum()), rel=1e-6)


def test_parameters_stay_the_same_objects_and_modules_keep_their_modes():
    model, example = make("ResNet")
    model.train()
    model.head.eval()
    model.head.weight.grad = torch.ones_like(model.head.weight)
    before = {name: (id(p), p.data_ptr(), p.requires_grad) for name, p in model.named_parameters()}
    nmperm_torch.permute_model(model, example, **SEARCH)
    assert before == {name: (id(p), p.data_ptr(), p.requires_grad) for name, p in model.named_parameters()}
    assert model.training and model.stem[1].training and not model.head.training
    assert model.head.weight.grad is None  # its columns have moved
    model(example).sum().backward()


def test_pruning_writes_the_pattern_and_multiplies_each_weight():
    model, example = make("ResNet")
    whole = copy.deepcopy(model)
    report = nmperm_torch.permute_model(model, example, prune=True, pattern="2:4", **SEARCH)
    permuted = nmperm_torch.permute_model(whole, example, **SEARCH)
    pruned = {entry["tensor"] for entry in report["sparse_gemm"]}
    assert "blocks.0.b.weight" in pruned and "stem.0.weight" not in pruned
    kept = 0.0
    for name, weight in model.named_parameters():
        reference = dict(whole.named_parameters())[name]
        if name not in pruned:
            assert torch.equal(weight, reference)
            continue
        groups = weight.detach().movedim(1, -1).reshape(-1, weight.shape[1] // 4, 4)
        assert int((groups != 0).sum(-1).max()) <= 2
        assert torch.equal(weight[weight != 0], reference[weight != 0])
        kept += float(weight.detach().double().abs().sum())
    assert kept == pytest.approx(permuted["magnitude"]["kept"], rel=1e-6)
    assert all(entry["max_relative_error"] < 1e-5 for entry in report["sparse_gemm"])


def test_masks_and_search_follow_the_criterion():
    from nmperm import criteria, torch_statistics

    model, example = make("FlattenNet")
    whole = copy.deepcopy(model)
    statistics = torch_statistics.collect(model, [example], ["norm"])
    report = nmperm_torch.permute_model(
        model, example, prune=True, criterion="wanda", statistics=statistics, include="^head", **SEARCH
    )
    (only,) = report["sets"]
    scores = criteria.wanda(whole.head.weight, statistics["head.weight.norm"])
    assert only["magnitude"]["total"] == pytest.approx(float(scores.astype(np.float64).sum()), rel=1e-6)
    kept = scores[:, only["permutation"]][(model.head.weight.detach() != 0).numpy()]
    assert float(kept.astype(np.float64).sum()) == pytest.approx(only["magnitude"]["kept"], rel=1e-6)


def test_named_arguments_and_several_inputs():
    class TwoInputs(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.out = nn.Linear(16, 32), nn.Linear(8, 32), nn.Linear(32, 8)

        def forward(self, x, extra=None, *, scale=1.0, flag: bool = False):
            y = self.a(x)
            if extra is not None:
                y = y + self.b(extra["values"][0])
            return {"result": self.out(torch.relu(y) * scale) if flag else y}

    model = randomised(TwoInputs()).eval()
    call = {"x": torch.randn(3, 16), "extra": {"values": [torch.randn(3, 8)]}, "flag": True}
    before = model(**call)["result"].detach()
    report = nmperm_torch.permute_model(model, call, **SEARCH)
    assert close(before, model(**call)["result"])
    assert [s["channels"] for s in report["sets"]] == [32]
    # without the branch that asks for it, the output is what the first layer makes
    report = nmperm_torch.permute_model(model, (torch.randn(3, 16),), **SEARCH)
    assert report["sets"] == []


def test_half_precision():
    model = randomised(nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 8)))
    model = model.to(torch.bfloat16).eval()
    example = torch.randn(4, 16).to(torch.bfloat16)
    before = outputs(model, example)
    report = nmperm_torch.permute_model(model, example, **SEARCH)
    assert close(before, outputs(model, example), 2e-2)
    assert report["coverage"]["free_elements"] == 32 * 8 and model[0].weight.dtype == torch.bfloat16


def test_the_same_seed_gives_the_same_model():
    results = []
    for threads in (1, 2):
        model, example = make("ShuffleNet")
        nmperm_torch.permute_model(model, example, iteration_limit=2, threads=threads, seed=3, rule=SEARCH["rule"])
        results.append(state_of(model))
    assert all(torch.equal(results[0][name], results[1][name]) for name in results[0])


def columns(x):
    """[N, 32] as [N, 32, 2, 2]."""
    return x[:, :, None, None].repeat(1, 1, 2, 2)


CHANNELS_STAY_CHANNELS = {
    "clamp": lambda m, x: torch.clamp(x, min=-1).clamp_(max=2),
    "hardtanh": lambda m, x: F.hardtanh(x) + F.relu6(x),
    "activations": lambda m, x: F.silu(x) + F.mish(x) * F.elu(x) - F.hardswish(x) / (1 + F.softplus(x)),
    "slopes": lambda m, x: F.prelu(columns(x), m.scale).mean((2, 3)),
    "powers": lambda m, x: (x.abs() + 1).pow(2).sqrt().rsqrt() + x**2 + 2 ** x.sigmoid() + x.square(),
    "comparisons": lambda m, x: torch.where(x > 0.5, x, m.scale) + torch.maximum(x, m.scale),
    "masked": lambda m, x: x.masked_fill(x < 0.25, 3.0),
    "a scale for each": lambda m, x: x * m.scale + m.scale.detach() - m.scale.data,
    "batch norm": lambda m, x: F.batch_norm(x, m.scale, m.scale.abs() + 1, None, m.scale),
    "instance norm": lambda m, x: F.instance_norm(F.pad(columns(x), (0, 1)), weight=m.scale).sum(dim=(2, 3)),
    "layer norm": lambda m, x: F.layer_norm(x, (32,), m.scale, m.scale),
    "layer norm without parameters": lambda m, x: F.layer_norm(x, (32,)),
    "group norm": lambda m, x: F.group_norm(columns(x), 4, m.scale, m.scale).amax((2, 3)),
    "rolled": lambda m, x: torch.cat(x.roll(5, 1).flip(-1).split([8, 24], dim=1)[::-1], 1),
    "unit length": lambda m, x: F.normalize(x, dim=1),
    "softmax": lambda m, x: torch.log_softmax(x, dim=-1) + F.softmax(x, dim=1),
    "statistics": lambda m, x: x - x.mean(dim=1, keepdim=True) + x.std(1, keepdim=True) + x.amax(-1, keepdim=True),
    "the largest": lambda m, x: x + x.max(dim=1, keepdim=True).values + x.norm(dim=1, keepdim=True),
    "in between": lambda m, x: x.unsqueeze(1).expand(-1, 3, -1).sum(1).unsqueeze(0).squeeze(0),
    "stacked": lambda m, x: torch.stack([x, x.tanh()], dim=1).unbind(1)[1] + torch.stack((x, x), -1)[..., 0],
    "cut and joined": lambda m, x: torch.cat([x[:, 16:], x[:, :16]], 1) + torch.cat(x.split([8, 24], dim=1), -1),
    "pooled": lambda m, x: F.avg_pool2d(columns(x), 2).flatten(1) + F.max_pool2d(columns(x), 2, 2)[:, :, 0, 0],
    "resized": lambda m, x: F.interpolate(columns(x), scale_factor=1.5).sum((-1, -2)),
    "turned": lambda m, x: columns(x).permute(0, 2, 3, 1).flip(1).roll((1, 1), (1, 2)).movedim(-1, 1).amin((2, 3)),
    "padded": lambda m, x: F.pad(columns(x), (1, 1, 0, 2), value=1.0).mean([2, 3]),
    "channels last": lambda m, x: columns(x).transpose(1, 3).select(1, 0).narrow(1, 1, 1).squeeze(1),
    "other types": lambda m, x: x.double().float().to(torch.float32).contiguous().type_as(x).clone(),
    "shuffled": lambda m, x: F.channel_shuffle(columns(x), 4)[..., 1, 1],
    "an even spread of pixels": lambda m, x: F.pixel_unshuffle(F.pixel_shuffle(columns(x), 2), 2).mean((2, 3)),
    "a wrapped function": lambda m, x: torch_models.doubled(F.dropout(x, p=0.0)),
    "a mixture": lambda m, x: torch.bmm(x.view(-1, 1, 32).transpose(1, 2), x.view(-1, 32, 1).mT[:, :, :1]).squeeze(2),
    "attention": lambda m, x: F.softmax(x[None] @ x.t()[None] / 4, -1)[0] @ x,
    "a gate": lambda m, x: F.glu(torch.cat([x, x * 2], 1), dim=1),
    "zeros": lambda m, x: torch.zeros_like(x) + x + x.new_ones(32) + torch.zeros(x.shape),
}


@pytest.mark.parametrize("name", CHANNELS_STAY_CHANNELS)
def test_functions_that_leave_channels_alone_leave_them_free(name):
    model = randomised(Between(Module(CHANNELS_STAY_CHANNELS[name]))).eval()
    example = torch.randn(3, 16)
    before = outputs(model, example)
    report = nmperm_torch.permute_model(model, example, **SEARCH)
    assert set_with(report, "last.weight") != [], skipped(report)
    assert close(before, outputs(model, example))


def test_the_example_of_the_documentation_runs(capsys):
    page = (pathlib.Path(__file__).parents[2] / "docs" / "torch.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(example.replace("time_limit=5", "iteration_limit=1"), "docs/torch.md", "exec"), {})
    assert "0.weight stays: its 3 input channels" in capsys.readouterr().out


def test_a_second_time_goes_on_from_the_first():
    model, example = make("ResNet")
    first = nmperm_torch.permute_model(model, example, **SEARCH)
    second = nmperm_torch.permute_model(model, example, **SEARCH)
    assert second["magnitude"]["default"] == pytest.approx(first["magnitude"]["kept"], rel=1e-9)
    assert second["magnitude"]["kept"] >= first["magnitude"]["kept"]


def test_a_model_that_takes_one_batch_alone_is_followed_on_that():
    class OneBatch(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(16, 32), nn.Linear(32, 8)
            self.register_buffer("each", torch.rand(5, 1))

        def forward(self, x):
            return self.last(torch.relu(self.first(x)) * self.each)

    model = randomised(OneBatch()).eval()
    example = torch.randn(5, 16)
    before = outputs(model, example)
    report = nmperm_torch.permute_model(model, example, **SEARCH)
    assert close(before, outputs(model, example)) and len(set_with(report, "last.weight")) == 1


def test_a_buffer_that_is_used_in_part_moves_with_its_channels():
    model = randomised(Transformer()).eval()
    tokens = torch.randint(0, 20, (2, 9))
    before, state = outputs(model, tokens), state_of(model)
    nmperm_torch.permute_model(model, tokens, **SEARCH)
    assert "positions" in changed_tensors(model, state) and "mask" not in changed_tensors(model, state)
    assert model.head.weight is model.embed.weight
    longer = torch.randint(0, 20, (3, 14))
    again = randomised(Transformer()).eval()
    assert close(before, outputs(model, tokens)) and close(outputs(again, longer), outputs(model, longer))


# ---- faults ---------------------------------------------------------------------------------------------------------


class SharesItsWeightBehindThePythonCode(nn.Module):
    """What no tracer sees: the weight is read through memory that NumPy holds."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(16, 32), nn.Linear(32, 8)
        self.memory = [self.last.weight.detach().numpy()]

    def forward(self, x):
        y = torch.relu(self.first(x))
        return self.last(y) + torch.from_numpy(self.memory[0].copy()).sum(0)[:8]


def test_a_proof_that_fails_puts_the_model_back():
    model = randomised(SharesItsWeightBehindThePythonCode()).eval()
    state = state_of(model)
    with pytest.raises(nmperm.CheckError, match="outputs differ"):
        nmperm_torch.permute_model(model, torch.randn(3, 16), prune=True, **SEARCH)
    assert changed_tensors(model, state) == set()


def test_a_model_that_decides_by_elements_is_refused_in_words():
    with pytest.raises(ValueError, match="DecidesByElements: cannot be followed: .*expected a forward"):
        nmperm_torch.permute_model(DecidesByElements(), torch.randn(3, 32))


def test_outputs_that_prove_nothing_are_refused():
    model = randomised(nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 8)))
    state = state_of(model)
    with pytest.raises(ValueError, match="no output for the example is finite"):
        nmperm_torch.permute_model(model, torch.full((2, 16), float("inf")), **SEARCH)
    assert changed_tensors(model, state) == set()


@pytest.mark.parametrize(
    "change, error, words",
    [
        ({"model": "resnet"}, TypeError, "model: str"),
        ({"example_input": None}, TypeError, "example_input: NoneType"),
        ({"example_input": (1, 2)}, TypeError, "example_input"),
        ({"pattern": (4, 4)}, ValueError, "4:4"),
        ({"solver": "stripe-group"}, ValueError, "did you mean stripe-groups"),
        ({"options": {"no_such": 1}}, ValueError, "no-such"),
        ({"rule": "outputs=0"}, ValueError, "outputs"),
        ({"include": "["}, ValueError, r"\["),
        ({"inputs": 0}, ValueError, "inputs"),
        ({"criterion": "wandas"}, ValueError, "wanda"),
        ({"criterion": "wanda"}, ValueError, "statistics"),
        ({"criterion": "wanda", "statistics": {"first.weight.norm": np.ones(7)}}, ValueError, "last.weight.norm"),
        ({"criterion": "wanda", "statistics": "no/such/file"}, OSError, "no/such/file"),
        ({"time_limit": -1}, ValueError, "time_limit"),
        ({"example_input": torch.randn(3, 5)}, ValueError, "cannot be followed"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_moves(change, error, words):
    model = randomised(Between(nn.ReLU()))
    state = state_of(model)
    arguments = {"model": model, "example_input": torch.randn(3, 16), **SEARCH, **change}
    with pytest.raises(error, match=words) as caught:
        nmperm_torch.permute_model(**arguments)
    assert "\n" not in str(caught.value)
    assert changed_tensors(model, state) == set() and model.training


def test_weights_that_are_not_finite_are_refused():
    model = randomised(Between(nn.ReLU()))
    with torch.no_grad():
        model.last.weight[1, 2] = float("nan")
    with pytest.raises(ValueError, match="last.weight"):
        nmperm_torch.permute_model(model, torch.randn(3, 16), **SEARCH)


def test_ctrl_c_ends_the_search_and_the_best_order_is_applied():
    model, example = make("Transformer")
    before = outputs(model, example)
    timer = threading.Timer(1.0, signal.raise_signal, (signal.SIGINT,))
    timer.start()
    with pytest.raises(nmperm.Interrupted) as caught:
        nmperm_torch.permute_model(model, example, solver="annealing", time_limit=600, rule=SEARCH["rule"])
    timer.join()
    assert close(before, outputs(model, example))
    assert caught.value.solution["magnitude"]["kept"] >= caught.value.solution["magnitude"]["default"]
