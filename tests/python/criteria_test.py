"""Criteria against their formulas in NumPy."""

import numpy as np
import pytest

import nmperm
from nmperm import criteria

RANDOM = np.random.RandomState(0)
WEIGHTS = RANDOM.randn(12, 8)
NORMS = RANDOM.rand(8)
INPUTS = RANDOM.randn(50, 8)
HESSIAN = 2 / len(INPUTS) * INPUTS.T @ INPUTS
GRADIENT = RANDOM.randn(12, 8)


def obs_by_inverse(damping):
    inverse = np.linalg.inv(HESSIAN + damping * np.diag(HESSIAN).mean() * np.eye(8))
    return WEIGHTS**2 / (2 * np.diag(inverse))


@pytest.mark.parametrize(
    "scores, expected",
    [
        (criteria.magnitude(WEIGHTS), abs(WEIGHTS)),
        (criteria.squared(WEIGHTS), WEIGHTS**2),
        (criteria.obd(WEIGHTS, HESSIAN), WEIGHTS**2 * np.diag(HESSIAN) / 2),
        (criteria.obd(WEIGHTS, np.diag(HESSIAN)), WEIGHTS**2 * np.diag(HESSIAN) / 2),
        (criteria.obs(WEIGHTS, HESSIAN), obs_by_inverse(0.01)),
        (criteria.obs(WEIGHTS, HESSIAN, damping=0.5), obs_by_inverse(0.5)),
        (criteria.snip(WEIGHTS, GRADIENT), abs(WEIGHTS * GRADIENT)),
        (criteria.wanda(WEIGHTS, NORMS), abs(WEIGHTS) * NORMS),
        (
            criteria.ria(WEIGHTS, NORMS, exponent=1),
            abs(WEIGHTS) * (1 / abs(WEIGHTS).sum(1, keepdims=True) + 1 / abs(WEIGHTS).sum(0)) * NORMS,
        ),
    ],
    ids=["magnitude", "squared", "obd", "obd diagonal", "obs", "obs damped", "snip", "wanda", "ria"],
)
def test_formula(scores, expected):
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, rtol=1e-5)


def test_scores_have_the_shape_of_a_convolution_weight():
    weight = RANDOM.randn(6, 8, 3, 2)
    scores = criteria.wanda(weight, NORMS)
    np.testing.assert_allclose(scores, abs(weight) * NORMS[None, :, None, None], rtol=1e-6)
    nmperm.solve(scores, solver="stripe-groups")


def test_the_score_may_outlive_everything_else():
    views = [criteria.magnitude(WEIGHTS)[k : k + 1] for k in range(12)]
    np.testing.assert_allclose(np.concatenate(views), abs(WEIGHTS), rtol=1e-6)


def test_statistics_are_found_by_name():
    statistics = {"fc.weight.norm": NORMS, "fc.weight.hessian": HESSIAN, "other.weight.norm": NORMS[:2]}
    for name in ("wanda", "obd", "magnitude"):
        scores = criteria.score(name, WEIGHTS, **criteria.statistics_of(statistics, "fc.weight"))
        assert scores.shape == WEIGHTS.shape
    with pytest.raises(ValueError, match="fc2.weight.norm"):
        criteria.statistics_of(statistics, "fc2.weight")


@pytest.mark.parametrize(
    "names, call",
    [
        (["wanda", "magnitude, "], lambda: criteria.score("wand", WEIGHTS)),
        (["norms", "8"], lambda: criteria.wanda(WEIGHTS, NORMS[:5])),
        (["norms", "None", "ria"], lambda: criteria.score("ria", WEIGHTS)),
        (["gradient", "(12, 8)"], lambda: criteria.snip(WEIGHTS, GRADIENT[:3])),
        (["hessian"], lambda: criteria.obs(WEIGHTS, HESSIAN[:, :3])),
        (["hessian"], lambda: criteria.obs(WEIGHTS, -HESSIAN)),
        (["damping"], lambda: criteria.obs(WEIGHTS, HESSIAN, damping=-1)),
    ],
)
def test_errors_name_what_was_expected(names, call):
    with pytest.raises(ValueError) as caught:
        call()
    assert all(name in str(caught.value) for name in names), str(caught.value)
