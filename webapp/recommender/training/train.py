"""Training of a model: from the tables to a new artifact and its figures. Brings pandas: import it where training begins."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, DataError
from recsys.evaluation.results import Report
from recsys.pipelines.evaluate import evaluate, make_split, parse_models
from recsys.pipelines.train import train
from recsys.registry.lineage import Source
from recsys.registry.manifest import read_manifest
from recsys.registry.retention import prune, remove_made_before_erasures
from recsys.types import Statement
from webapp.queries.model_provenance import erasure_marker, training_tables
from webapp.recommender.training.attempts import activity_frame, read_attempts
from webapp.recommender.training.dataset import catalog_items, interactions_frame
from webapp.recommender.training.logged_slates import clicked_slates
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.support.clock import now
from webapp.transactions import unit_of_work

KEPT_ARTIFACTS = 3
_READING = 0.1

Progress = Callable[[float, RunMessage], None]


class TrainingFailed(Exception):
    """No model came of a training; `reason` says why."""

    def __init__(self, reason: Statement) -> None:
        super().__init__(reason.code)
        self.reason = reason


class NothingToTrain(TrainingFailed):
    """The data cannot make a model yet."""


class NotStored(TrainingFailed):
    """The new model cannot be stored, or cannot be made the serving one."""


class NoEnrollmentsYet(Exception):
    """There are no enrollments: nobody has taken a course. So it is in a new installation, and no failure."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A stored model in figures; `passed` says whether the gate found it no worse, `promoted` whether it serves, `reasons` why
    (codes with parameters)."""

    version: str
    trained_at: datetime
    fingerprint: str
    n_users: int
    n_items: int
    n_interactions: int
    metrics: dict[str, Any]
    params: dict[str, Any]
    passed: bool = True
    promoted: bool = True
    reasons: tuple[Mapping[str, Any], ...] = ()


def _keep_no_record(_trained: Trained) -> None:
    """What is written down of a stored model where nothing is."""


def train_model(models_dir: Path, progress: Progress, seed: int = 0, record: Callable[[Trained], None] = _keep_no_record) -> Trained:
    """Train on the tables as they are, store the artifact in `models_dir`, and let it serve if it is no worse than the one that
    does or if that one may hold somebody who has been erased; older ones are removed but for the last few and those that are
    needed to step back, and all that may hold such a person.

    `record` writes the stored model down before it may serve; where it raises, no model is left.

    Reads in a unit of work of its own and holds no transaction while it fits. Raises NoEnrollmentsYet, NothingToTrain and NotStored.
    """
    progress(0.0, RunMessage(RunCode.READING_TABLES))
    with unit_of_work(writes=False):
        erased = erasure_marker()  # before the data
        interactions, items = interactions_frame(), catalog_items()
        attempts, activity = read_attempts(now()), activity_frame()
        slates = clicked_slates()
        sources = [Source("table", **asdict(table)) for table in training_tables()]
    if not len(interactions):
        remove_made_before_erasures(models_dir, erased)
        raise NoEnrollmentsYet

    def forward(share: float, step: Statement) -> None:
        progress(_READING + (1 - _READING) * share, _message(step))

    try:
        directory = train(
            interactions,
            items,
            models_dir,
            seed=seed,
            progress=forward,
            sources=sources,
            attempts=attempts,
            activity=activity,
            erasures=erased,
            slates=slates,
            record=lambda stored: record(_trained_from_manifest(stored)),
        )
    except DataError as error:
        raise NothingToTrain(error.statement) from error
    except ArtifactError as error:
        raise NotStored(error.statement) from error
    remove_made_before_erasures(models_dir, erased)
    prune(models_dir, KEPT_ARTIFACTS)
    return _trained_from_manifest(directory)


def evaluate_models(models: str, k: int, progress: Progress, seed: int = 0) -> Report:
    """Fit and measure models (`all`, or names separated by commas) on courses held out of the tables as they are.

    Raises NothingToTrain when nothing can be held out or a name is unknown.
    """
    with unit_of_work(writes=False):
        interactions, items = interactions_frame(), catalog_items()
    try:
        names = parse_models(models)
        dataset = Dataset.from_frames(interactions, items)
        split = make_split(dataset, "leave-last" if dataset.ordered else "random", seed)
        return evaluate(split, names, k=k, seed=seed, progress=lambda share, step: progress(share, _message(step)))
    except DataError as error:
        raise NothingToTrain(error.statement) from error


def _message(step: Statement) -> RunMessage:
    return RunMessage(RunCode.TRAINING, {"step": str(step.code), **step.params})


def _trained_from_manifest(directory: Path) -> Trained:
    manifest = read_manifest(directory)
    return Trained(
        version=directory.name,
        trained_at=datetime.fromisoformat(manifest.created_at),
        fingerprint=str(manifest.data.get("fingerprint", "")),
        n_users=int(manifest.data.get("n_users", 0)),
        n_items=int(manifest.data.get("n_items", 0)),
        n_interactions=int(manifest.data.get("n_interactions", 0)),
        metrics={**manifest.metrics, "gate": dict(manifest.gate), "quality": dict(manifest.quality)},
        params=dict(manifest.params),
        passed=bool(manifest.gate.get("passed", True)),
        promoted=bool(manifest.gate.get("promote", True)),
        reasons=tuple(manifest.gate.get("reasons", ())),
    )
