"""A list of one's own, newest first, with the names things bear now."""

from datetime import timedelta

from tests.webapp.statements import counted
from webapp.models.course import CourseStatus
from webapp.queries.notifications import notification_count, notification_of, notifications_of, unread_count
from webapp.registries.notifications import NotificationKind
from webapp.support.clock import now


def test_the_counts_are_those_of_one_person(make_user, make_notification) -> None:
    user, other = make_user(), make_user()
    for read_at in (None, None, now()):
        make_notification(user, read_at=read_at)
    make_notification(other)
    assert (notification_count(user.id), unread_count(user.id)) == (3, 2)
    assert (notification_count(other.id), unread_count(other.id)) == (1, 1)
    assert (notification_count(10**6), unread_count(10**6)) == (0, 0)


def test_the_newest_come_first_in_pieces_of_one_statement(make_user, make_notification) -> None:
    user, moment = make_user(), now()
    by_age = {days: make_notification(user, created_at=moment - timedelta(days=days)).id for days in (3, 1, 2)}
    twin = make_notification(user, created_at=moment - timedelta(days=2)).id
    make_notification(make_user())
    with counted() as seen:
        ids = [item.id for item in notifications_of(user.id, limit=10)]
    assert ids == [by_age[1], twin, by_age[2], by_age[3]]
    assert len(seen) == 1
    assert [item.id for item in notifications_of(user.id, limit=2, offset=1)] == ids[1:3]


def test_a_line_has_the_names_as_they_are_now(make_user, make_course, make_topic, make_notification) -> None:
    user, course, topic = make_user(), make_course("Old title"), make_topic("Data")
    told = make_notification(user, course=course, topic_id=topic.id)
    course.title, topic.name = "New title", "Data analysis"
    item = notification_of(user.id, told.id)
    assert item is not None
    assert (item.kind, item.course_title, item.course_slug, item.topic_name) == (
        NotificationKind.NEW_COURSE,
        "New title",
        course.slug,
        "Data analysis",
    )
    assert (item.unread, item.course_offered, item.data) == (True, True, {})
    course.status, told.read_at = CourseStatus.ARCHIVED, now()
    item = notification_of(user.id, told.id)
    assert item is not None
    assert (item.unread, item.course_offered) == (False, False)


def test_without_a_course_the_reason_remains(make_user, make_notification) -> None:
    user = make_user("admin")
    (item,) = notifications_of(make_notification(user, "training_failed", data={"reason": "No room."}).user_id, limit=1)
    assert (item.data, item.course_id, item.course_title, item.course_offered) == ({"reason": "No room."}, None, None, False)


def test_somebody_elses_is_not_found(make_user, make_notification) -> None:
    assert notification_of(make_user().id, make_notification(make_user()).id) is None
