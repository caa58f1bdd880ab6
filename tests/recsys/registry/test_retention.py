"""What goes and what stays."""

import os
import time
from pathlib import Path

import pytest

from recsys.errors import ArtifactError
from recsys.registry.manifest import MANIFEST_FILE
from recsys.registry.promotion import load_serving, promote, roll_back, set_removal_protection
from recsys.registry.retention import prune, remove_made_before_erasures
from recsys.registry.store import list_artifacts


def test_pruning_keeps_the_newest_and_the_protected(tmp_path: Path, store) -> None:
    names = [store(s).name for s in range(5)]
    assert sorted(prune(tmp_path, keep=2, protect=[names[0]])) == sorted([names[1], names[2]])
    assert [a.name for a in list_artifacts(tmp_path)] == [names[4], names[3], names[0]]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([names[0], names[3], names[4]])


@pytest.mark.parametrize("name", [MANIFEST_FILE, "items.json"])
def test_pruning_never_removes_the_last_good_one(tmp_path: Path, store, name: str) -> None:
    good, damaged = store(1), store(2)
    (damaged.directory / name).unlink()
    assert prune(tmp_path, keep=1) == []
    assert load_serving(tmp_path).name == good.name


def test_pruning_everything_is_refused(tmp_path: Path, store) -> None:
    store(0)
    with pytest.raises(ValueError, match="at least 1"):
        prune(tmp_path, keep=0)


def test_serving_and_its_predecessor_and_pinned_ones_stay_however_old(tmp_path: Path, store) -> None:
    names = [store(s).name for s in range(8)]
    for name in (names[0], names[1], names[2]):
        promote(tmp_path, name, "", "")
    set_removal_protection(tmp_path, names[3])
    assert sorted(prune(tmp_path, keep=1)) == [names[0], *names[4:7]]
    assert [a.name for a in list_artifacts(tmp_path)] == [names[7], names[3], names[2], names[1]]
    assert roll_back(tmp_path, "", "").name == names[1]


def test_what_dead_writers_left_goes_after_a_day(tmp_path: Path, store) -> None:
    store(0)
    old, fresh = tmp_path / ".staging-old", tmp_path / ".staging-fresh"
    for path in (old, fresh):
        path.mkdir()
    before = time.time() - 2 * 86_400
    os.utime(old, (before, before))
    prune(tmp_path, keep=1)
    assert not old.exists()
    assert fresh.exists()


def test_what_was_read_before_an_erasure_goes_also_when_pinned_or_serving(tmp_path: Path, store) -> None:
    before, between, after = store(1), store(2, lineage={"erasures": "one"}), store(3, lineage={"erasures": "two"})
    unreadable = store(4)
    (unreadable.directory / MANIFEST_FILE).write_text("{", "utf-8")
    for artifact in (before, between, after):
        promote(tmp_path, artifact.name, "", "")
    set_removal_protection(tmp_path, before.name)
    assert sorted(remove_made_before_erasures(tmp_path, "two")) == [before.name, between.name, unreadable.name]
    assert [a.name for a in list_artifacts(tmp_path)] == [after.name]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [after.name]
    assert load_serving(tmp_path).name == after.name
    with pytest.raises(ArtifactError, match="no usable model"):
        roll_back(tmp_path, "", "")


def test_without_erasures_nothing_is_outdated(tmp_path: Path, store) -> None:
    store(1)
    store(2, lineage={"erasures": "one"})
    assert remove_made_before_erasures(tmp_path, None) == []
    assert len(list_artifacts(tmp_path)) == 2
