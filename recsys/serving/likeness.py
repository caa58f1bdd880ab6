"""Likeness of items, by the sources that compare items: what a dislike of one says of the others."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recsys.candidates.base import Model
from recsys.candidates.item_item_base import ItemItemModel
from recsys.data.histories import Histories
from recsys.serving.bundle import Bundle
from recsys.serving.catalog import Catalog
from recsys.serving.learner_events import events_of
from recsys.types import Interaction, Learner, ReasonKind

Vector = npt.NDArray[np.float32]
EVIDENCE_KINDS = frozenset({ReasonKind.TAKEN_TOGETHER, ReasonKind.TAKEN_NEXT, ReasonKind.SIMILAR_CONTENT, ReasonKind.SERIES})
_LEAST = 0.05
_KEPT = 1_000


class Alike(NamedTuple):
    """Positions of the items that are like one, ascending, and how much, above `_LEAST` and up to 1."""

    items: npt.NDArray[np.int32]
    values: Vector


class Likeness:
    """Likeness within a catalog. It depends on model and catalog alone, both of which never change, so what was asked for lately is kept:
    who dislikes many items asks for all of them on every page."""

    def __init__(self, bundle: Bundle, catalog: Catalog) -> None:
        self._bundle = bundle
        self._catalog = catalog
        self.of = lru_cache(maxsize=_KEPT)(self._of)

    def _of(self, item_id: str) -> Alike | None:
        """The items like this one by the sources that compare items; None where it is unknown.

        Nothing is closer to an item than itself, though sources do not say so: to them it is done.
        """
        events = events_of(Learner(history=(Interaction(item_id),)), self._catalog, self._bundle.positions)
        if not events.ids:
            return None
        comparing = (model for model in self._bundle.hybrid.sources_.values() if model.reason in EVIDENCE_KINDS)
        rows = [_mutual_likeness(model, events.history) for model in comparing]
        scaled = [row / row.max() for row in rows if row.max() > 0]
        if not scaled:
            return None
        alike = self._catalog.extend_to_catalog(np.mean(scaled, axis=0, dtype=np.float32))
        if item_id in self._catalog.positions:
            alike[self._catalog.positions[item_id]] = 1
        near = np.flatnonzero(alike > _LEAST).astype(np.int32)
        return Alike(near, alike[near])


def _mutual_likeness(model: Model, one: Histories) -> Vector:
    """How strongly a model leads from the item of a history of one to the others, or back: what comes before is as alike as what
    comes after. At least 0."""
    scores: Vector = np.maximum(model.score(one)[0], 0)
    if isinstance(model, ItemItemModel):
        np.maximum(scores, model.scores_of_item_from_each_other(int(one.items[0])), out=scores)
    return scores
