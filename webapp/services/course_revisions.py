"""Changing what a course holds: in place, with everybody's progress kept, and so that it can be taken back."""

from sqlalchemy import func, select, update

from webapp.extensions import db
from webapp.models.course import Course, CourseVersion
from webapp.models.enrollment import Enrollment, EnrollmentStatus, LessonProgress
from webapp.models.offered_lesson import OfferedLesson
from webapp.policies import Actor
from webapp.queries.course_content import CourseContent, content_of
from webapp.queries.course_versions import difference, last_version, version_of
from webapp.services.audit import record_decision
from webapp.services.content_rows import ContentRows
from webapp.services.content_rules import validated_course_content
from webapp.services.course_versions import record_version
from webapp.services.errors import Conflict, Invalid, NotFound
from webapp.services.publishing import course_to_edit, locked_course
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.support.text import clean_line

LONGEST_NOTE = 300


def revise_course(actor: Actor, slug: str, outline: CourseContent, note: str = "", *, based_on: int | None = None) -> CourseVersion:
    """Bring the course to this content and write its version; the last one, unchanged, where it holds just that already.

    An outline without a page leaves that as it is. Lessons keep their rows, known by id, else by slug, and so the progress in them. Those
    that are missing leave the course and can come back. A course somebody has finished stays finished.
    `based_on` is the version the author has seen, 0 where there was none. Raises NotFound, Forbidden, Invalid (its field
    is the path in the outline), and Conflict when there is a newer version.
    """
    return _revise(actor, slug, validated_course_content(outline), note, based_on)


def restore_version(actor: Actor, slug: str, number: int, note: str = "", *, based_on: int | None = None) -> CourseVersion:
    """Bring the course back to one of its versions, as a new one; lessons that had left come back with the progress in them.

    Raises NotFound, Forbidden, and Conflict as `revise_course` does.
    """
    version = version_of(course_to_edit(actor, slug).id, number)
    if version is None:
        raise NotFound(gettext("The course has no such version."))
    return _revise(actor, slug, CourseContent.of_json(version.content), note, based_on)


def _revise(actor: Actor, slug: str, wanted: CourseContent, note: str, based_on: int | None) -> CourseVersion:
    course = _lock_course_and_enrollments(actor, slug)
    previous = last_version(course.id)
    if based_on is not None and previous is not None and previous.number > based_on:
        raise Conflict(gettext("Somebody has changed the course meanwhile. Load it again to see what is new."))
    note, rows, before = _clean_note(note), ContentRows(course, wanted), content_of(course.id)
    rows.write()
    content = content_of(course.id)
    if previous is not None and content == before and content.is_same_as_version(CourseContent.of_json(previous.content)):
        return previous
    unsaid = previous is None or CourseContent.of_json(previous.content).page is None  # what the first change is taken back to
    if unsaid and (before.modules or content.page != before.page) and content != before:
        record_version(actor, course, before)
    return _record_revision(actor, course, before, content, note)


def _clean_note(note: str) -> str:
    line = clean_line(note)
    if len(line) > LONGEST_NOTE:
        raise Invalid(gettext("A note has up to %(num)s characters.", num=LONGEST_NOTE), "note")
    return line


def _lock_course_and_enrollments(actor: Actor, slug: str) -> Course:
    """The course, kept from others until the unit of work ends. Its enrollments come first, as in everything learners do: two units
    that take the same rows in different orders wait for each other for ever."""
    course_id = course_to_edit(actor, slug).id
    mine = select(Enrollment.id).where(Enrollment.course_id == course_id).order_by(Enrollment.id).with_for_update().subquery()
    db.session.execute(select(func.count()).select_from(mine))
    return locked_course(actor, slug)


def _record_revision(actor: Actor, course: Course, before: CourseContent, content: CourseContent, note: str) -> CourseVersion:
    _recount_progress(course.id, len(content.lessons))
    course.updated_at = now()
    version = record_version(actor, course, content, note)
    differs = difference(before, content)
    counts = {name: len(getattr(differs, name)) for name in ("added", "removed", "changed", "moved")}
    page = {"page": True} if differs.page else {}
    record_decision(actor, "course.revise", f"course:{course.id}", slug=course.slug, version=version.number, **counts, **page)
    return version


def _recount_progress(course_id: int, lessons: int) -> None:
    """Percent of everybody who has not finished, from the lessons there are now; where there are none it stays what it was."""
    if not lessons:
        return
    done = (
        select(func.count(LessonProgress.id))
        .join(OfferedLesson, OfferedLesson.id == LessonProgress.lesson_id)
        .where(OfferedLesson.course_id == course_id, LessonProgress.user_id == Enrollment.user_id)
        .correlate(Enrollment)
        .scalar_subquery()
    )
    open_ones = update(Enrollment).where(Enrollment.course_id == course_id, Enrollment.status != EnrollmentStatus.COMPLETED)
    db.session.execute(open_ones.values(percent=done * 100 // lessons), execution_options={"synchronize_session": False})
