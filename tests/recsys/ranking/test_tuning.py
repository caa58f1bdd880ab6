"""Parameters are chosen on held-out courses of the training data."""

import numpy as np
import pandas as pd
import pytest

from recsys.candidates.directed import DirectedModel
from recsys.candidates.ease import EaseModel
from recsys.candidates.item_item import POWERS, gram
from recsys.candidates.item_knn import ItemKnnModel
from recsys.data.dataset import Dataset
from recsys.data.splits import leave_last
from recsys.ranking.blend import HybridModel
from recsys.ranking.tuning import ndcg_of, tuned_sources
from recsys.types import Item


def sparse_world(told: bool) -> Dataset:
    """Twenty subjects of eight courses, two learners each; topics (where they are `told`) say what belongs together."""
    rng = np.random.default_rng(0)
    items = [Item(f"{subject}-{n}", topics=(f"subject{subject}",) if told else ()) for subject in range(20) for n in range(8)]
    chosen = [(learner, rng.permutation(8)[:4]) for learner in range(40)]
    rows = [(f"u{learner}", f"{learner % 20}-{course}", step) for learner, courses in chosen for step, course in enumerate(courses)]
    return Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), items)


def tuned(world: Dataset, content: bool) -> EaseModel:
    split = leave_last(world)
    return EaseModel().tune(split.train, lambda model: ndcg_of(model, split), content=content)


def test_side_information_is_used_where_it_finds_more() -> None:
    split = leave_last(sparse_world(told=True))
    plain, sided = (tuned(sparse_world(told=True), content) for content in (False, True))
    assert plain.side == 0 < sided.side
    assert ndcg_of(sided, split) > ndcg_of(plain, split)


def test_without_anything_written_nothing_is_added() -> None:
    world = sparse_world(told=False)
    assert tuned(world, content=True).params() == tuned(world, content=False).params()


def test_other_counts_are_solved_with_the_same_side_information() -> None:
    world = sparse_world(told=True)
    sided = tuned(world, content=True)
    expected = EaseModel(**sided.params()).fit(world).weights_
    np.testing.assert_array_equal(sided.again(world).weights_, expected)
    np.testing.assert_array_equal(sided.again(world, gram(world.histories.matrix())).weights_, expected)


@pytest.mark.parametrize(("sources", "reads"), [(["ease", "content"], True), (["ease", "popularity"], False)])
def test_a_blend_without_content_reads_none_elsewhere(sources: list[str], reads: bool) -> None:
    ease = HybridModel(sources=sources).fit(sparse_world(told=True)).sources_["ease"]
    assert (ease.params()["side"] > 0) == reads


@pytest.mark.parametrize("best", POWERS)
def test_the_power_of_highest_quality_is_chosen(best: float) -> None:
    def quality(model: object) -> float:
        assert isinstance(model, ItemKnnModel | DirectedModel)
        return -abs(model.power - best)

    world = sparse_world(told=False)
    assert ItemKnnModel().tune(world, quality).params()["power"] == best
    assert DirectedModel().tune(world, quality).params() == DirectedModel().params()  # its power is part of its training


def test_no_search_begins_after_its_time() -> None:
    found = tuned_sources(["ease", "item_knn"], leave_last(sparse_world(told=True)), until=0.0)
    assert {name: source.params() for name, source in found.items()} == {"ease": EaseModel().params(), "item_knn": ItemKnnModel().params()}
