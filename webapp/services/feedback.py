"""Feedback of a learner on a course: thumbs, "not for me", "I know this", save; all of it can be taken back."""

from dataclasses import dataclass

from sqlalchemy import delete, select

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.event import Feedback, SavedCourse
from webapp.policies import Permission, Person, require
from webapp.registries.events import CARD_ACTIONS, VERDICTS, EventKind, Keeps
from webapp.services.accounts import lock_account
from webapp.services.errors import Invalid, NotFound
from webapp.services.events import EventIn, check_event, own_slate_id, record
from webapp.services.impressions import mark_seen_by_feedback
from webapp.services.insert_on_conflict import insert_for
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
    `unsave` the saving. What is so already is not recorded once more: a button pressed twice counts once. Raises Forbidden, NotFound and
    Invalid.
    """
    require(actor, Permission.GIVE_FEEDBACK)
    chosen = _action(action)
    target = _course(course)
    slate_id = own_slate_id(actor, slate_id)
    event = EventIn(chosen, target.id, slate_id=slate_id, position=position, client_id=client_id)
    check_event(actor, event)
    lock_account(actor.user_id)  # of two requests at once the second sees what the first has done
    before, saved = _verdict_and_saved(actor.user_id, target.id)
    changed = _would_change(chosen, before, saved) and record(actor, event)
    if changed:
        _apply(actor.user_id, target.id, chosen, slate_id)
    if slate_id is not None:
        mark_seen_by_feedback(slate_id, target.id)
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
    in_force = select(Feedback.kind).where(Feedback.user_id == user_id, Feedback.course_id == course_id, Feedback.kind.in_(VERDICTS))
    verdict = db.session.scalar(in_force)
    saved = db.session.scalar(select(SavedCourse.id).where(SavedCourse.user_id == user_id, SavedCourse.course_id == course_id))
    return verdict, saved is not None


def _would_change(action: EventKind, before: EventKind | None, saved: bool) -> bool:
    """Whether an action changes the feedback in force; one that neither keeps nor takes back anything is news each time."""
    match action.spec.keeps, action.spec.takes_back:
        case Keeps.VERDICT, _:
            return before is not action
        case Keeps.SAVED, _:
            return not saved
        case _, Keeps.VERDICT:
            return before is not None
        case _, Keeps.SAVED:
            return saved
    return True


def _apply(user_id: int, course_id: int, action: EventKind, slate_id: int | None) -> None:
    """Bring the rows in force up to date with what the kind keeps or takes back."""
    key = {"user_id": user_id, "course_id": course_id}
    match action.spec.keeps, action.spec.takes_back:
        case Keeps.VERDICT, _:
            news = {"kind": action, "slate_id": slate_id, "created_at": now()}
            insert = insert_for(Feedback).values(**key, **news)
            db.session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=news))
        case Keeps.SAVED, _:
            db.session.execute(insert_for(SavedCourse).values(**key, saved_at=now()).on_conflict_do_nothing(index_elements=list(key)))
        case _, Keeps.VERDICT:
            db.session.execute(delete(Feedback).filter_by(**key))
        case _, Keeps.SAVED:
            db.session.execute(delete(SavedCourse).filter_by(**key))


def _undo_action(action: EventKind, before: EventKind | None) -> EventKind | None:
    """The action that restores the state before: the earlier verdict where there was one."""
    about_verdict = Keeps.VERDICT in (action.spec.keeps, action.spec.takes_back)
    return (before if about_verdict else None) or action.undone_by
