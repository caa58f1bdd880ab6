"""From the JSON of evaluations to one HTML report."""

from collections.abc import Mapping, Sequence
from typing import Any

from recsys.errors import DataError
from recsys.evaluation import details, sections
from recsys.evaluation.html import Part, Section, page
from recsys.evaluation.sections import data_line, verdict

Values = Mapping[str, Any]
KNOWN = ("models", "curve", "reliability", "promote")
"""A file needs one of these keys at its top to have something to show."""


def document(results: Sequence[tuple[str, Values]], title: str = "How well the recommender recommends") -> str:
    """One page of (name, JSON values) each: evaluations, accuracy-diversity curves, reliability curves, gate decisions.

    Raises DataError when a file holds nothing known or lacks what its kind needs.
    """
    parts = [_part(name, values, f"p{number}-" if len(results) > 1 else "") for number, (name, values) in enumerate(results)]
    first = next((values for _, values in results if "models" in values), None)
    lead = parts[0].lead if len(parts) == 1 else verdict(first) if first else f"{len(parts)} results on one page."
    return page(title, lead, parts)


def _part(name: str, values: Values, prefix: str) -> Part:
    if not any(key in values for key in KNOWN):
        raise DataError(f"{name} holds nothing to report: it has none of {', '.join(KNOWN)} at its top")
    try:
        found = _sections(values, prefix)
        lead = data_line(values["data"]) if "models" in values else ""
        if not found:
            raise DataError(f"{name} holds nothing to report: what it names is empty")
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise DataError(f"{name} is not a complete result: {error!r}") from error
    return Part(str(values.get("data", {}).get("name", name)) if "models" in values else name, lead, found)


def _sections(values: Values, prefix: str) -> list[Section]:
    found = []
    if "models" in values:
        found += [
            sections.summary(values, f"{prefix}summary"),
            sections.models_section(values, f"{prefix}models"),
            sections.variety_section(values, f"{prefix}variety"),
        ]
    if values.get("slices"):
        found += details.slice_sections(values, prefix)
    if values.get("ablation"):
        found.append(details.ablation_section(values, f"{prefix}ablation"))
    if values.get("ageing"):
        found.append(details.ageing_section(values, f"{prefix}ageing"))
    if values.get("curve"):
        found.append(sections.curve_section(values["curve"], f"{prefix}curve"))
    if values.get("reliability"):
        found.append(sections.reliability_section(_bins(values["reliability"]), f"{prefix}reliability"))
    if "promote" in values:
        found.append(sections.reasons_section(values, f"{prefix}gate"))
    if "models" in values:
        found.append(sections.cost_section(values, f"{prefix}cost"))
    return found


def _bins(reliability: Any) -> Sequence[Values]:
    """The points of a reliability curve: a list, or an object that holds one as "curve", "bins" or "points"."""
    if isinstance(reliability, Mapping):
        return list(reliability[next((key for key in ("curve", "bins") if key in reliability), "points")])
    return list(reliability)
