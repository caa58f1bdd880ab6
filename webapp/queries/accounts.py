"""Accounts and profiles, and the topics, goals and languages a profile can choose from."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from webapp.extensions import db
from webapp.models.course import Course, CourseStatus, CourseTopic
from webapp.models.user import Profile, Role, User
from webapp.models.vocabulary import CareerGoal, Topic
from webapp.support.languages import primary_language
from webapp.support.text import fold, normalized_email
from webapp.transactions import read_rows

TOPICS_OFFERED = 24


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A profile as its pages show it, read in one go; an account without a profile row has the empty one."""

    name: str = ""
    email: str = ""
    confirmed: bool = False
    goal: str | None = None
    level: str | None = None
    weekly_minutes: int | None = None
    timezone: str = "UTC"
    language: str = "en"
    theme: str = "auto"
    onboarded: bool = False
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeProfile:
    """The part of a profile that the home page needs."""

    timezone: str = "UTC"
    onboarded: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose, by its slug; `note` says a little more."""

    slug: str
    name: str
    note: str = ""


def account(user_id: int) -> User | None:
    """The account, its profile loaded."""
    return db.session.scalar(select(User).where(User.id == user_id).options(joinedload(User.profile)))


def account_by_email(email: str) -> User | None:
    """The account of an address as accounts keep it: the one that has confirmed it, else the oldest that waits to."""
    return next(iter(accounts_of_email(normalized_email(email), limit=1)), None)


def accounts_of_email(email: str, limit: int = 2) -> Sequence[User]:
    """Accounts of an address as accounts keep it; the one that has confirmed it first, then those that wait to, oldest first."""
    order = (User.confirmed_at.is_(None), User.id)
    query = select(User).where(User.email == email).options(joinedload(User.profile)).order_by(*order).limit(limit)
    return db.session.scalars(query).all()


def profile_view(user_id: int) -> ProfileView:
    """Everything the profile pages show, in three statements however much it is."""
    loading = (
        joinedload(User.profile).joinedload(Profile.goal).load_only(CareerGoal.slug),
        joinedload(User.profile).selectinload(Profile.topics).load_only(Topic.slug),
    )
    user = db.session.scalar(select(User).where(User.id == user_id).options(*loading).execution_options(populate_existing=True))
    if user is None:
        return ProfileView()
    base = {"name": user.name, "email": user.email or "", "confirmed": user.confirmed_at is not None}
    profile = user.profile
    if profile is None:
        return ProfileView(**base)  # type: ignore[arg-type]
    return ProfileView(
        **base,  # type: ignore[arg-type]
        goal=profile.goal.slug if profile.goal else None,
        level=profile.level,
        weekly_minutes=profile.weekly_minutes,
        timezone=profile.timezone,
        language=profile.language,
        theme=profile.theme,
        onboarded=profile.onboarded_at is not None,
        topics=tuple(topic.slug for topic in profile.topics),
    )


def home_profile(user_id: int) -> HomeProfile:
    """The profile for the home page; one small statement, for it is asked on every visit."""
    row = read_rows(_home_profile_statement(), user_id=user_id).one_or_none()
    return HomeProfile(row.timezone, row.onboarded_at is not None) if row else HomeProfile()


@cache
def _home_profile_statement() -> Select[str, datetime | None]:
    return select(Profile.timezone, Profile.onboarded_at).where(Profile.user_id == bindparam("user_id"))


def profile_of(user_id: int) -> Profile | None:
    """The profile row with its topics as they stand now, to be changed."""
    query = select(Profile).where(Profile.user_id == user_id).options(selectinload(Profile.topics))
    return db.session.scalar(query.execution_options(populate_existing=True))


def topic_options(keep: Collection[str] = (), limit: int = TOPICS_OFFERED) -> list[Option]:
    """Topics worth choosing, those with the most published courses; `keep` are in it whatever their count."""
    courses = (
        select(CourseTopic.topic_id, func.count().label("n"))
        .join(Course, Course.id == CourseTopic.course_id)
        .where(Course.status == CourseStatus.PUBLISHED)
        .group_by(CourseTopic.topic_id)
        .subquery()
    )
    kept_first = case((Topic.slug.in_(keep), 0), else_=1) if keep else None
    order = [part for part in (kept_first, courses.c.n.desc().nulls_last(), Topic.position, Topic.id) if part is not None]
    rows = db.session.execute(
        select(Topic.slug, Topic.name, Topic.name_folded, Topic.position)
        .outerjoin(courses, courses.c.topic_id == Topic.id)
        .order_by(*order)
        .limit(max(limit, len(keep)))
    )
    return [Option(row.slug, row.name) for row in sorted(rows, key=lambda row: (row.position, row.name_folded))]


def goal_options() -> list[Option]:
    """Every career goal by name."""
    rows = db.session.execute(select(CareerGoal.slug, CareerGoal.name, CareerGoal.summary).order_by(CareerGoal.name_folded))
    return [Option(slug, name, summary) for slug, name, summary in rows]


def course_languages() -> list[str]:
    """The languages published courses are in, most courses first; `pt-BR` and `pt` are one."""
    query = select(Course.language, func.count()).where(Course.status == CourseStatus.PUBLISHED).group_by(Course.language)
    counts: Counter[str] = Counter()
    for tag, number in db.session.execute(query.order_by(Course.language)):
        counts[primary_language(tag)] += number
    return [language for language, _ in counts.most_common()]


def topics_by_slug(slugs: Collection[str]) -> Sequence[Topic]:
    """The topics of these slugs; unknown ones are missing from the answer."""
    return db.session.scalars(select(Topic).where(Topic.slug.in_(slugs))).all() if slugs else []


def goal_by_slug(slug: str) -> CareerGoal | None:
    """A career goal."""
    return db.session.scalar(select(CareerGoal).where(CareerGoal.slug == slug))


def accounts(role: Role | None = None, search: str = "", limit: int = 50, offset: int = 0) -> Sequence[User]:
    """Accounts that can sign in, newest first."""
    query = select(User).where(User.email.is_not(None)).order_by(User.created_at.desc(), User.id.desc()).limit(limit).offset(offset)
    if role is not None:
        query = query.where(User.role == role)
    if search:
        query = query.where(or_(User.email.contains(normalized_email(search), autoescape=True), name_search_condition(search)))
    return db.session.scalars(query).all()


def name_search_condition(search: str) -> ColumnElement[bool]:
    """Accounts whose name holds every word of a search."""
    return and_(true(), *(User.name_folded.contains(word, autoescape=True) for word in fold(search).split()))
