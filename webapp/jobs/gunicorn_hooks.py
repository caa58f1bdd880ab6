"""Gunicorn's configuration: `gunicorn --config webapp/jobs/gunicorn_hooks.py wsgi:app`.

The parent process imports the application, opens the model and binds it to the catalog once; its workers are forked from it and
share that memory. No database connection is open at the fork. Each worker stands for election as the one that schedules.
"""

import gc
import os
import sys
from contextlib import suppress
from typing import Any

from webapp.server.malloc_arenas import use_one_malloc_arena
from webapp.server.settings import server_settings

try:
    _settings = server_settings(os.environ)
except ValueError as error:
    print(error, file=sys.stderr)
    raise SystemExit(1) from None
bind, workers, threads = _settings.bind, _settings.workers, _settings.threads
worker_class = "webapp.server.worker.BufferingWorker"
timeout = 60
graceful_timeout = 20
preload_app = True
control_socket_disable = True  # it would be made in the home folder, which may be read-only

use_one_malloc_arena()  # here, because what is imported below the hooks starts threads
_keepers: list[Any] = []


def when_ready(server: Any) -> None:
    """Gunicorn's hook before the first fork: load and do once what every worker would, where the garbage collector never writes."""
    from sqlalchemy.orm import configure_mappers  # noqa: PLC0415  # late, as in all hooks: see use_one_malloc_arena

    from webapp.extensions import db  # noqa: PLC0415
    from webapp.jobs.first_pages import answer_first_pages  # noqa: PLC0415
    from webapp.support.disk_reserve import keep_reserve  # noqa: PLC0415
    from webapp.transactions import database_url  # noqa: PLC0415

    app = server.app.wsgi()
    configure_mappers()
    with app.app_context():
        keep_reserve(database_url())
    _bind_model(app)
    for name in app.jinja_env.list_templates(filter_func=lambda name: name.endswith((".html", ".txt"))):
        app.jinja_env.get_template(name)
    answer_first_pages(app)
    with app.app_context():
        db.engine.dispose()  # no connection stays open
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Gunicorn's hook in a worker that is ready: open the model, and try for the scheduler's lock from now on."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    from webapp.jobs.scheduler import SchedulerKeeper  # noqa: PLC0415

    threadpool_limits(limits=1)  # a request's products are small: BLAS threads would only wait for each other
    app = worker.wsgi
    app.extensions["recommender"].status()
    if app.extensions["settings"].scheduler:
        keeper = SchedulerKeeper(app)
        keeper.start()
        _keepers.append(keeper)


def worker_exit(_server: Any, _worker: Any) -> None:
    """Gunicorn's hook in a worker that ends: give up the scheduler's lock, so that another may take it at once."""
    while _keepers:
        _keepers.pop().stop()


def _bind_model(app: Any) -> None:
    """Open the model and bind it to the catalog, so that its workers do not each do it and keep a copy."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from webapp.transactions import unit_of_work  # noqa: PLC0415

    with suppress(SQLAlchemyError), app.app_context(), unit_of_work(writes=False):
        app.extensions["recommender"].serving()
