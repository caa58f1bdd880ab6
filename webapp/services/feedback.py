"""Feedback of a learner on a course: thumbs, "not for me", "I know this", save; all of it can be taken back."""

from dataclasses import dataclass

from sqlalchemy import delete, select

from webapp.extensions import db
from webapp.models import Course, Feedback, SavedCourse
from webapp.policies import Permission, Person, require
from webapp.registries.events import CARD_ACTIONS, EventKind
from webapp.services.errors import Invalid, NotFound
from webapp.services.events import EventIn, own_slate_id, record
from webapp.services.impressions import mark_judged
from webapp.services.inserts import insert_for
from webapp.support.clock import now
from webapp.support.messages import gettext


@dataclass(frozen=True, slots=True)
class FeedbackResult:
    """Feedback in force after an action. `undo` is the action that takes this one back, None where nothing was changed."""

    course_id: int
    course_slug: str
    course_title: str
    action: EventKind
    feedback: EventKind | None
    saved: bool
    undo: EventKind | None


def give_feedback(
    actor: Person,
    course: int | str,
    action: EventKind | str,
    *,
    slate_id: int | None = None,
    position: int | None = None,
    client_id: str | None = None,
) -> FeedbackResult:
    """Record feedback of the actor on a course, given by id or slug; the next page shows the effect.

    The newest of thumbs, dismiss and know replaces the one before; saving stands beside them. `clear` takes the verdict back,
    `unsave` the saving. Raises Forbidden, NotFound and Invalid.
    """
    require(actor, Permission.GIVE_FEEDBACK)
    chosen = _action(action)
    target = _course(course)
    slate_id = own_slate_id(actor, slate_id)
    before, saved = _verdict_and_saved(actor.user_id, target.id)
    new = record(actor, EventIn(chosen, target.id, slate_id=slate_id, position=position, client_id=client_id))
    changed = new and _apply(actor.user_id, target.id, chosen, slate_id, before, saved)
    if slate_id is not None:
        mark_judged(slate_id, target.id)
    verdict, is_saved = _verdict_and_saved(actor.user_id, target.id)
    undo = _undo_action(chosen, before) if changed else None
    return FeedbackResult(target.id, target.slug, target.title, chosen, verdict, is_saved, undo)


def _action(action: EventKind | str) -> EventKind:
    if action not in CARD_ACTIONS:
        raise Invalid(gettext("There is no feedback called %(name)r.", name=action), "kind")
    return EventKind(action)


def _course(course: int | str) -> Course:
    condition = Course.id == course if isinstance(course, int) else Course.slug == course
    row: Course | None = db.session.scalar(select(Course).where(condition))
    if row is None:
        raise NotFound(gettext("There is no such course."))
    return row


def _verdict_and_saved(user_id: int, course_id: int) -> tuple[EventKind | None, bool]:
    verdict = db.session.scalar(select(Feedback.kind).where(Feedback.user_id == user_id, Feedback.course_id == course_id))
    saved = db.session.scalar(select(SavedCourse.id).where(SavedCourse.user_id == user_id, SavedCourse.course_id == course_id))
    return verdict, saved is not None


def _apply(user_id: int, course_id: int, action: EventKind, slate_id: int | None, before: EventKind | None, saved: bool) -> bool:
    """Bring the rows in force up to date; whether anything changed."""
    key = {"user_id": user_id, "course_id": course_id}
    if action is EventKind.SAVE:
        db.session.execute(insert_for(SavedCourse).values(**key, saved_at=now()).on_conflict_do_nothing(index_elements=list(key)))
        return not saved
    if action is EventKind.UNSAVE:
        db.session.execute(delete(SavedCourse).filter_by(**key))
        return saved
    if action is EventKind.CLEAR:
        db.session.execute(delete(Feedback).filter_by(**key))
        return before is not None
    news = {"kind": action, "slate_id": slate_id, "created_at": now()}
    insert = insert_for(Feedback).values(**key, **news)
    db.session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=news))
    return before is not action


def _undo_action(action: EventKind, before: EventKind | None) -> EventKind:
    """The action that restores the state before: the earlier verdict where there was one."""
    is_verdict = action.spec.verdict or action is EventKind.CLEAR
    return (before if is_verdict else None) or action.undone_by or EventKind.CLEAR
