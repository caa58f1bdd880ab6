"""Profiles: interests, goal, pace and settings; the next page takes a change into account."""

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import available_timezones

from webapp.extensions import db
from webapp.models.course import Level
from webapp.models.user import Profile
from webapp.policies import Person
from webapp.queries.accounts import goal_by_slug, profile_of, topics_by_slug
from webapp.services.accounts import lock_account, normalize_name, own_account
from webapp.services.errors import Invalid
from webapp.support.clock import now
from webapp.support.languages import primary_language
from webapp.support.messages import gettext
from webapp.transactions import savepoint

MAX_WEEKLY_MINUTES = 60 * 60
MIN_WEEKLY_MINUTES = 15
THEMES = ("light", "dark", "auto")


@dataclass(frozen=True, slots=True)
class Details:
    """What the profile page holds; None and empty mean "no answer"."""

    name: str
    topics: Collection[str] = ()
    goal: str | None = None
    level: str | None = None
    weekly_minutes: int | None = None
    language: str = "en"
    timezone: str = "UTC"


def save_interests(actor: Person, topics: Collection[str]) -> Profile:
    """Replace the topics the actor is interested in, given by slug. Raises Invalid and Forbidden."""
    return _set_interests(_get_or_create_profile(actor), topics)


def save_goal(actor: Person, goal: str | None) -> Profile:
    """Set the career goal, given by slug, or take it back. Raises Invalid and Forbidden."""
    return _set_goal(_get_or_create_profile(actor), goal)


def save_pace(actor: Person, level: str | None, weekly_minutes: int | None) -> Profile:
    """Set level and minutes a week; None takes an answer back. Raises Invalid and Forbidden."""
    return _set_pace(_get_or_create_profile(actor), level, weekly_minutes)


def save_details(actor: Person, details: Details) -> Profile:
    """Everything of the profile page at once, all of it or nothing. Raises Invalid and Forbidden."""
    profile = _get_or_create_profile(actor)
    name = normalize_name(details.name)
    if details.timezone != "UTC" and details.timezone not in available_timezones():
        raise Invalid(gettext("There is no such time zone. Choose again."), "timezone")
    language = primary_language(details.language)
    if not (language.isascii() and language.isalpha() and 2 <= len(language) <= 3):
        raise Invalid(gettext("There is no such language. Choose again."), "language")
    with savepoint():
        _set_interests(profile, details.topics)
        _set_goal(profile, details.goal)
        _set_pace(profile, details.level, details.weekly_minutes)
        own_account(actor).name = name
        profile.language, profile.timezone = language, details.timezone
    return profile


def save_theme(actor: Person, theme: str) -> None:
    """Keep light, dark or auto with the account, for its other devices. Raises Invalid and Forbidden."""
    if theme not in THEMES:
        raise Invalid(gettext("Themes are light, dark and auto."), "theme")
    _get_or_create_profile(actor).theme = theme
    db.session.flush()


def finish_onboarding(actor: Person) -> None:
    """The welcome steps are over, answered or skipped. A second time changes nothing."""
    profile = _get_or_create_profile(actor)
    profile.onboarded_at = profile.onboarded_at or now()
    db.session.flush()


def _get_or_create_profile(actor: Person) -> Profile:
    """The profile, kept from others until the unit of work ends: of two tabs the second sees what the first has saved."""
    user = own_account(actor)
    lock_account(user.id)
    profile = profile_of(user.id)
    if profile is None:
        profile = Profile(user_id=user.id, topics=[])
        db.session.add(profile)
    return profile


def _set_interests(profile: Profile, slugs: Collection[str]) -> Profile:
    wanted = set(slugs)
    topics = topics_by_slug(wanted)
    if len(topics) != len(wanted):
        raise Invalid(gettext("There is no such topic. Choose again."), "topics")
    profile.topics = sorted(topics, key=lambda topic: (topic.position, topic.id))
    db.session.flush()
    return profile


def _set_goal(profile: Profile, slug: str | None) -> Profile:
    goal = goal_by_slug(slug) if slug else None
    if slug and goal is None:
        raise Invalid(gettext("There is no such goal. Choose again."), "goal")
    profile.goal_id = goal.id if goal else None
    db.session.flush()
    return profile


def _set_pace(profile: Profile, level: str | None, weekly_minutes: int | None) -> Profile:
    if level is not None and level not in set(Level):
        raise Invalid(gettext("There is no such level. Choose again."), "level")
    if weekly_minutes is not None and not MIN_WEEKLY_MINUTES <= weekly_minutes <= MAX_WEEKLY_MINUTES:
        raise Invalid(gettext("Between a quarter of an hour and %(hours)s hours a week.", hours=MAX_WEEKLY_MINUTES // 60), "hours")
    profile.level, profile.weekly_minutes = level, weekly_minutes
    db.session.flush()
    return profile
