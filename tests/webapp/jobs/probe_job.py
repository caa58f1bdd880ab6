"""A job for tests: its parameters say how it behaves."""

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from webapp.jobs.runners import RUNNERS, RunContext
from webapp.registries.jobs import JOBS, JobSpec, Nightly
from webapp.registries.run_messages import RunMessage

PROBE = "probe"


def probe_spec(**changes: Any) -> JobSpec:
    """A declaration that fits most tests."""
    values = {"schedule": lambda _settings: Nightly(1), "deadline": timedelta(hours=1), "isolated": True} | changes
    return JobSpec(PROBE, "job.probe", **values)


def said(sentence: str) -> RunMessage:
    """What a job of tests says, as it stands."""
    return RunMessage(sentence=sentence)


def behave(context: RunContext) -> RunMessage:
    """`polite` work reports, `deaf` work does not, `stubborn` work catches whatever would end it and has a child of its own."""
    kind = context.params.get("kind", "quick")
    if kind == "quick":
        return said("Did it.")
    if kind == "stubborn":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        Path(context.params["child"]).write_text(str(child.pid))
    context.report(0.25, said("at work"))
    while True:
        try:
            time.sleep(0.05)
            if kind == "polite":
                context.report(0.5, said("at work"))
        except BaseException:
            if kind != "stubborn":
                raise


def declare_probe(**changes: Any) -> None:
    """For processes of their own, which end with the test."""
    JOBS[PROBE] = probe_spec(**changes)
    RUNNERS[PROBE] = behave
