"""The catalog's filters, as data."""

import pytest

from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.course import CourseTag, Level
from webapp.models.vocabulary import Tag
from webapp.queries.catalog import (
    SORTS,
    CatalogFilter,
    count_courses,
    course_ids,
    facets,
    has_sample_courses,
    matching_ids,
    topics_with_counts,
)


@pytest.fixture
def courses(make_course, make_topic) -> dict[str, int]:
    data = make_topic("Data")
    both = make_course("Both", topic=data, level=Level.ADVANCED, duration_minutes=120, enrollment_count=3)
    both.topics.append(make_topic("Design"))
    plain = make_course("plain 100%_sure", topic=data, duration_minutes=121, enrollment_count=2)
    open_end = make_course("Open end", topic="Web", level=None, duration_minutes=None, price_cents=900, enrollment_count=1)
    make_course("Draft", topic=data, published=False)
    tag = Tag(slug="spread-sheets", name="Spread Sheets")
    db.session.add(tag)
    db.session.flush()
    db.session.add(CourseTag(course_id=plain.id, tag_id=tag.id))
    db.session.flush()
    return {"both": both.id, "plain": plain.id, "open": open_end.id}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (CatalogFilter(), ["both", "plain", "open"]),
        (CatalogFilter(topics=("design",)), ["both"]),
        (CatalogFilter(topics=("design", "web")), ["both", "open"]),
        (CatalogFilter(topics=("nothing",)), []),
        (CatalogFilter(lengths=("short",)), ["both"]),
        (CatalogFilter(lengths=("medium", "long")), ["plain"]),
        (CatalogFilter(q="sheets spread"), ["plain"]),
        (CatalogFilter(q="SHEETS missing"), []),
        (CatalogFilter(q="100%_"), ["plain"]),
        (CatalogFilter(q="_"), ["plain"]),
        (CatalogFilter(topics=("data",), levels=("beginner",), free=True, q="plain"), ["plain"]),
    ],
)
def test_filters_narrow_and_their_values_widen(courses, filters: CatalogFilter, expected: list[str]) -> None:
    assert matching_ids(filters) == [courses[name] for name in expected]
    assert course_ids(filters, "popular", 10, 0) == matching_ids(filters)
    assert count_courses(filters) == len(expected)


def test_every_order_holds_every_course_and_unknown_lengths_come_last(courses) -> None:
    for sort in SORTS:
        assert sorted(course_ids(CatalogFilter(), sort, 10, 0)) == sorted(courses.values())
    assert course_ids(CatalogFilter(), "shortest", 10, 0) == [courses[name] for name in ("both", "plain", "open")]
    assert course_ids(CatalogFilter(), "title", 1, 1) == [courses["open"]]


def test_a_value_counts_what_choosing_it_would_leave(courses) -> None:
    chosen = CatalogFilter(topics=("data",), levels=("beginner",))
    found = facets(chosen)
    assert {v.value: v.count for v in found.topics} == {"data": 1}
    assert {v.value: v.count for v in found.levels} == {"beginner": 1, "intermediate": 0, "advanced": 1}
    assert {v.value: v.count for v in found.lengths} == {"short": 0, "medium": 1, "long": 0}


def test_a_chosen_topic_stays_even_when_nothing_is_left_of_it(courses) -> None:
    found = facets(CatalogFilter(topics=("web",), free=True))
    assert {v.value: v.count for v in found.topics} == {"data": 2, "design": 1, "web": 0}


def test_facets_cost_three_statements(courses) -> None:
    with counted() as seen:
        facets(CatalogFilter(q="plain"))
    assert len(seen) == 3


def test_topics_with_most_courses_come_first(courses) -> None:
    assert next((v.value, v.count) for v in topics_with_counts()) == ("data", 2)
    assert {v.value for v in topics_with_counts()} == {"data", "design", "web"}


def test_sample_data_are_said_to_be_that_only_when_published(make_course) -> None:
    make_course(is_sample=True, published=False)
    make_course()
    assert not has_sample_courses()
    make_course(is_sample=True)
    assert has_sample_courses()


@pytest.mark.parametrize(
    ("title", "search"),
    [
        ("École du soir", "ecole"),
        ("Введение в Python", "введение"),
        ("Cafe\u0301 culture", "café"),
        ("Caf\u00e9 culture", "CAFE\u0301"),
        ("Don’t repeat yourself", "don't"),
        ("Don't repeat yourself", "DON’T"),
        ("İstanbul on foot", "istanbul"),
        ("Straßen und Wege", "STRASSEN"),
        ("می\u200cخواهم", "میخواهم"),
        ("C++ in depth", "c++"),
        ("End–to–end tests", "end-to-end"),
    ],
)
def test_a_search_finds_a_text_in_whatever_form_it_is_typed(make_course, title: str, search: str) -> None:
    course, _other = make_course(title), make_course("C# and Java")
    assert matching_ids(CatalogFilter(q=search)) == [course.id]


@pytest.mark.parametrize("search", ["ÜBUNG", "übung", "ubung"])
def test_a_search_looks_through_summaries_topics_skills_and_tags_in_the_same_way(make_course, make_topic, search: str) -> None:
    there = [
        make_course("One", summary="Mit Übungen."),
        make_course("Two", topic=make_topic("Übungen", slug="exercises")),
        make_course("Three", skills=["Übung"]),
    ]
    make_course("Four")
    assert sorted(matching_ids(CatalogFilter(q=search))) == sorted(course.id for course in there)


def test_titles_are_sorted_without_case_and_marks(make_course) -> None:
    titles = ["Zebra", "éclair", "Apple", "Öl", "ecology", "Ångström", "über"]
    names = {make_course(title).id: title for title in titles}
    found = [names[number] for number in course_ids(CatalogFilter(), "title", 10, 0)]
    assert found == ["Ångström", "Apple", "éclair", "ecology", "Öl", "über", "Zebra"]
