"""Gunicorn's configuration: `gunicorn --config webapp/jobs/gunicorn_hooks.py wsgi:app`.

Each worker opens the model before it answers and stands for election as the one that schedules. No `preload_app`: the
database connections and threads of a parent do not survive its fork.
"""

import os
from typing import Any

from threadpoolctl import threadpool_limits

from webapp.jobs.scheduler import SchedulerKeeper

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("THREADS", "4"))
timeout = 60
graceful_timeout = 20
preload_app = False
control_socket_disable = True  # it would be made in the home folder, which may be read-only

_keepers: list[SchedulerKeeper] = []


def post_worker_init(worker: Any) -> None:
    """A worker is ready: open the model, stand for election."""
    threadpool_limits(limits=1)  # a request's products are small: BLAS threads would only wait for each other
    app = worker.wsgi
    app.extensions["recommender"].status()
    if app.extensions["settings"].scheduler:
        keeper = SchedulerKeeper(app)
        keeper.start()
        _keepers.append(keeper)


def worker_exit(_server: Any, _worker: Any) -> None:
    """A worker goes in peace: another may lead at once."""
    while _keepers:
        _keepers.pop().stop()
