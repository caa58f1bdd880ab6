"""Texts are placed among others."""

from pathlib import Path

import numpy as np
import pytest

from recsys.errors import ArtifactError
from recsys.features.text_index import TextIndex, text_index
from recsys.types import Item
from tests.recsys import worlds

ITEMS = worlds.items()
PLACE = {item.item_id: place for place, item in enumerate(ITEMS)}
NEW = [Item("new", title="Pandas in notebooks", description="data frames"), Item("blank")]


def test_a_new_item_is_close_to_what_reads_like_it() -> None:
    likeness = text_index(ITEMS).similarity(NEW).toarray()
    assert likeness.shape == (2, len(ITEMS))
    assert likeness[0, PLACE["a0"]] > likeness[0, PLACE["b0"]]
    assert not likeness[1].any()


def test_what_stands_in_the_index_is_not_read_again() -> None:
    index, mixed = text_index(ITEMS), [NEW[0], ITEMS[3], NEW[1], ITEMS[0]]
    read = index.similarity(mixed).toarray()
    assert np.array_equal(index.similarity(mixed, [-1, 3, -1, 0]).toarray(), read)
    said_to_be_others = index.similarity(mixed, [5, -1, -1, 2]).toarray()
    assert np.array_equal(said_to_be_others, index.similarity([ITEMS[5], ITEMS[3], NEW[1], ITEMS[2]]).toarray())
    assert index.similarity([], []).shape == (0, len(ITEMS))


def test_what_two_items_share_is_named_and_the_heaviest_first() -> None:
    items = [Item("x", title="rust rust rust glass"), Item("y", title="rust rust glass"), Item("z", title="glass"), Item("w", title="iron")]
    index = text_index(items)
    assert index.shared_terms(0, 1, 2) == ["rust", "rust rust"]
    assert index.shared_terms(0, 2, 5) == ["glass"]
    assert index.shared_terms(0, 3, 5) == []


def test_other_items_or_terms_make_another_index() -> None:
    everything = text_index(ITEMS)
    assert text_index(list(ITEMS)) is everything
    assert text_index(ITEMS, max_terms=3).vectors.shape == (len(ITEMS), 3)
    assert text_index(ITEMS[:2]).vectors.shape[0] == 2


def test_a_stored_index_says_the_same(tmp_path: Path) -> None:
    index = text_index(ITEMS)
    index.save(tmp_path / "texts")
    loaded = TextIndex.load(tmp_path / "texts")
    assert np.array_equal(loaded.similarity(NEW).toarray(), index.similarity(NEW).toarray())
    assert loaded.shared_terms(0, 1, 3) == index.shared_terms(0, 1, 3)


@pytest.mark.parametrize(("old", "new"), [('"terms"', '"words"'), ('"idf_"', '"weights_"'), ('"vectors_"', '"idf_"')])
def test_what_is_no_index_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text_index(ITEMS).save(tmp_path / "texts")
    state = tmp_path / "texts" / "state.json"
    state.write_text(state.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(ArtifactError):
        TextIndex.load(tmp_path / "texts")
