"""Learner events as the model expects them: one per item, interest only, newest last."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recsys.data.engagement import GLANCES, LIGHT_KINDS
from recsys.data.histories import Histories
from recsys.rerank.exclusions import dislike_strength_by_item
from recsys.serving.catalog import Catalog
from recsys.types import Interaction, Learner

_ENOUGH_SETTLED = 3
"""With this many courses taken, what was merely looked at says little more."""


@dataclass(frozen=True)
class Events:
    """A single-row history in the model's indices; `ids` names the item behind each event.

    An item the model never saw stands in the row as the trained item nearest to it; its id is in `proxied`.
    """

    history: Histories
    ids: tuple[str, ...]
    proxied: frozenset[str]


def events_of(learner: Learner, catalog: Catalog, positions: Mapping[str, int]) -> Events:
    """The interest in a learner's history, items that are unknown everywhere left out."""
    kept: list[Interaction] = []
    indices: list[int] = []
    proxied: list[str] = []
    for event in interest_events(learner):
        index, proxy = _model_index_or_stand_in(event.item_id, catalog, positions)
        if index is None:
            continue
        kept.append(event)
        indices.append(index)
        if proxy:
            proxied.append(event.item_id)
    history = Histories(
        np.array([0, len(kept)], np.int64),
        np.array(indices, np.int32),
        np.array([event.weight for event in kept], np.float32),
        len(positions),
        _times(kept),
    )
    return Events(history, tuple([event.item_id for event in kept]), frozenset(proxied))


def interest_events(learner: Learner) -> list[Interaction]:
    """The last positive event per item, oldest first, without items whose latest word is negative.

    Glances (views, clicks) speak for visitors and beginners only.
    """
    turned_down = dislike_strength_by_item(learner)
    latest: dict[str, Interaction] = {}
    for event in learner.history:
        if event.weight <= 0 or event.item_id in turned_down:
            continue
        glance_again = event.kind in LIGHT_KINDS and event.item_id in latest
        if not glance_again:
            latest.pop(event.item_id, None)  # moves it to the end
            latest[event.item_id] = event
    kept = list(latest.values())
    settled = sum([event.kind not in LIGHT_KINDS for event in kept])
    return kept if settled < _ENOUGH_SETTLED else [event for event in kept if event.kind not in GLANCES]


def _model_index_or_stand_in(item_id: str, catalog: Catalog, positions: Mapping[str, int]) -> tuple[int | None, bool]:
    """The model's index for an item, and whether another item stands in for it."""
    row = catalog.nearest_row_by_new_item_id.get(item_id)
    if row is None:
        return positions.get(item_id), False
    start, end = catalog.nearest.indptr[row : row + 2]
    if start == end:
        return positions.get(item_id), False
    return int(catalog.nearest.indices[start + catalog.nearest.data[start:end].argmax()]), True


def _times(events: list[Interaction]) -> np.ndarray | None:
    times = [event.timestamp for event in events]
    return np.array(times, np.float64) if times and None not in times else None
