"""Channel permutations for N:M structured sparsity.

    import nmperm

    scores = nmperm.criteria.magnitude(weights)                # |w|
    solution = nmperm.solve(scores, pattern=(2, 4), time_limit=10)
    permuted = weights[:, solution.permutation]                # the producer's rows move alike
    pruned = weights * nmperm.mask(scores, solution)           # or prune in the given order

docs/python.md of the project has the whole story. ``nmperm.asp`` replaces the search of apex's ASP,
``nmperm.torch_statistics`` collects what criteria need; both need PyTorch.
"""

from . import criteria
from ._layers import solve_layers
from ._nmperm import CheckError, CompressedWeight, InternalError, UnsupportedError, __version__
from ._onnx import apply_onnx
from ._solution import (
    Bound,
    Discrepancy,
    Incumbent,
    Interrupted,
    Magnitude,
    Solution,
    SolverInfo,
    SolverOption,
)
from ._solve import check, read_solution, solve, solvers, write_solution
from ._sparse import compress, load_compressed, mask, sparse_matmul

__all__ = [
    "Bound",
    "CheckError",
    "CompressedWeight",
    "Discrepancy",
    "Incumbent",
    "InternalError",
    "Interrupted",
    "Magnitude",
    "Solution",
    "SolverInfo",
    "SolverOption",
    "UnsupportedError",
    "__version__",
    "apply_onnx",
    "check",
    "compress",
    "criteria",
    "load_compressed",
    "mask",
    "read_solution",
    "solve",
    "solve_layers",
    "solvers",
    "sparse_matmul",
    "write_solution",
]
