"""Whether a row of a problem file may speak of somebody who is erased."""

import csv
from pathlib import Path

import pytest

from webapp.services.erasure_leftovers import may_mention, remove_mentions_from_csv
from webapp.support.csv_injection import spreadsheet_safe

NAMES = ["zoltan@quux.example", "Zoltán Quüx", "u-42", "张伟", "🚀"]


@pytest.mark.parametrize(
    "row",
    [
        "7,Zoltán Quüx,nope",
        "7,Quux;Zoltan,nope",  # a column for each name, the last one first
        '7,"Quux, Zoltan",nope',
        "7,ＺＯＬＴＡＮ　ＱＵＵＸ,nope",
        "7,Zolta\u0301n,Quu\u0308x",
        spreadsheet_safe("7,Zoltan\0Quux,nope"),
        spreadsheet_safe(b"7,Zolt\xe1n Qu\xfcx,nope".decode("utf-8", "surrogateescape")),  # Latin-1
        spreadsheet_safe(b"7,\xc7\xee\xeb\xf2\xe0\xed,nope".decode("utf-8", "surrogateescape")),  # Windows-1251
        "7,mailto:Zoltan@Quux.Example,nope",
        "u-42,Somebody,nope",
        "7,张伟先生,nope",
        "7,Rocket 🚀 Man,nope",
    ],
)
def test_a_row_that_may_name_the_person(row: str) -> None:
    assert may_mention(row, NAMES)


HEADER = ["file", "line", "severity", "column", "reason", "row"]


def lines_left(path: Path, header: list[str], rows: list[list[str]]) -> list[str]:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    remove_mentions_from_csv(path, NAMES)
    with path.open(encoding="utf-8", newline="") as file:
        return [line for _file, line, *_rest in list(csv.reader(file))[1:]]


def test_only_what_a_line_quotes_is_compared(tmp_path: Path) -> None:
    said, quoted = ["error", "Zoltán Quüx", "'Zoltan Quux' is no date"], "7,Zoltan Quux"
    rows = [["a.csv", "1", *said, "7,Ada"], ["a.csv", "2", "error", "name", "missing", quoted], ["a.csv", "3", *said, "x" * 999]]
    assert lines_left(tmp_path / "a.csv", HEADER, rows) == ["1"]  # of the cut row nobody knows what else it held
    assert lines_left(tmp_path / "b.csv", [*HEADER, "new"], [[*row, ""] for row in rows]) == []


@pytest.mark.parametrize(
    "row", ["7,Zoltan Kodály,nope", "7,Quuxley Zoltan,nope", "u-421,Somebody,nope", "7,张三,nope", "", "7,Ada Lovelace"]
)
def test_a_row_about_somebody_else(row: str) -> None:
    assert not may_mention(row, NAMES)
