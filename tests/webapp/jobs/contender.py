"""A process that stands for election: `python -m tests.webapp.jobs.contender DATABASE_URL INSTANCE_DIR`.

Prints `refused` each time another process leads and `leading` when it does; runs until it is killed.
"""

import sys
import threading
from pathlib import Path

from tests.settings import test_settings
from webapp.factory import create_app
from webapp.jobs.leader_lock import Lock, scheduler_lock
from webapp.jobs.scheduler import SchedulerKeeper


class WatchedLock:
    """Tells on standard output what each try came to."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock
        self.held, self.release = lock.held, lock.release

    def acquire(self) -> bool:
        taken = self._lock.acquire()
        print("leading" if taken else "refused", flush=True)
        return taken


def main(database_url: str, instance_dir: str) -> None:
    """Stand for election for ever."""
    app = create_app(test_settings(database_url, Path(instance_dir)))
    SchedulerKeeper(app, WatchedLock(scheduler_lock(app.extensions["settings"])), retry_seconds=0.2, specs={}).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
