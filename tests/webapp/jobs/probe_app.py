"""The application of processes that tests start: it knows the job `probe`, which has a second to stop when it is asked to."""

import os
from datetime import timedelta

from tests.webapp.jobs.probe_job import declare_probe
from webapp.start import application

deadline = float(os.environ.get("PROBE_DEADLINE_SECONDS", "3600"))
declare_probe(deadline=timedelta(seconds=deadline), grace=timedelta(seconds=1))
app = application()
