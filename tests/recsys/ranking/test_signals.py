"""The shapes of scores: what features are made of, what a sum over them says without making them, and what each part adds."""

import numpy as np
import pandas as pd
import pytest

from recsys import kernels
from recsys.candidates import MODELS
from recsys.data.dataset import Dataset
from recsys.ranking.signals import SHAPES, Signal, SignalScale, SignalViews, coldness, signal_features, weighted_sum
from recsys.types import Columns

SIGNALS, ITEMS = 4, 30


@pytest.fixture
def raw() -> np.ndarray:
    """Scores of three learners, (learners, signals, items); by signal any, only negative ones, none at all, only one that is not 0."""
    raw = np.random.default_rng(0).normal(size=(3, SIGNALS, ITEMS)).astype(np.float32)
    raw[:, 1] = -np.abs(raw[:, 1])
    raw[:, 2] = 0
    raw[:, 3, 1:] = 0
    return raw


@pytest.fixture
def weights() -> np.ndarray:
    """Of every feature for every learner, of either sign."""
    return np.random.default_rng(1).normal(size=(3, SIGNALS * len(SHAPES))).astype(np.float32)


def test_shapes_are_what_they_are_said_to_be(raw: np.ndarray) -> None:
    above = np.maximum(raw, 0)
    root = np.sqrt((raw**2).mean(axis=2, keepdims=True))
    scaled, positive = (np.divide(part, size, out=np.zeros_like(raw), where=size > 0) for part, size in ((raw, root), (above, root)))
    whole = above.sum(axis=2, keepdims=True)
    logged = np.log(1 + np.divide(above, whole, out=np.zeros_like(raw), where=whole > 0) / 1e-4)
    expected = np.stack([scaled, np.sqrt(positive), logged], axis=2)
    np.testing.assert_allclose(signal_features(raw), expected.reshape(3, -1, ITEMS), rtol=1e-4, atol=1e-5)


def test_a_sum_is_that_of_the_features(raw: np.ndarray, weights: np.ndarray) -> None:
    expected = np.einsum("rf,rfi->ri", weights, signal_features(raw))
    np.testing.assert_allclose(weighted_sum(raw, SignalScale.of(raw), weights), expected, rtol=1e-4, atol=1e-4)


def test_parts_are_those_of_the_features(raw: np.ndarray, weights: np.ndarray) -> None:
    scale, items, found = SignalScale.of(raw[:1]), np.array([7, 0, 7]), np.empty((SIGNALS, 3), np.float32)
    kernels.signal_parts(found, raw[0], scale.root[0], scale.share[0], weights[0], items)
    parts = (weights[0][:, None] * signal_features(raw[:1])[0]).reshape(SIGNALS, len(SHAPES), ITEMS).sum(axis=1)
    np.testing.assert_allclose(found, parts[:, items], rtol=1e-4, atol=1e-4)


def test_a_source_whose_weights_are_all_zero_is_not_asked() -> None:
    """Courses nothing is written about give texts, skills and series nothing to say: no learner need pay for them."""
    pairs = [(learner, course) for learner in range(12) for course in range(6) if (learner + course) % 3]
    frame = pd.DataFrame({Columns.USER: [f"u{u}" for u, _ in pairs], Columns.ITEM: [f"c{c}" for _, c in pairs]})
    dataset = Dataset.from_frames(frame)
    names = ["ease", "content", "skills", "series", "popularity"]
    sources = {name: MODELS[name]().fit(dataset) for name in names}
    views = SignalViews([Signal(name) for name in names], sources, coldness(dataset.popularity))
    assert [names[column] for column in views.speaking] == ["ease", "popularity"]
    raw = views.raw(dataset.histories)
    assert not raw[:, [names.index(silent) for silent in ("content", "skills", "series")]].any()
    assert raw[:, names.index("ease")].any()
