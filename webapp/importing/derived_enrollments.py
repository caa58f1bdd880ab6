"""Enrollments and verdicts derived from imported events.

Merging two of the same pair gives the same in any order, so a repeat is harmless.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, case, literal_column, or_

from webapp.importing.bulk import insert_many
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Feedback
from webapp.registries.events import EventKind

_RANK = {EnrollmentStatus.ACTIVE: 0, EnrollmentStatus.DROPPED: 1, EnrollmentStatus.COMPLETED: 2}


def enrollments_of(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One enrollment for each learner and course that the events enroll, advance, drop or complete."""
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for event in events:
        if event["kind"].spec.enrollment is None:
            continue
        status = EnrollmentStatus(event["kind"].spec.enrollment)
        key, at = (event["user_id"], event["course_id"]), event["occurred_at"]
        row = rows.get(key)
        if row is None:
            row = rows[key] = {
                "user_id": key[0], "course_id": key[1], "status": status, "percent": 0,
                "enrolled_at": at, "last_active_at": at, "completed_at": None,
            }  # fmt: skip
        if _RANK[status] > _RANK[row["status"]]:
            row["status"] = status
        if status is EnrollmentStatus.COMPLETED:
            row["percent"], row["completed_at"] = 100, min(at, row["completed_at"] or at)
        elif event["kind"] is EventKind.PROGRESS:
            row["percent"] = max(row["percent"], int(event["value"]))
        row["enrolled_at"], row["last_active_at"] = min(at, row["enrolled_at"]), max(at, row["last_active_at"])
    return list(rows.values())


def upsert_enrollments(rows: Sequence[dict[str, Any]]) -> None:
    """Write enrollments; of two, the further one stands, with the earliest beginning and the latest activity."""
    insert_many(Enrollment.__table__, rows, _merge_enrollment)


def _merge_enrollment(insert: Any) -> Any:
    new, old = insert.excluded, Enrollment.__table__.c
    ahead = _rank(new.status) > _rank(old.status)
    earlier, later, more = new.enrolled_at < old.enrolled_at, new.last_active_at > old.last_active_at, new.percent > old.percent
    done_earlier = and_(new.completed_at.is_not(None), or_(old.completed_at.is_(None), new.completed_at < old.completed_at))
    values = {
        "status": case((ahead, new.status), else_=old.status),
        "percent": case((more, new.percent), else_=old.percent),
        "enrolled_at": case((earlier, new.enrolled_at), else_=old.enrolled_at),
        "last_active_at": case((later, new.last_active_at), else_=old.last_active_at),
        "completed_at": case((done_earlier, new.completed_at), else_=old.completed_at),
    }
    return insert.on_conflict_do_update(
        index_elements=["user_id", "course_id"], set_=values, where=or_(ahead, more, earlier, later, done_earlier)
    )


def _rank(status: Any) -> Any:
    # Written out, not as parameters: insert_many takes none but the row's.
    return case(*((status == literal_column(f"'{value.value}'"), literal_column(str(rank))) for value, rank in _RANK.items()))


def upsert_feedback(events: Sequence[dict[str, Any]]) -> None:
    """Put the newest verdict of each learner on each course in force."""
    latest = {(event["user_id"], event["course_id"]): event for event in events}
    rows = [
        {"user_id": user, "course_id": course, "kind": event["kind"], "created_at": event["occurred_at"]}
        for (user, course), event in latest.items()
    ]
    insert_many(Feedback.__table__, rows, _keep_newer_verdict)


def _keep_newer_verdict(insert: Any) -> Any:
    newer = insert.excluded.created_at > Feedback.__table__.c.created_at
    values = {"kind": insert.excluded.kind, "created_at": insert.excluded.created_at}
    return insert.on_conflict_do_update(index_elements=["user_id", "course_id"], set_=values, where=newer)
