"""The catalog: filters that combine, sorting, paging, one address a state."""

import re

import pytest

from webapp.models import Level


def titles(html: str) -> list[str]:
    return re.findall(r"<h3><a href=\"/courses/[^\"]*\">([^<]*)</a></h3>", html)


@pytest.fixture
def courses(make_course):
    make_course("Alpha", topic="Data", level=Level.BEGINNER, duration_minutes=60, enrollment_count=5)
    make_course("Beta", topic="Data", level=Level.ADVANCED, duration_minutes=200, enrollment_count=9, skills=["Pivot tables"])
    make_course("Gamma", topic="Design", level=Level.BEGINNER, duration_minutes=400, enrollment_count=7, price_cents=1900)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Beta", "Gamma", "Alpha"]),
        ("topic=data", ["Beta", "Alpha"]),
        ("topic=data&level=beginner", ["Alpha"]),
        ("topic=data&topic=design&level=beginner", ["Gamma", "Alpha"]),
        ("length=short", ["Alpha"]),
        ("length=medium&length=long", ["Beta", "Gamma"]),
        ("free=1", ["Beta", "Alpha"]),
        ("q=pivot", ["Beta"]),
        ("q=ALPHA", ["Alpha"]),
        ("q=design", ["Gamma"]),
        ("q=%25", []),
        ("sort=title", ["Alpha", "Beta", "Gamma"]),
        ("sort=shortest", ["Alpha", "Beta", "Gamma"]),
        ("sort=nonsense&level=nonsense&page=zzz", ["Beta", "Gamma", "Alpha"]),
    ],
)
def test_filters_and_sorting(client, courses, query: str, expected: list[str]) -> None:
    answer = client.get(f"/catalog?{query}")
    assert answer.status_code == 200
    assert titles(answer.text) == expected


def counts(html: str) -> dict[str, int]:
    found = re.findall(r'<label class="check"><input[^>]*><span>([^<]*)</span><span[^>]*>([\d,]+)', html)
    return {label: int(count) for label, count in found}


def test_counts_behind_a_value_respect_the_other_filters(client, courses) -> None:
    found = counts(client.get("/catalog?level=beginner").text)
    assert (found["Beginner"], found["Advanced"]) == (2, 1)
    assert (found["Data"], found["Design"]) == (1, 1)
    assert found["Free"] == 1
    assert "2 to 4 hours" not in found  # no beginner course is that long


def test_a_result_without_courses_offers_ways_back(client, courses) -> None:
    html = client.get("/catalog?q=unheard-of&topic=data").text
    assert "No course fits" in html
    assert 'href="/catalog?topic=data"' in html


def test_the_fragment_is_a_part_of_the_page(client, courses) -> None:
    fragment = client.get("/catalog?topic=data", headers={"HX-Request": "true"})
    assert "<html" not in fragment.text
    assert titles(fragment.text) == ["Beta", "Alpha"]
    assert "HX-Request" in fragment.headers["Vary"]
    assert 'id="catalog-count" hx-swap-oob="innerHTML">2 courses' in fragment.text
    restored = client.get("/catalog", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in restored.text


def test_pages_hold_every_course_once(client, make_course) -> None:
    for n in range(50):
        make_course(f"Course number {n:02}")
    seen = [title for page in (1, 2, 3) for title in titles(client.get(f"/catalog?sort=title&page={page}").text)]
    assert len(seen) == len(set(seen)) == 50
    assert titles(client.get("/catalog?sort=title&page=99").text) == seen[48:]


def test_for_you_is_for_those_who_are_signed_in(client, courses, login, make_user) -> None:
    assert "For you" not in client.get("/catalog").text
    assert "For you" in login(client, make_user()).get("/catalog").text
