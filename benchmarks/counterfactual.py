"""Counterfactual estimators against a world whose truth is known: bias, error and how often the interval holds the truth.

python -m benchmarks.counterfactual [--runs 200] [--learners 300] [--json OUT]
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import write_json
from recsys.evaluation.counterfactual import ESTIMATORS, Settings, estimate
from recsys.evaluation.simulation import SlatePolicy, SlateWorld

N_SEGMENTS, N_ITEMS, EXAMINATION = 3, 6, np.array([0.9, 0.6, 0.4])


def measure(runs: int, learners: int) -> dict[str, Any]:
    """How every estimator does on `runs` logs of `learners` learners, as `python -m recsys report` draws it."""
    rng = np.random.default_rng(1)
    world = SlateWorld(rng.uniform(0.1, 0.5, (N_SEGMENTS, N_ITEMS)), EXAMINATION, noise=0.01)
    serving = SlatePolicy.plackett_luce(rng.normal(size=(N_SEGMENTS, N_ITEMS)), len(EXAMINATION), temperature=1.5)
    target = SlatePolicy.plackett_luce(8 * world.attraction, len(EXAMINATION))
    truth = world.value(target)
    found = []
    for seed in range(runs):
        log = world.simulate_log(serving, learners, 2, seed)
        estimates = estimate(log, target.to_target_policy("target", log), Settings(seed=seed)).estimates
        found.append([(estimates[name].value, estimates[name].low, estimates[name].high) for name in ESTIMATORS])
    figures = {"truth": truth, "served": world.value(serving), "runs": runs, "learners": learners}
    return {**figures, "estimators": _rows(np.array(found), truth)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200, help="logs to draw, two at least (default: %(default)s)")
    parser.add_argument("--learners", type=int, default=300, help="learners of a log, two slates each (default: %(default)s)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.runs < 2:
        parser.error("the spread of one log is not known: --runs 2 or more")
    found = measure(options.runs, options.learners)
    print(f"true value {found['truth']:.4f} a slate, served {found['served']:.4f}; {options.runs} logs of {options.learners} learners")
    print(f"{'estimator':<10} {'bias':>8} {'± error':>8} {'RMSE':>8} {'interval holds truth':>21} {'width':>8}")
    for name, row in found["estimators"].items():
        cells = f"{row['bias']:>+8.4f} {row['bias_error']:>8.4f} {row['rmse']:>8.4f} {row['coverage']:>21.1%} {row['width']:>8.4f}"
        print(f"{name:<10} {cells}")
    if options.json:
        write_json(options.json, found)


def _rows(found: np.ndarray, truth: float) -> dict[str, dict[str, float]]:
    """Figures by estimator; `found` is (runs, estimators, 3) values and bounds. `bias_error` is the bias's standard error."""
    rows = {}
    for number, name in enumerate(ESTIMATORS):
        value, low, high = found[:, number].T
        rows[name] = {
            "bias": float(value.mean() - truth),
            "bias_error": float(value.std(ddof=1) / np.sqrt(len(value))),
            "rmse": float(np.sqrt(np.mean((value - truth) ** 2))),
            "coverage": float(np.mean((low <= truth) & (truth <= high))),
            "width": float(np.mean(high - low)),
        }
    return rows


if __name__ == "__main__":
    main()
