"""Shelves in words: what they are called, and why each course stands on them."""

from datetime import timedelta

import pytest

from recsys.types import Recommendation
from tests.webapp.recommender.helpers import happen, say, take
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.user import ProfileTopic
from webapp.recommender.serving.learner_state import learner_state
from webapp.recommender.serving.shelves import Shelf
from webapp.recommender.serving.slates import ShelfPage, home_shelves, shelf_page_with_recent_starts, similar_courses
from webapp.services.rollups import course_takers_by_goal, replace_course_takers_by_goal
from webapp.support.clock import now
from webapp.support.sentences import Sentence, SentencePart
from webapp.wording.shelves import ShelfWords, shelf_words, stored_reason


def _words(page: ShelfPage) -> dict[str, ShelfWords]:
    return {shelf.placement: words for shelf, words in zip(page.shelves, shelf_words(page), strict=True)}


def _said(sentence: Sentence) -> str:
    return "".join(part.text for part in sentence)


def _texts(words: ShelfWords) -> list[str]:
    return [_said(sentence) for sentence in words.reasons]


def test_every_recommendation_says_why(live, courses, make_user) -> None:
    user = make_user()
    take(user, courses[0])
    for reader in (user.id, None):
        page = home_shelves(reader)
        assert page.shelves
        assert [len(words.reasons) for words in shelf_words(page)] == [len(shelf.recommendations) for shelf in page.shelves]
        assert all(sentence for words in shelf_words(page) for sentence in words.reasons)


def test_the_course_that_was_taken_is_named(live, courses, make_user) -> None:
    user = make_user()
    take(user, courses[0])
    words = _words(home_shelves(user.id))
    assert courses[0].title in _texts(words["recommended"])[0]


@pytest.mark.parametrize(("status", "title"), [("completed", "Because you finished Bread"), ("active", "Because you are taking Bread")])
def test_a_shelf_that_follows_from_a_course_is_called_after_it(
    app, make_user, make_course, make_enrollment, status: str, title: str
) -> None:
    user, bread, cake = make_user(), make_course(title="Bread"), make_course()
    take(user, bread, status)
    shelf = Shelf("because", (Recommendation(str(cake.id), 1.0),), anchor=bread.id)
    heading = _words(shelf_page_with_recent_starts([shelf], learner_state(user.id), None))["because"].title
    assert _said(heading) == title
    assert [part.text for part in heading if part.foreign] == ["Bread"]


def test_visitors_are_not_addressed(live, courses) -> None:
    words = shelf_words(home_shelves(None))
    assert words
    assert not any("you" in _said(shelf.title).lower().split() for shelf in words)


def test_the_line_below_names_what_the_recommendations_are_drawn_from(
    live, courses, make_user, make_topic, make_goal, make_enrollment
) -> None:
    def heading(user) -> tuple[str, str]:
        words = _words(home_shelves(user.id))["recommended"]
        return _said(words.title), _said(words.subtitle)

    user = make_user()
    assert heading(user)[0] == "To start with"
    happen(user, courses[0], "view")
    happen(user, courses[0], "click")
    assert heading(user) == ("Recommended for you", "From what you looked at")
    db.session.add(ProfileTopic(user_id=user.id, topic_id=make_topic("Design").id))
    db.session.flush()
    assert heading(user)[1] == "From what you follow"
    say(user, courses[1], "thumbs_up")
    assert heading(user)[1] == "From what you like and follow"
    take(user, courses[2])
    assert heading(user)[1] == "From what you took, like and follow"
    assert heading(make_user(profile={"goal_id": make_goal("Designer", skills=["Sketching"]).id}))[1] == "From what you aim for"


def test_who_has_only_hidden_courses_gets_a_bit_of_everything(live, courses, make_user) -> None:
    user = make_user()
    say(user, courses[0], "dismiss")
    assert _words(home_shelves(user.id))["recommended"].title == (SentencePart("To start with"),)


def test_the_shelf_of_people_with_the_same_goal_says_which_and_how_many(app, make_user, make_goal, make_enrollment, make_course) -> None:
    goal = make_goal("Archivist")
    for _ in range(8):
        make_course(enrollment_count=50)
    loved = [make_course(published_at=now() - timedelta(days=300)) for _ in range(3)]
    for _ in range(6):
        peer = make_user(profile={"goal_id": goal.id})
        for course in loved:
            make_enrollment(peer, course)
    replace_course_takers_by_goal(course_takers_by_goal())
    words = _words(home_shelves(make_user(profile={"goal_id": goal.id}).id))["goal_peers"]
    assert _said(words.title) == "Popular with people who share your goal"
    assert [part.text for part in words.subtitle if part.foreign] == ["Archivist"]
    assert set(_texts(words)) == {"Taken by 6 learners who aim for Archivist"}


def test_without_a_model_popularity_and_interests_are_said(app, make_course, make_user, make_topic) -> None:
    user = make_user()
    db.session.add(ProfileTopic(user_id=user.id, topic_id=make_topic("Design").id))
    make_course(topic="Design")
    make_course(topic="Data", enrollment_count=50)
    words = _words(home_shelves(user.id))
    assert _texts(words["topics"]) == ["You follow Design"]
    assert _texts(words["popular"]) == ["Taken by 50 learners"]


@pytest.mark.parametrize(("placement", "address"), [("popular", "/catalog?sort=popular"), ("new", "/catalog?sort=newest")])
def test_a_shelf_that_the_catalog_goes_on_with_leads_there(app, make_course, placement: str, address: str) -> None:
    for days in (1, 300) * 12:
        make_course(published_at=now() - timedelta(days=days), enrollment_count=days)
    assert _words(home_shelves(None))[placement].see_all_url == address


def test_words_of_a_page_without_shelves_ask_for_nothing(app, make_course) -> None:
    page = similar_courses(make_course().id, None)
    with counted() as statements:
        assert shelf_words(page) == []
    assert statements == []


def test_a_stored_reason_reads_as_it_was_served_and_to_its_reader_alone(live, courses, make_user) -> None:
    user, stranger = make_user(), make_user()
    take(user, courses[0])
    page = home_shelves(user.id)
    for shelf, words in zip(page.shelves, shelf_words(page), strict=True):
        for course_id, sentence in zip(shelf.course_ids, words.reasons, strict=True):
            assert stored_reason(shelf.slate_id, course_id, user.id) == sentence
            assert stored_reason(shelf.slate_id, course_id, stranger.id) == ()
        assert stored_reason(shelf.slate_id, courses[0].id, user.id) == ()
    assert stored_reason(2**62, courses[1].id, user.id) == ()
