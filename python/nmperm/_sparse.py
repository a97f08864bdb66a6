"""Masks, compressed weights, and their product."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from . import _arguments as arguments
from . import _nmperm
from ._arguments import PathLike, PatternLike
from ._nmperm import CompressedWeight
from ._solution import Solution


def mask(scores: Any, permutation: Any = None, pattern: PatternLike = (2, 4)) -> npt.NDArray[np.bool_]:
    """What survives, as a boolean array of the shape of `scores`, in the order of `scores`.

    The columns are grouped as `permutation` (a permutation or a Solution; the given order by default) says, and of
    each group of M in each row the N largest scores survive; of equal ones those further to the left. So
    ``scores[mask]`` adds up to the kept magnitude, and ``mask[:, permutation]`` is the mask of the permuted scores.

    Raises ValueError or TypeError as solve().
    """
    array = arguments.real_array(scores, "scores")
    flags = _nmperm.mask(array, _order(permutation), arguments.pattern_of(pattern))
    if array.ndim == 2:
        return flags
    rest = (array.shape[0], *array.shape[2:], array.shape[1])
    return np.ascontiguousarray(np.moveaxis(flags.reshape(rest), -1, 1))


def compress(
    weights: Any, permutation: Any = None, pattern: PatternLike = (2, 4), *, scores: Any = None
) -> CompressedWeight:
    """Permutes, prunes and compresses a weight of any sign; a convolution weight [K, C, ...] as its matrix.

    Pruned is by magnitude, or by `scores` of the same shape. Raises ValueError or TypeError, naming argument, row and
    column, where a value is not finite.
    """
    matrix = np.ascontiguousarray(arguments.matrix_of(weights), dtype=np.float32)
    if scores is not None:
        scores = arguments.matrix_of(scores, "scores")
        if scores.shape != matrix.shape:
            raise ValueError(f"scores: matrix {scores.shape} (expected the shape of the weights, {matrix.shape})")
    return _nmperm.compress(matrix, _order(permutation), arguments.pattern_of(pattern), scores)


def load_compressed(path: PathLike) -> CompressedWeight:
    """Reads what ``CompressedWeight.save()`` or ``nmperm compress`` wrote."""
    return _nmperm.load_compressed(arguments.input_path(path))


def sparse_matmul(weight: CompressedWeight, activations: Any, threads: int = 0) -> npt.NDArray[np.float32]:
    """weight @ activations: float32 [R, n] from activations [C, n], or [R] from [C].

    Row i of the activations belongs to column i of the compressed weight, that is to original channel
    ``weight.permutation[i]``: where a producer was permuted alike they come in this order, else use
    ``activations[weight.permutation]``. The first product plans; the plan is kept with the weight.
    """
    if not isinstance(weight, CompressedWeight):
        raise TypeError(f"weight: {type(weight).__name__} (expected what nmperm.compress() returns)")
    array = np.ascontiguousarray(arguments.real_array(activations, "activations"), dtype=np.float32)
    columns = weight.shape[1]
    if array.ndim not in (1, 2) or array.shape[0] != columns or array.size == 0:
        raise ValueError(f"activations: array of shape {array.shape} (expected [{columns}] or [{columns}, n])")
    product = _nmperm.multiply(weight, array.reshape(columns, -1), arguments.whole_number(threads, "threads", 0, 4096))
    return product[:, 0] if array.ndim == 1 else product


def _order(permutation: Any) -> Optional[npt.NDArray[np.int64]]:
    if permutation is None:
        return None
    if isinstance(permutation, Solution):
        permutation = permutation.permutation
    return arguments.indices(permutation, "permutation")
