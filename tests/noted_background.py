"""In place of processes that tests do not want to start."""

from collections.abc import Callable


class Noted:
    """Notes the runs whose process was asked for, and does with each what the test says instead."""

    def __init__(self, instead: Callable[[int], object] = lambda run_id: None) -> None:
        self.runs: list[int] = []
        self._instead = instead

    def start_job_process(self, _job_id: str, run_id: int) -> None:
        """As `webapp.background.Background`."""
        self.runs.append(run_id)
        self._instead(run_id)
