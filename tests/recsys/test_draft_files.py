"""What is written as a draft is as open as anything else its process makes: no more, no less."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys.draft_files import make_draft_folder, open_draft_file
from recsys.evaluation.atomic_writes import write_atomically


@pytest.fixture(params=[0o022, 0o027, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_files_and_folders_have_the_mode_of_the_process(tmp_path: Path, umask: int) -> None:
    path, file = open_draft_file(tmp_path, ".draft-", ".part")
    with file:
        file.write("ä")
    write_atomically(tmp_path / "out.json", "whole")
    modes = [entry.stat().st_mode & 0o777 for entry in (path, tmp_path / "out.json", make_draft_folder(tmp_path, ".draft-"))]
    assert modes == [0o666 & ~umask, 0o666 & ~umask, 0o777 & ~umask]
    assert path.read_text("utf-8") == "ä"


def test_no_two_drafts_are_one(tmp_path: Path) -> None:
    assert len({make_draft_folder(tmp_path, "a") for _ in range(20)}) == 20
