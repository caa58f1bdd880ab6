"""Policies are versions; what is live decides from the next page on, and going back is one step."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from recsys.rerank.policy import Policy
from webapp.extensions import db
from webapp.models.operations import AuditEntry
from webapp.models.ranking_policy import EVERYWHERE, PolicyStatus, RankingPolicy
from webapp.policies import Forbidden, Person
from webapp.recommender.serving.catalog import catalog_marker
from webapp.recommender.serving.live_policies import live_policies
from webapp.services.errors import Conflict, Invalid, NotFound
from webapp.services.ranking_policies import draft_policy, publish_policy, roll_back_policy
from webapp.support.clock import now

DEFAULT = Policy(version="default-1")


@pytest.fixture
def admin(make_user) -> Person:
    return Person.of(make_user("admin"))


def live(placement: str) -> str:
    return live_policies(DEFAULT).policy_for(placement).version


def test_the_live_version_decides_about_its_placement_and_everywhere_about_the_rest(admin: Person) -> None:
    assert live("recommended") == "default-1"
    everywhere = draft_policy(admin, EVERYWHERE, {"diversity": 0.5}, "more variety")
    assert live("recommended") == "default-1"  # a draft decides about nothing
    publish_policy(admin, everywhere.id)
    shelf = publish_policy(admin, draft_policy(admin, "recommended", {"niche_share": 0.4}, "more niche").id)
    assert (live("recommended"), live("similar")) == (shelf.version, everywhere.version)
    assert live_policies(DEFAULT).policy_for("recommended").niche_share == 0.4


def test_a_step_back_leads_to_the_version_before_and_then_to_none(admin: Person) -> None:
    first, second = (draft_policy(admin, EVERYWHERE, {"diversity": d}, "a try") for d in (0.1, 0.9))
    publish_policy(admin, first.id)
    publish_policy(admin, second.id)
    assert first.status is PolicyStatus.RETIRED
    assert roll_back_policy(admin, EVERYWHERE) is first
    assert (live("home"), second.status) == (first.version, PolicyStatus.ROLLED_BACK)
    assert roll_back_policy(admin, EVERYWHERE) is None
    assert live("home") == "default-1"
    with pytest.raises(Conflict):
        roll_back_policy(admin, EVERYWHERE)
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["policy.draft"] * 2 + ["policy.publish"] * 2 + ["policy.roll_back"] * 2


def test_refusals(admin: Person, make_user) -> None:
    for settings in ({"diversity": -1}, {"no_such_setting": 1}, {"niche_share": 7}):
        with pytest.raises(Invalid):
            draft_policy(admin, EVERYWHERE, settings, "why")
    with pytest.raises(Invalid):
        draft_policy(admin, EVERYWHERE, {}, "  ")
    with pytest.raises(NotFound):
        publish_policy(admin, 4711)
    policy = publish_policy(admin, draft_policy(admin, EVERYWHERE, {}, "why").id)
    with pytest.raises(Conflict):
        publish_policy(admin, policy.id)
    for role in ("learner", "creator"):
        with pytest.raises(Forbidden):
            draft_policy(Person.of(make_user(role)), EVERYWHERE, {}, "why")


def test_the_database_keeps_one_live_version_a_placement(admin: Person) -> None:
    first, second = (draft_policy(admin, EVERYWHERE, {}, "why") for _ in range(2))
    publish_policy(admin, first.id)
    second.status = PolicyStatus.LIVE
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.flush()


def test_settings_nobody_can_read_any_more_do_not_stop_pages(admin: Person) -> None:
    db.session.add(RankingPolicy(placement=EVERYWHERE, number=1, settings={"gone": 1}, status=PolicyStatus.LIVE))
    db.session.flush()
    assert live("home") == "default-1"


def test_a_version_published_by_a_machine_whose_clock_is_behind_is_noticed(admin: Person) -> None:
    first, second = (draft_policy(admin, EVERYWHERE, {"diversity": d}, "a try") for d in (0.1, 0.9))
    publish_policy(admin, first.id)
    before = catalog_marker()
    with time_machine.travel(now() - timedelta(minutes=5)):
        publish_policy(admin, second.id)
        roll_back_policy(admin, EVERYWHERE)
        later = catalog_marker()
        publish_policy(admin, second.id)
    assert later != catalog_marker() != before
