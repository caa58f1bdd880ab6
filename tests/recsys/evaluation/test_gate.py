"""The gate lets equals and betters through and stops what lost."""

import numpy as np
import pytest

from recsys.evaluation.gate import Gate, Measured, judge

FINE = {"coverage": 0.5, "niche_share": 0.3}


def measured(values: np.ndarray, **metrics: float) -> Measured:
    return Measured({**FINE, "ndcg": float(values.mean()), **metrics}, {f"u{n}": float(v) for n, v in enumerate(values)})


@pytest.fixture
def scores() -> np.ndarray:
    return np.random.default_rng(0).random(400)


def test_the_first_model_is_let_through() -> None:
    verdict = judge(Measured(), None)
    assert verdict.promote
    assert verdict.reasons == ["No model serves yet."]


def test_the_same_results_pass_and_a_rise_is_called_one(scores: np.ndarray) -> None:
    same = judge(measured(scores), measured(scores))
    assert same.promote
    assert same.paired
    assert same.n_users == 400
    assert same.difference is not None
    assert (same.difference.low, same.difference.high) == (0, 0)
    better = judge(measured(scores + 0.1), measured(scores))
    assert better.promote
    assert "NDCG rose" in better.reasons[0]


def test_a_small_steady_loss_passes_inside_the_margin_and_fails_outside(scores: np.ndarray) -> None:
    worse = measured(scores * 0.97)
    assert judge(worse, measured(scores), Gate(margin=0.05)).promote
    stopped = judge(worse, measured(scores), Gate(margin=0.01))
    assert not stopped.promote
    assert "fell by more than" in stopped.reasons[0]
    assert "same 400 learners" in stopped.reasons[0]


def test_pairs_are_made_by_learner_and_not_by_place(scores: np.ndarray) -> None:
    serving = measured(scores)
    turned = Measured(serving.metrics, dict(reversed(serving.per_user.items())))
    difference = judge(turned, serving).difference
    assert difference is not None
    assert (difference.low, difference.high) == (0, 0)


def test_learners_only_one_model_knows_are_left_out(scores: np.ndarray) -> None:
    serving = measured(scores)
    more = Measured(serving.metrics, {**serving.per_user, **{f"new{n}": 0.0 for n in range(500)}})
    verdict = judge(more, serving)
    assert verdict.promote
    assert verdict.n_users == 400


def test_too_few_learners_are_decided_on_the_mean_unless_proof_is_asked_for() -> None:
    rng = np.random.default_rng(3)
    old = rng.random(40)
    noise = rng.normal(0, 0.3, 40)
    new = measured(old + noise - noise.mean())  # the same mean with a wide interval
    unclear = judge(new, measured(old))
    assert unclear.promote
    assert "too few" in unclear.reasons[0]
    assert not judge(new, measured(old), Gate(require_proof=True)).promote


@pytest.mark.parametrize(("after", "promote"), [(0.41, True), (0.39, False)])
def test_a_guardrail_stops_at_its_share(scores: np.ndarray, after: float, promote: bool) -> None:
    verdict = judge(measured(scores, coverage=after), measured(scores, coverage=0.5))
    assert verdict.promote is promote
    assert any("Coverage" in reason for reason in verdict.reasons)


def test_guardrails_bind_even_where_the_primary_metric_rose(scores: np.ndarray) -> None:
    assert not judge(measured(scores + 0.2, niche_share=0.1), measured(scores)).promote


def test_manifests_alone_are_compared_by_their_intervals() -> None:
    serving = Measured({"ndcg": 0.2, "ndcg_ci": [0.19, 0.21], **FINE})
    lost = judge(Measured({"ndcg": 0.15, "ndcg_ci": [0.14, 0.16], **FINE}), serving)
    assert not lost.promote
    assert not lost.paired
    assert "separate measurements" in lost.reasons[0]
    assert lost.difference is not None
    # Two independent means with half-widths .01 have a difference with half-width .01 √2.
    assert lost.difference.high - lost.difference.mean == pytest.approx(0.01 * 2**0.5)
    assert judge(Measured({"ndcg": 0.2, "ndcg_ci": [0.19, 0.21], **FINE}), serving).promote


def test_a_model_without_figures_does_not_replace_one_with_them(scores: np.ndarray) -> None:
    assert not judge(Measured(), measured(scores)).promote
    assert not judge(Measured({"ndcg": float("nan")}), measured(scores)).promote
    assert judge(measured(scores), Measured()).promote
    assert judge(Measured(), Measured()).promote


def test_a_verdict_can_be_stored(scores: np.ndarray) -> None:
    stored = judge(measured(scores), measured(scores)).to_json()
    assert stored["promote"] is True
    assert stored["difference"] == {"mean": 0, "ci": [0, 0]}
