"""What is called score: functions of weights and statistics, in the shape of the weights (docs/criteria.md).

Weights are a matrix [R, C] or a convolution weight [K, C, ...] of any sign (float16, float32, float64). Scores are
float32 arrays of the same shape, ready for ``solve()``, ``mask()`` and ``compress(..., scores=...)``. Statistics
count input channels: C of them, or G * C for a grouped convolution of G groups. Computed in double.

All raise ValueError or TypeError, naming the argument and what was expected.
"""

from __future__ import annotations

from typing import Any, Mapping, Optional

import numpy as np
import numpy.typing as npt

from . import _arguments as arguments
from . import _nmperm
from ._arguments import Options

__all__ = [
    "magnitude",
    "obd",
    "obs",
    "ria",
    "score",
    "snip",
    "squared",
    "statistics_of",
    "wanda",
]


def magnitude(weights: Any) -> npt.NDArray[np.float32]:
    """|w| (Han et al., arXiv:1506.02626)."""
    return score("magnitude", weights)


def squared(weights: Any) -> npt.NDArray[np.float32]:
    """w^2."""
    return score("squared", weights)


def obd(weights: Any, hessian: Any) -> npt.NDArray[np.float32]:
    """w^2 H_cc / 2 (LeCun, Denker, Solla, "Optimal Brain Damage", NIPS 1989).

    hessian: H = 2/n sum x x^T of the input channels, [C, C], or its diagonal [C].
    """
    return score("obd", weights, hessian=hessian)


def obs(weights: Any, hessian: Any, damping: float = 0.01) -> npt.NDArray[np.float32]:
    """w^2 / (2 [(H + d I)^-1]_cc), d = damping * mean H_cc (Hassibi, Stork, NIPS 1992; as in SparseGPT)."""
    return score("obs", weights, hessian=hessian, options={"damping": damping})


def snip(weights: Any, gradient: Any) -> npt.NDArray[np.float32]:
    """|w g| with g = dL/dw, in the shape of the weights (Lee, Ajanthan, Torr, arXiv:1810.02340)."""
    return score("snip", weights, gradient=gradient)


def wanda(weights: Any, norms: Any) -> npt.NDArray[np.float32]:
    """|w| n_c with the norms n [C] of the input channels over all samples (Sun et al., arXiv:2306.11695)."""
    return score("wanda", weights, norms=norms)


def ria(weights: Any, norms: Any, exponent: float = 0.5) -> npt.NDArray[np.float32]:
    """(|w| / rowsum_r + |w| / columnsum_c) n_c^exponent (Zhang et al., arXiv:2402.10013)."""
    return score("ria", weights, norms=norms, options={"exponent": exponent})


def statistics_of(statistics: Mapping[str, Any], weight: str) -> dict[str, Any]:
    """Arguments of score() from what ``torch_statistics.collect()`` returned for the weight of this name.

    ``score("ria", model.fc1.weight, **statistics_of(statistics, "fc1.weight"))``. Raises ValueError where none is.
    """
    names = {"norms": "norm", "hessian": "hessian", "gradient": "gradient"}
    found = {
        argument: statistics[f"{weight}.{kind}"] for argument, kind in names.items() if f"{weight}.{kind}" in statistics
    }
    if not found:
        raise ValueError(f"statistics: none of {weight!r} (expected '{weight}.norm', '.hessian' or '.gradient')")
    return found


def score(
    criterion: str,
    weights: Any,
    *,
    norms: Any = None,
    hessian: Any = None,
    gradient: Any = None,
    options: Optional[Options] = None,
) -> npt.NDArray[np.float32]:
    """The criterion of this name; of the statistics it takes what it needs."""

    def given(value: Any, name: str) -> Optional[npt.NDArray[Any]]:
        return None if value is None else arguments.real_array(value, name)

    array = arguments.real_array(weights, "weights")
    gradients = given(gradient, "gradient")
    if gradients is not None and gradients.shape != array.shape:
        raise ValueError(f"gradient: array {gradients.shape} (expected the shape of the weights, {array.shape})")
    needed = _nmperm.needed_statistic(criterion)
    if needed and {"norm": norms, "hessian": hessian, "gradient": gradient}[needed] is None:
        argument = "norms" if needed == "norm" else needed
        raise ValueError(f"{argument}: None (expected the statistics that {criterion} needs)")
    return _nmperm.score(
        criterion,
        arguments.option_values(options),
        array,
        given(norms, "norms"),
        given(hessian, "hessian"),
        gradients,
    )
