"""Training is a process of its own: it may use all the memory and time it needs while pages are served."""

import os
import subprocess
import sys

from flask import current_app

from webapp.config import ROOT, Settings

_children: list["subprocess.Popen[bytes]"] = []


def start_training_process(run_id: int) -> None:
    """Start the process that takes up the queued run. It outlives the worker that asked for it."""
    settings: Settings = current_app.extensions["settings"]
    _children[:] = [child for child in _children if child.poll() is None]  # collects those that have ended
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and command
        [sys.executable, "-m", "flask", "--app", "wsgi.py", "recsys", "train", "--run", str(run_id)],
        cwd=ROOT,
        env=os.environ | _environment(settings),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    _children.append(child)


def launch_training(run_id: int) -> None:
    """Start the training of a queued run the way this application does it."""
    current_app.extensions["launch_training"](run_id)


def _environment(settings: Settings) -> dict[str, str]:
    """What the process must agree on with this one, whether it came from variables or not."""
    return {
        "WAYMARK_ENV": settings.environment,
        "WAYMARK_INSTANCE_DIR": str(settings.instance_dir),
        "WAYMARK_DATABASE_URL": settings.database_url,
        "WAYMARK_LOG_LEVEL": settings.log_level,
    }
