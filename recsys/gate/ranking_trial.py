"""Ranking trial: a candidate measured on courses held out of its data, and compared fairly with the model that serves.

The serving model was fitted on most of what is held out here, so measuring it on the same courses would flatter it. Three ways
are fair, and the best one there is evidence for is taken:

1. The same split: the serving model's own figures come from these very courses, held out in the same way (equal fingerprints),
   so learners are compared in pairs. Happens when code or parameters have changed and the data have not.
2. News: learners whose newest course is newer than anything the serving model was fitted on. It ranks as it stands, against
   the new recipe fitted without those courses, in pairs, among the courses both know. All else stays in the candidate's
   data as it is in the serving model's: without everybody's newest course the same recipe on the same data lost 4.5 % of NDCG
   (12,000 learners of MOOCCubeX, 600 with news). It costs one more fit.
3. Separate measurements: each model's figures on courses held out of its own data; only their intervals are compared.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.candidates import MODELS
from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.slates import LoggedSlates
from recsys.data.splits import Rows, Split, first_positive_per_item, leave_last, random_holdout
from recsys.evaluation import metrics
from recsys.evaluation.full_ranking import FullRanking, evaluate_ranker, top_k_in_batches
from recsys.evaluation.results import build_report
from recsys.gate.codes import ComparisonCode
from recsys.gate.incumbent import Incumbent
from recsys.gate.ranking_verdict import ModelFigures, Verdict, verdict_on_ranking
from recsys.ranking.blend import HybridModel
from recsys.ranking.click_learning import without_held_out
from recsys.ranking.topk import Ranking, mask_seen, top_k
from recsys.types import Statement

_SAMPLED_USERS = 5_000
_FEWEST_NEWS = 100
_POPULARITY = "popularity"  # the baseline beside the blend, while the family holds it
_K = 10
PerUser = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Trial:
    """What a candidate reached: the `report` for its manifest ({} when nothing could be held out), `ndcg` per learner of the
    sample, and what the gate is given of both, and how they were compared."""

    report: Mapping[str, Any] = field(default_factory=dict)
    ndcg: PerUser = field(default_factory=lambda: np.zeros(0))
    candidate: ModelFigures = field(default_factory=ModelFigures)
    serving: ModelFigures | None = None
    compared: Statement | None = None

    def verdict(self, seed: int) -> Verdict:
        """The verdict of the gate."""
        return verdict_on_ranking(self.candidate, self.serving, seed=seed)


def unmeasured_trial(incumbent: Incumbent | None) -> Trial:
    """The trial of a candidate that was not to be measured."""
    return Trial(
        serving=None if incumbent is None else _incumbent_manifest_figures(incumbent), compared=Statement(ComparisonCode.UNMEASURED)
    )


def try_candidate(
    dataset: Dataset,
    seed: int,
    incumbent: Incumbent | None = None,
    max_users: int = _SAMPLED_USERS,
    slates: LoggedSlates | None = None,
) -> Trial:
    """Measure the blend and popularity on held-out courses of up to `max_users` learners, and whatever the gate can compare.

    The newest course is held out where the order of the data means something, a random fifth otherwise: of everybody, not
    only of those who are judged, as the future is (see `validation_folds`). `slates` teach it as they will teach the model.
    """
    sample = np.sort(np.random.default_rng(seed).permutation(dataset.n_users)[:max_users]).astype(np.int64)
    split = leave_last(dataset) if dataset.ordered else random_holdout(dataset, seed=seed)
    judged = _restrict_split_to_learners(split, sample)
    if not len(judged.test_rows):
        return unmeasured_trial(incumbent)
    own = evaluate_ranker(HybridModel.name, _BlendWithSlates(seed, without_held_out(slates, split) if slates else None), judged, _K)
    baseline = [evaluate_ranker(name, FullRanking(MODELS[name]()), judged, _K) for name in MODELS if name == _POPULARITY]
    named = {"split": "leave-last" if dataset.ordered else "random", "split_fingerprint": _fingerprint(judged)}
    report = {**build_report([own, *baseline], judged, _K, seed).to_json(), **named}
    trial = Trial(report, own.accuracy.ndcg, ModelFigures(report["models"][HybridModel.name]))
    if incumbent is None:
        return trial
    return (
        _with_incumbent_if_same_split(trial, incumbent)
        or _compare_on_news(trial, dataset, incumbent, seed, max_users, slates)
        or _compare_on_different_splits(trial, incumbent)
    )


def _with_incumbent_if_same_split(trial: Trial, incumbent: Incumbent) -> Trial | None:
    if incumbent.artifact.manifest.metrics.get("split_fingerprint") != trial.report["split_fingerprint"]:
        return None
    before = incumbent.ndcg
    if before is None or before.shape != trial.ndcg.shape:
        return None
    candidate = replace(trial.candidate, per_user=_by_row_number(trial.ndcg))
    return replace(
        trial,
        candidate=candidate,
        serving=replace(_incumbent_manifest_figures(incumbent), per_user=_by_row_number(before)),
        compared=Statement(ComparisonCode.SAME_SPLIT),
    )


def _compare_on_news(
    trial: Trial, dataset: Dataset, incumbent: Incumbent, seed: int, max_users: int, slates: LoggedSlates | None
) -> Trial | None:
    """The comparison on news: both rank the courses both know, for learners who took one of them after the serving model's data end."""
    late = _learners_with_news(dataset, incumbent)
    if incumbent.model is None or not len(late):
        return None
    split = leave_last(dataset, late)
    train, taught_by = split.train, without_held_out(slates, split) if slates else None
    known = {item_id: position for position, item_id in enumerate(incumbent.item_ids)}
    place = np.array([known.get(item.item_id, -1) for item in train.items], np.int64)
    split = _restrict_to_items(split, place >= 0).sampled(max_users, seed)
    if len(split.test_rows) < _FEWEST_NEWS:
        return None
    candidate = HybridModel(seed=seed).fit(train, slates=taught_by)
    histories = train.histories.select(split.test_rows)
    measured = []
    for model in (candidate, _RemappedModel(incumbent.model, place, len(incumbent.item_ids))):
        ranking = top_k_in_batches(_RestrictedRanker(model, place >= 0), histories, _K)
        measured.append(_measure_ranking(ranking, split))
    how = Statement(ComparisonCode.NEWS, {"learners": len(split.test_rows), "items": int((place >= 0).sum())})
    return replace(trial, candidate=measured[0], serving=replace(measured[1], retained=_retained(incumbent)), compared=how)


def _compare_on_different_splits(trial: Trial, incumbent: Incumbent) -> Trial:
    stated = _incumbent_manifest_figures(incumbent)
    fingerprint = {"data_fingerprint": trial.report["split_fingerprint"]}
    candidate = replace(trial.candidate, metrics={**trial.candidate.metrics, **fingerprint})
    return replace(trial, candidate=candidate, serving=stated, compared=Statement(ComparisonCode.SEPARATE))


def _incumbent_manifest_figures(incumbent: Incumbent) -> ModelFigures:
    """What the serving model's manifest says of it."""
    manifest = incumbent.artifact.manifest
    figures = manifest.metrics.get("models", {}).get(manifest.model, {})
    stated = {**figures, "data_fingerprint": manifest.metrics.get("split_fingerprint")} if figures else {}
    return ModelFigures(stated, retained=_retained(incumbent))


def _retained(incumbent: Incumbent) -> Mapping[str, float]:
    """What the gate said is left of the best that served before the serving model.

    One that serves though the gate held it, by an administrator's word or after an erasure, is what models are measured by from
    then on; so is one from before this was kept.
    """
    gate = incumbent.artifact.manifest.gate
    return gate.get("left", {}) if gate.get("passed") else {}


def _measure_ranking(ranking: Ranking, split: Split) -> ModelFigures:
    accuracies = metrics.accuracy(ranking, split.test, _K, split.unknown)
    popularity = split.train.popularity
    figures = {
        **accuracies.means(),
        "coverage": metrics.coverage(ranking, split.train.n_items),
        "niche_share": metrics.niche_share(ranking, popularity),
    }
    return ModelFigures(figures, _by_row_number(accuracies.ndcg))


def _by_row_number(values: PerUser) -> dict[str, float]:
    """Learners by their number in the split, which both models share; ids are of no use here."""
    return {str(number): float(value) for number, value in enumerate(values)}


def _learners_with_news(dataset: Dataset, incumbent: Incumbent) -> Rows:
    """Learners whose newest course began after the newest event the serving model was fitted on."""
    last = incumbent.artifact.manifest.data.get("last_time")
    events = dataset.histories
    if last is None or events.timestamps is None or not dataset.ordered:
        return np.zeros(0, np.int64)
    late = first_positive_per_item(events) & (events.timestamps > last)
    return np.unique(events.rows[late]).astype(np.int64)


def _restrict_split_to_learners(split: Split, rows: Rows) -> Split:
    """The split with only some of its test learners."""
    return split.select_rows(np.flatnonzero(np.isin(split.test_rows, rows)))


def _restrict_to_items(split: Split, items: Mask) -> Split:
    """The split with only those test items; learners who are left with none go."""
    test = split.test.keep(items[split.test.items])
    remaining = np.flatnonzero(np.diff(test.indptr))
    return Split(split.train, split.test_rows[remaining], test.select(remaining), np.zeros(len(remaining), np.int64))


def _fingerprint(split: Split) -> str:
    """Equal for equal training parts and equal held-out courses of the same learners."""
    digest = hashlib.sha256(split.train.fingerprint.encode("ascii"))
    for array in (split.test_rows, split.test.indptr, split.test.items):
        digest.update(np.ascontiguousarray(array).tobytes() + b"\x1e")
    return digest.hexdigest()


class _BlendWithSlates(FullRanking):
    """The blend fitted as it will be, with the slates there are."""

    def __init__(self, seed: int, slates: LoggedSlates | None) -> None:
        self.blend = HybridModel(seed=seed)
        super().__init__(self.blend)
        self.slates = slates

    def fit(self, dataset: Dataset) -> "_BlendWithSlates":
        """See Ranker."""
        self.blend.fit(dataset, slates=self.slates)
        return self


class _RestrictedRanker:
    """A fitted model that ranks only some items."""

    def __init__(self, model: "Model | _RemappedModel", items: Mask) -> None:
        self.model = model
        self.items = items

    def fit(self, _dataset: Dataset) -> object:
        """Nothing: the model was fitted already."""
        return self

    def rank(self, histories: Histories, k: int) -> Ranking:
        """See Ranker."""
        scores = mask_seen(self.model.score(histories), histories)
        scores[:, ~self.items] = -np.inf
        return top_k(scores, k)


class _RemappedModel:
    """A model fitted on other items, asked about these: `place` holds each item's position there, -1 where it is unknown."""

    def __init__(self, model: Model, place: npt.NDArray[np.int64], n_items: int) -> None:
        self.model = model
        self.place = place
        self.n_items = n_items

    def score(self, histories: Histories) -> npt.NDArray[np.float32]:
        """Scores of shape (len(histories), len(place)); what the model does not know is out of the question."""
        known = histories.keep(self.place[histories.items] >= 0)
        there = Histories(known.indptr, self.place[known.items].astype(np.int32), known.weights, self.n_items, known.timestamps)
        scores = self.model.score(there)
        translated = np.full((len(histories), len(self.place)), -np.inf, np.float32)
        translated[:, self.place >= 0] = scores[:, self.place[self.place >= 0]]
        return translated
