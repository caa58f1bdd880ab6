"""Privacy: everything stored about a person is exported on demand and erased on demand.

HOLDINGS names every table that points at a person. A test compares it with the schema, so a new table with personal data
cannot be forgotten.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from webapp.extensions import db
from webapp.models import (
    AuditEntry,
    Course,
    Enrollment,
    Event,
    Feedback,
    JobRun,
    LessonProgress,
    Notification,
    Profile,
    ProfileTopic,
    SavedCourse,
    Slate,
    Topic,
    User,
)
from webapp.policies import Actor
from webapp.queries.models import ERASURE
from webapp.services.accounts import check_own_password, keep_an_administrator, mail_to, own_account
from webapp.services.audit import record_decision
from webapp.services.housekeeping import recount_courses
from webapp.support.clock import now


class OnErase(StrEnum):
    """What becomes of a person's rows: gone, or kept without the person."""

    DELETE = "delete"
    DETACH = "detach"


@dataclass(frozen=True, slots=True)
class Holding:
    """A table with personal data: `person` is the column that names whose; `secret` columns are never handed out;
    models learn from what is `learned`."""

    model: type[Any]
    person: InstrumentedAttribute[Any]
    on_erase: OnErase = OnErase.DELETE
    secret: frozenset[str] = frozenset()
    learned: bool = False

    @property
    def table(self) -> str:
        """The table's name, under which it stands in the export."""
        return str(self.model.__tablename__)


_BATCH = 500

# Rows that point at others come before those they point at: the order is the order of erasing.
HOLDINGS: tuple[Holding, ...] = (
    Holding(Event, Event.user_id, learned=True),
    Holding(Slate, Slate.user_id, learned=True),
    Holding(Feedback, Feedback.user_id, learned=True),
    Holding(SavedCourse, SavedCourse.user_id, learned=True),
    Holding(LessonProgress, LessonProgress.user_id),
    Holding(Notification, Notification.user_id),
    Holding(Enrollment, Enrollment.user_id, learned=True),
    Holding(ProfileTopic, ProfileTopic.user_id),
    Holding(Profile, Profile.user_id),
    # A course outlives its creator: learners are in it. What an administrator did stays done.
    Holding(Course, Course.creator_id, OnErase.DETACH, learned=True),
    Holding(AuditEntry, AuditEntry.actor_id, OnErase.DETACH),
    Holding(JobRun, JobRun.requested_by, OnErase.DETACH, frozenset({"host", "pid", "error"})),
    Holding(User, User.id, secret=frozenset({"password", "fs_uniquifier"})),
)


def export_account(actor: Actor) -> dict[str, Any]:
    """Everything stored about the actor, by table, as plain JSON values. Raises Forbidden."""
    user = own_account(actor)
    tables = {holding.table: _rows(holding, user.id) for holding in HOLDINGS}
    return {
        "exported_at": now().isoformat(),
        "about": f"Everything Waymark stores about the account of {user.email or user.name}. Times are in UTC.",
        "names": {"courses": _names(Course, tables.values(), "course_id"), "topics": _names(Topic, tables.values(), "topic_id")},
        **tables,
    }


def erase_account(actor: Actor, password: str) -> None:
    """Delete the actor's account and everything about the person; the next model is trained without it and replaces all before it.

    Raises Invalid for a wrong password, Conflict for the only administrator, Forbidden.
    """
    user = check_own_password(actor, password)
    keep_an_administrator(user)
    mail_to(user, "Your Waymark account has been deleted", _FAREWELL)
    erase_person(user.id)
    record_decision(Actor.system(), "account.erase", "user", by="owner")


def erase_person(user_id: int) -> None:
    """Remove every trace of a person, table by table; counts of the courses follow, and models with the next training."""
    if _learned_from(user_id):
        record_decision(Actor.system(), ERASURE, "model")
    courses = list(db.session.scalars(select(Enrollment.course_id).where(Enrollment.user_id == user_id)))
    about = update(AuditEntry).where(AuditEntry.subject == f"user:{user_id}").values(subject="user", detail={})
    db.session.execute(about.execution_options(synchronize_session=False))
    for holding in HOLDINGS:
        gone = holding.on_erase is OnErase.DELETE
        statement: Any = delete(holding.model) if gone else update(holding.model).values({holding.person.key: None})
        db.session.execute(statement.where(holding.person == user_id).execution_options(synchronize_session=False))
    recount_courses(courses)
    db.session.expire_all()


def _learned_from(user_id: int) -> bool:
    """Whether a model may hold something of the person."""
    rows = (select(h.person).where(h.person == user_id).limit(1) for h in HOLDINGS if h.learned)
    return any(db.session.scalar(row) is not None for row in rows)


_FAREWELL = """
Your Waymark account has been deleted, and with it everything we stored about you.

If it was not you who did this, please write to us at once.
"""


def _rows(holding: Holding, user_id: int) -> list[dict[str, Any]]:
    columns = [column for column in holding.model.__table__.columns if column.key not in holding.secret]
    query = select(*columns).where(holding.person == user_id).order_by(*holding.model.__table__.primary_key.columns)
    return [{key: _plain(value) for key, value in row.items()} for row in db.session.execute(query).mappings()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _names(model: Any, tables: Iterable[Sequence[dict[str, Any]]], key: str) -> dict[str, str]:
    """What the ids in the rows stand for: nobody can read numbers."""
    ids = {row[key] for rows in tables for row in rows if row.get(key) is not None}
    label = model.title if model is Course else model.name
    names: dict[str, str] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _BATCH):
        for row in db.session.execute(select(model.id, label).where(model.id.in_(ordered[start : start + _BATCH]))):
            names[str(row[0])] = row[1]
    return names
