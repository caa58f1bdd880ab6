"""Logging never fails a request."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from tests.settings import test_settings
from webapp.web.logs import configure_logging

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import structlog
from tests.settings import test_settings
from pathlib import Path
from webapp.web.logs import configure_logging
configure_logging(test_settings("sqlite://", Path(r"{instance}")))
for number in range(3):
    structlog.get_logger("request").error("request", number=number)
print("served")
"""


def test_a_full_disk_costs_log_lines_and_nothing_else(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-c", SCRIPT.format(instance=tmp_path)]
        ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert ended.stdout == "served\n"


@pytest.mark.parametrize("as_json", [False, True])
def test_no_line_steers_the_terminal_it_is_read_in(tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    before = structlog.get_config()
    configure_logging(replace(test_settings("sqlite://", tmp_path), log_level="INFO", log_json=as_json))
    try:
        raise ValueError("in an error \x1b[2J\x07")
    except ValueError:
        structlog.get_logger("request").exception("failed", path="/é/\x1b]0;title\x07\x9b31m\u202e\r", page="a\nb")
    structlog.configure(**before)
    written = capsys.readouterr().err
    assert "in an error" in written
    assert [letter for letter in written if not letter.isprintable() and letter != "\n"] == []
    assert as_json or "/é/\\x1b]0;title" in written
    assert "\nb" not in written
