"""Retention: old artifacts go; the serving one, the one a step back leads to and pinned ones stay, unless one holds an erased person."""

import shutil
from collections.abc import Collection
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from recsys.errors import ArtifactError
from recsys.registry.lineage import may_hold_erased_people
from recsys.registry.manifest import read_manifest
from recsys.registry.promotion import protected_names
from recsys.registry.store import STAGING_PREFIX, directories, is_good

_DAY = 86_400


def prune(root: Path, keep: int, protect: Collection[str] = ()) -> list[str]:
    """Remove all but the `keep` newest good artifacts, the serving one, its predecessor, pinned ones and those named in
    `protect`; returns the names removed.

    Good is what verifies: a damaged one must not push out the one that serves in its place. Damaged artifacts newer than the
    oldest kept one stay for inspection. Leftovers of writers that died are removed once they are a day old.
    """
    if keep < 1:
        raise ValueError("keep must be at least 1: the newest artifact is never removed")
    kept = list(islice((d.name for d in directories(root) if is_good(d)), keep))
    if not kept:
        return []
    safe = protected_names(root) | set(protect)
    gone = [d for d in directories(root) if d.name < kept[-1] and d.name not in safe]
    for directory in gone:
        remove_artifact(directory)
    _remove_leftovers(root)
    return [d.name for d in gone]


def remove_made_before_erasures(root: Path, erasures: str | None) -> list[str]:
    """Remove every artifact whose data were read before one of `erasures` (see `may_hold_erased_people`), also one that serves or is
    pinned; returns the names removed. One whose manifest cannot be read goes too: it cannot say what it was made of.
    """
    gone = [] if erasures is None else [d for d in directories(root) if _is_outdated(d, erasures)]
    for directory in gone:
        remove_artifact(directory)
    return [d.name for d in gone]


def _is_outdated(directory: Path, erasures: str) -> bool:
    try:
        return may_hold_erased_people(read_manifest(directory).lineage, erasures)
    except ArtifactError:
        return True


def remove_artifact(directory: Path) -> None:
    """Remove one artifact, whatever protects it."""
    # Renamed first: a reader that lists the root never sees a half-removed model.
    hidden = directory.with_name(STAGING_PREFIX + directory.name)
    directory.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def _remove_leftovers(root: Path) -> None:
    horizon = datetime.now(UTC).timestamp() - _DAY
    for path in root.glob(STAGING_PREFIX + "*"):
        if path.stat().st_mtime < horizon:
            shutil.rmtree(path, ignore_errors=True)
