"""Publishing and taking back: who may, what changes, what is written down."""

from datetime import timedelta

import pytest

from webapp.extensions import db
from webapp.models.course import CourseStatus
from webapp.models.operations import AuditEntry
from webapp.policies import Forbidden, Person
from webapp.services.errors import Conflict, NotFound
from webapp.services.publishing import course_to_edit, publish_course, unpublish_course
from webapp.support.clock import now


@pytest.fixture
def creator(make_user):
    return make_user("creator")


def decisions() -> list[tuple[str, str]]:
    return [(entry.action, entry.subject) for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]


def test_publishing_gives_a_draft_its_date(creator, make_course) -> None:
    course = make_course(creator=creator, published=False)
    before = now()
    publish_course(Person.of(creator), course.slug)
    assert course.status == CourseStatus.PUBLISHED
    assert before <= course.published_at <= now()
    assert course.updated_at >= before  # by which every worker notices
    assert decisions() == [("course.publish", f"course:{course.id}")]


def test_a_course_that_comes_back_is_not_new_again(creator, make_course) -> None:
    long_ago = now() - timedelta(days=200)
    course = make_course(creator=creator, published_at=long_ago)
    unpublish_course(Person.of(creator), course.slug)
    assert course.status == CourseStatus.ARCHIVED
    publish_course(Person.of(creator), course.slug)
    assert course.published_at == long_ago
    assert [action for action, _ in decisions()] == ["course.unpublish", "course.publish"]


def test_a_second_click_changes_nothing(creator, make_course) -> None:
    published, draft = make_course(creator=creator), make_course(creator=creator, published=False)
    publish_course(Person.of(creator), published.slug)
    unpublish_course(Person.of(creator), draft.slug)
    assert (published.status, draft.status) == (CourseStatus.PUBLISHED, CourseStatus.DRAFT)
    assert decisions() == []


def test_learners_keep_their_enrollment(creator, make_user, make_course, make_enrollment) -> None:
    course = make_course(creator=creator)
    enrollment = make_enrollment(make_user(), course, percent=40)
    unpublish_course(Person.of(creator), course.slug)
    db.session.refresh(enrollment)
    assert (enrollment.status.value, enrollment.percent) == ("active", 40)


def test_a_course_without_a_title_stays_a_draft(creator, make_course) -> None:
    course = make_course(creator=creator, published=False)
    course.title = "  "
    with pytest.raises(Conflict):
        publish_course(Person.of(creator), course.slug)
    assert course.status == CourseStatus.DRAFT


@pytest.mark.parametrize("call", [publish_course, unpublish_course, course_to_edit])
def test_a_foreign_published_course_is_refused_and_a_foreign_draft_not_even_known(call, make_user, make_course, creator) -> None:
    stranger = Person.of(make_user("creator"))
    with pytest.raises(Forbidden):
        call(stranger, make_course(creator=creator).slug)
    with pytest.raises(NotFound):
        call(stranger, make_course(creator=creator, published=False).slug)
    with pytest.raises(NotFound):
        call(stranger, "nowhere")


def test_who_is_suspended_may_no_longer(make_user, make_course) -> None:
    creator = make_user("creator", active=False)
    with pytest.raises(Forbidden):
        unpublish_course(Person.of(creator), make_course(creator=creator).slug)


@pytest.mark.parametrize("published", [True, False])
def test_administrators_and_owners_may_edit(creator, make_user, make_course, published: bool) -> None:
    course = make_course(creator=creator, published=published)
    for actor in (creator, make_user("admin")):
        assert course_to_edit(Person.of(actor), course.slug) is course
