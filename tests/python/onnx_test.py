"""Whole ONNX networks, exported by PyTorch."""

import json

import numpy as np
import pytest

import nmperm

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 32), torch.nn.ReLU(), torch.nn.Linear(32, 8)
    )
    path = tmp_path_factory.mktemp("model") / "network.onnx"
    torch.onnx.export(network.eval(), torch.zeros(1, 16), str(path), opset_version=13)
    return path


def test_a_network_is_permuted_and_pruned(model, tmp_path):
    report = nmperm.apply_onnx(model, tmp_path / "out.onnx", prune=True, time_limit=1, rule="outputs=8,inputs=16")
    assert (tmp_path / "out.onnx").exists()
    assert report["format"] == "nmperm-network-report"
    assert report["equivalence"]["structural"] is True
    assert len(report["sets"]) == 2
    assert report["magnitude"]["kept"] > report["magnitude"]["default"]
    assert len(report["sparse_gemm"]) > 0
    json.dumps(report)


def test_only_what_is_asked_for_is_permuted(model, tmp_path):
    report = nmperm.apply_onnx(model, tmp_path / "out.onnx", time_limit=1, include="2.weight|Gemm_2", inputs=0)
    assert report["equivalence"]["engine"] is None
    assert report["sparse_gemm"] == []


def test_pruning_may_follow_a_criterion(model, tmp_path):
    from nmperm import torch_statistics

    norms = {
        f"{layer}.weight.norm": np.random.RandomState(layer).rand(size) for layer, size in [(0, 16), (2, 32), (4, 32)]
    }
    torch_statistics.save(tmp_path / "statistics.safetensors", norms)
    arguments = {"prune": True, "time_limit": 1, "inputs": 0, "statistics": tmp_path / "statistics.safetensors"}
    report = nmperm.apply_onnx(model, tmp_path / "out.onnx", criterion="wanda", **arguments)
    assert report["magnitude"]["kept"] > report["magnitude"]["default"]
    with pytest.raises(ValueError, match="statistics"):
        nmperm.apply_onnx(model, tmp_path / "out.onnx", criterion="wanda")


def test_errors_leave_nothing_behind(model, tmp_path):
    output = tmp_path / "out.onnx"
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    folder = tmp_path / "folder"
    folder.mkdir()
    for error, arguments in [
        (FileNotFoundError, {"model": tmp_path / "none.onnx"}),
        (FileNotFoundError, {"output": tmp_path / "none" / "out.onnx"}),
        (IsADirectoryError, {"output": folder}),
        (ValueError, {"model": broken}),
        (ValueError, {"output": model}),
        (ValueError, {"pattern": (4, 2)}),
        (ValueError, {"include": "("}),
        (ValueError, {"rule": "channels=8"}),
        (ValueError, {"solver": "none"}),
        (ValueError, {"options": {"samples": 0}, "solver": "random"}),
        (TypeError, {"time_limit": "1"}),
    ]:
        with pytest.raises(error) as caught:
            nmperm.apply_onnx(**{"model": model, "output": output, **arguments})
        assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.onnx", "folder"]
    assert np.frombuffer(model.read_bytes(), np.uint8).size > 1000
