from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.webapp.importing.helpers import load, problems, rows, write
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Event, Feedback, SavedCourse
from webapp.models.user import User
from webapp.registries.events import EventKind


@pytest.fixture
def courses(tmp_path: Path, db_session: Session) -> None:
    for source in ("import", "ibm-capstone", "mars-en"):
        load(write(tmp_path / f"{source}.csv", "course_id,title", "c1,One", "c2,Two"), "courses", source=source)


def enrollments() -> list[tuple[object, ...]]:
    return rows(
        Enrollment, Enrollment.status, Enrollment.percent, Enrollment.enrolled_at, Enrollment.last_active_at, Enrollment.completed_at
    )


@pytest.mark.usefixtures("courses")
def test_broken_rows_are_named_and_the_good_ones_imported(tmp_path: Path) -> None:
    broken = [
        (",c1,view,,2026-01-01", "user_id", "is missing"),
        ("u1,,view,,2026-01-01", "course_id", "is missing"),
        ("u1,c9,view,,2026-01-01", "course_id", "course 'c9' is not known"),
        ("u1,c1,flew,,2026-01-01", "kind", "'flew' is no kind of event"),
        ("u1,c1,unsave,,2026-01-01", "kind", "cannot be imported"),
        ("u1,c1,rating,6,2026-01-01", "value", "6 is not from 1 to 5"),
        ("u1,c1,rating,good,2026-01-01", "value", "'good' is not a number"),
        ("u1,c1,rating,,2026-01-01", "value", "is missing: rating needs one"),
        ("u1,c1,progress,101,2026-01-01", "value", "101 is not from 0 to 100"),
        ("u1,c1,dwell,-3,2026-01-01", "value", "-3 is not from 1"),
        ("u1,c1,view,,yesterday", "timestamp", "'yesterday' is no date"),
        ("u1,c1,view,,2999-01-01", "timestamp", "in the future"),
        ('"u\n1",c1,view,,2026-01-01', "user_id", "a line break"),
    ]
    path = write(tmp_path / "log.csv", "user_id,course_id,kind,value,timestamp", *(row for row, _, _ in broken), "u1,c1,view,,2026-01-01")
    report = load(path, "interactions")
    assert (report.outcome.new, report.bad) == (1, len(broken))
    for (_, column, reason), problem in zip(broken, problems(report), strict=True):
        assert problem["column"] == column
        assert reason in problem["reason"]


@pytest.mark.usefixtures("courses")
def test_kinds_are_read_in_any_form_of_the_letters(tmp_path: Path) -> None:
    kinds = ("ＥＮＲＯＬＬ", "sa\u200bve", "VIEW")
    path = write(tmp_path / "log.csv", "user_id,course_id,kind,timestamp", *(f"u{n},c1,{kind},2026-01-01" for n, kind in enumerate(kinds)))
    assert load(path, "interactions").bad == 0
    assert [row[0] for row in rows(Event, Event.kind)] == [EventKind.ENROLL, EventKind.SAVE, EventKind.VIEW]


@pytest.mark.usefixtures("courses")
def test_completed_and_audited_courses_of_the_capstone_set(tmp_path: Path, db_session: Session) -> None:
    path = write(tmp_path / "enrollments.csv", "user,item,rating", "7,c1,3.0", "7,c2,2.0", "8,c2,4.0")
    report = load(path)
    assert (report.outcome.new, report.bad) == (2, 1)
    assert rows(Event, Event.kind, Event.time_is_order) == [(EventKind.ENROLL, True), (EventKind.ENROLL, True), (EventKind.COMPLETE, True)]
    assert [row[:2] for row in enrollments()] == [(EnrollmentStatus.COMPLETED, 100), (EnrollmentStatus.ACTIVE, 0)]
    learner = db_session.scalars(select(User)).one()
    assert (learner.name, learner.email, learner.password, learner.active, learner.external_id) == ("Learner 7", None, None, False, "7")
    counts = select(Course.enrollment_count, Course.completion_count).where(Course.source == "ibm-capstone").order_by(Course.id)
    assert [tuple(row) for row in db_session.execute(counts)] == [(1, 1), (1, 0)]


def test_order_without_time_is_kept_and_said_to_be_order(tmp_path: Path, db_session: Session) -> None:
    load(write(tmp_path / "interactions.csv", "user,pos,item", "a,2,30", "a,0,10", "b,0,30", "a,1,20"))
    query = select(Course.external_id).join(Event, Event.course_id == Course.id).join(User, User.id == Event.user_id)
    assert list(db_session.scalars(query.where(User.external_id == "a").order_by(Event.occurred_at))) == ["10", "20", "30"]
    assert {row[0] for row in rows(Event, Event.time_is_order)} == {True}
    assert sorted(row[0] for row in rows(Course, Course.title)) == ["Course 10", "Course 20", "Course 30"]


@pytest.mark.usefixtures("courses")
def test_repeated_page_views_all_count(tmp_path: Path) -> None:
    path = write(
        tmp_path / "implicit_ratings_en.csv", "item_id,user_id,created_at", *["c1,5,2018-01-02 03:04:05"] * 3, "c1,5,2018-01-03 00:00:00"
    )
    assert load(path).outcome.new == 4
    assert rows(Event, Event.kind, Event.occurred_at)[0] == (EventKind.VIEW, datetime(2018, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert load(path).outcome.known == 4
    assert len(rows(Event, Event.id)) == 4
    assert enrollments() == []


@pytest.mark.usefixtures("courses")
def test_watching_is_progress_completion_and_rating(tmp_path: Path) -> None:
    header = "user_id,item_id,watch_percentage,created_at,rating"
    load(write(tmp_path / "explicit.csv", header, "5,c1,100,2018-01-02 03:04:05,10", "5,c2,40,2018-01-03 00:00:00,1"))
    facts = {(row[0], row[1]) for row in rows(Event, Event.kind, Event.value)}
    assert facts == {
        (EventKind.ENROLL, None), (EventKind.PROGRESS, 100.0), (EventKind.PROGRESS, 40.0), (EventKind.COMPLETE, None),
        (EventKind.RATING, 5.0), (EventKind.RATING, 1.0),
    }  # fmt: skip
    assert [row[:2] for row in enrollments()] == [(EnrollmentStatus.COMPLETED, 100), (EnrollmentStatus.ACTIVE, 40)]


@pytest.mark.usefixtures("courses")
@pytest.mark.parametrize("backwards", [False, True])
def test_an_enrollment_is_the_same_in_whatever_order_its_events_come(tmp_path: Path, backwards: bool) -> None:
    lines = [
        "u,c1,enroll,,2026-01-01", "u,c1,progress,40,2026-01-05", "u,c1,drop,,2026-01-09", "u,c1,progress,80,2026-02-01",
        "u,c1,complete,,2026-02-03",
    ]  # fmt: skip
    for number, line in enumerate(reversed(lines) if backwards else lines):
        load(write(tmp_path / f"{number}.csv", "user_id,course_id,kind,value,timestamp", line), "interactions")
    done = datetime(2026, 2, 3, tzinfo=UTC)
    assert enrollments() == [(EnrollmentStatus.COMPLETED, 100, datetime(2026, 1, 1, tzinfo=UTC), done, done)]


@pytest.mark.usefixtures("courses")
def test_many_enrollments_are_merged_like_few(tmp_path: Path) -> None:
    header = "user_id,course_id,kind,value,timestamp"
    for kind, day in (("progress,30", 2), ("enroll,", 1), ("drop,", 3)):
        path = write(tmp_path / f"{day}.csv", header, *(f"u{number},c1,{kind},2026-01-0{day}" for number in range(300)))
        assert load(path, "interactions").outcome.new == 300
    begun, left = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
    assert enrollments() == [(EnrollmentStatus.DROPPED, 30, begun, left, None)] * 300


@pytest.mark.usefixtures("courses")
def test_the_newest_verdict_is_in_force_and_saved_courses_are_saved(tmp_path: Path) -> None:
    lines = ["u,c1,thumbs_up,,2026-01-02", "u,c1,dismiss,,2026-01-01", "u,c2,save,,2026-01-01"]
    path = write(tmp_path / "log.csv", "user_id,course_id,kind,value,timestamp", *lines)
    load(path, "interactions")
    load(path, "interactions")
    assert rows(Feedback, Feedback.kind) == [(EventKind.THUMBS_UP,)]
    assert len(rows(SavedCourse, SavedCourse.id)) == 1


@pytest.mark.usefixtures("courses")
def test_rows_of_the_house_layout_without_kind_enroll_or_rate(tmp_path: Path) -> None:
    load(write(tmp_path / "log.csv", "user_id,item_id,timestamp", "u,c1,1767225600"), "interactions")
    load(write(tmp_path / "stars.csv", "user_id,item_id,stars", "u,c2,4"), "interactions")
    assert rows(Event, Event.kind, Event.value, Event.time_is_order) == [(EventKind.ENROLL, None, False), (EventKind.RATING, 4.0, True)]


@pytest.mark.usefixtures("courses")
def test_long_ids_still_make_ids_of_events_that_fit(tmp_path: Path) -> None:
    learner = "x" * 64
    path = write(tmp_path / "log.csv", "user_id,item_id,timestamp", f"{learner},c1,2026-01-01", f"{learner},c2,2026-01-01")
    assert load(path, "interactions").outcome.new == 2
    assert all(len(row[0]) <= 80 for row in rows(Event, Event.client_id))
    assert load(path, "interactions").outcome.known == 2


def test_rows_that_differ_in_where_the_learner_ends_are_different_rows(tmp_path: Path, db_session: Session) -> None:
    ids = ("3", "2:3", "3:1704067200", "3:1704067200#2", "course-v1:edX+Demo+2024")
    load(write(tmp_path / "courses.csv", "course_id,title", *(f"{name},{name}" for name in ids)), "courses")
    timed = ("1,2:3", "1:2,3", "L,3", "L,3:1704067200", "mailto:a@b.example,course-v1:edX+Demo+2024")
    path = write(tmp_path / "log.csv", "learner_id,course_id,kind,at", *(f"{pair},enroll,2024-01-01" for pair in timed))
    assert load(path, "interactions").outcome.new == 5
    assert load(path, "interactions").outcome.known == 5
    path = write(tmp_path / "order.csv", "learner_id,course_id,kind", "L,3:1704067200,enroll", "L,3:1704067200#2,enroll", "L,2:3,enroll")
    assert load(path, "interactions").outcome.new == 3
    assert len(set(rows(Event, Event.user_id, Event.course_id, Event.client_id))) == 8


@pytest.mark.usefixtures("courses")
def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", "user_id,item_id,timestamp", "u,c1,2026-01-01", "v,c1,2026-01-01")
    assert load(path, "interactions", dry_run=True).outcome.new == 2
    assert rows(Event, Event.id) == rows(User, User.id) == []
    load(path, "interactions")
    assert load(path, "interactions", dry_run=True).outcome.known == 2
