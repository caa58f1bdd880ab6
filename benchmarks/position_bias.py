"""Training on slates made by a biased ranking, against a taste that is known: what the place does, and what correcting for it gains.

The log is made by a ranker that follows the true taste in part only; a place is looked at with chance 1 / rank^eta.

python -m benchmarks.position_bias [--runs 20] [--slates 10000] [--json OUT]
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import write_json
from recsys.evaluation.simulation import ClickWorld
from recsys.ranking.examination import ShownSlates, examination_of, weighted_choices
from recsys.ranking.softmax import fit_weights

ETAS = (0.0, 0.5, 1.0, 1.5, 2.0)
N_FEATURES, N_PLACES, PENALTY = 8, 10, 3.0
_LOGS = 1_000_000  # seeds of logs begin here, those of tastes at 0: equal seeds would draw equal numbers
WAYS = {
    "logged": "the ranker that made the log",
    "naive": "clicks as they are",
    "weighted": "by the examination found in the log",
    "known": "by the true examination",
    "unbiased": "as many looks, spread evenly over the places",
}


def measure(eta: float, runs: int, slates: int) -> dict[str, Any]:
    """Figures of one bias: NDCG@10 of each way of training against the true taste, and the examination found; each a mean over
    runs with the half of its 95 % interval."""
    found = [_run(eta, seed, slates) for seed in range(runs)]
    columns = {name: np.array([row[name] for row in found]) for name in found[0]}
    columns["over naive"] = columns["weighted"] - columns["naive"]
    columns["to unbiased"] = columns["unbiased"] - columns["weighted"]
    half = 1.96 / np.sqrt(runs)
    return {name: [float(values.mean()), float(half * values.std(ddof=1))] for name, values in columns.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="logs to draw for each bias, two at least (default: %(default)s)")
    parser.add_argument("--slates", type=int, default=10_000, help="slates of a log (default: %(default)s)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.runs < 2:
        parser.error("the spread of one log is not known: --runs 2 or more")
    rows = {str(eta): measure(eta, options.runs, options.slates) for eta in ETAS}
    print(f"{options.runs} logs of {options.slates} slates with {N_PLACES} places; NDCG@10 against the true taste, ± 95 %")
    for name, meaning in WAYS.items():
        print(f"  {name:<9} {meaning}")
    print("  over naive, to unbiased: what weighting gains, and what it still lacks, on the same tastes")
    print("  power found, curve error: eta as it was found, and the mean error of the log of a place's examination")
    columns = [*WAYS, "over naive", "to unbiased", "power found", "curve error", "clicks"]
    print("eta " + " ".join(f"{name:>14}" for name in columns))
    for eta, row in rows.items():
        print(f"{eta:<3} " + " ".join(_cell(name, *row[name]) for name in columns))
    if options.json:
        write_json(options.json, {"runs": options.runs, "slates": options.slates, "eta": rows})


def _run(eta: float, seed: int, slates: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    taste, other = (vector / np.linalg.norm(vector) for vector in rng.normal(size=(2, N_FEATURES)))
    world, ranker = ClickWorld(0.8 * taste), taste + other
    ranks = np.arange(1, N_PLACES + 1)
    examination = 1 / ranks**eta
    log = world.simulate_slates(ranker, examination, slates, seed + _LOGS)
    found = examination_of(log)
    even = np.ones(N_PLACES)
    rankers = {
        "logged": ranker,
        "naive": _fitted(log, even),
        "weighted": _fitted(log, found),
        "known": _fitted(log, examination),
        "unbiased": _fitted(world.simulate_slates(ranker, even * examination.mean(), slates, seed + 2 * _LOGS), even),
    }
    power = -np.polyfit(np.log(ranks), np.log(found), 1)[0]
    curve = {"power found": power, "curve error": np.abs(np.log(found / examination)).mean(), "clicks": log.clicked.sum()}
    return {**{name: world.ndcg(weights, seed) for name, weights in rankers.items()}, **curve}


def _fitted(log: ShownSlates, examination: np.ndarray) -> np.ndarray:
    return fit_weights(weighted_choices(log, examination)[0], PENALTY, np.full(N_FEATURES, -np.inf)).astype(np.float64)


def _cell(name: str, mean: float, half: float) -> str:
    return f"{mean:,.0f} ± {half:.0f}".rjust(14) if name == "clicks" else f"{mean:.3f} ± {half:.3f}".rjust(14)


if __name__ == "__main__":
    main()
