"""Every job is declared whole, and is due when it should be, whatever became of the nights before."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from webapp.jobs.runners import HAS_WORK, RUNNERS
from webapp.policies import Permission
from webapp.registries.jobs import JOBS, MAIL, Every, JobSpec, Nightly
from webapp.wording.jobs import job_title, schedule_words

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("spec", JOBS.values(), ids=lambda spec: spec.id)
def test_a_job_has_all_it_needs(app: Flask, spec: JobSpec) -> None:
    assert JOBS[spec.id] is spec
    assert callable(RUNNERS[spec.id])
    assert job_title(spec) == spec.title
    schedule = spec.schedule(app.extensions["settings"])
    assert schedule_words(schedule)
    assert schedule.next_start(NOON, NOON) > NOON
    assert timedelta(0) < spec.grace < spec.deadline
    assert spec.permission in Permission


def test_nothing_is_bound_that_is_not_declared() -> None:
    assert set(RUNNERS) == set(JOBS)
    assert set(HAS_WORK) <= set(JOBS)


def test_ids_are_fixed_and_only_mail_runs_in_the_process_that_schedules() -> None:
    assert list(JOBS) == ["retrain", "recount", "rollup", "prune", "mail"]
    assert [spec.id for spec in JOBS.values() if not spec.isolated] == [MAIL]


@pytest.mark.parametrize(
    ("last", "expected"),
    [(None, NOON), (NOON - timedelta(hours=2), NOON + timedelta(hours=4)), (NOON - timedelta(days=2), NOON - timedelta(hours=42))],
)
def test_a_distance_counts_from_the_last_start_and_a_first_run_is_due_at_once(last: datetime | None, expected: datetime) -> None:
    assert Every(timedelta(hours=6)).next_start(last, NOON) == expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, NOON),
        (NOON, NOON.replace(hour=3) + timedelta(days=1)),
        (NOON.replace(hour=3), NOON.replace(hour=3) + timedelta(days=1)),
        (NOON.replace(hour=1), NOON.replace(hour=3)),
        (NOON - timedelta(days=9), NOON.replace(hour=3) - timedelta(days=8)),
    ],
)
def test_a_night_follows_the_last_start_however_long_ago_and_a_first_run_is_due_at_once(last: datetime | None, expected: datetime) -> None:
    assert Nightly(3).next_start(last, NOON) == expected


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Every(timedelta(minutes=1)), "every minute"),
        (Every(timedelta(hours=1)), "every hour"),
        (Every(timedelta(hours=6)), "every 6 hours"),
        (Every(timedelta(minutes=90)), "every 90 minutes"),
        (Nightly(3, 5), "nightly at 03:05 UTC"),
    ],
)
def test_schedules_in_words(schedule, words: str) -> None:
    assert schedule_words(schedule) == words
