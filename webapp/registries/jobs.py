"""Every background job, declared once: when it is due, where it runs, how long it may take, who may start it.

What a job does is bound to its id in `webapp.jobs.runners`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from webapp.config import Settings
from webapp.registries.notifications import NotificationKind
from webapp.registries.permissions import Permission
from webapp.support.messages import N_

RETRAIN = "retrain"
RECOUNT = "recount"
PRUNE = "prune"
ROLLUP = "rollup"
MAIL = "mail"


class Schedule(Protocol):
    """A schedule: when a job is due."""

    def next_start(self, last: datetime | None, since: datetime) -> datetime:
        """The planned start that follows the last one (None: there was none; then it counts from `since`)."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """A schedule at a fixed distance from the last start; at once where there was none."""

    distance: timedelta

    def next_start(self, last: datetime | None, since: datetime) -> datetime:
        """A distance after the last start."""
        return since if last is None else last + self.distance


@dataclass(frozen=True, slots=True)
class Nightly:
    """A schedule of once a night (UTC); at once where there was none: a machine that is off at night would never come to it."""

    hour: int
    minute: int = 0

    def next_start(self, last: datetime | None, since: datetime) -> datetime:
        """The first such time after the last start."""
        if last is None:
            return since
        planned = last.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        return planned if planned > last else planned + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A declared job. `title` says in English what it does; who shows it translates it.

    An `isolated` one always gets a process of its own; the others run in a thread of the scheduling process when their time comes.
    A thread cannot be ended, only written off while it goes on: only work that reports often may stay there. A run is ended when it
    takes longer than `deadline`, by force when it does not answer within `grace`. Who lacks `permission` may neither start nor cancel
    it. Of a run that fails administrators get a `failure_notice`.
    """

    id: str
    title: str
    schedule: Callable[[Settings], Schedule]
    deadline: timedelta
    isolated: bool = True
    permission: Permission = Permission.RUN_JOB
    grace: timedelta = timedelta(seconds=10)
    failure_notice: NotificationKind | None = None


JOBS: dict[str, JobSpec] = {
    spec.id: spec
    for spec in (
        JobSpec(
            RETRAIN,
            N_("Retrain the recommender"),
            lambda settings: Every(timedelta(hours=settings.retrain_hours)),
            deadline=timedelta(hours=6),
            permission=Permission.TRAIN_MODEL,
            failure_notice=NotificationKind.TRAINING_FAILED,
        ),
        JobSpec(
            RECOUNT,
            N_("Recount enrollments and completions"),
            lambda _settings: Nightly(3, 10),
            deadline=timedelta(minutes=30),
        ),
        JobSpec(
            ROLLUP,
            N_("Count what happened by day"),
            lambda _settings: Every(timedelta(hours=1)),
            deadline=timedelta(minutes=30),
        ),
        JobSpec(
            PRUNE,
            N_("Remove old slates, runs and notifications"),
            lambda _settings: Nightly(3, 40),
            deadline=timedelta(minutes=30),
        ),
        JobSpec(
            MAIL,
            N_("Send the mail that waits"),
            lambda _settings: Every(timedelta(minutes=1)),
            deadline=timedelta(minutes=5),
            isolated=False,
        ),
    )
}


def due_at(spec: JobSpec, settings: Settings, last: datetime | None, since: datetime) -> datetime:
    """When the job is due next, given its last start; in the past when that was slept through."""
    return spec.schedule(settings).next_start(last, since)
