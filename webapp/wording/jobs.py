"""What jobs are called and when they run, in words."""

from collections.abc import Callable
from datetime import timedelta

from webapp.registries.jobs import Every, JobSpec, Nightly, Schedule

JOB_TITLES = {
    "job.retrain": "Retrain the recommender",
    "job.recount": "Recount enrollments and completions",
    "job.rollup": "Count what happened by day",
    "job.prune": "Remove old slates, runs and notifications",
    "job.mail": "Send the mail that waits",
}


def job_title(spec: JobSpec) -> str:
    """The job's name on pages and in commands."""
    return JOB_TITLES[spec.title_key]


def schedule_words(schedule: Schedule) -> str:
    """How often a job runs. Raises KeyError for a kind of schedule without words."""
    return _SCHEDULES[type(schedule)](schedule)


def _every(schedule: Every) -> str:
    hours = schedule.distance / timedelta(hours=1)
    if hours == int(hours):
        return "every hour" if hours == 1 else f"every {int(hours)} hours"
    minutes = schedule.distance / timedelta(minutes=1)
    return "every minute" if minutes == 1 else f"every {minutes:g} minutes"


def _nightly(schedule: Nightly) -> str:
    return f"nightly at {schedule.hour:02}:{schedule.minute:02} UTC"


_SCHEDULES: dict[type, Callable[..., str]] = {Every: _every, Nightly: _nightly}
