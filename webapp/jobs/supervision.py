"""Watches runs from outside: whose process is gone, and who is frozen or does not stop though it was asked to.

A run looks after its own deadline and cancellation (`heartbeat`); this is for those that cannot. Patience is counted in looks, not in
time: a process or machine that slept takes no run for dead because of it, whatever its clock says.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from webapp.background import kill_process
from webapp.models.operations import JobRun
from webapp.queries.job_runs import active_runs
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.services.job_runs import give_run_up, is_dead, this_host
from webapp.transactions import unit_of_work

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Watched:
    """How often a run has been looked at since its last sign of life, and since it was asked to stop."""

    heartbeat_at: datetime
    unchanged: int = 0
    asked: int = 0


class Supervisor:
    """Looks at all active runs each time it is called; `patience` looks without a sign of life or an answer are enough."""

    def __init__(self, patience: int = 6) -> None:
        self._patience = patience
        self._watched: dict[int, _Watched] = {}

    def end_stuck_runs(self) -> int:
        """End what is dead, frozen or does not stop; how many runs that was. Needs an application context."""
        with unit_of_work(writes=False):
            runs = active_runs()
        reasons = {run.id: reason for run in runs if (reason := self._reason_to_end(run)) is not None}
        self._watched = {run.id: self._watched[run.id] for run in runs if run.id not in reasons}
        for run in runs:
            if run.id in reasons:
                self._end(run, reasons[run.id])
        return len(reasons)

    def _reason_to_end(self, run: JobRun) -> RunMessage | None:
        """Why the run has to be ended; None when it is well."""
        watched = self._watched.setdefault(run.id, _Watched(run.heartbeat_at, unchanged=-1))
        watched.unchanged = watched.unchanged + 1 if watched.heartbeat_at == run.heartbeat_at else 0
        watched.asked += run.cancel_requested_at is not None
        watched.heartbeat_at = run.heartbeat_at
        if is_dead(run):
            return RunMessage(RunCode.PROCESS_ENDED)
        if watched.unchanged >= self._patience or watched.asked > self._patience:
            return RunMessage(RunCode.UNRESPONSIVE)
        return None

    def _end(self, run: JobRun, reason: RunMessage) -> None:
        log.warning("run_ended_from_outside", job=run.job_id, run_id=run.id, reason=reason.code)
        if run.own_process and run.pid is not None and run.host == this_host():
            kill_process(run.pid, run.process_birth)
        with unit_of_work():
            give_run_up(run, reason)
