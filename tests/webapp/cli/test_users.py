"""`flask users`."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from webapp.models.user import Role
from webapp.queries.accounts import account_by_email

PASSWORD = "a short sentence of mine"


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_an_account_is_made_given_a_role_and_listed(app, runner) -> None:
    made = runner.invoke(args=["users", "create", "Ada@example.com", "--name", "Ada"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    granted = runner.invoke(args=["users", "grant", "ada@example.com", "admin"])
    assert granted.output == "ada@example.com is admin now.\n"
    assert account_by_email("ada@example.com").role == Role.ADMIN
    assert "ada@example.com" in runner.invoke(args=["users", "list", "--role", "admin"]).output
    assert "ada@example.com" not in runner.invoke(args=["users", "list", "--role", "creator"]).output


def test_the_password_may_come_from_the_environment(app, runner) -> None:
    result = runner.invoke(
        args=["users", "create", "ada@example.com", "--name", "Ada", "--role", "creator"], env={"WAYMARK_USER_PASSWORD": PASSWORD}
    )
    assert result.output == "Made creator ada@example.com.\n"
    assert account_by_email("ada@example.com").confirmed_at is not None


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [("nowhere", PASSWORD, "not an e-mail address"), ("a@example.com", "short", "at least 10"), ("taken@example.com", PASSWORD, "already")],
)
def test_what_cannot_be_is_said_and_ends_with_an_error(app, runner, make_user, email: str, password: str, message: str) -> None:
    make_user(email="taken@example.com")
    result = runner.invoke(args=["users", "create", email, "--name", "Ada"], env={"WAYMARK_USER_PASSWORD": password})
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output


def test_granting_to_nobody_is_an_error(app, runner) -> None:
    result = runner.invoke(args=["users", "grant", "nobody@example.com", "admin"])
    assert result.exit_code == 1
    assert "no account" in result.output


@pytest.mark.parametrize("limit", ["-1", "0", "99999999999999999999", "2,5"])
def test_a_limit_no_database_takes_is_refused(app: Flask, runner, limit: str) -> None:
    result = runner.invoke(args=["users", "list", f"--limit={limit}"])
    assert (result.exit_code, "--limit" in result.output) == (2, True)
