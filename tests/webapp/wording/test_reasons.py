"""Reasons in plain words, true to the evidence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recsys.types import Reason, ReasonKind, Recommendation
from tests.webapp.recommender.helpers import happen
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.course import Course
from webapp.recommender.serving.learner_state import VISITOR, Goal, learner_state
from webapp.recommender.serving.shelves import Shelf
from webapp.recommender.serving.slates import ShelfPage, shelf_page_with_recent_starts
from webapp.recommender.training.course_pairs import course_pairs
from webapp.services.rollups import count_days, replace_course_pairs, store_recent_starts
from webapp.support.clock import now
from webapp.wording.reason_names import names_for
from webapp.wording.reasons import ReasonWriter


def _page(state, here, *recommendations: Recommendation) -> ShelfPage:
    return shelf_page_with_recent_starts([Shelf("recommended", recommendations)], state, None, here)


def _say(state, *reasons, prefer=None, here=None, item="1") -> str:
    recommendation = Recommendation(item, 1.0, reasons)
    writer = ReasonWriter(names_for(_page(state, here, recommendation)), state, here)
    return "".join(part.text for part in writer.sentence(recommendation, prefer))


@pytest.fixture
def state(make_user, make_course, make_enrollment, make_topic, make_goal):
    """A learner who has finished, is taking and has left a course."""
    goal = make_goal("Data analyst", skills=["pandas"])
    user = make_user(profile={"goal_id": goal.id})
    for number, (title, status) in enumerate((("SQL 101", "completed"), ("Charts", "active"), ("Latin", "dropped")), start=1):
        course = make_course(id=900_100 + number, title=title, skills=["pandas"])
        make_enrollment(user, course, status)
        happen(user, course, "enroll")
    return learner_state(user.id)


@pytest.fixture
def follow(make_user, make_course, make_enrollment):
    """Makes a course that some learners took `after` another one and some `before` it; answers with its id."""

    def taken(other_id: int, after: int, before: int = 0) -> str:
        course, other = make_course(), db.session.get(Course, other_id)
        for days in [-1] * after + [1] * before:
            user = make_user()
            make_enrollment(user, other, enrolled_at=now() - timedelta(days=9))
            make_enrollment(user, course, enrolled_at=now() - timedelta(days=9 + days))
        replace_course_pairs(course_pairs())
        return str(course.id)

    return taken


@pytest.mark.parametrize(
    ("kind", "evidence", "words"),
    [
        (ReasonKind.TAKEN_TOGETHER, "900101", "Because you finished SQL 101"),
        (ReasonKind.TAKEN_TOGETHER, "900102", "Because you are taking Charts"),
        (ReasonKind.TAKEN_TOGETHER, "900103", "Because you began Latin"),
        (ReasonKind.SIMILAR_CONTENT, "900101", "Close to SQL 101, which you finished"),
        (ReasonKind.SERIES, "900102", "By the creator of Charts, which you are taking"),
        (ReasonKind.GOAL_SKILL, "pandas", "Teaches pandas, which your goal Data analyst needs"),
        (ReasonKind.TRENDING, None, "Much taken lately"),
        (ReasonKind.POPULAR, None, "Popular with learners here"),
        (ReasonKind.NEW, None, "New here"),
        (ReasonKind.LEVEL, "beginner", "Fits your level"),
    ],
)
def test_each_kind_has_its_sentence(state, kind, evidence, words) -> None:
    assert _say(state, Reason("source", kind, 1.0, evidence)) == words


def test_a_followed_topic_is_named_and_another_is_not_claimed_to_be_followed(state, make_topic) -> None:
    make_topic("Statistics")
    reason = Reason("profile", ReasonKind.INTEREST, 1.0, "statistics")
    follower = replace(state, learner=replace(state.learner, topics=("statistics",)))
    assert _say(follower, reason) == "You follow Statistics"
    assert _say(state, reason) == "Popular in Statistics"
    new = Reason("new", ReasonKind.NEW, 1.0, "statistics")
    assert _say(follower, new) == "New, and close to what you follow"
    assert _say(state, new) == "New here"


def test_what_two_courses_both_teach_is_named(state, make_course) -> None:
    course = make_course(skills=["pandas", "Plotting"])
    reason = Reason("content", ReasonKind.SIMILAR_CONTENT, 1.0, "900101")
    assert _say(state, reason, item=str(course.id)) == "Close to SQL 101, which you finished: both teach pandas"


def test_the_largest_reason_speaks(state) -> None:
    small, large = Reason("a", ReasonKind.TAKEN_NEXT, 0.2, "900102"), Reason("b", ReasonKind.TAKEN_TOGETHER, 0.9, "900101")
    assert _say(state, large, small) == "Because you finished SQL 101"


def test_the_larger_one_speaks_whether_it_is_about_the_learner_or_the_same_for_all(state) -> None:
    crowd = Reason("trending", ReasonKind.TRENDING, 0.5)
    assert _say(state, crowd, Reason("a", ReasonKind.TAKEN_TOGETHER, 0.6, "900101")) == "Because you finished SQL 101"
    assert _say(state, crowd, Reason("a", ReasonKind.TAKEN_TOGETHER, 0.4, "900101")) == "Much taken lately"


def test_what_names_nothing_speaks_last(state) -> None:
    vague = Reason("ease", ReasonKind.TAKEN_TOGETHER, 2.0)
    assert _say(state, vague, Reason("level", ReasonKind.LEVEL, 0.1, "beginner")) == "Fits your level"
    assert _say(state, vague) == "Often taken by learners with courses like yours"


def test_likeness_that_can_name_nothing_speaks_only_where_nothing_else_does(state, make_course) -> None:
    likeness, level = Reason("content", ReasonKind.SIMILAR_CONTENT, 1.0, "900101"), Reason("level", ReasonKind.LEVEL, 0.1, "beginner")
    both, neither = (str(make_course(title=title, skills=skills).id) for title, skills in (("Tables", ["pandas"]), ("Bread", ["baking"])))
    assert _say(state, likeness, level, item=both).startswith("Close to SQL 101")
    assert _say(state, likeness, level, item=neither) == "Fits your level"
    assert _say(state, likeness, item=neither).startswith("Close to SQL 101")


def test_what_every_course_has_is_no_reason_for_one_and_hides_none(state) -> None:
    common = Reason("baseline", ReasonKind.BASELINE, 9.0)
    taken, skill = Reason("a", ReasonKind.TAKEN_TOGETHER, 1.0, "900101"), Reason("b", ReasonKind.GOAL_SKILL, 0.4, "pandas")
    assert _say(state, common) == ""
    assert _say(state, common, taken) == "Because you finished SQL 101"
    assert _say(state, common, taken, skill, prefer=ReasonKind.GOAL_SKILL).startswith("Teaches pandas")


def test_a_course_that_was_left_speaks_for_another_only_where_nothing_else_does(state) -> None:
    left, level = Reason("a", ReasonKind.TAKEN_TOGETHER, 1.0, "900103"), Reason("level", ReasonKind.LEVEL, 0.1, "beginner")
    vague = Reason("a", ReasonKind.TAKEN_TOGETHER, 0.5)
    assert _say(state, left, level) == "Fits your level"
    assert _say(state, left, vague) == "Because you began Latin"
    content = left._replace(kind=ReasonKind.SIMILAR_CONTENT)
    assert _say(state, content, level, prefer=ReasonKind.SIMILAR_CONTENT) == "Fits your level"


def test_what_speaks_against_a_course_is_never_its_reason(state) -> None:
    against = Reason("feedback", ReasonKind.LESS_LIKE_THIS, -0.5, "900101")
    assert _say(state, against) == ""
    assert _say(state, against, Reason("level", ReasonKind.LEVEL, -0.5, "beginner")) == ""


def test_a_shelf_prefers_its_own_kind_of_reason_where_it_counts(state) -> None:
    taken, skill = Reason("a", ReasonKind.TAKEN_TOGETHER, 1.0, "900101"), Reason("b", ReasonKind.GOAL_SKILL, 0.4, "pandas")
    assert _say(state, taken, skill, prefer=ReasonKind.GOAL_SKILL).startswith("Teaches pandas")
    assert _say(state, taken, skill._replace(weight=0.01), prefer=ReasonKind.GOAL_SKILL) == "Because you finished SQL 101"


@pytest.mark.parametrize(
    ("after", "before", "words"),
    [
        (5, 0, "Often taken next after SQL 101"),
        (6, 5, "Often taken next after SQL 101"),
        (5, 5, "Goes with SQL 101"),
        (4, 1, "Goes with SQL 101"),
        (4, 0, "Fits your level"),
        (0, 0, "Fits your level"),
    ],
)
def test_often_next_is_said_where_several_went_that_way_and_more_than_back(state, follow, after: int, before: int, words: str) -> None:
    item = follow(900101, after, before)
    reasons = Reason("a", ReasonKind.TAKEN_NEXT, 1.0, "900101"), Reason("level", ReasonKind.LEVEL, 0.2, "beginner")
    assert _say(state, *reasons, item=item) == words


def test_a_place_given_for_variety_alone_says_so(state) -> None:
    nothing = Reason("policy", ReasonKind.EXPLORE, 0.0), Reason("popularity", ReasonKind.POPULAR, -0.4)
    assert _say(state, *nothing) == "Something different, to widen the view"
    assert _say(state, *nothing, Reason("level", ReasonKind.LEVEL, 0.2, "beginner")) == "Fits your level"


@pytest.mark.parametrize(
    ("kind", "after", "words"),
    [
        (ReasonKind.TAKEN_NEXT, 5, "Often taken next after this course"),
        (ReasonKind.TAKEN_TOGETHER, 5, "Goes with this course"),
        (ReasonKind.TAKEN_NEXT, 4, "A first guess: few learners took both so far"),
        (ReasonKind.TAKEN_TOGETHER, 0, "A first guess: few learners took both so far"),
        (ReasonKind.SIMILAR_CONTENT, 0, "Close in content"),
        (ReasonKind.SERIES, 0, "By the same creator"),
    ],
)
def test_on_its_own_page_a_course_is_not_named(state, follow, kind: ReasonKind, after: int, words: str) -> None:
    item = follow(900101, after)
    assert _say(VISITOR, Reason("source", kind, 1.0, "900101"), here=900101, item=item) == words


@pytest.mark.parametrize("kind", [ReasonKind.TAKEN_TOGETHER, ReasonKind.TAKEN_NEXT, ReasonKind.SIMILAR_CONTENT, ReasonKind.SERIES])
def test_the_page_of_a_course_says_nothing_of_the_readers_courses(state, follow, kind: ReasonKind) -> None:
    guess, vague = Reason("ease", ReasonKind.TAKEN_TOGETHER, 1.0, "900101"), Reason("directed", kind, 0.1)
    item = follow(900101, 1)
    assert "your" in _say(state, vague, item=item)
    assert _say(state, guess, vague, here=900101, item=item) == "A first guess: few learners took both so far"


def test_on_the_page_of_a_course_a_guess_waits_for_any_other_reason(state, follow) -> None:
    guess, series = Reason("ease", ReasonKind.TAKEN_TOGETHER, 1.0, "900101"), Reason("series", ReasonKind.SERIES, 0.1, "900101")
    assert _say(VISITOR, guess, series, here=900101, item=follow(900101, 1)) == "By the same creator"


@pytest.mark.parametrize(("kind", "words"), [("view", "you looked at"), ("save", "you saved"), ("drop", "you began")])
def test_a_course_that_was_not_taken_is_named_with_what_was_done(state, follow, kind: str, words: str) -> None:
    seen = replace(state, finished=frozenset(), relations={900101: kind})
    assert _say(seen, Reason("a", ReasonKind.TAKEN_TOGETHER, 1.0, "900101")) == f"Because {words} SQL 101"
    after = Reason("a", ReasonKind.TAKEN_NEXT, 1.0, "900101")
    assert _say(seen, after, item=follow(900101, 5)) == f"Often taken next after SQL 101, which {words}"


def test_a_course_that_was_left_is_not_said_to_be_taken(state, follow) -> None:
    after = Reason("a", ReasonKind.TAKEN_NEXT, 1.0, "900103")
    assert _say(state, after, item=follow(900103, 5)) == "Often taken next after Latin, which you began"


def test_evidence_that_is_gone_is_not_named(state) -> None:
    assert _say(state, Reason("ease", ReasonKind.TAKEN_TOGETHER, 1.0, "123456789")) == "Often taken by learners with courses like yours"
    assert _say(state, Reason("profile", ReasonKind.GOAL_SKILL, 1.0, "no-such-skill")) == ""
    assert _say(replace(state, goal=Goal(1, "gone", "Gone")), Reason("profile", ReasonKind.INTEREST, 1.0, "no-such-topic")) == ""


@pytest.mark.parametrize(
    ("learners", "words"),
    [(0, "Be the first to take it"), (1, "Taken by a few learners so far"), (5, "Taken by 5 learners"), (1_214, "Taken by 1,214 learners")],
)
def test_a_popular_course_tells_how_many_took_it(make_course, learners: int, words: str) -> None:
    course = make_course(enrollment_count=learners)
    assert _say(VISITOR, Reason("popularity", ReasonKind.POPULAR, 1.0), item=str(course.id)) == words


@pytest.mark.parametrize(
    ("learners", "words"),
    [(0, "Taken by 9 learners"), (2, "Started by a few learners lately"), (6, "6 learners started it in the last 30 days")],
)
def test_a_trending_course_tells_how_many_started_it_lately(make_course, make_user, learners: int, words: str) -> None:
    course, other = make_course(enrollment_count=9), make_course()
    for _ in range(learners):
        user = make_user()
        happen(user, course, "enroll", days_ago=20)
        happen(user, course, "enroll", days_ago=2)
        happen(user, course, "view")
    happen(make_user(), course, "enroll", days_ago=40)
    happen(make_user(), course, "enroll", days_ago=3, ordinal=True)
    happen(make_user(), course, "enroll", days_ago=-400)  # stamped by a clock that was ahead
    happen(make_user(), other, "enroll")
    store_recent_starts(count_days())
    assert _say(VISITOR, Reason("trending", ReasonKind.TRENDING, 1.0), item=str(course.id)) == words


@pytest.mark.parametrize(
    ("days", "learners", "words"),
    [
        (0, 0, "Published today"),
        (3, 1, "Published 3 days ago"),
        (3, 12, "Published 3 days ago, already 12 learners"),
        (20, 0, "Published 2 weeks ago"),
    ],
)
def test_a_new_course_tells_since_when_it_is_here(make_course, days: int, learners: int, words: str) -> None:
    course = make_course(published_at=now() - timedelta(days=days), enrollment_count=learners)
    new, popular = Reason("new", ReasonKind.NEW, 1.0), Reason("popularity", ReasonKind.POPULAR, 1.0)
    assert _say(VISITOR, new, item=str(course.id)) == words
    assert _say(VISITOR, popular, prefer=ReasonKind.NEW, item=str(course.id)) == words
    assert _say(VISITOR, popular._replace(weight=-1.0), prefer=ReasonKind.NEW, item=str(course.id)) == words


def test_any_number_of_cards_and_kinds_of_reasons_cost_the_same_statements(make_course, make_topic) -> None:
    topic = make_topic("Design").slug
    crowd = (Reason("trending", ReasonKind.TRENDING, 1.0), Reason("popularity", ReasonKind.POPULAR, 0.5))
    ids = [str(make_course(skills=["pandas"]).id) for _ in range(8)]
    stated = (Reason("profile", ReasonKind.INTEREST, 1.0, topic), Reason("profile", ReasonKind.GOAL_SKILL, 1.0, "pandas"))
    alike = (Reason("content", ReasonKind.SIMILAR_CONTENT, 1.0, ids[0]),)
    costs = []
    after = tuple(Reason("transitions", ReasonKind.TAKEN_NEXT, 2.0, item) for item in ids)
    kinds = ((crowd, ids[:1]), (crowd, ids), (crowd + stated, ids), (crowd + stated + alike, ids), (after[:1], ids[:2]), (after, ids))
    for reasons, some in kinds:
        with counted() as seen:
            names_for(_page(VISITOR, None, *(Recommendation(item, 1.0, reasons) for item in some)))
        costs.append(len(seen))
    assert len(set(costs[:4])) == 1
    assert costs[4] == costs[5], "one more at most where courses lead to each other"


def test_only_published_courses_are_linked(state, make_course) -> None:
    draft = make_course(published=False)
    recommendation = Recommendation(
        "1", 1.0, (Reason("a", ReasonKind.TAKEN_NEXT, 1.0, str(draft.id)), Reason("a", ReasonKind.TAKEN_NEXT, 0.5, "900101"))
    )
    names = names_for(_page(state, None, recommendation))
    assert names.course_address(draft.id) is None
    assert names.course_address(900101) == f"/courses/{db.session.get(Course, 900101).slug}"
