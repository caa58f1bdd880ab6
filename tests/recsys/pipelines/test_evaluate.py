"""Measuring is fair to what is measured."""

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.pipelines.evaluate import COLLABORATIVE, HYBRID, evaluate, given_split, make_split, measure_models, slice_outcomes
from recsys.rerank.policy import Policy
from recsys.types import LEVELS, Item
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


def test_a_random_part_is_given_as_it_is_held_out() -> None:
    """A file with a random part of timed histories trains the same blend as holding that part out."""
    dataset = Dataset.from_frames(worlds.interactions(), worlds.items())
    held = make_split(dataset, "random", seed=3)
    cells = {
        (held.train.user_ids[held.test_rows[r]], dataset.items[i].item_id) for r, i in zip(held.test.rows, held.test.items, strict=True)
    }
    frame = worlds.interactions()
    out = np.array([cell in cells for cell in zip(frame["user_id"], frame["item_id"], strict=True)])
    train = Dataset.from_frames(frame[~out], worlds.items())
    assert train.ordered
    split = given_split(train, frame[out])
    assert not split.train.ordered
    wanted = evaluate(held, ["popularity", "ease", HYBRID], k=5).models
    for name, row in evaluate(split, ["popularity", "ease", HYBRID], k=5).models.items():
        assert row["ndcg"] == pytest.approx(wanted[name]["ndcg"])
    assert given_split(train, frame[out], "future").train.ordered


def test_without_times_the_numbers_of_a_test_file_decide() -> None:
    rows = [(f"u{n}", item) for n in range(200) for item in "hcafbdge"]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id"])
    drawn = np.random.default_rng(0).random(len(frame)) < 0.2
    newest = ~frame["user_id"].duplicated(keep="last").to_numpy()
    train = Dataset.from_frames(frame[~drawn])
    assert train.ordered
    assert not given_split(train, frame[drawn]).train.ordered
    assert given_split(train, frame[drawn], "future").train.ordered
    assert given_split(Dataset.from_frames(frame[~newest]), frame[newest]).train.ordered


def test_level_mix_is_told_against_the_policys_target() -> None:
    items = [Item(item.item_id, level=LEVELS[0] if item.item_id.startswith("a") else LEVELS[2]) for item in worlds.items()]
    split = make_split(Dataset.from_frames(worlds.interactions(), items), "leave-last", seed=0)
    policy = Policy(level_mix={"beginner": 1.0})
    report = evaluate(split, ["popularity"], k=3, policy=policy)
    row = report.models["popularity"]
    assert report.data["level_target"] == {"beginner": 1, "intermediate": 0, "advanced": 0}
    assert sum(row["level_mix"].values()) == pytest.approx(1, abs=1e-5)
    assert row["level_mix"]["intermediate"] == 0
    assert row["level_gap"] == pytest.approx(row["level_mix"]["advanced"])


def test_without_levels_nothing_is_said_of_them() -> None:
    split = make_split(worlds.dataset(), "leave-last", seed=0)
    report = evaluate(split, ["popularity"])
    assert "level_mix" not in report.models["popularity"]
    assert "level_target" not in report.data


def test_only_content_knows_a_course_nobody_took() -> None:
    """The slice of new courses tells the whole blend from its collaborative part."""
    items = [*worlds.items(), Item("fresh", title="fresh", description=worlds.WORDS["b"], topics=("b",))]
    frame = worlds.interactions()
    ends = frame[frame["item_id"].str.startswith("b")].groupby("user_id", as_index=False)["timestamp"].max()
    later = ends.head(20).assign(item_id="fresh", timestamp=lambda rows: rows["timestamp"] + 1)
    split = make_split(Dataset.from_frames(pd.concat([frame, later]), items), "leave-last", seed=0)
    outcomes = measure_models(split, ["popularity", "ease", HYBRID, COLLABORATIVE], k=5)
    rows = {row["slice"]: row for row in slice_outcomes(outcomes, split, k=5, seed=0)}
    new = rows["new: nobody in training"]
    assert new["n_users"] == 20
    assert new["models"][COLLABORATIVE]["recall"] == 0
    assert new["models"][HYBRID]["recall"] > 0.9
    assert set(new["differences"]) == {"hybrid - popularity", "hybrid - ease", "hybrid - hybrid_collaborative"}
