"""Every kind of event is declared whole."""

import pytest

from recsys.data.engagement import GLANCES, KINDS
from webapp.extensions import db
from webapp.models.enrollment import EnrollmentStatus
from webapp.models.rollup import CourseDay
from webapp.registries.events import CARD_BUTTONS, COUNTED_DAILY, SETTLING, EventKind, Keeps

MODELS = {mapper.class_.__name__.lower() for mapper in db.Model.registry.mappers}


@pytest.mark.parametrize("kind", list(EventKind))
def test_a_kind_is_declared_whole(kind: EventKind) -> None:
    spec = kind.spec
    assert spec.happens
    assert (spec.low is None) == (spec.high is None)
    assert bool(spec.value) == (spec.low is not None), "a value has bounds and a unit"
    assert not (spec.importable and spec.about_something_else), "files name courses and nothing else"
    assert spec.subject in MODELS - {"user"}, "a subject is a row of a model; a person stands in a column that is erased with them"
    assert spec.enrollment is None or spec.enrollment in set(EnrollmentStatus)
    if spec.signal is not None:
        assert spec.signal in KINDS, "the recommender does not know this signal"
    if spec.undo is not None:
        assert kind.undone_by is not None
        assert kind.undone_by.spec.undo in (None, kind.value), "what takes it back is taken back by it, or stands alone"
    assert None in (spec.keeps, spec.takes_back)
    if spec.keeps is not None:
        assert spec.undo is not None, "what stands until it is taken back can be taken back"
        assert spec.button is not None
        assert spec.standing
        assert spec.explicit
    if spec.button is not None:
        assert kind.undone_by or kind.value in {other.spec.undo for other in EventKind}, "what is pressed can be taken back, or takes back"
        if kind.undone_by is not None:
            assert kind.undone_by.spec.button is not None
            assert (kind.undone_by.spec.keeps, kind.undone_by.spec.takes_back) == (spec.takes_back, spec.keeps)
    if spec.button is not None and spec.button.place:
        assert "{}" in spec.button.done


def test_places_and_columns_belong_to_one_kind_each() -> None:
    places = [kind.spec.button.place for kind in EventKind if kind.spec.button is not None and kind.spec.button.place]
    columns = [kind.spec.daily for kind in COUNTED_DAILY]
    assert (len(set(places)), len(set(columns))) == (len(places), len(columns))
    assert len([kind for kind in EventKind if kind.spec.keeps is Keeps.SAVED]) == 1, "its table does not know the kind"


def test_kinds_that_teach_are_told_apart() -> None:
    signals = [kind.spec.signal for kind in EventKind if kind.spec.signal is not None]
    assert len(signals) == len(set(signals))


def test_each_daily_count_of_what_learners_do_has_its_kind() -> None:
    counts = {column.name for column in CourseDay.__table__.columns if not column.primary_key}
    assert {kind.spec.daily for kind in COUNTED_DAILY} == counts - {"served", "seen", "clicked", "visitor_views"}  # those of slates


def test_what_is_stated_of_a_course_teaches_unless_it_takes_back() -> None:
    taking_back = {kind.spec.undo for kind in EventKind}
    assert [kind for kind in EventKind if kind.spec.explicit and kind not in taking_back and kind.spec.signal is None] == [], (
        "what is explicit teaches: name its signal, or leave explicit out and name its permission"
    )


def test_every_signal_of_the_recommender_that_reasons_speak_of_has_a_verb() -> None:
    negative = {name for name, kind in KINDS.items() if kind.weight < 0}
    spoken = {kind.spec.signal for kind in EventKind if kind.spec.verb}
    taught = {kind.spec.signal for kind in EventKind if kind.spec.signal is not None}
    assert taught - negative <= spoken


def test_a_kind_without_a_declaration_is_none() -> None:
    with pytest.raises(ValueError, match="shrug"):
        EventKind("shrug")
    assert EventKind("view") is EventKind.VIEW


def test_what_settles_a_course_is_a_verdict_with_a_button() -> None:
    assert set(SETTLING) <= set(CARD_BUTTONS)


def test_platform_and_recommender_mean_the_same_by_a_glance() -> None:
    assert {kind.spec.signal for kind in EventKind if kind.spec.glance} == GLANCES
    taking = {kind.spec.signal for kind in EventKind if kind.spec.enrollment}
    assert taking == {name for name, kind in KINDS.items() if kind.taking}
    assert {kind.spec.signal for kind in EventKind if kind.spec.enrollment == "dropped"} == {n for n, k in KINDS.items() if k.leaves}
