"""Feedback of a learner on a course: thumbs, "not for me", "I know this", save; all of it can be taken back."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, select

from webapp.extensions import db
from webapp.models import Course, EventKind, Feedback, FeedbackKind, SavedCourse
from webapp.policies import Actor, Permission, require
from webapp.services.errors import Invalid, NotFound
from webapp.services.events import EventIn, own_slate, record
from webapp.services.inserts import insert_for
from webapp.support.clock import now


class FeedbackAction(StrEnum):
    """The buttons of a card."""

    THUMBS_UP = "thumbs_up"
    THUMBS_DOWN = "thumbs_down"
    DISMISS = "dismiss"
    KNOW = "know"
    CLEAR = "clear"
    SAVE = "save"
    UNSAVE = "unsave"


@dataclass(frozen=True, slots=True)
class FeedbackResult:
    """Feedback in force after an action. `undo` is the action that takes this one back, None where nothing was changed."""

    course_id: int
    course_slug: str
    course_title: str
    action: FeedbackAction
    feedback: FeedbackKind | None
    saved: bool
    undo: FeedbackAction | None


def give_feedback(
    actor: Actor,
    course: int | str,
    action: FeedbackAction | str,
    *,
    slate_id: str | None = None,
    position: int | None = None,
    client_id: str | None = None,
) -> FeedbackResult:
    """Record feedback of the actor on a course, given by id or slug; the next page shows the effect.

    The newest of thumbs, dismiss and know replaces the one before; saving stands beside them. `clear` takes the verdict back,
    `unsave` the saving. Raises Forbidden, NotFound and Invalid.
    """
    require(actor, Permission.GIVE_FEEDBACK)
    if actor.user_id is None:
        raise Invalid("Feedback belongs to a person.")
    chosen = _action(action)
    target = _course(course)
    slate_id = own_slate(actor, slate_id)
    before, saved = _state(actor.user_id, target.id)
    new = record(actor, EventIn(EventKind(chosen.value), target.id, slate_id=slate_id, position=position, client_id=client_id))
    changed = new and _apply(actor.user_id, target.id, chosen, slate_id, before, saved)
    verdict, is_saved = _state(actor.user_id, target.id)
    undo = _undo(chosen, before) if changed else None
    return FeedbackResult(target.id, target.slug, target.title, chosen, verdict, is_saved, undo)


def _action(action: FeedbackAction | str) -> FeedbackAction:
    try:
        return FeedbackAction(action)
    except ValueError:
        raise Invalid(f"There is no feedback called {action!r}.", "kind") from None


def _course(course: int | str) -> Course:
    condition = Course.id == course if isinstance(course, int) else Course.slug == course
    row: Course | None = db.session.scalar(select(Course).where(condition))
    if row is None:
        raise NotFound("There is no such course.")
    return row


def _state(user_id: int, course_id: int) -> tuple[FeedbackKind | None, bool]:
    verdict = db.session.scalar(select(Feedback.kind).where(Feedback.user_id == user_id, Feedback.course_id == course_id))
    saved = db.session.scalar(select(SavedCourse.id).where(SavedCourse.user_id == user_id, SavedCourse.course_id == course_id))
    return verdict, saved is not None


def _apply(user_id: int, course_id: int, action: FeedbackAction, slate_id: str | None, before: FeedbackKind | None, saved: bool) -> bool:
    """Bring the rows in force up to date; whether anything changed."""
    key = {"user_id": user_id, "course_id": course_id}
    if action is FeedbackAction.SAVE:
        db.session.execute(insert_for(SavedCourse).values(**key, saved_at=now()).on_conflict_do_nothing(index_elements=list(key)))
        return not saved
    if action is FeedbackAction.UNSAVE:
        db.session.execute(delete(SavedCourse).filter_by(**key))
        return saved
    if action is FeedbackAction.CLEAR:
        db.session.execute(delete(Feedback).filter_by(**key))
        return before is not None
    news = {"kind": FeedbackKind(action.value), "slate_id": slate_id, "created_at": now()}
    insert = insert_for(Feedback).values(**key, **news)
    db.session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=news))
    return before != news["kind"]


def _undo(action: FeedbackAction, before: FeedbackKind | None) -> FeedbackAction:
    """What restores the state before: the earlier verdict, or none."""
    if action is FeedbackAction.SAVE:
        return FeedbackAction.UNSAVE
    if action is FeedbackAction.UNSAVE:
        return FeedbackAction.SAVE
    return FeedbackAction(before.value) if before else FeedbackAction.CLEAR
