"""A kind of thing is listed where it is declared and nowhere else: a literal that names three of them is a list of kinds."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from recsys.data.engagement import KINDS
from webapp.registries.events import EventKind
from webapp.registries.jobs import JOBS
from webapp.registries.notifications import NotificationKind
from webapp.registries.permissions import Permission
from webapp.registries.personal_data import PersonalData
from webapp.registries.run_messages import RunCode

ROOT = Path(__file__).resolve().parents[2]
DECLARED = {
    *(path.relative_to(ROOT).as_posix() for path in (ROOT / "webapp/registries").glob("*.py")),
    "recsys/data/engagement.py",  # what events are worth to the recommender, which knows nothing of the platform
    "webapp/wording/jobs.py",  # a sentence for each code
}
CODE = [
    path
    for folder in ("webapp", "recsys", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.relative_to(ROOT).as_posix() not in DECLARED and "versions" not in path.parts
]
PAGES = [path for folder in ("templates", "static/css", "static/js") for path in sorted((ROOT / folder).rglob("*.*"))]


def _names(*kinds: type[StrEnum]) -> frozenset[str]:
    return frozenset(text for kind in kinds for member in kind for text in (member.value, member.name))


REGISTRIES = {
    "events": _names(EventKind) | frozenset(KINDS),
    "notifications": _names(NotificationKind),
    "jobs": frozenset(text for job_id in JOBS for text in (job_id, job_id.upper())),
    "permissions": _names(Permission),
    "what runs say": _names(RunCode),
    "personal data": _names(PersonalData),
}


def listed_in(tree: ast.AST) -> dict[str, list[int]]:
    """By registry, lines of literals that name three of its kinds or more: by their text, as members, or first in a row of a table."""
    literals = [(node.lineno, set(names)) for node, names in _literals(tree)]  # type: ignore[attr-defined]
    lines = {registry: [line for line, names in literals if len(kinds & names) >= 3] for registry, kinds in REGISTRIES.items()}
    return {registry: found for registry, found in lines.items() if found}


def _literals(tree: ast.AST) -> Iterator[tuple[ast.AST, list[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield node, [name for part in node.keys if part is not None for name in _name(part)]
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield node, [name for part in node.elts for name in _name(part)]
        elif isinstance(node, ast.BoolOp):
            yield node, [name for part in node.values for name in _compared(part)]
        elif isinstance(node, ast.Match):
            patterns = [part.value for case in node.cases for part in ast.walk(case.pattern) if isinstance(part, ast.MatchValue)]
            yield node, [name for part in patterns for name in _name(part)]
        elif isinstance(node, ast.If):
            yield node, [name for test in _chain_of_tests(node) for name in _compared(test)]


def _compared(part: ast.expr) -> list[str]:
    return _name(part.comparators[0]) if isinstance(part, ast.Compare) else []


def _chain_of_tests(node: ast.If) -> Iterator[ast.expr]:
    """What is asked from an `if` on, by it and each `elif` that follows."""
    yield node.test
    if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        yield from _chain_of_tests(node.orelse[0])


def _name(part: ast.expr) -> list[str]:
    if isinstance(part, ast.Constant) and isinstance(part.value, str):
        return [part.value]
    if isinstance(part, ast.Attribute):
        return [part.value.attr if part.attr == "value" and isinstance(part.value, ast.Attribute) else part.attr]
    if isinstance(part, ast.Name):
        return [part.id]
    if isinstance(part, ast.Tuple) and part.elts:
        return _name(part.elts[0])
    return []


def test_kinds_are_listed_where_they_are_declared() -> None:
    listed = {path.relative_to(ROOT).as_posix(): lists for path in CODE if (lists := listed_in(ast.parse(path.read_text())))}
    what_each_does = listed.pop("webapp/jobs/runners.py")
    assert set(what_each_does) == {"jobs"}
    assert listed == {}, "what code must know of some kinds is said in their specs (webapp/registries), and asked for there"


@pytest.mark.parametrize("registry", REGISTRIES)
def test_no_page_lists_kinds(registry: str) -> None:
    """Words that are kinds and English besides (view, save) do not count by themselves: in quotes, or as a class of their own."""
    listed = {}
    for path in PAGES:
        if path.suffix not in (".html", ".css", ".js", ".txt"):
            continue
        written = set(re.findall(r"""["'](\w+)["']|\.([a-z_]+)\b(?=[^{}]*\{)""", path.read_text()))
        found = {text for pair in written for text in pair if text} & REGISTRIES[registry]
        if len(found) >= 3:
            listed[path.relative_to(ROOT).as_posix()] = found
    assert listed == {}, "what code must know of some kinds is said in their specs (webapp/registries), and asked for there"


@pytest.mark.parametrize(
    "code",
    [
        'X = ("view", "click", "save")',
        'X = {"view": 1, "click": 2, "dwell": 3}',
        "X = [EventKind.VIEW, EventKind.CLICK.value, EventKind.SAVE]",
        'X = frozenset({"view", "click", "share"})',
        'X = [("view", 1), ("click", 2), ("drop", 3)]',
        'y = kind == "view" or kind == "click" or kind == "save"',
        'match kind:\n    case "view" | "click":\n        x = 1\n    case EventKind.SAVE:\n        x = 2',
        'if kind == "view":\n    x = 1\nelif kind is EventKind.CLICK:\n    x = 2\nelif kind == "save":\n    x = 3',
    ],
)
def test_lists_of_kinds_are_seen(code: str) -> None:
    assert "events" in listed_in(ast.parse(code))


@pytest.mark.parametrize("code", ['X = ("view", "click")', 'X = ("view", "list", "grid", "map")', "X = [kind for kind in EventKind]"])
def test_what_is_no_list_of_kinds_passes(code: str) -> None:
    assert listed_in(ast.parse(code)) == {}
