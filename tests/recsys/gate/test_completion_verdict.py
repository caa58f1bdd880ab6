"""The guardrail on the chance to finish: certain and large rises of its errors stop a model, others are told."""

import numpy as np
import pytest

from recsys.evaluation.calibration import brier_score
from recsys.gate.codes import CompletionBasis
from recsys.gate.completion_verdict import MAY_RISE, CompletionVerdict, compare_apart, compare_paired, verdict_on_completion
from recsys.report.sentences import gate_reason_sentences


@pytest.fixture
def world() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes of 3,000 attempts of 1,000 learners, their true chances, and the learners."""
    rng = np.random.default_rng(0)
    chance = rng.uniform(0.1, 0.9, 3000)
    return (rng.random(3000) < chance).astype(float), chance, np.repeat(np.arange(1000), 3)


def _sentences(verdict: CompletionVerdict) -> list[str]:
    return gate_reason_sentences([reason.to_json() for reason in verdict.reasons])


def _flat(chance: np.ndarray, by: float) -> np.ndarray:
    """Chances nearer to one half."""
    return 0.5 + (1 - by) * (chance - 0.5)


def test_the_same_chances_pass_and_say_so(world) -> None:
    outcome, chance, learner = world
    verdict = verdict_on_completion(compare_paired(outcome, chance, chance, learner, seed=1), CompletionBasis.SAME_ATTEMPTS)
    assert verdict.passed
    assert verdict.compared is not None
    told = verdict.compared.to_json()
    assert (told["attempts"], told["paired"]) == (3000, True)
    assert told["brier"] == {"before": pytest.approx(brier_score(outcome, chance), abs=1e-6), "rise": 0, "ci": [0, 0]}
    assert len(verdict.reasons) == len(MAY_RISE)
    assert all("did not rise by more" in reason and reason.endswith("on the same 3,000 later attempts.") for reason in _sentences(verdict))


def test_better_chances_are_called_so(world) -> None:
    outcome, chance, learner = world
    verdict = verdict_on_completion(compare_paired(outcome, chance, _flat(chance, 0.8), learner, seed=1), CompletionBasis.SAME_ATTEMPTS)
    assert verdict.passed
    assert "Brier score of the chance to finish fell" in _sentences(verdict)[0]


def test_chances_that_say_much_less_are_held_back(world) -> None:
    outcome, chance, learner = world
    verdict = verdict_on_completion(compare_paired(outcome, _flat(chance, 0.8), chance, learner, seed=1), CompletionBasis.SAME_ATTEMPTS)
    assert not verdict.passed
    assert "Brier score of the chance to finish rose by more than the 0.005 that may be lost: " in _sentences(verdict)[0]


def test_chances_off_their_level_are_held_back_by_the_calibration_error(world) -> None:
    outcome, chance, learner = world
    verdict = verdict_on_completion(
        compare_paired(outcome, np.clip(chance - 0.06, 0, 1), chance, learner, seed=1), CompletionBasis.SAME_ATTEMPTS
    )
    assert not verdict.passed
    assert "calibration error of the chance to finish rose" in _sentences(verdict)[1]


def test_a_small_rise_passes_though_it_is_certain(world) -> None:
    outcome, chance, learner = world
    found = compare_paired(outcome, _flat(chance, 0.15), chance, learner, seed=1)
    assert 0 < found.rise["brier"].mean < MAY_RISE["brier"]
    assert verdict_on_completion(found, CompletionBasis.SAME_ATTEMPTS).passed


def test_a_large_rise_of_few_attempts_passes_and_says_that_they_are_few() -> None:
    outcome, serving, new = np.tile([1.0, 0.0], 6), np.full(12, 0.5), np.tile([0.9, 0.9, 0.9, 0.6], 3)
    found = compare_paired(outcome, new, serving, np.arange(12), seed=1)
    assert found.rise["brier"].mean > MAY_RISE["brier"]
    assert found.rise["brier"].low < 0
    verdict = verdict_on_completion(found, CompletionBasis.SAME_ATTEMPTS)
    assert "too few to be sure" in _sentences(verdict)[0]


@pytest.mark.parametrize(("brier", "passed"), [(0.21, True), (0.25, False)])
def test_apart_only_intervals_decide(brier: float, passed: bool) -> None:
    serving = {"brier": (0.20, 0.19, 0.21), "ece": (0.03, 0.02, 0.04)}
    new = {"brier": (brier, brier - 0.01, brier + 0.01), "ece": (0.03, 0.02, 0.04)}
    found = compare_apart(new, serving)
    assert found.rise["brier"].high - found.rise["brier"].mean == pytest.approx(np.hypot(0.01, 0.01))
    verdict = verdict_on_completion(found, CompletionBasis.SEPARATE)
    assert verdict.passed is passed
    assert found.to_json()["paired"] is False
