"""A learner's events as the model expects them: one per item, interest only, newest last."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recsys.data.histories import Histories
from recsys.rerank.rules import LIGHT_KINDS, disliked
from recsys.serving.catalog import Catalog
from recsys.types import Interaction, Learner

_NO_INTEREST = frozenset({"impression", "search"})
_GLANCES = frozenset({"view", "click", "dwell"})
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
    rows = [(e, *_locate(e.item_id, catalog, positions)) for e in interest(learner)]
    kept = [(event, index, proxy) for event, index, proxy in rows if index is not None]
    history = Histories(
        np.array([0, len(kept)], np.int64),
        np.array([index for _, index, _ in kept], np.int32),
        np.array([event.weight for event, _, _ in kept], np.float32),
        len(positions),
        _times([event for event, _, _ in kept]),
    )
    return Events(history, tuple(e.item_id for e, _, _ in kept), frozenset(e.item_id for e, _, proxy in kept if proxy))


def interest(learner: Learner) -> list[Interaction]:
    """The last positive event per item, oldest first, without items whose latest word is negative.

    Glances (views, clicks) speak for visitors and beginners only.
    """
    turned_down = disliked(learner)
    latest: dict[str, Interaction] = {}
    for event in learner.history:
        if event.weight <= 0 or event.item_id in turned_down or event.kind in _NO_INTEREST:
            continue
        glance_again = event.kind in LIGHT_KINDS and event.item_id in latest
        if not glance_again:
            latest.pop(event.item_id, None)  # moves it to the end
            latest[event.item_id] = event
    settled = sum(event.kind not in LIGHT_KINDS for event in latest.values())
    return [e for e in latest.values() if settled < _ENOUGH_SETTLED or e.kind not in _GLANCES]


def _locate(item_id: str, catalog: Catalog, positions: Mapping[str, int]) -> tuple[int | None, bool]:
    """The model's index for an item, and whether another item stands in for it."""
    row = catalog.new_rows.get(item_id)
    if row is None:
        return positions.get(item_id), False
    start, end = catalog.nearest.indptr[row : row + 2]
    if start == end:
        return positions.get(item_id), False
    return int(catalog.nearest.indices[start + catalog.nearest.data[start:end].argmax()]), True


def _times(events: list[Interaction]) -> np.ndarray | None:
    times = [event.timestamp for event in events]
    return np.array(times, np.float64) if times and all(t is not None for t in times) else None
