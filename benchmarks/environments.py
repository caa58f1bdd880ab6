"""An environment of its own for each peer, made from its pinned requirements."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PEERS = ("implicit", "surprise", "lenskit", "rectools")
_LIMIT = 1_800
_LINES = 3


class PeerError(Exception):
    """A peer could not be installed or run; the message is its own."""


@dataclass(frozen=True)
class Peer:
    """A peer that is installed: its interpreter and its runner."""

    name: str
    python: Path
    runner: Path


def prepare(name: str) -> Peer:
    """The peer's environment below benchmarks/envs, made or renewed when its requirements changed.

    Raises PeerError with the installer's last words when that fails.
    """
    requirements, folder = HERE / "peers" / f"{name}.txt", HERE / "envs" / name
    python, stamp = folder / "bin" / "python", folder / "stamp"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not (python.exists() and stamp.exists() and stamp.read_text() == wanted):
        # Our pip serves theirs: an environment with a pip of its own takes ten times as long to make.
        _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)], f"{name}: no environment")
        pip = [sys.executable, "-m", "pip", "--python", str(python)]
        install = [*pip, "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements)]
        _run(install, f"{name} does not install")
        stamp.write_text(wanted)
    return Peer(name, python, HERE / "peers" / f"run_{name}.py")


def last_words(text: str) -> str:
    """The end of what a process said, on one line; installers' warnings are left out."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("WARNING")]
    return " / ".join(lines[-_LINES:]) or "no message"


def _run(command: list[str], what: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerError(f"{what}: {error}") from error
    if done.returncode:
        raise PeerError(f"{what}: {last_words(done.stderr)}")
