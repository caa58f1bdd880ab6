"""`flask jobs` and `flask recsys`."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from webapp.extensions import db
from webapp.jobs.runs import enqueue
from webapp.models.operations import RunStatus
from webapp.queries.job_runs import latest_run


@pytest.fixture
def runner(separate_app: Flask) -> FlaskCliRunner:
    return separate_app.test_cli_runner()


def test_jobs_are_listed_with_last_and_next_run(runner) -> None:
    result = runner.invoke(args=["jobs", "list"])
    assert result.exit_code == 0
    for job_id in ("retrain", "recount", "prune"):
        assert job_id in result.output
    assert "last: never" in result.output
    assert "nightly at 03:10 UTC" in result.output


def test_a_job_runs_now_and_leaves_a_run(runner) -> None:
    result = runner.invoke(args=["jobs", "run", "prune"])
    assert (result.exit_code, "0 old records were removed." in result.output) == (0, True)
    assert latest_run("prune").status is RunStatus.SUCCEEDED
    assert "succeeded" in runner.invoke(args=["jobs", "list"]).output


def test_a_job_that_runs_already_is_refused(runner) -> None:
    enqueue("recount", "schedule")
    result = runner.invoke(args=["jobs", "run", "recount"])
    assert result.exit_code == 1
    assert "running already" in result.output


def test_an_unknown_job_is_named(runner) -> None:
    result = runner.invoke(args=["jobs", "run", "dishes"])
    assert result.exit_code == 2
    assert "dishes" in result.output


def test_a_training_before_anybody_took_a_course_says_so_and_is_no_failure(runner) -> None:
    result = runner.invoke(args=["recsys", "train"])
    assert result.exit_code == 0
    assert "nothing to learn from" in result.output
    assert latest_run("retrain").status is RunStatus.SUCCEEDED


def test_a_run_that_is_gone_cannot_be_taken_up(runner) -> None:
    other = enqueue("recount", "manual")
    for run_id in (4711, other):
        result = runner.invoke(args=["jobs", "run", "retrain", "--run", str(run_id)])
        assert result.exit_code == 1
        assert "no such run" in result.output


def test_a_queued_run_is_taken_up(runner) -> None:
    run_id = enqueue("recount", "manual")
    result = runner.invoke(args=["jobs", "run", "recount", "--run", str(run_id)])
    assert (result.exit_code, latest_run("recount").status) == (0, RunStatus.SUCCEEDED)


def test_a_queued_run_is_cancelled(runner) -> None:
    enqueue("recount", "manual")
    result = runner.invoke(args=["jobs", "cancel", "recount"])
    assert (result.exit_code, latest_run("recount").status) == (0, RunStatus.CANCELLED)
    assert "cancelled" in result.output
    result = runner.invoke(args=["jobs", "cancel", "recount"])
    assert (result.exit_code, "neither queued nor under way" in result.output) == (1, True)
    assert runner.invoke(args=["jobs", "cancel", "dishes"]).exit_code == 2


def test_commands_say_in_a_sentence_that_the_database_is_not_migrated(runner, separate_app: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0001'"))
    for arguments in (["jobs", "list"], ["jobs", "run", "prune"], ["recsys", "status"], ["users", "list"], ["data", "sample"]):
        result = runner.invoke(args=arguments)
        assert result.exit_code == 1
        assert "flask db upgrade" in result.output
        assert "Traceback" not in result.output


def test_status_without_a_model(runner) -> None:
    result = runner.invoke(args=["recsys", "status"])
    assert (result.exit_code, result.output) == (0, "state: none\n")
