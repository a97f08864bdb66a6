"""Arguments of users, checked and brought into the form that the compiled part takes."""

from __future__ import annotations

import math
import numbers
import os
from typing import Any, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt

Pattern = Tuple[int, int]
PatternLike = Union[Pattern, str]
Options = Mapping[str, Union[str, int, float, bool]]
PathLike = Union[str, "os.PathLike[str]"]

DEFAULT_TIME_LIMIT = 10.0


def real_array(value: Any, name: str) -> npt.NDArray[Any]:
    """`value` as a float16, float32 or float64 array in native byte order, without a copy where it is one.

    Tensors of PyTorch are taken from where they are (GPU, graph of gradients); bfloat16 becomes float32.
    """
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
    array = np.asarray(value)
    if array.dtype.kind != "f" or array.dtype.itemsize not in (2, 4, 8):
        raise TypeError(f"{name}: array of {array.dtype} (expected float16, float32 or float64)")
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def matrix_of(weights: Any, name: str = "weights") -> npt.NDArray[Any]:
    """A weight [R, C] as it is; a convolution weight [K, C, ...] as the matrix of C columns, rows in order K, ..."""
    array = real_array(weights, name)
    if array.ndim < 2:
        raise ValueError(
            f"{name}: array of {array.ndim} dimensions (expected a matrix [R, C] or a convolution weight [K, C, ...])"
        )
    if array.ndim == 2:
        return array
    return np.moveaxis(array, 1, -1).reshape(-1, array.shape[1])


def indices(value: Any, name: str) -> npt.NDArray[np.int64]:
    """One whole number for each place."""
    array = np.asarray(value)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size > 0):
        raise TypeError(
            f"{name}: {array.ndim}-dimensional array of {array.dtype} (expected one whole number for each place)"
        )
    return array.astype(np.int64, copy=False)


def whole_number(value: Any, name: str, minimum: int = 0, maximum: int = 2**63 - 1) -> int:
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"{name}: {value!r} (expected a whole number)")
    whole = int(value)
    if not minimum <= whole <= maximum:
        raise ValueError(f"{name}: {whole} (expected a whole number, {minimum} .. {maximum})")
    return whole


def number(value: Any, name: str) -> float:
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{name}: {value!r} (expected a number)")
    if math.isnan(value) or value < 0:
        raise ValueError(f"{name}: {value} (expected a number, 0 or more)")
    return float(value)


def pattern_of(value: PatternLike) -> Pattern:
    """(N, M), also from "N:M"."""
    try:
        keep, group = map(int, value.split(":")) if isinstance(value, str) else value
    except (TypeError, ValueError):
        raise ValueError(f"pattern: {value!r} (expected (N, M) or 'N:M' with 1 <= N < M)") from None
    return whole_number(keep, "pattern", 0, 2**31 - 1), whole_number(group, "pattern", 0, 2**31 - 1)


def segments_of(value: Optional[Sequence[int]]) -> Optional[list[int]]:
    if value is None:
        return None
    return [int(length) for length in indices(value, "segments")]


def option_values(options: Optional[Options], name: str = "options") -> dict[str, str]:
    """Names with - for _, values as text."""
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise TypeError(f"{name}: {options!r} (expected a dictionary)")
    return {str(key).replace("_", "-"): _text_of(value) for key, value in options.items()}


def _text_of(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, numbers.Integral):
        return str(int(value))
    return repr(float(value)) if isinstance(value, numbers.Real) else str(value)


def time_limit_of(time_limit: Optional[float], iteration_limit: Optional[int]) -> float:
    """10 s by default; none where only an iteration limit is given."""
    if time_limit is not None:
        return number(time_limit, "time_limit")
    return DEFAULT_TIME_LIMIT if iteration_limit is None else math.inf


def limits_of(
    time_limit: Optional[float], iteration_limit: Optional[int], gap_limit: float, seed: int, threads: int
) -> tuple[float, Optional[int], float, int, int]:
    return (
        time_limit_of(time_limit, iteration_limit),
        None if iteration_limit is None else whole_number(iteration_limit, "iteration_limit"),
        number(gap_limit, "gap_limit"),
        whole_number(seed, "seed", 0, 2**64 - 1),
        whole_number(threads, "threads", 0, 4096),
    )


def input_path(path: PathLike) -> str:
    """Raises OSError, as open() does, where the file cannot be read."""
    with open(path, "rb"):
        return os.fspath(path)


def output_path(path: PathLike) -> str:
    """Raises OSError where no file can be made there."""
    text = os.fspath(path)
    folder = os.path.dirname(text) or "."
    if not os.path.isdir(folder):
        raise FileNotFoundError(2, "No such folder", folder)
    if os.path.isdir(text):
        raise IsADirectoryError(21, "Is a folder (expected a file name)", text)
    if not os.access(folder, os.W_OK):
        raise PermissionError(13, "Cannot write into this folder", folder)
    return text
