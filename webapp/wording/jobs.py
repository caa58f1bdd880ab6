"""What jobs are called and when they run, in words."""

from collections.abc import Callable
from datetime import timedelta

from webapp.registries.jobs import Every, JobSpec, Nightly, Schedule
from webapp.support.messages import gettext, ngettext


def job_title(spec: JobSpec) -> str:
    """The job's name on pages and in commands."""
    return gettext(spec.title)


def schedule_words(schedule: Schedule) -> str:
    """How often a job runs. Raises KeyError for a kind of schedule without words."""
    return _SCHEDULES[type(schedule)](schedule)


def _every(schedule: Every) -> str:
    hours = schedule.distance / timedelta(hours=1)
    if hours == int(hours):
        return ngettext("every hour", "every %(num)s hours", int(hours))
    minutes = schedule.distance / timedelta(minutes=1)
    return gettext("every minute") if minutes == 1 else gettext("every %(minutes)g minutes", minutes=minutes)


def _nightly(schedule: Nightly) -> str:
    time = f"{schedule.hour:02}:{schedule.minute:02}"
    return gettext("nightly at %(time)s UTC", time=time)


_SCHEDULES: dict[type, Callable[..., str]] = {Every: _every, Nightly: _nightly}
