"""Puts an account with a history of a given length into a site's database: `python made_history.py EVENTS MIX ADDRESS PASSWORD`.

Run by `learner.made` in the checkout that is measured, with its own models; imports nothing of this package.

MIX "study": one event in 25 takes up a course, half of those courses are finished; of the rest two fifths are lessons done in them and the
others pages opened, of these courses and of any; one event in a hundred hides or likes a course. MIX "enroll": as many courses taken up as
there are events for, at most nine tenths of the catalog; what is left are lessons done.
"""

import random
import sys
from datetime import timedelta
from typing import Any

from flask_security.utils import hash_password
from sqlalchemy import insert, select

from webapp.extensions import db
from webapp.models.course import Course, CourseStatus
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Event, Feedback
from webapp.models.user import Profile, User
from webapp.registries.events import EventKind
from webapp.support.clock import now
from wsgi import app

DAYS = 700
Row = dict[str, Any]


def kinds_of(mix: str, events: int, courses: int) -> list[str]:
    """The kind of each event, in no order."""
    if mix == "enroll":
        taken = min(events, courses * 9 // 10)
        return ["enroll"] * taken + ["progress"] * (events - taken)
    taken, said = max(2, events // 25), events // 100
    kinds = ["enroll"] * taken + ["complete"] * (taken // 2) + ["dismiss", "thumbs_up"] * (said // 2)
    left = events - len(kinds)
    return kinds + ["progress"] * (left * 2 // 5) + ["view"] * (left - left * 2 // 5)


def events_of(user_id: int, mix: str, events: int, courses: list[int], rng: random.Random) -> list[Row]:
    """Events spread over the last DAYS, oldest first; what needs a course under way comes after it was taken up."""
    kinds = kinds_of(mix, events, len(courses))
    rng.shuffle(kinds)
    kinds.remove("enroll")
    order, taken, open_, said, rows = rng.sample(courses, len(courses)), [], [], [], []
    for number, kind in enumerate(["enroll", *kinds]):
        if kind == "enroll":
            course = order.pop()
            taken.append(course)
            open_.append(course)
        elif kind == "complete" and open_:
            course = open_.pop(rng.randrange(len(open_)))
        elif kind in ("dismiss", "thumbs_up"):
            course = order.pop(0)
            said.append(course)
        else:
            course = rng.choice(taken if kind == "progress" or rng.random() < 0.5 else order)
        at = now() - timedelta(days=DAYS * (1 - number / events))
        value = float(rng.randrange(100)) if kind == "progress" else None
        key = f"made-{user_id}-{number}"
        rows.append({"user_id": user_id, "kind": EventKind(kind), "course_id": course, "value": value, "occurred_at": at, "client_id": key})
    return rows


def enrollments_of(rows: list[Row]) -> list[Row]:
    """The enrollments these events lead to."""
    made: dict[int, Row] = {}
    for row in rows:
        at = row["occurred_at"]
        if row["kind"] is EventKind.ENROLL:
            key = {"user_id": row["user_id"], "course_id": row["course_id"]}
            made[row["course_id"]] = key | {"enrolled_at": at, "last_active_at": at, "percent": 0, "completed_at": None}
            made[row["course_id"]]["status"] = EnrollmentStatus.ACTIVE
        elif (enrollment := made.get(row["course_id"])) is not None and row["kind"] in (EventKind.PROGRESS, EventKind.COMPLETE):
            done = row["kind"] is EventKind.COMPLETE or enrollment["completed_at"] is not None
            enrollment.update(last_active_at=at, percent=100 if done else int(row["value"] or 0))
            if row["kind"] is EventKind.COMPLETE:
                enrollment.update(completed_at=at, status=EnrollmentStatus.COMPLETED)
    return list(made.values())


def make(events: int, mix: str, email: str, password: str) -> None:
    """Store the account with all of it."""
    if db.session.scalar(select(User.id).where(User.email == email)):
        return
    rng = random.Random(events)
    user = User(name="Somebody", email=email, password=hash_password(password), confirmed_at=now())
    db.session.add(user)
    db.session.flush()
    db.session.add(Profile(user_id=user.id, onboarded_at=now()))
    courses = list(db.session.scalars(select(Course.id).where(Course.status == CourseStatus.PUBLISHED).order_by(Course.id)))
    rows = events_of(user.id, mix, events, courses, rng)
    verdicts = [row for row in rows if row["kind"] in (EventKind.DISMISS, EventKind.THUMBS_UP)]
    said = [{"user_id": user.id, "course_id": v["course_id"], "kind": v["kind"], "created_at": v["occurred_at"]} for v in verdicts]
    for model, values in ((Event, rows), (Enrollment, enrollments_of(rows)), (Feedback, said)):
        if values:
            db.session.execute(insert(model), values)
    db.session.commit()


if __name__ == "__main__":
    with app.app_context():
        make(int(sys.argv[1]), *sys.argv[2:])
