"""LensKit: item-KNN, user-KNN, implicit matrix factorization, EASE, SLIM, popularity."""

import logging
import os
import warnings
from typing import Any

import numpy as np
import pandas as pd
from common import Entry, Interactions, Params, Ranker, from_lists, main
from lenskit.als import ImplicitMFScorer
from lenskit.basic import PopScorer
from lenskit.batch import recommend
from lenskit.data import from_interactions_df
from lenskit.knn import EASEScorer, ItemKNNScorer, UserKNNScorer
from lenskit.pipeline import topn_pipeline

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
_FEW = 10_000


def fit(scorer: Any, **fixed: Any) -> Any:
    def fitted(params: Params, data: Interactions, seed: int) -> Ranker:
        frame = pd.DataFrame({"user_id": data.users, "item_id": data.items}).drop_duplicates()
        learned = from_interactions_df(frame)
        pipeline = topn_pipeline(scorer, {**fixed, **params})
        pipeline.train(learned)

        def ranker(rows: np.ndarray, k: int) -> np.ndarray:
            known = np.intersect1d(rows, data.users)
            # Each process of the library's own starts with torch: for few learners one is quicker.
            n_jobs = int(os.environ.get("WAYMARK_BENCH_THREADS", "1")) if len(known) > _FEW else 1
            found = recommend(pipeline, known.tolist(), k, n_jobs=n_jobs)
            return from_lists({int(key.user_id): items.ids().tolist() for key, items in found}, rows, k)

        return ranker

    return fitted


ITEM_KNN = [{"max_nbrs": k, "min_sim": s} for s in (1e-6, 0.01) for k in (20, 50, 100, 200)]
USER_KNN = [{"max_nbrs": k} for k in (50, 20, 100, 200, 400)]
MF = [
    {"embedding_size": size, "regularization": reg, "weight": weight, "epochs": 15}
    for reg in (10.0, 1.0, 0.1)  # strong first: with little of it 64 factors find next to nothing on the small data
    for weight in (10.0, 40.0, 1.0)
    for size in (64, 16, 128)
]
EASE = [{"regularization": reg} for reg in (100.0, 20.0, 300.0, 1000.0, 5.0)]

MODELS = {
    "item-knn": Entry(fit(ItemKNNScorer, feedback="implicit"), ITEM_KNN),
    "user-knn": Entry(fit(UserKNNScorer, feedback="implicit"), USER_KNN, most_users=10_000),
    "implicit-mf": Entry(fit(ImplicitMFScorer), MF),
    "ease": Entry(fit(EASEScorer), EASE),
    "popularity": Entry(fit(PopScorer), [{}]),
}

if __name__ == "__main__":
    main(MODELS)
