"""The factor model finds structure that means miss, and stays silent about who was not rated."""

import numpy as np
import pytest

from recsys.ratings.factors import fit_factors
from recsys.ratings.rating_table import RatingTable
from tests.recsys.ratings import worlds


def test_embeddings_recover_tastes_that_means_miss() -> None:
    table = RatingTable.from_frame(worlds.tastes())
    shown = np.arange(len(table)) % 4 != 0
    factors = fit_factors(table.select(shown), dimensions=4, penalty=1.0)
    users, items, actual = (a[~shown] for a in (table.users, table.items, table.ratings))
    dots = (factors.user_embedding[users] * factors.item_embedding[items]).sum(axis=1)
    predicted = factors.baseline(users, items) + factors.scale * dots
    assert np.sqrt(np.mean((factors.baseline(users, items) - actual) ** 2)) > 0.45
    assert np.sqrt(np.mean((predicted - actual) ** 2)) < 0.1


def test_biases_are_shrunken_means() -> None:
    table = RatingTable(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([4.0, 2.0, 3.0]), 3, ("a", "b", "c"))
    factors = fit_factors(table)
    assert factors.mean == pytest.approx(3.0)
    assert factors.item_bias == pytest.approx([1 / 6, -1 / 7, 0.0])
    assert factors.user_count.tolist() == [2, 1, 0]
    assert not factors.user_embedding[2].any()
    assert not factors.item_embedding[2].any()
    assert factors.baseline(np.array([2]), np.array([2])) == pytest.approx([3.0])


def test_the_scale_of_ratings_changes_no_embedding() -> None:
    table = RatingTable.from_frame(worlds.tastes())
    wide = RatingTable(table.users, table.items, 100 * table.ratings - 7, table.n_users, table.item_ids)
    assert fit_factors(wide).item_embedding == pytest.approx(fit_factors(table).item_embedding, abs=1e-6)
