"""The file of problems has an end, however many there are."""

import csv
from pathlib import Path

import pytest
from flask import Flask

from webapp.importing import problems
from webapp.importing.problems import Problem, ProblemFile


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("sizes", [[3, 3, 3], [5, 1], [6], [1] * 9, [4, 0, 200]])
def test_problems_past_the_most_are_not_listed_and_that_is_said_once(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sizes: list[int]
) -> None:
    monkeypatch.setattr(problems, "MOST_PROBLEMS", 5)
    file, line = ProblemFile(tmp_path / "problems.csv", "people.csv"), 1
    for size in sizes:
        file.add([Problem(line + place, "name", "missing", "row") for place in range(size)])
        line += size
    file.close()
    rows = listed(tmp_path / "problems.csv")
    assert [int(row["line"]) for row in rows] == [1, 2, 3, 4, 5, 5]
    assert rows[-1]["reason"] == "further problems are counted, not listed"
    resumed = ProblemFile(tmp_path / "problems.csv", "people.csv", kept_to_line=3)
    resumed.add([Problem(4, "name", "missing", "row")])
    resumed.close()
    assert [int(row["line"]) for row in listed(tmp_path / "problems.csv")] == [1, 2, 3, 4]
