"""Statistics that hooks collect from a PyTorch model."""

import os
import subprocess

import numpy as np
import pytest

from nmperm import criteria

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from nmperm import torch_statistics  # noqa: E402


def small_model():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(8, 16, 3, groups=2),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(64, 32),
        nn.ReLU(),
        nn.Linear(32, 4),
    )


def squared_output(model, batch):
    return model(batch).square().mean()


BATCHES = [torch.randn(5, 8, 4, 4, generator=torch.Generator().manual_seed(k)) for k in range(3)]
INPUTS = torch.cat(BATCHES).movedim(1, -1).reshape(-1, 8).double()


def test_every_statistic_is_what_the_criteria_define():
    model = small_model()
    found = torch_statistics.collect(model, BATCHES, ["norm", "hessian", "gradient"], loss=squared_output)
    assert set(found) == {f"{k}.weight.{kind}" for k in (0, 4, 6) for kind in ("norm", "hessian", "gradient")}
    np.testing.assert_allclose(found["0.weight.norm"], INPUTS.norm(dim=0), rtol=1e-5)
    hessian = 2 / len(INPUTS) * INPUTS.T @ INPUTS
    np.testing.assert_allclose(found["0.weight.hessian"][0], hessian[:4, :4], atol=1e-5)
    np.testing.assert_allclose(found["0.weight.hessian"][1], hessian[4:, 4:], atol=1e-5)
    model.eval()
    model.zero_grad()
    sum(squared_output(model, batch) for batch in BATCHES).backward()
    for k in (0, 4, 6):
        gradient = model[k].weight.grad
        np.testing.assert_allclose(found[f"{k}.weight.gradient"], gradient, atol=1e-6)


def test_the_diagonal_alone_is_that_of_the_hessian():
    full = torch_statistics.collect(small_model(), BATCHES, ["hessian"])
    diagonal = torch_statistics.collect(small_model(), BATCHES, ["hessian-diagonal"])
    np.testing.assert_allclose(diagonal["4.weight.hessian"], np.diag(full["4.weight.hessian"]), rtol=1e-5)


def test_the_model_is_left_as_it_was():
    model = small_model().train()
    model[0].eval()
    torch_statistics.collect(model, BATCHES, ["norm", "gradient"], loss=squared_output)
    assert model.training and not model[0].training and model[2].training
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_all_criteria_take_what_was_collected():
    model = small_model()
    found = torch_statistics.collect(model, BATCHES, ["norm", "hessian", "gradient"], loss=squared_output)
    for name in ("magnitude", "squared", "obd", "obs", "snip", "wanda", "ria"):
        for k in (0, 4, 6):
            weight = model[k].weight
            scores = criteria.score(name, weight, **criteria.statistics_of(found, f"{k}.weight"))
            assert scores.shape == tuple(weight.shape) and np.isfinite(scores).all()


def test_sequences_and_shared_weights_add_up():
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)
            self.second.weight = self.first.weight

        def forward(self, x, scale):
            return self.second(scale * self.first(x))

    model = Shared()
    x = torch.randn(2, 5, 6)
    found = torch_statistics.collect(model, [(x, 2.0), {"x": x, "scale": 2.0}])
    with torch.no_grad():
        inputs = torch.cat([x.reshape(-1, 6), 2 * model.first(x).reshape(-1, 6)] * 2)
    np.testing.assert_allclose(found["first.weight.norm"], inputs.norm(dim=0), rtol=1e-5)
    np.testing.assert_array_equal(found["second.weight.norm"], found["first.weight.norm"])


def test_the_command_reads_what_is_saved(tmp_path):
    program = os.environ.get("NMPERM_PROGRAM")
    if not program:
        pytest.skip("NMPERM_PROGRAM is not set")
    model = small_model()
    found = torch_statistics.collect(model, BATCHES, ["norm", "hessian"])
    torch_statistics.save(tmp_path / "statistics.safetensors", found)
    np.savez(tmp_path / "model.npz", **{"4.weight": model[4].weight.detach().numpy()})
    for criterion in ("wanda", "obs"):
        command = [program, "solve", f"{tmp_path / 'model.npz'}:4.weight", "--criterion", criterion]
        command += ["--statistics", tmp_path / "statistics.safetensors", "--solver", "identity", "--output", "-"]
        solution = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        scores = criteria.score(criterion, model[4].weight, **criteria.statistics_of(found, "4.weight"))
        (tmp_path / "solution.json").write_text(solution)
        import nmperm

        assert nmperm.check(scores, tmp_path / "solution.json") == ()  # the very same scores: sha256 agrees


def test_errors_name_what_was_expected(tmp_path):
    model = small_model()
    for error, names, call in [
        (ValueError, "kinds", lambda: torch_statistics.collect(model, BATCHES, ["norms"])),
        (ValueError, "kinds", lambda: torch_statistics.collect(model, BATCHES, "norm")),
        (ValueError, "loss", lambda: torch_statistics.collect(model, BATCHES, ["gradient"])),
        (ValueError, "batches", lambda: torch_statistics.collect(model, [])),
        (ValueError, "model", lambda: torch_statistics.collect(nn.ReLU(), BATCHES)),
        (ValueError, "0.weight", lambda: torch_statistics.collect(model, [BATCHES[0] * float("nan")])),
        (FileNotFoundError, "none", lambda: torch_statistics.save(tmp_path / "none" / "s.safetensors", {})),
    ]:
        with pytest.raises(error, match=names):
            call()
    model[0].weight.requires_grad_(False)
    with pytest.raises(ValueError, match="0.weight"):
        torch_statistics.collect(model, BATCHES, ["gradient"], loss=squared_output)
    assert list(tmp_path.iterdir()) == []
