"""A served site on a database of its own, and a real browser; both are started once a run."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.machine import browser as browser_path
from tests.settings import REQUIRED

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a sample password for tests"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@dataclass(frozen=True)
class Site:
    """Where the site answers, and the environment its commands need."""

    url: str
    instance: Path
    env: dict[str, str]

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `flask` command against the site's database."""
        command = [sys.executable, "-m", "flask", *arguments]
        return subprocess.run(command, env=self.env, cwd=ROOT, check=True, capture_output=True, text=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            pytest.fail("the server ended:\n" + log.read_text()[-3000:])
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail("the server did not answer within a minute:\n" + log.read_text()[-3000:])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample world, small, trained and served by gunicorn as `make run` does."""
    instance = tmp_path_factory.mktemp("site")
    port = _free_port()
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
    log = instance / "server.log"
    command = [sys.executable, "-m", "gunicorn", "--config", "webapp/jobs/gunicorn_hooks.py", "wsgi:app"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=output, stderr=output)
    try:
        _wait_until_up(site.url, process, log)
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; tests are skipped where there is none, unless WAYMARK_REQUIRE names it."""
    expect.set_options(timeout=20_000)  # a busy machine takes its time; what never comes still fails
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
        made.append(chromium.new_context(base_url=site.url, **options))
        return made[-1]

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
