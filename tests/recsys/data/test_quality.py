"""Each oddity of data is counted, with examples, and clean data say so."""

import json

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.data.quality import Finding, QualityReport, check_quality
from recsys.types import Item
from tests.recsys import worlds

DAY = 86_400.0
NOON = 1.7e9


def item(item_id: str, **values: object) -> Item:
    given = {"title": f"Course {item_id}", "level": "beginner", "topics": ("t",), "published": NOON - 100 * DAY}
    return Item(item_id, **(given | values))  # type: ignore[arg-type]


def findings_by_check(rows: list[tuple], items: list[Item] | None = None, now: float | None = NOON) -> dict[str, Finding]:
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    report = check_quality(Dataset.from_frames(frame, items or [item("a"), item("b"), item("c")]), frame, now)
    return {finding.check: finding for finding in report.findings}


ROWS = [("u1", "a", NOON - 9 * DAY), ("u1", "b", NOON - 8 * DAY), ("u2", "b", NOON - 7 * DAY), ("u2", "c", NOON - 6 * DAY)]


def test_clean_data_hold_no_warning() -> None:
    report = findings_by_check(ROWS)
    assert {check: f.severity for check, f in report.items()} == {"density": "info"}
    assert (report["density"].count, report["density"].total) == (4, 6)


def test_repeats_are_counted_apart() -> None:
    report = findings_by_check([*ROWS, ROWS[0], ("u2", "b", NOON - DAY)])
    assert (report["repeated_rows"].count, report["repeated_rows"].examples) == (1, ("a",))
    assert (report["repeated_pairs"].count, report["repeated_pairs"].examples) == (1, ("b",))


def test_what_happened_before_a_course_was_published_is_found() -> None:
    items = [item("a", published=NOON - 7.5 * DAY), item("b", published=NOON - 7.5 * DAY), item("c", published=None)]
    finding = findings_by_check(ROWS, items)["before_publication"]
    # u1 took a 1.5 days early; b half a day early is within what dates without a time explain.
    assert (finding.count, finding.total, finding.examples, finding.severity) == (1, 3, ("a",), "warning")


def test_times_in_the_future_are_found() -> None:
    finding = findings_by_check([*ROWS, ("u3", "a", NOON + 3 * DAY), ("u3", "b", NOON + DAY / 2)])["in_the_future"]
    assert (finding.count, finding.examples) == (1, ("a",))


def test_mere_counts_are_no_times_in_the_past_or_future() -> None:
    rows = [("u1", "a", 0), ("u1", "b", 1), ("u2", "b", 0)]
    assert "in_the_future" not in findings_by_check(rows)
    assert "in_the_future" not in findings_by_check(ROWS, now=None)


def test_learners_with_far_more_events_than_others_are_found() -> None:
    items = [item(f"c{n}") for n in range(400)]
    rows = [(f"u{n}", f"c{(n + step) % 400}", NOON - step * DAY) for n in range(60) for step in range(2 + n % 6)]
    crawler = [("robot", f"c{n}", NOON - n * 60) for n in range(400)]
    assert "busiest_learners" not in findings_by_check(rows, items)
    finding = findings_by_check(rows + crawler, items)["busiest_learners"]
    assert (finding.count, finding.total, finding.examples) == (1, 61, ("robot",))
    assert finding.params["limit"] < 400
    assert 0.5 < finding.params["share"] < 0.9


def test_learners_with_one_course_are_counted() -> None:
    finding = findings_by_check([*ROWS, ("u3", "a", NOON), ("u4", "a", NOON)])["single_course_learners"]
    assert (finding.count, finding.total, finding.share, finding.examples) == (2, 4, 0.5, ("u3", "u4"))


def test_bare_items_are_named() -> None:
    items = [
        item("a", title=" "),
        item("b", level=None),
        item("c", topics=()),
        item("d", topics=(), tags=("x",)),
        item("e", title="course B"),
    ]
    report = findings_by_check(ROWS, items)
    named = {check: f.examples for check, f in report.items() if check.startswith("items_")}
    assert named == {"items_without_text": ("a",), "items_without_level": ("b",), "items_without_topic": ("c",)}
    assert report["same_titles"].examples == ("b", "e")
    assert report["untaken_items"].examples == ("d", "e")


def test_missing_times_are_told() -> None:
    finding = findings_by_check([*ROWS, ("u2", "a", np.nan)])["without_time"]
    assert (finding.count, finding.total) == (1, 5)
    none = check_quality(worlds.dataset().__class__.from_frames(worlds.interactions().drop(columns="timestamp")))
    (untimed,) = [f for f in none.findings if f.check == "without_time"]
    assert untimed.share == 1


@pytest.mark.parametrize("rows", [[], [("u", "a", NOON)]])
def test_hardly_any_data_can_be_checked(rows: list) -> None:
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    report = check_quality(Dataset.from_frames(frame), frame, NOON)
    json.dumps(report.to_json(), allow_nan=False)


def test_warnings_come_first() -> None:
    rows = [*ROWS, ("u3", "a", NOON + 3 * DAY)]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    report = check_quality(Dataset.from_frames(frame, [item("a"), item("b"), item("c")]), frame, NOON)
    assert next((f.check, f.severity) for f in report.findings) == ("in_the_future", "warning")
    severities = [f.severity for f in report.findings]
    assert severities == sorted(severities, reverse=True)
    assert "items_without_text" in report.clean


def test_what_is_stored_names_no_learner() -> None:
    personal = Finding("single_course_learners", "info", 1, 2, examples=("u3",))
    report = QualityReport((personal, Finding("untaken_items", "info", 1, 2, examples=("c",))))
    assert [f["examples"] for f in report.to_json()["findings"]] == [[], ["c"]]
    assert [f["examples"] for f in report.to_json(with_learners=True)["findings"]] == [["u3"], ["c"]]
