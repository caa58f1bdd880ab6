"""A person with unmistakable values uses the product and is erased: no file of the installation holds any of them afterwards."""

import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.factories import make_course, make_goal, make_topic
from tests.settings import test_settings
from tests.tables import make_tables
from webapp.extensions import db
from webapp.factory import create_app
from webapp.importing.layout import FileKind
from webapp.importing.run import ImportRequest, import_file
from webapp.models.user import User
from webapp.policies import System
from webapp.support.clock import now
from webapp.transactions import truncate_wal, unit_of_work

NAME, MAILBOX, DOMAIN = "Zephyrine Quackenbush-Öztürk", "zephyrine.canary.7731", "quackenbush-canary.example"
EMAIL = f"{MAILBOX}@{DOMAIN}"
PASSWORD, NEW_PASSWORD = "nineteen violet canaries sing", "twenty violet canaries sing"
OTHER = "bystander@example.com"
MARKS = [MAILBOX, DOMAIN, "Quackenbush", "Zephyrine", PASSWORD, NEW_PASSWORD]
IMPORTED = f"""learner_id,name,created
7,Somebody Else,yesterday
8,{NAME},not a date at all
9,{EMAIL},not a date either
10,{unicodedata.normalize("NFD", NAME)},no date
11,{NAME.upper()},no date
12,Zephyrine  Quackenbush-Ozturk,no date
13,{EMAIL.upper()},no date
"""


@pytest.fixture
def installation(tmp_path: Path, usual_umask: None) -> Iterator[Flask]:
    """An installation as it is served: file database, counts in a file, mail as files."""
    folder = tmp_path / "instance"
    settings = replace(test_settings(f"sqlite:///{folder}/waymark.db", folder), rate_limit_storage=f"file://{folder}/limits.db")
    app = create_app(settings, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=True, MAIL_BACKEND="file")
    try:
        with app.app_context():
            make_tables()
            with unit_of_work():
                make_goal("Data analyst")
                make_course(title="Maps", topic=make_topic("Data"), quiz=True)
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def live(app: Flask) -> None:
    """Register, answer questions, learn, say what one thinks, guess wrong, forget the password, come back."""
    client = app.test_client()
    client.post("/register", data={"name": NAME, "email": EMAIL, "password": PASSWORD})
    client.post("/welcome/interests", data={"topics": ["data"]})
    with app.app_context():
        slug = db.session.query(db.metadata.tables["courses"].c.slug).scalar()
        lesson = db.session.query(db.metadata.tables["lessons"].c.slug).first()[0]
    for path in ("/", "/catalog?q=maps", f"/courses/{slug}", "/my", "/my/sessions", "/my/privacy/data.json"):
        client.get(path)
    client.post(f"/courses/{slug}/enroll")
    client.post(f"/courses/{slug}/feedback", data={"kind": "save"})
    client.post(f"/courses/{slug}/learn/{lesson}/complete")
    client.post("/my/profile", data={"name": NAME, "language": "en", "timezone": "UTC", "topics": ["data"]})
    client.post("/logout")
    client.post("/login", data={"email": EMAIL.upper(), "password": "a wrong guess"})
    client.post("/reset", data={"email": EMAIL})
    client.post("/reset", data={"email": OTHER})
    (link,) = {m for path in mail_files(app) if EMAIL in path.read_text() for m in re.findall(r"localhost(/reset/\S+)", path.read_text())}
    client.post(link, data={"password": NEW_PASSWORD})
    client.post("/login", data={"email": EMAIL, "password": NEW_PASSWORD, "remember": "y"})


def mail_files(app: Flask) -> list[Path]:
    return sorted((Path(app.instance_path) / "mail").glob("*"))


def import_people(app: Flask, folder: Path) -> None:
    path = folder / "people.csv"
    path.write_text(IMPORTED, encoding="utf-8")
    folder_of_problems = Path(app.instance_path) / "imports"
    with app.app_context(), unit_of_work():
        import_file(System(), ImportRequest(path, FileKind.LEARNERS), folder_of_problems, lambda _rows, _share: None)


def files_with(app: Flask, marks: list[str]) -> dict[str, list[str]]:
    """The files of the installation that hold a mark, in any of the spellings a program might have stored it in."""
    holding: dict[str, list[str]] = {}
    for path in sorted(Path(app.instance_path).rglob("*")):
        content = path.read_bytes().lower() if path.is_file() else b""
        for mark in marks:
            if any(spelling in content for spelling in (mark.lower().encode(), mark.lower().encode("utf-16-le"))):
                holding.setdefault(path.name, []).append(mark)
    return holding


@pytest.mark.parametrize("written_to", ["waymark.db", "waymark.db-wal"])
def test_after_an_erasure_no_file_holds_anything_of_the_person(installation: Flask, tmp_path: Path, written_to: str) -> None:
    live(installation)
    import_people(installation, tmp_path)
    if written_to == "waymark.db":
        with installation.app_context():
            truncate_wal()
    before = files_with(installation, MARKS)
    assert written_to in before
    assert sum(name.endswith(".log") for name in before) >= 2
    assert [name for name in before if name.endswith(".problems.csv")]
    client = installation.test_client()
    client.post("/login", data={"email": EMAIL, "password": NEW_PASSWORD})
    assert client.post("/my/privacy/delete", data={"password": NEW_PASSWORD}).status_code == 302
    with installation.app_context():
        assert db.session.query(User).filter_by(email=EMAIL).count() == 0
        db.session.remove()
    assert files_with(installation, MARKS) == {}


def test_mail_to_a_domain_with_other_letters_is_erased_too(installation: Flask) -> None:
    client = installation.test_client()
    client.post("/register", data={"name": NAME, "email": f"{MAILBOX}@qu\u00e4ckenbusch.example", "password": PASSWORD})
    assert [path for path in mail_files(installation) if MAILBOX in path.read_text()]
    assert client.post("/my/privacy/delete", data={"password": PASSWORD}).status_code == 302
    assert files_with(installation, [MAILBOX, "ckenbusch", NAME]) == {}


def test_what_is_of_others_stays(installation: Flask, tmp_path: Path) -> None:
    installation.test_client().post("/register", data={"name": "Bystander", "email": OTHER, "password": PASSWORD})
    live(installation)
    import_people(installation, tmp_path)
    client = installation.test_client()
    client.post("/login", data={"email": EMAIL, "password": NEW_PASSWORD})
    client.post("/my/privacy/delete", data={"password": NEW_PASSWORD})
    assert [path for path in mail_files(installation) if OTHER in path.read_text()]
    (problems,) = (Path(installation.instance_path) / "imports").glob("*.problems.csv")
    assert "Somebody Else" in problems.read_text()
    assert problems.read_text().count("\n") == 2


@pytest.mark.parametrize("name", ["Error", "Created"])
def test_somebody_called_like_a_word_of_the_list_takes_no_line_of_others_along(installation: Flask, tmp_path: Path, name: str) -> None:
    client = installation.test_client()
    client.post("/register", data={"name": name, "email": OTHER, "password": PASSWORD})
    import_people(installation, tmp_path)
    (problems,) = (Path(installation.instance_path) / "imports").glob("*.problems.csv")
    before = problems.read_text()
    assert name.lower() in before
    assert client.post("/my/privacy/delete", data={"password": PASSWORD}).status_code == 302
    assert problems.read_text() == before


@pytest.mark.parametrize("longer", ["jane.{}", "j_{}", "j+{}", "j-{}", "{}.example.org", "{}s", "{}-x.example"])
def test_mail_to_an_address_that_holds_the_erased_one_stays(installation: Flask, longer: str) -> None:
    client = installation.test_client()
    for address in (longer.format(OTHER), OTHER):
        client = installation.test_client()
        client.post("/register", data={"name": "Somebody", "email": address, "password": PASSWORD})
    before = set(mail_files(installation))
    assert client.post("/my/privacy/delete", data={"password": PASSWORD}).status_code == 302
    (left,) = mail_files(installation)
    assert left in before
    assert longer.format(OTHER) in left.read_text()


@pytest.mark.parametrize("confirmed", ["owner", "stranger", None])
def test_mail_of_an_address_goes_with_the_account_that_has_it(installation: Flask, confirmed: str | None) -> None:
    """Owner and stranger have registered with one address, and the stranger is erased."""
    owner, stranger = (installation.test_client() for _ in range(2))
    for name, client in (("owner", owner), ("stranger", stranger)):
        client.post("/register", data={"name": name, "email": OTHER, "password": PASSWORD})
        with installation.app_context(), unit_of_work():
            db.session.query(User).filter_by(name=name).update({"confirmed_at": now() if name == confirmed else None})
    before = mail_files(installation)
    assert len(before) == 2
    assert stranger.post("/my/privacy/delete", data={"password": PASSWORD}).status_code == 302
    assert (set(before) <= set(mail_files(installation))) == (confirmed != "stranger")


def test_no_file_of_an_installation_is_open_to_the_rest_of_the_machine(installation: Flask, tmp_path: Path) -> None:
    live(installation)
    import_people(installation, tmp_path)
    made = [path for path in Path(installation.instance_path).rglob("*")]
    assert {"waymark.db", "waymark.db-wal", "waymark.db-shm", "limits.db", "mail", "imports"} <= {path.name for path in made}
    assert {path.name: oct(path.stat().st_mode) for path in made if path.stat().st_mode & (stat.S_IRWXO | stat.S_IRWXG)} == {}


def test_what_was_open_before_is_closed_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    settings = test_settings(f"sqlite:///{folder}/waymark.db", folder)
    (folder / "mail").mkdir(mode=0o755)
    for path in (folder / "waymark.db", folder / "mail" / "1.log"):
        path.touch(mode=0o644)
    create_app(settings)
    for path in (folder, folder / "mail", folder / "waymark.db", folder / "mail" / "1.log"):
        assert not path.stat().st_mode & stat.S_IRWXO, path
