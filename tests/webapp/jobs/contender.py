"""A process that stands for election: `python -m tests.webapp.jobs.contender DATABASE_URL INSTANCE_DIR`.

Prints `ready` when it takes part and `leading` when it has been elected; runs until it is killed.
"""

import sys
import time
from pathlib import Path

from tests.settings import test_settings
from webapp.factory import create_app
from webapp.jobs.scheduler import SchedulerKeeper


def main(database_url: str, instance_dir: str) -> None:
    """Stand for election for ever."""
    keeper = SchedulerKeeper(create_app(test_settings(database_url, Path(instance_dir))), retry_seconds=0.2, specs={})
    keeper.start()
    print("ready", flush=True)
    told = False
    while True:
        if keeper.leading and not told:
            print("leading", flush=True)
            told = True
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
