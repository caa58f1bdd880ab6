"""No word stands in a script or a style sheet: scripts take theirs from the page, where they are looked up."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
_LETTER = re.compile(r"[^\W\d_]")
_PHRASE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
_CLASSES = frozenset({"btn quiet icon-only"})
"""Several classes in one text."""
_SHOWN_BY_SCRIPT = re.compile(
    r"(?:\b(?:textContent|innerText|innerHTML|title|placeholder|ariaLabel|alt)\s*[=:]"
    r"|(?:setAttribute\(\s*[\"'](?:aria-label|title|placeholder|alt)[\"']\s*,)|\b(?:alert|confirm|prompt)\()\s*$"
)
"""What stands before a text that a script shows."""


def words_in_script(source: str) -> list[str]:
    """Texts of a script that read like words for people, or are shown, whatever they read like."""
    code = re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", source, flags=re.DOTALL)
    texts = [(match[2], code[: match.start()]) for match in re.finditer(r"([\"'`])((?:(?!\1).)*)\1", code)]
    return [
        text
        for text, before in texts
        if re.match(r"[A-Z][a-z]+ [a-z]", text)
        or (_PHRASE.search(text) and " ".join(text.split()) not in _CLASSES)
        or (_SHOWN_BY_SCRIPT.search(before) and _LETTER.search(re.sub(r"\$\{[^}]*\}", "", text)))
    ]


@pytest.mark.parametrize("path", sorted((STATIC / "js").glob("*.js")), ids=lambda path: path.name)
def test_scripts_take_their_words_from_the_page(path: Path) -> None:
    assert words_in_script(path.read_text()) == []


@pytest.mark.parametrize(
    "code",
    [
        'say("Could not be saved");',
        'const words = "could not be saved";',
        "document.title = `Gone`;",
        "box.setAttribute('aria-label', 'close');",
        'Object.assign(p, { textContent: "gone" });',
        'if (confirm("sure?")) go();',
    ],
)
def test_words_in_scripts_are_seen(code: str) -> None:
    assert words_in_script(code)


@pytest.mark.parametrize(
    "code",
    ['box.className = "toast error";', 'el.title = when + " UTC";', "p.textContent = `${n}`;", "p.textContent = region.dataset.failed;"],
)
def test_what_scripts_do_not_say_passes(code: str) -> None:
    assert words_in_script(code) == []


_WRITTEN_BY_STYLE = re.compile(r"""\bcontent:(?:[^;{}"']|"[^"]*")*?(["'])(?=[^"']*[A-Za-z]{2})[^"']*\1""")


@pytest.mark.parametrize("path", sorted((STATIC / "css").glob("*.css")), ids=lambda path: path.name)
def test_style_sheets_write_no_words(path: Path) -> None:
    assert [match[0] for match in _WRITTEN_BY_STYLE.finditer(path.read_text())] == []


@pytest.mark.parametrize(("code", "seen"), [('a::after { content: "New here"; }', True), ('a::after { content: "/"; }', False)])
def test_words_in_style_sheets_are_seen(code: str, seen: bool) -> None:
    assert bool(_WRITTEN_BY_STYLE.search(code)) == seen
