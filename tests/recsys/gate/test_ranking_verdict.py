"""The gate lets equals and betters through and stops what lost, at once or little by little."""

import math
from dataclasses import replace

import numpy as np
import pytest

from recsys.gate.ranking_verdict import GateRules, ModelFigures, Verdict, verdict_on_ranking
from recsys.report.sentences import gate_reason_sentences

FINE = {"coverage": 0.5, "niche_share": 0.3}


def measured(values: np.ndarray, **metrics: float) -> ModelFigures:
    return ModelFigures({**FINE, "ndcg": float(values.mean()), **metrics}, {f"u{n}": float(v) for n, v in enumerate(values)})


def sentences(verdict: Verdict) -> list[str]:
    return gate_reason_sentences([reason.to_json() for reason in verdict.reasons])


@pytest.fixture
def scores() -> np.ndarray:
    return np.random.default_rng(0).random(400)


def test_the_first_model_is_let_through() -> None:
    verdict = verdict_on_ranking(ModelFigures(), None)
    assert verdict.promote
    assert sentences(verdict) == ["No model serves yet."]


def test_the_same_results_pass_and_a_rise_is_called_one(scores: np.ndarray) -> None:
    same = verdict_on_ranking(measured(scores), measured(scores))
    assert same.promote
    assert same.paired
    assert same.n_users == 400
    assert same.difference is not None
    assert (same.difference.low, same.difference.high) == (0, 0)
    better = verdict_on_ranking(measured(scores + 0.1), measured(scores))
    assert better.promote
    assert "NDCG rose" in sentences(better)[0]


@pytest.mark.parametrize(("share", "promote", "words"), [(0.995, True, "by no more than"), (0.97, False, "by more than")])
def test_a_certain_fall_passes_only_while_it_is_too_small_to_matter(scores: np.ndarray, share: float, promote: bool, words: str) -> None:
    verdict = verdict_on_ranking(measured(scores * share), measured(scores))
    assert verdict.difference is not None
    assert verdict.difference.high < 0
    assert verdict.promote is promote
    assert "fell measurably" in sentences(verdict)[0]
    assert words in sentences(verdict)[0]
    assert "too few" not in sentences(verdict)[0]
    assert "same 400 learners" in sentences(verdict)[0]


def test_an_uncertain_fall_passes_inside_the_margin_and_fails_outside(scores: np.ndarray) -> None:
    noise = np.random.default_rng(1).normal(0, 0.3, 400)
    noise -= noise.mean()
    worse = measured(scores * 0.98 + noise)
    passed = verdict_on_ranking(worse, measured(scores), GateRules(margin=0.05))
    assert passed.difference is not None
    assert passed.difference.high > 0
    assert passed.promote
    assert "too few to be sure" in sentences(passed)[0]
    stopped = verdict_on_ranking(worse, measured(scores), GateRules(margin=0.01))
    assert not stopped.promote
    assert "fell by more than" in sentences(stopped)[0]


def retrained(values: list[float], metric: str) -> list[float]:
    """What served after each of several trainings whose separate measurements found `values`: held back ones never do."""
    serving, served = None, []
    for value in values:
        figures = {**FINE, "ndcg": 0.4, metric: value}
        verdict = verdict_on_ranking(ModelFigures(figures), serving)
        if verdict.promote:
            serving = ModelFigures(figures, retained=verdict.to_json()["left"])
        assert serving is not None
        served.append(serving.metrics[metric])
    return served


@pytest.mark.parametrize(("metric", "first", "step", "allowed"), [("ndcg", 0.4, 0.955, 0.05), ("coverage", 0.5, 0.85, 0.2)])
def test_falls_do_not_add_up(metric: str, first: float, step: float, allowed: float) -> None:
    served = retrained([first * step**n for n in range(12)], metric)
    assert served[1] == first * step  # one of them is within what may be lost
    assert served[2:] == served[1:2] * 10
    assert min(served) >= first * (1 - allowed)


def test_what_was_lost_and_won_back_may_be_lost_again_but_a_rise_moves_the_mark() -> None:
    assert retrained([0.4, 0.39, 0.4, 0.39, 0.4, 0.39], "ndcg")[-1] == 0.39
    assert retrained([0.4, 0.5, 0.48, 0.47], "ndcg") == [0.4, 0.5, 0.48, 0.48]  # .47 is more than 5 % below .5


def test_a_verdict_says_what_is_left_of_the_best_that_served_before(scores: np.ndarray) -> None:
    serving = replace(measured(scores), retained={"ndcg": 0.96, "coverage": 0.9})
    verdict = verdict_on_ranking(measured(scores * 0.995, coverage=0.45), serving)
    assert verdict.promote
    assert verdict.retained == pytest.approx({"ndcg": 0.96 * 0.995, "coverage": 0.81, "niche_share": 1})
    again = verdict_on_ranking(measured(scores * 0.995**2), replace(measured(scores * 0.995), retained={"ndcg": 0.951}))
    assert not again.promote
    assert "NDCG has fallen model by model to 94.6% of the best that served before" in sentences(again)[-1]
    better = verdict_on_ranking(measured(scores * 1.1), serving)
    assert better.retained["ndcg"] == 1


def test_who_loses_nothing_more_is_not_held_for_what_others_lost(scores: np.ndarray) -> None:
    assert verdict_on_ranking(measured(scores), replace(measured(scores), retained={"ndcg": 0.5, "coverage": 0.5})).promote


def test_pairs_are_made_by_learner_and_not_by_place(scores: np.ndarray) -> None:
    serving = measured(scores)
    turned = ModelFigures(serving.metrics, dict(reversed(serving.per_user.items())))
    difference = verdict_on_ranking(turned, serving).difference
    assert difference is not None
    assert (difference.low, difference.high) == (0, 0)


def test_learners_only_one_model_knows_are_left_out(scores: np.ndarray) -> None:
    serving = measured(scores)
    more = ModelFigures(serving.metrics, {**serving.per_user, **{f"new{n}": 0.0 for n in range(500)}})
    verdict = verdict_on_ranking(more, serving)
    assert verdict.promote
    assert verdict.n_users == 400


def test_too_few_learners_are_decided_on_the_mean_unless_proof_is_asked_for() -> None:
    rng = np.random.default_rng(3)
    old = rng.random(40)
    noise = rng.normal(0, 0.3, 40)
    new = measured(old + noise - noise.mean())  # the same mean with a wide interval
    unclear = verdict_on_ranking(new, measured(old))
    assert unclear.promote
    assert "too few" in sentences(unclear)[0]
    assert not verdict_on_ranking(new, measured(old), GateRules(require_proof=True)).promote


@pytest.mark.parametrize(("after", "promote"), [(0.41, True), (0.39, False)])
def test_a_guardrail_stops_at_its_share(scores: np.ndarray, after: float, promote: bool) -> None:
    verdict = verdict_on_ranking(measured(scores, coverage=after), measured(scores, coverage=0.5))
    assert verdict.promote is promote
    assert any("Coverage" in reason for reason in sentences(verdict))


@pytest.mark.parametrize("after", [math.nan, math.inf, None])
def test_a_guardrail_without_a_figure_holds_the_candidate(scores: np.ndarray, after: float | None) -> None:
    verdict = verdict_on_ranking(measured(scores, coverage=after), measured(scores, coverage=0.5))  # type: ignore[arg-type]
    assert not verdict.promote
    assert "Coverage was 50.0%, and the new model has no figure for it." in sentences(verdict)
    assert "coverage" not in verdict.retained
    missing = ModelFigures({"ndcg": 0.5, "niche_share": 0.3})
    assert not verdict_on_ranking(missing, ModelFigures({"ndcg": 0.5, **FINE})).promote
    assert verdict_on_ranking(ModelFigures({"ndcg": 0.5, **FINE}), missing).promote  # the other way round there is nothing to compare


def test_guardrails_bind_even_where_the_primary_metric_rose(scores: np.ndarray) -> None:
    assert not verdict_on_ranking(measured(scores + 0.2, niche_share=0.1), measured(scores)).promote


def test_manifests_alone_are_compared_by_their_intervals() -> None:
    serving = ModelFigures({"ndcg": 0.2, "ndcg_ci": [0.19, 0.21], **FINE})
    lost = verdict_on_ranking(ModelFigures({"ndcg": 0.15, "ndcg_ci": [0.14, 0.16], **FINE}), serving)
    assert not lost.promote
    assert not lost.paired
    assert "separate measurements" in sentences(lost)[0]
    assert lost.difference is not None
    # Two independent means with half-widths .01 have a difference with half-width .01 √2.
    assert lost.difference.high - lost.difference.mean == pytest.approx(0.01 * 2**0.5)
    assert verdict_on_ranking(ModelFigures({"ndcg": 0.2, "ndcg_ci": [0.19, 0.21], **FINE}), serving).promote
    # With an interval this narrow there is no doubt about the figures, so none is claimed; months differ, so 5 % may be lost.
    sure = verdict_on_ranking(
        ModelFigures({"ndcg": 0.191, "ndcg_ci": [0.19, 0.192], **FINE}), ModelFigures({"ndcg": 0.2, "ndcg_ci": [0.199, 0.201], **FINE})
    )
    assert sure.promote
    assert "fell by no more than the 0.0100 that may be lost on average: 0.2000 → 0.1910" in sentences(sure)[0]


def test_a_model_without_figures_does_not_replace_one_with_them(scores: np.ndarray) -> None:
    assert not verdict_on_ranking(ModelFigures(), measured(scores)).promote
    assert not verdict_on_ranking(ModelFigures({"ndcg": float("nan")}), measured(scores)).promote
    assert not verdict_on_ranking(measured(scores * np.nan), measured(scores)).promote
    assert verdict_on_ranking(measured(scores), ModelFigures()).promote
    assert verdict_on_ranking(ModelFigures(), ModelFigures()).promote


def test_a_verdict_can_be_stored(scores: np.ndarray) -> None:
    stored = verdict_on_ranking(measured(scores), measured(scores)).to_json()
    assert stored["promote"] is True
    assert stored["difference"] == {"mean": 0, "ci": [0, 0]}
    assert stored["left"] == {"ndcg": 1, "coverage": 1, "niche_share": 1}
