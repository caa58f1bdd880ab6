"""Tables of attempts as people write them: what cannot be used is named with its row."""

import pandas as pd
import pytest

from recsys.completion.attempt_checks import check_attempts
from recsys.errors import DataError
from recsys.faults import Fault, fault_sentence, fault_statement

GOOD = {"user_id": "a", "item_id": "x", "timestamp": "86400", "completed": "true", "ended": "90000"}


def _checked(**wrong: str | None):
    """A good row, and one like it of another learner with something wrong."""
    frame = pd.DataFrame([GOOD, {**GOOD, "user_id": "b", **wrong}], dtype=object)
    return check_attempts(frame)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("user_id", None, "is missing"),
        ("item_id", "  ", "is missing"),
        ("completed", "maybe", "is neither true nor false"),
        ("dropped", "2", "is neither true nor false"),
        ("timestamp", "soon", "is neither a number nor a date"),
        ("timestamp", "inf", "is neither a number nor a date"),
        ("last_active", "soon", "is neither a number nor a date"),
        ("ended", "1", "lies before the beginning"),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out(column: str, value: str | None, message: str) -> None:
    checked = _checked(**{column: value})
    assert checked.frame["user_id"].tolist() == ["a"]
    assert [(p.row, p.column, fault_sentence(p.reason)) for p in checked.problems] == [(2, column, message)]


@pytest.mark.parametrize(
    ("column", "value"),
    [("progress", "85"), ("progress", "much"), ("weekly_minutes", "-1"), ("weekly_minutes", "inf"), ("learner_level", "guru")],
)
def test_a_cell_that_cannot_be_read_is_unknown(column: str, value: str) -> None:
    checked = _checked(**{column: value})
    assert checked.frame["user_id"].tolist() == ["a", "b"]
    assert checked.frame[column].isna().all()
    assert [(p.row, p.column) for p in checked.problems] == [(2, column)]


def test_the_same_attempt_twice_counts_once_and_a_second_attempt_counts() -> None:
    checked = check_attempts(pd.DataFrame([GOOD, GOOD, {**GOOD, "timestamp": "88000"}]))
    assert checked.frame["timestamp"].tolist() == ["86400", "88000"]
    assert [(p.row, p.reason) for p in checked.problems] == [(2, fault_statement(Fault.REPEATED_ATTEMPT))]


def test_what_is_good_stays_as_it_is() -> None:
    frame = pd.DataFrame([{**GOOD, "progress": "0.5", "learner_level": "beginner", "weekly_minutes": "90", "dropped": "no"}])
    checked = check_attempts(frame)
    assert checked.problems == ()
    pd.testing.assert_frame_equal(checked.frame, frame)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame([GOOD]).drop(columns="completed"), "need the columns completed"),
        (pd.DataFrame(columns=list(GOOD)), "there are no rows"),
        (pd.DataFrame([{**GOOD, "completed": "maybe"}]), "row 1, completed: is neither true nor false"),
    ],
)
def test_a_table_without_anything_to_use_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_attempts(frame)
