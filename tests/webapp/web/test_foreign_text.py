"""Foreign text on pages, and days that are the same for everyone."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask, get_template_attribute

from webapp.web.foreign_text import bidi_isolated_text, foreign, foreign_attributes, interpolate_foreign_names


def test_foreign_text_is_escaped_and_set_apart() -> None:
    assert foreign("<b> שלום", "he") == '<bdi dir="auto" lang="he">&lt;b&gt; שלום</bdi>'
    assert foreign("Ada") == '<bdi dir="auto" lang="">Ada</bdi>'
    assert not foreign(None)
    assert foreign_attributes('a"b') == ' dir="auto" lang="a&#34;b"'
    assert bidi_isolated_text("مقدمة") == "\u2068مقدمة\u2069"


def test_names_in_messages_are_escaped_and_set_apart() -> None:
    said = interpolate_foreign_names("“%(one)s” & %(two)s, 5 %%.", one="<i>", two="مقدمة")
    assert said == '“<bdi dir="auto" lang="">&lt;i&gt;</bdi>” &amp; <bdi dir="auto" lang="">مقدمة</bdi>, 5 %.'


def test_what_a_button_answers_names_the_course_set_apart(client, login, make_user, make_course) -> None:
    course = make_course("مقدمة <C++>", language="ar")
    login(client, make_user())
    name = '<bdi dir="auto" lang="">مقدمة &lt;C++&gt;</bdi>'
    enrolled = client.post(f"/courses/{course.slug}/enroll", follow_redirects=True).text
    assert f"<p>You are enrolled in {name}." in enrolled
    hidden = client.post(f"/courses/{course.slug}/feedback", data={"kind": "dismiss", "next": "/"}, follow_redirects=True).text
    flash = hidden.split('class="flashes"')[1].split("</main>")[0]
    assert name in flash.split("</p>")[0]
    assert 'aria-label="Undo: ' in flash
    assert "&lt;bdi" not in flash


def test_a_course_in_arabic_says_so_wherever_it_stands(client, login, make_user, make_course, make_enrollment) -> None:
    course = make_course("مقدمة C++", language="ar", summary="ملخص", creator=make_user("creator", name="علی\u200cرضا"))
    learner = make_user()
    make_enrollment(learner, course)
    for path in ("/catalog", "/"):
        assert ' dir="auto" lang="ar">مقدمة C++</a>' in client.get(path).text
    page = client.get(f"/courses/{course.slug}").text
    assert '<h1 dir="auto" lang="ar">مقدمة C++</h1>' in page
    assert '<p class="soft" dir="auto" lang="ar">ملخص</p>' in page
    assert "<title>\u2068مقدمة C++\u2069 · Waymark</title>" in page
    assert "علی\u200cرضا" in page
    lesson = login(client, learner).get(f"/courses/{course.slug}/learn/text-1").text
    assert '<div class="prose" dir="auto" lang="ar">' in lesson


def times(app: Flask, macro: str, value: Any, *more: str) -> str:
    with app.test_request_context("/"):
        return str(get_template_attribute("_macros/ui.html", macro)(value, *more)).strip()


@pytest.mark.parametrize("value", [date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)])
def test_a_day_is_written_once_and_left_alone_by_the_script(app: Flask, value: date) -> None:
    assert times(app, "time_at", value) == '<time datetime="2026-03-01">Mar 1, 2026</time>'


def test_an_instant_is_brought_into_the_readers_zone(app: Flask) -> None:
    html = times(app, "time_at", datetime(2026, 3, 1, 23, 5, tzinfo=UTC), "datetime")
    assert html == '<time datetime="2026-03-01T23:05:00Z" data-local="datetime">Mar 1, 2026, 23:05 UTC</time>'


def test_the_day_of_publishing_is_a_day(client, make_course) -> None:
    course = make_course(published_at=datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    assert 'Published <time datetime="2026-03-01">Mar 1, 2026</time>' in client.get(f"/courses/{course.slug}").text
