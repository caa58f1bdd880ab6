"""How the time of a run divides by kind of test, said at its end."""

from collections import Counter

import pytest

_FOLDER = "tests/"


class TimesByKind:
    """Adds up what tests took, with what was set up for them and taken down again, by their folder under tests/."""

    __test__ = False

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.tests: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Heard where the run is controlled, also of tests on other workers."""
        kind = report.nodeid.removeprefix(_FOLDER).split("/")[0]
        self.seconds[kind] += report.duration
        self.tests[kind] += report.when == "setup"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line a kind, the longest first."""
        if sum(self.tests.values()) < 2:
            return
        terminalreporter.section("seconds by kind, all workers added up")
        for kind, seconds in self.seconds.most_common():
            terminalreporter.write_line(f"{seconds:7.1f} s  {self.tests[kind]:5} tests  {kind}")
