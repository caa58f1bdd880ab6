"""Layout of a file: its columns, and how it is recognized by its header and name.

A layout is recognized by its header (all of `header`, nothing else) and, where that could be anybody's, by a part of the
file's name. The generic layouts take whatever names their columns in one of the usual ways.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from recsys.data.known_layouts import GENERIC
from webapp.importing import cells
from webapp.importing.cells import Row
from webapp.importing.problems import ImportRefused
from webapp.models.operations import INTERACTIONS_IMPORT
from webapp.registries.events import EventKind
from webapp.support.messages import N_, gettext
from webapp.support.text import fold


class FileKind(StrEnum):
    """What a file holds, in the order in which files are imported."""

    COURSES = "courses"
    LEARNERS = "learners"
    INTERACTIONS = INTERACTIONS_IMPORT


KIND_NAMES = {FileKind.COURSES: N_("Courses"), FileKind.LEARNERS: N_("Learners"), FileKind.INTERACTIONS: N_("Interactions")}

Fact = tuple[EventKind, float | None]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a kind of file is laid out.

    `columns` maps our fields to the header names that carry them (lower case, the best first). `facts` says what a row of
    interactions tells. `dress` makes text presentable; `topics` reads a course's topics, the main one first.
    """

    name: str
    kind: FileKind
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    header: frozenset[str] = frozenset()
    file_hint: str = ""
    source: str = "import"
    facts: Callable[[Row], Sequence[Fact]] = lambda row: ()
    topics: Callable[[Row], tuple[str, ...]] = lambda row: row.parse_field("topics", cells.few_names, cells.NO_NAMES)
    dress: Callable[[str], str] = str
    minutes_unit: Fraction = Fraction(1)
    most_skills: int | None = None
    language: str = "en"
    fills_only: bool = False  # adds what a course lacks, changes nothing (a second file about the same courses)
    placeholder_titles: bool = False  # courses without a title are called after their id
    makes_courses: bool = False  # interactions may name courses no catalog file describes
    repeats: bool = False  # the same row twice means that it happened twice
    rank: int = 0  # files of one kind are imported in this order


@dataclass(frozen=True, slots=True)
class BoundLayout:
    """A layout and where its fields stand in a file: `index` by field, `names` the file's own column names."""

    layout: Layout
    index: Mapping[str, int]
    names: Mapping[str, str]


def recognize(
    layouts: Sequence[Layout],
    file_name: str,
    header: Sequence[str],
    kind: FileKind | None = None,
    name: str | None = None,
    renamed: Mapping[str, str] | None = None,
) -> BoundLayout:
    """The layout of a file by its header and name; `kind`, `name` and `renamed` (their column: our field) narrow it down.

    Raises ImportRefused saying which columns are missing and how to name them.
    """
    renamed = _parse_renames(renamed or {}, header)
    columns = [renamed.get(fold(column), fold(column)) for column in header]
    candidates = [row for row in layouts if kind in (None, row.kind) and name in (None, row.name)]
    if not candidates:
        known = sorted({row.name for row in layouts})
        values = {"name": name, "kind": kind, "known": ", ".join(known)}
        if kind:
            raise ImportRefused(gettext("There is no layout %(name)r for %(kind)s: %(known)s.", **values))
        raise ImportRefused(gettext("There is no layout %(name)r: %(known)s.", **values))
    exact = [row for row in candidates if row.header == frozenset(columns) and row.file_hint in file_name.lower()]
    chosen = exact or [row for row in candidates if name is not None or (row.name == GENERIC and kind is not None)]
    if not chosen:
        raise ImportRefused(
            gettext(
                "%(file)s has the columns %(columns)s: no known layout. "
                "Say what it holds (courses, learners or interactions), and with --map which column is what.",
                file=file_name,
                columns=", ".join(header),
            )
        )
    layout = min(chosen, key=lambda row: len(_missing(row, columns)))
    return _bind(layout, header, columns, file_name)


def _parse_renames(renamed: Mapping[str, str], header: Sequence[str]) -> dict[str, str]:
    unknown = [column for column in renamed if fold(column) not in {fold(name) for name in header}]
    if unknown:
        raise ImportRefused(
            gettext("--map names %(unknown)s, but the columns are %(columns)s.", unknown=", ".join(unknown), columns=", ".join(header))
        )
    return {fold(column): fold(field) for column, field in renamed.items()}


def _missing(layout: Layout, columns: Sequence[str]) -> list[str]:
    return [field for field in layout.required if not set(layout.columns[field]) & set(columns) and field not in columns]


def _bind(layout: Layout, header: Sequence[str], columns: Sequence[str], file_name: str) -> BoundLayout:
    missing = [] if layout.placeholder_titles else _missing(layout, columns)
    if missing:
        hints = " ".join(f"--map {_guess_column(layout, field, header)}={field}" for field in missing)
        raise ImportRefused(
            gettext(
                "%(file)s has the columns %(columns)s. %(kind)s in the layout %(layout)s also need %(missing)s. "
                "If another column holds it, say so, for example %(example)s",
                file=file_name,
                columns=", ".join(header),
                kind=gettext(KIND_NAMES[layout.kind]),
                layout=layout.name,
                missing=", ".join(missing),
                example=hints,
            )
        )
    index: dict[str, int] = {}
    for field, accepted in layout.columns.items():
        place = next((columns.index(column) for column in (field, *accepted) if column in columns), None)
        if place is not None:
            index[field] = place
    return BoundLayout(layout, index, {field: header[place] for field, place in index.items()})


def _guess_column(layout: Layout, field: str, header: Sequence[str]) -> str:
    """The unused column most like the field; a placeholder where none is."""
    used = {name for names in layout.columns.values() for name in names}
    by_folded = {fold(column): column for column in header if fold(column) not in used}
    close = difflib.get_close_matches(field, by_folded, n=1, cutoff=0.4)
    return by_folded[close[0]] if close else "COLUMN"
