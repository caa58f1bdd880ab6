"""Every background job, declared in one place with a fixed id."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from textwrap import shorten
from time import perf_counter
from types import MappingProxyType
from typing import Protocol

from webapp.config import Settings
from webapp.services.housekeeping import prune_records, recount_courses
from webapp.services.job_runs import MAX_MESSAGE, RETRAIN
from webapp.services.training import register_model
from webapp.support.clock import now
from webapp.transactions import unit_of_work
from webapp.wording import schedules
from webapp.wording.training import NOBODY_YET

_SOON = timedelta(seconds=60)


class JobFailed(Exception):
    """The job came to nothing for a reason people can read."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a job is given: which run it is, the settings, and whom to tell how far it is (0 to 1, what is done now)."""

    run_id: int
    settings: Settings
    report: Callable[[float, str], None]


class Schedule(Protocol):
    """When a job runs next, from when it last began (None: never)."""

    def next_after(self, last: datetime | None, moment: datetime) -> datetime:
        """The next start, in the future of `moment`; soon when one was missed."""
        ...

    def in_words(self) -> str:
        """For people."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """At a fixed distance, counted over restarts."""

    hours: int

    def next_after(self, last: datetime | None, moment: datetime) -> datetime:
        """A distance after the last start."""
        return max((last or moment) + timedelta(hours=self.hours), moment + _SOON)

    def in_words(self) -> str:
        """For people."""
        return schedules.every(self.hours)


@dataclass(frozen=True, slots=True)
class Nightly:
    """Once a day at a time of night (UTC)."""

    hour: int
    minute: int = 0

    def next_after(self, last: datetime | None, moment: datetime) -> datetime:
        """Tonight; soon when last night was slept through."""
        tonight = moment.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        upcoming = tonight if tonight > moment else tonight + timedelta(days=1)
        missed = last is not None and last < upcoming - timedelta(days=1)
        return moment + _SOON if missed else upcoming

    def in_words(self) -> str:
        """For people."""
        return schedules.nightly(self.hour, self.minute)


@dataclass(frozen=True, slots=True)
class Job:
    """A job. `run` returns what was done, in words; one with `own_process` does not run inside a serving process."""

    id: str
    title: str
    run: Callable[[RunContext], str]
    schedule: Callable[[Settings], Schedule]
    own_process: bool = False


def _retrain(context: RunContext) -> str:
    # Loaded late: pandas and scikit-learn are for the process that trains, not for those that list the jobs.
    from webapp.recommender.training.train import NobodyYet, NothingToTrain, train_model  # noqa: PLC0415

    started = perf_counter()
    try:
        trained = train_model(context.settings.models_dir, context.report)
    except NobodyYet:
        return NOBODY_YET
    except NothingToTrain as reason:
        raise JobFailed(str(reason)) from reason
    seconds = perf_counter() - started
    with unit_of_work():
        register_model(trained, context.run_id, seconds)
    learned = (
        f"Learned from {trained.n_interactions:,} interactions of {trained.n_users:,} learners "
        f"with {trained.n_items:,} courses in {seconds:.0f} s."
    )
    held = f"The new model was held back; the one before it serves on. {' '.join(trained.reasons)}"
    return learned if trained.promoted else shorten(held, MAX_MESSAGE, placeholder=" …")


def _recount(_context: RunContext) -> str:
    with unit_of_work():
        recount_courses()
    return "The counters of all courses agree with their enrollments."


def _prune(_context: RunContext) -> str:
    with unit_of_work():
        removed = prune_records()
    return f"{removed:,} old records were removed."


_ALL = (
    Job(RETRAIN, "Retrain the recommender", _retrain, lambda settings: Every(settings.retrain_hours), own_process=True),
    Job("recount", "Recount enrollments and completions", _recount, lambda _settings: Nightly(3, 10)),
    Job("prune", "Remove old slates, runs and notifications", _prune, lambda _settings: Nightly(3, 40)),
)
JOBS: Mapping[str, Job] = MappingProxyType({job.id: job for job in _ALL})


def next_run(job: Job, settings: Settings, last: datetime | None) -> datetime:
    """When the job begins next, given when it last began."""
    return job.schedule(settings).next_after(last, now())
