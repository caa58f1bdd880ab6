"""A factor model of ratings: means and embeddings of learners and items."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from recsys.ratings.rating_table import Codes, Floats, RatingTable
from recsys.threads import one_thread

_PRIOR = 5.0  # ratings the overall mean is worth in a learner's or an item's own


@dataclass(frozen=True)
class Factors:
    """rating ≈ mean + item_bias + user_bias + scale · user · item; whoever was not rated has zeros.

    Biases are shrunken means (n,), embeddings (n, dimensions), counts the ratings behind them (n,).
    """

    mean: float
    scale: float
    user_bias: Floats
    item_bias: Floats
    user_embedding: Floats
    item_embedding: Floats
    user_count: Codes
    item_count: Codes

    def baseline(self, users: Codes, items: Codes) -> Floats:
        """The means alone: what is known without embeddings."""
        return np.asarray(self.mean + self.item_bias[items] + self.user_bias[users], np.float64)


def fit_factors(table: RatingTable, dimensions: int = 8, penalty: float = 8.0, passes: int = 10, seed: int = 0) -> Factors:
    """Shrunken means, then embeddings of what they leave over, by alternating least squares.

    Koren, Bell & Volinsky, Matrix factorization techniques for recommender systems (2009). Left-overs are divided by their
    spread, so that `penalty` means the same on any scale of ratings.
    """
    mean = float(table.ratings.mean())
    item_bias = _shrunken(table.items, table.ratings - mean, table.n_items)
    user_bias = _shrunken(table.users, table.ratings - mean - item_bias[table.items], table.n_users)
    rest = table.ratings - mean - item_bias[table.items] - user_bias[table.users]
    scale = float(rest.std()) or 1.0
    cells = sparse.csr_matrix((rest / scale, (table.users, table.items)), shape=(table.n_users, table.n_items))
    rated = sparse.csr_matrix((np.ones(len(rest)), (table.users, table.items)), shape=cells.shape)
    cells_by_item, rated_by_item = sparse.csr_matrix(cells.T), sparse.csr_matrix(rated.T)
    item_vectors = np.random.default_rng(seed).normal(0, 1 / np.sqrt(dimensions), (table.n_items, dimensions))
    with one_thread():
        for _ in range(passes):
            user_vectors = _solve(cells, rated, item_vectors, penalty)
            item_vectors = _solve(cells_by_item, rated_by_item, user_vectors, penalty)
    user_count, item_count = np.bincount(table.users, minlength=table.n_users), np.bincount(table.items, minlength=table.n_items)
    return Factors(mean, scale, user_bias, item_bias, user_vectors, item_vectors, user_count, item_count)


def _shrunken(codes: Codes, values: Floats, n: int) -> Floats:
    total = np.bincount(codes, weights=values, minlength=n)
    return np.asarray(total / (np.bincount(codes, minlength=n) + _PRIOR), np.float64)


def _solve(cells: sparse.csr_matrix, rated: sparse.csr_matrix, other: Floats, penalty: float) -> Floats:
    """Ridge regression of every row's ratings on the embeddings of the other side."""
    d = other.shape[1]
    squares = (other[:, :, None] * other[:, None, :]).reshape(len(other), d * d)
    systems = (rated @ squares).reshape(-1, d, d) + penalty * np.eye(d)
    return np.asarray(np.linalg.solve(systems, (cells @ other)[:, :, None])[:, :, 0], np.float64)
