"""No page promises what the product does not do yet: who builds a thing takes its words out of this list."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.test_house import ROOT, name

# What FEATURES.md plans and nobody has built, with the words pages would use for it.
NOT_BUILT = {
    "paying for a course": r"price\w*|free|paid|pay|buy|cost|\$ ?\d",
    "certificates (L14)": r"certificat\w*|credential\w*|open badges?|diplomas?",
    "streaks and badges (L12, L13)": r"streaks?|badges?|achievements?|weekly goal",
    "reminders and mail about learning (L17)": r"remind\w*|digests?|newsletters?|weekly mail|we (?:will )?(?:e-?mail|write) you",
    "reviews by learners (L18)": r"reviews?|write a review",
    "questions and answers (L19)": r"discussions?|forum|ask the (?:creator|teacher)",
    "learning paths (L15)": r"learning paths?|your path|path steps?",
    "offline and calendar (L24, L28)": r"offline|calendar feed|take notes|your notes",
    "creating courses (C1)": r"(?:courses you|you|to) (?:create|write|edit) (?:a |an )?(?:course|courses|lessons?)|courses you create",
    "a second factor (L1)": r"two-factor|second factor|passkeys?|authenticator",
}
# What these words may stand for all the same, with the reason.
KEPT = {
    ("templates/home/landing.html", "free"): "registering costs nothing",
    ("templates/security/register_user.html", "free"): "registering costs nothing",
}
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))
WITHOUT_WORDS = ("importing", "models", "sample")  # columns of files and tables
SHOWN = sorted(path for path in (ROOT / "webapp").rglob("*.py") if not {"versions", *WITHOUT_WORDS} & set(path.parts))
_JINJA_COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SPEAKING = re.compile(r'(?:aria-label|alt|title|placeholder|content)="([^"]*)"')
_QUOTED = re.compile(r'"([^"\n]* [^"\n]*)"')


def texts(path: Path) -> Iterator[str]:
    """What somebody may read of a file: text between tags, speaking attributes and sentences in quotes; of code, strings with a blank."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _sentences(ast.parse(source))
        return
    source = _JINJA_COMMENT.sub("", source)
    yield from _SPEAKING.findall(source)
    yield from _QUOTED.findall(re.sub(r'[\w-]+="[^"]*"', "", source))
    yield re.sub(r"{%.*?%}|{{.*?}}", " ", _TAG.sub(" ", source), flags=re.DOTALL)


def _sentences(tree: ast.Module) -> Iterator[str]:
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value and id(node) not in documentation:
            yield node.value


def promises(path: Path) -> list[tuple[str, str]]:
    found = []
    for text in texts(path):
        for feature, words in NOT_BUILT.items():
            found += [(feature, match[0]) for match in re.finditer(rf"(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE)]
    return [(feature, word) for feature, word in found if (name(path), word.lower()) not in KEPT]


@pytest.mark.parametrize("path", [*TEMPLATES, *SHOWN], ids=name)
def test_no_text_promises_what_is_not_built(path: Path) -> None:
    assert promises(path) == [], "who builds a feature takes its line out of NOT_BUILT"


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("a.html", "<dt>Certificate</dt>"),
        ("a.html", "<p>{{ price }} <b>Free</b></p>"),
        ("a.html", '{{ button("Enroll, free", kind="primary") }}'),
        ("a.html", '<a aria-label="Your 6-day streak">'),
        ("a.html", "<p>Keep\nyour badges</p>"),
        ("a.txt", "We will e-mail you every Monday."),
        ("a.py", 'field = Field("Zone", description="For reminders and streaks.")'),
        ("a.py", 'words = f"Read {count} reviews"'),
    ],
)
def test_a_promise_is_seen_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, source: str) -> None:
    monkeypatch.setattr("tests.contracts.test_promises.name", lambda path: path.name)
    path = tmp_path / file
    path.write_text(source, encoding="utf-8")
    assert promises(path)


def test_what_is_kept_is_there() -> None:
    for (file, word), _reason in KEPT.items():
        assert word in (ROOT / file).read_text(encoding="utf-8").lower()
