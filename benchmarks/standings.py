"""What came out: a table to read, the same as Markdown, and JSON."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.competition import Arena, Scored
from benchmarks.datasets import describe
from recsys.evaluation.significance import paired_difference

HYBRIDS = ("hybrid", "hybrid_policy", "hybrid_collaborative")
REFERENCE = "implicit als-128"
_COLUMNS = ("ndcg", "recall", "hit", "mrr", "coverage", "niche_share")
_COSTS = ("fit_seconds", "search_seconds", "score_us_per_user", "peak_mb")


@dataclass
class Standings:
    """Competitors on one split: those measured, and those that failed with their error."""

    arena: Arena
    scored: dict[str, Scored] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def best_single(self, ours: bool) -> str | None:
        """The best of our single models, or of the peers, among those measured on all test learners."""
        everyone = len(self.arena.split.test_rows)
        names = [n for n, s in self.scored.items() if len(s.rows) == everyone and n not in HYBRIDS and (" " not in n) == ours]
        return max(names, key=lambda name: float(self.scored[name].figures["ndcg"]), default=None)

    def differences(self) -> dict[str, dict[str, Any]]:
        """Paired NDCG differences "hybrid - other" on the learners both ranked for."""
        hybrid = self.scored.get("hybrid")
        if hybrid is None:
            return {}
        found = {}
        for name, other in self.scored.items():
            if name in HYBRIDS:
                continue
            interval = paired_difference(hybrid.ndcg[np.isin(hybrid.rows, other.rows)], other.ndcg, self.arena.setting.seed)
            bounds = [round(interval.low, 6), round(interval.high, 6)]
            found[name] = {"ndcg": round(interval.mean, 6), "ci": bounds, "learners": len(other.rows)}
        return found

    def ratios(self) -> dict[str, float]:
        """Time of the hybrid's fit, search aside, against the reference peer's in the same run."""
        hybrid, peer = self.scored.get("hybrid"), self.scored.get(REFERENCE)
        if hybrid is None or peer is None:
            return {}
        ratio = hybrid.figures["fit_seconds"] / peer.figures["fit_seconds"]
        return {f"hybrid fit / {REFERENCE} fit": round(ratio, 3)}

    def to_json(self) -> dict[str, Any]:
        """Everything, ready for json.dumps, as an evaluation's report holds it: `python -m recsys report` draws it."""
        split, setting = self.arena.split, self.arena.setting
        source = self.arena.source
        data = {**describe(source.name, split, setting.k, setting.seed, source.how), "sample": source.sample}
        limits = {"threads": setting.threads, "blas_threads": 1, "tuning_seconds": setting.budget, "net_seconds": setting.net_seconds}
        models = {name: scored.figures for name, scored in self.scored.items()}
        found = {"data": data, "machine": machine(), "limits": limits, "models": models, "failed": self.failed}
        differences = {f"hybrid - {name}": row for name, row in self.differences().items()}
        return {**found, "differences": differences, "ratios": self.ratios()}

    def table(self) -> str:
        """Fixed width, best NDCG first, failures and comparisons below."""
        width = max([len("model"), *map(len, self.scored)])
        head = [f"{'model':<{width}}", f"{'ndcg 95 %':>15}", *(f"{c:>{_wide(c)}}" for c in (*_COLUMNS, *_COSTS)), "tuned"]
        return "\n".join([" ".join(head), *(self._line(name, width) for name in self._ordered()), *self.remarks()])

    def markdown(self) -> str:
        """The table for docs/benchmarks.md."""
        split, k = self.arena.split, self.arena.setting.k
        columns = ["model", f"NDCG@{k}", "95 %", f"recall@{k}", "coverage", "fit, s", "search, s", "µs a learner", "MB"]
        size = f"{split.train.n_users:,} learners × {split.train.n_items:,} courses"
        what = f"{size}, {len(split.train.histories.items):,} interactions to train"
        lines = [f"{self.arena.source.name}: {what}, {len(split.test_rows):,} learners to test.", ""]
        lines += ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        for name in self._ordered():
            row = self.scored[name].figures
            low, high = row["ndcg_ci"]
            cells = [
                self._called(name),
                f"{row['ndcg']:.4f}",
                f"{low:.4f}–{high:.4f}",
                f"{row['recall']:.3f}",
                f"{row['coverage']:.2f}",
                f"{row['fit_seconds']:.2f}",
                f"{row['search_seconds']:.0f}",
                f"{row['score_us_per_user']:.0f}",
                f"{row['peak_mb']:.0f}",
            ]
            lines.append("| " + " | ".join(cells) + " |")
        return "\n".join([*lines, "", *(f"- {remark}" for remark in self.remarks())]) + "\n"

    def remarks(self) -> list[str]:
        """How far the hybrid is from the best others, the ratio of times, and who failed why."""
        lines, differences = [], self.differences()
        for whose, ours in (("our best single model", True), ("the best peer", False)):
            best = self.best_single(ours)
            if best in differences:
                found = differences[best]
                low, high = found["ci"]
                lines.append(f"hybrid − {best} ({whose}): {found['ndcg']:+.4f} NDCG, 95 % interval {low:+.4f} to {high:+.4f}")
        lines += [f"{name}: {ratio:.2f}" for name, ratio in self.ratios().items()]
        return lines + [f"{name} failed: {error}" for name, error in self.failed.items()]

    def _ordered(self) -> list[str]:
        return sorted(self.scored, key=lambda name: -float(self.scored[name].figures["ndcg"]))

    def _called(self, name: str) -> str:
        count, everyone = len(self.scored[name].rows), len(self.arena.split.test_rows)
        return name if count == everyone else f"{name} (on {count:,} learners)"

    def _line(self, name: str, width: int) -> str:
        row = self.scored[name].figures
        low, high = row["ndcg_ci"]
        cells = [f"{row[c]:>{_wide(c)}.4f}" for c in _COLUMNS] + [f"{row[c]:>{_wide(c)}.1f}" for c in _COSTS]
        tuned = " ".join(f"{k}={v}" for k, v in row["params"].items()) + f" ({row['tried']} tried)" if "params" in row else ""
        partly = "" if len(self.scored[name].rows) == len(self.arena.split.test_rows) else f" on {len(self.scored[name].rows):,} learners"
        return " ".join([f"{name:<{width}}", f"{low:.4f}-{high:.4f}".rjust(15), *cells, tuned + partly]).rstrip()


def over_splits(all_standings: Sequence[Standings]) -> tuple[str, list[dict[str, Any]]]:
    """For each split the hybrid against the best single model of ours and of the peers; as text and as rows."""
    lines = [f"{'seed':>4} {'hybrid':>8} {'best single':>28} {'difference':>11} {'95 %':>19} {'best peer':>34}"]
    rows = []
    for standings in all_standings:
        single, peer = standings.best_single(True), standings.best_single(False)
        if "hybrid" not in standings.scored or single is None:
            continue
        ndcg = {name: float(s.figures["ndcg"]) for name, s in standings.scored.items()}
        found = standings.differences()[single]
        low, high = found["ci"]
        row = {
            "seed": standings.arena.setting.seed,
            "hybrid": ndcg["hybrid"],
            "best_single": {"name": single, "ndcg": ndcg[single]},
            "best_peer": {"name": peer, "ndcg": ndcg[peer]} if peer else None,
            "difference": found,
        }
        rows.append(row)
        interval, rival = f"{low:+.4f} to {high:+.4f}", f"{peer} {ndcg[peer]:.4f}" if peer else "–"
        lines.append(
            f"{row['seed']:>4} {ndcg['hybrid']:>8.4f} {single:>21} {ndcg[single]:.4f} {found['ndcg']:>+11.4f} {interval:>19} {rival:>34}"
        )
    held = sum(r["hybrid"] >= r["best_single"]["ndcg"] for r in rows)
    lines.append(f"hybrid at or above the best single model on {held} of {len(rows)} splits")
    return "\n".join(lines), rows


def machine() -> dict[str, Any]:
    """What it ran on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "load": round(os.getloadavg()[0], 1),
    }


def _cpu() -> str:
    try:
        names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    except OSError:
        names = []
    return names[0].partition(":")[2].strip() if names else platform.processor()


def _wide(column: str) -> int:
    return max(len(column), 7)
