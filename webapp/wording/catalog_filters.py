"""Filters of the catalog in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from webapp.queries.catalog import Facets, FilterValue
from webapp.support.messages import N_, gettext
from webapp.wording.levels import level_name

_LENGTHS: Mapping[str, str] = {"short": N_("Up to 2 hours"), "medium": N_("2 to 4 hours"), "long": N_("More than 4 hours")}


def with_labels(facets: Facets) -> Facets:
    """The same facets, every value with the label people read."""
    return replace(
        facets,
        levels=_labeled(facets.levels, level_name),
        lengths=_labeled(facets.lengths, lambda length: gettext(_LENGTHS[length])),
    )


def _labeled(values: Iterable[FilterValue], label: Callable[[str], str]) -> tuple[FilterValue, ...]:
    return tuple(replace(value, label=label(value.value)) for value in values)
