"""Masks, compressed weights and their product."""

import numpy as np
import pytest

import nmperm

WEIGHTS = np.random.RandomState(0).randn(48, 64).astype(np.float32)


def solution_of(weights, pattern=(2, 4)):
    return nmperm.solve(nmperm.criteria.magnitude(weights), pattern, "stripe-groups")


@pytest.mark.parametrize("pattern", [(2, 4), (1, 4), (4, 8)])
def test_a_mask_keeps_what_the_solution_says(pattern):
    solution = solution_of(WEIGHTS, pattern)
    mask = nmperm.mask(abs(WEIGHTS), solution, pattern)
    assert mask.dtype == bool and mask.shape == WEIGHTS.shape
    groups = mask[:, solution.permutation].reshape(len(WEIGHTS), -1, pattern[1])
    assert (groups.sum(axis=2) == pattern[0]).all()
    assert abs(WEIGHTS)[mask].sum(dtype=np.float64) == pytest.approx(solution.kept, rel=1e-12)


def test_equal_scores_survive_from_the_left():
    assert nmperm.mask(np.ones((1, 4))).tolist() == [[True, True, False, False]]
    assert nmperm.mask(np.ones((1, 4)), [3, 2, 1, 0]).tolist() == [[False, False, True, True]]


def test_a_convolution_mask_has_the_shape_of_the_weight():
    weight = np.random.RandomState(1).rand(6, 8, 3, 2)
    mask = nmperm.mask(weight)
    assert mask.shape == weight.shape and mask.flags.c_contiguous
    matrix_mask = nmperm.mask(np.moveaxis(weight, 1, -1).reshape(-1, 8))
    assert (np.moveaxis(mask, 1, -1).reshape(-1, 8) == matrix_mask).all()


@pytest.mark.parametrize("pattern", [(2, 4), (1, 4)])
@pytest.mark.parametrize("n", [None, 1, 7, 130])
def test_the_product_is_that_of_the_pruned_weight(pattern, n):
    solution = solution_of(WEIGHTS, pattern)
    compressed = nmperm.compress(WEIGHTS, solution, pattern)
    pruned = WEIGHTS * nmperm.mask(abs(WEIGHTS), solution, pattern)
    shape = (64,) if n is None else (64, n)
    activations = np.random.RandomState(2).randn(*shape)
    product = nmperm.sparse_matmul(compressed, activations[solution.permutation])
    assert product.dtype == np.float32
    np.testing.assert_allclose(product, pruned.astype(np.float64) @ activations, rtol=0, atol=1e-4)


def test_a_compressed_weight_shows_what_it_holds():
    solution = solution_of(WEIGHTS)
    compressed = nmperm.compress(WEIGHTS, solution)
    assert compressed.shape == (48, 64) and compressed.pattern == (2, 4)
    assert compressed.values.shape == compressed.places.shape == (48, 32)
    pruned = WEIGHTS * nmperm.mask(abs(WEIGHTS), solution)
    np.testing.assert_array_equal(compressed.to_dense(), pruned[:, solution.permutation])
    with pytest.raises(ValueError):
        compressed.values[0, 0] = 1
    values = compressed.values
    del compressed
    assert np.isfinite(values).all()  # the view keeps the weight alive


def test_pruning_may_follow_other_scores():
    scores = np.random.RandomState(3).rand(*WEIGHTS.shape)
    compressed = nmperm.compress(WEIGHTS, scores=scores)
    np.testing.assert_array_equal(compressed.to_dense(), WEIGHTS * nmperm.mask(scores))


def test_files_are_read_again(tmp_path):
    solution = solution_of(WEIGHTS)
    compressed = nmperm.compress(WEIGHTS, solution)
    compressed.save(tmp_path / "w.safetensors")
    again = nmperm.load_compressed(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(again.to_dense(), compressed.to_dense())
    np.testing.assert_array_equal(again.permutation, solution.permutation)
    compressed.save(tmp_path / "half.safetensors", dtype="f16")
    half = nmperm.load_compressed(tmp_path / "half.safetensors")
    np.testing.assert_array_equal(half.to_dense(), compressed.to_dense().astype(np.float16).astype(np.float32))


def test_errors_name_what_was_expected(tmp_path):
    compressed = nmperm.compress(WEIGHTS)
    with pytest.raises(ValueError, match=r"activations.*\[64, n\]"):
        nmperm.sparse_matmul(compressed, np.ones((63, 2)))
    with pytest.raises(TypeError, match="weight: ndarray"):
        nmperm.sparse_matmul(WEIGHTS, np.ones((64, 2)))
    with pytest.raises(ValueError, match="row 1, column 2"):
        broken = WEIGHTS.copy()
        broken[1, 2] = np.nan
        nmperm.compress(broken)
    with pytest.raises(ValueError, match="scores: matrix"):
        nmperm.compress(WEIGHTS, scores=np.ones((48, 32)))
    with pytest.raises(ValueError, match="f32, f16, bf16 or i8|f32"):
        compressed.save(tmp_path / "w.safetensors", dtype="f64")
    with pytest.raises(FileNotFoundError):
        compressed.save(tmp_path / "none" / "w.safetensors")
    with pytest.raises(FileNotFoundError):
        nmperm.load_compressed(tmp_path / "none.safetensors")
    (tmp_path / "cut.safetensors").write_bytes(b"\x10\x00")
    with pytest.raises(ValueError, match="cut.safetensors"):
        nmperm.load_compressed(tmp_path / "cut.safetensors")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.safetensors"]
