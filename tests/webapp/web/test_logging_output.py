"""Logging never fails a request."""

import subprocess
import sys
from pathlib import Path

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
