"""What templates may call."""

import pytest
from flask import Flask, render_template_string
from jinja2 import UndefinedError

from webapp.registries.events import EventKind
from webapp.web.templating import code_spans, has_endpoint, markdown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Some *text*.", "<p>Some <em>text</em>.</p>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("~~old~~", "<p><s>old</s></p>"),
        ("[a](https://example.com)", '<p><a href="https://example.com" rel="noopener nofollow">a</a></p>'),
    ],
)
def test_markdown_becomes_structure(text: str, html: str) -> None:
    assert markdown(text).strip() == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://elsewhere.example/pixel.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        '<a href="#" onclick="alert(1)">x</a>',
        '<div style="position:fixed">x</div>',
        "<iframe src=//elsewhere.example></iframe>",
    ],
)
def test_markdown_brings_no_code_and_loads_nothing(text: str) -> None:
    html = markdown(text)
    for bad in ("<script", "<img", "<iframe", "<div style", 'href="javascript', 'href="data', '<a href="#"'):
        assert bad not in html


def test_what_is_wide_scrolls_by_itself_and_the_keyboard_reaches_it() -> None:
    html = markdown("| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nlong line\n```")
    assert '<div class="table-wrap" tabindex="0" role="region" aria-label="Table"><table>' in html
    assert "</table></div>" in html
    assert '<pre tabindex="0"><code>long line' in html


def test_screens_are_known_by_name(app) -> None:
    assert has_endpoint("catalog.index")
    assert not has_endpoint("catalog.nothing")


def test_code_among_plain_words_is_shown_as_code() -> None:
    assert code_spans("Why can `NOT IN` be `<b>`?") == "Why can <code>NOT IN</code> be <code>&lt;b&gt;</code>?"
    assert code_spans("a ` alone, <i>") == "a ` alone, &lt;i&gt;"


def test_headings_of_a_lesson_stand_below_those_of_its_page() -> None:
    assert markdown("# One\n\n## Two\n\n### Three\n\n#### Four") == "<h3>One</h3>\n<h3>Two</h3>\n<h3>Three</h3>\n<h4>Four</h4>\n"


def test_an_attribute_that_an_object_of_ours_lacks_is_no_empty_text(app: Flask) -> None:
    with app.test_request_context():
        for source in (
            "{{ kind.spec.verdicts }}",
            "{% if kind.spec.verdicts %}x{% endif %}",
            "{% for k in [kind] if k.spec.verdicts %}{% endfor %}",
        ):
            with pytest.raises(UndefinedError, match="EventSpec has no 'verdicts'"):
                render_template_string(source, kind=EventKind.DISMISS)


def test_variables_and_keys_may_be_absent(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string("{{ nowhere }}{{ words.nowhere }}{{ words['nowhere'] }}", words={}) == ""
