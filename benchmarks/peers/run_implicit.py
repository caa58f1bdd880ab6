"""implicit: ALS (Hu, Koren & Volinsky 2008), BPR (Rendle et al. 2009), item-KNN by cosine, BM25 and TF-IDF."""

from itertools import product
from typing import Any

import numpy as np
from common import Entry, Interactions, Params, Ranker, main
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender


def fit(make: Any) -> Any:
    """`alpha` is the confidence of a positive in ALS; the other models take none."""

    def fitted(params: Params, data: Interactions, seed: int) -> Ranker:
        rest = dict(params)
        if make in (AlternatingLeastSquares, BayesianPersonalizedRanking):
            rest["random_state"] = seed
        model, matrix = make(**rest), data.matrix()
        model.fit(matrix, show_progress=False)

        def ranker(rows: np.ndarray, k: int) -> np.ndarray:
            ranking, _ = model.recommend(rows, matrix[rows], N=k, filter_already_liked_items=True)
            known = matrix[rows]
            # Where fewer than k items are left, the library fills up with what it was told to leave out.
            repeats = np.asarray(known[np.repeat(np.arange(len(rows)), ranking.shape[1]), np.maximum(ranking, 0).ravel()])
            return np.where(repeats.reshape(ranking.shape) > 0, -1, ranking)

        return ranker

    return fitted


def grid(**values: list[Any]) -> list[Params]:
    return [dict(zip(values, row, strict=True)) for row in product(*values.values())]


# A single run has to be comparable in time, so the passes stay at the library's default.
ALS_128 = grid(iterations=[15], factors=[128], regularization=[10.0, 0.01, 1.0, 50.0, 150.0], alpha=[5.0, 1.0, 20.0, 50.0])
ALS = grid(iterations=[15], factors=[64, 8, 16, 32, 256], regularization=[10.0, 0.01, 1.0, 50.0, 150.0], alpha=[5.0, 1.0, 20.0, 50.0])
BPR = grid(iterations=[100, 300], factors=[64, 16, 128], learning_rate=[0.05, 0.01, 0.1], regularization=[0.01, 0.001])
KNN = grid(K=[50, 20, 100, 200, 500])
BM25 = grid(K=[50, 20, 200, 500], B=[0.8, 0.3], K1=[1.2, 0.3])

MODELS = {
    "als-128": Entry(fit(AlternatingLeastSquares), ALS_128),
    "als": Entry(fit(AlternatingLeastSquares), ALS),
    "bpr": Entry(fit(BayesianPersonalizedRanking), BPR),
    "knn-cosine": Entry(fit(CosineRecommender), KNN),
    "knn-bm25": Entry(fit(BM25Recommender), BM25),
    "knn-tfidf": Entry(fit(TFIDFRecommender), KNN),
}

if __name__ == "__main__":
    main(MODELS)
