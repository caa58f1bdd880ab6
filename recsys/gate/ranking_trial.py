"""A candidate on trial: measured on courses held out of its data, and compared fairly with the model that serves.

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
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.candidates import MODELS
from recsys.candidates.base import Model
from recsys.completion.model import FinishModel
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.slates import LoggedSlates
from recsys.data.splits import Rows, Split, first_positive, leave_last, random_holdout
from recsys.errors import ArtifactError, RecsysError
from recsys.evaluation import metrics
from recsys.evaluation.protocols import FullRanking, evaluate_ranker, rank_in_batches
from recsys.evaluation.results import build_report
from recsys.gate.ranking_verdict import Measured, Verdict, judge
from recsys.pipelines.evaluate import HYBRID, POPULARITY
from recsys.ranking.blend import HybridModel
from recsys.ranking.click_learning import untold
from recsys.ranking.topk import Ranking, mask_seen, top_k
from recsys.registry.promotion import load_serving
from recsys.registry.store import Artifact
from recsys.serving.bundle import Bundle

NDCG_FILE = "ndcg.npy"  # one value per learner of the sample, in the order of the split: no ids
_SAMPLED_USERS = 5_000
_FEWEST_NEWS = 100
_K = 10
PerUser = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SAME = "Both were fitted without the same held-out courses and measured on the same learners."
NEWS = (
    "Measured on {n:,} learners whose newest course is newer than the serving model's data: it ranked as it stands, the new "
    "one was fitted without those courses; among the {items:,} courses both know."
)
SEPARATE = "Each was measured on courses held out of its own data, so the learners differ and only intervals are compared."


@dataclass(frozen=True)
class Trial:
    """What a candidate reached: the `report` for its manifest ({} when nothing could be held out), `ndcg` per learner of the
    sample, and what the gate is given of both, with a sentence on how they were compared."""

    report: Mapping[str, Any] = field(default_factory=dict)
    ndcg: PerUser = field(default_factory=lambda: np.zeros(0))
    candidate: Measured = field(default_factory=Measured)
    serving: Measured | None = None
    compared: str = ""

    def verdict(self, seed: int) -> Verdict:
        """What the gate says."""
        return judge(self.candidate, self.serving, seed=seed)


@dataclass(frozen=True)
class Incumbent:
    """The model that serves: its artifact and, where this code can still read them, its model and its chance to finish."""

    artifact: Artifact
    model: HybridModel | None
    item_ids: tuple[str, ...] = ()
    finishing: FinishModel | None = None


def incumbent_of(root: Path) -> Incumbent | None:
    """The model that serves under `root`; None when there is none. One of another layout of the code counts without a model."""
    try:
        artifact = load_serving(root)
    except ArtifactError:
        return None
    try:
        bundle = Bundle.open(artifact.directory)
    except (RecsysError, OSError, ValueError, KeyError):
        return Incumbent(artifact, None)
    return Incumbent(artifact, bundle.hybrid, tuple(item.item_id for item in bundle.items), bundle.finishing)


def unmeasured(incumbent: Incumbent | None) -> Trial:
    """The trial of a candidate that was not to be measured."""
    return Trial(serving=None if incumbent is None else _stated(incumbent), compared="The new model was not measured.")


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
    judged = _only(split, sample)
    if not len(judged.test_rows):
        return unmeasured(incumbent)
    own = evaluate_ranker(HYBRID, _Recipe(seed, untold(slates, split) if slates else None), judged, _K)
    baseline = [evaluate_ranker(name, FullRanking(MODELS[name]()), judged, _K) for name in MODELS if name == POPULARITY]
    named = {"split": "leave-last" if dataset.ordered else "random", "split_fingerprint": _fingerprint(judged)}
    report = {**build_report([own, *baseline], judged, _K, seed).to_json(), **named}
    trial = Trial(report, own.accuracy.ndcg, Measured(report["models"][HYBRID]))
    if incumbent is None:
        return trial
    return _same_split(trial, incumbent) or _news(trial, dataset, incumbent, seed, max_users, slates) or _separately(trial, incumbent)


def _same_split(trial: Trial, incumbent: Incumbent) -> Trial | None:
    if incumbent.artifact.manifest.metrics.get("split_fingerprint") != trial.report["split_fingerprint"]:
        return None
    try:
        before = np.load(incumbent.artifact.directory / NDCG_FILE, allow_pickle=False)
    except (OSError, ValueError):
        return None
    if before.shape != trial.ndcg.shape:
        return None
    candidate = replace(trial.candidate, per_user=_numbered(trial.ndcg))
    return replace(trial, candidate=candidate, serving=replace(_stated(incumbent), per_user=_numbered(before)), compared=SAME)


def _news(trial: Trial, dataset: Dataset, incumbent: Incumbent, seed: int, max_users: int, slates: LoggedSlates | None) -> Trial | None:
    """Both ranked among the courses both know, for learners who took one of them after the serving model's data end."""
    late = _with_news(dataset, incumbent)
    if incumbent.model is None or not len(late):
        return None
    split = leave_last(dataset, late)
    train, taught_by = split.train, untold(slates, split) if slates else None
    known = {item_id: position for position, item_id in enumerate(incumbent.item_ids)}
    place = np.array([known.get(item.item_id, -1) for item in train.items], np.int64)
    split = _within(split, place >= 0).sampled(max_users, seed)
    if len(split.test_rows) < _FEWEST_NEWS:
        return None
    candidate = HybridModel(seed=seed).fit(train, slates=taught_by)
    histories = train.histories.select(split.test_rows)
    measured = []
    for model in (candidate, _Translated(incumbent.model, place, len(incumbent.item_ids))):
        ranking = rank_in_batches(_Among(model, place >= 0), histories, _K)
        measured.append(_measured(ranking, split))
    told = NEWS.format(n=len(split.test_rows), items=int((place >= 0).sum()))
    return replace(trial, candidate=measured[0], serving=replace(measured[1], retained=_retained(incumbent)), compared=told)


def _separately(trial: Trial, incumbent: Incumbent) -> Trial:
    stated = _stated(incumbent)
    fingerprint = {"data_fingerprint": trial.report["split_fingerprint"]}
    candidate = replace(trial.candidate, metrics={**trial.candidate.metrics, **fingerprint})
    return replace(trial, candidate=candidate, serving=stated, compared=SEPARATE)


def _stated(incumbent: Incumbent) -> Measured:
    """What the serving model's manifest says of it."""
    manifest = incumbent.artifact.manifest
    figures = manifest.metrics.get("models", {}).get(manifest.model, {})
    stated = {**figures, "data_fingerprint": manifest.metrics.get("split_fingerprint")} if figures else {}
    return Measured(stated, retained=_retained(incumbent))


def _retained(incumbent: Incumbent) -> Mapping[str, float]:
    """What the gate said is left of the best that served before the serving model.

    One that serves though the gate held it, by an administrator's word or after an erasure, is what models are measured by from
    then on; so is one from before this was kept.
    """
    gate = incumbent.artifact.manifest.gate
    return gate.get("left", {}) if gate.get("passed") else {}


def _measured(ranking: Ranking, split: Split) -> Measured:
    found = metrics.accuracy(ranking, split.test, _K, split.unknown)
    popularity = split.train.popularity
    figures = {
        **found.means(),
        "coverage": metrics.coverage(ranking, split.train.n_items),
        "niche_share": metrics.niche_share(ranking, popularity),
    }
    return Measured(figures, _numbered(found.ndcg))


def _numbered(values: PerUser) -> dict[str, float]:
    """Learners by their number in the split, which both models share; ids are of no use here."""
    return {str(number): float(value) for number, value in enumerate(values)}


def _with_news(dataset: Dataset, incumbent: Incumbent) -> Rows:
    """Learners whose newest course began after the newest event the serving model was fitted on."""
    last = incumbent.artifact.manifest.data.get("last_time")
    events = dataset.histories
    if last is None or events.timestamps is None or not dataset.ordered:
        return np.zeros(0, np.int64)
    late = first_positive(events) & (events.timestamps > last)
    return np.unique(events.rows[late]).astype(np.int64)


def _only(split: Split, rows: Rows) -> Split:
    """The split with only some of its test learners."""
    return split.at(np.flatnonzero(np.isin(split.test_rows, rows)))


def _within(split: Split, items: Mask) -> Split:
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


class _Recipe(FullRanking):
    """The blend fitted as it will be, with the slates there are."""

    def __init__(self, seed: int, slates: LoggedSlates | None) -> None:
        self.blend = HybridModel(seed=seed)
        super().__init__(self.blend)
        self.slates = slates

    def fit(self, dataset: Dataset) -> "_Recipe":
        """See Ranker."""
        self.blend.fit(dataset, slates=self.slates)
        return self


class _Among:
    """A fitted model that ranks only some items."""

    def __init__(self, model: "Model | _Translated", items: Mask) -> None:
        self.model = model
        self.items = items

    def fit(self, _dataset: Dataset) -> object:
        """Fitted already."""
        return self

    def rank(self, histories: Histories, k: int) -> Ranking:
        """See Ranker."""
        scores = mask_seen(self.model.score(histories), histories)
        scores[:, ~self.items] = -np.inf
        return top_k(scores, k)


class _Translated:
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
        found = np.full((len(histories), len(self.place)), -np.inf, np.float32)
        found[:, self.place >= 0] = scores[:, self.place[self.place >= 0]]
        return found
