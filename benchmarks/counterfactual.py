"""Counterfactual estimators against a world whose truth is known: bias, error and how often the interval holds the truth.

python -m benchmarks.counterfactual [--runs 200] [--learners 300] [--json OUT]
"""

import argparse
import json
from pathlib import Path

import numpy as np

from recsys.evaluation.counterfactual import ESTIMATORS, Settings, estimate
from recsys.evaluation.simulation import SlatePolicy, SlateWorld

N_SEGMENTS, N_ITEMS, EXAMINATION = 3, 6, np.array([0.9, 0.6, 0.4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200, help="logs to draw (default: %(default)s)")
    parser.add_argument("--learners", type=int, default=300, help="learners of a log, two slates each (default: %(default)s)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    world = SlateWorld(rng.uniform(0.1, 0.5, (N_SEGMENTS, N_ITEMS)), EXAMINATION, noise=0.01)
    serving = SlatePolicy.plackett_luce(rng.normal(size=(N_SEGMENTS, N_ITEMS)), len(EXAMINATION), temperature=1.5)
    target = SlatePolicy.plackett_luce(8 * world.attraction, len(EXAMINATION))
    truth = world.value(target)
    found = []
    for seed in range(options.runs):
        log = world.log(serving, options.learners, 2, seed)
        estimates = estimate(log, target.target("target", log), Settings(seed=seed)).estimates
        found.append([(estimates[name].value, estimates[name].low, estimates[name].high) for name in ESTIMATORS])
    rows = _rows(np.array(found), truth)
    print(f"true value {truth:.4f} a slate, served {world.value(serving):.4f}; {options.runs} logs of {options.learners} learners")
    print(f"{'estimator':<10} {'bias':>8} {'± error':>8} {'RMSE':>8} {'interval holds truth':>21} {'width':>8}")
    for name, row in rows.items():
        cells = f"{row['bias']:>+8.4f} {row['bias_error']:>8.4f} {row['rmse']:>8.4f} {row['coverage']:>21.1%} {row['width']:>8.4f}"
        print(f"{name:<10} {cells}")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        document = {"truth": truth, "runs": options.runs, "learners": options.learners, "estimators": rows}
        options.json.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


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
