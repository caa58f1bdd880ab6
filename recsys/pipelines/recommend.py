"""Recommendations of a stored model for a history typed in."""

from collections.abc import Sequence
from pathlib import Path

from recsys.completion.model import Estimate
from recsys.errors import ArtifactError, DataError
from recsys.faults import Fault
from recsys.registry.manifest import MANIFEST_FILE
from recsys.registry.promotion import OnRefused, Open, Opened, open_serving
from recsys.serving.bundle import Bundle
from recsys.serving.recommender import Recommender
from recsys.types import Basis, Interaction, Learner, Reason, Recommendation


def open_model(path: Path, on_refused: OnRefused | None = None) -> Recommender:
    """The recommender in `path`: an artifact, or a directory of artifacts, of which the one that serves counts.

    `on_refused` hears of each artifact that should have served and cannot be opened; the next one does. Raises ArtifactError where
    there is none.
    """
    return _opened(path, Recommender.load, on_refused)


def artifact_in(path: Path, on_refused: OnRefused | None = None) -> Path:
    """The artifact `path` stands for; see `open_model`."""
    return _opened(path, require_servable, on_refused)


def require_servable(directory: Path) -> Path:
    """The directory of an artifact that can serve. Raises ArtifactError otherwise."""
    Bundle.open(directory)
    return directory


def _opened(path: Path, open_one: Open[Opened], on_refused: OnRefused | None) -> Opened:
    if not path.is_dir():
        raise ArtifactError(Fault.NOT_A_FOLDER, folder=path)
    return open_one(path) if (path / MANIFEST_FILE).exists() else open_serving(path, open_one, on_refused)


def recommend(recommender: Recommender, history: Sequence[str], k: int, seed: int = 0) -> list[Recommendation]:
    """A slate for someone who took `history`, oldest first. Raises DataError on ids that are not in the catalog."""
    known = {item.item_id for item in recommender.items}
    unknown = [item_id for item_id in history if item_id not in known]
    if unknown:
        raise DataError(Fault.ITEMS_UNKNOWN, items=unknown)
    learner = Learner(history=tuple(Interaction(item_id) for item_id in history))
    return recommender.for_learner(learner).recommend(k, seed=seed)


def finish_chances(recommender: Recommender, slate: Sequence[Recommendation]) -> dict[str, Estimate]:
    """Chance to finish by item, the share of its learners who did; {} where the model was trained without attempts.

    More is not known of somebody who typed in a history: it does not say what was finished when.
    """
    finishing = recommender.finish_predictor
    estimates = {one.item_id: finishing.outlook(one.item_id, None) for one in slate} if finishing else {}
    return {item_id: outlook.estimate for item_id, outlook in estimates.items() if outlook}


def describe(recommender: Recommender, slate: Sequence[Recommendation]) -> str:
    """A slate as lines of text: place, id, title, score, the first two reasons, and the share who finish where that is known."""
    titles = {item.item_id: item.title for item in recommender.items}
    finish = finish_chances(recommender, slate)
    lines = []
    for place, recommendation in enumerate(slate, start=1):
        reasons = "; ".join(_reason_line(reason, titles) for reason in recommendation.reasons[:2])
        reasons += _completion_line(finish[recommendation.item_id]) if recommendation.item_id in finish else ""
        lines.append(
            f"{place:>3}  {recommendation.item_id:<16} {recommendation.score:>8.3f}  {titles[recommendation.item_id]}\n{'':>5}{reasons}"
        )
    return "\n".join(lines)


def _completion_line(finish: Estimate) -> str:
    of = "this course" if finish.basis is Basis.COURSE else "all courses"
    span = f"{finish.low:.0%} to {finish.high:.0%}"
    return f"\n{'':>5}{finish.probability:.0%} of its learners finish ({span}, from {finish.observations:,} outcomes of {of})"


def _reason_line(reason: Reason, titles: dict[str, str]) -> str:
    evidence = "" if reason.evidence is None else f" {titles.get(reason.evidence) or reason.evidence!r}"
    detail = f" ({', '.join(reason.detail)})" if reason.detail else ""
    return f"{reason.kind.value}{evidence}{detail} {reason.weight:+.3f}"
