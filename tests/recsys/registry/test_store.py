"""Artifacts: whole or absent, refused when anything about them is wrong."""

import errno
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recsys.errors import ArtifactError
from recsys.registry import manifest as manifests
from recsys.registry.manifest import MANIFEST_FILE, Manifest, check_file_name, read_manifest
from recsys.registry.store import Artifact, latest, list_artifacts, verify, write_artifact


def content(directory: Path) -> None:
    (directory / "model").mkdir()
    np.save(directory / "model" / "weights.npy", np.arange(6, dtype=np.float32))
    (directory / "items.json").write_text('["a", "b"]', "utf-8")


def store(root: Path, second: int = 0) -> Artifact:
    created = f"2026-01-02T03:04:{second:02d}+00:00"
    data = {"fingerprint": "abc", "n_users": 3}
    return write_artifact(root, Manifest("hybrid", {"seed": 1}, created, data, {"ndcg": 0.25}), content)


def rewrite(directory: Path, change: Callable[[dict], None], seal: bool = True) -> None:
    """Edit a manifest; with `seal`, its own checksum is made to fit, as an attacker would."""
    path = directory / MANIFEST_FILE
    values = json.loads(path.read_text("utf-8"))
    change(values)
    if seal:
        del values["checksum"]
        values["checksum"] = manifests._json_digest(values)
    path.write_text(json.dumps(values), "utf-8")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    artifact = store(tmp_path)
    found = verify(artifact.directory)
    assert found == artifact.manifest
    assert (found.model, found.params, found.metrics) == ("hybrid", {"seed": 1}, {"ndcg": 0.25})
    assert set(found.files) == {"model/weights.npy", "items.json"}
    assert [p.name for p in tmp_path.iterdir()] == [artifact.name]


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fails(directory: Path) -> None:
        content(directory)
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        write_artifact(tmp_path, Manifest("hybrid", {}, "2026-01-02T03:04:05+00:00"), fails)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("root", ["file", "file/models"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, root: str) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ArtifactError, match=f"cannot be stored in {tmp_path / root}: "):
        store(tmp_path / root)


def test_a_disk_that_is_full_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    def fails(directory: Path) -> None:
        content(directory)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ArtifactError, match="No space left on device"):
        write_artifact(tmp_path, Manifest("hybrid", {}, "2026-01-02T03:04:05+00:00"), fails)
    assert list(tmp_path.iterdir()) == []


def test_pickles_are_not_stored(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"model\.pkl"):
        write_artifact(
            tmp_path, Manifest("hybrid", {}, "2026-01-02T03:04:05+00:00"), lambda d: (d / "model.pkl").write_bytes(b"x") and None
        )
    assert list(tmp_path.iterdir()) == []


def test_the_same_moment_does_not_overwrite(tmp_path: Path) -> None:
    store(tmp_path)
    with pytest.raises(ArtifactError, match="exists already"):
        store(tmp_path)
    assert len(list_artifacts(tmp_path)) == 1


@pytest.mark.parametrize("name", ["model/weights.npy", "items.json"])
def test_a_flipped_bit_is_refused(tmp_path: Path, name: str) -> None:
    path = store(tmp_path).directory / name
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(bytes(damaged))
    with pytest.raises(ArtifactError, match="checksum"):
        verify(path.parent if path.parent.parent == tmp_path else path.parent.parent)


def test_a_file_cut_short_or_missing_is_refused(tmp_path: Path) -> None:
    directory = store(tmp_path).directory
    weights = directory / "model" / "weights.npy"
    weights.write_bytes(weights.read_bytes()[:-4])
    with pytest.raises(ArtifactError, match="checksum"):
        verify(directory)
    weights.unlink()
    with pytest.raises(ArtifactError, match=r"lacks model/weights\.npy"):
        verify(directory)


def test_a_file_that_nobody_listed_is_refused(tmp_path: Path) -> None:
    directory = store(tmp_path).directory
    np.save(directory / "model" / "extra.npy", np.zeros(1))
    with pytest.raises(ArtifactError, match=r"model/extra\.npy"):
        verify(directory)


def test_a_link_is_refused_though_its_target_fits(tmp_path: Path) -> None:
    directory = store(tmp_path / "store").directory
    moved = tmp_path / "elsewhere.json"
    (directory / "items.json").rename(moved)
    (directory / "items.json").symlink_to(moved)
    with pytest.raises(ArtifactError):
        verify(directory)


def test_a_changed_manifest_is_refused(tmp_path: Path) -> None:
    directory = store(tmp_path).directory
    rewrite(directory, lambda m: m["metrics"].update(ndcg=0.99), seal=False)
    with pytest.raises(ArtifactError, match="damaged"):
        read_manifest(directory)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_a_manifest_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST_FILE).write_text(text, "utf-8")
    with pytest.raises(ArtifactError, match="damaged"):
        read_manifest(tmp_path)


def test_no_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="No model"):
        verify(tmp_path / "nowhere")


def test_another_version_or_a_foreign_format_is_refused(tmp_path: Path) -> None:
    directory = store(tmp_path).directory
    rewrite(directory, lambda m: m.update(format_version=99))
    with pytest.raises(ArtifactError, match="format version 99"):
        verify(directory)
    rewrite(directory, lambda m: m.update(format="something-else"))
    with pytest.raises(ArtifactError, match="not a model of this library"):
        verify(directory)


@pytest.mark.parametrize("change", [{"created_at": "yesterday"}, {"created_at": "2026-01-01T00:00:00"}, {"files": {"a.npy": {}}}, {"x": 1}])
def test_an_incomplete_manifest_is_refused(tmp_path: Path, change: dict) -> None:
    directory = store(tmp_path).directory
    rewrite(directory, lambda m: m.update(change))
    with pytest.raises(ArtifactError, match="incomplete"):
        verify(directory)


OUTSIDE = [
    "../secret.json",
    "/etc/secret.json",
    "model/../../secret.json",
    "a\\..\\b.npy",
    "c:/x.npy",
    "",
    ".",
    "./a.npy",
    "a//b.npy",
    "a\0.npy",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_manifest_cannot_point_outside(tmp_path: Path, name: str) -> None:
    directory = store(tmp_path / "store").directory
    (tmp_path / "secret.json").write_text("{}", "utf-8")
    entry = {"sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "size": 2}
    rewrite(directory, lambda m: m["files"].update({name: entry}))
    with pytest.raises(ArtifactError, match="not allowed"):
        verify(directory)


def test_plain_names_are_allowed() -> None:
    assert str(check_file_name("hybrid/ease/weights_.npy")) == "hybrid/ease/weights_.npy"


def test_artifacts_are_listed_newest_first_without_unreadable_ones(tmp_path: Path) -> None:
    first, second, third = (store(tmp_path, s) for s in (1, 2, 3))
    (third.directory / MANIFEST_FILE).write_text("{", "utf-8")
    (tmp_path / "notes").mkdir()
    assert [a.name for a in list_artifacts(tmp_path)] == [second.name, first.name]
    newest = latest(tmp_path)
    assert newest is not None
    assert newest.name == second.name
    assert latest(tmp_path / "empty") is None
