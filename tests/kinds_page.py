"""Writes docs/kinds.md: everything the registries declare, as tables. `make kinds`, after a change of a registry."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from webapp.registries.events import EventKind, EventSpec
from webapp.registries.jobs import JOBS
from webapp.registries.notifications import NotificationKind
from webapp.registries.permissions import Permission
from webapp.registries.personal_data import PersonalData

PAGE = Path(__file__).resolve().parents[1] / "docs/kinds.md"
_HEAD = "# Kinds\n\nWritten by `make kinds` from `webapp/registries/`: a change here is lost.\n"
_MARKS = ("importable", "visitors", "explicit", "settles", "glance")


def kinds_page() -> str:
    """The whole page."""
    return "\n".join((_HEAD, _events(), _notifications(), _jobs(), _permissions(), _personal_data()))


def _events() -> str:
    rows = (
        (f"`{kind}`", kind.spec.happens, kind.spec.subject, _value(kind.spec), _code(kind.spec.undo), _marks(kind.spec))
        for kind in EventKind
    )
    words = "`importable`: files may hold it; the other marks are those of `EventSpec`. `undo`: the kind that takes it back."
    return _section("Events", ("kind", "happens when", "about", "value", "undo", "is"), rows, words)


def _value(spec: EventSpec) -> str:
    return f"{spec.value}, {spec.low:,g} to {spec.high:,g}" if spec.low is not None else ""


def _marks(spec: EventSpec) -> str:
    marks = [name for name in _MARKS if getattr(spec, name)]
    marks += [f"keeps `{spec.keeps}`"] if spec.keeps is not None else []
    marks += [f"takes back `{spec.takes_back}`"] if spec.takes_back is not None else []
    return ", ".join(marks)


def _notifications() -> str:
    rows = (
        (
            f"`{kind}`",
            kind.spec.happens,
            kind.spec.audience.replace("_", " "),
            kind.spec.message,
            kind.spec.note,
            str(kind.spec.daily_cap or ""),
        )
        for kind in NotificationKind
    )
    return _section("Notifications", ("kind", "happens when", "who is told", "says", "below", "a day at most"), rows)


def _jobs() -> str:
    rows = (
        (f"`{spec.id}`", spec.title, str(spec.deadline), "yes" if spec.isolated else "", f"`{spec.permission}`") for spec in JOBS.values()
    )
    return _section("Jobs", ("job", "does", "deadline", "isolated", "started by who holds"), rows)


def _permissions() -> str:
    return _section("Permissions", ("permission", "from which role on"), ((f"`{each}`", each.scope) for each in Permission))


def _personal_data() -> str:
    rows = ((f"`{kind}`", kind.spec.title, kind.spec.contents, _code(kind.spec.permission)) for kind in PersonalData)
    words = (
        "Each column that names a person says the kind of its rows (`webapp/models/personal_data.py`); the privacy page is made from these."
    )
    return _section("Personal data", ("kind", "on the privacy page", "what it is", "said to who holds"), rows, words)


def _code(text: str | None) -> str:
    return f"`{text}`" if text else ""


def _section(title: str, header: Sequence[str], rows: Iterable[Sequence[str]], words: str = "") -> str:
    lines = [f"## {title}", "", *([words, ""] if words else []), _line(header), "|---" * len(header) + "|", *map(_line, rows), ""]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") or "–" for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(kinds_page(), "utf-8")
