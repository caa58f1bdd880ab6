"""Downloads as CSV."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone

from flask import Flask

from webapp.web.csv_files import csv_response

WHEN = datetime(2026, 11, 30, 23, 30, tzinfo=timezone(timedelta(hours=-2)))


def body(app: Flask, rows, header=("A",)) -> bytes:
    with app.test_request_context("/"):
        answer = csv_response("rows", header, rows)
        return answer.get_data()


def test_the_file_says_what_it_is_and_is_kept_by_nobody(app: Flask) -> None:
    with app.test_request_context("/"):
        answer = csv_response("Größen, 2026", ["A"], [])
        assert answer.content_length == len(answer.get_data()) == len(b"\xef\xbb\xbfA\r\n")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert "filename*=UTF-8''Gr%C3%B6%C3%9Fen" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_text_is_read_back_as_it_was(app: Flask) -> None:
    rows = [["Zoë, „A“", 'say "no"', "two\nlines"], ["中国", "", "עברית"]]
    read = list(csv.reader(io.StringIO(body(app, rows, ("A", "B", "C")).decode("utf-8-sig"))))
    assert read == [["A", "B", "C"], *rows]


def test_semicolons_and_tabs_separate_nothing_for_those_who_take_them_for_separators(app: Flask) -> None:
    rows = [["Knots; sails", 5, "a\tb"], ["Plain", 6, ""]]
    assert body(app, rows, ("A; B", "C", "D")).decode("utf-8-sig").split("\r\n") == [
        '"A; B","C","D"', '"Knots; sails",5,"a\tb"', "Plain,6,", ""
    ]  # fmt: skip


def test_it_opens_in_a_spreadsheet_with_umlauts_and_without_formulas(app: Flask) -> None:
    written = body(app, [["=HYPERLINK(1)", -5, -0.25, None, True]], ("=A", "B", "C", "D", "E"))
    assert written.startswith(b"\xef\xbb\xbf'=A,B")
    assert written.endswith(b"\r\n'=HYPERLINK(1),-5,-0.25,,True\r\n")


def test_times_are_written_in_utc_and_days_as_that_day(app: Flask) -> None:
    rows = [[WHEN, date(2026, 11, 30), datetime(2026, 1, 2, tzinfo=UTC)]]
    assert body(app, rows).splitlines()[1] == b"2026-12-01T01:30:00Z,2026-11-30,2026-01-02T00:00:00Z"


def test_more_than_fits_into_memory_comes_whole(app: Flask) -> None:
    lines = body(app, ([f"row {n}", "x" * 100] for n in range(20_000))).splitlines()
    assert (len(lines), lines[-1][:9]) == (20_001, b"row 19999")
