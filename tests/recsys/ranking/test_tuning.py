"""Parameters are chosen on held-out courses of the training data."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from recsys.candidates.content import ContentModel
from recsys.candidates.item_item import gram
from recsys.data.dataset import Dataset
from recsys.data.splits import Split, leave_last
from recsys.ranking.blend import HybridModel
from recsys.ranking.tuning import best_ease, ndcg_of
from recsys.types import Item


def sparse_world(told: bool) -> Dataset:
    """Twenty subjects of eight courses, two learners each; topics (where they are `told`) say what belongs together."""
    rng = np.random.default_rng(0)
    items = [Item(f"{subject}-{n}", topics=(f"subject{subject}",) if told else ()) for subject in range(20) for n in range(8)]
    chosen = [(learner, rng.permutation(8)[:4]) for learner in range(40)]
    rows = [(f"u{learner}", f"{learner % 20}-{course}", step) for learner, courses in chosen for step, course in enumerate(courses)]
    return Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), items)


def texts(split: Split) -> sparse.csr_matrix:
    """Vectors of the items."""
    return ContentModel().fit(split.train).vectors_


def test_side_information_is_used_where_it_finds_more() -> None:
    split = leave_last(sparse_world(told=True))
    plain, sided = best_ease(split), best_ease(split, texts(split))
    assert plain.side == 0 < sided.side
    assert ndcg_of(sided, split) > ndcg_of(plain, split)


def test_without_anything_written_nothing_is_added() -> None:
    split = leave_last(sparse_world(told=False))
    assert best_ease(split, texts(split)).params() == best_ease(split).params()


def test_other_counts_are_solved_with_the_same_side_information() -> None:
    world = sparse_world(told=True)
    split = leave_last(world)
    sided = best_ease(split, texts(split))
    np.testing.assert_array_equal(sided.again(gram(world.histories.matrix())).weights_, type(sided)(**sided.params()).fit(world).weights_)


@pytest.mark.parametrize(("sources", "reads"), [(["ease", "content"], True), (["ease", "popularity"], False)])
def test_a_blend_without_content_reads_none_elsewhere(sources: list[str], reads: bool) -> None:
    ease = HybridModel(sources=sources).fit(sparse_world(told=True)).sources_["ease"]
    assert (ease.params()["side"] > 0) == reads
