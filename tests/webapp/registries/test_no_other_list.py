"""What a registry declares is listed nowhere else: a literal with three of its members belongs into the declaration, under a name."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from webapp.registries.events import EventKind
from webapp.registries.jobs import JOBS
from webapp.registries.notifications import NotificationKind
from webapp.registries.permissions import Permission

ROOT = Path(__file__).resolve().parents[3]
CODE = [path for path in (ROOT / "webapp").rglob("*.py") if "registries" not in path.parts and "versions" not in path.parts]
_LITERAL = ast.Dict | ast.Tuple | ast.List | ast.Set


def long_lists(tree: ast.AST, name: str, values: set[str]) -> Iterator[int]:
    """Lines of literals that hold three members or more, by name or by their text."""
    for node in ast.walk(tree):
        if isinstance(node, _LITERAL):
            parts = node.keys if isinstance(node, ast.Dict) else node.elts
            texts = [ast.unparse(part) for part in parts if part is not None]
            if sum(bool(re.fullmatch(rf"{name}\.[A-Z_]+(\.value)?", text)) or text.strip("'") in values for text in texts) >= 3:
                yield node.lineno


@pytest.mark.parametrize("registry", [EventKind, NotificationKind, Permission], ids=lambda registry: registry.__name__)
def test_nothing_else_lists_the_members_of_a_registry(registry: type[StrEnum]) -> None:
    values = {member.value for member in registry}
    listed = [
        f"{path.relative_to(ROOT)}:{line}" for path in CODE for line in long_lists(ast.parse(path.read_text()), registry.__name__, values)
    ]
    assert listed == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("A = {Permission.RUN_JOB, Permission.SEE_ADMIN, Permission.TRAIN_MODEL}", [1]),
        ("A = 1\nB = {Permission.RUN_JOB: 1, 'admin:overview:see': 2, Permission.TRAIN_MODEL.value: 3}", [2]),
        ("A = (Permission.RUN_JOB, Permission.SEE_ADMIN)", []),
        ("A = ['one', 'two', 'three']", []),
    ],
)
def test_lists_are_seen_in_every_shape(code: str, lines: list[int]) -> None:
    assert list(long_lists(ast.parse(code), "Permission", {each.value for each in Permission})) == lines


def test_of_jobs_only_what_runs_them_is_bound() -> None:
    """What runs them is compared with the registry in test_jobs.py."""
    names = re.compile("|".join(f"{job.upper()}|'{job}'|'job.{job}'" for job in JOBS))
    found = {
        path.relative_to(ROOT).as_posix()
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, _LITERAL)
        and sum(bool(part and names.fullmatch(ast.unparse(part))) for part in (node.keys if isinstance(node, ast.Dict) else node.elts)) >= 3
    }
    assert found == {"webapp/jobs/runners.py"}
