"""What tests start is seen, wherever it hides, and ends."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import processes
from tests.waiting import until

LEAVES_ONE_BEHIND = "setsid sleep 3600 & echo $! > {}"


def test_a_process_of_ones_own_is_seen_until_it_has_ended() -> None:
    with subprocess.Popen(["sleep", "3600"]) as process:
        (seen,) = [child for child in processes.children() if child.pid == process.pid]
        assert seen.parent == os.getpid()
        assert seen in processes.descendants()
        processes.end([seen])
        assert process.pid not in {child.pid for child in processes.children()}


def test_one_whose_parent_has_ended_is_found_by_its_mark(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    subprocess.run(["sh", "-c", LEAVES_ONE_BEHIND.format(tmp_path / "pid")], check=True)
    pid = int((tmp_path / "pid").read_text())
    until(lambda: "sleep" in str([p for p in processes.descendants() if p.pid == pid]), "the process to be what it is told to be")
    (orphan,) = [process for process in processes.descendants() if process.pid == pid]
    assert orphan.pid not in {child.pid for child in processes.children()}
    assert request.node.name in str(orphan)
    processes.end([orphan])
    assert not processes.is_running(pid)


def test_a_group_ends_with_the_block_that_started_it(tmp_path: Path) -> None:
    with processes.started(["sh", "-c", f"sleep 3600 & echo $! > {tmp_path / 'pid'}; wait"]):
        pid = until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip(), "the group to have begun")
    until(lambda: not processes.is_running(int(pid)), "the group to end")


def test_so_does_what_it_has_started_in_a_session_of_its_own(tmp_path: Path) -> None:
    with processes.started(["sh", "-c", LEAVES_ONE_BEHIND.format(tmp_path / "pid") + "; wait"]):
        pid = until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip(), "a process to be left behind")
        assert processes.is_running(int(pid))
    assert not processes.is_running(int(pid))


def test_a_program_is_found_by_a_variable_it_was_given() -> None:
    value = f"{os.getpid()}-{os.urandom(4).hex()}"
    with processes.started(["sleep", "3600"], env=os.environ | {"TEST_VARIABLE": value}) as process:
        until(lambda: processes.with_variable("TEST_VARIABLE", value), "the program to have begun")
        assert [found.pid for found in processes.with_variable("TEST_VARIABLE", value)] == [process.pid]
    assert processes.with_variable("TEST_VARIABLE", value) == []
