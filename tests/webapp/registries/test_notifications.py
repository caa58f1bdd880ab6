"""Every kind of notification is declared whole: audience, words, and where it leads."""

import re

import pytest
from flask import Flask

from webapp.registries.notifications import Audience, Channel, NotificationKind
from webapp.services.notifications import _PEOPLE, _PEOPLE_OF_COURSE


@pytest.mark.parametrize("kind", list(NotificationKind))
def test_a_kind_is_declared_whole(application: Flask, kind: NotificationKind) -> None:
    spec = kind.spec
    audiences = _PEOPLE_OF_COURSE if spec.about_a_course else _PEOPLE
    assert spec.happens
    assert spec.audience is Audience.ADDRESSEE or spec.audience in audiences
    assert set(re.findall(r"\{(\w+)\}", spec.message)) <= {"course", "topic"}
    assert set(re.findall(r"\{(\w+)\}", spec.note)) <= {"reason"}
    assert ("{topic}" in spec.message) == bool(spec.without_topic)
    assert spec.link in application.view_functions
    assert Channel.PRODUCT in spec.channels
    assert spec.daily_cap is None or spec.daily_cap > 0


def test_a_kind_without_a_declaration_is_none() -> None:
    with pytest.raises(ValueError, match="gossip"):
        NotificationKind("gossip")
