"""RecTools: EASE, PureSVD, and the sequence models SASRec and BERT4Rec (softmax loss, as its authors recommend).

The nets stop by the clock: a fit takes at most WAYMARK_BENCH_NET_SECONDS, in tuning a fifth of it.
"""

import logging
import os
import sys
import warnings
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import torch
from common import Entry, Interactions, Params, Ranker, from_lists, main
from pytorch_lightning import Trainer, seed_everything
from rectools.dataset import Dataset
from rectools.models import BERT4RecModel, EASEModel, PureSVDModel, SASRecModel

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
torch.set_num_threads(int(os.environ.get("WAYMARK_BENCH_THREADS", "1")))
_SECONDS = float(os.environ.get("WAYMARK_BENCH_NET_SECONDS", "900"))


def trainer(epochs: int, **_rest: Any) -> Trainer:
    seconds = _SECONDS / 5 if "tune" in sys.argv else _SECONDS
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False, "enable_checkpointing": False}
    return Trainer(max_epochs=epochs, max_time=timedelta(seconds=seconds), accelerator="cpu", devices=1, **quiet)


def dataset_of(data: Interactions) -> Dataset:
    frame = pd.DataFrame({"user_id": data.users, "item_id": data.items, "weight": 1.0, "datetime": pd.to_datetime(data.times, unit="s")})
    return Dataset.construct(frame.drop_duplicates(["user_id", "item_id"], keep="first"))


def fit(make: Any, net: bool = False) -> Any:
    def fitted(params: Params, data: Interactions, seed: int) -> Ranker:
        learned = dataset_of(data)
        if net:
            seed_everything(seed, verbose=False)
            epochs = params["epochs"]
            model = make(**params, get_trainer_func=lambda **_: trainer(epochs))
        else:
            model = make(**params)
        model.fit(learned)

        def ranker(rows: np.ndarray, k: int) -> np.ndarray:
            known = np.intersect1d(rows, data.users)
            # The sequence models know nobody with a single course.
            told = {"on_unsupported_targets": "ignore"} if net else {}
            found = model.recommend(known, learned, k=k, filter_viewed=True, **told)
            lists = found.sort_values(["user_id", "rank"]).groupby("user_id")["item_id"].agg(list)
            return from_lists(lists.to_dict(), rows, k)

        return ranker

    return fitted


EASE = [{"regularization": reg, "recommend_use_gpu_ranking": False} for reg in (100.0, 20.0, 300.0, 1000.0, 5.0)]
SVD = [{"factors": size, "recommend_use_gpu_ranking": False} for size in (64, 4, 8, 16, 32, 128, 256)]
NET = [
    {"n_factors": size, "n_blocks": blocks, "n_heads": 2, "session_max_len": 50, "lr": rate, "dropout_rate": 0.2, "epochs": 40}
    for rate in (1e-3, 3e-3)
    for size, blocks in ((64, 2), (128, 2), (64, 1))
]

MODELS = {
    "ease": Entry(fit(EASEModel), EASE),
    "pure-svd": Entry(fit(PureSVDModel), SVD),
    "sasrec": Entry(fit(SASRecModel, net=True), NET),
    "bert4rec": Entry(fit(BERT4RecModel, net=True), NET),
}

if __name__ == "__main__":
    main(MODELS)
