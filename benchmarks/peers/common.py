"""What the runners of peers share. Runs in each peer's own environment, so it needs NumPy and SciPy only.

A runner is called twice for each model, in a process of its own each time:

    python run_NAME.py tune SPLIT MODEL OUT --budget 120     finds parameters on fit.npz / valid.npz
    python run_NAME.py rank SPLIT MODEL OUT --params JSON    fits on train.npz, ranks for the test learners

OUT.json gets the figures, OUT.npy the ranking. The test courses themselves are in a file that runners are not shown.
"""

import argparse
import contextlib
import json
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

Params = dict[str, Any]
Ranker = Callable[[np.ndarray, int], np.ndarray]
"""Rows of learners and k to item indices of shape (rows, k), best first, nothing the learner has, padded with -1."""


@dataclass(frozen=True)
class Interactions:
    """What learners took, in the order they took it; one entry per event. `times` are seconds, or the order where none are known."""

    users: np.ndarray
    items: np.ndarray
    weights: np.ndarray
    times: np.ndarray
    n_users: int
    n_items: int

    @classmethod
    def read(cls, path: Path) -> "Interactions":
        with np.load(path) as stored:
            arrays = {name: stored[name] for name in ("users", "items", "weights", "times")}
            return cls(**arrays, n_users=int(stored["n_users"]), n_items=int(stored["n_items"]))

    def matrix(self) -> sparse.csr_matrix:
        """Binary, learners × items."""
        ones = np.ones(len(self.users), np.float32)
        matrix = sparse.csr_matrix((ones, (self.users, self.items)), shape=(self.n_users, self.n_items))
        matrix.data[:] = 1
        return matrix


@dataclass(frozen=True)
class Entry:
    """A model of a peer: `fit(params, data, seed)` gives a ranker; `grid` is tried in a fixed random order, its
    first entry first, until the budget is used up. `most_users` limits for how many test learners a slow one ranks."""

    fit: Callable[[Params, Interactions, int], Ranker]
    grid: Sequence[Params]
    most_users: int | None = None
    note: str = ""


def main(models: Mapping[str, Entry]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=("list", "tune", "rank"))
    parser.add_argument("split", type=Path, nargs="?")
    parser.add_argument("model", choices=tuple(models), nargs="?")
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--budget", type=float, default=120.0, help="seconds for tuning")
    parser.add_argument("--params", default="{}")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.action == "list":
        print(json.dumps(list(models)))
        return
    entry = models[options.model]
    found = tune(entry, options) if options.action == "tune" else rank(entry, options)
    options.out.with_suffix(".json").write_text(json.dumps(found))


def tune(entry: Entry, options: argparse.Namespace) -> dict[str, Any]:
    """The parameters with the best NDCG on the validation courses, of those the budget allowed to try; at least one is."""
    data, started = Interactions.read(options.split / "fit.npz"), time.perf_counter()
    with np.load(options.split / "valid.npz") as stored:
        rows, indptr, held = stored["rows"], stored["indptr"], stored["items"]
    tried: list[dict[str, Any]] = []
    longest = 0.0
    for params in in_random_order(entry.grid):
        before = time.perf_counter()
        if tried and before - started + longest > options.budget:
            break
        try:
            ranking = entry.fit(params, data, options.seed)(rows, options.k)
            tried.append({"params": params, "ndcg": ndcg(ranking, indptr, held, options.k)})
        except Exception as error:  # noqa: BLE001 - a parameter a library cannot do is reported, the others go on
            tried.append({"params": params, "ndcg": -1.0, "error": "".join(traceback.format_exception_only(error)).strip()})
        longest = max(longest, time.perf_counter() - before)
    best = max(tried, key=lambda t: t["ndcg"])
    if best["ndcg"] < 0:
        raise SystemExit(best["error"])
    return {"params": best["params"], "tried": tried, "grid": len(entry.grid), "search_seconds": time.perf_counter() - started}


def in_random_order(grid: Sequence[Params]) -> list[Params]:
    """The first as it is, the others shuffled: what a budget cuts off is not one corner of the grid (Bergstra & Bengio 2012)."""
    order = np.random.default_rng(7).permutation(np.arange(1, len(grid)))
    return [grid[0], *(grid[number] for number in order)]


def rank(entry: Entry, options: argparse.Namespace) -> dict[str, Any]:
    """Fit on all of the training data and rank for the test learners, timed apart."""
    data, rows = Interactions.read(options.split / "train.npz"), np.load(options.split / "test_rows.npy")
    chosen = np.arange(len(rows))
    if entry.most_users is not None and len(rows) > entry.most_users:
        chosen = np.sort(np.random.default_rng(options.seed).choice(len(rows), entry.most_users, replace=False))
    reset_peak()
    started = time.perf_counter()
    ranker = entry.fit(json.loads(options.params), data, options.seed)
    fitted = time.perf_counter()
    ranking = ranker(rows[chosen], options.k)
    done = time.perf_counter()
    np.save(options.out.with_suffix(".npy"), ranking.astype(np.int64))
    np.save(options.out.with_suffix(".rows.npy"), chosen)
    return {"fit_seconds": fitted - started, "score_seconds": done - fitted, "peak_mb": peak_mb(), "note": entry.note}


def best_unseen(scores: np.ndarray, seen: sparse.csr_matrix, k: int) -> np.ndarray:
    """The k best finite scores per row that `seen` (same rows) does not hold; for peers that give scores rather than lists."""
    scores = np.array(scores, np.float32)
    scores[np.repeat(np.arange(len(scores)), np.diff(seen.indptr)), seen.indices] = -np.inf
    k = min(k, scores.shape[1])
    top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    values = np.take_along_axis(scores, top, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    ranked = np.take_along_axis(top, order, axis=1)
    return np.where(np.isfinite(np.take_along_axis(values, order, axis=1)), ranked, -1)


def in_batches(score: Callable[[np.ndarray], np.ndarray], matrix: sparse.csr_matrix, size: int = 2_000) -> Ranker:
    """A ranker out of a function from rows to dense scores."""

    def ranker(rows: np.ndarray, k: int) -> np.ndarray:
        parts = [rows[start : start + size] for start in range(0, len(rows), size)]
        return np.concatenate([best_unseen(score(part), matrix[part], k) for part in parts])

    return ranker


def from_lists(lists: Mapping[int, Sequence[int]], rows: np.ndarray, k: int) -> np.ndarray:
    """Lists of items by learner as an array, padded with -1; who has no list gets nothing."""
    ranking = np.full((len(rows), k), -1, np.int64)
    for number, row in enumerate(rows):
        found = list(lists.get(int(row), ()))[:k]
        ranking[number, : len(found)] = found
    return ranking


def ndcg(ranking: np.ndarray, indptr: np.ndarray, held: np.ndarray, k: int) -> float:
    """Mean NDCG@k with binary relevance, the ideal cut at min(held, k): to choose parameters by, not the reported figure."""
    discounts = 1 / np.log2(np.arange(2, k + 2))
    gains = []
    for row, listed in enumerate(ranking[:, :k]):
        wanted = held[indptr[row] : indptr[row + 1]]
        hits = np.isin(listed, wanted)
        gains.append(float(hits @ discounts[: len(hits)]) / float(discounts[: min(len(wanted), k)].sum()))
    return float(np.mean(gains)) if gains else 0.0


def reset_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """Largest resident size since `reset_peak`; since the start of the process where the system cannot tell."""
    try:
        line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        import resource  # noqa: PLC0415 - not on every system

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
