"""Only static files may be kept by caches between the site and its reader."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.settings import test_settings
from tests.tables import make_tables
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models.operations import ImportRun, RunStatus
from webapp.models.user import Role

# RFC 9111: tokens, some with a number of seconds, separated by commas.
_DIRECTIVE = re.compile(r"(private|public|no-cache|no-store|immutable|must-revalidate|(max-age|s-maxage)=\d+)")


def directives(value: str | None) -> set[str]:
    """The directives of a well-formed `Cache-Control` that does not contradict itself."""
    parts = [part.strip() for part in (value or "").split(",")]
    assert parts, value
    assert all(_DIRECTIVE.fullmatch(part) for part in parts), value
    assert len(parts) == len(set(parts)), value
    assert not {"public", "private"} <= set(parts), value
    assert not ({"no-store", "no-cache"} & set(parts) and any(part.startswith("max-age") for part in parts)), value
    return set(parts)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Flask]:
    """An application with the settings of production, in which static files are kept for a year."""
    settings = replace(test_settings(f"sqlite:///{tmp_path}/served.db", tmp_path / "instance"), environment="production")
    app = create_app(settings, WTF_CSRF_ENABLED=False, MAIL_BACKEND="locmem", RATELIMIT_ENABLED=False)
    with app.app_context():
        make_tables()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_static_files_are_kept_and_nothing_else(served: Flask) -> None:
    client = served.test_client()
    good = client.get(f"{served.static_url_path}/css/waymark.css")
    assert {"public", f"max-age={365 * 24 * 3600}"} <= directives(good.headers["Cache-Control"])
    good.close()
    for path in (f"{served.static_url_path}/css/no-such-file.css", "/", "/catalog", "/healthz", "/robots.txt", "/nowhere"):
        assert directives(client.get(path).headers["Cache-Control"]) == {"private", "no-cache"}, path


def test_pages_with_passwords_or_behind_a_link_with_a_token_are_kept_by_nobody(served: Flask) -> None:
    for path in ("/reset/nonsense", "/confirm/nonsense", "/login", "/register", "/reset", "/confirm"):
        assert directives(served.test_client().get(path).headers["Cache-Control"]) == {"private", "no-store"}


def test_pages_of_people_who_are_signed_in_are_kept_by_nobody(served: Flask, login) -> None:
    from tests.factories import make_user

    client = login(served.test_client(), make_user(Role.ADMIN))
    db.session.commit()
    for path in ("/", "/catalog", "/my", "/my/profile", "/my/sessions", "/studio", "/admin", "/admin/learners?page=2", "/nowhere"):
        assert directives(client.get(path).headers["Cache-Control"]) == {"private", "no-store"}, path
    static = client.get(f"{served.static_url_path}/css/waymark.css")
    assert "public" in directives(static.headers["Cache-Control"])
    static.close()
    client.post("/logout")
    assert directives(client.get("/catalog").headers["Cache-Control"]) == {"private", "no-cache"}


def test_bad_rows_of_an_import_are_kept_by_nobody(served: Flask, login, tmp_path: Path) -> None:
    from tests.factories import make_user

    folder = Path(served.instance_path) / "imports"
    folder.mkdir(parents=True)
    (folder / "people.problems.csv").write_text("file,line\n")
    run = ImportRun(kind="learners", layout="generic", file_name="people.csv", file_sha256="0" * 64, status=RunStatus.SUCCEEDED)
    run.errors_path = str(folder / "people.problems.csv")
    db.session.add(run)
    client = login(served.test_client(), make_user(Role.ADMIN))
    db.session.commit()
    answer = client.get(f"/admin/imports/{run.id}/errors.csv")
    assert (answer.status_code, answer.text) == (200, "file,line\n")
    assert directives(answer.headers["Cache-Control"]) == {"private", "no-store"}
    answer.close()


@pytest.mark.parametrize(
    "asked",
    [
        "public, max-age=60",
        "public",
        "s-maxage=600",
        "max-age=3600",
        "no-cache, max-age=60",
        "private,,",
        "max-age",
        "nonsense=",
        "no-store",
    ],
)
def test_whatever_a_view_sends_comes_out_private_and_well_formed(tmp_path: Path, asked: str) -> None:
    app = create_app(test_settings(f"sqlite:///{tmp_path}/any.db", tmp_path / "instance"))
    app.add_url_rule("/any", "any", lambda: ("text", 200, {"Cache-Control": asked}))
    expected = {"private", "no-store" if asked == "no-store" else "no-cache"}
    assert directives(app.test_client().get("/any").headers["Cache-Control"]) == expected
