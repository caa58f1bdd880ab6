"""Settings that cannot be used stop the start with a sentence; secrets are made once."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from werkzeug.sansio.utils import host_is_trusted

from tests.processes import started
from webapp.config import ROOT, ConfigError, load_settings


def complaint(tmp_path: Path, **env: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings({"WAYMARK_INSTANCE_DIR": str(tmp_path)} | env)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "postgresql://u:p@localhost:many/x", "port"),
        ("DATABASE_URL", "mysql://x", "postgresql://"),
        ("DATABASE_URL", "postgresql://u:p@[::1/x", "postgresql://"),
        ("DATABASE_URL", "http://[", "postgresql://"),
        ("DATABASE_URL", "postgresql+psycopg2://h/x", "postgresql://"),
        ("DATABASE_URL", "postgresql+asyncpg://h/x", "postgresql://"),
        ("DATABASE_URL", "SQLite+aiosqlite:///x.db", "sqlite:///"),
        ("TRUSTED_HOSTS", "https://courses.example.org/", "courses.example.org"),
        ("TRUSTED_HOSTS", "courses.example.org *", "'*' is none"),
        ("TRUSTED_HOSTS", "*.example.org", "is none"),
        ("TRUSTED_HOSTS", "courses.example.org:https", "is none"),
        ("MAIL_SENDER", "Waymark", "no-reply@example.org"),
        ("MAIL_SENDER", "Waymark <no-reply@>", "no-reply@example.org"),
        ("MAIL_SENDER", "a@example.org\nBcc: b@example.org", "no-reply@example.org"),
        ("RATE_LIMIT_STORAGE", "redis://[::1", "redis://host"),
        ("SECRET_KEY", "short", "at least 32 characters"),
        ("SECRET_KEY", "0" * 64, "8 different ones"),
        ("SECRET_KEY", "abc" * 30, "8 different ones"),
        ("DATABASE_URL", "sqlite://", "a file is expected"),
        ("DATABASE_URL", "sqlite:///:memory:", "a file is expected"),
        ("RATE_LIMIT_STORAGE", "somewhere", "redis://host"),
        ("RETRAIN_HOURS", "often", "whole number"),
        ("INSTANCE_DIR", "/dev/null/instance", "folder to write to"),
        ("INSTANCE_DIR", "/proc", "folder to write to"),
    ],
)
def test_the_variable_and_what_is_expected_are_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    text = complaint(tmp_path, **{f"WAYMARK_{name}": value})
    assert f"WAYMARK_{name}" in text
    assert said in text


@pytest.mark.parametrize(
    "hosts", ["Courses.Example.org", "COURSES.example.org:8000, .Example.net", "bücher.example", "localhost", "127.0.0.1"]
)
def test_a_site_answers_to_its_names_however_they_are_written(tmp_path: Path, hosts: str) -> None:
    trusted = load_settings({"WAYMARK_INSTANCE_DIR": str(tmp_path), "WAYMARK_TRUSTED_HOSTS": hosts}).trusted_hosts
    asked = [name.strip(",").lstrip(".").lower().encode("idna").decode() for name in hosts.split()]
    assert all(host_is_trusted(name, trusted) for name in asked)


@pytest.mark.parametrize("sender", ["courses@example.org", "Bücher für alle <a@example.org>", "“Lernen” <a@bücher.example>"])
def test_a_sender_is_an_address_with_or_without_a_name(tmp_path: Path, sender: str) -> None:
    assert load_settings({"WAYMARK_INSTANCE_DIR": str(tmp_path), "WAYMARK_MAIL_SENDER": sender}).mail_sender == sender


def test_what_an_address_begins_with_is_read_in_capitals_too(tmp_path: Path) -> None:
    env = {"DATABASE_URL": f"SQLite:///{tmp_path}/X.db", "RATE_LIMIT_STORAGE": f"File://{tmp_path}/L.db"}
    settings = load_settings({"WAYMARK_INSTANCE_DIR": str(tmp_path)} | {f"WAYMARK_{name}": value for name, value in env.items()})
    assert settings.database_url == f"sqlite:///{tmp_path}/X.db"
    assert settings.rate_limit_storage == f"file://{tmp_path}/L.db"


@pytest.mark.parametrize("name", ["secret_key", "password_salt"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "at least 32"),
        (b"\n \n", "at least 32"),
        (b"short", "at least 32"),
        (b"\xff" * 64, "text"),
        (b"\0" * 64, "at least 32"),
        (b"a" * 64, "at least 32"),
    ],
)
def test_a_kept_secret_that_is_none_stops_the_start(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    text = complaint(tmp_path)
    assert str(tmp_path / name) in text
    assert said in text


def test_a_folder_in_place_of_a_secret_is_said(tmp_path: Path) -> None:
    (tmp_path / "secret_key").mkdir()
    assert "a file with a secret is expected" in complaint(tmp_path)


def test_an_instance_folder_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    load_settings({"WAYMARK_INSTANCE_DIR": str(tmp_path / "new")})
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_pipe_in_place_of_a_secret_is_said_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "secret_key")
    assert "a file with a secret is expected" in complaint(tmp_path)


def test_a_misspelled_variable_is_not_passed_over(tmp_path: Path) -> None:
    text = complaint(tmp_path, WAYMARK_RETRAIN_HOUR="3", WAYMARK_DATABSE_URL="postgresql://localhost/x")
    assert "WAYMARK_RETRAIN_HOURS may be meant" in text
    assert "WAYMARK_DATABASE_URL may be meant" in text


def test_links_in_mail_need_a_name_nobody_else_can_choose(tmp_path: Path) -> None:
    mail = {"WAYMARK_INSTANCE_DIR": str(tmp_path), "WAYMARK_MAIL_SERVER": "mail.example.com"}
    assert "WAYMARK_TRUSTED_HOSTS" in complaint(tmp_path, **mail)
    assert load_settings(mail | {"WAYMARK_TRUSTED_HOSTS": "courses.example.com"}).trusted_hosts == ("courses.example.com",)


def test_variables_of_what_runs_beside_are_left_alone(tmp_path: Path) -> None:
    others = ("WAYMARK_REQUIRE", "WAYMARK_TEST_DATABASE_URL", "WAYMARK_USER_PASSWORD", "WAYMARK_BACKUP_BUCKET")
    load_settings({"WAYMARK_INSTANCE_DIR": str(tmp_path)} | dict.fromkeys(others, "x"))


def test_a_relative_database_lies_in_the_instance_folder(tmp_path: Path) -> None:
    env = {"WAYMARK_INSTANCE_DIR": str(tmp_path), "WAYMARK_DATABASE_URL": "sqlite:///other.db"}
    assert load_settings(env).database_url == f"sqlite:///{tmp_path}/other.db"


def test_guesses_are_counted_in_the_instance_folder_unless_said_otherwise(tmp_path: Path) -> None:
    assert load_settings({"WAYMARK_INSTANCE_DIR": str(tmp_path)}).rate_limit_storage == f"file://{tmp_path}/limits.db"


def test_workers_that_start_together_agree_on_the_secrets(tmp_path: Path) -> None:
    code = "from webapp.config import load_settings; s = load_settings(); print(s.secret_key, s.password_salt)"
    env = os.environ | {"WAYMARK_INSTANCE_DIR": str(tmp_path / "new")}
    command = [sys.executable, "-c", code]
    with ExitStack() as stack:
        workers = [stack.enter_context(started(command, env=env, cwd=ROOT, stdout=subprocess.PIPE)) for _ in range(6)]
        said = {worker.communicate()[0] for worker in workers}
    assert len(said) == 1
    assert all(len(secret) >= 32 for secret in said.pop().split())
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["password_salt", "secret_key"]
