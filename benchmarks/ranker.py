"""The blend's linear ranker against gradient boosting on what both can see.

    python -m benchmarks.ranker --data mars-en|ibm-capstone|mooccubex|FILE [--items FILE] [--learners 5000] [--json OUT]

Both learn from the same choices: the courses held out of the training part, each among the pool its sources propose (see
recsys.ranking.pool_choices). The blend fits a conditional logit. Boosting (scikit-learn's HistGradientBoostingClassifier) sees the
same features, the rank of each candidate by each signal and the length of the history; it learns pointwise, from the course
taken and some others drawn from its pool, and its size is chosen on choices left out. Both then order the same pools of the
test learners; `linear, all courses` is the blend without the limit of the pool, as it serves.
"""

import argparse
import time
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.datasets import add_arguments, asked_source, describe
from benchmarks.figures import beside, write_json
from recsys.candidates.base import Model
from recsys.data.splits import Split
from recsys.evaluation.metrics import accuracy
from recsys.ranking.blend import default_signals, sources_of
from recsys.ranking.pool_choices import candidate_features, candidate_pool, choices_of
from recsys.ranking.signals import LOGGED, SHAPES, SignalViews, coldness, length_basis, positive_events_per_learner
from recsys.ranking.softmax import Choices, fit_weights
from recsys.ranking.topk import PAD, Ranking, mask_seen, top_k
from recsys.ranking.tuning import best_penalty, tuned_sources, validation_folds

K = 10
POOL = 150
SAMPLE = 8_000
NEGATIVES = 30
LEAVES = (7, 15, 31)
ITERATIONS = (50, 100, 200, 400)
RATE = 0.05
_BLOCK = 64

Table = NDArray[np.float32]


@dataclass(frozen=True)
class Linear:
    """The blend's weights, one per feature of the choices."""

    weights: Table

    @classmethod
    def fit(cls, choices: Choices) -> "Linear":
        """As the blend does it: the penalty by halves, then all choices."""
        penalty = best_penalty(choices)
        return cls(fit_weights(choices, penalty, np.full(choices.features.shape[2], -np.inf)))

    def score(self, features: Table) -> Table:
        """Of (learners, candidates, features)."""
        return np.asarray(features @ self.weights, np.float32)


@dataclass(frozen=True)
class Boosting:
    """Trees over the same features and what can be read off them."""

    model: HistGradientBoostingClassifier

    @classmethod
    def fit(cls, choices: Choices, seed: int) -> "Boosting":
        """Leaves and rounds are those that rank a quarter of the choices best when learned from the rest."""
        drawn = np.random.default_rng(seed).permutation(len(choices.chosen))
        learned, judged = (choices.take(np.sort(part)) for part in np.split(drawn, [3 * len(drawn) // 4]))
        x, y = _pointwise(learned, seed)
        seen = _visible(judged.features)
        worth: dict[tuple[int, int], float] = {}
        for leaves in LEAVES:
            model = _boosting(leaves, max(ITERATIONS), seed).fit(x, y)
            stages = enumerate(model.staged_predict_proba(seen.reshape(-1, seen.shape[2])), start=1)
            worth |= {(leaves, n): _ndcg(p[:, 1].reshape(seen.shape[:2]), judged) for n, p in stages if n in ITERATIONS}
        leaves, rounds = max(product(LEAVES, ITERATIONS), key=lambda size: worth[size])
        x, y = _pointwise(choices, seed)
        return cls(_boosting(leaves, rounds, seed).fit(x, y))

    def score(self, features: Table) -> Table:
        """Of (learners, candidates, features)."""
        seen = _visible(features)
        chance = self.model.predict_proba(seen.reshape(-1, seen.shape[2]))[:, 1]
        return np.asarray(chance.reshape(seen.shape[:2]), np.float32)


def _boosting(leaves: int, rounds: int, seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        learning_rate=RATE, max_iter=rounds, max_leaf_nodes=leaves, min_samples_leaf=50, early_stopping=False, random_state=seed
    )


def _visible(features: Table) -> Table:
    """Shapes of the signals, the rank in the pool by each signal, and the length of the history."""
    halves = features.reshape(*features.shape[:2], -1, 2)  # shapes times (1 - t, t), t rising with the length: see length_basis
    plain = halves.sum(axis=3)
    logged = plain[:, :, LOGGED :: len(SHAPES)]
    ranks = np.argsort(np.argsort(-logged, axis=1, kind="stable"), axis=1, kind="stable").astype(np.float32)
    ranks[logged <= 0] = features.shape[1]
    size = plain.sum(axis=(1, 2))
    length = np.divide(halves[..., 1].sum(axis=(1, 2)), size, out=np.zeros_like(size), where=size != 0)
    lengths = np.broadcast_to(length[:, None, None], (*features.shape[:2], 1))
    return np.concatenate([plain, ranks, lengths], axis=2)


def _pointwise(choices: Choices, seed: int) -> tuple[Table, NDArray[np.int64]]:
    """Rows and answers: of each choice what was taken and NEGATIVES of what could have been."""
    rng = np.random.default_rng(seed)
    order = np.where(choices.usable, rng.random(choices.usable.shape), 2.0)
    order[np.arange(len(order)), choices.chosen] = -1
    drawn = np.argsort(order, axis=1)[:, : NEGATIVES + 1]
    kept = np.take_along_axis(choices.usable, drawn, axis=1)
    rows = np.take_along_axis(_visible(choices.features), drawn[:, :, None], axis=1)
    answers = np.broadcast_to(np.arange(drawn.shape[1]) == 0, drawn.shape).astype(np.int64)
    return rows[kept], answers[kept]


def _ndcg(scores: NDArray[np.floating[Any]], choices: Choices) -> float:
    own = scores[np.arange(len(scores)), choices.chosen][:, None]
    rank = ((scores > own) & choices.usable).sum(axis=1) + (((scores == own) & choices.usable).sum(axis=1) - 1) / 2
    return float(np.where(rank < K, 1 / np.log2(rank + 2), 0).mean())


def learn(split: Split, seed: int) -> tuple[Choices, dict[str, Model], float]:
    """The choices of the training part, the sources fitted on all of it, and the seconds that took."""
    started = time.perf_counter()
    folds = validation_folds(split.train, SAMPLE, seed)
    signals = default_signals(split.train.ordered)
    sources = tuned_sources(sources_of(signals), folds[0])
    found = []
    for number, fold in enumerate(folds):
        fitted = sources if not number else {name: source.refit(fold.train) for name, source in sources.items()}
        found.append(choices_of(SignalViews(signals, fitted, coldness(fold.train.popularity)), fold, POOL))
    final = {name: source.refit(split.train) for name, source in sources.items()}
    return Choices.join(found), final, time.perf_counter() - started


def rank_all(split: Split, sources: dict[str, Model], linear: Linear, boosting: Boosting) -> dict[str, Ranking]:
    """The first K of every test learner, by ranker."""
    views = SignalViews(default_signals(split.train.ordered), sources, coldness(split.train.popularity))
    width = min(POOL, split.train.n_items)
    found: dict[str, list[Ranking]] = {"linear, all courses": [], "linear": [], "boosting": []}
    for start in range(0, len(split.test_rows), _BLOCK):
        histories = split.train.histories.select(split.test_rows[start : start + _BLOCK])
        shapes, pool, free = candidate_pool(views, histories, np.zeros((len(histories), histories.n_items), bool), width)
        whole = np.einsum("rf,rfi->ri", length_basis(positive_events_per_learner(histories)) @ linear.weights.reshape(-1, 2).T, shapes)
        found["linear, all courses"].append(top_k(mask_seen(whole, histories), K))
        features = candidate_features(shapes, histories, pool)
        for name, ranker in (("linear", linear), ("boosting", boosting)):
            best = top_k(np.where(free, ranker.score(features), np.float32(-np.inf)), K)
            found[name].append(np.where(best == PAD, PAD, np.take_along_axis(pool, best, axis=1)))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def compare(split: Split, seed: int) -> dict[str, Any]:
    """Both rankers learned and measured on one split."""
    choices, sources, before = learn(split, seed)
    started = time.perf_counter()
    linear = Linear.fit(choices)
    between = time.perf_counter()
    boosting = Boosting.fit(choices, seed)
    seconds = {"linear": between - started, "boosting": time.perf_counter() - between}
    rankings = rank_all(split, sources, linear, boosting)
    ndcg = {name: accuracy(ranking, split.test, K, split.unknown).ndcg for name, ranking in rankings.items()}
    rows = {}
    for name, values in ndcg.items():
        rows[name] = {**beside(values, ndcg["linear"], seed), "fit_seconds": seconds[name.split(",")[0]]}
    size = boosting.model
    return {
        "choices": len(choices.chosen),
        "learners": len(split.test_rows),
        "features_seconds": before,
        "leaves": size.max_leaf_nodes,
        "rounds": size.max_iter,
        "rankers": rows,
    }


def table(found: dict[str, Any]) -> str:
    """For a terminal."""
    lines = [f"{found['choices']} choices, {found['learners']} test learners; {found['leaves']} leaves, {found['rounds']} rounds"]
    lines.append(f"{'':<22}{'NDCG@10':>9}{'95 %':>18}{'- linear':>10}{'95 %':>20}{'fit s':>8}")
    for name, row in found["rankers"].items():
        own, gap = (f"{low:.4f}–{high:.4f}" for low, high in (row["ndcg_ci"], row["difference_ci"]))
        lines.append(f"{name:<22}{row['ndcg']:>9.4f}{own:>18}{row['difference']:>+10.4f}{gap:>20}{row['fit_seconds']:>8.1f}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    options = parser.parse_args()
    source = asked_source(options)
    split = source.split(options.seed).sampled(options.learners, options.seed)
    found = {"data": describe(source.name, split, K, options.seed, source.how), **compare(split, options.seed)}
    print(table(found))
    if options.json:
        write_json(options.json, found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
