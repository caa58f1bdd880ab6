"""Greedy slates: relevance traded against topic coverage, level mix and niche share; the same code for one learner or many.

At each place the item with the largest gain is taken:

    gain = relevance / spread + diversity * (share of its topics not shown yet) + calibration * (lack of its level)

The first two terms are maximal coverage in the manner of MMR (Carbonell & Goldstein 1998), the third follows the idea of
calibrated recommendations (Steck 2018). The niche share is a quota: it binds only in the last places, where it costs least.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys.ranking.topk import PAD
from recsys.rerank.policy import Policy
from recsys.types import LEVELS, Item

IntMatrix = npt.NDArray[np.int64]
FloatMatrix = npt.NDArray[np.float32]
_TOPICS_PER_ITEM = 6
_NO_LEVEL = len(LEVELS)
_OWN_LEVEL = 0.4


@dataclass(frozen=True)
class Traits:
    """What re-ranking knows of items: `topics` (n_items, ≤ 6) topic numbers padded with n_topics, `levels` (n_items,) index
    into LEVELS or 3 for none, `niche` (n_items,) bool."""

    topics: npt.NDArray[np.int32]
    n_topics: int
    levels: npt.NDArray[np.int8]
    niche: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, items: tuple[Item, ...], niche: npt.NDArray[np.bool_]) -> "Traits":
        """Traits of items; tags stand in where an item has no topics."""
        labels = [tuple(dict.fromkeys(i.topics or i.tags))[:_TOPICS_PER_ITEM] for i in items]
        numbers = {name: n for n, name in enumerate(sorted({t for row in labels for t in row}))}
        width = max((len(row) for row in labels), default=0) or 1
        topics = np.full((len(items), width), len(numbers), np.int32)
        for row, names in enumerate(labels):
            topics[row, : len(names)] = [numbers[t] for t in names]
        levels = np.array([LEVELS.index(i.level) if i.level in LEVELS else _NO_LEVEL for i in items], np.int8)
        return cls(topics, len(numbers), levels, niche)


def level_mix(policy: Policy, level: str | None) -> FloatMatrix:
    """Target shares of levels, shifted to the learner's own; shape (1, 3)."""
    mix = np.array([policy.level_mix.get(name, 0.0) for name in LEVELS], np.float32)
    if level in LEVELS:
        mix = (1 - _OWN_LEVEL) * mix
        mix[LEVELS.index(level)] += _OWN_LEVEL
    return mix[None, :].astype(np.float32)


def pool_of(scores: FloatMatrix, niche: npt.NDArray[np.bool_], size: int, n_niche: int) -> IntMatrix:
    """The best `size` items per row, -1 where a score is not finite; the best `n_niche` niche items are always among them."""
    best = _best(scores, size)
    if n_niche == 0 or size >= scores.shape[1]:
        return best
    niche_best = _best(np.where(niche, scores, -np.inf).astype(np.float32), n_niche)
    present = (best[:, :, None] == niche_best[:, None, :]).any(axis=1)
    return np.concatenate([best, np.where(present, PAD, niche_best)], axis=1)


def build_slates(scores: FloatMatrix, pool: IntMatrix, traits: Traits, policy: Policy, k: int, level_mix: FloatMatrix) -> IntMatrix:
    """Slates of shape (n_rows, k), padded with -1.

    `scores` is (n_rows, n_items), `pool` the candidates per row (padded with -1), `level_mix` (n_rows, 3) the target shares.
    """
    state = _State(scores, pool, traits, policy, k, level_mix)
    for place in range(min(k, pool.shape[1])):
        state.take(place)
    return state.slate


class _State:
    """The greedy choice under way for a batch of rows."""

    def __init__(self, scores: FloatMatrix, pool: IntMatrix, traits: Traits, policy: Policy, k: int, level_mix: FloatMatrix) -> None:
        self.pool, self.policy, self.k, self.level_mix = pool, policy, k, level_mix
        self.rows = np.arange(len(pool))
        self.open = pool != PAD
        safe = np.where(self.open, pool, 0)
        values = np.take_along_axis(scores, safe, axis=1)
        self.open &= np.isfinite(values)
        self.relevance = _standardize(values, self.open)
        self.topics = traits.topics[safe]
        self.n_labels = np.maximum((self.topics < traits.n_topics).sum(axis=2), 1).astype(np.float32)
        self.levels = traits.levels[safe].astype(np.int64)
        self.niche = traits.niche[safe] & self.open
        self.covered = np.zeros((len(pool), traits.n_topics + 1), np.bool_)
        self.covered[:, -1] = True  # the padding topic is never news
        self.counts = np.zeros((len(pool), len(LEVELS) + 1), np.float32)
        self.missing_niche = np.full(len(pool), int(np.ceil(policy.niche_share * k - 1e-9)))
        self.slate = np.full((len(pool), k), PAD, np.int64)

    def take(self, place: int) -> None:
        """Choose the next item of every row that still has one."""
        gain = np.where(self._allowed(place), self._gain(place), -np.inf)
        choice = gain.argmax(axis=1)
        found = np.isfinite(gain[self.rows, choice])
        rows, columns = self.rows[found], choice[found]
        self.slate[rows, place] = self.pool[rows, columns]
        self.open[rows, columns] = False
        self.covered[rows[:, None], self.topics[rows, columns]] = True
        self.counts[rows, self.levels[rows, columns]] += 1
        self.missing_niche[rows] -= self.niche[rows, columns]

    def _allowed(self, place: int) -> npt.NDArray[np.bool_]:
        candidates = self.open & self.niche
        must = (self.missing_niche >= self.k - place) & candidates.any(axis=1)
        return np.asarray(np.where(must[:, None], candidates, self.open), dtype=np.bool_)

    def _gain(self, place: int) -> FloatMatrix:
        gain = self.relevance
        if self.policy.diversity > 0:
            fresh = (~self.covered[self.rows[:, None, None], self.topics]).sum(axis=2) / self.n_labels
            gain = gain + np.float32(self.policy.diversity) * fresh
        if self.policy.level_calibration > 0:
            lack = np.zeros_like(self.counts)
            lack[:, :-1] = np.maximum(self.level_mix * (place + 1) - self.counts[:, :-1], 0)
            gain = gain + np.float32(self.policy.level_calibration) * np.take_along_axis(lack, self.levels, axis=1)
        return np.asarray(gain, dtype=np.float32)


def _best(scores: FloatMatrix, size: int) -> IntMatrix:
    size = min(size, scores.shape[1])
    if size == 0:
        return np.empty((len(scores), 0), np.int64)
    best = np.argpartition(scores, scores.shape[1] - size, axis=1)[:, scores.shape[1] - size :]
    best = np.sort(best, axis=1)  # equal gains go by index, whatever order the partition left
    return np.where(np.isfinite(np.take_along_axis(scores, best, axis=1)), best, PAD)


def _standardize(values: FloatMatrix, valid: npt.NDArray[np.bool_]) -> FloatMatrix:
    """Scores in units of their spread over the row's pool, so that strengths mean the same for every learner."""
    count = np.maximum(valid.sum(axis=1, keepdims=True), 1)
    clean = np.where(valid, values, 0)
    mean = clean.sum(axis=1, keepdims=True) / count
    deviation = np.where(valid, clean - mean, 0)
    spread = np.sqrt((deviation**2).sum(axis=1, keepdims=True) / count)
    return np.asarray(deviation / np.where(spread > 1e-9, spread, 1), dtype=np.float32)
