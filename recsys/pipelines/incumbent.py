"""The incumbent of a folder of artifacts, opened for a trial."""

from pathlib import Path

from recsys.errors import ArtifactError, RecsysError
from recsys.gate.incumbent import Incumbent
from recsys.registry.promotion import load_serving
from recsys.serving.bundle import Bundle


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
