"""What each declared job does: the work behind the ids of `webapp.registries.jobs`."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from webapp.config import Settings
from webapp.queries.outbox import mail_is_due
from webapp.registries.jobs import MAIL, PRUNE, RECOUNT, RETRAIN, ROLLUP
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.services.housekeeping import find_old_rows, remove_rows
from webapp.services.model_lifecycle import current_training, record_serving_model, register_model
from webapp.services.outbox import SendOutcome, send_one_mail
from webapp.services.rollups import (
    RECOUNTED_AT_ONCE,
    RECOUNTS,
    CountedDays,
    count_attribution_days,
    count_days,
    course_takers_by_goal,
    replace_course_pairs,
    replace_course_takers_by_goal,
    store_days,
    store_recent_starts,
)
from webapp.support.disk_reserve import keep_reserve
from webapp.transactions import database_url, truncate_wal, unit_of_work

if TYPE_CHECKING:
    from webapp.recommender.training.train import Trained

_MAIL_SECONDS = 60.0


class JobFailed(Exception):
    """The job came to nothing for a known reason."""

    def __init__(self, message: RunMessage) -> None:
        super().__init__(message.code)
        self.message = message


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a job is given: which run it is, the settings, its parameters, and `report` for how far it is (0 to 1) and at what.

    `report` raises RunStopped when the run is to end, so a job that reports can be cancelled.
    """

    run_id: int
    settings: Settings
    report: Callable[[float, RunMessage], None]
    params: Mapping[str, Any] = field(default_factory=dict)


Runner = Callable[[RunContext], RunMessage]
"""Does the work and returns what came of it."""


def _retrain(context: RunContext) -> RunMessage:
    # Loaded late: pandas and scikit-learn are for the process that trains, not for those that list the jobs.
    from webapp.recommender.training.course_pairs import course_pairs  # noqa: PLC0415
    from webapp.recommender.training.train import NoEnrollmentsYet, NothingToTrain, NotStored, train_model  # noqa: PLC0415

    started = perf_counter()
    with unit_of_work():
        record_serving_model()
    seconds = 0.0

    def record(trained: "Trained") -> None:
        nonlocal seconds
        seconds = perf_counter() - started
        with unit_of_work():
            register_model(trained, context.run_id, seconds)

    try:
        trained = train_model(context.settings.models_dir, context.report, record=record)
    except NoEnrollmentsYet:
        return RunMessage(RunCode.NOBODY_YET)
    except NothingToTrain as error:
        raise JobFailed(RunMessage(RunCode.UNUSABLE_DATA, {"reason": error.reason.to_json()})) from error
    except NotStored as error:
        raise JobFailed(RunMessage(RunCode.NOT_STORED, {"reason": error.reason.to_json()})) from error
    # What reasons say of other learners is counted when the model is, so that no page counts it.
    with unit_of_work(writes=False):
        pairs, takers = course_pairs(), course_takers_by_goal()
    with unit_of_work():
        replace_course_pairs(pairs)
        replace_course_takers_by_goal(takers)
    if not trained.promoted:
        return RunMessage(RunCode.HELD_BACK, {"version": trained.version})
    figures = {"interactions": trained.n_interactions, "learners": trained.n_users, "courses": trained.n_items, "seconds": round(seconds)}
    return RunMessage(RunCode.LEARNED, figures)


def _recount(context: RunContext) -> RunMessage:
    for find, recount in RECOUNTS:
        _recount_wrong_courses(context, find, recount)
    context.report(0.0, RunMessage(RunCode.READING_TABLES))
    with unit_of_work(writes=False):
        takers = course_takers_by_goal()
    with unit_of_work():
        replace_course_takers_by_goal(takers)
    _bring_days_up_to_date(context, count_attribution_days)
    with unit_of_work():
        if current_training() is None:  # which writes its model down before it lets it serve
            record_serving_model()
    return RunMessage(RunCode.RECOUNTED)


def _recount_wrong_courses(context: RunContext, find: Callable[[], Sequence[int]], recount: Callable[[Sequence[int]], None]) -> None:
    """Look for wrong counts without a lock, then count those again with one: what learners do meanwhile is not lost."""
    context.report(0.0, RunMessage(RunCode.READING_TABLES))
    with unit_of_work(writes=False):
        wrong = find()
    for start in range(0, len(wrong), RECOUNTED_AT_ONCE):
        context.report(start / len(wrong), RunMessage(RunCode.READING_TABLES))
        with unit_of_work():
            recount(wrong[start : start + RECOUNTED_AT_ONCE])


def _roll_up(context: RunContext) -> RunMessage:
    return RunMessage(RunCode.ROLLED_UP, {"rows": _bring_days_up_to_date(context, count_days)})


def _bring_days_up_to_date(context: RunContext, count: Callable[[], CountedDays]) -> int:
    """Count without a lock, then store a group of days at a time: pages and the heartbeat write between; how many rows were written."""
    context.report(0.0, RunMessage(RunCode.READING_TABLES))
    with unit_of_work(writes=False):
        counted = count()
    rows = 0
    for done, group in enumerate(counted.groups):
        context.report(done / len(counted.groups), RunMessage(RunCode.ROLLED_UP, {"rows": rows}))
        with unit_of_work():
            rows += store_days(group, counted)
    with unit_of_work():
        store_recent_starts(counted)
    return rows


def _prune(context: RunContext) -> RunMessage:
    context.report(0.0, RunMessage(RunCode.READING_TABLES))
    with unit_of_work(writes=False):
        batches = find_old_rows()
    removed = 0
    for done, batch in enumerate(batches):
        context.report(done / len(batches), RunMessage(RunCode.PRUNED, {"rows": removed}))
        with unit_of_work():
            removed += remove_rows(batch)
    truncate_wal()  # an erasure leaves its rows in the log where somebody reads for longer than a moment
    keep_reserve(database_url())  # where there is room again
    return RunMessage(RunCode.PRUNED, {"rows": removed})


def _mail(context: RunContext) -> RunMessage:
    counts: Counter[SendOutcome] = Counter()
    began = monotonic()
    while monotonic() - began < _MAIL_SECONDS and (outcome := send_one_mail()) is not None:
        counts[outcome] += 1
        context.report(0.0, RunMessage(RunCode.MAILS_TRIED, {"mails": counts.total()}))
    return RunMessage(RunCode.MAILS_SENT, {outcome.value: counts[outcome] for outcome in SendOutcome})


RUNNERS: dict[str, Runner] = {RETRAIN: _retrain, RECOUNT: _recount, PRUNE: _prune, ROLLUP: _roll_up, MAIL: _mail}
HAS_WORK: dict[str, Callable[[], bool]] = {MAIL: mail_is_due}
"""Jobs that begin by themselves only where this says so: most minutes have no mail to send, and each run is a row."""
