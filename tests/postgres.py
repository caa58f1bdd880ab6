"""Runs a command with a throwaway PostgreSQL cluster: `python -m tests.postgres COMMAND …`.

The cluster lives in a temporary folder, listens on a socket there, and is gone afterwards.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.machine import postgres_bin
from tests.settings import REQUIRED
from tests.waiting import PATIENCE


def _run_as() -> str | None:
    """PostgreSQL refuses to run as root; there it runs as its own account."""
    return "postgres" if os.geteuid() == 0 else None


def _call(*command: str) -> None:
    subprocess.run(command, check=True, user=_run_as(), stdout=subprocess.DEVNULL, cwd="/")


def main(command: list[str]) -> int:
    """The exit status of the command; 0 without running it where PostgreSQL is missing and not required."""
    programs = postgres_bin()
    if programs is None:
        return 1 if "postgres" in REQUIRED else 0
    folder = Path(tempfile.mkdtemp(prefix="waymark-pg-"))
    try:
        if user := _run_as():
            shutil.chown(folder, user)
        data = folder / "data"
        _call(str(programs / "initdb"), "-D", str(data), "-U", "waymark", "--auth=trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
        _call(str(programs / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-w", "-t", f"{PATIENCE:.0f}", "-o", options, "start")
        try:
            url = f"postgresql://waymark@/postgres?host={folder}"
            return subprocess.run(command, env=os.environ | {"WAYMARK_TEST_DATABASE_URL": url}, check=False).returncode
        finally:
            _call(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # the cluster ends with a run that is stopped
    sys.exit(main(sys.argv[1:]))
