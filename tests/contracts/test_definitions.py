"""Whatever is defined is used, and whatever a net asks of itself is there: a name that was changed in one place only is found.

A method that no longer carries the name of the one it stands in for is never called, and nothing fails.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for room in ("webapp", "recsys") for path in (ROOT / room).rglob("*.py"))
USERS = sorted(path for room in ("webapp", "recsys", "benchmarks", "tests") for path in (ROOT / room).rglob("*.py"))
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
NETS = sorted((ROOT / "recsys/candidates/neural/nets").glob("*.py"))
CALLED_BY_LIBRARIES = {
    "Gunicorn": {"when_ready", "post_worker_init", "worker_exit"},
    "SQLAlchemy": {"process_bind_param"},
    "Flask-Security": {"create_user", "has_role", "roles", "send_mail"},
    "WTForms": {"process_formdata", "pre_validate", "validate_name", "validate_next", "validate_password"},
}
CHANGES_A_CALL_ONLY = {
    "property",
    "classmethod",
    "staticmethod",
    "cached_property",
    "cache",
    "lru_cache",
    "abstractmethod",
    "contextmanager",
}
"""Decorators beside which a function still has to be named by whoever calls it; others hand it to somebody."""
OF_TORCH = {"register_buffer", "training"}


def defined_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Functions and methods that only who names them can call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__"):
            decorators = {ast.unparse(decorator).partition("(")[0].rpartition(".")[2] for decorator in node.decorator_list}
            if decorators <= CHANGES_A_CALL_ONLY:
                yield node.name, node.lineno


def used_names(tree: ast.AST) -> Iterator[str]:
    """Names that are read, imported or asked of an object, and texts that could be looked up as one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value


def parsed(paths: Iterable[Path]) -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in paths}


def test_whatever_is_defined_is_used() -> None:
    used = {name for path, tree in parsed(USERS).items() if path != Path(__file__) for name in used_names(tree)}
    used |= {word for path in TEMPLATES for word in re.findall(r"\w+", path.read_text())}
    unused = {
        f"{path.relative_to(ROOT)}:{line} {name}": name
        for path, tree in parsed(CODE).items()
        if "versions" not in path.parts
        for name, line in defined_names(tree)
        if name not in used
    }
    by_libraries = set().union(*CALLED_BY_LIBRARIES.values())
    assert [place for place, name in unused.items() if name not in by_libraries] == []
    assert by_libraries <= set(unused.values())  # no name stands there that the house calls itself


def absent_attributes(trees: Iterable[ast.AST]) -> list[str]:
    """What classes ask of `self` that neither they nor their bases among these define."""
    classes = {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}

    def own_names(name: str) -> set[str]:
        if name not in classes:
            return set()
        nodes = list(ast.walk(classes[name]))
        names = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        names |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
        buffers = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "self.register_buffer"]
        names |= {ast.literal_eval(buffer.args[0]) for buffer in buffers}
        return names.union(*(own_names(ast.unparse(base)) for base in classes[name].bases))

    return [
        f"{name}.{node.attr}"
        for name, definition in classes.items()
        for node in ast.walk(definition)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self" and isinstance(node.ctx, ast.Load)
        if node.attr not in own_names(name) | OF_TORCH
    ]


def test_nets_find_what_they_ask_of_themselves() -> None:
    """Types cannot say it: where torch is not installed, everything it makes is of any type, and no test of nets runs."""
    assert len(NETS) > 3
    assert absent_attributes(parsed(NETS).values()) == []


@pytest.mark.parametrize(
    ("source", "absent"),
    [
        ("class Net(nn.Module):\n def f(self): return self.g()", ["Net.g"]),
        ("class Base(nn.Module):\n def g(self): ...\nclass Net(Base):\n def f(self): return self.g()", []),
        ("class Net(nn.Module):\n def f(self):\n  self.register_buffer('h', 0)\n  return self.h", []),
        ("class Net(nn.Module):\n width = 1\n def __init__(self): self.h = 2\n def f(self): return self.h + self.width", []),
    ],
)
def test_what_a_net_lacks_is_seen(source: str, absent: list[str]) -> None:
    assert absent_attributes([ast.parse(source)]) == absent


def test_a_method_nobody_calls_is_seen() -> None:
    tree = ast.parse("class A:\n @property\n def once(self): ...\n @bp.get('/')\n def page(self): ...\n def asked(self): ...\nA().asked()")
    assert {name for name, _ in defined_names(tree)} - set(used_names(tree)) == {"once"}
