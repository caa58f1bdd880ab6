"""Recommendations of a stored model for a history typed in."""

from collections.abc import Sequence
from pathlib import Path

from recsys.errors import ArtifactError, DataError
from recsys.registry.manifest import MANIFEST_FILE
from recsys.registry.promotion import load_serving
from recsys.serving.recommender import Recommender
from recsys.types import Interaction, Learner, Reason, Recommendation


def open_model(path: Path) -> Recommender:
    """The recommender in `path`: an artifact, or a directory of artifacts, of which the one that serves counts."""
    return Recommender.load(artifact_in(path))


def artifact_in(path: Path) -> Path:
    """The artifact `path` stands for; see `open_model`. Raises ArtifactError where there is none."""
    if not path.is_dir():
        raise ArtifactError(f"{path} is not a directory")
    return path if (path / MANIFEST_FILE).exists() else load_serving(path).directory


def recommend(recommender: Recommender, history: Sequence[str], k: int, seed: int = 0) -> list[Recommendation]:
    """A slate for someone who took `history`, oldest first. Raises DataError on ids that are not in the catalog."""
    known = {item.item_id for item in recommender.items}
    unknown = [item_id for item_id in history if item_id not in known]
    if unknown:
        raise DataError(f"Not in the catalog: {', '.join(unknown)}")
    learner = Learner(history=tuple(Interaction(item_id) for item_id in history))
    return recommender.for_learner(learner).recommend(k, seed=seed)


def describe(recommender: Recommender, slate: Sequence[Recommendation]) -> str:
    """A slate as lines of text: place, id, title, score and the first two reasons."""
    titles = {item.item_id: item.title for item in recommender.items}
    lines = []
    for place, found in enumerate(slate, start=1):
        reasons = "; ".join(_in_words(reason, titles) for reason in found.reasons[:2])
        lines.append(f"{place:>3}  {found.item_id:<16} {found.score:>8.3f}  {titles[found.item_id]}\n{'':>5}{reasons}")
    return "\n".join(lines)


def _in_words(reason: Reason, titles: dict[str, str]) -> str:
    evidence = "" if reason.evidence is None else f" {titles.get(reason.evidence) or reason.evidence!r}"
    detail = f" ({', '.join(reason.detail)})" if reason.detail else ""
    return f"{reason.kind.value}{evidence}{detail} {reason.weight:+.3f}"
