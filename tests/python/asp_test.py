"""The search of apex's ASP, replaced."""

import pathlib
import subprocess
import sys
import types

import numpy as np
import pytest

import nmperm

torch = pytest.importorskip("torch")
from nmperm import asp  # noqa: E402

search = asp.accelerated_search_for_good_permutation


def kept_2_to_4(matrix):
    return np.sort(abs(matrix).reshape(len(matrix), -1, 4), axis=2)[:, :, 2:].sum(dtype=np.float64)


def weight_of(rows, channels, seed=0):
    torch.manual_seed(seed)
    return torch.randn(rows, channels) * torch.exp(torch.randn(channels) / 2)


@pytest.mark.parametrize(
    "options",
    [
        None,
        {},
        {"strategy": "exhaustive", "stripe_group_size": 8, "escape_attempts": 100},
        {"strategy": "exhaustive", "stripe_group_size": 12, "escape_attempts": 5},
        {"strategy": "progressive channel swap", "progressive_search_time_limit": 1, "improvement_threshold": 1e-9},
        {"strategy": "auto", "time_limit": 0.2},
        {"strategy": "auto", "iteration_limit": 1},
        {"strategy": "random", "samples": 10, "seed": 5, "threads": 1},
    ],
)
def test_the_answer_is_a_list_that_orders_the_channels(options):
    weight = weight_of(32, 64)
    given = None if options is None else dict(options)
    order = search(weight, options=options)
    assert options == given  # the dictionary is not changed
    assert isinstance(order, list) and all(type(column) is int for column in order)
    assert sorted(order) == list(range(64))
    assert kept_2_to_4(weight[:, order].numpy()) > kept_2_to_4(weight.numpy())


def test_any_tensor_is_taken():
    weight = weight_of(32, 32)
    expected = search(weight)
    assert search(torch.nn.Parameter(weight)) == expected
    assert search(weight.t().contiguous().t()) == expected
    assert search(weight.double()) == expected
    assert search(-weight) == expected
    assert search(weight.numpy()) == expected
    assert sorted(search(weight.bfloat16())) == list(range(32))


def test_the_user_defined_strategy_is_the_given_order():
    assert search(weight_of(8, 16), {"strategy": "user defined"}) == list(range(16))


def test_the_whole_matrix_at_once_is_the_optimum():
    weight = weight_of(8, 12)
    order = search(weight, {"strategy": "exhaustive", "stripe_group_size": -1})
    optimum = nmperm.solve(abs(weight), solver="exhaustive")
    assert kept_2_to_4(weight[:, order].numpy()) == pytest.approx(optimum.kept, rel=1e-6)


def test_more_escapes_and_larger_groups_are_honoured():
    weight = weight_of(16, 64)
    kept = [
        nmperm.solve(
            abs(weight), solver="stripe-groups", options={"stripe-group-size": size, "bounded-regressions": escapes}
        ).kept
        for size, escapes in [(8, 0), (8, 50), (12, 50)]
    ]
    for (size, escapes), least in zip([(8, 0), (8, 50), (12, 50)], kept):
        order = search(weight, {"stripe_group_size": size, "escape_attempts": escapes})
        assert kept_2_to_4(weight[:, order].numpy()) >= least * (1 - 1e-6)


def test_many_channels_in_groups_of_12_are_halved():
    assert asp._halves(512) == [512]
    assert asp._halves(1028) == [512, 256, 260]
    weight = weight_of(2, 520)
    order = search(weight, {"stripe_group_size": 12, "escape_attempts": 0})
    assert sorted(order) == list(range(520))


def test_one_line_is_printed_where_verbosity_asks(capsys):
    search(weight_of(8, 16), None, 1)
    assert capsys.readouterr().out == ""
    search(weight_of(8, 16), None, verbosity=2)
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize(
    "options, names",
    [
        ({"strategy": "exhaustve"}, ["strategy", "exhaustve", "progressive channel swap"]),
        ({"escapes": 3}, ["escapes", "escape_attempts"]),
        ({"stripe_group_size": 4}, ["stripe_group_size", "8, 12 or 16"]),
        ({"escape_attempts": -1}, ["escape_attempts", "-1"]),
        ({"strategy": "random", "sample": 1}, ["sample", "samples"]),
    ],
)
def test_errors_name_the_option(options, names):
    with pytest.raises(ValueError) as caught:
        search(weight_of(8, 16), options)
    assert all(name in str(caught.value) for name in names), str(caught.value)


def test_other_matrices_are_refused():
    with pytest.raises(ValueError, match="multiple of 4"):
        search(weight_of(8, 14))
    with pytest.raises(ValueError, match="matrix_group"):
        search(torch.zeros(8, 16, 3, 3))
    with pytest.raises(TypeError, match="matrix_group"):
        search(torch.zeros(8, 16, dtype=torch.int32))


def test_install_replaces_the_function_of_apex(monkeypatch):
    packages = {name: types.ModuleType(name) for name in ("apex", "apex.contrib", "apex.contrib.sparsity")}
    library = types.ModuleType("apex.contrib.sparsity.permutation_lib")
    library.accelerated_search_for_good_permutation = None
    packages["apex.contrib.sparsity"].permutation_lib = library
    for name, module in packages.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, library.__name__, library)
    asp.install()
    assert library.accelerated_search_for_good_permutation is search


def test_no_less_is_kept_than_by_the_published_search():
    script = pathlib.Path(__file__).resolve().parents[2] / "bench" / "asp_search.py"
    command = [sys.executable, script, "--channels", "32", "48", "--rows", "16", "--escapes", "10"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [[float(cell) for cell in line.split("|")[2:4]] for line in lines if line.startswith("| 16 x")]
    assert len(rows) == 2
    for published, ours in rows:
        assert ours >= published * (1 - 1e-6)
