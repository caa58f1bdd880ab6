"""Writes docs/addresses.md: every address with its view, who may use it, and what its module reads and changes. `make addresses`."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from werkzeug.routing import Rule

from tests.settings import test_settings
from webapp.factory import create_app

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/addresses.md"
_HEAD = """# Addresses

Written by `make addresses` from the routes: a change here is lost. The folder of a blueprint, of its templates and of its tests has the
same name; *uses* names what the module of the view imports of `webapp/`. An asterisk at an address: its GET may write at its end.

| address | | endpoint | who holds | view in | uses |
|---|---|---|---|---|---|
"""
_SHOWN = {"GET", "POST", "PUT", "PATCH", "DELETE"}
_BELOW = ("services", "queries", "recommender", "analytics")
_NO_PART_OF_IT = {"services.errors"}


def addresses_page(app: Flask) -> str:
    """The whole page. Files, whose address changes with their content, are left out."""
    rules = sorted((rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"), key=lambda rule: (rule.rule, _methods(rule)))
    return _HEAD + "".join(f"| {' | '.join(_cells(app, rule))} |\n" for rule in rules)


def _cells(app: Flask, rule: Rule) -> tuple[str, ...]:
    view = app.view_functions[rule.endpoint]
    permission = getattr(view, "required_permission", None)
    module = inspect.unwrap(view).__module__
    own = module.startswith("webapp.")
    address = f"`{rule.rule}`" + (" \\*" if getattr(view, "writes_on_get", False) else "")
    uses = ", ".join(f"`{name}`" for name in sorted(set(_imported(module)))) if own else ""
    where = f"`{module.removeprefix('webapp.')}`" if own else module.partition(".")[0]
    return (address, _methods(rule), f"`{rule.endpoint}`", f"`{permission}`" if permission else "–", where, uses or "–")


def _methods(rule: Rule) -> str:
    return ", ".join(sorted((rule.methods or set()) & _SHOWN))


def _imported(module: str) -> Iterator[str]:
    """What a module imports of the packages below the screens, without `webapp.`."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{each.name}" for each in node.names] if node.module.count(".") == 1 else [node.module]
            for name in (each.removeprefix("webapp.") for each in names):
                if name.startswith(tuple(f"{package}." for package in _BELOW)) and name not in _NO_PART_OF_IT:
                    yield name


def main() -> None:
    """Write the page from the routes of an application of its own."""
    with TemporaryDirectory() as folder:
        app = create_app(test_settings(f"sqlite:///{folder}/addresses.db", Path(folder)))
        PAGE.write_text(addresses_page(app), "utf-8")


if __name__ == "__main__":
    main()
