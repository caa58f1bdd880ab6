"""A served site on a database of its own, and a real browser; both are started once a run."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests import processes
from tests.machine import browser as browser_path
from tests.settings import REQUIRED
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a sample password for tests"
PATIENCE_OF_A_PAGE = 90_000
"""Milliseconds for an action, a navigation, an expectation: a busy machine takes its time, and what never comes still fails."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@dataclass(frozen=True)
class Site:
    """Where the site answers, and the environment its commands need."""

    url: str
    instance: Path
    env: dict[str, str]

    @contextmanager
    def database(self) -> Iterator[Session]:
        """The site's tables, to see what is so or to make it so; committed at the end."""
        engine = create_engine(f"sqlite:///{self.instance / 'waymark.db'}", connect_args={"timeout": PATIENCE})
        with Session(engine) as session, session.begin():
            yield session
        engine.dispose()

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `flask` command against the site's database."""
        command = [sys.executable, "-m", "flask", *arguments]
        return subprocess.run(command, env=self.env, cwd=ROOT, check=True, capture_output=True, text=True)


def _answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> bool:
    if process.poll() is not None:
        pytest.fail("the server ended:\n" + log.read_text()[-3000:])
    try:
        urllib.request.urlopen(f"{url}/healthz", timeout=10).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


@contextmanager
def _served(site: Site) -> Iterator[None]:
    """Gunicorn as `make run` starts it; at the end it stops in its own way, and with it all that it has started."""
    log = site.instance / "server.log"
    command = [sys.executable, "-m", "gunicorn", "--config", "webapp/jobs/gunicorn_hooks.py", "wsgi:app"]
    with log.open("wb") as output, processes.started(command, env=site.env, cwd=ROOT, stdout=output, stderr=output) as server:
        until(lambda: _answers(site.url, server, log), "the server to answer", lambda: log.read_text()[-3000:])
        yield
        server.terminate()
        server.wait(PATIENCE)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample world, small, trained and served by gunicorn as `make run` does."""
    instance = tmp_path_factory.mktemp("site")
    port = processes.free_port()
    env = os.environ | {
        "FLASK_APP": "wsgi.py",
        "WAYMARK_ENV": "development",
        "WAYMARK_INSTANCE_DIR": str(instance),
        "WAYMARK_SAMPLE_PASSWORD": PASSWORD,
        "WAYMARK_SAMPLE_LEARNERS": "300",
        "WAYMARK_RATE_LIMITS": "off",
        "WAYMARK_LOG_LEVEL": "WARNING",
        "PORT": str(port),
        "WORKERS": "2",
    }
    env.pop("WAYMARK_DATABASE_URL", None)
    site = Site(f"http://127.0.0.1:{port}", instance, env)
    site.flask("prepare")
    with _served(site):
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; tests are skipped where there is none, unless WAYMARK_REQUIRE names it."""
    expect.set_options(timeout=PATIENCE_OF_A_PAGE)
    path = browser_path()
    if path is None:
        if "browser" in REQUIRED:
            pytest.fail("a browser is required and none is installed")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(chromium: Browser, site: Site) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts (a person each) and closes them."""
    made: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = chromium.new_context(base_url=site.url, **options)
        context.set_default_timeout(PATIENCE_OF_A_PAGE)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture(scope="session")
def sign_in() -> Callable[[Page, str], None]:
    """Sign one of the sample accounts in through the form."""

    def through_the_form(page: Page, email: str) -> None:
        page.goto("/login")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/login" not in url)

    return through_the_form
