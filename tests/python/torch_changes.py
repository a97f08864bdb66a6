"""How the tests of nmperm.torch permute a model, and what they ask of it and of the report afterwards."""

import torch

SEARCH = {"solver": "stripe-groups", "iteration_limit": 3, "rule": "outputs=8,inputs=8"}


def outputs(model, *args):
    with torch.no_grad():
        return model(*args)


def close(a, b, tolerance=2e-5):
    return float((a - b).abs().max()) <= tolerance * float(a.abs().max())


def state_of(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def changed_tensors(model, before):
    return {name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])}


def skipped(report):
    return {entry["tensor"]: entry["reason"] for entry in report["skipped"]}


def set_with(report, tensor):
    """The sets that this weight's input channels belong to."""
    return [s for s in report["sets"] if tensor in [consumer["tensor"] for consumer in s["consumers"]]]
