"""Reasons share out a number and nothing else."""

import numpy as np
import pandas as pd
import pytest

from recsys.candidates import MODELS
from recsys.data.dataset import Dataset
from recsys.explain.event_shares import SourcePart, split_by_events
from recsys.explain.reason_order import arrange, is_understandable, shared_labels
from recsys.types import Item, Reason, ReasonKind

TOGETHER = ReasonKind.TAKEN_TOGETHER


def split(total: float, added: list[float], ids: list[str]) -> list[Reason]:
    return split_by_events([SourcePart("ease", TOGETHER, [total], np.array([added], np.float32))], ids)[0]


def test_a_part_is_shared_out_in_proportion() -> None:
    assert [(r.evidence, r.weight) for r in split(3.0, [1.0, 2.0], ["a", "b"])] == [("b", 2.0), ("a", 1.0)]


def test_only_the_two_largest_are_named_and_the_rest_is_kept() -> None:
    found = split(1.0, [0.1, 0.4, 0.3, 0.2], list("abcd"))
    assert [r.evidence for r in found] == ["b", "c", None]
    assert sum(r.weight for r in found) == pytest.approx(1.0)
    assert found[-1].weight == pytest.approx(0.3)


def test_several_scores_are_taken_apart_at_once() -> None:
    ease = SourcePart("ease", TOGETHER, [1.0, -1.0, 2.0], np.array([[1, 0], [1, 1], [1, 3]], np.float32))
    next_ = SourcePart("transitions", ReasonKind.TAKEN_NEXT, [3.0, 1.0, 0.5], np.array([[2, 1], [0, 1], [0, 0]], np.float32))
    for parts in ([ease, next_], [next_, ease]):
        found = split_by_events(parts, ["a", "b"])
        of_ease, of_next = ([[(r.evidence, r.weight) for r in item if r.source == part.source] for item in found] for part in (ease, next_))
        assert of_ease == [[("a", 1.0)], [(None, -1.0)], [("b", 1.5), ("a", 0.5)]]
        assert of_next == [[("a", 2.0), ("b", 1.0)], [("b", 1.0)], [(None, 0.5)]]


def test_a_part_that_is_the_same_for_all_stands_beside_the_others() -> None:
    ease, popular = SourcePart("ease", TOGETHER, [1.0], np.ones((1, 1), np.float32)), SourcePart("popularity", ReasonKind.POPULAR, [0.5])
    assert {(r.source, r.evidence, r.weight) for r in split_by_events([ease, popular], ["a"])[0]} == {
        ("ease", "a", 1.0),
        ("popularity", None, 0.5),
    }


def test_events_that_speak_against_are_no_evidence_for() -> None:
    assert [(r.evidence, r.weight) for r in split(1.0, [-5.0, 1.0], ["a", "b"])] == [("b", 1.0)]


@pytest.mark.parametrize(("total", "added"), [(-1.0, [1.0]), (1.0, [0.0]), (1.0, [-1.0]), (0.5, [])])
def test_a_part_without_support_names_nobody(total: float, added: list[float]) -> None:
    assert split(total, added, ["a"][: len(added)]) == [Reason("ease", TOGETHER, total)]


def test_reading_order_puts_what_can_be_understood_first() -> None:
    vague, popular, named, against = (
        Reason("ease", TOGETHER, 5.0),
        Reason("popularity", ReasonKind.POPULAR, 1.0),
        Reason("ease", TOGETHER, 2.0, "a"),
        Reason("feedback", ReasonKind.LESS_LIKE_THIS, -3.0, "b"),
    )
    assert arrange([vague, against, Reason("x", TOGETHER, 0.0), popular, named]) == (named, popular, vague, against)
    assert not is_understandable(against)


def test_shared_labels_are_compared_folded_and_keep_the_first_order() -> None:
    assert shared_labels(["SQL", "Python", "R", "Café"], ["r", "ｓｑｌ", "cafe\u0301"]) == ("SQL", "R", "Café")


@pytest.mark.parametrize("name", sorted(MODELS))
def test_contributions_for_many_items_equal_those_one_by_one(name: str) -> None:
    rng = np.random.default_rng(0)
    rows = [(f"u{u}", f"i{i}", t) for u in range(60) for t, i in enumerate(rng.choice(15, 5, replace=False))]
    items = [Item(f"i{i}", title=f"course on {['python', 'sql', 'statistics'][i % 3]} part {i}") for i in range(15)]
    dataset = Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), items)
    model = MODELS[name]().fit(dataset)
    history = dataset.histories.select(slice(3, 4))
    together = model.contributions_to(history, range(15))
    alone = np.stack([model.contributions(history, item) for item in range(15)])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert model.contributions_to(history, []).shape == (0, 5)
