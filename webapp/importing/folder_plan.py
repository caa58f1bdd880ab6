"""Import plan of a folder: which files in known layouts, in which order."""

from dataclasses import dataclass
from pathlib import Path

from webapp.importing.layout import BoundLayout, FileKind
from webapp.importing.problems import ImportRefused
from webapp.importing.run import ImportRequest, identify_layout
from webapp.support.messages import gettext

_ORDER = tuple(FileKind)


@dataclass(frozen=True, slots=True)
class Plan:
    """Files to import, in order, and what is left out, with the reason."""

    files: tuple[tuple[Path, BoundLayout], ...]
    skipped: tuple[tuple[str, str], ...]


def plan_folder(folder: Path, layout: str | None = None) -> Plan:
    """Courses first, then learners, then what they did. Raises ImportRefused when nothing in the folder has a known layout."""
    known, skipped = [], []
    for path in sorted(folder.iterdir()):
        if path.name.lower().endswith((".csv", ".csv.gz")):
            try:
                known.append((path, identify_layout(ImportRequest(path, layout=layout))))
            except ImportRefused as error:
                skipped.append((path.name, str(error)))
    if not known:
        raise ImportRefused(
            gettext("No file in %(folder)s has a known layout.", folder=folder) + "".join(f"\n  {reason}" for _, reason in skipped)
        )
    known.sort(key=lambda pair: (_ORDER.index(pair[1].layout.kind), pair[1].layout.rank, pair[0].name))
    return Plan(tuple(known), tuple(skipped))
