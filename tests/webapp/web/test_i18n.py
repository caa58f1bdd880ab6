"""The language of a page: English here; in development the pseudo-locale, from right to left, can be switched on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from tests.settings import test_settings
from webapp.extensions import db
from webapp.factory import create_app
from webapp.services.accounts import normalize_name
from webapp.services.errors import Invalid
from webapp.support.messages import language_context
from webapp.support.pseudo_locale import PseudoCatalog

ENGLISH = '<html lang="en" dir="ltr"'
PSEUDO = '<html lang="en-XA" dir="rtl"'


def _app(tmp_path: Path, environment: str, pseudo: bool = False) -> Iterator[Flask]:
    settings = test_settings(f"sqlite:///{tmp_path}/none.db", tmp_path / "instance")
    app = create_app(replace(settings, environment=environment, pseudo_locale=pseudo))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def developing(tmp_path: Path) -> Iterator[Flask]:
    yield from _app(tmp_path, "development")


def test_pages_are_english_whatever_the_browser_asks_for(client: FlaskClient) -> None:
    for wanted in ("", "de, fr;q=0.5", "ar", "no language;;q=x"):
        page = client.get("/nowhere", headers={"Accept-Language": wanted}).text
        assert ENGLISH in page
        assert "There is nothing at this address" in page


def test_the_pseudo_locale_stays_on_until_it_is_switched_off(developing: Flask) -> None:
    client = developing.test_client()
    assert ENGLISH in client.get("/nowhere").text
    for path in ("/nowhere?pseudo=on", "/nowhere"):
        page = client.get(path).text
        assert PSEUDO in page
        assert "There is nothing at this address" not in page
        assert "Ťĥéŕé íś ńóťĥíńĝ áť ťĥíś áďďŕéśś" in page
    for path in ("/nowhere?pseudo=off", "/nowhere"):
        assert ENGLISH in client.get(path).text


def test_a_process_can_begin_with_it(tmp_path: Path) -> None:
    for app in _app(tmp_path, "development", pseudo=True):
        assert PSEUDO in app.test_client().get("/nowhere").text
        assert ENGLISH in app.test_client().get("/nowhere?pseudo=off").text


@pytest.mark.parametrize("environment", ["production", "test"])
def test_there_is_none_outside_development(environment: str, tmp_path: Path) -> None:
    for app in _app(tmp_path, environment, pseudo=True):
        answer = app.test_client().get("/nowhere?pseudo=on")
        assert ENGLISH in answer.text
        assert "pseudo" not in answer.headers.get("Set-Cookie", "")


ESCAPED = '{{ _("<b>%(x)s</b> 5 %%", x=x) }} {{ ngettext("%(num)s %(x)s", "%(num)s %(x)ss", 2000, x=x) }} {{ _("50 %%") }}'


def test_values_are_escaped_and_messages_are_not(app: Flask) -> None:
    with app.test_request_context():
        page = render_template_string("{% autoescape true %}" + ESCAPED + "{% endautoescape %}", x="<i>")
        mail = render_template_string("{% autoescape false %}" + ESCAPED + "{% endautoescape %}", x="<i>")
    assert page == "<b>&lt;i&gt;</b> 5 % 2,000 &lt;i&gt;s 50 %"
    assert mail == "<b><i></b> 5 % 2,000 <i>s 50 %"


def test_a_refusal_is_said_in_the_language_of_the_request() -> None:
    with pytest.raises(Invalid, match="Tell us what to call you"):
        normalize_name(" ")
    with language_context(PseudoCatalog()), pytest.raises(Invalid, match="Ťéĺĺ úś"):
        normalize_name(" ")


@pytest.fixture
def arabic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An installation with a second catalog, in which little is translated."""
    catalog = Catalog(locale="ar")
    catalog.add("There is nothing at this address", "لا شيء هنا")
    folder = tmp_path / "translations" / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    monkeypatch.setattr("webapp.web.translation_compiler.CATALOGS", tmp_path / "translations")
    yield from _app(tmp_path, "production")


def test_a_catalog_that_is_there_is_spoken_to_those_who_ask_for_it(arabic: Flask) -> None:
    client = arabic.test_client()
    page = client.get("/nowhere", headers={"Accept-Language": "fr, ar;q=0.8, en;q=0.5"}).text
    assert '<html lang="ar" dir="rtl"' in page
    assert "لا شيء هنا" in page
    assert "Go to the home page" in page  # not translated yet
    page = client.get("/nowhere", headers={"Accept-Language": "en, ar;q=0.8"}).text
    assert ENGLISH in page
    assert "There is nothing at this address" in page


class _Percent:
    """A translator who wrote a percent sign where the message has none."""

    def gettext(self, message: str) -> str:
        return {"Free of charge": "100 % sûr", "Half off": "50 %"}.get(message, message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return singular if count == 1 else plural


def test_a_percent_sign_of_a_translator_stands_as_it_is_and_fails_no_page(app: Flask) -> None:
    with app.test_request_context("/"), language_context(_Percent()):
        shown = render_template_string(
            "{{ _('Free of charge') }}, {{ _('Half off') }}, {{ _('100 %% free') }}, {% trans %}Half off{% endtrans %}"
        )
        assert shown == "100 % sûr, 50 %, 100 % free, 50 %"
