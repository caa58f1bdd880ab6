"""The catalog: filters that combine, sorting, paging, one address a state."""

import re

import pytest

from tests.webapp.markup import plain
from tests.webapp.statements import counted
from webapp.models.course import Level


def titles(html: str) -> list[str]:
    return re.findall(r"<h3><a href=\"/courses/[^\"]*\">([^<]*)</a></h3>", plain(html))


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


def test_what_is_looked_for_and_filtered_by_is_set_apart(client, make_course, make_topic) -> None:
    make_course("Alpha", topic=make_topic("برمجة"))
    slug = make_topic("برمجة").slug
    page = client.get("/catalog", query_string={"q": "مقدمة", "topic": slug}).text
    for word in ("مقدمة", "برمجة"):
        assert re.search(rf'class="chip on"[^>]*><span>“?<bdi dir="auto" lang="">{word}</bdi>', page)
        assert re.search(rf'>Without “?<bdi dir="auto" lang="">{word}</bdi>', page)


def counts(html: str) -> dict[str, int]:
    found = re.findall(r'<label class="check"><input[^>]*><span>([^<]*)</span><span[^>]*>([\d,]+)', plain(html))
    return {label: int(count) for label, count in found}


def test_counts_behind_a_value_respect_the_other_filters(client, courses) -> None:
    found = counts(client.get("/catalog?level=beginner").text)
    assert (found["Beginner"], found["Advanced"]) == (2, 1)
    assert (found["Data"], found["Design"]) == (1, 1)
    assert "2 to 4 hours" not in found  # no beginner course is that long


def test_a_result_without_courses_offers_ways_back(client, courses) -> None:
    html = client.get("/catalog?q=unheard-of&topic=data").text
    assert "No course fits" in html
    assert 'href="/catalog?topic=data"' in html


def test_a_filter_without_values_has_no_heading(client, courses) -> None:
    assert "<legend>Level</legend>" in client.get("/catalog").text
    assert "<legend>" not in client.get("/catalog?q=nothing-like-this").text


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


def test_each_filter_in_force_can_be_taken_away_alone(client, courses) -> None:
    html = client.get("/catalog?topic=data&topic=design&level=beginner&sort=title&page=2").text
    chips = re.findall(r'<a class="chip on" href="([^"]*)"><span>([^<]*)<', plain(html))
    assert {label: address.replace("&amp;", "&") for address, label in chips} == {
        "Data": "/catalog?topic=design&level=beginner&sort=title",
        "Design": "/catalog?topic=data&level=beginner&sort=title",
        "Beginner": "/catalog?topic=data&topic=design&sort=title",
    }


def test_pages_keep_the_filters_and_the_order(client, make_course) -> None:
    for _ in range(30):
        make_course(topic="Data")
    html = client.get("/catalog?topic=data&sort=newest").text
    assert 'href="/catalog?topic=data&amp;sort=newest&amp;page=2"' in html


def test_what_was_searched_for_is_shown_as_text(client, courses) -> None:
    html = client.get("/catalog?q=<script>x&topic=<script>y").text
    assert "<script>x" not in html
    assert "<script>y" not in html
    assert "&lt;script&gt;x" in html


@pytest.mark.parametrize("query", ["q=" + "a" * 5000, "q=" + "b+" * 200, "page=-1", "page=99999999999999999999", "topic=" + "z" * 3000])
def test_nonsense_in_the_address_is_no_error(client, courses, query: str) -> None:
    assert client.get(f"/catalog?{query}").status_code == 200


def test_a_page_of_the_catalog_costs_as_many_statements_however_many_courses_it_holds(client, login, make_user, make_course) -> None:
    login(client, make_user())
    make_course()
    client.get("/catalog?sort=newest")
    with counted() as one:
        assert len(titles(client.get("/catalog?sort=newest").text)) == 1
    for _ in range(19):
        make_course()
    with counted() as twenty:
        assert len(titles(client.get("/catalog?sort=newest").text)) == 20
    assert len(twenty) == len(one)
