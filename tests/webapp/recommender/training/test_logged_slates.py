"""Stored slates as a log: which outcomes count for which place."""

from datetime import timedelta

import pytest
from flask import Flask

from recsys.data.slates import LoggedSlates
from recsys.pipelines.counterfactual import read_log, write_log
from recsys.registry.manifest import read_manifest
from tests.factories import make_course, make_event, make_slate, make_user
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.slate import Slate
from webapp.recommender.training import logged_slates
from webapp.recommender.training.logged_slates import Outcome, clicked_slates, logged_places
from webapp.recommender.training.train import train_model
from webapp.registries.events import EventKind
from webapp.services.privacy import erase_person
from webapp.support.clock import now
from webapp.transactions import unit_of_work


def serve(user, courses, days_ago: float = 20, placement: str = "recommended", propensities=None) -> Slate:
    return make_slate(user, courses, placement=placement, propensities=propensities, served_at=now() - timedelta(days=days_ago))


def rewards(outcome: Outcome, **options) -> dict[tuple[int, int], float]:
    return {(int(p.slate_id), int(p.item_id)): p.reward for p in logged_places(outcome, **options)}


def test_a_place_carries_what_was_stored(make_user, make_course) -> None:
    user, first, second = make_user(), make_course(), make_course()
    slate = serve(user, [first, second], propensities=[1.0, 0.125])
    places = list(logged_places(Outcome.CLICK))
    assert [(p.slate_id, p.user_id, p.position, p.item_id) for p in places] == [
        (str(slate.id), str(user.id), 1, str(first.id)),
        (str(slate.id), str(user.id), 2, str(second.id)),
    ]
    assert [p.propensity for p in places] == [1.0, 0.125]
    assert {p.context for p in places} == {"recommended"}


def test_a_click_counts_for_the_slate_it_came_from(make_user, make_course) -> None:
    user, course, other = make_user(), make_course(), make_course()
    first, second = serve(user, [course, other]), serve(user, [course, other], days_ago=19)
    make_event(EventKind.CLICK, user, course, 18.9, second)
    make_event(EventKind.VIEW, user, other, 18.9, second)
    found = rewards(Outcome.CLICK)
    assert found == {(first.id, course.id): 0, (first.id, other.id): 0, (second.id, course.id): 1, (second.id, other.id): 0}


def test_an_enrollment_within_the_window_counts(make_user, make_course) -> None:
    user, stranger, course, late, before = make_user(), make_user(), make_course(), make_course(), make_course()
    slate = serve(user, [course, late, before], days_ago=30)
    other = serve(stranger, [course], days_ago=30)
    make_event(EventKind.ENROLL, user, course, 25)
    make_event(EventKind.ENROLL, user, late, 10)
    make_event(EventKind.ENROLL, user, before, 31)
    assert rewards(Outcome.ENROLLMENT) == {
        (slate.id, course.id): 1,
        (slate.id, late.id): 0,
        (slate.id, before.id): 0,
        (other.id, course.id): 0,
    }


def test_an_enrollment_from_a_card_counts_for_that_card_alone(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    seen, pressed = serve(user, [course], days_ago=20), serve(user, [course], days_ago=19)
    make_event(EventKind.ENROLL, user, course, 18, pressed)
    assert rewards(Outcome.ENROLLMENT) == {(seen.id, course.id): 0, (pressed.id, course.id): 1}


def test_slates_whose_outcome_is_still_open_are_left_out(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    serve(user, [course], days_ago=3)
    ripe = serve(user, [course], days_ago=15)
    assert set(rewards(Outcome.ENROLLMENT)) == {(ripe.id, course.id)}
    assert len(rewards(Outcome.ENROLLMENT, window=timedelta(days=2))) == 2


def test_a_time_and_shelves_can_be_chosen(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    old, middle, new = (serve(user, [course], days_ago=d, placement=p) for d, p in ((40, "new"), (30, "recommended"), (20, "new")))
    day = timedelta(days=1)
    assert {s for s, _ in rewards(Outcome.CLICK, since=now() - 35 * day)} == {middle.id, new.id}
    assert {s for s, _ in rewards(Outcome.CLICK, until=now() - 35 * day)} == {old.id}
    assert {s for s, _ in rewards(Outcome.CLICK, placements=["new"])} == {old.id, new.id}


def test_visitors_have_clicks_but_no_name(make_course) -> None:
    course = make_course()
    slate = serve(None, [course])
    make_event(EventKind.CLICK, None, course, 19.9, slate)
    places = list(logged_places(Outcome.CLICK))
    assert [(p.user_id, p.reward) for p in places] == [("", 1.0)]
    assert [p.reward for p in logged_places(Outcome.ENROLLMENT)] == [0.0]


def test_chunks_leave_nothing_out_and_repeat_nothing(make_user, make_course, monkeypatch: pytest.MonkeyPatch) -> None:
    user, course = make_user(), make_course()
    moment = now() - timedelta(days=20)
    slates = [serve(user, [course]) for _ in range(7)]
    for number, slate in enumerate(slates):
        slate.served_at = moment + timedelta(seconds=number // 3)  # several share their moment
    make_event(EventKind.CLICK, user, course, 19, slates[4])
    db.session.flush()
    monkeypatch.setattr(logged_slates, "_CHUNK", 2)
    places = list(logged_places(Outcome.CLICK))
    assert sorted(int(p.slate_id) for p in places) == sorted(s.id for s in slates)
    assert [int(p.slate_id) for p in places if p.reward] == [slates[4].id]


def test_ten_slates_cost_as_many_statements_as_two(make_user, make_course) -> None:
    course = make_course()

    def statements() -> int:
        with counted() as found:
            list(logged_places(Outcome.ENROLLMENT))
        return len(found)

    for _ in range(2):
        serve(make_user(), [course])
    few = statements()
    for _ in range(8):
        serve(make_user(), [course])
    assert statements() == few


def test_nothing_served_nothing_logged(app) -> None:
    assert list(logged_places(Outcome.ENROLLMENT)) == []


def test_the_log_can_be_written_and_read_again(make_user, make_course, tmp_path) -> None:
    serve(make_user(), [make_course(), make_course()], propensities=[1.0, 0.25])
    path = tmp_path / "log.csv.gz"
    assert write_log(logged_places(Outcome.CLICK), path) == 2
    read = read_log(path)
    assert isinstance(read, LoggedSlates)
    assert read.propensity.tolist() == [1.0, 0.25]
    assert read.randomized_places.tolist() == [False, True]


def test_training_reads_the_personal_shelves_their_learners_clicked(make_user, make_course) -> None:
    user, other, course, second = make_user(), make_user(), make_course(), make_course()
    clicked = serve(user, [course, second], days_ago=3)
    unclicked, elsewhere = serve(user, [course]), serve(user, [course], placement="new")
    visitors, strangers = serve(None, [course]), serve(other, [course])
    make_event(EventKind.CLICK, user, second, 2.9, clicked)
    make_event(EventKind.VIEW, user, course, 2.9, unclicked)
    make_event(EventKind.CLICK, user, course, 2.9, elsewhere)
    make_event(EventKind.CLICK, None, course, 2.9, visitors)
    make_event(EventKind.CLICK, user, course, 2.9, strangers)  # by an address that names it
    found = clicked_slates()
    assert found is not None
    assert found.slate_ids == (str(clicked.id),)
    assert found.learner_ids == (str(user.id),)
    assert found.served_at.tolist() == [clicked.served_at.timestamp()]
    assert found.score.tolist() == [1.0, 1.0]
    assert [(found.item_ids[item], reward) for item, reward in zip(found.item, found.reward, strict=True)] == [
        (str(course.id), 0.0),
        (str(second.id), 1.0),
    ]


def test_the_newest_clicked_shelves_are_read(make_user, make_course) -> None:
    user, course, other = make_user(), make_course(), make_course()
    slates = [serve(user, [course, other], days_ago=days) for days in (5, 2, 9, 1)]
    for slate in slates:
        for chosen in (course, other):
            make_event(EventKind.CLICK, user, chosen, 0.5, slate)
    found = clicked_slates(most=2)
    assert found is not None
    assert set(found.slate_ids) == {str(slates[1].id), str(slates[3].id)}
    assert found.reward.tolist() == [1.0] * 4


def test_nobody_has_clicked_yet(make_user, make_course) -> None:
    serve(make_user(), [make_course()])
    assert clicked_slates() is None


def test_training_hears_of_the_slates_and_an_erased_learner_has_none(separate_app: Flask) -> None:
    with unit_of_work():
        courses = [make_course(lessons=0) for _ in range(6)]
        learners = [make_user() for _ in range(12)]
        for number, learner in enumerate(learners):
            for step in range(3):
                make_event(EventKind.ENROLL, learner, courses[(number + step) % 6], 30 - step)
            make_event(EventKind.CLICK, learner, courses[(number + 4) % 6], 1, serve(learner, courses, days_ago=2))
        gone = learners[0].id
    models_dir = separate_app.extensions["settings"].models_dir

    def handed_over() -> int:
        manifest = read_manifest(models_dir / train_model(models_dir, lambda _share, _message: None).version)
        assert manifest.training["slates"]["used"] is False
        assert [source["rows"] for source in manifest.lineage["sources"] if source["name"] == "slates"] == [len(learners)]
        return int(manifest.training["slates"]["slates"])

    assert handed_over() == 12
    with unit_of_work():
        erase_person(gone)
        del learners[0]
    assert handed_over() == 11
