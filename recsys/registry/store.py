"""Artifact store: a directory of artifacts, written whole or not at all, verified before use.

An artifact is a directory of .npy arrays and JSON with a manifest. Its name starts with its UTC creation time, so names
sort by age. Writers prepare a hidden directory, flush it to disk and rename it, so a reader never meets half a model.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from recsys.draft_files import make_draft_folder
from recsys.errors import ArtifactError
from recsys.faults import Fault
from recsys.registry.manifest import MANIFEST_FILE, FileEntry, Manifest, check_file_name, read_manifest

STAGING_PREFIX = ".staging-"
_CHUNK = 1 << 20
_NAME = re.compile(r"^\d{8}T\d{12}-[0-9a-f]{8}$")


@dataclass(frozen=True, slots=True)
class Artifact:
    """A stored model and where it lies."""

    directory: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """The directory's name: unique and sorted by age."""
        return self.directory.name


def write_artifact(root: Path, manifest: Manifest, write: Callable[[Path], None]) -> Artifact:
    """Store a model under `root`; `write` fills a directory with .npy and .json files, `manifest.files` is computed.

    Nothing appears under `root` unless everything was written and flushed. Raises ArtifactError when the manifest has no
    usable creation time, `write` left other kinds of files or there is no permission or space; other errors of `write` pass
    through.
    """
    target = root / _artifact_name(manifest)
    try:
        return _write_via_staging(root, target, manifest, write)
    except OSError as error:
        raise ArtifactError(Fault.MODEL_NOT_STORED, folder=root, error=error.strerror or error) from error


def _write_via_staging(root: Path, target: Path, manifest: Manifest, write: Callable[[Path], None]) -> Artifact:
    root.mkdir(parents=True, exist_ok=True)
    staging = make_draft_folder(root, STAGING_PREFIX)
    try:
        write(staging)
        complete = replace(manifest, files=_checksums(staging))
        (staging / MANIFEST_FILE).write_text(json.dumps(complete.to_json(), indent=1, allow_nan=False), "utf-8")
        _flush_tree(staging)
        _rename(staging, target)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    flush(root)
    return Artifact(target, complete)


def verify(directory: Path) -> Manifest:
    """The manifest, after every file was found with its size and checksum and nothing else was.

    Raises ArtifactError otherwise. A link counts as damage: it could be pointed elsewhere after the check.
    """
    manifest = read_manifest(directory)
    try:
        present = _files(directory)
        present.discard(MANIFEST_FILE)
        _require_manifest_file_names(present, set(manifest.files), directory)
        for name, entry in manifest.files.items():
            path = directory / check_file_name(name)
            if path.is_symlink() or path.stat().st_size != entry.size or _sha256(path) != entry.sha256:
                raise ArtifactError(Fault.MODEL_FILE_DAMAGED, file=f"{directory.name}/{name}")
    except OSError as error:
        raise ArtifactError(Fault.FILE_UNREADABLE, file=directory.name, error=error) from error
    return manifest


def list_artifacts(root: Path) -> list[Artifact]:
    """All artifacts under `root` whose manifest is readable, newest first; files are not verified."""
    artifacts = []
    for directory in directories(root):
        try:
            artifacts.append(Artifact(directory, read_manifest(directory)))
        except ArtifactError:
            continue
    return artifacts


def latest(root: Path) -> Artifact | None:
    """The newest artifact with a readable manifest, or None."""
    return next(iter(list_artifacts(root)), None)


def is_good(directory: Path, open_one: Callable[[Path], object] = verify) -> bool:
    """Whether the artifact can be opened: it verifies, or passes what `open_one` checks instead by raising ArtifactError."""
    try:
        open_one(directory)
    except ArtifactError:
        return False
    return True


def _artifact_name(manifest: Manifest) -> str:
    try:
        created = datetime.fromisoformat(manifest.created_at).astimezone(UTC)
    except ValueError as error:
        raise ArtifactError(Fault.CREATED_UNREADABLE, value=manifest.created_at) from error
    fingerprint = hashlib.sha256(str(manifest.data.get("fingerprint", "")).encode()).hexdigest()[:8]
    return f"{created:%Y%m%dT%H%M%S%f}-{fingerprint}"


def _rename(staging: Path, target: Path) -> None:
    if target.exists():
        raise ArtifactError(Fault.MODEL_EXISTS, model=target)
    staging.rename(target)


def directories(root: Path) -> list[Path]:
    """Directories of artifacts under `root`, newest first, whatever they hold; none where there is no such directory."""
    if not root.is_dir():
        return []
    artifacts = [d for d in root.iterdir() if _NAME.match(d.name) and d.is_dir() and not d.is_symlink()]
    return sorted(artifacts, key=lambda d: d.name, reverse=True)


def _files(directory: Path) -> set[str]:
    return {p.relative_to(directory).as_posix() for p in directory.rglob("*") if p.is_symlink() or not p.is_dir()}


def _checksums(directory: Path) -> dict[str, FileEntry]:
    names = sorted(_files(directory))
    return {n: FileEntry(_sha256(directory / check_file_name(n)), (directory / n).stat().st_size) for n in names}


def _require_manifest_file_names(present: set[str], stated: set[str], directory: Path) -> None:
    if missing := stated - present:
        raise ArtifactError(Fault.MODEL_FILES_ABSENT, model=directory.name, files=sorted(missing))
    if extra := present - stated:
        raise ArtifactError(Fault.MODEL_FILES_UNKNOWN, model=directory.name, files=sorted(extra))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _flush_tree(directory: Path) -> None:
    for path in sorted(directory.rglob("*")):
        flush(path)
    flush(directory)


def flush(path: Path) -> None:
    """Bring a file or a directory to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
