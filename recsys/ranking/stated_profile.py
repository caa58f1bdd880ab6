"""Stated profile: score terms of a learner's interests, goal, level, weekly time and languages.

Terms are sparse and each names its evidence, so the profile's part of a score decomposes exactly. Values are of order 1 and
are scaled by the caller to the spread of the learned scores.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recsys import kernels
from recsys.folding import fold
from recsys.types import LEVELS, Item, Learner, ReasonKind

_GOAL = 1.5
_INTEREST = 1.0
_LEVEL_FIT = {-2: -1.0, -1: -0.3, 0: 0.3, 1: -0.1, 2: -1.0}
"""Value by (item's level - learner's level): a step up is nearly free, far off in either direction is not."""
_EASY_WEEKS = 4.0
_LONG_WEEKS = 10.0
_FOREIGN = -3.0
"""Twice what a goal can add: where what is stated counts least, it still is one and a half spreads."""

Rows = npt.NDArray[np.int32]
Values = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ScoreTerm:
    """One piece of evidence and what it adds to which items."""

    kind: ReasonKind
    evidence: str | None
    items: Rows
    values: Values


def term_values_for_items(terms: Sequence[ScoreTerm], wanted: Sequence[int], n_items: int) -> Values:
    """What each term adds to each of some items, no two of them equal: (len(wanted), len(terms)). One sweep, as who dislikes many items has
    many terms."""
    values = np.zeros((len(wanted), len(terms)), np.float32)
    if terms and len(wanted):
        place = np.full(n_items, -1, np.int32)
        place[list(wanted)] = np.arange(len(wanted))
        indptr = np.cumsum([0, *(len(term.items) for term in terms)], dtype=np.int32)
        cells = np.concatenate([term.items for term in terms]), np.concatenate([term.values for term in terms])
        kernels.gather_cells(values, indptr, *cells, np.arange(len(terms), dtype=np.int32), np.ones(len(terms), np.float32), place)
    return values


@dataclass(frozen=True)
class ProfileIndex:
    """Inverted lists of a catalog: which items carry a topic, skill or language (names compared folded), levels and lengths."""

    n_items: int
    by_topic: Mapping[str, Rows]
    by_skill: Mapping[str, Rows]
    topic_share: Values
    levels: npt.NDArray[np.int8]
    minutes: Values
    by_language: Mapping[str, Rows]
    language_of: Mapping[str, str]

    @classmethod
    def of(cls, items: Sequence[Item]) -> "ProfileIndex":
        """Index `items`; tags count as topics of items that have none."""
        labels = [_folded(i.topics or i.tags) for i in items]
        share = np.array([1 / math.sqrt(max(len(row), 1)) for row in labels], np.float32)
        levels = np.array([LEVELS.index(i.level) if i.level in LEVELS else -1 for i in items], np.int8)
        minutes = np.array([i.duration_minutes or np.nan for i in items], np.float32)
        languages = [_primary_language_subtag(i.language) for i in items]
        spoken = {i.item_id: language for i, language in zip(items, languages, strict=True) if language}
        return cls(
            n_items=len(items),
            by_topic=_invert(labels),
            by_skill=_invert(_folded(i.skills) for i in items),
            topic_share=share,
            levels=levels,
            minutes=minutes,
            by_language=_invert((language,) if language else () for language in languages),
            language_of=spoken,
        )

    def learner_score_terms(self, learner: Learner, taken: Collection[str] = ()) -> list[ScoreTerm]:
        """Every term of the learner's profile; empty for a visitor. Who took an item (of `taken`) reads its language."""
        stated = [*self._interest_terms(learner), *self._goal_terms(learner), *self._level_terms(learner), *self._pace_terms(learner)]
        return [*stated, *self._language_terms(learner, taken)]

    def total(self, terms: Iterable[ScoreTerm]) -> Values:
        """Sum of `terms` per item, shape (n_items,)."""
        values = np.zeros(self.n_items, np.float32)
        for term in terms:
            values[term.items] += term.values
        return values

    @cached_property
    def _rows_with_level(self) -> Rows:
        return np.flatnonzero(self.levels >= 0).astype(np.int32)

    @cached_property
    def _rows_with_minutes(self) -> Rows:
        return np.flatnonzero(np.isfinite(self.minutes)).astype(np.int32)

    def _interest_terms(self, learner: Learner) -> list[ScoreTerm]:
        """A topic counts 1 / sqrt(topics of the item), as in a cosine: an item about everything matches nothing well."""
        matches = ((topic, self.by_topic.get(fold(topic))) for topic in dict.fromkeys(learner.topics))
        return [ScoreTerm(ReasonKind.INTEREST, t, rows, _INTEREST * self.topic_share[rows]) for t, rows in matches if rows is not None]

    def _goal_terms(self, learner: Learner) -> list[ScoreTerm]:
        gap = missing_goal_skills(learner)
        top = max(gap.values(), default=1.0)
        matches = ((skill, need, self.by_skill.get(fold(skill))) for skill, need in gap.items())
        return [
            ScoreTerm(ReasonKind.GOAL_SKILL, skill, rows, np.full(len(rows), _GOAL * need / top, np.float32))
            for skill, need, rows in matches
            if rows is not None
        ]

    def _level_terms(self, learner: Learner) -> list[ScoreTerm]:
        if learner.level not in LEVELS:
            return []
        own = LEVELS.index(learner.level)
        fit = np.array([_LEVEL_FIT[level - own] for level in range(len(LEVELS))], np.float32)
        rows = self._rows_with_level
        return [ScoreTerm(ReasonKind.LEVEL, learner.level, rows, fit[self.levels[rows]])]

    def _pace_terms(self, learner: Learner) -> list[ScoreTerm]:
        """A course of up to four weeks at the learner's pace gains a little, one past ten loses with the log of its length."""
        if not learner.weekly_minutes or learner.weekly_minutes < 0:
            return []
        rows = self._rows_with_minutes
        weeks = self.minutes[rows] / learner.weekly_minutes
        values = np.where(weeks <= _EASY_WEEKS, 0.15, -0.3 * np.clip(np.log2(np.maximum(weeks / _LONG_WEEKS, 1)), 0, 3))
        return [ScoreTerm(ReasonKind.PACE, None, rows, values.astype(np.float32))]

    def _language_terms(self, learner: Learner, taken: Collection[str]) -> list[ScoreTerm]:
        """An item in none of the learner's languages loses; nothing moves where its language or theirs is not known."""
        stated = {_primary_language_subtag(language) for language in learner.languages} - {""}
        if not stated:
            return []
        read = stated.union(self.language_of[item_id] for item_id in taken if item_id in self.language_of)
        foreign = [rows for language, rows in self.by_language.items() if language not in read]
        if not foreign:
            return []
        rows = np.sort(np.concatenate(foreign))
        return [ScoreTerm(ReasonKind.LANGUAGE, None, rows, np.full(len(rows), _FOREIGN, np.float32))]


def missing_goal_skills(learner: Learner) -> dict[str, float]:
    """Skills the goal needs and the learner lacks, with their need; non-positive needs are left out."""
    held = _folded(learner.held_skills) if learner.goal_skills else frozenset()  # somebody who has finished a hundred courses has hundreds
    return {s: w for s, w in learner.goal_skills.items() if w > 0 and fold(s) not in held}


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(fold, names))


def _primary_language_subtag(tag: str | None) -> str:
    """What a language tag begins with: who reads en-US reads en-GB. Empty for none."""
    return (tag or "").strip().replace("_", "-").partition("-")[0].casefold()


def _invert(labels: Iterable[Iterable[str]]) -> dict[str, Rows]:
    rows: dict[str, list[int]] = {}
    for index, names in enumerate(labels):
        for name in names:
            rows.setdefault(name, []).append(index)
    return {name: np.array(places, np.int32) for name, places in rows.items()}
