"""Files appear whole or not at all."""

from pathlib import Path

import pytest

from recsys.errors import DataError
from recsys.evaluation.atomic_writes import write_atomically


def test_a_file_is_made_with_its_folder_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "figures" / "out.json"
    write_atomically(path, "first ä")
    write_atomically(path, "second")
    assert path.read_text("utf-8") == "second"
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_keeps_what_was_there_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write_atomically(path, "whole")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "half \ud800")
    assert path.read_text("utf-8") == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(DataError, match="Cannot write"):
        write_atomically(tmp_path / "file" / "below.json", "x")
