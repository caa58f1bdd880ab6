"""Privacy: everything stored about a person is exported on demand and erased on demand.

What that is, each model declares beside its columns (`webapp.models.personal_data`); a test compares the declarations with the schema.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, String, Table, delete, select, type_coerce, update

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment
from webapp.models.event import Event
from webapp.models.operations import AuditEntry
from webapp.models.personal_data import Holding, OnErase, holdings, is_secret
from webapp.models.types import StrEnumType
from webapp.models.user import User
from webapp.models.vocabulary import Topic
from webapp.policies import Person, System
from webapp.queries.model_provenance import ERASURE
from webapp.registries.events import EventKind
from webapp.registries.personal_data import PersonalData
from webapp.registries.run_messages import RunMessage
from webapp.services.accounts import check_own_password, confirmed_address, lock_account, own_account, require_another_admin
from webapp.services.audit import record_decision
from webapp.services.erasure_leftovers import forget_traces
from webapp.services.housekeeping import recount_courses
from webapp.services.mail import post_mail
from webapp.services.rollups import recount_ratings
from webapp.support.clock import now
from webapp.support.messages import N_, gettext

_BATCH = 500
_SOMEBODY_ELSE = "somebody else"


def export_account(actor: Person) -> dict[str, Any]:
    """Everything stored about the actor, by table, as plain JSON values. Raises Forbidden."""
    user = own_account(actor)
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for holding in holdings(db.metadata):
        _add_rows(tables, holding.table, holding.belongs_to(user.id), holding.other_person_columns, user.id)
    audit = db.metadata.tables[AuditEntry.__tablename__]
    _add_rows(tables, audit, _is_about(user.id), [audit.columns.actor_id], user.id)
    return {
        "exported_at": now().isoformat(),
        "about": gettext("Everything Waymark stores about the account of %(name)s. Times are in UTC.", name=user.email or user.name),
        "names": {
            "courses": _labels_by_id(Course, tables.values(), "course_id"),
            "topics": _labels_by_id(Topic, tables.values(), "topic_id"),
        },
        **tables,
    }


def kept_kinds(actor: Person) -> list[PersonalData]:
    """What is kept about the actor: the kinds everybody has, and those that their role, or rows from an earlier one, bring with them."""
    return [
        kind
        for kind in PersonalData
        if kind.spec.permission is None
        or actor.may(kind.spec.permission)
        or _has_rows(actor.user_id, (holding for holding in holdings(db.metadata) if holding.data is kind))
    ]


def erase_account(actor: Person, password: str) -> None:
    """Delete the actor's account and everything about the person; the next model is trained without it and replaces all before it.

    Raises Invalid for a wrong password, Conflict for the only administrator, Forbidden.
    """
    user = check_own_password(actor, password)
    require_another_admin(user)
    if address := confirmed_address(user):
        # nobody's: other mail that waits goes with the person
        post_mail(address, gettext("Your Waymark account has been deleted"), gettext(_FAREWELL))
    erase_person(user.id)
    record_decision(System(), "account.erase", "user", by="owner")


def erase_person(user_id: int) -> None:
    """Remove every trace of a person, table by table; counts and ratings of the courses follow, and models with the next training."""
    lock_account(user_id)
    user = db.session.get(User, user_id)
    if user is not None:
        forget_traces(user)
    if _has_rows(user_id, (holding for holding in holdings(db.metadata) if holding.learned)):
        record_decision(System(), ERASURE, "model")
    courses = list(db.session.scalars(select(Enrollment.course_id).where(Enrollment.user_id == user_id)))
    ratings = select(Event.course_id).where(Event.user_id == user_id, Event.kind == EventKind.RATING).distinct()
    rated = [course_id for course_id in db.session.scalars(ratings) if course_id is not None]
    about = update(AuditEntry).where(_is_about(user_id)).values(subject="user", detail={})
    db.session.execute(about.execution_options(synchronize_session=False))
    for holding in holdings(db.metadata):
        gone = holding.on_erase is OnErase.DELETE
        statement: Any = delete(holding.table) if gone else update(holding.table).values({holding.column.key: None})
        db.session.execute(statement.where(holding.belongs_to(user_id)))
    recount_courses(courses)
    for start in range(0, len(rated), _BATCH):
        recount_ratings(rated[start : start + _BATCH])
    db.session.expire_all()


def _has_rows(user_id: int, kept: Iterable[Holding]) -> bool:
    rows = (select(holding.column).where(holding.belongs_to(user_id)).limit(1) for holding in kept)
    return any(db.session.scalar(row) is not None for row in rows)


_FAREWELL = N_("""
Your Waymark account has been deleted, and with it everything we stored about you.

If it was not you who did this, please write to us at once.
""")


def _is_about(user_id: int) -> ColumnElement[bool]:
    """The condition that an audit entry says what somebody did with the person's account, such as looking at their home page."""
    return AuditEntry.subject == f"user:{user_id}"


def _add_rows(
    tables: dict[str, list[dict[str, Any]]], table: Table, mine: ColumnElement[bool], others: Iterable[Column[Any]], user_id: int
) -> None:
    """Add the person's rows of a table that are not there already; who else a row names (`others`) is not told."""
    # Kinds as they are stored: a newer version may have written some that are not declared here.
    columns = [
        type_coerce(column, String).label(column.key) if isinstance(column.type, StrEnumType) else column
        for column in table.columns
        if not is_secret(column)
    ]
    hidden, known = {column.key for column in others}, tables[table.name]
    rows = db.session.execute(select(*columns).where(mine).order_by(*table.primary_key.columns)).mappings()
    plain = [{key: _person_as_shown(value, user_id) if key in hidden else _plain(value) for key, value in row.items()} for row in rows]
    known += [row for row in plain if row not in known]


def _person_as_shown(person: int | None, user_id: int) -> int | str | None:
    return person if person in (None, user_id) else _SOMEBODY_ELSE


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, RunMessage):
        return value.sentence or value.to_json()
    return value


def _labels_by_id(model: Any, tables: Iterable[Sequence[dict[str, Any]]], key: str) -> dict[str, str]:
    """What the ids in the rows stand for: nobody can read numbers."""
    ids = {row[key] for rows in tables for row in rows if row.get(key) is not None}
    label = model.title if model is Course else model.name
    names: dict[str, str] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _BATCH):
        for row in db.session.execute(select(model.id, label).where(model.id.in_(ordered[start : start + _BATCH]))):
            names[str(row[0])] = row[1]
    return names
