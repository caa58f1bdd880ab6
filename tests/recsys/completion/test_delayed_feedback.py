"""What an attempt too young to be counted says so far, and what is learned from it."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.completion.additive import sigmoid
from recsys.completion.delayed_feedback import LEAST_DELAYS, expected_outcome, outcome_likelihood_ratios
from recsys.completion.model import FinishModel
from tests.recsys.completion.worlds import attempts, row, simulated_table, true_log_odds


def _mature(n: int = LEAST_DELAYS) -> list[dict]:
    """Half of the finished take a day and half ten, all stopped take thirty."""
    return [row(f"f{i}", "basics", i, i + (1 if i % 2 else 10), completed=True) for i in range(n)] + [
        row(f"s{i}", "basics", i, i + 30) for i in range(n)
    ]


def _evidence(*young: dict, now: float = 200, n: int = LEAST_DELAYS) -> np.ndarray:
    found = attempts(*_mature(n), *young, now=now, mature_days=56)
    order = {user: position for position, user in enumerate(found.user_ids)}
    return outcome_likelihood_ratios(found)[[np.flatnonzero(found.user == order[one["user_id"]])[0] for one in young]]


def test_an_outcome_is_certain_and_an_open_attempt_says_how_late_it_is() -> None:
    finished, stopped = row("a", "joins", 195, 198, completed=True), row("b", "joins", 195, 198)
    fresh, week, month = (row(user, "joins", 200 - days) for user, days in (("c", 0.5), ("d", 5), ("e", 20)))
    found = _evidence(finished, stopped, fresh, week, month)
    share = LEAST_DELAYS + 1  # half an outcome more on either side
    np.testing.assert_allclose(found, [np.inf, 0, 1, (LEAST_DELAYS / 2 + 0.5) / (share - 0.5), 0.5 / (share - 0.5)], rtol=1e-12)


def test_a_mature_attempt_that_is_open_says_nothing() -> None:
    assert np.isnan(_evidence(row("a", "joins", 100)))


def test_where_few_outcomes_are_known_young_attempts_say_nothing() -> None:
    young = row("a", "joins", 195, 198, completed=True)
    assert np.isinf(_evidence(young))
    assert np.isnan(_evidence(young, n=LEAST_DELAYS - 1))


def test_what_is_expected_of_an_open_attempt() -> None:
    found = expected_outcome(np.full(4, 0.6), np.array([np.inf, 0, 1, 0.5]))
    assert found == pytest.approx([1, 0, 0.6, 0.3 / 0.7])


def _with_young(n: int, seed: int, seen: float, shift: float = 0.0):
    """A table whose second half is young: of it only the share `seen` of finished attempts is known, and nothing of the others.
    Its log-odds are lower by `shift` than those of the first half."""
    table = simulated_table(n, seed)
    rng = np.random.default_rng(seed)
    young = np.arange(n) >= n // 2
    outcome = (rng.random(n) < sigmoid(true_log_odds(table.values) - shift * young)).astype(float)
    known = ~young | ((outcome == 1) & (rng.random(n) < seen))
    evidence = np.where(known, np.where(outcome == 1, np.inf, 0.0), 1 - seen)
    return replace(table, outcome=np.where(young, np.nan, outcome), evidence=evidence), outcome, young


def test_young_attempts_move_the_level_to_what_they_will_come_to() -> None:
    table, outcome, young = _with_young(6000, seed=1, seen=0.8, shift=1.5)
    truth = outcome[young].mean()
    rows = table.select(young)
    late = FinishModel().fit(replace(table, evidence=np.where(young, np.nan, table.evidence)))
    early = FinishModel().fit(table)
    counted = np.where(table.evidence > 0, np.where(np.isinf(table.evidence), 1.0, np.nan), 0.0)
    naive = FinishModel().fit(replace(table, outcome=counted, evidence=np.where(counted == 1, np.inf, counted)))
    whole = outcome.mean()  # one level for both halves
    assert early.probability(table).mean() == pytest.approx(whole, abs=0.04)
    assert early.probability(rows).mean() - truth < late.probability(rows).mean() - truth - 0.05
    assert naive.probability(table).mean() > whole + 0.05


def test_attempts_just_begun_change_nothing() -> None:
    table, _, young = _with_young(3000, seed=2, seen=0.0)
    asked = simulated_table(50, seed=3)
    alone, with_them = FinishModel().fit(table.select(~young)).predict(asked), FinishModel().fit(table).predict(asked)
    np.testing.assert_allclose(with_them.probability, alone.probability, atol=0.03)
    np.testing.assert_allclose(with_them.high - with_them.low, alone.high - alone.low, atol=0.03)


def test_the_more_is_known_of_the_young_the_surer_the_model() -> None:
    asked = simulated_table(50, seed=3)
    widths = []
    for seen in (0.0, 0.5, 1.0):
        found = FinishModel().fit(_with_young(3000, seed=4, seen=seen)[0]).predict(asked)
        widths.append(float(np.median(found.high - found.low)))
    assert widths[0] > widths[1] > widths[2]


def test_shares_of_courses_count_mature_outcomes_only() -> None:
    table, _, young = _with_young(3000, seed=5, seen=0.5)
    assert FinishModel().fit(table).n_outcomes == int((~young).sum())
