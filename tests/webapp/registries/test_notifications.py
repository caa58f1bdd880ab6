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
    assert spec.announced, "what readers are told of: the end of “You hear about …”"
    assert spec.audience is Audience.ADDRESSEE or spec.audience in audiences
    assert set(re.findall(r"\{(\w+)\}", spec.message)) <= {"course", "topic"}, "a notification fills no other name"
    assert set(re.findall(r"\{(\w+)\}", spec.note)) <= {"reason"}, "a notification fills no other name"
    assert ("{topic}" in spec.message) == bool(spec.without_topic)
    arguments = {argument for rule in application.url_map.iter_rules(spec.link or "-") for argument in rule.arguments}
    parts = set() if spec.link_permission else {"slug"}
    assert spec.link in application.view_functions, f"“{spec.link}” is no endpoint: name the page it leads to"
    assert arguments == parts, f"the address of {spec.link} has other parts than those it is called with"
    assert Channel.PRODUCT in spec.channels
    assert spec.daily_cap is None or spec.daily_cap > 0


def test_a_kind_without_a_declaration_is_none() -> None:
    with pytest.raises(ValueError, match="gossip"):
        NotificationKind("gossip")
