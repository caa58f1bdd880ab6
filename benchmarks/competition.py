"""Runs every competitor in a process of its own and scores all rankings with the same metrics."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.datasets import Source
from benchmarks.environments import Peer, PeerError, last_words
from benchmarks.ours import spec_of
from recsys.data.splits import Split
from recsys.evaluation import metrics
from recsys.evaluation.results import topic_matrix
from recsys.evaluation.significance import bootstrap_mean
from recsys.ranking.topk import Ranking

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Setting:
    """What holds for all competitors: list length, seed, threads for loops outside BLAS, and time limits in seconds."""

    k: int
    seed: int
    threads: int
    budget: float
    limit: float
    net_seconds: float

    def environment(self) -> dict[str, str]:
        """BLAS on one thread everywhere: two libraries that each start threads inside the other's wait for each other."""
        blas = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
        loops = dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS", "WAYMARK_BENCH_THREADS"), str(self.threads))
        net = {"WAYMARK_BENCH_NET_SECONDS": str(self.net_seconds), "PYTHONHASHSEED": "0", "CUDA_VISIBLE_DEVICES": ""}
        return {**os.environ, **blas, **loops, **net}


@dataclass(frozen=True)
class Scored:
    """A competitor measured: per-learner NDCG for the test rows it ranked (`rows`), and the row of figures it gets."""

    name: str
    rows: npt.NDArray[np.int64]
    ndcg: npt.NDArray[np.float64]
    figures: dict[str, Any]


class Failed(Exception):
    """A competitor did not finish; the message is its own."""


@dataclass(frozen=True)
class Arena:
    """A split as files, to let competitors run on."""

    split: Split
    source: Source
    folder: Path
    setting: Setting

    def ours(self, model: str) -> Scored:
        """One model of this project; tuned, if at all, inside its fit."""
        spec = spec_of(self.source, self.setting.seed)
        self._run([sys.executable, "-m", "benchmarks.ours", "rank"], f"ours-{model}", model, ["--spec", spec])
        return self._score(model, f"ours-{model}", {})

    def peer(self, peer: Peer, model: str) -> Scored:
        """One model of a peer, tuned on the validation courses first."""
        command, label = [str(peer.python), str(peer.runner)], f"{peer.name}-{model}"
        found = self._run([*command, "tune"], f"{label}-tune", model, ["--budget", str(self.setting.budget)])
        self._run([*command, "rank"], label, model, ["--params", json.dumps(found["params"])])
        tuning = {"params": found["params"], "search_seconds": found["search_seconds"], "tried": f"{len(found['tried'])}/{found['grid']}"}
        return self._score(f"{peer.name} {model}", label, tuning)

    def _run(self, command: Sequence[str], label: str, model: str, more: Sequence[str]) -> dict[str, Any]:
        out = self.folder / label
        both = ["--k", str(self.setting.k), "--seed", str(self.setting.seed)]
        whole = [*command, str(self.folder), model, str(out), *both, *more]
        code, said = run_within(whole, self.setting.limit, self.setting.environment())
        if code:
            raise Failed(last_words(said) if code > 0 else f"ended by signal {-code}")
        found: dict[str, Any] = json.loads(out.with_suffix(".json").read_text())
        return found

    def _score(self, name: str, label: str, tuning: Mapping[str, Any]) -> Scored:
        out = self.folder / label
        figures = json.loads(out.with_suffix(".json").read_text())
        rows, ranking = np.load(out.with_suffix(".rows.npy")), np.load(out.with_suffix(".npy"))
        self._require_honest(name, ranking, rows)
        return Scored(name, rows, *self._figures(ranking, rows, figures, tuning))

    def _require_honest(self, name: str, ranking: Ranking, rows: npt.NDArray[np.int64]) -> None:
        """Refuses a ranking that names an item twice, one the learner has, or one that does not exist."""
        train = self.split.train
        if ranking.max(initial=-1) >= train.n_items:
            raise Failed(f"{name} ranks items that do not exist")
        if metrics.relevance(ranking, train.histories.select(self.split.test_rows[rows])).any():
            raise Failed(f"{name} ranks courses that learners have")
        ordered = np.sort(ranking, axis=1)
        if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any():
            raise Failed(f"{name} ranks a course twice")

    def _figures(
        self, ranking: Ranking, rows: npt.NDArray[np.int64], figures: dict[str, Any], tuning: Mapping[str, Any]
    ) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
        train, k = self.split.train, self.setting.k
        found = metrics.accuracy(ranking, self.split.test.select(rows), k, self.split.unknown[rows])
        described = {
            **{name: round(value, 6) for name, value in found.means().items()},
            **{f"{metric.name}_ci": self._bounds(getattr(found, metric.name)) for metric in fields(found)},
            "coverage": round(metrics.coverage(ranking, train.n_items), 6),
            "gini": round(metrics.gini(ranking, train.n_items), 6),
            "novelty": round(metrics.novelty(ranking, train.popularity, train.n_users), 6),
            "niche_share": round(metrics.niche_share(ranking, train.popularity), 6),
            "distinct_topics": round(metrics.mean_distinct_topics(ranking, topic_matrix(train.items)), 6),
            "learners": len(rows),
            "fit_seconds": round(figures["fit_seconds"], 3),
            "search_seconds": round(figures.get("search_seconds", tuning.get("search_seconds", 0.0)), 3),
            "score_us_per_user": round(figures["score_seconds"] / max(len(rows), 1) * 1e6, 1),
            "peak_mb": round(figures["peak_mb"], 1),
        }
        return found.ndcg, {**described, **{name: tuning[name] for name in ("params", "tried") if name in tuning}}

    def _bounds(self, values: metrics.PerUser) -> list[float]:
        interval = bootstrap_mean(values, self.setting.seed)
        return [round(interval.low, 6), round(interval.high, 6)]


def run_within(command: Sequence[str], limit: float, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command for at most `limit` seconds: its code and what it wrote to standard error.

    Raises Failed past that. Processes it has started end with it: they would slow down whoever comes next.
    """
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            said = process.communicate(timeout=limit)[1]
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise Failed(f"not done after {limit:.0f} s") from error
    return process.returncode, said


def models_of(peer: Peer, environment: Mapping[str, str]) -> list[str]:
    """The models a peer's runner offers. Raises PeerError when it does not even start."""
    command = [str(peer.python), str(peer.runner), "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(environment))
    if done.returncode:
        raise PeerError(f"{peer.name} does not start: {last_words(done.stderr)}")
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return names
