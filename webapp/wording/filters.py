"""Filters of the catalog in words."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from webapp.queries.catalog import Facets, FilterValue

_LENGTHS: Mapping[str, str] = {"short": "Up to 2 hours", "medium": "2 to 4 hours", "long": "More than 4 hours"}
_LEVELS: Mapping[str, str] = {"beginner": "Beginner", "intermediate": "Intermediate", "advanced": "Advanced"}


def with_labels(facets: Facets) -> Facets:
    """The same facets, every value with the label people read."""
    return replace(
        facets,
        levels=_labeled(facets.levels, _LEVELS),
        lengths=_labeled(facets.lengths, _LENGTHS),
    )


def _labeled(values: Iterable[FilterValue], labels: Mapping[str, str]) -> tuple[FilterValue, ...]:
    return tuple(replace(value, label=labels[value.value]) for value in values)
