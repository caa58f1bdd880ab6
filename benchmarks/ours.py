"""One model of this project on one split, in a process of its own: the counterpart of the peers' runners.

python -m benchmarks.ours rank SPLIT MODEL OUT --spec JSON
"""

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.datasets import Source
from recsys.data.splits import Split
from recsys.evaluation.full_ranking import FullRanking, Outcome, evaluate_ranker
from recsys.evaluation.peak_memory import PeakMemory
from recsys.pipelines.evaluate import HYBRID, measure_models
from recsys.ranking.blend import HybridModel


def spec_of(source: Source, seed: int) -> str:
    """A source as text, to read the same split in another process."""
    return json.dumps({**asdict(source), "interactions": str(source.interactions), "items": [str(p) for p in source.items], "seed": seed})


def read_split(spec: str, folder: Path) -> Split:
    """The split of a spec, checked against the files the peers read."""
    values: dict[str, Any] = json.loads(spec)
    seed = int(values.pop("seed"))
    items = tuple(Path(p) for p in values.pop("items"))
    split = Source(**{**values, "interactions": Path(values["interactions"])}, items=items).split(seed)
    with np.load(folder / "train.npz") as stored:
        events = split.train.histories
        same = np.array_equal(stored["items"], events.items[events.weights > 0])
    if not (same and np.array_equal(np.load(folder / "test_rows.npy"), split.test_rows)):
        raise SystemExit("The split made here is not the one in the files")
    return split


def measure(name: str, split: Split, k: int, seed: int) -> tuple[Outcome, float]:
    """The outcome, and the seconds that searching parameters took besides (0 where a model searches none).

    The hybrid is fitted twice: with its search, then with what that found, which is the fit that is measured.
    """
    if name != HYBRID:
        return measure_models(split, [name], k=k, seed=seed)[0], 0.0
    started = time.perf_counter()
    with PeakMemory() as memory:
        tuned = HybridModel(seed=seed).fit(split.train).tuned_parameters()
    searched = time.perf_counter() - started
    outcome = evaluate_ranker(name, FullRanking(HybridModel(seed=seed, tuned=tuned)), split, k)
    return replace(outcome, peak_mb=max(outcome.peak_mb, memory.peak_mb)), searched - outcome.fit_seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=("rank",))
    parser.add_argument("split", type=Path)
    parser.add_argument("model")
    parser.add_argument("out", type=Path)
    parser.add_argument("--spec", required=True)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    split = read_split(options.spec, options.split)
    outcome, search = measure(options.model, split, options.k, options.seed)
    figures = {
        "fit_seconds": outcome.fit_seconds,
        "search_seconds": search,
        "score_seconds": outcome.score_us_per_user * len(split.test_rows) / 1e6,
        "peak_mb": outcome.peak_mb,
    }
    np.save(options.out.with_suffix(".npy"), outcome.ranking)
    np.save(options.out.with_suffix(".rows.npy"), np.arange(len(split.test_rows)))
    options.out.with_suffix(".json").write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
