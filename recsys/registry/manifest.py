"""Artifact manifest, and the checks it must pass before anything it names is opened."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from recsys.errors import ArtifactError, MisfitError
from recsys.faults import Fault

FORMAT = "waymark-recsys"
FORMAT_VERSION = 1
MANIFEST_FILE = "manifest.json"
SUFFIXES = frozenset({".npy", ".json"})
_MAX_MANIFEST_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Checksum (hex SHA-256) and size in bytes of one file of an artifact."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The identity of a trained model.

    `created_at` is ISO-8601 in UTC; `data` describes the training data (fingerprint, n_users, n_items, n_interactions);
    `metrics` are those measured on data held out before the final fit; `training` says how it was made (seed, seconds,
    parameters found); `lineage` from what (sources, code, libraries, parent; see recsys.registry.lineage); `quality` what the
    data looked like (recsys.data.quality); `gate` whether it may serve and why (recsys.gate.ranking_verdict). `files` maps
    relative POSIX names to checksums. Manifests from before a field existed read as if it were empty.
    """

    model: str
    params: Mapping[str, Any]
    created_at: str
    data: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    lineage: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)
    gate: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, FileEntry] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION

    def to_json(self) -> dict[str, Any]:
        """Plain values with the format's name and a checksum over all the rest."""
        # Through JSON once, so that the checksum is taken over exactly what a reader gets back (keys as text, lists).
        body = json.loads(json.dumps({"format": FORMAT, **asdict(self)}))
        return {**body, "checksum": _json_digest(body)}


def read_manifest(directory: Path) -> Manifest:
    """The manifest in `directory`; raises ArtifactError when it is missing, damaged, foreign or of another version."""
    values = _read_json_object(directory / MANIFEST_FILE)
    if values.get("format") != FORMAT:
        raise ArtifactError(Fault.MODEL_FOREIGN, model=directory)
    version = values.get("format_version")
    if version != FORMAT_VERSION:
        raise ArtifactError(Fault.MODEL_VERSION_UNKNOWN, model=directory, found=version, known=FORMAT_VERSION)
    stated = values.pop("checksum", None)
    if stated != _json_digest(values):
        raise ArtifactError(Fault.MANIFEST_DAMAGED, model=directory)
    del values["format"]
    return _build(values, directory)


def check_file_name(name: str) -> PurePosixPath:
    """`name` as a path below the artifact; raises ArtifactError for any name that could lead elsewhere."""
    path = PurePosixPath(name)
    plain = all(part not in ("", ".", "..") for part in name.split("/"))
    if not plain or path.is_absolute() or "\\" in name or ":" in name or "\0" in name or path.suffix not in SUFFIXES:
        raise ArtifactError(Fault.MANIFEST_FILE_FORBIDDEN, file=name)
    return path


def _read_json_object(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_MANIFEST_BYTES:
            raise ArtifactError(Fault.MANIFEST_TOO_LARGE, file=path)
        values = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ArtifactError(Fault.MODEL_ABSENT, folder=path.parent, error=error.strerror or error) from error
    except (ValueError, RecursionError) as error:
        raise ArtifactError(Fault.MANIFEST_NOT_JSON, file=path) from error
    if not isinstance(values, dict):
        raise ArtifactError(Fault.MANIFEST_NOT_AN_OBJECT, file=path)
    return values


def _build(values: dict[str, Any], directory: Path) -> Manifest:
    try:
        files = {str(name): FileEntry(str(e["sha256"]), int(e["size"])) for name, e in values.pop("files").items()}
        manifest = Manifest(files=files, **values)
        if datetime.fromisoformat(manifest.created_at).utcoffset() is None:
            raise MisfitError(Fault.CREATED_WITHOUT_ZONE)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise ArtifactError(Fault.MANIFEST_INCOMPLETE, model=directory, error=error) from error
    for name in files:
        check_file_name(name)
    return manifest


def _json_digest(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
