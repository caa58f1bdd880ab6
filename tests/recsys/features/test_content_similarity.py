import numpy as np
import pytest

from recsys.features.content_similarity import content_similarity, label_vectors
from recsys.types import Item


def test_likeness_is_the_mean_of_two_cosines() -> None:
    items = [
        Item("a", title="watercolor", topics=("art",)),
        Item("b", title="watercolor", topics=("art",)),
        Item("c", title="watercolor", topics=("code",)),
        Item("d", topics=("code",)),
        Item("e"),
    ]
    alike = content_similarity(items)
    assert alike[0, 1] == pytest.approx(1)
    assert 0 < alike[0, 2] < 0.5  # the same title, another topic: the topic is a word of the text too
    assert 0 < alike[2, 3] < 1
    assert alike[0, 3] == 0
    assert not alike[4].any()
    assert np.array_equal(alike, alike.T)
    assert np.linalg.eigvalsh(alike.astype(np.float64)).min() > -1e-6


def test_a_rare_label_says_more_and_one_of_a_single_course_nothing() -> None:
    often = [Item(f"x{n}", tags=("often",)) for n in range(6)]
    vectors = label_vectors([Item("a", tags=("rare", "often")), Item("b", tags=("rare", "only")), *often])
    alike = (vectors @ vectors.T).toarray()
    rare, frequent = np.log(9 / 3), np.log(9 / 8)
    assert alike[0, 1] == pytest.approx(rare / np.hypot(rare, frequent), abs=1e-6)
    assert alike[0, 2] == pytest.approx(frequent / np.hypot(rare, frequent), abs=1e-6)
    assert alike[1, 1] == pytest.approx(1)


def test_the_same_word_is_another_label_in_another_place() -> None:
    vectors = label_vectors(
        [Item("a", tags=("python",)), Item("b", tags=("python",)), Item("c", skills=("python",)), Item("d", skills=("python",))]
    )
    alike = (vectors @ vectors.T).toarray()
    assert alike[0, 1] == pytest.approx(1)
    assert alike[0, 2] == 0
