"""Counts of imported rows: new, changed, known."""

from dataclasses import dataclass


@dataclass(slots=True)
class ImportCounts:
    """Rows that brought something new, changed something, or were known already."""

    new: int = 0
    changed: int = 0
    known: int = 0

    def __add__(self, other: "ImportCounts") -> "ImportCounts":
        return ImportCounts(self.new + other.new, self.changed + other.changed, self.known + other.known)
