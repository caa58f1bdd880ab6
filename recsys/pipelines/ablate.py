"""What each candidate source is worth: the blend without it, and the blend of it alone."""

from collections.abc import Sequence
from typing import Any

from recsys.data.splits import Split
from recsys.evaluation.protocols import FullRanking, Outcome, evaluate_ranker
from recsys.evaluation.significance import bootstrap_mean, paired_difference
from recsys.pipelines.progress import Progress, silent
from recsys.ranking.blend import SIGNALS, HybridModel

SOURCES: tuple[str, ...] = tuple(dict.fromkeys(signal.source for signal in SIGNALS))


def ablate(
    split: Split, full: Outcome, *, k: int = 10, seed: int = 0, sources: Sequence[str] = SOURCES, progress: Progress = silent
) -> list[dict[str, Any]]:
    """One row per source left out and per source alone, each tuned and fitted anew and compared in pairs with `full`.

    `full` is the outcome of the whole blend on `split`. A difference is variant minus whole, so below 0 the source is missed.
    """
    variants = [("without", s, [x for x in sources if x != s]) for s in sources if len(sources) > 1]
    variants += [("alone", s, [s]) for s in sources]
    rows = []
    for number, (kind, source, kept) in enumerate(variants):
        progress(number / len(variants), f"ablation: {kind} {source}")
        ranker = FullRanking(HybridModel(seed=seed, sources=kept))
        rows.append({"kind": kind, "source": source, **_row(evaluate_ranker(f"{kind} {source}", ranker, split, k), full, seed)})
    progress(1.0, "sources measured")
    return rows


def _row(outcome: Outcome, full: Outcome, seed: int) -> dict[str, Any]:
    interval = bootstrap_mean(outcome.accuracy.ndcg, seed)
    difference = paired_difference(outcome.accuracy.ndcg, full.accuracy.ndcg, seed)
    return {
        **{name: round(value, 6) for name, value in outcome.accuracy.means().items()},
        "ndcg_ci": [round(interval.low, 6), round(interval.high, 6)],
        "difference": round(difference.mean, 6),
        "difference_ci": [round(difference.low, 6), round(difference.high, 6)],
        "significant": difference.excludes_zero,
        "fit_seconds": round(outcome.fit_seconds, 3),
    }
