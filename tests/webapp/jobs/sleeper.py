"""A process that schedules one job: `python -m tests.webapp.jobs.sleeper DATABASE_URL INSTANCE_DIR DISTANCE_SECONDS`.

Prints `leading` when it has been elected; runs until it is killed.
"""

import sys
import time
from datetime import timedelta
from pathlib import Path

from tests.settings import test_settings
from tests.webapp.jobs.probe_job import PROBE, declare_probe
from webapp.factory import create_app
from webapp.jobs.scheduler import SchedulerKeeper
from webapp.registries.jobs import JOBS, Every


def main(database_url: str, instance_dir: str, distance: str) -> None:
    """Schedule for ever."""
    declare_probe(isolated=False, schedule=lambda _settings: Every(timedelta(seconds=float(distance))))
    app = create_app(test_settings(database_url, Path(instance_dir)))
    keeper = SchedulerKeeper(app, retry_seconds=0.2, specs={PROBE: JOBS[PROBE]})
    keeper.start()
    while not keeper.leading:
        time.sleep(0.05)
    print("leading", flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
