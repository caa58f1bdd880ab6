"""Estimators against worlds whose truth is known, and against sums done by hand."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest

from recsys.data.slates import LoggedPlace, LoggedSlates
from recsys.errors import DataError
from recsys.evaluation.counterfactual import EstimatorName, Result, Settings, effective_sample_size, estimate
from recsys.evaluation.log_support import LogVerdict, facts_of, overlap_of, target_versus_logged_verdict
from recsys.evaluation.reward_model import AdditiveRewards
from recsys.evaluation.simulation import SlatePolicy, SlateWorld
from recsys.evaluation.target_policy import TargetPlace, TargetPolicy
from recsys.report.log_sentences import log_sentence, log_verdict_sentence
from recsys.rerank.exploration import posterior_draws, sample_explored
from recsys.types import Statement

N_ITEMS, N_PLACES, N_SEGMENTS = 6, 3, 3
QUICK = Settings(samples=2, folds=2)


def said(stored: Statement) -> str:
    """The sentence of a verdict after it was written to a file and read again."""
    return log_verdict_sentence(json.loads(json.dumps(stored.to_json())))


def world(**options: float) -> SlateWorld:
    attraction = np.random.default_rng(1).uniform(0.02, 0.5, (N_SEGMENTS, N_ITEMS))
    return SlateWorld(attraction, np.array([0.9, 0.6, 0.4]), **options)


def sharp() -> SlateWorld:
    """A learner nearly always takes a course or nearly never."""
    return SlateWorld(np.where(world().attraction > 0.25, 0.95, 0.05), np.ones(N_PLACES))


def serving() -> SlatePolicy:
    return SlatePolicy.plackett_luce(np.random.default_rng(2).normal(size=(N_SEGMENTS, N_ITEMS)), N_PLACES, temperature=1.5)


def wanted() -> SlatePolicy:
    """Shows first what attracts most."""
    return SlatePolicy.plackett_luce(8 * world().attraction, N_PLACES)


class Oracle:
    """Knows what a place brings."""

    def __init__(self, known: SlateWorld) -> None:
        self.known = known

    def fit(self, *_seen: object) -> None:
        """There is nothing to learn."""

    def predict(self, context, position, item):  # type: ignore[no-untyped-def]
        return self.known.examination[position - 1] * self.known.attraction[context, item] + self.known.base


class Nonsense(Oracle):
    """Is sure of the wrong thing."""

    def predict(self, context, position, item):  # type: ignore[no-untyped-def]
        return 0.3 * item - 0.2 * position


def errors(name: EstimatorName, results: list[Result], truth: float) -> np.ndarray:
    return np.array([r.estimates[name].value for r in results]) - truth


def many(
    runs: int, model: Callable[[], object] = AdditiveRewards, there: SlateWorld | None = None, settings: Settings = QUICK
) -> list[Result]:
    target, found = wanted(), []
    for seed in range(runs):
        log = (there or world()).simulate_log(serving(), 200, 2, seed)
        found.append(estimate(log, target.to_target_policy("wanted", log), replace(settings, seed=seed), model()))  # type: ignore[arg-type]
    return found


@cache
def plain() -> tuple[list[Result], float]:
    return many(60), world().value(wanted())


def is_unbiased(error: np.ndarray) -> bool:
    return bool(abs(error.mean()) < 3.3 * error.std(ddof=1) / math.sqrt(len(error)))


@pytest.mark.parametrize("name", ["ips", "snips", "dr"])
def test_estimates_center_on_the_truth(name: EstimatorName) -> None:
    results, truth = plain()
    assert is_unbiased(errors(name, results, truth))


def test_the_policies_differ_enough_for_that_to_mean_something() -> None:
    results, truth = plain()
    assert truth > 1.2 * world().value(serving())
    assert not is_unbiased(errors("logged", results, truth))


def test_clipping_trades_bias_for_spread() -> None:
    results, truth = many(50, settings=replace(QUICK, clip=3.0)), world().value(wanted())
    ips, clipped = (errors(name, results, truth) for name in ("ips", "clipped"))
    assert clipped.std() < ips.std()
    assert not is_unbiased(clipped)
    assert clipped.mean() < 0


def test_normalizing_helps_where_every_place_brings_something() -> None:
    results, truth = many(50, there=world(base=2.0)), world(base=2.0).value(wanted())
    ips, snips, dr = (np.sqrt(np.mean(errors(name, results, truth) ** 2)) for name in ("ips", "snips", "dr"))
    assert snips < 0.5 * ips
    assert dr < 0.5 * ips


@pytest.mark.parametrize("model", [AdditiveRewards, lambda: Oracle(sharp())], ids=["learned", "known"])
def test_a_model_lowers_the_error_where_rewards_can_be_foreseen(model: Callable[[], object]) -> None:
    results, truth = many(50, model, there=sharp()), sharp().value(wanted())
    ips, dr = (np.sqrt(np.mean(errors(name, results, truth) ** 2)) for name in ("ips", "dr"))
    assert dr < 0.7 * ips


def test_doubly_robust_survives_a_wrong_model() -> None:
    truth = world().value(wanted())
    results = many(60, lambda: Nonsense(world()))
    assert is_unbiased(errors("dr", results, truth))
    assert not is_unbiased(errors("dm", results, truth))


def test_doubly_robust_survives_wrong_propensities() -> None:
    there, truth = world(), world().value(wanted())
    results = []
    for seed in range(60):
        log = there.simulate_log(serving(), 200, 2, seed)
        log = replace(log, propensity=np.minimum(1.0, log.propensity * (0.5 + 3 * there.attraction.mean(axis=0)[log.item])))
        results.append(estimate(log, wanted().to_target_policy("wanted", log), QUICK, Oracle(there)))
    assert is_unbiased(errors("dr", results, truth))
    assert not is_unbiased(errors("ips", results, truth))


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    # Slates of one learner share a mood: an interval that took them for independent would be too short.
    attraction = np.random.default_rng(1).uniform(0.2, 0.5, (N_SEGMENTS, N_ITEMS))
    there, target, runs = SlateWorld(attraction, np.array([0.9, 0.8, 0.7]), noise=0.05), wanted(), 150
    truth, inside = there.value(target), dict.fromkeys(("ips", "snips", "dr"), 0)
    for seed in range(runs):
        log = there.simulate_log(serving(), 150, 3, seed)
        found = estimate(log, target.to_target_policy("wanted", log), replace(QUICK, samples=200, seed=seed)).estimates
        for name in inside:
            inside[name] += found[name].low <= truth <= found[name].high  # type: ignore[index]
    # Three standard errors of a share of .95 among 150 are .053; few heavy weights make intervals a little short.
    assert all(0.89 <= count / runs <= 0.996 for count in inside.values()), inside


def test_the_exploration_of_this_library_can_be_evaluated() -> None:
    """Two places are filled by posterior sampling; what would showing the newest first have brought?"""
    relevance, draws = np.array([0.5, 0.2, 0.0], np.float32), posterior_draws(np.array([9.0, 5, 0]), np.array([3.0, 0, 0]))
    attraction, rng, places = [0.2, 0.1, 0.6], np.random.default_rng(4), []
    for visit in range(4_000):
        for position, found in enumerate(sample_explored(relevance, draws, 2, rng), start=1):
            reward = float(rng.random() < attraction[found.choice])
            places.append(LoggedPlace(f"s{visit}", f"u{visit // 2}", position, f"c{found.choice}", found.propensity, reward))
    log = LoggedSlates.from_places(places)
    newest = TargetPolicy.deterministic("newest", log, {slate: ["c2", "c0"] for slate in log.slate_ids})
    result = estimate(log, newest, Settings(samples=200))
    for name in ("ips", "snips", "dr"):
        found = result.estimates[name]  # type: ignore[index]
        assert found.low <= 0.8 <= found.high
        assert found.high - found.low < 0.25
    assert said(target_versus_logged_verdict(facts_of(log), overlap_of(log, result), result.estimates)).startswith(
        "Better than what was served"
    )  # type: ignore[arg-type]


def two_slates() -> LoggedSlates:
    """Propensities ½ and ¼ at the first position, a certain second one."""
    return LoggedSlates.from_places(
        [
            LoggedPlace("s", "u", 1, "a", 0.5, 1.0),
            LoggedPlace("s", "u", 2, "b", 1.0, 0.0),
            LoggedPlace("t", "v", 1, "c", 0.25, 0.0),
            LoggedPlace("t", "v", 2, "b", 1.0, 1.0),
        ]
    )


def test_sums_by_hand() -> None:
    log = two_slates()
    # At the first position: a at half a chance in the first slate, c for certain in the second. The second stays as it is.
    chances = [TargetPlace("s", 1, "a", 0.5), TargetPlace("t", 1, "c"), TargetPlace("s", 2, "b"), TargetPlace("t", 2, "b")]
    result = estimate(log, TargetPolicy.from_places("hand", log, chances), Settings(clip=2.0, samples=2), Oracle(_flat(0.5)))
    assert result.weights.tolist() == [1.0, 1.0, 4.0, 1.0]
    values = {name: found.value for name, found in result.estimates.items()}
    assert values["logged"] == 1.0  # (1 + 1) / 2
    assert values["ips"] == 1.0  # (1·1 + 4·0 + 1·1) / 2
    assert values["clipped"] == 1.0
    assert values["snips"] == pytest.approx(1.5 / 2 * 1 / 5 + 2 / 2 * 1 / 2)
    assert values["dm"] == pytest.approx(0.5 * (0.5 + 1 + 1 + 1) / 2)
    assert values["dr"] == pytest.approx(values["dm"] + (0.5 - 0.5 - 4 * 0.5 + 0.5) / 2)
    assert result.coverage[0] == pytest.approx(7 / 3.5)


def _flat(value: float) -> SlateWorld:
    return SlateWorld(np.ones((1, 3)) * value, np.ones(2))


def test_a_learner_is_resampled_with_all_their_slates() -> None:
    # One learner, however many slates: nothing is known of how learners differ, and the interval cannot tell.
    places = [LoggedPlace(f"s{n}", "u", 1, "ab"[n % 2], 0.5, float(n % 2)) for n in range(40)]
    log = LoggedSlates.from_places(places)
    target = TargetPolicy.deterministic("b", log, {slate: ["b"] for slate in log.slate_ids})
    found = estimate(log, target).estimates["ips"]
    assert found.low == found.value == found.high == 1.0


def test_effective_sample_size() -> None:
    assert effective_sample_size(np.ones(50)) == pytest.approx(50)
    assert effective_sample_size(np.array([1.0, 0, 0])) == pytest.approx(1)
    assert effective_sample_size(np.array([3.0, 1.0])) == pytest.approx(1.6)
    assert effective_sample_size(np.zeros(3)) == 0


def test_the_seed_decides() -> None:
    log = world().simulate_log(serving(), 50, 2, seed=3)
    target = wanted().to_target_policy("wanted", log)
    first, again, other = (estimate(log, target, Settings(samples=50, seed=seed)).estimates["dr"] for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_log_without_chance_says_so() -> None:
    log = world().simulate_log(SlatePolicy.deterministic([0, 1, 2], N_SEGMENTS), 100, 2, seed=0)
    facts = facts_of(log)
    assert facts.random_share == 0
    assert "cannot say" in log_sentence(asdict(facts))
    other = SlatePolicy.deterministic([3, 1, 2], N_SEGMENTS).to_target_policy("other", log)
    result = estimate(log, other, QUICK)
    overlap = overlap_of(log, result)
    assert overlap.out_of_reach == pytest.approx(1 / 3)
    assert "cannot say" in (text := said(target_versus_logged_verdict(facts, overlap, result.estimates)))  # type: ignore[arg-type]
    assert "33%" in text
    assert math.isnan(result.estimates["snips"].value)
    # What it does know is what it served.
    same = estimate(log, SlatePolicy.deterministic([0, 1, 2], N_SEGMENTS).to_target_policy("same", log), Settings(samples=50))
    assert same.estimates["ips"].value == same.estimates["logged"].value
    assert "No difference" in said(target_versus_logged_verdict(facts, overlap_of(log, same), same.estimates))


def test_items_that_never_had_a_chance_are_noticed() -> None:
    only_three = np.where(np.arange(N_ITEMS) < 3, 0.0, -1e9) * np.ones((N_SEGMENTS, 1))
    log = world().simulate_log(SlatePolicy.plackett_luce(only_three, 2), 300, 2, seed=0)
    result = estimate(
        log, SlatePolicy.plackett_luce(np.zeros((N_SEGMENTS, N_ITEMS)), 2).to_target_policy("all", log), Settings(samples=100)
    )
    overlap = overlap_of(log, result)
    assert overlap.coverage == pytest.approx(0.5, abs=0.05)
    assert overlap.out_of_reach == 0  # no place was certain, so only the weights can tell
    assert said(target_versus_logged_verdict(facts_of(log), overlap, result.estimates)).startswith("This log cannot say: only 5")  # type: ignore[arg-type]


def test_propensities_that_do_not_belong_to_the_slates_are_noticed() -> None:
    log = world().simulate_log(serving(), 400, 2, seed=0)
    result = estimate(replace(log, propensity=log.propensity / 2), wanted().to_target_policy("wanted", log), Settings(samples=100))
    text = said(target_versus_logged_verdict(facts_of(log), overlap_of(log, result), result.estimates))
    assert "propensities are not those" in text


def test_too_small_a_log_is_no_evidence() -> None:
    log = world().simulate_log(serving(), 15, 1, seed=0)
    result = estimate(log, wanted().to_target_policy("wanted", log), Settings(samples=100))
    assert "too little overlap" in said(target_versus_logged_verdict(facts_of(log), overlap_of(log, result), result.estimates))


def test_a_clear_winner_and_a_clear_loser_are_told() -> None:
    log = world().simulate_log(serving(), 2_000, 2, seed=0)
    worst = SlatePolicy.plackett_luce(-8 * world().attraction, N_PLACES)
    sentences = []
    for policy in (wanted(), worst):
        result = estimate(log, policy.to_target_policy("p", log), Settings(samples=200))
        sentences.append(said(target_versus_logged_verdict(facts_of(log), overlap_of(log, result), result.estimates)))  # type: ignore[arg-type]
    assert sentences[0].startswith("Better than what was served")
    assert sentences[1].startswith("Worse than what was served")


def test_the_default_model_learns_what_is_there() -> None:
    there = world()
    log = there.simulate_log(SlatePolicy.plackett_luce(np.zeros((N_SEGMENTS, N_ITEMS)), N_PLACES), 3_000, 2, seed=0)
    model = AdditiveRewards().fit(log.context[log.slate], log.position, log.item, log.reward)
    context, position, item = (part.ravel() for part in np.indices((N_SEGMENTS, N_PLACES, N_ITEMS)))
    truth = there.examination[position] * there.attraction[context, item]
    assert np.corrcoef(model.predict(context, position + 1, item), truth)[0, 1] > 0.9
    unseen = model.predict(np.array([0, 0]), np.array([1, 1]), np.array([98, 99]))
    assert unseen[0] == unseen[1]
    assert 0 <= unseen[0] <= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"propensity": 0.0}, "propensity"),
        ({"propensity": 1.5}, "propensity"),
        ({"propensity": math.nan}, "propensity"),
        ({"reward": math.inf}, "reward"),
        ({"position": 0}, "positions count from 1"),
        ({"position": 10**30}, "up to 10,000"),
        ({"score": -1e300}, "score"),
        ({"user_id": "somebody else", "position": 2}, "two learners"),
        ({}, "same position"),
    ],
)
def test_an_unusable_log_is_refused(change: dict[str, object], message: str) -> None:
    good = LoggedPlace("s", "u", 1, "a", 0.5, 1.0)
    with pytest.raises(DataError, match=message):
        LoggedSlates.from_places([good, good._replace(**change)])


def test_an_empty_log_is_refused() -> None:
    with pytest.raises(DataError, match="no place"):
        LoggedSlates.from_places([])


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ([TargetPlace("s", 1, "a")], "nothing about 1 of 2"),
        ([TargetPlace("s", 1, "a", 0.7), TargetPlace("s", 1, "b", 0.7), TargetPlace("t", 1, "a")], "more than 1"),
        ([TargetPlace("s", 1, "a", 0.3), TargetPlace("s", 1, "a", 0.3), TargetPlace("t", 1, "a")], "twice"),
        ([TargetPlace("s", 1, "a", -0.1), TargetPlace("t", 1, "a")], "no chance"),
        ([TargetPlace("s", 10**30, "a"), TargetPlace("t", 1, "a")], "no chance"),
    ],
)
def test_an_unusable_target_is_refused(places: list[TargetPlace], message: str) -> None:
    with pytest.raises(DataError, match=message):
        TargetPolicy.from_places("p", two_slates(), places)


def test_a_target_may_name_items_and_slates_the_log_does_not_know() -> None:
    log = two_slates()
    places = [TargetPlace("s", 1, "new"), TargetPlace("t", 1, "a"), TargetPlace("elsewhere", 1, "a")]
    target = TargetPolicy.from_places("p", log, places)
    assert target.logged_probabilities(log).tolist() == [0, 0, 0, 0]
    assert estimate(log, target, QUICK).estimates["ips"].value == 0


def test_visitors_are_learners_of_their_own() -> None:
    log = LoggedSlates.from_places([LoggedPlace(f"s{n}", "", 1, "a", 0.5, 1.0) for n in range(3)])
    assert log.n_learners == 3


@pytest.mark.parametrize("code", LogVerdict)
def test_every_verdict_has_its_sentence(code: LogVerdict) -> None:
    figures = {"value": 0.2, "low": 0.1, "high": 0.3, "served": 0.15, "lift_low": 0.01, "lift_high": 0.1, "heaviest": 0.5}
    more = {"share": 0.5, "mean": 1.2, "matched": 50, "effective": 12.0, "needed": 100, "rewarded": 3}
    assert said(Statement(code, figures | more)).endswith(".")


def test_files_that_hold_sentences_are_read_still() -> None:
    assert log_verdict_sentence("No difference shown.") == "No difference shown."
    assert log_sentence({"words": "12 slates.", "n_slates": 12}) == "12 slates."
