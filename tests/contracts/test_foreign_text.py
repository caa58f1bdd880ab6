"""What people and files bring (titles, names, search words) is set apart from our own words on every page."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "styleguide" not in path.as_posix())

_FOREIGN = re.compile(
    r"\b(?!(?:job|s|field|label|m|series|finish|loop|kind|form|\w+_form)\.)\w+(?:\.\w+)*"
    r"\.(?:title|summary|name|topic_name|creator_name|course_title|builds_on|next_lesson_title|topic|goal|outcome|file_name|explanation|q)\b"
    r"(?!\.|\()|\bq\b(?!=)|\boutcome\b|\bchoice\.text\b|\bquestion\.text\b|\bskill\b(?!\.|s)|\bt\.label\b|\bfacts\.topics\b"
)
_SET_APART = re.compile(r"(?:\[:1\])?\|(?:\w+(?:\(\w+\))?\|)*(?:foreign|isolated)\b|\|map\(\"foreign\"\)")
_SHOWN = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_HAS_ATTRIBUTES = re.compile(r"\{\{ foreign_attributes\([^{}]*\) \}\}>\s*$")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# calls that take an address, a picture's seed or a form's value, and comparisons: nothing of it is read as text
_NOT_READ = re.compile(
    r"url_for\([^()]*(?:\([^()]*\)[^()]*)*\)|cover(?:_svg)?\([^()]*\)|ring\(.*\)|(?:in|==|!=|if|and|or|not)\s+[\w.]+(?=\s|$|\))|[\w.]+(?=\s(?:in|==|!=|is)\s)"
)


def naked(text: str) -> list[str]:
    """Outputs of foreign text that nothing sets apart."""
    found = []
    for shown in _SHOWN.finditer(text):
        before = text[: shown.start()]
        if _HAS_ATTRIBUTES.search(before) or re.search(r"\bvalue=\"$", before):
            continue
        expression = _NOT_READ.sub("", _QUOTED.sub('""', shown[1]) if "map(" not in shown[1] else shown[1])
        for name in _FOREIGN.finditer(expression):
            if not _SET_APART.match(expression[name.end() :].lstrip(")")):
                found.append(f"{name[0]} in {shown[0]}")
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_foreign_text_stands_naked(path: Path) -> None:
    assert naked(path.read_text()) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<h1>{{ course.title }}</h1>",
        '<p title="{{ card.title }}">',
        '{{ button("Begin " ~ next.title) }}',
        "<p{{ foreign_attributes() }}>By {{ course.creator.name }}</p>",
        "{{ tag(skill.name, 'on') }}",
        "“{{ filters.q }}”",
    ],
)
def test_the_rule_sees_what_it_is_for(markup: str) -> None:
    assert naked(markup)


@pytest.mark.parametrize(
    "markup",
    [
        "<h1{{ foreign_attributes(course.language) }}>{{ course.title }}</h1>",
        '<p title="{{ card.title|isolated }}">',
        '{{ button("Begin " ~ next.title|foreign(course.language)) }}',
        "{{ cover_svg(card.title, card.hue) }}",
        "{{ job.title }}",
    ],
)
def test_the_rule_lets_pass_what_is_set_apart(markup: str) -> None:
    assert naked(markup) == []
