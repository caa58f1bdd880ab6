"""Catalog: the items eligible now, aligned with those the model learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.item_item_base import top_entries_per_row
from recsys.features.text import item_text
from recsys.folding import fold
from recsys.ranking.stated_profile import ProfileIndex
from recsys.rerank.missing_prerequisites import Prerequisites
from recsys.rerank.niche_items import niche_items
from recsys.rerank.reranker import Traits
from recsys.serving.bundle import Bundle
from recsys.serving.completion import FinishPredictor
from recsys.types import Item

_DAY = 86_400.0
RECENT_SECONDS = 60 * _DAY
_NEIGHBORS = 8
_LEAST_COSINE = 0.05
_GOOD_RANK = 10
_SURE_COSINE = 0.35
"""From this closeness on, a new item is trusted to be like its neighbors."""

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Catalog:
    """Items and their arrays; position = row everywhere.

    `trained` is the model's index of an item, -1 for a new one: published after training, or so lately before it that nobody
    had taken it. `counts` are learners in the training data.

    New items are placed by their text: `nearest` (new × trained) holds neighbor weights that sum to 1 (or 0 where nothing
    is close), `trust` (new,) in [0, 1] how far to believe them, `closeness` all cosines.
    """

    items: tuple[Item, ...]
    positions: Mapping[str, int]
    trained: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    new: npt.NDArray[np.int64]
    closeness: sparse.csr_matrix
    nearest: sparse.csr_matrix
    trust: Vector
    recent: npt.NDArray[np.bool_]
    shown: npt.NDArray[np.float64]
    taken: npt.NDArray[np.float64]
    traits: Traits
    profile: ProfileIndex
    prerequisites: Prerequisites
    finishing: FinishPredictor | None = None

    @classmethod
    def of(
        cls, bundle: Bundle, items: Sequence[Item], now: float | None = None, exposure: Mapping[str, tuple[int, int]] | None = None
    ) -> "Catalog":
        """Bind `items` to a bundle; of repeated ids the first counts."""
        unique = tuple({item.item_id: item for item in reversed(items)}.values())[::-1]
        trained = np.array([bundle.positions.get(i.item_id, -1) for i in unique], np.int64)
        counts = np.where(trained >= 0, bundle.counts[trained] if len(bundle.counts) else 0, 0)
        recent = _recent(unique, trained, now)
        trained[recent & (counts == 0)] = -1  # training has seen its page, but nobody on it
        new = np.flatnonzero(trained < 0)
        closeness = _closeness(bundle, [unique[i] for i in new])
        nearest, trust = _neighbors(closeness, bundle.counts)
        exposed = np.array([(exposure or {}).get(i.item_id, (0, 0)) for i in unique], np.float64).reshape(-1, 2)
        return cls(
            items=unique,
            positions={item.item_id: index for index, item in enumerate(unique)},
            trained=trained,
            counts=counts,
            new=new,
            closeness=closeness,
            nearest=nearest,
            trust=trust,
            recent=recent,
            shown=exposed[:, 0],
            taken=exposed[:, 1],
            traits=Traits.of(unique, niche_items(counts)),
            profile=ProfileIndex.of(unique),
            prerequisites=Prerequisites.of(unique),
            finishing=FinishPredictor.of(bundle.finishing, unique) if bundle.finishing else None,
        )

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids in order of position."""
        return tuple(item.item_id for item in self.items)

    @cached_property
    def duplicate_groups(self) -> tuple[npt.NDArray[np.int64], ...]:
        """Groups of items that are the same course under several ids: equal titles (folded) of one creator."""
        groups: dict[tuple[str, str | None], list[int]] = {}
        for position, item in enumerate(self.items):
            if title := fold(item.title):
                groups.setdefault((title, item.creator), []).append(position)
        return tuple(np.array(group, np.int64) for group in groups.values() if len(group) > 1)

    @cached_property
    def duplicate_groups_csr(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The same groups as rows of a CSR matrix: where each begins, and the positions."""
        return np.cumsum([0, *map(len, self.duplicate_groups)], dtype=np.int64), np.concatenate(
            [np.empty(0, np.int64), *self.duplicate_groups]
        )

    @cached_property
    def known(self) -> npt.NDArray[np.int64]:
        """Positions of items the model learned."""
        return np.flatnonzero(self.trained >= 0)

    @cached_property
    def nearest_row_by_new_item_id(self) -> Mapping[str, int]:
        """Row in `nearest` of each new item, by id."""
        return {self.ids[position]: row for row, position in enumerate(self.new)}

    def extend_to_catalog(self, scores: Vector, history: npt.NDArray[np.int32] | None = None) -> Vector:
        """Scores over trained items (n_trained,) as scores over the catalog (n_items,).

        A new item gets the weighted mean of its nearest neighbors' scores, drawn to the median of all where they are far:
        the neighborhood form of attribute-to-factor mapping (Gantner et al., ICDM 2010). Models score a course of the learner's
        `history` low because it is done; what resembles it is wanted, so there it counts like the tenth best item.
        """
        if self._is_training_catalog:
            return scores
        lifted = np.empty(len(self), np.float32)
        lifted[self.known] = scores[self.trained[self.known]]
        if len(self.new):
            lifted[self.new] = self._impute_new(scores, history)
        return lifted

    @cached_property
    def _is_training_catalog(self) -> bool:
        """Whether the catalog is the training's, in the same order."""
        return np.array_equal(self.trained, np.arange(self.closeness.shape[1]))

    def _impute_new(self, scores: Vector, history: npt.NDArray[np.int32] | None) -> Vector:
        if not len(scores):
            return np.zeros(len(self.new), np.float32)
        if history is not None and len(history):
            rank = min(_GOOD_RANK, len(scores))
            scores = scores.copy()
            scores[history] = np.partition(scores, len(scores) - rank)[len(scores) - rank]
        middle = np.float32(np.median(scores))
        return np.asarray(middle + self.trust * (self.nearest @ (scores - middle)), np.float32)


def _closeness(bundle: Bundle, items: Sequence[Item]) -> sparse.csr_matrix:
    """Cosines (len(items), n_trained) of the texts of new items; small ones are dropped as noise."""
    if not items:
        return sparse.csr_matrix((0, len(bundle.items)), dtype=np.float32)
    close = bundle.texts.similarity(items, [_indexed_row(bundle, item) for item in items])
    close.data[close.data < _LEAST_COSINE] = 0
    close.eliminate_zeros()
    return close


def _indexed_row(bundle: Bundle, item: Item) -> int:
    """Where the text of an item stands in the bundle's index as it is, -1 for nowhere. Reading one takes time, and loads what stems it."""
    row = bundle.positions.get(item.item_id, -1)
    return row if row >= 0 and item_text(bundle.items[row]) == item_text(item) else -1


def _neighbors(closeness: sparse.csr_matrix, counts: npt.NDArray[np.int64]) -> tuple[sparse.csr_matrix, Vector]:
    """Weights of the nearest trained items, summing to 1 per row or 0 where there are none, and the trust in them.

    Only items that someone took can say who will take a new one.
    """
    close = top_entries_per_row(sparse.csr_matrix(closeness @ sparse.diags((counts > 0).astype(np.float32))), _NEIGHBORS)
    totals = np.asarray(close.sum(axis=1), np.float32).ravel()
    scale = np.divide(1, totals, out=np.zeros_like(totals), where=totals > 0)
    nearness = np.asarray(close.max(axis=1).todense(), np.float32).ravel() if close.shape[1] else totals
    return sparse.csr_matrix(sparse.diags(scale) @ close), np.minimum(nearness / _SURE_COSINE, 1).astype(np.float32)


def _recent(items: Sequence[Item], trained: npt.NDArray[np.int64], now: float | None) -> npt.NDArray[np.bool_]:
    """New to the catalog: published within 60 days, or of unknown date and unknown to the model. What is dated after `now`, by more than
    time zones and clocks differ, was dated by a clock that was ahead, and would be new for years."""
    published = np.array([np.nan if i.published is None else i.published for i in items], np.float64)
    dated = np.isfinite(published)
    moment = now if now is not None else (float(published[dated].max()) if dated.any() else 0.0)
    fresh = dated & (published > moment - RECENT_SECONDS) & (published <= moment + _DAY)
    return np.asarray(fresh | (~dated & (trained < 0)), dtype=np.bool_)
