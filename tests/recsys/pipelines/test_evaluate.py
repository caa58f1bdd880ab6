"""Measuring is fair to what is measured."""

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.pipelines.evaluate import evaluate, make_split
from tests.recsys import worlds


def shuffled(seed: int) -> pd.DataFrame:
    """The two subjects with the rows of every learner in an order of their own."""
    return worlds.interactions().drop(columns="timestamp").sample(frac=1, random_state=seed)


@pytest.mark.parametrize("model", ["ease", "item_knn"])
def test_the_order_of_rows_without_meaning_changes_no_history(model: str) -> None:
    split = make_split(Dataset.from_frames(shuffled(1), worlds.items()), "random", seed=0)
    assert not split.train.ordered
    before = evaluate(split, [model]).models[model]["ndcg"]
    rng = np.random.default_rng(5)
    histories = split.train.histories
    for row in range(len(histories)):  # the same learners' rows again, newest and oldest exchanged at random
        part = slice(histories.indptr[row], histories.indptr[row + 1])
        histories.items[part] = rng.permutation(histories.items[part])
    assert evaluate(split, [model]).models[model]["ndcg"] == pytest.approx(before)
