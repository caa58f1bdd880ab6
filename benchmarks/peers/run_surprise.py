"""scikit-surprise: KNN and NMF (Luo et al. 2014) made to predict ratings.

What learners took is all it is given: a rating where the data grade what was taken (completed or audited), else 1 for every
course, and then nothing tells one course from another. So the grid also offers drawn zeros: for each course taken, courses not
taken as ratings of 0. Predictions are computed for all courses at once by the library's own formulas from what it learned; a
few are compared with its `predict` each time.
"""

from typing import Any

import numpy as np
from common import Entry, Interactions, Params, Ranker, in_batches, main
from surprise import NMF, Dataset, KNNBasic, Reader

_CHECKED = 20


def trainset(params: Params, data: Interactions, seed: int) -> Any:
    """The library's training set; learners and items keep their numbers as raw ids."""
    cells, first = np.unique(data.users.astype(np.int64) * data.n_items + data.items, return_index=True)
    users, items, ratings = cells // data.n_items, cells % data.n_items, data.weights[first].astype(np.float64)
    drawn = int(params["negatives"])
    if drawn:
        rng = np.random.default_rng(seed)
        zero_users, zero_items = np.repeat(users, drawn), rng.integers(data.n_items, size=len(users) * drawn)
        zeros = np.setdiff1d(zero_users * data.n_items + zero_items, cells)
        users, items = np.concatenate([users, zeros // data.n_items]), np.concatenate([items, zeros % data.n_items])
        ratings = np.concatenate([ratings, np.zeros(len(zeros))])
    dataset = Dataset(Reader(rating_scale=(0, float(ratings.max()))))
    # What load_from_df builds, without a DataFrame.
    return dataset.construct_trainset([(int(u), int(i), float(r), None) for u, i, r in zip(users, items, ratings, strict=True)])


def numbers(learned: Any, n: int, of: str) -> np.ndarray:
    """The library's inner number of each learner or item, -1 where it never met one."""
    inner = getattr(learned, f"_raw2inner_id_{of}")
    return np.array([inner.get(raw, -1) for raw in range(n)], np.int64)


def fit_nmf(params: Params, data: Interactions, seed: int) -> Ranker:
    learned = trainset(params, data, seed)
    model = NMF(n_factors=params["n_factors"], n_epochs=params["n_epochs"], reg_pu=params["reg"], reg_qi=params["reg"], random_state=seed)
    model.fit(learned)
    users, items = numbers(learned, data.n_users, "users"), numbers(learned, data.n_items, "items")

    def score(rows: np.ndarray) -> np.ndarray:
        found = np.full((len(rows), data.n_items), -np.inf)
        met = np.flatnonzero(items >= 0)
        known = users[rows] >= 0
        found[np.ix_(known, met)] = model.pu[users[rows[known]]] @ model.qi[items[met]].T
        return found

    check(model, score, data)
    return in_batches(score, data.matrix())


def fit_knn(params: Params, data: Interactions, seed: int) -> Ranker:
    """Item-based: what a learner gave the k most similar courses, averaged by similarity."""
    learned = trainset(params, data, seed)
    k = int(params["k"])
    model = KNNBasic(k=k, sim_options={"name": params["name"], "user_based": False}, verbose=False)
    model.fit(learned)
    users, items = numbers(learned, data.n_users, "users"), numbers(learned, data.n_items, "items")
    met = np.flatnonzero(items >= 0)

    def one(row: int) -> np.ndarray:
        rated = np.array([item for item, _ in learned.ur[users[row]]])
        given = np.array([rating for _, rating in learned.ur[users[row]]])
        similar = np.maximum(model.sim[np.ix_(items[met], rated)], 0)
        if len(rated) > k:
            kept = np.argsort(-similar, axis=1, kind="stable")[:, :k]  # of equally similar courses the first, as in the library
            similar, given = np.take_along_axis(similar, kept, axis=1), given[kept]
        weight = similar.sum(axis=1)
        weighted = (similar * given).sum(axis=1)
        return np.where(weight > 0, weighted / np.where(weight > 0, weight, 1), learned.global_mean)

    def score(rows: np.ndarray) -> np.ndarray:
        found = np.full((len(rows), data.n_items), -np.inf)
        for number, row in enumerate(rows):
            if users[row] >= 0:
                found[number, met] = one(row)
        return found

    check(model, score, data)
    return in_batches(score, data.matrix())


def check(model: Any, score: Any, data: Interactions) -> None:
    """Raises AssertionError when the scores are not what the library predicts."""
    rng = np.random.default_rng(0)
    rows, columns = rng.choice(data.users, _CHECKED), rng.choice(data.items, _CHECKED)
    mine = score(rows)[np.arange(_CHECKED), columns]
    theirs = [model.predict(int(u), int(i), clip=False).est for u, i in zip(rows, columns, strict=True)]
    # Equally similar neighbors at the k-th place may fall on either side.
    assert np.mean(np.isclose(mine, theirs, atol=1e-6)) >= 0.9, (mine, theirs)


KNN = [{"name": name, "k": k, "negatives": n} for n in (0, 4) for name in ("cosine", "msd", "pearson") for k in (40, 100)]
NMF_GRID = [
    {"n_factors": f, "n_epochs": e, "reg": r, "negatives": n} for n in (4, 0, 10) for f in (15, 32, 64) for e in (50,) for r in (0.06, 0.02)
]

MODELS = {"knn-item": Entry(fit_knn, KNN, most_users=5_000), "nmf": Entry(fit_nmf, NMF_GRID)}

if __name__ == "__main__":
    main(MODELS)
