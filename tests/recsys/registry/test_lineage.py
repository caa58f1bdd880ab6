"""A model can say what it was made of."""

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.registry.lineage import Source, code_fingerprint, describe_data, describe_lineage, file_source
from recsys.registry.manifest import MANIFEST_FILE, read_manifest
from tests.recsys import worlds


def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "interactions.csv"
    path.write_bytes(b"user_id,item_id\na,x\n")
    source = file_source(path, rows=1, layout="house")
    assert source == Source("file", "interactions.csv", 1, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), layout="house")


def test_lineage_names_sources_code_libraries_and_parent() -> None:
    table = Source("table", "events", 90, "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00", 412)
    found = json.loads(json.dumps(describe_lineage([table], "before")))
    assert found["sources"] == [
        {"kind": "table", "name": "events", "rows": 90, "first": table.first, "last": table.last, "highest_id": 412}
    ]
    assert found["parent"] == "before"
    assert found["code"] == code_fingerprint()
    assert len(found["code"]) == 64
    assert {"python", "numpy", "scipy"} <= set(found["libraries"])


def test_the_data_are_told_in_figures() -> None:
    found = describe_data(worlds.dataset(), 0.0)
    times = worlds.interactions()["timestamp"]
    assert (found["first_time"], found["last_time"]) == (times.min(), times.max())
    assert (found["n_users"], found["n_items"], found["n_interactions"]) == (120, 13, len(times))
    assert found["ordered"] is True


@pytest.mark.parametrize(("now", "last"), [(1.8e9, 1.8e9 + 3_600), (1.7e9, 1.7e9), (1e9, 2.1e9)])
def test_the_range_ends_with_the_present_unless_all_is_in_another_unit(now: float, last: float) -> None:
    times = [1.6e9, 1.7e9, 1.7e9, 1.8e9 + 3_600, 2.1e9]
    frame = pd.DataFrame({"user_id": list("aabbb"), "item_id": list("xyxyz"), "timestamp": times})
    assert describe_data(Dataset.from_frames(frame), now)["last_time"] == last


def test_data_without_times_have_no_range() -> None:
    frame = worlds.interactions().drop(columns="timestamp")
    found = describe_data(Dataset.from_frames(frame), 0.0)
    assert (found["first_time"], found["last_time"]) == (None, None)
    json.dumps(found, allow_nan=False)


def test_a_manifest_from_before_lineage_is_still_read(tmp_path: Path, store) -> None:
    from recsys.registry import manifest as manifests

    directory = store(0).directory
    values = json.loads((directory / MANIFEST_FILE).read_text("utf-8"))
    for name in ("lineage", "quality", "gate", "checksum"):
        del values[name]
    values["checksum"] = manifests._json_digest(values)
    (directory / MANIFEST_FILE).write_text(json.dumps(values), "utf-8")
    old = read_manifest(directory)
    assert (old.lineage, old.quality, old.gate) == ({}, {}, {})
    assert old.data["fingerprint"] == "abc"


def test_new_fields_come_back_as_they_were(store) -> None:
    values = {"lineage": {"parent": "x"}, "quality": {"n": 1}, "gate": {"promote": False, "reasons": ["It fell."]}}
    artifact = store(0, **values)
    read = read_manifest(artifact.directory)
    assert {name: getattr(read, name) for name in values} == values


@pytest.mark.parametrize("name", ["lineage", "gate"])
def test_a_changed_lineage_is_damage(store, name: str) -> None:
    from recsys.errors import ArtifactError

    directory = store(0).directory
    values = json.loads((directory / MANIFEST_FILE).read_text("utf-8"))
    values[name] = {"parent": "another"}
    (directory / MANIFEST_FILE).write_text(json.dumps(values), "utf-8")
    with pytest.raises(ArtifactError, match="damaged"):
        read_manifest(directory)
