"""What jobs are called, when they run, and what their runs say, in words."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from webapp.recommender.report_sentences import current_run_step_sentence, fault_sentence, gate_reason_sentences
from webapp.registries.jobs import Every, JobSpec, Nightly, Schedule
from webapp.registries.run_messages import RunCode, RunMessage
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


def run_sentence(message: RunMessage | None, gate: Mapping[str, Any] | None = None) -> str:
    """What a run says of itself; empty where it says nothing yet, the code itself for one of another version.

    `gate` is what the gate decided about the model that the run trained: why it was held back.
    """
    if message is None or message.sentence:
        return message.sentence if message else ""
    if message.code not in _RUN_SENTENCES:
        return message.code
    if message.code == RunCode.HELD_BACK and gate:
        return " ".join([_RUN_SENTENCES[message.code]({}), *gate_reason_sentences(gate.get("reasons", ()), gettext)])
    try:
        return _RUN_SENTENCES[message.code](message.params)
    except (KeyError, TypeError, ValueError):  # parameters of another version
        return message.code


Params = Mapping[str, Any]


def _pruned(p: Params) -> str:
    return ngettext("%(num)s old record was removed.", "%(num)s old records were removed.", p["rows"])


def _learned(p: Params) -> str:
    return gettext(
        "Learned from %(interactions)s interactions of %(learners)s learners with %(courses)s courses in %(seconds)s s.",
        **{name: f"{p[name]:,}" for name in ("interactions", "learners", "courses", "seconds")},
    )


def _reason(p: Params) -> str:
    return str(p["detail"]) if "detail" in p else fault_sentence(p["reason"], gettext)


def _mails_sent(p: Params) -> str:
    counts = {name: f"{p[name]:,}" for name in ("sent", "put_off", "given_up")}
    return gettext("Mails sent: %(sent)s, put off: %(put_off)s, given up: %(given_up)s.", **counts)


_RUN_SENTENCES: Mapping[str, Callable[[Params], str]] = {
    RunCode.STARTING: lambda _: gettext("Starting"),
    RunCode.READING_TABLES: lambda _: gettext("Reading the tables"),
    RunCode.TRAINING: lambda p: current_run_step_sentence(p["step"], p, gettext),
    RunCode.MAILS_TRIED: lambda p: gettext("Mails tried: %(mails)s.", mails=f"{p['mails']:,}"),
    RunCode.LEARNED: _learned,
    RunCode.HELD_BACK: lambda _: gettext("The new model was held back; the one before it serves on."),
    RunCode.NOBODY_YET: lambda _: gettext("Nobody has taken a course yet, so there is nothing to learn from."),
    RunCode.RECOUNTED: lambda _: gettext("The counters of all courses agree with their enrollments."),
    RunCode.ROLLED_UP: lambda p: ngettext("%(num)s daily count is up to date.", "%(num)s daily counts are up to date.", p["rows"]),
    RunCode.PRUNED: _pruned,
    RunCode.MAILS_SENT: _mails_sent,
    RunCode.CANCELLED: lambda _: gettext("Cancelled."),
    RunCode.CANCELLED_BEFORE_IT_BEGAN: lambda _: gettext("Cancelled before it began."),
    RunCode.TOO_LONG: lambda p: gettext("It took longer than the %(minutes)g minutes it may.", minutes=p["minutes"]),
    RunCode.TERMINATED: lambda _: gettext("The process was told to end before the job was done."),
    RunCode.PROCESS_ENDED: lambda _: gettext("The process ended before the job did."),
    RunCode.UNRESPONSIVE: lambda _: gettext("The process did not answer any more and was ended."),
    RunCode.NOT_STARTED: lambda _: gettext("Its process could not be started."),
    RunCode.UNDECLARED: lambda p: gettext("There is no job %(job)s in this version.", job=p["job"]),
    RunCode.UNUSABLE_DATA: lambda p: gettext("These data cannot make a model: %(detail)s", detail=_reason(p)),
    RunCode.NOT_STORED: lambda p: gettext("The new model could not be stored: %(detail)s", detail=_reason(p)),
    RunCode.CRASHED: lambda p: str(p["error"]),
}
