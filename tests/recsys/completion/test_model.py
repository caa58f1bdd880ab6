"""Probabilities that mean what they say, reasons that sum to them, and honest answers where little is known."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.completion.additive import sigmoid
from recsys.completion.model import FinishModel
from recsys.completion.shrunken_rates import overall_rate_with_interval, prior_strength, shrunken_rates
from recsys.completion.tuning import calibrated_fit
from recsys.errors import ArtifactError, DataError, NotFittedError
from recsys.types import Basis
from tests.recsys.completion.worlds import TRUTH_FEATURES, simulated_table, true_log_odds


@pytest.fixture(scope="module")
def model() -> FinishModel:
    return FinishModel().fit(simulated_table(5000, seed=1, known_share=0.8))


def _asked(values: list[float], item: str = "c1"):
    table = simulated_table(1, seed=0)
    return replace(table, values=np.array([values]), item_ids=(item,))


def test_probabilities_are_close_to_the_true_ones(model) -> None:
    fresh = simulated_table(3000, seed=2)
    assert np.mean(np.abs(model.probability(fresh) - sigmoid(true_log_odds(fresh.values)))) < 0.03


def test_attempts_still_open_teach_nothing() -> None:
    table = simulated_table(1500, seed=3, known_share=0.7)
    closed = table.select(np.isfinite(table.outcome))
    fresh = simulated_table(50, seed=4)
    np.testing.assert_array_equal(FinishModel().fit(table).probability(fresh), FinishModel().fit(closed).probability(fresh))


def test_of_more_outcomes_than_fit_into_memory_the_newest_are_learned_from() -> None:
    table = simulated_table(1500, seed=7)
    newest = table.select(np.argsort(table.start, kind="stable")[-600:])
    limited, _ = calibrated_fit(table, (5.0,), most=600)
    alone, _ = calibrated_fit(newest, (5.0,))
    np.testing.assert_array_equal(limited.curves, alone.curves)


def test_reasons_sum_to_the_log_odds(model) -> None:
    fresh = simulated_table(20, seed=5)
    chance = model.probability(fresh)
    for row in range(len(fresh)):
        reasons = model.explain(fresh, row)
        assert sigmoid(np.array(model.base + sum(r.contribution for r in reasons))) == pytest.approx(chance[row], rel=1e-9)
        sizes = [abs(r.contribution) for r in reasons]
        assert sizes == sorted(sizes, reverse=True)


def test_the_main_reason_is_the_one_that_matters(model) -> None:
    reason = model.explain(_asked([1.5, 0.0, 0.0]))[0]
    assert (reason.feature, reason.direction, reason.value) == ("record", 1, 1.5)
    reason = model.explain(_asked([0.0, 2.0, np.nan]))[0]
    assert (reason.feature, reason.kind, reason.direction) == ("length", "length", -1)


def test_the_interval_holds_the_estimate(model) -> None:
    found = model.predict(simulated_table(300, seed=6))
    assert (found.low < found.probability).all()
    assert (found.probability < found.high).all()
    assert set(found.basis.tolist()) == {0}
    assert found[0].basis is Basis.MODEL
    assert found[0].observations == model.n_outcomes


def test_of_an_unknown_learner_the_course_speaks(model) -> None:
    table = simulated_table(5000, seed=1, known_share=0.8)
    own = table.outcome[np.array(table.item_ids) == "c7"]
    own = own[np.isfinite(own)]
    found = model.predict(_asked([np.nan, 0.3, 0.1], "c7"))[0]
    assert (found.basis, found.observations) == (Basis.COURSE, len(own))
    assert found.low < own.mean() < found.high
    assert model.explain(_asked([np.nan, 0.3, 0.1], "c7")) == ()


def test_of_an_unknown_learner_and_course_everyone_speaks(model) -> None:
    found = model.predict(_asked([np.nan, 0.3, 0.1], "never seen"))[0]
    assert (found.basis, found.observations) == (Basis.OVERALL, model.n_outcomes)
    assert found.high - found.low < 0.05


def test_few_outcomes_teach_no_curves() -> None:
    table = simulated_table(60, seed=7)
    few = FinishModel().fit(table)
    found = few.predict(table)
    assert set(found.basis.tolist()) == {1}
    assert few.explain(table) == ()
    with pytest.raises(NotFittedError):
        _ = few.base
    one_kind = FinishModel().fit(replace(simulated_table(400, seed=8), outcome=np.ones(400)))
    assert one_kind.predict(table)[0].basis is Basis.COURSE


def test_many_outcomes_of_few_learners_teach_no_curves() -> None:
    table = simulated_table(1500, seed=12)
    of_few = FinishModel().fit(replace(table, learner=np.arange(1500) % 20))
    assert of_few.predict(table)[0].basis is Basis.COURSE


def test_shares_can_be_asked_for_whatever_is_known_of_the_learner(model) -> None:
    told, of_nobody = model.estimate_from_shares(_asked([0.4, 0.3, 0.1], "c7"))[0], model.predict(_asked([np.nan, 0.3, 0.1], "c7"))[0]
    assert told == of_nobody
    assert model.estimate_from_shares(_asked([0.4, 0.3, 0.1], "never seen"))[0].basis is Basis.OVERALL


def test_no_outcomes_at_all_is_said_so() -> None:
    table = simulated_table(50, seed=9, known_share=0.0)
    found = FinishModel().fit(table).predict(table)[0]
    assert (found.basis, found.observations, found.probability) == (Basis.OVERALL, 0, 0.5)
    assert found.low < 0.1
    assert found.high > 0.9


def test_stored_and_read_back_it_answers_the_same(model, tmp_path) -> None:
    model.save(tmp_path / "finish")
    again = FinishModel.load(tmp_path / "finish")
    fresh = simulated_table(100, seed=10)
    first, second = model.predict(fresh), again.predict(fresh)
    for name in ("probability", "low", "high", "basis", "observations"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert again.explain(fresh, 3) == model.explain(fresh, 3)
    assert {path.suffix for path in (tmp_path / "finish").iterdir()} == {".npy", ".json"}


def test_a_model_of_shares_alone_can_be_stored(tmp_path) -> None:
    table = simulated_table(60, seed=7)
    few = FinishModel().fit(table)
    few.save(tmp_path / "few")
    np.testing.assert_array_equal(FinishModel.load(tmp_path / "few").predict(table).high, few.predict(table).high)


def test_same_data_same_bytes(tmp_path) -> None:
    for name in ("one", "two"):
        FinishModel().fit(simulated_table(600, seed=11)).save(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_damaged_folder_is_refused(model, tmp_path) -> None:
    model.save(tmp_path / "finish")
    np.save(tmp_path / "finish" / "curves_.npy", np.zeros((1, 9)))
    with pytest.raises(ArtifactError):
        FinishModel.load(tmp_path / "finish")
    with pytest.raises(ArtifactError):
        FinishModel.load(tmp_path / "nowhere")


def test_a_folder_without_its_curves_is_refused(model, tmp_path) -> None:
    model.save(tmp_path / "finish")
    state = tmp_path / "finish" / "state.json"
    state.write_text(state.read_text().replace('"knots_"', '"outcomes_x"'))
    with pytest.raises(ArtifactError):
        FinishModel.load(tmp_path / "finish")


def test_tables_with_other_features_are_refused(model) -> None:
    with pytest.raises(DataError, match="features"):
        model.predict(replace(_asked([0.0, 0.0, 0.0]), features=TRUTH_FEATURES[::-1]))


def test_shares_as_outcomes_are_refused() -> None:
    with pytest.raises(DataError, match="Outcomes"):
        FinishModel().fit(replace(simulated_table(10, seed=1), outcome=np.full(10, 0.5)))


def test_asking_before_fitting_is_an_error() -> None:
    with pytest.raises(NotFittedError):
        FinishModel().predict(simulated_table(3, seed=1))


def test_small_courses_are_drawn_to_everyone() -> None:
    found = shrunken_rates(np.array([2.0, 200.0]), np.array([2.0, 200.0]), overall=0.5, strength=10)
    assert found.share.tolist() == pytest.approx([7 / 12, 205 / 210])
    assert found.high[0] - found.low[0] > found.high[1] - found.low[1]
    assert overall_rate_with_interval(3, 4).share[0] == pytest.approx(4 / 6)


def test_courses_that_differ_more_than_chance_keep_their_share() -> None:
    rng = np.random.default_rng(2)
    size = np.full(200, 40.0)
    alike = prior_strength(rng.binomial(40, 0.6, 200).astype(float), size)
    apart = prior_strength(rng.binomial(40, rng.beta(3, 2, 200)).astype(float), size)
    assert alike > 60
    assert apart == pytest.approx(5, abs=2)  # Beta(3, 2) is worth five outcomes
