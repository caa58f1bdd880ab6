"""Would traits of course and learner help the blend beside the scores of its sources?

    python -m benchmarks.traits --data mars-en|FILE [--items FILE] [--split time|leave-last] [--learners 5000] [--json OUT]

Every trait joins the features the blend learns its weights from: the same pools, the same logit, weights by history length (see
recsys.ranking.pool_choices), the penalty chosen anew; then whole catalogs are ranked. Measured on learners with a history (what others
are shown is not learned); differences are to the blend without traits, learners in pairs. A held-out course is described as of the
moment it was taken; the test courses as of the end of the training part where they come after it (`--split time`), else as of when
each was taken.

    level, length      log of how often histories went on from the one to the other over chance (`steps`), or how far a course is
                       from the learner's mean and how far above (`gap`, in standard deviations)
    creator, language  the same as a course of the history has: log of how much likelier than chance
    skills             share of the course's skills that nothing in the history teaches
    prerequisites      share of the course's prerequisites that are in the history, and whether all are
    freshness          2^(-age / 30 days), age since it was published
    recency            every score again, times log of the time since the learner's newest event (a minute to a year, -.5 to .5)
    frequency          every score again, times log of the events a day of the history (up to fifty, -.5 to .5)
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.datasets import add_arguments, asked_source, describe
from benchmarks.figures import beside, write_json
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories, recency_weights, transition_counts
from recsys.data.splits import Split
from recsys.evaluation.metrics import accuracy
from recsys.features.course_features import CourseFeatures, one_hot
from recsys.ranking.blend import default_signals, sources_of
from recsys.ranking.pool_choices import candidate_features, candidate_pool, held_out_choices, publication_times, unpublished
from recsys.ranking.signals import SignalViews, coldness, length_basis, positive_events_per_learner, signal_features
from recsys.ranking.softmax import Choices, fit_weights
from recsys.ranking.topk import Ranking, mask_seen, top_k
from recsys.ranking.tuning import best_penalty, tuned_sources, validation_folds

K = 10
POOL = 150
SAMPLE = 8_000
DAY = 86_400.0
_BLOCK = 64
_FADING = 0.5  # of the history, as most sources have it
_CHANCE = 50.0  # imagined steps that went by chance
_BINS = 6
_FRESH = 30 * DAY
_MINUTE, _YEAR = 60.0, 365 * DAY

Table = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """Learners at the moment they are asked about: shaped signals (rows, features, n_items), histories, seconds since 1970."""

    shapes: Table
    histories: Histories
    moments: Floats

    def shares(self, known: NDArray[np.bool_]) -> Floats:
        """What each event counts, fading; over the events of `known` items they sum to 1 a row."""
        events = self.histories
        weights = recency_weights(events.age, _FADING) * (events.weights > 0) * known[events.items]
        whole = np.bincount(events.rows, weights, len(events))[events.rows]
        return np.divide(weights, whole, out=np.zeros(len(weights)), where=whole > 0)


Trait = Callable[[Dataset], Callable[[Asked], Table]]
"""Learned on a dataset; gives (rows, features, n_items)."""


def steps(codes: NDArray[np.int64], train: Dataset, alike: bool = False) -> Callable[[Asked], Table]:
    """See the module; `codes` are -1 where unknown. `alike` tells only the same code from another."""
    known, kinds = codes >= 0, max(int(codes.max(initial=0)) + 1, 1)
    at = sparse.csr_matrix((np.ones(known.sum()), (np.flatnonzero(known), codes[known])), shape=(len(codes), kinds))
    went = np.asarray((at.T @ transition_counts(train.histories, 5, 0.8) @ at).todense(), np.float64)
    went = went if train.ordered else went + went.T
    share = train.popularity @ at / max(float((train.popularity @ at).sum()), 1.0)
    chance = went.sum(axis=1)[:, None] * share
    if alike:
        same = np.eye(kinds, dtype=bool)
        went, chance = (np.where(same, table[same].sum(), table[~same].sum()) for table in (went, chance))
    lift = np.log((went + _CHANCE) / (chance + _CHANCE))

    def of(asked: Asked) -> Table:
        events = asked.histories
        held = np.zeros((len(events), kinds))
        np.add.at(held, (events.rows, np.maximum(codes[events.items], 0)), asked.shares(known))
        return np.where(known, (held @ lift)[:, np.maximum(codes, 0)], 0).astype(np.float32)[:, None]

    return of


def gap(values: Floats) -> Callable[[Asked], Table]:
    """See the module; `values` are NaN where unknown, and what lacks one has no gap."""
    known = np.isfinite(values)
    spread = float(values[known].std()) if known.any() else 1.0
    scaled = np.where(known, values, 0) / max(spread, 1e-9)

    def of(asked: Asked) -> Table:
        events, shares = asked.histories, asked.shares(known)
        mean = np.bincount(events.rows, shares * scaled[events.items], len(events))
        told = np.bincount(events.rows, shares, len(events)) > 0
        above = np.where(known & told[:, None], scaled - mean[:, None], 0)
        return np.stack([np.abs(above), np.maximum(above, 0)], axis=1).astype(np.float32)

    return of


def covered(needs: sparse.csr_matrix, gives: sparse.csr_matrix) -> Callable[[Asked], Table]:
    """Share of what each item needs, (n_items, labels) of 0 and 1, that items of the history give, and whether that is all; 0 for
    those that need nothing."""
    total = np.asarray(needs.sum(axis=1)).ravel()

    def of(asked: Asked) -> Table:
        held = (asked.histories.matrix() @ gives > 0).astype(np.float32)
        share = np.divide(np.asarray((held @ needs.T).todense()), total, out=np.zeros((len(asked.histories), len(total))), where=total > 0)
        return np.stack([share, share >= 1], axis=1).astype(np.float32)

    return of


def fresh(published: Floats) -> Callable[[Asked], Table]:
    """See the module; 0 where a moment is unknown."""
    return lambda asked: _filled(np.exp2(-np.maximum(asked.moments[:, None] - published, 0) / _FRESH))[:, None]


def recency(asked: Asked) -> Table:
    """See the module."""
    since = asked.moments - _edge(asked.histories, np.fmax, -np.inf)
    return _scaled_source_shapes(asked, np.log(np.clip(since, _MINUTE, _YEAR) / _MINUTE) / np.log(_YEAR / _MINUTE))


def frequency(asked: Asked) -> Table:
    """See the module."""
    events = asked.histories
    days = (_edge(events, np.fmax, -np.inf) - _edge(events, np.fmin, np.inf)) / DAY
    return _scaled_source_shapes(asked, np.minimum(np.log1p(np.diff(events.indptr) / np.maximum(days, 1)) / np.log(51), 1))


def _scaled_source_shapes(asked: Asked, how: Floats) -> Table:
    return asked.shapes * _filled(how - 0.5)[:, None, None]


def _filled(values: Floats) -> Table:
    return np.where(np.isfinite(values), values, 0).astype(np.float32)


def _edge(events: Histories, pick: np.ufunc, start: float) -> Floats:
    found = np.full(len(events), start)
    if events.timestamps is not None:
        pick.at(found, events.rows, events.timestamps)
    return np.where(np.isfinite(found), found, np.nan)


def _levels(data: Dataset) -> NDArray[np.int64]:
    return CourseFeatures.of(data.items).level.astype(np.int64)


def _lengths(data: Dataset) -> Floats:
    return np.log(CourseFeatures.of(data.items).minutes.astype(np.float64))


def _binned(values: Floats) -> NDArray[np.int64]:
    known = np.isfinite(values)
    edges = np.quantile(values[known], np.linspace(0, 1, _BINS + 1)[1:-1]) if known.any() else np.empty(0)
    return np.where(known, np.searchsorted(np.unique(edges), values, side="right"), -1)


def _codes(names: Sequence[str | None]) -> NDArray[np.int64]:
    order = {name: code for code, name in enumerate(sorted({name for name in names if name}))}
    return np.array([order[name] if name else -1 for name in names], np.int64)


def _skills(data: Dataset) -> Callable[[Asked], Table]:
    taught = CourseFeatures.of(data.items).skills
    return covered(taught, taught)


def _prerequisites(data: Dataset) -> Callable[[Asked], Table]:
    needs, names = one_hot(data.items, lambda item: item.prerequisites)
    column = {name: place for place, name in enumerate(names)}
    own = [(row, column[item.item_id]) for row, item in enumerate(data.items) if item.item_id in column]
    rows, columns = (np.array([pair[axis] for pair in own], np.int64) for axis in (0, 1))
    return covered(needs, sparse.csr_matrix((np.ones(len(own), np.float32), (rows, columns)), shape=needs.shape))


TRAITS: dict[str, Trait] = {
    "level, steps": lambda data: steps(_levels(data), data),
    "level, gap": lambda data: gap(np.where(_levels(data) >= 0, _levels(data), np.nan)),
    "length, steps": lambda data: steps(_binned(_lengths(data)), data),
    "length, gap": lambda data: gap(_lengths(data)),
    "creator": lambda data: steps(_codes([item.creator for item in data.items]), data, alike=True),
    "language": lambda data: steps(_codes([item.language for item in data.items]), data, alike=True),
    "skills": _skills,
    "prerequisites": _prerequisites,
    "freshness": lambda data: fresh(data.published_at),
    "recency": lambda _: recency,
    "frequency": lambda _: frequency,
}


@dataclass(frozen=True)
class World:
    """One split: sources fitted on folds of its training part and on all of it."""

    split: Split
    folds: list[tuple[Split, SignalViews]]
    views: SignalViews

    @classmethod
    def of(cls, split: Split, seed: int) -> "World":
        """Sources tuned on the first fold, as the blend does it."""
        folds = validation_folds(split.train, SAMPLE, seed)
        signals = default_signals(split.train.ordered)
        sources = tuned_sources(sources_of(signals), folds[0])

        def fitted(train: Dataset) -> SignalViews:
            return SignalViews(signals, {name: source.refit(train) for name, source in sources.items()}, coldness(train.popularity))

        return cls(split, [(fold, fitted(fold.train)) for fold in folds], fitted(split.train))

    def choices(self, traits: Sequence[Trait]) -> Choices:
        """What weights are learned from, the features of `traits` behind those of the signals."""
        parts = []
        for fold, views in self.folds:
            learned, published = [trait(fold.train) for trait in traits], publication_times(fold.train)
            for histories, test in _blocks(fold):
                shapes, pool, free = candidate_pool(views, histories, unpublished(published, test), min(POOL, fold.train.n_items))
                wide = _wide(Asked(shapes, histories, _edge(test, np.fmax, -np.inf)), learned)
                parts.append(held_out_choices(candidate_features(wide, histories, pool), pool, free, test))
        return Choices.join(parts)

    def rank(self, traits: Sequence[Trait], weights: Table, later: bool) -> Ranking:
        """The first K of all courses for every test learner; `later` where the test begins when the training part ends."""
        learned, found = [trait(self.split.train) for trait in traits], []
        times = self.split.train.histories.timestamps
        for histories, test in _blocks(self.split):
            moments = np.full(len(test), np.nanmax(times)) if later and times is not None else _edge(test, np.fmax, -np.inf)
            wide = _wide(Asked(signal_features(self.views.raw(histories)), histories, moments), learned)
            own = length_basis(positive_events_per_learner(histories)) @ weights.reshape(-1, 2).T
            found.append(top_k(mask_seen(np.einsum("rf,rfi->ri", own, wide), histories), K))
        return np.concatenate(found)


def _wide(asked: Asked, learned: Sequence[Callable[[Asked], Table]]) -> Table:
    return np.concatenate([asked.shapes, *(trait(asked) for trait in learned)], axis=1)


def _with_history(split: Split) -> Split:
    return split.select_rows(np.flatnonzero(positive_events_per_learner(split.train.histories.select(split.test_rows))))


def _blocks(split: Split) -> Iterator[tuple[Histories, Histories]]:
    for start in range(0, len(split.test_rows), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(split.test_rows)))
        yield split.train.histories.select(split.test_rows[rows]), split.test.select(rows)


def compare(split: Split, names: Sequence[str], seed: int, later: bool) -> dict[str, Any]:
    """The blend without traits and with each of `names`, measured on one split."""
    world, rows, plain = World.of(split, seed), {}, None
    for name in ("none", *names):
        traits = [] if name == "none" else [TRAITS[name]]
        choices = world.choices(traits)
        penalty = best_penalty(choices)
        weights = fit_weights(choices, penalty, np.full(choices.features.shape[2], -np.inf))
        found = accuracy(world.rank(traits, weights, later), split.test, K, split.unknown)
        plain = found if plain is None else plain
        rows[name] = {**beside(found.ndcg, plain.ndcg, seed), "recall": float(found.recall.mean()), "penalty": penalty}
    return {"choices": len(choices.chosen), "learners": len(split.test_rows), "traits": rows}


def table(found: dict[str, Any]) -> str:
    """For a terminal."""
    lines = [f"{found['choices']} choices, {found['learners']} test learners"]
    lines.append(f"{'trait':<16}{'NDCG@10':>9}{'95 %':>16}{'recall@10':>11}{'- none':>9}{'95 %':>19}")
    for name, row in found["traits"].items():
        own = "{:.4f}–{:.4f}".format(*row["ndcg_ci"])
        gained = "{:+.4f} to {:+.4f}".format(*row["difference_ci"])
        lines.append(f"{name:<16}{row['ndcg']:>9.4f}{own:>16}{row['recall']:>11.4f}{row['difference']:>+9.4f}{gained:>19}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser, "time")
    parser.add_argument("--traits", nargs="+", choices=tuple(TRAITS), default=tuple(TRAITS), metavar="TRAIT")
    options = parser.parse_args()
    source = asked_source(options)
    split = _with_history(source.split(options.seed)).sampled(options.learners, options.seed)
    described = describe(source.name, split, K, options.seed, source.how)
    found = {"data": described, **compare(split, options.traits, options.seed, source.how == "time")}
    print(table(found))
    if options.json:
        write_json(options.json, found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
