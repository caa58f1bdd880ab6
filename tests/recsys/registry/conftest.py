"""Artifacts small enough to make by the dozen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recsys.registry.manifest import Manifest
from recsys.registry.store import Artifact, write_artifact

Store = Callable[..., Artifact]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Stores an artifact made at a second of one minute; later seconds are newer."""

    def write(directory: Path) -> None:
        np.save(directory / "weights.npy", np.arange(6, dtype=np.float32))
        (directory / "items.json").write_text('["a", "b"]', "utf-8")

    def make(second: int, **values: object) -> Artifact:
        created = f"2026-01-02T03:04:{second:02d}+00:00"
        given = {"data": {"fingerprint": "abc", "n_interactions": 3}, **values}
        return write_artifact(tmp_path, Manifest("toy", {}, created, **given), write)  # type: ignore[arg-type]

    return make


@pytest.fixture
def damage() -> Callable[[Artifact], None]:
    def change(artifact: Artifact) -> None:
        (artifact.directory / "items.json").write_text('["a", "c"]', "utf-8")

    return change
