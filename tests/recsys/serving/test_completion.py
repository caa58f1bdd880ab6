"""The chance to finish for one learner, and what it adds to a ranking."""

from copy import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recsys.completion.attempt_frames import attempts_from_frame
from recsys.completion.attempts import Attempts
from recsys.completion.feature_table import build_table
from recsys.completion.model import FinishModel
from recsys.pipelines.train import train
from recsys.rerank.policy import Policy
from recsys.serving.completion import FinishPredictor
from recsys.serving.recommender import Recommender
from recsys.types import Basis, FinishReasonKind, Interaction, Item, Learner

DAY = 86_400.0
N = 12
ITEMS = tuple(
    Item(
        f"c{n}",
        topics=(("data", "design")[n // 6],),
        skills=(f"s{n % 3}",),
        level=("beginner", "intermediate", "advanced", None)[n % 4],
        duration_minutes=None if n == 11 else 60 * 2 ** (n % 5),
    )
    for n in range(N)
)


def _frame(n: int, seed: int) -> pd.DataFrame:
    """One attempt every two hours, ended after two days. Advanced courses are hard: hardest for those without time; c0 is hardest."""
    rng = np.random.default_rng(seed)
    user, course = rng.integers(0, n // 4, n), rng.integers(0, N, n)
    weekly = 60.0 * (1 + user % 5)
    chance = 0.8 - 0.4 * (course % 4 == 2) + 0.1 * (weekly > 180) - 0.5 * (course == 0)
    done = rng.random(n) < chance
    start = 1e9 + DAY / 12 * np.arange(n)
    columns = {"user_id": user, "item_id": [f"c{c}" for c in course], "timestamp": start, "ended": start + 2 * DAY}
    return pd.DataFrame({**columns, "completed": done, "dropped": ~done, "weekly_minutes": weekly})


def _attempts(n: int, seed: int = 0) -> Attempts:
    return attempts_from_frame(_frame(n, seed), mature_days=0)


@pytest.fixture(scope="module")
def finishing() -> FinishPredictor:
    return FinishPredictor.of(FinishModel().fit(build_table(_attempts(4000), ITEMS)), ITEMS)


def _own(*taken: tuple[str, bool], days: float = 5000) -> Attempts:
    """A learner who took these, one a week, the last a week ago."""
    now = 1e9 + days * DAY
    starts = [now - 7 * DAY * (len(taken) - n) for n in range(len(taken))]
    rows = [("me", item, start, start + DAY, done, not done) for (item, done), start in zip(taken, starts, strict=True)]
    return attempts_from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp", "ended", "completed", "dropped"]), now=now)


def test_a_learner_is_told_a_chance_what_it_rests_on_and_why(finishing) -> None:
    easy, hard = (finishing.outlook(item, _own(("c1", True)), weekly_minutes=240) for item in ("c4", "c0"))
    assert easy is not None
    assert hard is not None
    assert easy.estimate.basis is Basis.MODEL
    assert easy.estimate.observations == 4000
    assert easy.estimate.low < easy.estimate.probability < easy.estimate.high
    assert hard.estimate.probability < 0.6 < easy.estimate.probability
    assert hard.parts[0].kind is FinishReasonKind.COURSE_RECORD
    assert hard.parts[0].contribution < 0
    assert hard.finished / hard.outcomes < 0.5
    sizes = [abs(part.contribution) for part in hard.parts]
    assert sizes == sorted(sizes, reverse=True)


def test_what_is_unknown_is_no_reason(finishing) -> None:
    outlook = finishing.outlook("c4", _own())
    assert outlook is not None
    told = {part.kind for part in outlook.parts}
    assert not told & {FinishReasonKind.WEEKLY_TIME, FinishReasonKind.PACE, FinishReasonKind.FAMILIARITY, FinishReasonKind.LEVEL_GAP}


def test_a_visitor_gets_the_share_of_the_course(finishing) -> None:
    outlook = finishing.outlook("c0", None)
    assert outlook is not None
    assert outlook.estimate.basis is Basis.COURSE
    assert outlook.estimate.observations == outlook.outcomes
    assert outlook.parts == ()


def test_a_newcomer_who_stated_nothing_is_told_something_near_the_record_of_the_course(finishing) -> None:
    newcomer = _own()
    for item in ("c0", "c1", "c2", "c5"):
        outlook = finishing.outlook(item, newcomer)
        assert outlook is not None
        share = outlook.finished / outlook.outcomes
        assert outlook.estimate.low < share < outlook.estimate.high
        assert outlook.estimate.high - outlook.estimate.low <= 0.5


def test_one_learner_with_many_finished_courses_does_not_decide_what_newcomers_are_told(finishing) -> None:
    frame = _frame(4000, 0)
    rows = 100
    start = frame["timestamp"].max() - DAY * np.arange(rows)
    one = {"user_id": 10**6, "item_id": [f"c{n % N}" for n in range(rows)], "timestamp": start, "ended": start + DAY / 2}
    more = pd.concat([frame, pd.DataFrame({**one, "completed": True, "dropped": False, "weekly_minutes": np.nan})], ignore_index=True)
    moved = FinishPredictor.of(FinishModel().fit(build_table(attempts_from_frame(more, mature_days=0), ITEMS)), ITEMS)
    np.testing.assert_allclose(moved.probabilities(_own()), finishing.probabilities(_own()), atol=0.05)


def test_where_the_model_is_not_sure_the_share_of_the_course_is_told(finishing) -> None:
    curves = finishing.model.curves_model_
    unsure = copy(finishing.model)
    unsure.curves_model_ = replace(curves, covariance=400 * curves.covariance)
    outlook, of_nobody = (FinishPredictor.of(unsure, ITEMS).outlook("c4", own) for own in (_own(("c1", True)), None))
    assert outlook == of_nobody
    assert outlook is not None
    assert outlook.estimate.basis is Basis.COURSE


def test_a_new_course_is_judged_by_its_facts_and_an_absent_one_not_at_all(finishing) -> None:
    bound = FinishPredictor.of(finishing.model, (*ITEMS[1:], Item("fresh", level="advanced", duration_minutes=60)))
    fresh = bound.outlook("fresh", _own(("c1", True)))
    assert fresh is not None
    assert (fresh.outcomes, fresh.finished, fresh.estimate.basis) == (0, 0, Basis.MODEL)
    assert bound.outlook("c0", _own(("c1", True))) is None


def test_one_course_and_all_of_them_agree(finishing) -> None:
    own = _own(("c1", True), ("c2", False))
    chances = finishing.probabilities(own, weekly_minutes=60, level="beginner")
    for position, item in enumerate(ITEMS):
        outlook = finishing.outlook(item.item_id, own, weekly_minutes=60, level="beginner")
        assert outlook is not None
        assert outlook.estimate.probability == pytest.approx(chances[position], rel=1e-9)


def _log_odds(chance: np.ndarray) -> np.ndarray:
    return np.log(chance / (1 - chance))


@pytest.mark.parametrize(
    ("taken", "stated"),
    [
        ((), {}),
        ((), {"weekly_minutes": 60, "level": "advanced"}),
        ((("c1", True),), {"level": "beginner"}),
        ((("c1", True), ("c6", True), ("c7", False)), {"weekly_minutes": 300}),
    ],
)
def test_the_ranking_term_differs_between_courses_as_the_chances_do(finishing, taken, stated) -> None:
    history = tuple(Interaction(item, kind="complete" if done else "drop") for item, done in taken)
    lift = finishing.lift(Learner(history=history, **stated))
    expected = _log_odds(finishing.probabilities(_own(*taken), **stated))
    np.testing.assert_allclose(lift, expected - expected.mean(), atol=0.02)
    assert np.ptp(lift) > 0.5


def test_the_policy_scales_the_term_and_turns_it_off(finishing) -> None:
    learner = Learner(level="beginner", weekly_minutes=60)
    np.testing.assert_allclose(finishing.order_term(learner, 0.5), 0.5 * finishing.lift(learner), rtol=1e-6)
    assert finishing.order_term(learner, 0.5).mean() == pytest.approx(0, abs=1e-6)
    assert not finishing.order_term(learner, 0.0).any()


def test_missing_prerequisites_are_left_to_the_policy(finishing) -> None:
    needing = tuple(replace(item, prerequisites=("c1",)) if item.item_id == "c5" else item for item in ITEMS)
    bound = FinishPredictor.of(finishing.model, needing)
    np.testing.assert_array_equal(bound.lift(Learner()), finishing.lift(Learner()))


def test_where_shares_are_all_there_is_they_rank() -> None:
    few = FinishPredictor.of(FinishModel().fit(build_table(_attempts(150), ITEMS)), ITEMS)
    lift = few.lift(Learner())
    order = np.argsort(few.probabilities(None))
    assert np.argsort(lift).tolist() == order.tolist()
    assert lift.mean() == pytest.approx(0, abs=1e-6)
    np.testing.assert_array_equal(lift, few.lift(Learner(history=(Interaction("c1", kind="complete"),))))


def test_an_empty_catalog_has_no_terms(finishing) -> None:
    assert FinishPredictor.of(finishing.model, ()).lift(Learner()).shape == (0,)


@pytest.fixture(scope="module")
def recommender(tmp_path_factory) -> Recommender:
    frame = _frame(1200, 3)
    root = tmp_path_factory.mktemp("models")
    return Recommender.load(train(frame[["user_id", "item_id", "timestamp"]], ITEMS, root, evaluate=False, attempts=_attempts(1200, 3)))


def test_a_policy_that_prefers_what_is_finished_changes_the_order_and_no_score(recommender) -> None:
    learner = Learner(history=(Interaction("c1", kind="complete"),), topics=("data",))
    plain = Policy(finish_weight=0.0, explore_slots=0, diversity=0, niche_share=0, level_calibration=0, popularity_bias=0, exposure_floor=0)
    before = recommender.with_policy(plain).for_learner(learner).recommend(N)
    after = recommender.with_policy(replace(plain, finish_weight=50.0)).for_learner(learner).recommend(N)
    lift = dict(zip(recommender.finish_predictor.courses.item_ids, recommender.finish_predictor.lift(learner), strict=True))
    ordered = [lift[r.item_id] for r in after]
    assert min(ordered[:3]) > max(ordered[-3:])
    assert [r.item_id for r in after] != [r.item_id for r in before]
    assert {r.item_id: r.score for r in before} == {r.item_id: r.score for r in after}
    for found in after:
        assert sum(reason.weight for reason in found.reasons) == pytest.approx(found.score, abs=1e-4)
