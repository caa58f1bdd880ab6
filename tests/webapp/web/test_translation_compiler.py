"""A translator's .po becomes what pages speak; what could not be shown is left out and named."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.settings import test_settings
from webapp.extensions import db
from webapp.factory import create_app
from webapp.support.messages import ngettext
from webapp.web.translation_compiler import CATALOGS, compile_catalogs

FRENCH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

msgid "There is nothing at this address"
msgstr "Il n’y a rien à cette adresse"

msgid "Go to the home page"
msgstr "Aller à l’accueil"

#, fuzzy
msgid "Sign in"
msgstr "Entrez donc"

msgid "%(num)s course"
msgid_plural "%(num)s courses"
msgstr[0] "%(num)s cours"
msgstr[1] "%(num)s cours"

msgid "By %(name)s"
msgstr "Par %(nom)s"

msgid "%(share)s %% of all"
msgstr "%(share)s % de tout"

msgid "intervals of 95 %"
msgstr "intervalles à 95 %"

msgid "Not said yet"
msgstr ""
"""


def _folder(tmp_path: Path, language: str, text: str) -> Path:
    file = tmp_path / "translations" / language / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    file.write_text(text, "utf-8")
    return tmp_path / "translations"


@pytest.fixture
def french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An installation whose translator has written a few messages."""
    monkeypatch.setattr("webapp.web.translation_compiler.CATALOGS", _folder(tmp_path, "fr", FRENCH))
    settings = test_settings(f"sqlite:///{tmp_path}/none.db", tmp_path / "instance")
    said = create_app(settings).test_cli_runner().invoke(args=["catalogs"])
    assert said.exit_code == 1  # two could not be used
    assert "fr: 4 of 8 messages are translated." in said.output
    app = create_app(replace(settings, environment="production"))
    yield app
    with app.app_context():
        db.engine.dispose()


def test_pages_speak_what_a_translator_wrote(french: Flask) -> None:
    page = french.test_client().get("/nowhere", headers={"Accept-Language": "fr"}).text
    assert '<html lang="fr" dir="ltr"' in page
    assert "Il n’y a rien à cette adresse" in page
    assert "Aller à l’accueil" in page
    assert "Entrez donc" not in page  # not sure yet


def test_no_count_is_said_with_nothing(french: Flask) -> None:
    with french.test_request_context("/nowhere", headers={"Accept-Language": "fr"}):
        french.preprocess_request()
        assert [ngettext("%(num)s course", "%(num)s courses", n) for n in (1, 5, 1_000_000)] == ["1 cours", "5 cours", "1,000,000 cours"]


def test_a_translation_that_cannot_be_shown_is_left_out_and_named(tmp_path: Path) -> None:
    (compiled,) = compile_catalogs(_folder(tmp_path, "fr", FRENCH))
    assert len(compiled.faults) == 2
    assert "no such value: nom" in compiled.faults[0]
    assert "“%(share)s % de tout” is no format" in compiled.faults[1]


@pytest.mark.parametrize(
    ("message", "translation", "shown"),
    [
        ("By %(name)s", "Par %(name)s", True),
        ("By %(name)s", "Par nous", True),
        ("By %(name)s", "%(name)s, de %(name)s, à 100 %%", True),
        ("By %(name)s", "Par %s", False),  # Python sets in all values at once: {'name': …}
        ("By %(name)s", "Par %(name)d", False),
        ("By %(name)s", "Par %(name)r", False),
        ("By %(name)s", "Par %(name)900000000s", False),
        ("By %(name)s", "Par % sûr", False),
        ("By %(name)s", "Par %(name)", False),
        ("By %(name)s", "à 100 %", False),
        ("From %(low)g on", "Dès %(low)g", True),
        ("From %(low)g on", "Dès %(low)s", False),
        ("100 %% free", "gratuit à 100 %%", True),
        ("100 %% free", "100 % sûr", False),
    ],
)
def test_values_stand_in_a_translation_as_in_the_message(tmp_path: Path, message: str, translation: str, shown: bool) -> None:
    text = f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "{message}"\nmsgstr "{translation}"\n'
    (compiled,) = compile_catalogs(_folder(tmp_path, "fr", text))
    assert (compiled.translated, len(compiled.faults)) == ((1, 0) if shown else (0, 1))


def test_each_plural_form_has_the_values_of_the_message(tmp_path: Path) -> None:
    few = FRENCH.replace('cours"\nmsgstr[1]', 'cours"\nmsgstr[2] "%(num)d kursów"\nmsgstr[1]')
    (compiled,) = compile_catalogs(_folder(tmp_path, "pl", few))
    assert any("“%(num)d kursów” is no format" in fault for fault in compiled.faults)


@pytest.mark.parametrize(
    ("language", "text"), [("xx_nowhere", FRENCH), ("fr", "garbage here"), ("fr", FRENCH.replace("utf-8", "no-such-code"))]
)
def test_a_file_that_is_no_catalog_is_named_and_stops_nothing(tmp_path: Path, language: str, text: str) -> None:
    (compiled,) = compile_catalogs(_folder(tmp_path, language, text))
    assert (compiled.language, compiled.translated) == (language, 0)
    assert compiled.faults
    assert not list((tmp_path / "translations").rglob("*.mo"))


def test_a_fresh_catalog_of_all_messages_compiles_and_says_nothing_yet(tmp_path: Path) -> None:
    folder = tmp_path / "translations"
    command = ["init", "--input-file", str(CATALOGS / "messages.pot"), "--output-dir", str(folder), "--locale", "pl"]
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", *command], check=True, capture_output=True)
    (compiled,) = compile_catalogs(folder)
    assert (compiled.language, compiled.translated, compiled.faults) == ("pl", 0, ())
    assert compiled.messages > 1000


def test_without_translators_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert compile_catalogs(tmp_path) == []
