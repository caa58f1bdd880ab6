"""What each step of re-ranking brings and costs: `python -m benchmarks.rerank --data sample|ibm-capstone|mars-en|FILE --json OUT`.

The blend is fitted once; every variant re-ranks the same scores. `steps` are single steps and all together, `curve` and
`niche_curve` trade NDCG for variety and for niche share, `weeks` (data with times and a catalog) are four weeks of slates.
Known names are looked for under --data-dir (or WAYMARK_BENCH_DATA), as folders of their published files.
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.datasets import describe
from benchmarks.figures import write_json
from benchmarks.sample_world import export
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.layouts import read_interactions, read_items
from recsys.data.splits import Split, leave_last, random_holdout, time_split
from recsys.evaluation.metrics import accuracy
from recsys.evaluation.slate_metrics import SlateTraits, relative_loss, topics_over_time
from recsys.ranking.blend import HybridModel
from recsys.ranking.topk import Ranking, mask_seen, top_k
from recsys.rerank.policy import Policy
from recsys.rerank.policy_ranker import PolicyRanker, recent_items
from recsys.rerank.reranker import target_level_mix

K = 10
WEEKS = 4
WEEK = 7 * 86_400.0
_BATCH = 500
_TIMED = 2_000
DIVERSITY = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
NICHE = (0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
FILES = {
    "ibm-capstone": ("enrollments.csv.gz", "course_processed.csv"),
    "mars-en": ("implicit_ratings_en.csv.gz", "items_en.csv.gz"),
    "mooccubex": ("interactions.csv.gz", "item_list.csv"),
}
OFF = Policy(
    version="off",
    diversity=0,
    similarity=0,
    niche_share=0,
    level_calibration=0,
    popularity_bias=0,
    exposure_floor=0,
    topic_floor=0,
    prerequisite_penalty=0,
)


def steps(policy: Policy) -> dict[str, Policy]:
    """Each step on its own, at the policy's strength or, where that is off, at a usual one; then all that is on."""
    return {
        "none": OFF,
        "diversity": replace(OFF, diversity=policy.diversity or 0.25),
        "similarity (MMR)": replace(OFF, similarity=policy.similarity or 0.5),
        "level calibration": replace(OFF, level_calibration=policy.level_calibration or 2.0),
        "niche quota": replace(OFF, niche_share=policy.niche_share or 0.25),
        "popularity bias": replace(OFF, popularity_bias=policy.popularity_bias or 0.25),
        "exposure floor": replace(OFF, exposure_floor=policy.exposure_floor or 0.1),
        "topic floor": replace(OFF, topic_floor=policy.topic_floor or 0.5),
        "topic cap": replace(OFF, topic_cap=policy.topic_cap if policy.topic_cap < 1 else 0.4),
        "prerequisites": replace(OFF, prerequisite_penalty=policy.prerequisite_penalty or 1.0),
        "policy": policy,
    }


@dataclass(frozen=True)
class Scored:
    """Test learners of a split with the masked scores of a fitted blend; `targets` (n, 3) are their levels' shares."""

    split: Split
    histories: Histories
    scores: np.ndarray
    stated: list[str | None]

    @classmethod
    def of(cls, model: HybridModel, split: Split, stated: dict[str, str]) -> "Scored":
        histories = split.train.histories.select(split.test_rows)
        parts = [
            mask_seen(model.score(part), part) for part in (histories.select(slice(s, s + 500)) for s in range(0, len(histories), 500))
        ]
        levels = [stated.get(split.train.user_ids[row]) for row in split.test_rows]
        return cls(split, histories, np.concatenate(parts), levels)

    def targets(self, policy: Policy) -> np.ndarray:
        return np.concatenate([target_level_mix(policy, level) for level in self.stated])

    def slates(self, ranker: PolicyRanker) -> Ranking:
        return ranker.rerank(self.scores, self.histories, K, self.targets(ranker.policy))

    def ndcg(self, ranking: Ranking) -> np.ndarray:
        return accuracy(ranking, self.split.test, K, self.split.unknown).ndcg


class Bench:
    """A blend fitted on the training part, and policies measured on the rest."""

    def __init__(self, train: Dataset, model: HybridModel, policy: Policy, seed: int) -> None:
        self.train, self.model, self.policy, self.seed = train, model, policy, seed
        self.places = SlateTraits.of(train, policy.small_creators, recent_items(train))

    def ranker(self, policy: Policy) -> PolicyRanker:
        return PolicyRanker(self.model, policy, self.seed).prepare(self.train)

    def point(self, scored: Scored, policy: Policy, base: np.ndarray) -> dict[str, Any]:
        ranking = scored.slates(self.ranker(policy))
        ndcg = scored.ndcg(ranking)
        lost = relative_loss(ndcg, base, self.seed)
        figures = {"ndcg": float(ndcg.mean()), "ndcg_lost": lost.mean, "ndcg_lost_ci": [lost.low, lost.high]}
        return {**figures, **self.places.measure(ranking, scored.targets(self.policy))}

    def figures(self, scored: Scored) -> dict[str, Any]:
        base = scored.ndcg(top_k(scored.scores, K))
        return {
            "steps": {name: self.point(scored, policy, base) for name, policy in steps(self.policy).items()},
            "curve": [{"diversity": d, **self.point(scored, replace(self.policy, diversity=d), base)} for d in DIVERSITY],
            "niche_curve": [{"niche_quota": n, **self.point(scored, replace(self.policy, niche_share=n), base)} for n in NICHE],
        }

    def times(self, scored: Scored) -> dict[str, float]:
        """Microseconds a learner for re-ranking alone, one at a time (median, 99th percentile) and all together (mean of
        processor time, prerequisites included)."""
        ranker, mixes = self.ranker(self.policy), scored.targets(self.policy)
        single = []
        for row in range(min(_TIMED, len(mixes))):
            started = time.perf_counter()
            ranker.reranker_.slate(scored.scores[row], mixes[row], K, 0.5)
            single.append(time.perf_counter() - started)
        started = time.process_time()
        ranker.rerank(scored.scores, scored.histories, K, mixes)
        together = (time.process_time() - started) / len(mixes)
        median, high = np.quantile(single, [0.5, 0.99])
        return {"single_us": 1e6 * float(median), "single_us_p99": 1e6 * float(high), "batch_us": 1e6 * together}

    def weeks(self, dataset: Dataset, start: float, stated: dict[str, str]) -> dict[str, Any]:
        """Slates at the start of each of four weeks; what learners took in the weeks before is known by then, and what they take
        from then on is to be found. The blend is not fitted again."""
        ranker, plain = self.ranker(self.policy), self.ranker(OFF)
        parts = [Scored.of(self.model, time_split(dataset, at=start + week * WEEK), stated) for week in range(WEEKS)]
        slates, before = [p.slates(ranker) for p in parts], [p.slates(plain) for p in parts]
        lost = relative_loss(
            np.concatenate([p.ndcg(s) for p, s in zip(parts, slates, strict=True)]),
            np.concatenate([p.ndcg(s) for p, s in zip(parts, before, strict=True)]),
            self.seed,
        )
        active = [p.split.test_rows for p in parts]
        there = [np.isin(rows, active[-1]) for rows in active]  # who still takes something in the last week has seen all four
        met, met_before = (
            topics_over_time([s[seen] for s, seen in zip(found, there, strict=True)], self.places.topics) for found in (slates, before)
        )
        targets = np.concatenate([p.targets(self.policy) for p in parts])
        return {
            "slates": len(targets),
            "learners": len(met),
            "ndcg_lost": lost.mean,
            "ndcg_lost_ci": [lost.low, lost.high],
            "ndcg": float(np.concatenate([p.ndcg(s) for p, s in zip(parts, slates, strict=True)]).mean()),
            "ndcg_hybrid": float(np.concatenate([p.ndcg(s) for p, s in zip(parts, before, strict=True)]).mean()),
            "topics": _spread(met),
            "topics_hybrid": _spread(met_before),
            "policy": self.places.measure(np.concatenate(slates), targets),
            "hybrid": self.places.measure(np.concatenate(before), targets),
        }


def _spread(counts: np.ndarray) -> dict[str, float]:
    if not len(counts):
        return {}
    return {"mean": float(counts.mean()), "least": int(counts.min()), "at_least_6": float((counts >= 6).mean())}


def load(name: str, items: Path | None, data_dir: Path | None, work: Path) -> tuple[Dataset, dict[str, str]]:
    """The data set of this name or file, and the levels its learners state."""
    if name == "sample":
        folder = export(work)
        stated = pd.read_csv(folder / "learners.csv", dtype=str).dropna()
        levels = dict(zip(stated["user_id"], stated["level"], strict=True))
        return Dataset.from_frames(read_interactions(folder / "interactions.csv"), read_items(folder / "items.csv")), levels
    if name in FILES:
        if data_dir is None:
            raise SystemExit(f"Where is {name}? Give --data-dir or WAYMARK_BENCH_DATA.")
        events, catalog = (data_dir / name / file for file in FILES[name])
        return Dataset.from_frames(read_interactions(events), read_items(catalog)), {}
    return Dataset.from_frames(read_interactions(name), read_items(items) if items else None), {}


def split_of(dataset: Dataset, learners: int, seed: int) -> Split:
    """The newest course of each of some learners, or a random fifth where order means nothing."""
    split = leave_last(dataset) if dataset.ordered else random_holdout(dataset, seed=seed)
    return split.sampled(learners, seed)


def measure(
    name: str, dataset: Dataset, stated: dict[str, str], policy: Policy, *, learners: int, seed: int, weeks: bool
) -> dict[str, Any]:
    """All figures, as `python -m recsys report` draws them."""
    split = split_of(dataset, learners, seed)
    model = HybridModel(seed=seed).fit(split.train)
    bench, scored = Bench(split.train, model, policy, seed), Scored.of(model, split, stated)
    found = {"times": bench.times(scored), **bench.figures(scored)}
    found = {"data": describe(name, split, K, seed), "policy": policy.to_json(), **found}
    if weeks:
        times = dataset.histories.timestamps
        assert times is not None
        start = float(np.nanmax(times)) - WEEKS * WEEK
        past = time_split(dataset, at=start).train
        model = HybridModel(seed=seed).fit(past)
        bench = Bench(past, model, policy, seed)
        found["weeks"] = {"stated levels": bench.weeks(dataset, start, stated), "plain target": bench.weeks(dataset, start, {})}
    return found


def table(found: dict[str, Any]) -> str:
    """What JSON holds, for people."""
    names = ("ndcg", "ndcg_lost", "niche_share", "level_gap", "level_gap_learner", "distinct_topics", "gini", "coverage", "new_or_small")
    rows = [(name, figures) for name, figures in found["steps"].items()]
    rows += [(f"diversity {p['diversity']}", p) for p in found["curve"]] + [
        (f"niche quota {p['niche_quota']}", p) for p in found["niche_curve"]
    ]
    lines = [" ".join([f"{'':<20}", *(f"{name:>17}" for name in names)])]
    lines += [" ".join([f"{name:<20}", *(f"{'–' if f[n] is None else format(f[n], '.4f'):>17}" for n in names)]) for name, f in rows]
    lines.append(f"re-ranking, microseconds a learner: {json.dumps(found['times'])}")
    for name, w in found.get("weeks", {}).items():
        lines.append(f"four weeks, {name}: {json.dumps(w, default=float)}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="sample", help="sample, a known name or an interactions file (default: %(default)s)")
    parser.add_argument("--items", type=Path, help="catalog of an interactions file")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("WAYMARK_BENCH_DATA"), help="where the known data sets lie")
    parser.add_argument("--work", type=Path, help="keep the files of the sample world here (default: a folder that goes away)")
    parser.add_argument("--policy", type=Path, help="JSON of the policy to measure (default: the default policy)")
    parser.add_argument("--learners", type=int, default=5_000, help="at most so many are ranked for (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    policy = Policy.from_json(json.loads(options.policy.read_text("utf-8"))) if options.policy else Policy()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(options.data_dir) if options.data_dir else None
        dataset, stated = load(options.data, options.items, data_dir, options.work or Path(folder))
        name, timed = ("sample world", True) if options.data == "sample" else (Path(options.data).name.split(".")[0], False)
        found = measure(name, dataset, stated, policy, learners=options.learners, seed=options.seed, weeks=timed)
    print(table(found))
    if options.json:
        write_json(options.json, found)


if __name__ == "__main__":
    main()
