"""Two stored models side by side: figures, what they were made with and from, and how alike their recommendations are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys.data.dataset import Dataset
from recsys.evaluation.ranking_agreement import kendall_tau, overlap_at, rank_biased_overlap
from recsys.evaluation.significance import Interval, paired_difference
from recsys.gate.incumbent import NDCG_FILE
from recsys.pipelines.recommend import artifact_in
from recsys.ranking.topk import PAD, Ranking
from recsys.registry.manifest import Manifest
from recsys.serving.recommender import Recommender
from recsys.types import Interaction, Learner

METRICS = ("ndcg", "recall", "hit", "mrr", "coverage", "gini", "novelty", "niche_share", "distinct_topics")
_SAMPLE = 500
_UNSTABLE = ("seconds", "pairs")  # of a training: different every time, and no difference between models

Pair = tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two models rank for `n_learners` (`basis` says who they are), means over learners.

    `overlap` is the share of the first k in common, `kendall` the agreement in order of those (NaN where fewer than two are
    common), `rbo` rank-biased overlap at p = .9; `coverage` the share of each model's catalog that anybody was shown.
    """

    n_learners: int
    basis: str
    k: int
    overlap: float
    kendall: float
    rbo: float
    coverage: tuple[float, float]


@dataclass(frozen=True)
class Comparison:
    """`metrics`, `parameters` and `data` map a name to both models' values; the latter two hold what differs only."""

    names: tuple[str, str]
    metrics: Mapping[str, Pair]
    parameters: Mapping[str, Pair]
    data: Mapping[str, Pair]
    agreement: Agreement
    same_split: bool
    difference: Interval | None = None
    """NDCG of the second minus the first on the same learners, where both were measured on the same split."""

    def to_text(self) -> str:
        """The comparison as text for a terminal."""
        return _text(self)


def compare(first: Path, second: Path, interactions: pd.DataFrame | None = None, *, k: int = 10, seed: int = 0) -> Comparison:
    """Compare two artifacts (or the serving ones of two directories).

    Recommendations are compared for a sample of the learners in `interactions`, without them for a newcomer and for somebody
    with one course, each of the courses both know. Raises ArtifactError and DataError.
    """
    directories = artifact_in(first), artifact_in(second)
    models = Recommender.load(directories[0]), Recommender.load(directories[1])
    manifests = models[0].manifest, models[1].manifest
    learners, basis = _sample_learners(models, interactions, seed)
    splits = [m.metrics.get("split_fingerprint") for m in manifests]
    same = splits[0] is not None and splits[0] == splits[1]
    return Comparison(
        names=(directories[0].name, directories[1].name),
        metrics={name: pair for name in METRICS if (pair := _metric_pair(manifests, name)) != (None, None)},
        parameters=_differing(*(_training_parameters(m) for m in manifests)),
        data=_differing(*(_flat({"data": m.data, "sources": _by_name(m), "quality": _finding_counts(m)}) for m in manifests)),
        agreement=_agreement(models, learners, basis, k, seed),
        same_split=same,
        difference=_difference(directories, seed) if same else None,
    )


def _metric_pair(manifests: tuple[Manifest, Manifest], metric: str) -> Pair:
    first, second = (m.metrics.get("models", {}).get(m.model, {}).get(metric) for m in manifests)
    return first, second


def _training_parameters(manifest: Manifest) -> dict[str, Any]:
    training = {name: value for name, value in manifest.training.items() if name not in _UNSTABLE}
    lineage = {name: manifest.lineage.get(name) for name in ("code", "libraries")}
    return _flat({"model": manifest.model, "params": manifest.params, "training": training, **lineage})


def _by_name(manifest: Manifest) -> dict[str, Any]:
    return {str(source.get("name")): source for source in manifest.lineage.get("sources", ())}


def _finding_counts(manifest: Manifest) -> dict[str, int]:
    return {f["check"]: f["count"] for f in manifest.quality.get("findings", ())}


def _flat(values: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, keys joined by dots."""
    if not isinstance(values, Mapping):
        return {prefix: values}
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat.update(_flat(value, f"{prefix}.{key}" if prefix else str(key)))
    return flat


def _differing(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Pair]:
    names = dict.fromkeys([*first, *second])
    return {name: (first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)}


def _sample_learners(models: tuple[Recommender, Recommender], frame: pd.DataFrame | None, seed: int) -> tuple[list[Learner], str]:
    rng = np.random.default_rng(seed)
    if frame is None:
        common = sorted({item.item_id for item in models[0].items} & {item.item_id for item in models[1].items})
        chosen = [common[n] for n in np.sort(rng.permutation(len(common))[:_SAMPLE])]
        learners = [Learner(), *(Learner(history=(Interaction(item_id),)) for item_id in chosen)]
        return learners, "a newcomer, and somebody with one course for each of the courses both know"
    dataset = Dataset.from_frames(frame)
    rows = np.sort(rng.permutation(dataset.n_users)[:_SAMPLE])
    return [_learner_from_history(dataset, int(row)) for row in rows], "learners drawn from the interactions given"


def _learner_from_history(dataset: Dataset, row: int) -> Learner:
    items, weights = dataset.histories.row(row)
    return Learner(history=tuple(Interaction(dataset.items[i].item_id, float(w)) for i, w in zip(items, weights, strict=True)))


def _agreement(models: tuple[Recommender, Recommender], learners: Sequence[Learner], basis: str, k: int, seed: int) -> Agreement:
    ids = dict.fromkeys(item.item_id for model in models for item in model.items)
    position = {item_id: number for number, item_id in enumerate(ids)}
    first, second = (_rank_for_learners(model, learners, position, k, seed) for model in models)
    taus = kendall_tau(first, second)
    return Agreement(
        n_learners=len(learners),
        basis=basis,
        k=k,
        overlap=_mean(overlap_at(first, second, k)),
        kendall=_mean(taus[np.isfinite(taus)]),
        rbo=_mean(rank_biased_overlap(first, second)),
        coverage=(_coverage(first, models[0]), _coverage(second, models[1])),
    )


def _rank_for_learners(model: Recommender, learners: Sequence[Learner], position: Mapping[str, int], k: int, seed: int) -> Ranking:
    """What each learner would be shown, as positions; exploration draws from the same seed for both models."""
    ranking = np.full((len(learners), k), PAD, np.int64)
    for row, learner in enumerate(learners):
        slate = model.for_learner(learner).recommend(k, seed=seed)
        ranking[row, : len(slate)] = [position[recommendation.item_id] for recommendation in slate]
    return ranking


def _coverage(ranking: Ranking, model: Recommender) -> float:
    return len(np.unique(ranking[ranking != PAD])) / max(len(model.items), 1)


def _difference(directories: tuple[Path, Path], seed: int) -> Interval | None:
    try:
        first, second = (np.load(directory / NDCG_FILE, allow_pickle=False) for directory in directories)
    except (OSError, ValueError):
        return None
    return paired_difference(second, first, seed) if first.shape == second.shape else None


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _text(comparison: Comparison) -> str:
    a, b = comparison.names
    lines = [f"A  {a}", f"B  {b}", "", f"{'':<18}{'A':>10}{'B':>10}{'B - A':>10}"]
    lines += [_metric_line(name, pair) for name, pair in comparison.metrics.items()]
    if comparison.difference is not None:
        d = comparison.difference
        lines.append(f"NDCG on the same learners, B - A: {d.mean:+.4f} (95 % interval {d.low:+.4f} to {d.high:+.4f})")
    elif comparison.metrics and not comparison.same_split:
        lines.append("Measured on different learners or courses: differences of figures may be those of the data.")
    for title, differing in (("Made with", comparison.parameters), ("Made from", comparison.data)):
        lines += ["", f"{title}: {'no difference' if not differing else ''}".rstrip()]
        lines += [f"  {name}: {_short(first)} → {_short(second)}" for name, (first, second) in differing.items()]
    g = comparison.agreement
    return "\n".join(
        [
            *lines,
            "",
            f"Recommendations for {g.n_learners:,} ({g.basis}):",
            f"  overlap at {g.k}           {g.overlap:.3f}",
            f"  Kendall's tau           {g.kendall:.3f}",
            f"  rank-biased overlap     {g.rbo:.3f}",
            f"  catalog shown, A and B  {g.coverage[0]:.1%}, {g.coverage[1]:.1%}",
        ]
    )


def _metric_line(name: str, pair: Pair) -> str:
    first, second = (None if value is None else float(value) for value in pair)
    shown = ["–" if value is None else f"{value:.4f}" for value in (first, second)]
    change = "–" if first is None or second is None else f"{second - first:+.4f}"
    return f"{name:<18}{shown[0]:>10}{shown[1]:>10}{change:>10}"


def _short(value: object) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"
