"""Many layers at once."""

import threading

import numpy as np
import pytest

import nmperm


def scores_of(seed):
    return np.random.RandomState(seed).rand(16, 16)


def test_a_mapping_is_solved_in_its_order():
    layers = {f"layer{k}": scores_of(k) for k in range(7)}
    found = list(nmperm.solve_layers(layers, solver="annealing", iteration_limit=2000, threads=2))
    assert [name for name, _ in found] == list(layers)
    for name, solution in found:
        alone = nmperm.solve(layers[name], solver="annealing", iteration_limit=2000)
        assert list(solution.permutation) == list(alone.permutation)


def test_pairs_and_plain_arrays_are_taken_too():
    pairs = [("a", scores_of(0)), ("b", scores_of(1))]
    assert [name for name, _ in nmperm.solve_layers(pairs, solver="identity")] == ["a", "b"]
    arrays = (scores_of(k) for k in range(3))
    assert [name for name, _ in nmperm.solve_layers(arrays, solver="identity")] == [0, 1, 2]
    assert list(nmperm.solve_layers([])) == []


def test_few_layers_are_in_memory():
    taken = []

    def layers():
        for k in range(20):
            taken.append(k)
            yield scores_of(k)

    for done, _ in nmperm.solve_layers(layers(), solver="identity", threads=2):
        assert len(taken) <= done + 4


def test_leaving_the_loop_ends_the_searches():
    before = threading.active_count()
    for _, solution in nmperm.solve_layers([scores_of(0)] + [np.random.rand(64, 128)] * 3, time_limit=0.1, threads=1):
        break
    found = nmperm.solve_layers([np.random.rand(8, 8)] + [np.random.rand(64, 128)] * 3, threads=4, time_limit=1000)
    next(found)  # the first is proven optimal at once, the others would go on
    found.close()
    assert threading.active_count() == before


def test_an_error_names_the_layer():
    layers = {"good": scores_of(0), "bad": -scores_of(1)}
    with pytest.raises(ValueError, match="layer 'bad': scores: row 0, column 0"):
        list(nmperm.solve_layers(layers, solver="identity"))
    with pytest.raises(TypeError, match="start"):
        nmperm.solve_layers(layers, start=[0])
    with pytest.raises(TypeError, match="unknown"):
        list(nmperm.solve_layers(layers, unknown=1))
