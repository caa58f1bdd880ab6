"""What documents, docstrings and comments name in backticks exists: a name that was changed is changed there too."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_HOLDING_NAMES = ("webapp", "recsys", "templates", "static", "tests", "benchmarks", ".ci")
_READ_AS_TEXT = frozenset({".html", ".txt", ".js", ".css", ".toml", ".ini", ".mako", ".po", ".pot", ""})
_SUFFIXES = r"(?:py|html|js|css|toml|md)"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = sorted(path for folder in ("webapp", "recsys", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
_OF_OTHERS = frozenset({"madvise", "fullfsync", "taskset", "NUMBA_CACHE_DIR", "SameSite", "llvmlite", "binding", "OO"})
"""Names of programs and systems."""
_WORD = re.compile(r"[A-Za-z_]\w+")


@cache
def files() -> frozenset[str]:
    """Every file of the house by its path, without what a run writes."""
    named = (path for folder in (*_HOLDING_NAMES, "docs") for path in (ROOT / folder).rglob("*") if path.is_file())
    house = [path for path in (*named, *ROOT.glob("*")) if path.is_file() and "__pycache__" not in path.parts]
    return frozenset(path.relative_to(ROOT).as_posix() for path in house)


@cache
def known_words() -> frozenset[str]:
    """Every word that stands in code, whatever it is there, and in names of files; docstrings and comments do not count."""
    words: set[str] = set()
    for name in files():
        words.update(_WORD.findall(name))
        path = ROOT / name
        if path.suffix == ".py" and path != Path(__file__):
            words.update(_words_of_code(ast.parse(path.read_text())))
        elif path.suffix in _READ_AS_TEXT and "assets" not in path.parts:
            words.update(_WORD.findall(path.read_text()))
    return frozenset(words)


@cache
def macros() -> frozenset[str]:
    """Names of all macros."""
    return frozenset(name for path in (ROOT / "templates").rglob("*.html") for name in re.findall(r"{% macro (\w+)", path.read_text()))


def _words_of_code(tree: ast.AST) -> Iterator[str]:
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        for field in ("id", "attr", "name", "arg", "asname", "module"):
            text = getattr(node, field, None)
            if isinstance(text, str):
                yield from _WORD.findall(text)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield from _WORD.findall(node.value)


def unknown(text: str) -> list[str]:
    """What stands in backticks and names nothing: words, files, and members of modules."""
    names = [
        re.sub(r"<[^<>]*>|[^<>]*>.*", "", named) for named in re.findall(r"`([^`\n]+)`", text)
    ]  # <what is to be put there>, and markup
    return [named for named in names if not (_words_exist(named) and all(map(_exists, named.split())))]


def _words_exist(named: str) -> bool:
    is_command = " " in named  # its capitals stand for what the reader gives
    return all(
        word in known_words() | _OF_OTHERS
        or not {setting := word.removeprefix("WAYMARK_"), setting.lower()}.isdisjoint(known_words())
        or f"MAIL{word}" in known_words()
        or (is_command and word.isupper())
        or (f"{word}…" in named and any(known.startswith(word) for known in known_words()))
        for word in _WORD.findall(named)
    )


def _exists(part: str) -> bool:
    """Of a path of code: whether there is such a file, and whether the module has the member named behind it."""
    part = part.rstrip(".,:;)")
    if re.fullmatch(rf"(?:[\w.-]+/)+[\w.-]+\.{_SUFFIXES}", part):
        return any(name == part or name.endswith(f"/{part}") for name in files())
    if member := re.fullmatch(r"((?:[a-z_]+/)+[a-z_]+)\.([A-Za-z_]+)", part):
        modules = [name for name in files() if re.search(rf"(?:^|/){member[1]}(?:/__init__)?\.py$", name)]
        return not modules or any(re.search(rf"\b{member[2]}\b", (ROOT / name).read_text()) for name in modules)
    return True


def _documented(source: str) -> str:
    """Docstrings and comments."""
    tree = ast.parse(source)
    said = [node.value.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    comments = [line.partition("#")[2] for line in source.splitlines()]
    return "\n".join([*(text for text in said if isinstance(text, str)), *comments])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_name_what_exists(path: Path) -> None:
    assert unknown(path.read_text()) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_lead_somewhere(path: Path) -> None:
    for address in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        file, _, heading = address.partition("#")
        if "://" in address:
            continue
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), address
        if not heading:
            continue
        headings = [
            re.sub(r"[^\w\- ]", "", line.lower()).strip().replace(" ", "-") for line in re.findall(r"^#+ (.*)$", there.read_text(), re.M)
        ]
        assert heading in headings, address


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_and_comments_name_what_exists(path: Path) -> None:
    assert unknown(_documented(path.read_text())) == []


@pytest.mark.parametrize(
    "text",
    ["see `no_such_thing_here`", "`recsys/ranking/no_such_file.py`", "`services/jobs.no_such_service`", "`WAYMARK_SET_NOWHERE_AT_ALL`"],
)
def test_names_of_nothing_are_seen(text: str) -> None:
    assert unknown(text)


@pytest.mark.parametrize(
    "text", ["`request_run`", "`services/jobs.request_run`", "`WAYMARK_RATE_LIMITS`", "`python -m recsys batch --model DIR`", "plain words"]
)
def test_names_of_something_pass(text: str) -> None:
    assert unknown(text) == []
