"""Pages for machines and makers."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.settings import test_settings
from tests.webapp.recommender.conftest import artifact, courses, live, models_dir  # noqa: F401 - fixtures
from tests.webapp.statements import counted
from webapp.factory import create_app

LATER = "29990101T000000000000-00000000"


def test_health_answers_and_touches_nothing(client: FlaskClient) -> None:
    with counted() as statements:
        assert client.get("/healthz").json == {"status": "ok"}
    assert statements == []


def test_readiness_tells_of_a_missing_model_and_still_says_yes(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"
    assert answer.json["model"]["state"] == "none"
    assert "popularity" in answer.json["model"]["detail"]


def test_readiness_names_the_model_that_serves_and_the_one_refused(client: FlaskClient, live, models_dir: Path) -> None:  # noqa: F811
    (original,) = models_dir.iterdir()
    assert client.get("/readyz").json["model"] == {"state": "ok", "detail": "ok", "version": original.name, "refused": []}
    shutil.copytree(original, models_dir / LATER)
    (models_dir / LATER / "manifest.json").write_text("{}")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert (answer.json["model"]["state"], answer.json["model"]["version"]) == ("fallback", original.name)
    assert answer.json["model"]["refused"] == [LATER]
    assert str(models_dir) not in answer.text


def test_probes_are_answered_where_pages_are_sent_to_https(tmp_path: Path) -> None:
    settings = replace(test_settings(f"sqlite:///{tmp_path}/https.db", tmp_path / "instance"), secure_cookies=True)
    client = create_app(settings).test_client()
    assert client.get("/").location == "https://localhost/"
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json["database"] == "missing"


@pytest.fixture
def production(tmp_path: Path) -> Flask:
    settings = test_settings(f"sqlite:///{tmp_path}/production.db", tmp_path / "instance")
    return create_app(replace(settings, environment="production"))


def test_the_style_page_stays_out_of_production(client: FlaskClient, production: Flask) -> None:
    assert client.get("/styleguide").status_code == 200
    assert production.test_client().get("/styleguide").status_code == 404
    assert "system.styleguide" not in production.view_functions  # so that no page links to it


def test_the_style_page_shows_every_part_in_both_themes(client: FlaskClient) -> None:
    html = client.get("/styleguide").text
    assert html.count('data-theme="light"') == html.count('data-theme="dark"') >= 7
    assert client.get("/styleguide?page=2").status_code == 200


def test_crawlers_are_told_what_is_theirs(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    closed = re.findall(r"^Disallow: (\S+)$", answer.text, flags=re.MULTILINE)
    assert {"/admin", "/studio", "/my"} <= set(closed)
    assert not any("/courses/x".startswith(path) or "/catalog".startswith(path) for path in closed)


def test_the_picture_of_the_site_is_found_by_its_old_name(client: FlaskClient) -> None:
    with client.get("/favicon.ico", follow_redirects=True) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
