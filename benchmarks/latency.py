"""How long one learner takes: scored, ranked, re-ranked and explained in process, on one thread.

    python -m benchmarks.latency --data mooccubex|mars-en|ibm-capstone|FILE [--items FILE] [--model DIR] [--learners 1000] [--json OUT]

The blend is trained on the training part and stored (or taken from `--model`), opened as a web worker does, and asked
`for_learner(...).recommend(10)` for learners of the test part with their histories: once each, then four times more, of which the
quickest counts. Beside it, in the same run, EASE alone: its scores for the same learner, what was seen left out, and the first ten, with
neither re-ranking nor reasons. Times are those of the processor, so that waiting for one does not count; they depend on the machine, the
ratio of the two less.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.datasets import RequestError, find_source
from benchmarks.figures import write_json
from recsys.candidates import MODELS
from recsys.data.histories import Histories
from recsys.data.splits import Split
from recsys.errors import DataError
from recsys.ranking.blend import HybridModel
from recsys.ranking.topk import mask_seen, top_k
from recsys.registry.manifest import Manifest
from recsys.registry.store import write_artifact
from recsys.serving.bundle import bundle_writer
from recsys.serving.recommender import Recommender
from recsys.threads import one_thread
from recsys.types import Interaction, Learner

K = 10
ROUNDS = 5
_WARM = 30  # learners asked before the clock runs, as a worker answers for hours
Figures = dict[str, float]


def store(split: Split, folder: Path) -> Path:
    """The blend, fitted on the training part, as an artifact in `folder`."""
    hybrid = HybridModel().fit(split.train)
    manifest = Manifest(
        model=hybrid.name, params=hybrid.params(), created_at=datetime.now(UTC).isoformat(), data={}, metrics={}, training={}
    )
    return write_artifact(folder, manifest, bundle_writer(hybrid, split.train)).directory


def timed(ask: Callable[[int], object], count: int) -> Figures:
    """Milliseconds of `ask(n)` for n below `count`: quantiles of first calls, and of the quickest of ROUNDS."""
    for n in range(min(_WARM, count)):
        ask(n)
    taken = np.empty((ROUNDS, count))
    for number in range(ROUNDS):
        for n in range(count):
            started = time.thread_time()
            ask(n)
            taken[number, n] = time.thread_time() - started
    found: Figures = {}
    for name, values in (("once", taken[0]), ("quickest", taken.min(axis=0))):
        median, most = np.percentile(values * 1e3, [50, 99])
        found |= {f"{name}_median_ms": round(float(median), 3), f"{name}_p99_ms": round(float(most), 3)}
    return found


def measure(split: Split, artifact: Path, learners: int, seed: int) -> dict[str, Figures]:
    """The recommender of `artifact` and EASE alone, for learners of the test part."""
    train = split.train
    recommender = Recommender.load(artifact).with_catalog(train.items)
    rows = np.random.default_rng(seed).permutation(split.test_rows)[:learners]
    histories = [train.histories.row(row)[0].tolist() for row in rows]
    people = [Learner(history=tuple(Interaction(train.items[item].item_id) for item in history)) for history in histories]
    ease = MODELS["ease"]().fit(train)

    def alone(n: int) -> object:
        history = Histories.from_lists([histories[n]], train.n_items)
        return top_k(mask_seen(ease.score(history), history), K)

    with one_thread():
        return {
            "recommender": timed(lambda n: recommender.for_learner(people[n]).recommend(K, seed=seed), len(people)),
            "ease_alone": timed(alone, len(people)),
        }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How long one learner takes, beside EASE alone.")
    parser.add_argument("--data", default="mooccubex", help="a known name (below the folder in WAYMARK_BENCH_DATA) or an interactions file")
    parser.add_argument("--items", type=Path, help="catalog of an interactions file")
    parser.add_argument("--model", type=Path, help="an artifact trained on the training part (default: train one)")
    parser.add_argument("--learners", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    try:
        split = find_source(options.data, options.items).split(options.seed)
    except (RequestError, DataError) as error:
        print(error, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        artifact = options.model or store(split, Path(folder))
        found = measure(split, artifact, options.learners, options.seed)
    print(f"{options.data}: {split.train.n_items:,} courses, {options.learners} learners, milliseconds")
    for name, figures in found.items():
        print(f"{name:<12}", *(f"{key[:-3].replace('_', ' ')} {value:.2f}" for key, value in figures.items()), sep="  ")
    ratio = found["recommender"]["quickest_median_ms"] / found["ease_alone"]["quickest_median_ms"]
    print(f"recommender / EASE alone: {ratio:.1f}")
    if options.json:
        write_json(options.json, {"data": options.data, **found, "ratio": round(ratio, 2)})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
