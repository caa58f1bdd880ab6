"""Filters of the catalog in words."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from webapp.queries.catalog import Facets, FilterValue
from webapp.support.messages import N_, gettext

_LENGTHS: Mapping[str, str] = {"short": N_("Up to 2 hours"), "medium": N_("2 to 4 hours"), "long": N_("More than 4 hours")}
_LEVELS: Mapping[str, str] = {"beginner": N_("Beginner"), "intermediate": N_("Intermediate"), "advanced": N_("Advanced")}


def with_labels(facets: Facets) -> Facets:
    """The same facets, every value with the label people read."""
    return replace(
        facets,
        levels=_labeled(facets.levels, _LEVELS),
        lengths=_labeled(facets.lengths, _LENGTHS),
    )


def _labeled(values: Iterable[FilterValue], labels: Mapping[str, str]) -> tuple[FilterValue, ...]:
    return tuple(replace(value, label=gettext(labels[value.value])) for value in values)
