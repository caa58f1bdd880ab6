"""What the encoder makes of texts."""

import numpy as np
import pytest

from recsys.features.sentence_embeddings import available, embed

pytestmark = pytest.mark.skipif(not available(), reason="sentence embeddings are an extra install (requirements-semantic.txt)")


def test_texts_that_mean_alike_are_close_without_a_word_in_common() -> None:
    repair, garage, poem = embed(["Repairing cars", "Maintenance of automobiles", "Rhyme and verse"])
    assert repair @ garage > 0.5
    assert repair @ poem < 0.3


def test_vectors_have_length_one_and_blank_texts_none() -> None:
    vectors = embed(["Statistics", "", " \n", "—", "统计学", "7"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 0, 0, 1, 1], abs=1e-6)
    assert embed([]).shape == (0, vectors.shape[1])


def test_a_text_has_the_same_vector_among_others() -> None:
    texts = ["Statistics for beginners", "Watercolor " * 90, "Cooking"]
    together = embed(texts)
    assert all(np.array_equal(embed([text])[0], vector) for text, vector in zip(texts, together, strict=True))


def test_of_a_long_text_the_start_is_read() -> None:
    start = "data tables and plots " * 200
    long, longer = embed([start, start + "poems " * 100_000])
    assert np.array_equal(long, longer)
