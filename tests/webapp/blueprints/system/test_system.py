"""Pages for machines and makers."""

from tests.settings import test_settings
from webapp.factory import create_app


def test_health_answers(client) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_readiness_tells_of_a_missing_model_and_still_says_yes(client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["model"]["state"] == "none"
    assert "popularity" in answer.json["model"]["detail"]


def test_without_a_database_readiness_says_no_and_pages_explain(tmp_path) -> None:
    missing = tmp_path / "nowhere" / "at" / "all.db"
    app = create_app(test_settings(f"sqlite:///{missing}", tmp_path / "instance"))
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "unreachable")
    page = client.get("/catalog")
    assert page.status_code == 503
    assert "<html" in page.text
    assert page.headers["X-Request-ID"] in page.text


def test_the_style_page_stays_out_of_production(client) -> None:
    assert client.get("/styleguide").status_code == 200
