"""Notifications in words, one of each kind."""

import pytest

from webapp.policies import Person
from webapp.queries.notifications import notifications_of
from webapp.registries.notifications import NotificationKind
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.wording.notifications import NotificationWords, notification_words


@pytest.fixture
def words(make_user, make_course, make_topic, make_notification):
    """Makes a notification of a kind for somebody with a role and puts it into words."""

    def worded(kind: NotificationKind, role: str, published: bool = True) -> NotificationWords:
        reader, course = make_user(role), make_course(title="Bread", topic="Baking", slug=f"bread-{kind}", published=published)
        about = (
            {"course_id": course.id, "topic_id": course.topic_id} if kind.spec.about_a_course else {"data": {"reason": "It ranks worse."}}
        )
        make_notification(reader, kind=kind, **about)
        (item,) = notifications_of(reader.id, 5)
        return notification_words(item, None, Person.of(reader))

    return worded


@pytest.mark.parametrize("kind", NotificationKind)
def test_each_kind_says_its_message_with_its_names_in_it(words, kind: NotificationKind) -> None:
    said = words(kind, "admin").sentence
    assert "".join(part.text for part in said) == kind.spec.message.format(course="Bread", topic="Baking")
    assert [part.text for part in said if part.strong] == ["Bread"] * kind.spec.about_a_course


def test_a_new_course_is_named_with_its_topic(words) -> None:
    assert "".join(part.text for part in words(NotificationKind.NEW_COURSE, "learner").sentence) == "New in Baking: Bread"


@pytest.mark.parametrize(
    ("kind", "role", "href"),
    [
        (NotificationKind.NEW_COURSE, "learner", "/courses/bread-new_course"),
        (NotificationKind.FIRST_LEARNER, "creator", "/studio"),
        (NotificationKind.FIRST_LEARNER, "learner", None),
        (NotificationKind.TRAINING_FAILED, "admin", "/admin/jobs"),
        (NotificationKind.MODEL_HELD_BACK, "admin", "/admin"),
        (NotificationKind.MODEL_HELD_BACK, "creator", None),
    ],
)
def test_it_leads_where_its_reader_may_go(words, kind: NotificationKind, role: str, href: str | None) -> None:
    assert words(kind, role).href == href


def test_a_course_taken_back_is_said_to_be_and_leads_nowhere(words) -> None:
    gone = words(NotificationKind.NEW_COURSE, "learner", published=False)
    assert (gone.note, gone.href) == ("It is not offered at the moment.", None)


def test_what_concerns_models_says_why(words) -> None:
    assert words(NotificationKind.MODEL_HELD_BACK, "admin").note == "It ranks worse."


@pytest.mark.parametrize(
    ("kind", "data", "note"),
    [
        (
            NotificationKind.TRAINING_FAILED,
            {"message": RunMessage(RunCode.TOO_LONG, {"minutes": 5.0}).to_json()},
            "longer than the 5 minutes",
        ),
        (NotificationKind.TRAINING_FAILED, {"message": RunMessage(RunCode.CRASHED, {"error": "{reason} %s"}).to_json()}, "{reason} %s"),
        (
            NotificationKind.WORSE_MODEL_SERVES,
            {"reasons": [{"code": "first_model", "params": {}}, "NDCG fell."]},
            "No model serves yet. NDCG fell.",
        ),
        (NotificationKind.MODEL_HELD_BACK, {}, ""),
    ],
)
def test_codes_become_words_when_somebody_reads(make_user, make_notification, kind: NotificationKind, data: dict, note: str) -> None:
    reader = make_user("admin")
    make_notification(reader, kind=kind, data=data)
    (item,) = notifications_of(reader.id, 5)
    assert note in notification_words(item, None, Person.of(reader)).note
