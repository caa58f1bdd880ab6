"""Gunicorn's configuration: `gunicorn --config webapp/jobs/gunicorn_hooks.py wsgi:app`.

The parent process imports the application and opens the model once; its workers are forked from it and share that memory. No
database connection exists before the fork. Each worker stands for election as the one that schedules.
"""

import ctypes
import gc
import os
from contextlib import suppress
from typing import Any

from sqlalchemy.orm import configure_mappers
from threadpoolctl import threadpool_limits

from webapp.jobs.scheduler import SchedulerKeeper

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WORKERS", "2"))
worker_class = "webapp.server.worker.BufferingWorker"
threads = int(os.environ.get("THREADS", "4"))
timeout = 60
graceful_timeout = 20
preload_app = True
control_socket_disable = True  # it would be made in the home folder, which may be read-only

_M_ARENA_MAX = -8
_keepers: list[SchedulerKeeper] = []


def when_ready(server: Any) -> None:
    """Before the first fork: load what every worker would load, and keep it where the garbage collector never writes."""
    app = server.app.wsgi()
    app.extensions["recommender"].status()
    configure_mappers()
    for name in app.jinja_env.list_templates(filter_func=lambda name: name.endswith((".html", ".txt"))):
        app.jinja_env.get_template(name)
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """A worker is ready: stand for election."""
    threadpool_limits(limits=1)  # a request's products are small: BLAS threads would only wait for each other
    _share_one_heap()
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


def _share_one_heap() -> None:
    """One heap for all threads, which take turns anyway: glibc gives each its own, and freed memory stays in all of them."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
