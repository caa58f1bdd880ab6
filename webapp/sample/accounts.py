"""The three accounts to look around with, and the history of the learner among them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.extensions import db
from webapp.models.course import Level
from webapp.models.enrollment import EnrollmentStatus
from webapp.models.user import Profile, Role, User
from webapp.models.vocabulary import CareerGoal, Topic
from webapp.registries.events import EventKind
from webapp.sample.behaviour import DAY, END, Behaviour, SimEnrollment, SimEvent
from webapp.sample.catalog_reader import Catalog
from webapp.services.passwords import hash_password

LEARNER, CREATOR, ADMIN = "learner@example.com", "creator@example.com", "admin@example.com"
CREATOR_NAME = "Ines Okafor"  # the creator whose account opens with the sample password


@dataclass(frozen=True, slots=True)
class HistoryCourse:
    """A course in the sample learner's history: enrolled and last studied so many days ago; share of lessons done."""

    course: str
    began: float
    last: float
    share: float
    stars: int | None = None
    thumb: bool = False


HISTORY = (
    HistoryCourse("spreadsheets-that-survive-monday", 46, 38, 1.0, stars=4),
    HistoryCourse("sql-from-the-ground-up", 35, 24, 1.0, stars=5, thumb=True),
    HistoryCourse("python-first-steps", 23, 12, 1.0, stars=4),
    HistoryCourse("joins-without-surprises", 10, 2, 0.5),
    HistoryCourse("charts-that-tell-the-truth", 5, 1, 0.2),
)
SAVED = ("pandas-by-example", 6.0)
DISMISSED = ("found-by-search", 9.0)
LOOKED_AT = (("dashboards-people-open-twice", 6.1), ("cleaning-data-you-did-not-make", 3.2), ("pandas-by-example", 6.01))


def add_accounts(password: str, since: datetime) -> int:
    """Make the learner and the administrator, open the creator's account; the learner's id."""
    creator = db.session.scalars(select(User).where(User.is_sample, User.name == CREATOR_NAME)).first()
    if creator is not None:
        creator.email, creator.password = CREATOR, hash_password(password)
    joined = since + timedelta(seconds=END - (HISTORY[0].began + 1) * DAY)
    admin = User(email=ADMIN, name="Robin Castillo", role=Role.ADMIN, created_at=since)
    learner = User(email=LEARNER, name="Lena Marsh", role=Role.LEARNER, created_at=joined)
    for user in (admin, learner):
        user.is_sample, user.password, user.confirmed_at = True, hash_password(password), user.created_at
        db.session.add(user)
    db.session.flush()
    db.session.add(Profile(user_id=admin.id, onboarded_at=since))
    db.session.add(_learner_profile(learner, joined))
    db.session.flush()
    return learner.id


def _learner_profile(learner: User, joined: datetime) -> Profile:
    goal = db.session.scalar(select(CareerGoal.id).where(CareerGoal.slug == "data-analyst"))
    topics = db.session.scalars(select(Topic).where(Topic.slug.in_(("data", "programming"))).order_by(Topic.position))
    profile = Profile(user_id=learner.id, goal_id=goal, level=Level.BEGINNER.value, weekly_minutes=240, onboarded_at=joined)
    profile.timezone = "Europe/Lisbon"
    profile.topics = list(topics)
    return profile


def add_history(behaviour: Behaviour, catalog: Catalog, learner: int) -> None:
    """Add what the sample learner did, as far as the catalog has the courses."""
    index = {course.slug: number for number, course in enumerate(catalog.courses)}
    for step in HISTORY:
        if step.course in index:
            minutes = [lesson.minutes for module in catalog.courses[index[step.course]].modules for lesson in module.lessons]
            _add_course_history(behaviour, step, learner, index[step.course], minutes)
    for slug, days in LOOKED_AT:
        if slug in index:
            behaviour.events.append(SimEvent(EventKind.VIEW, learner, index[slug], END - days * DAY))
    for (slug, days), kind in ((SAVED, EventKind.SAVE), (DISMISSED, EventKind.DISMISS)):
        if slug in index:
            behaviour.events.append(SimEvent(kind, learner, index[slug], END - days * DAY))
            if kind == EventKind.SAVE:
                behaviour.saved[learner, index[slug]] = END - days * DAY
            else:
                behaviour.verdicts[learner, index[slug]] = (kind, END - days * DAY)
    behaviour.events.sort(key=lambda event: event.at)


def _add_course_history(behaviour: Behaviour, step: HistoryCourse, learner: int, course: int, minutes: list[int]) -> None:
    began, last = END - step.began * DAY, END - step.last * DAY
    done = max(round(step.share * len(minutes)), 1)
    taken = SimEnrollment(learner, course, began, last=last)
    say = behaviour.events.append
    say(SimEvent(EventKind.VIEW, learner, course, began - 90))
    say(SimEvent(EventKind.ENROLL, learner, course, began))
    for number in range(done):
        at = began + (last - began) * (number + 1) / done
        taken.lessons.append((at, minutes[number]))
        say(SimEvent(EventKind.PROGRESS, learner, course, at, float(100 * (number + 1) // len(minutes)), number))
    if done == len(minutes):
        taken.status = EnrollmentStatus.COMPLETED
        say(SimEvent(EventKind.COMPLETE, learner, course, last))
    if step.stars:
        say(SimEvent(EventKind.RATING, learner, course, last + 60, float(step.stars)))
    if step.thumb:
        say(SimEvent(EventKind.THUMBS_UP, learner, course, last + 70))
        behaviour.verdicts[learner, course] = (EventKind.THUMBS_UP, last + 70)
    behaviour.taken.append(taken)
