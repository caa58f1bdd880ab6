"""The bell and the list behind it: what is new is marked, looking changes nothing, opening does."""

import re

import pytest

from tests.webapp.markup import plain
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.course import CourseStatus
from webapp.models.notification import Notification
from webapp.policies import Person
from webapp.registries.notifications import NotificationKind
from webapp.support.clock import now


def bell(html: str) -> str:
    return re.search(r'href="/notifications" aria-label="([^"]*)"', html).group(1)  # type: ignore[union-attr]


def entries(html: str) -> list[str]:
    return re.findall(r'<li id="notification-\d+".*?</li>', plain(html), flags=re.DOTALL)


def is_read(notification: Notification) -> bool:
    db.session.refresh(notification)
    return notification.read_at is not None


@pytest.fixture
def reader(client, login, make_user):
    user = make_user()
    login(client, user)
    return user


def test_the_bell_counts_what_is_unread(client, reader, make_user, make_notification) -> None:
    assert bell(client.get("/catalog").text) == "Notifications"
    make_notification(reader)
    make_notification(reader)
    make_notification(reader, read_at=now())
    make_notification(make_user())
    assert bell(client.get("/catalog").text) == "Notifications, 2 new"


def test_visitors_have_no_bell(client) -> None:
    assert 'href="/notifications"' not in client.get("/").text


@pytest.mark.parametrize("address", ["/", "/catalog", "/my", "/notifications", "/my/profile"])
def test_the_bell_costs_one_statement_whatever_it_counts(client, reader, make_notification, address) -> None:
    def of_the_bell() -> list[str]:
        with counted() as seen:
            assert client.get(address).status_code == 200
        return [statement for statement in seen if "count" in statement and "notifications.read_at IS NULL" in statement]

    assert len(of_the_bell()) == 1
    for _ in range(5):
        make_notification(reader)
    assert len(of_the_bell()) == 1


def test_a_long_list_costs_as_many_statements_as_a_short_one(client, reader, make_course, make_notification) -> None:
    def cost(count: int) -> int:
        for _ in range(count):
            make_notification(reader, course=make_course())
        with counted() as seen:
            client.get("/notifications")
        return len(seen)

    assert cost(2) == cost(10)


def test_a_new_course_is_named_with_the_topic_it_is_in(client, reader, make_topic, make_course, make_notification) -> None:
    course = make_course("Knots & <i>ropes</i>", topic="Sailing")
    make_notification(reader, course=course, topic_id=make_topic("Sailing").id)
    (entry,) = entries(client.get("/notifications").text)
    assert "New in Sailing: <b>Knots &amp; &lt;i&gt;ropes&lt;/i&gt;</b>" in entry
    assert "Beginner · 1 h" in entry


def test_what_is_unread_says_so_in_words(client, reader, make_course, make_notification) -> None:
    make_notification(reader, course=make_course("Old"), read_at=now())
    make_notification(reader, course=make_course("Fresh"))
    fresh, old = entries(client.get("/notifications").text)
    assert "Fresh" in fresh
    assert 'class="unread"' in fresh
    assert ">New</span>" in fresh
    assert "unread" not in old
    assert ">New</span>" not in old


def test_the_newest_stand_first_and_the_rest_on_other_pages(client, reader, make_notification) -> None:
    ids = [make_notification(reader).id for _ in range(23)]
    pages = [re.findall(r'id="notification-(\d+)"', client.get(f"/notifications?page={n}").text) for n in (1, 2)]
    assert [len(page) for page in pages] == [20, 3]
    assert [int(number) for page in pages for number in page] == ids[::-1]


def test_looking_changes_nothing(client, reader, make_course, make_notification) -> None:
    notification = make_notification(reader, course=make_course())
    client.get("/notifications")
    assert client.get(f"/notifications/{notification.id}").status_code == 405
    assert client.get("/notifications/read").status_code == 405
    assert not is_read(notification)


def test_opening_a_new_course_reads_it_and_leads_there(client, reader, make_course, make_notification) -> None:
    course = make_course()
    notification, other = make_notification(reader, course=course), make_notification(reader)
    assert f'action="/notifications/{notification.id}"' in client.get("/notifications").text
    answer = client.post(f"/notifications/{notification.id}")
    assert (answer.status_code, answer.location) == (302, f"/courses/{course.slug}")
    assert is_read(notification)
    assert not is_read(other)


@pytest.mark.parametrize(
    ("role", "kind", "address"),
    [
        ("creator", "first_learner", "/studio"),
        ("admin", "training_failed", "/admin/jobs"),
        ("admin", "model_held_back", "/admin"),
        ("admin", "worse_model_serves", "/admin"),
    ],
)
def test_the_others_lead_to_where_more_is_said(client, login, make_user, make_course, make_notification, role, kind, address) -> None:
    user = make_user(role)
    course = make_course("Charts", creator=user) if kind == "first_learner" else None
    notification = make_notification(user, kind, course, data={"reason": "The disk is full."})
    (entry,) = entries(login(client, user).get("/notifications").text)
    assert ("Charts" in entry) or ("The disk is full." in entry)
    answer = client.post(f"/notifications/{notification.id}")
    assert answer.location == address
    assert client.get(address).status_code == 200


def test_who_lost_a_role_is_led_back_to_the_list(client, reader, make_course, make_notification) -> None:
    for kind in ("first_learner", "training_failed", "model_held_back", "worse_model_serves"):
        notification = make_notification(reader, kind, make_course(creator=reader) if kind == "first_learner" else None)
        assert client.post(f"/notifications/{notification.id}").location == "/notifications"


def test_a_course_that_was_taken_back_leads_nowhere_but_can_be_read(client, reader, make_course, make_notification) -> None:
    course = make_course("Gone for now", status=CourseStatus.ARCHIVED)
    notification = make_notification(reader, course=course)
    (entry,) = entries(client.get("/notifications?page=1").text)
    assert "not offered at the moment" in entry
    answer = client.post(f"/notifications/{notification.id}", data={"next": "/notifications?page=1"})
    assert answer.location == "/notifications?page=1"
    (entry,) = entries(client.get("/notifications").text)
    assert "<form" not in entry


def test_the_way_back_never_leaves_the_site(client, reader, make_notification) -> None:
    notification = make_notification(reader, "training_failed")
    assert client.post(f"/notifications/{notification.id}", data={"next": "//evil.example"}).location == "/notifications"


def test_what_somebody_else_was_told_does_not_exist(client, reader, make_user, make_notification) -> None:
    theirs = make_notification(make_user())
    assert client.post(f"/notifications/{theirs.id}").status_code == 404
    assert client.post("/notifications/read").status_code == 302
    assert not is_read(theirs)


def test_everything_can_be_read_at_once(client, reader, make_notification) -> None:
    notifications = [make_notification(reader) for _ in range(3)]
    assert "Mark all as read" in client.get("/notifications").text
    html = client.post("/notifications/read", follow_redirects=True).text
    assert "3 notifications marked as read." in html
    assert "Mark all as read" not in html
    assert bell(html) == "Notifications"
    assert all(is_read(notification) for notification in notifications)


@pytest.mark.parametrize(("role", "words"), [("learner", ()), ("creator", ("first learner",)), ("admin", ("first learner", "trainings"))])
def test_an_empty_list_says_what_will_come_and_how(client, login, make_user, role, words) -> None:
    html = login(client, make_user(role)).get("/notifications").text
    assert "Nothing to tell you yet" in html
    assert 'href="/my/profile"' in html
    assert [word for word in ("first learner", "trainings") if word in html] == list(words)


@pytest.mark.parametrize("role", ["learner", "creator", "admin"])
def test_a_list_says_what_its_reader_is_told_of(client, login, make_user, make_notification, role) -> None:
    reader = make_user(role)
    make_notification(reader)
    html = plain(login(client, reader).get("/notifications").text)
    for kind in NotificationKind:
        permission = kind.spec.link_permission
        assert (kind.spec.announced in html) == (permission is None or Person.of(reader).may(permission))


def test_publishing_rings_the_bell_of_a_follower_and_reading_silences_it(client, login, make_user, make_topic, make_course) -> None:
    follower = make_user(profile={"topics": [make_topic("Data")]})
    creator = make_user("creator")
    course = make_course("Maps from coordinates", topic="Data", creator=creator, published=False)
    login(client, creator).post(f"/studio/{course.slug}/publish")
    html = plain(login(client, follower).get("/notifications").text)
    assert bell(html) == "Notifications, 1 new"
    assert "New in Data: <b>Maps from coordinates</b>" in html
    number = re.search(r'action="/notifications/(\d+)"', html).group(1)  # type: ignore[union-attr]
    assert client.post(f"/notifications/{number}", follow_redirects=True).status_code == 200
    assert bell(client.get("/catalog").text) == "Notifications"
