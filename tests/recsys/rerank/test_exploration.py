"""Posterior sampling: the propensity is the probability, evidence moves it."""

import numpy as np
import pytest

from recsys.rerank.exploration import posterior_draws, sample_explored


def draw(relevance: list[float], shown: list[float], taken: list[float], seed: int, count: int = 1) -> list[tuple[int, float]]:
    draws = posterior_draws(np.array(shown, np.float64), np.array(taken, np.float64))
    found = sample_explored(np.array(relevance, np.float32), draws, count, np.random.default_rng(seed))
    return [(e.choice, e.propensity) for e in found]


def test_the_stated_propensity_is_how_often_it_happens() -> None:
    arguments = ([0.4, 0.0, 0.2], [50.0, 0.0, 20.0], [5.0, 0.0, 1.0])
    draws = [draw(*arguments, seed=s)[0] for s in range(3_000)]
    stated = dict(draws)
    for choice in range(3):
        share = np.mean([c == choice for c, _ in draws])
        assert share == pytest.approx(stated[choice], abs=0.03)
    assert sum(stated.values()) == pytest.approx(1)


def test_a_later_place_states_how_often_it_happens_there_whatever_came_before() -> None:
    arguments = ([0.9, 0.0, 0.2, 0.4], [50.0, 0.0, 20.0, 5.0], [9.0, 0.0, 1.0, 1.0])
    draws = [draw(*arguments, seed=s, count=3) for s in range(4_000)]
    for place in range(3):
        stated = dict(found[place] for found in draws)
        assert sum(stated.values()) == pytest.approx(1)
        for choice, propensity in stated.items():
            assert np.mean([found[place][0] == choice for found in draws]) == pytest.approx(propensity, abs=0.03)


def test_a_hopeless_candidate_keeps_a_small_chance() -> None:
    draws = [draw([5.0, 0.0], [0.0, 400.0], [0.0, 0.0], seed=s)[0] for s in range(2_000)]
    stated = dict(draws)
    assert 0 < stated[1] < 0.02
    assert np.mean([choice == 1 for choice, _ in draws]) == pytest.approx(stated[1], abs=0.01)


def test_who_is_alone_is_certain() -> None:
    assert draw([0.3], [4.0], [1.0], seed=0) == [(0, 1.0)]


def test_what_was_shown_often_and_never_taken_gives_way() -> None:
    draws = [draw([0.0, 0.0], [400.0, 0.0], [0.0, 0.0], seed=s)[0][0] for s in range(50)]
    assert sum(draws) >= 48


def test_what_is_taken_more_is_shown_more() -> None:
    draws = [draw([0.0, 0.0], [100.0, 100.0], [30.0, 5.0], seed=s)[0][0] for s in range(50)]
    assert sum(draws) <= 2


def test_relevance_counts() -> None:
    draws = [draw([3.0, 0.0], [0.0, 0.0], [0.0, 0.0], seed=s)[0][0] for s in range(50)]
    assert sum(draws) <= 10


def test_several_choices_differ_and_run_out() -> None:
    found = draw([0.0, 0.0], [0.0, 0.0], [0.0, 0.0], seed=0, count=5)
    assert sorted(choice for choice, _ in found) == [0, 1]
    assert sum(draw([0.0], [0.0], [0.0], seed=0, count=5)[0]) == 1


def test_the_seed_decides() -> None:
    assert draw([0.1] * 8, [0.0] * 8, [0.0] * 8, seed=4) == draw([0.1] * 8, [0.0] * 8, [0.0] * 8, seed=4)
    assert len({draw([0.1] * 8, [0.0] * 8, [0.0] * 8, seed=s)[0][0] for s in range(30)}) > 3


def test_no_candidates_no_choice() -> None:
    assert draw([], [], [], seed=0) == []
