"""Item traits for re-ranking (topics, level, creator), as arrays and as plain lists."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recsys.types import LEVELS, Item

TOPICS_PER_ITEM = 6
NO_LEVEL = len(LEVELS)
NO_CREATOR = -1


@dataclass(frozen=True, eq=False)
class Traits:
    """`topics` (n_items, ≤ 6) topic numbers padded with n_topics, `levels` (n_items,) index into LEVELS or 3 for none,
    `niche` (n_items,) bool, `creators` (n_items,) creator numbers or -1 for none.

    `vectors` (n_items, d) are unit rows that stand for contents, where likeness shall come from them rather than from topics.
    Compared by identity, so that what is derived from traits can be kept with them.
    """

    item_ids: tuple[str, ...]
    topics: npt.NDArray[np.int32]
    topic_names: Mapping[str, int]
    levels: npt.NDArray[np.int8]
    niche: npt.NDArray[np.bool_]
    creators: npt.NDArray[np.int32]
    creator_names: Mapping[str, int]
    vectors: npt.NDArray[np.float32] | None = None

    @classmethod
    def of(cls, items: Sequence[Item], niche: npt.NDArray[np.bool_], vectors: npt.NDArray[np.float32] | None = None) -> "Traits":
        """Traits of items; tags stand in where an item has no topics."""
        labels = [tuple(dict.fromkeys(i.topics or i.tags))[:TOPICS_PER_ITEM] for i in items]
        topic_names = _numbered(name for row in labels for name in row)
        width = max((len(row) for row in labels), default=0) or 1
        topics = np.full((len(items), width), len(topic_names), np.int32)
        for row, names in enumerate(labels):
            topics[row, : len(names)] = [topic_names[name] for name in names]
        levels = np.array([LEVELS.index(i.level) if i.level in LEVELS else NO_LEVEL for i in items], np.int8)
        creator_names = _numbered(i.creator for i in items if i.creator)
        creators = np.array([creator_names[i.creator] if i.creator else NO_CREATOR for i in items], np.int32)
        return cls(tuple(i.item_id for i in items), topics, topic_names, levels, niche, creators, creator_names, vectors)

    def __len__(self) -> int:
        return len(self.item_ids)

    @property
    def n_topics(self) -> int:
        """How many topics there are."""
        return len(self.topic_names)

    @cached_property
    def as_lists(self) -> "TraitLists":
        """The traits as plain lists."""
        counts = (self.topics < self.n_topics).sum(axis=1)
        return TraitLists(
            masks=[sum(1 << t for t in row if t < self.n_topics) for row in self.topics.tolist()],
            shares=[1.0 / max(n, 1) for n in counts.tolist()],
            norms=[1.0 / math.sqrt(max(n, 1)) for n in counts.tolist()],
            levels=self.levels.tolist(),
            creators=self.creators.tolist(),
            vectors=self.vectors,
        )


@dataclass(frozen=True, slots=True)
class TraitLists:
    """Traits one item at a time: `masks` are topics as bits, `shares` 1 / topics of the item, `norms` 1 / their root."""

    masks: list[int]
    shares: list[float]
    norms: list[float]
    levels: list[int]
    creators: list[int]
    vectors: npt.NDArray[np.float32] | None

    def likeness(self, one: int, other: int) -> float:
        """Cosine of two items by their vectors, else by their topics; at least 0."""
        if self.vectors is not None:
            return max(float(self.vectors[one] @ self.vectors[other]), 0.0)
        return (self.masks[one] & self.masks[other]).bit_count() * self.norms[one] * self.norms[other]


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted(set(names)))}
