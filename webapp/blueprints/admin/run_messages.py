"""What runs of jobs say of themselves, for pages: in words, without paths of the server."""

from collections.abc import Iterable

from webapp.blueprints.admin.strip_paths import strip_paths
from webapp.models.operations import JobRun
from webapp.queries.job_runs import gate_decisions_of_runs
from webapp.wording.jobs import run_sentence


def run_sentences(runs: Iterable[JobRun | None]) -> dict[int, str]:
    """The sentence of each run, by its id; one statement."""
    present = [run for run in runs if run is not None]
    gates = gate_decisions_of_runs(present) if present else {}
    return {run.id: strip_paths(run_sentence(run.message, gates.get(run.id))) for run in present}


def plain_run_sentence(run: JobRun | None) -> str:
    """The sentence of one run; empty where there is none."""
    return run_sentences([run])[run.id] if run is not None else ""
