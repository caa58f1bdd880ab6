"""What a home page shows and what is written down about it."""

from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import func, select

from recsys.rerank.business_rules import Rule
from recsys.rerank.policy import Policy
from recsys.types import ReasonKind
from tests.webapp.recommender.helpers import take
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.enrollment import Enrollment
from webapp.models.slate import Impression, Slate
from webapp.models.user import ProfileTopic
from webapp.policies import Person
from webapp.recommender.serving.popularity_fallback import GOAL_PEERS
from webapp.recommender.serving.serving_model import LiveModel
from webapp.recommender.serving.shelves import Shelf
from webapp.recommender.serving.slates import ShelfPage, home_shelves, similar_courses
from webapp.services.feedback import give_feedback
from webapp.services.ranking_policies import draft_policy, publish_policy, roll_back_policy
from webapp.services.rollups import course_takers_by_goal, replace_course_takers_by_goal
from webapp.support.clock import now
from webapp.transactions import unit_of_work


def _by_placement(page: ShelfPage) -> dict[str, Shelf]:
    return {shelf.placement: shelf for shelf in page.shelves}


def _ids(page: ShelfPage) -> list[int]:
    return [course_id for shelf in page.shelves for course_id in shelf.course_ids]


def test_the_shelves_follow_from_what_was_taken(live, courses, make_user) -> None:
    user = make_user()
    take(user, courses[0])
    shelves = _by_placement(home_shelves(user.id))
    top = shelves["recommended"].recommendations[0]
    assert int(top.item_id) in {course.id for course in courses[1:6]}
    assert str(courses[0].id) in {reason.evidence for reason in top.reasons}


def test_no_course_stands_twice_and_none_that_was_taken(live, courses, make_user) -> None:
    user = make_user()
    for number in (0, 1, 2):
        take(user, courses[number], days_ago=9 - number)
    page = home_shelves(user.id)
    ids = _ids(page)
    assert len(ids) == len(set(ids))
    assert not set(ids) & {course.id for course in courses[:3]}
    assert all(shelf.recommendations for shelf in page.shelves)


def test_a_newcomer_with_interests_and_a_goal_gets_a_sensible_home(live, courses, make_user, make_topic, make_goal) -> None:
    goal = make_goal("Designer", skills=["Sketching"])
    user = make_user(profile={"goal_id": goal.id})
    db.session.add(ProfileTopic(user_id=user.id, topic_id=make_topic("Design").id))
    db.session.flush()
    shelves = _by_placement(home_shelves(user.id))
    assert set(shelves["recommended"].course_ids[:4]) <= {course.id for course in courses[6:]}
    reasons = [reason for shelf in shelves.values() for r in shelf.recommendations for reason in r.reasons if reason.weight > 0]
    assert {(reason.kind, reason.evidence) for reason in reasons} & {(ReasonKind.GOAL_SKILL, "sketching"), (ReasonKind.INTEREST, "design")}


def test_a_creator_is_shown_nothing_of_their_own(live, courses, make_user) -> None:
    creator = make_user("creator")
    for course in courses[:2]:
        course.creator_id = creator.id
    db.session.flush()
    own = {course.id for course in courses[:2]}
    similar = similar_courses(courses[2].id, creator.id)
    assert own & set(_ids(similar_courses(courses[2].id, None)))
    assert _ids(similar)
    assert not own & {*_ids(similar), *_ids(home_shelves(creator.id))}


def test_not_for_me_changes_the_next_page(live, courses, make_user) -> None:
    user = make_user()
    take(user, courses[0])
    unwanted = _ids(home_shelves(user.id))[0]
    result = give_feedback(Person.of(user), unwanted, "dismiss")
    assert unwanted not in _ids(home_shelves(user.id))
    give_feedback(Person.of(user), unwanted, result.undo)
    assert unwanted in _ids(home_shelves(user.id))


def test_a_dismissed_course_lowers_its_neighbors(live, courses, make_user) -> None:
    user = make_user()
    take(user, courses[0])

    def score_of_data_courses() -> float:
        recommended = _by_placement(home_shelves(user.id))["recommended"]
        wanted = {course.id for course in courses[2:6]}
        return sum(r.score for r in recommended.recommendations if int(r.item_id) in wanted)

    before = score_of_data_courses()
    give_feedback(Person.of(user), courses[1].id, "dismiss")
    assert score_of_data_courses() < before


def test_each_shelf_is_stored_as_it_was_served(live, courses, make_user) -> None:
    user = make_user()
    take(user, courses[0])
    shelves = home_shelves(user.id).shelves
    stored = {slate.id: slate for slate in db.session.scalars(select(Slate))}
    assert set(stored) == {shelf.slate_id for shelf in shelves}
    for shelf in shelves:
        slate = stored[shelf.slate_id]
        assert (slate.user_id, slate.placement, slate.policy_version) == (user.id, shelf.placement, "default-1")
        assert slate.model_version == live.status().version
        places = db.session.scalars(select(Impression).where(Impression.slate_id == slate.id).order_by(Impression.position)).all()
        assert [(place.course_id, place.position) for place in places] == [(id_, n) for n, id_ in enumerate(shelf.course_ids, 1)]
        assert all(0 < place.propensity <= 1 and place.seen_at is None and place.clicked_at is None for place in places)
        for place, (score, parts), recommendation in zip(places, slate.detail, shelf.recommendations, strict=True):
            assert sum(weight for _source, _kind, weight, *_ in parts) == pytest.approx(score, abs=1e-3)
            assert place.reason == max(recommendation.reasons, key=lambda reason: reason.weight).kind.value


def test_a_page_that_only_reads_stores_its_slates_at_the_end(live, courses, make_user) -> None:
    user = make_user()
    with unit_of_work(writes=False):
        page = home_shelves(user.id)
        assert db.session.scalar(select(func.count()).select_from(Slate)) == 0
    assert db.session.scalar(select(func.count()).select_from(Slate)) == len(page.shelves)


def test_somebody_who_only_looks_on_leaves_no_trace(live, courses, make_user) -> None:
    assert home_shelves(make_user().id, record=False).shelves
    assert db.session.scalar(select(func.count()).select_from(Slate)) == 0


def test_visitors_see_what_others_take(live, courses) -> None:
    page = home_shelves(None)
    assert {shelf.placement for shelf in page.shelves} <= {"trending", "popular", "new"}
    assert _ids(page)
    assert db.session.scalars(select(Slate.user_id)).first() is None


def test_a_course_published_a_second_ago_can_be_recommended(live, courses, make_user, make_course) -> None:
    user = make_user()
    home_shelves(user.id)
    fresh = make_course(title="Data course on SQL", topic="Data", skills=["SQL"], published_at=now())
    assert fresh.id in _ids(home_shelves(user.id))


def test_people_with_the_same_goal_are_followed_only_in_company(app, make_user, make_goal, make_enrollment, make_course) -> None:
    goal = make_goal("Archivist")
    reader = make_user(profile={"goal_id": goal.id})
    for _ in range(8):
        make_course(enrollment_count=50)
    *loved, rare = (make_course(published_at=now() - timedelta(days=300)) for _ in range(4))
    for number in range(6):
        peer = make_user(profile={"goal_id": goal.id})
        for course in loved if number >= 2 else (*loved, rare):
            make_enrollment(peer, course)
    replace_course_takers_by_goal(course_takers_by_goal())
    shelf = _by_placement(home_shelves(reader.id))["goal_peers"]
    assert set(shelf.course_ids) == {course.id for course in loved}
    assert [(reason.source, round(reason.weight) - 1) for reason in shelf.recommendations[0].reasons] == [(GOAL_PEERS, 6)]
    make_enrollment(reader, loved[0])
    assert "goal_peers" not in _by_placement(home_shelves(reader.id))


def test_what_a_rule_blocks_is_on_no_shelf_counted_ones_included(live, courses, make_user, make_goal, make_enrollment, monkeypatch) -> None:
    goal = make_goal("Archivist")
    reader = make_user(profile={"goal_id": goal.id})
    for _ in range(5):
        peer = make_user(profile={"goal_id": goal.id})
        for course in courses[:5]:
            make_enrollment(peer, course)
    take(reader, courses[0])
    blocked = courses[2]
    everywhere = (lambda: home_shelves(None), lambda: home_shelves(reader.id), lambda: similar_courses(courses[0].id, reader.id))
    for ask in everywhere:
        assert blocked.id in _ids(ask())
    monkeypatch.setattr("webapp.recommender.serving.serving_model.POLICY", Policy(rules=(Rule("block", "item", str(blocked.id)),)))
    current_app.extensions["recommender"] = LiveModel(live.models_dir, check_seconds=0)
    for ask in everywhere:
        page = ask()
        assert _ids(page)
        assert blocked.id not in _ids(page)


@pytest.mark.parametrize("placement", ["recommended", "goal", "trending", "similar"])
def test_each_shelf_obeys_the_policy_it_is_stored_under(live, courses, make_user, make_goal, placement: str) -> None:
    reader = make_user(profile={"goal_id": make_goal("Designer", skills=["Sketching"]).id})
    take(reader, courses[0])
    admin = Person.of(make_user("admin"))

    def publish(shelf: str, target: str, name: str) -> str:
        rules = [{"action": "block", "target": target, "name": name}]
        return publish_policy(admin, draft_policy(admin, shelf, {"rules": rules}, "a try").id).version

    def shelf() -> Shelf:
        page = similar_courses(courses[0].id, reader.id) if placement == "similar" else home_shelves(reader.id)
        return _by_placement(page)[placement]

    if placement == "goal":
        publish("recommended", "topic", "design")  # they are left for the shelf of the goal, though they would fit the first one
    first = shelf().course_ids[0]
    version = publish(placement, "item", str(first))
    assert first not in shelf().course_ids
    assert db.session.get_one(Slate, shelf().slate_id).policy_version == version
    roll_back_policy(admin, placement)
    assert shelf().course_ids[0] == first


def test_similar_courses_stay_close_and_leave_out_what_was_taken(live, courses, make_user) -> None:
    user = make_user()
    take(user, courses[1])
    ids = _ids(similar_courses(courses[0].id, user.id))
    assert ids[0] in {course.id for course in courses[2:6]}
    assert courses[0].id not in ids
    assert courses[1].id not in ids
    assert db.session.scalars(select(Slate)).one().context_course_id == courses[0].id


def test_more_history_costs_no_more_statements(live, courses, make_user) -> None:
    few, many = make_user(), make_user()
    take(few, courses[0])
    for number in range(4):
        take(many, courses[number], days_ago=9 - number)
    home_shelves(few.id)
    counts = []
    for user in (few, many):
        with counted() as seen:
            home_shelves(user.id)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_without_a_model_pages_serve_what_is_popular(app, make_course, make_user) -> None:
    user = make_user()
    liked = make_course(enrollment_count=50)
    other = make_course(enrollment_count=5)
    fresh = make_course(published_at=now() - timedelta(days=1))
    page = home_shelves(user.id)
    assert _ids(page)[:2] == [liked.id, other.id]
    assert set(_ids(page)) == {liked.id, other.id, fresh.id}
    assert [reason.kind for reason in page.shelves[0].recommendations[0].reasons] == [ReasonKind.POPULAR]
    assert db.session.scalars(select(Slate.model_version)).first() is None


def test_without_a_model_interests_and_feedback_still_count(app, make_course, make_user, make_topic, make_enrollment) -> None:
    user = make_user()
    db.session.add(ProfileTopic(user_id=user.id, topic_id=make_topic("Design").id))
    followed, popular, taken, unwanted = (
        make_course(topic="Design"),
        make_course(topic="Data", enrollment_count=9),
        make_course(topic="Design"),
        make_course(topic="Design"),
    )
    make_enrollment(user, taken)
    give_feedback(Person.of(user), unwanted.id, "dismiss")
    shelves = _by_placement(home_shelves(user.id))
    assert shelves["topics"].course_ids == (followed.id,)
    assert [(reason.kind, reason.evidence) for reason in shelves["topics"].recommendations[0].reasons] == [(ReasonKind.INTEREST, "design")]
    assert shelves["popular"].course_ids == (popular.id,)


def test_without_a_model_similar_courses_share_the_topic(app, make_course) -> None:
    first, second, _ = make_course(topic="Data"), make_course(topic="Data"), make_course(topic="Design")
    assert _ids(similar_courses(first.id, None)) == [second.id]


def test_an_empty_platform_has_no_shelves(app, make_user) -> None:
    assert home_shelves(make_user().id).shelves == ()
    assert home_shelves(None).shelves == ()
    assert db.session.scalar(select(func.count()).select_from(Enrollment)) == 0
