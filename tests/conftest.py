"""Fixtures every test shares: one schema a worker, one rolled-back transaction a test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests import factories, processes
from tests.kinds import TimesByKind
from tests.settings import ADMIN_URL, test_settings
from tests.tables import make_tables
from webapp.extensions import db, limiter
from webapp.factory import create_app
from webapp.models.user import User
from webapp.services.sessions import SessionLimits, start_session
from webapp.transactions import _writes
from webapp.web.guess_limits import own_counts

_RUNS_DATABASE = frozenset({"database_url", "empty_app"})
"""What every fixture is made of that uses a database of the kind the run is for; `separate_app` has SQLite's."""


def pytest_configure(config: pytest.Config) -> None:
    """Every run says at its end how its time divides."""
    config.pluginmanager.register(TimesByKind())


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Tests that share what is made once a module or class stay on one worker: two would make it twice.

    Of a run on PostgreSQL only the tests that use its database are left, and those that say themselves where they run: all others would
    pass or fail as they do on SQLite.
    """
    if ADMIN_URL:
        others = {item for item in items if _RUNS_DATABASE.isdisjoint(item.fixturenames) and not item.get_closest_marker("skipif")}
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]
    for item in items:
        if item.get_closest_marker("xdist_group") is None and (name := _shares(item)):
            item.add_marker(pytest.mark.xdist_group(name))
    yield
    grouped = (item for item in items if item.get_closest_marker("xdist_group"))
    # pytest-xdist writes the group behind a test's id, by a way of pytest's that not every version has.
    if getattr(config.option, "loadgroup", False) and any("@" not in item.nodeid.rpartition("]")[2] for item in grouped):
        raise pytest.UsageError("this pytest and pytest-xdist do not keep groups of tests on one worker (requirements-dev.txt)")


def _shares(item: Any) -> str:
    """The module or class whose fixtures a test uses, if these live longer than the test."""
    scopes = {definition.scope for definitions in item._fixtureinfo.name2fixturedefs.values() for definition in definitions}
    if "module" in scopes:
        return str(item.module.__name__)
    return f"{item.module.__name__}.{item.cls.__name__}" if "class" in scopes and item.cls else ""


@pytest.fixture(scope="session", autouse=True)
def no_process_outlives_the_run() -> Iterator[None]:
    """Fails when something started by this worker still runs after all fixtures were taken down, whoever its parent is by now."""
    processes.mark_own()
    yield
    _end_and_report(processes.descendants())


@pytest.fixture(autouse=True)
def own_processes() -> Iterator[Callable[[], list[processes.Running]]]:
    """Lists processes the test has started itself, and fails it when one outlives it.

    A worker has others too: browsers and servers of fixtures that live longer than a test.
    """
    before = {process.pid for process in processes.children()}

    def started() -> list[processes.Running]:
        return [process for process in processes.children() if process.pid not in before]

    yield started
    _end_and_report(started())


@pytest.fixture(autouse=True)
def no_limits_outlive_their_test() -> Iterator[None]:
    """Applications of a process share one extension of limits, which each that is made turns on or off for all, and counts."""
    yield
    limiter.enabled = False
    own_counts.storage.reset()


def _end_and_report(left: list[processes.Running]) -> None:
    names = [str(process) for process in left]  # what they are can be read while they run
    processes.end(left)
    assert names == []


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """Applications narrow it for the whole of their process; each test begins as a process does."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def usual_priority() -> Iterator[None]:
    """Fails the test that lowers the priority of this process: all tests after it would wait behind whatever else the machine does."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    yield
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """An empty database of this worker: a file, or one in the PostgreSQL cluster of WAYMARK_TEST_DATABASE_URL."""
    if not ADMIN_URL:
        yield f"sqlite:///{tmp_path_factory.mktemp('database')}/test.db"
        return
    yield _new_database(f"waymark_{worker_id}")


def _new_database(name: str) -> str:
    """The address of an empty database of this name in the PostgreSQL cluster; one that was there is gone."""
    admin = create_engine(ADMIN_URL, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"create database {name}"))
    admin.dispose()
    return make_url(ADMIN_URL).set(database=name).render_as_string(hide_password=False)


class Browser(FlaskClient):
    """A client whose requests start as if alone: they share the test's application context, so `g` is emptied (Flask-Login
    keeps the reader there) and what the test has made is put beyond the reach of a request that rolls back."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        for name in list(g) if has_app_context() else ():
            g.pop(name)
        if has_app_context():
            db.session.commit()
        return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def application(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with its tables, once a worker."""
    app = create_app(test_settings(database_url, tmp_path_factory.mktemp("instance")), WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    with app.app_context():
        db.session.configure(join_transaction_mode="create_savepoint")
        make_tables()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application inside a context and a transaction that is rolled back at the end.

    Everything, requests included, works on one connection; a commit only ends a savepoint. As the transaction began before any request,
    the database does not know which of these may only read: the refusal of a write is done here in its place.
    """
    with application.app_context():
        engines = db._app_engines[application]
        engine = engines[None]
        with engine.connect() as connection:
            outer = connection.begin()
            event.listen(connection, "before_cursor_execute", _refuse_write_of_a_reader)
            engines[None] = connection  # type: ignore[assignment]
            try:
                yield application
            finally:
                db.session.remove()
                engines[None] = engine
                outer.rollback()


def _refuse_write_of_a_reader(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if not _writes.get() and statement.lstrip().split(maxsplit=1)[0].upper() in ("INSERT", "UPDATE", "DELETE"):
        raise AssertionError(f"a unit of work that reads wants to write: {statement}")


@pytest.fixture
def db_session(app: Flask) -> Session:
    """The session of the test's own context."""
    return db.session  # type: ignore[return-value]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript and without cookies yet."""
    return app.test_client()


@pytest.fixture
def login() -> Callable[[FlaskClient, User], FlaskClient]:
    """Sign a client in without going through the form."""

    def sign_in(client: FlaskClient, user: User) -> FlaskClient:
        with client.session_transaction() as session:
            session["_user_id"] = start_session(user, SessionLimits())
            session["_fresh"] = True
        return client

    return sign_in


@pytest.fixture
def separate_app(tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of its own, for tests that need real commits, several connections or processes."""
    url = f"sqlite:///{tmp_path}/separate.db"
    app = create_app(test_settings(url, tmp_path / "instance"), WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    with app.app_context():
        make_tables()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def empty_app(tmp_path: Path, worker_id: str) -> Iterator[Flask]:
    """An application on an empty database of the kind the run is for."""
    (tmp_path / "own.db").touch()  # an empty file is an empty database, one that is missing is a fault
    url = _new_database(f"waymark_{worker_id}_own") if ADMIN_URL else f"sqlite:///{tmp_path}/own.db"
    app = create_app(test_settings(url, tmp_path / "instance"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def committing_app(empty_app: Flask) -> Flask:
    """Like `separate_app`, but on the kind of database the run is for: what a test commits is there for other connections."""
    empty_app.config["WTF_CSRF_ENABLED"] = False
    empty_app.test_client_class = Browser
    make_tables()
    return empty_app


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The xdist worker's name, `main` without xdist."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


# Each factory is a fixture of its name.
globals().update({name: factories.fixture(maker) for name, maker in vars(factories).items() if name.startswith("make_")})
