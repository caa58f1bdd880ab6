"""Profiles that are changed twice at the same moment: by a button pressed twice, or in two tabs."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import delete, select

from tests.factories import make_topic, make_user
from tests.webapp.at_once import done_at_once
from webapp.extensions import db
from webapp.models.user import Profile, ProfileTopic
from webapp.models.vocabulary import Topic
from webapp.policies import Person
from webapp.services.profiles import Details, finish_onboarding, save_details, save_interests, save_theme
from webapp.transactions import unit_of_work

TOPICS = ("data", "math", "design", "web")
SAVES: dict[str, Callable[[Person], object]] = {
    "profile": lambda person: save_details(person, Details("Ada", TOPICS[:2], None, "beginner", 150)),
    "interests": lambda person: save_interests(person, TOPICS[1:3]),
    "theme": lambda person: save_theme(person, "dark"),
    "welcome": finish_onboarding,
}


def make_person(*topics: str) -> Person:
    with unit_of_work():
        for name in TOPICS:
            make_topic(name)
        person = Person.of(make_user())
        save_interests(person, topics)
    return person


def in_unit(save: Callable[..., object], *arguments: object) -> None:
    with unit_of_work():
        save(*arguments)


def interests(person: Person) -> list[str]:
    mine = select(Topic.slug).join(ProfileTopic, ProfileTopic.topic_id == Topic.id).where(ProfileTopic.user_id == person.user_id)
    return sorted(db.session.scalars(mine))


@pytest.mark.parametrize("name", SAVES)
@pytest.mark.parametrize("before", [(), ("data", "web"), TOPICS], ids=["none", "two", "all"])
def test_a_button_pressed_several_times_at_once_saves_once(committing_app: Flask, name: str, before: tuple[str, ...]) -> None:
    person = make_person(*before)
    done_at_once(committing_app, [partial(in_unit, SAVES[name], person)] * 6)
    wanted = {"profile": TOPICS[:2], "interests": TOPICS[1:3]}.get(name, before)
    assert interests(person) == sorted(wanted)


def test_of_two_tabs_the_last_one_is_kept_whole(committing_app: Flask) -> None:
    person = make_person("data")
    choices = [TOPICS[:2], TOPICS[2:], TOPICS[1:3]]
    done_at_once(committing_app, [partial(in_unit, save_interests, person, choice) for choice in choices * 2])
    assert interests(person) in [sorted(choice) for choice in choices]


@pytest.mark.parametrize("name", SAVES)
def test_a_missing_profile_is_made_once(committing_app: Flask, name: str) -> None:
    person = make_person()
    with unit_of_work():
        db.session.execute(delete(Profile).where(Profile.user_id == person.user_id))
    done_at_once(committing_app, [partial(in_unit, SAVES[name], person)] * 6)
    assert len(db.session.scalars(select(Profile.user_id).where(Profile.user_id == person.user_id)).all()) == 1
