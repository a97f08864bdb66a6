from typing import Any, Callable, Optional, Sequence

import numpy as np
import numpy.typing as npt

__version__: str

class CheckError(Exception): ...
class InternalError(RuntimeError): ...
class UnsupportedError(ValueError): ...

class CancelToken:
    def __init__(self) -> None: ...
    def cancel(self) -> None: ...

class CompressedWeight:
    """A permuted and pruned weight without its zeros; made by nmperm.compress()."""

    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def pattern(self) -> tuple[int, int]: ...
    @property
    def permutation(self) -> npt.NDArray[np.int64]: ...
    @property
    def values(self) -> npt.NDArray[np.float32]: ...
    @property
    def places(self) -> npt.NDArray[np.uint8]: ...
    def to_dense(self) -> npt.NDArray[np.float32]: ...
    def save(self, path: Any, *, dtype: str = "f32", layout: str = "plain", name: str = "weights") -> None: ...

def solve(
    scores: npt.NDArray[Any],
    pattern: tuple[int, int],
    segments: Optional[list[int]],
    solver: str,
    time_limit: float,
    iteration_limit: Optional[int],
    gap_limit: float,
    seed: int,
    threads: int,
    start: Optional[npt.NDArray[Any]],
    options: dict[str, str],
    on_incumbent: Optional[Callable[..., Any]],
    cancel: CancelToken,
) -> tuple[dict[str, Any], bool]: ...
def solvers() -> list[dict[str, Any]]: ...
def check(scores: npt.NDArray[Any], figures: dict[str, Any]) -> list[tuple[str, str, str]]: ...
def write_solution(
    path: str,
    scores: npt.NDArray[Any],
    figures: dict[str, Any],
    name: str,
    criterion: str,
    criterion_options: dict[str, str],
) -> None: ...
def read_solution(path: str) -> dict[str, Any]: ...
def check_file(scores: npt.NDArray[Any], path: str) -> list[tuple[str, str, str]]: ...
def needed_statistic(criterion: str) -> str: ...
def score(
    criterion: str,
    options: dict[str, str],
    weights: npt.NDArray[Any],
    norms: Optional[npt.NDArray[Any]],
    hessian: Optional[npt.NDArray[Any]],
    gradient: Optional[npt.NDArray[Any]],
) -> npt.NDArray[np.float32]: ...
def mask(
    scores: npt.NDArray[Any], permutation: Optional[npt.NDArray[np.int64]], pattern: tuple[int, int]
) -> npt.NDArray[np.bool_]: ...
def compress(
    weights: npt.NDArray[Any],
    permutation: Optional[npt.NDArray[Any]],
    pattern: tuple[int, int],
    scores: Optional[npt.NDArray[Any]],
) -> CompressedWeight: ...
def load_compressed(path: str) -> CompressedWeight: ...
def multiply(
    weight: CompressedWeight, activations: npt.NDArray[np.float32], threads: int
) -> npt.NDArray[np.float32]: ...
def apply_onnx(
    model: str,
    output: str,
    pattern: tuple[int, int],
    rule: str,
    include: str,
    exclude: str,
    solver: str,
    time_limit: float,
    iteration_limit: Optional[int],
    gap_limit: float,
    seed: int,
    threads: int,
    options: dict[str, str],
    criterion: str,
    statistics: str,
    criterion_options: dict[str, str],
    prune: bool,
    inputs: int,
) -> tuple[str, bool]: ...

class Network:
    """A network that is described operation by operation, for nmperm.torch."""

    def __init__(self, name: str) -> None: ...
    def add_input(self, tensor: str, type: str, dims: Sequence[int]) -> None: ...
    def declare(self, tensor: str, type: str, dims: Sequence[int]) -> None: ...
    def add_constant(self, tensor: str, type: str, dims: Sequence[int], elements: Any) -> None: ...
    def add_node(
        self, operation: str, name: str, inputs: Sequence[str], outputs: Sequence[str], attributes: Any
    ) -> None: ...
    def add_output(self, tensor: str) -> None: ...
    def permute(
        self,
        pattern: tuple[int, int],
        rule: str,
        include: str,
        exclude: str,
        solver: str,
        time_limit: float,
        iteration_limit: Optional[int],
        gap_limit: float,
        seed: int,
        threads: int,
        options: dict[str, str],
        criterion: str,
        criterion_options: dict[str, str],
        statistics: str,
    ) -> tuple[dict[str, bytearray], bool]: ...
    def add_outputs(self, engine: str, inputs: int, max_abs_difference: float, max_abs_output: float) -> None: ...
    def prune(self) -> dict[str, bytearray]: ...
    def report(self) -> str: ...
