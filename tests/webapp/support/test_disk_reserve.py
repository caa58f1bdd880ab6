"""Room on the disk is kept for when there is none."""

import os
from pathlib import Path

import pytest
from sqlalchemy import make_url

from webapp.support.disk_reserve import RESERVE_BYTES, give_up_reserve, has_room, keep_reserve


def test_room_is_kept_once_and_given_up_once(tmp_path: Path) -> None:
    database = make_url(f"sqlite:///{tmp_path}/site.db")
    keep_reserve(database)
    keep_reserve(database)
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_blocks * 512 >= RESERVE_BYTES
    assert [give_up_reserve(database), give_up_reserve(database)] == [True, False]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("times", "kept", "room"), [(1, 0, False), (3, 0, True), (5, 1, True)])
def test_a_disk_without_much_room_keeps_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, kept: int, room: bool) -> None:
    real = os.statvfs(tmp_path)
    small = os.statvfs_result((1, 1, *real[2:4], times * RESERVE_BYTES, *real[5:]))
    monkeypatch.setattr(os, "statvfs", lambda _path: small)
    database = make_url(f"sqlite:///{tmp_path}/site.db")
    keep_reserve(database)
    assert (len(list(tmp_path.iterdir())), has_room(database)) == (kept, room)


@pytest.mark.parametrize("url", ["postgresql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_keep_none(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keep_reserve(make_url(url))
    assert (list(tmp_path.iterdir()), has_room(make_url(url)), give_up_reserve(make_url(url))) == ([], True, False)
