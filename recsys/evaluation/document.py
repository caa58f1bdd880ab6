"""From the JSON of evaluations to one HTML report."""

from collections.abc import Mapping, Sequence
from typing import Any

from recsys.errors import DataError
from recsys.evaluation import details, others, sections
from recsys.evaluation.html import Part, Section, page
from recsys.evaluation.sections import data_line, verdict

Values = Mapping[str, Any]
KNOWN = ("models", "curve", "reliability", "targets", "promote")
"""A file needs one of these keys at its top to have something to show."""


def document(results: Sequence[tuple[str, Values]], title: str = "How well the recommender recommends") -> str:
    """One page of (name, JSON values) each: evaluations, chances to finish, counterfactual estimates, accuracy-diversity curves,
    reliability curves, gate decisions.

    Raises DataError when a file holds nothing known or lacks what its kind needs.
    """
    evaluations = [(name, values) for name, values in results if _is_evaluation(values)]
    parts = [_part(name, values, f"p{number}-" if len(results) > 1 else "") for number, (name, values) in enumerate(results)]
    if len(evaluations) > 1:
        overview = sections.overview_section([(str(v["data"].get("name", n)), v) for n, v in evaluations], "overview")
        parts.insert(0, Part("All data sets", "", [overview]))
    lead = (
        parts[0].lead
        if len(parts) == 1
        else verdict(evaluations[0][1])
        if len(evaluations) == 1
        else f"{len(results)} results on one page."
    )
    return page(title, lead, parts)


def _part(name: str, values: Values, prefix: str) -> Part:
    if not any(values.get(key) is not None for key in KNOWN):
        raise DataError(f"{name} holds nothing to report: it has none of {', '.join(KNOWN)} at its top")
    try:
        found = _sections(values, prefix)
        data = values.get("data", {})
        part = Part(str(data.get("name", name)), data_line(data) if _is_evaluation(values) else "", found)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise DataError(f"{name} is not a complete result: {error!r}") from error
    if not found:
        raise DataError(f"{name} holds nothing to report: what it names is empty")
    return part


def _is_evaluation(values: Values) -> bool:
    """The chance to finish has models too, but they rank nothing."""
    return "models" in values and "data" in values


def _sections(values: Values, prefix: str) -> list[Section]:
    found = []
    if _is_evaluation(values):
        found += [
            sections.summary(values, f"{prefix}summary"),
            sections.models_section(values, f"{prefix}models"),
            sections.variety_section(values, f"{prefix}variety"),
        ]
    elif "models" in values:
        found += others.finishing_sections(values, prefix)
    if values.get("slices"):
        found += details.slice_sections(values, prefix)
    if values.get("ablation"):
        found.append(details.ablation_section(values, f"{prefix}ablation"))
    if values.get("ageing"):
        found.append(details.ageing_section(values, f"{prefix}ageing"))
    if values.get("curve"):
        found.append(others.curve_section(values["curve"], f"{prefix}curve"))
    if values.get("reliability"):
        found.append(others.reliability_section(_bins(values["reliability"]), f"{prefix}reliability"))
    if "targets" in values:
        found += others.counterfactual_sections(values, prefix)
    if "promote" in values:
        found.append(others.reasons_section(values, f"{prefix}gate"))
    if _is_evaluation(values):
        found.append(sections.cost_section(values, f"{prefix}cost"))
    return found


def _bins(reliability: Any) -> Sequence[Values]:
    """The points of a reliability curve: a list, or an object that holds one as "curve", "bins" or "points"."""
    if isinstance(reliability, Mapping):
        return list(reliability[next((key for key in ("curve", "bins") if key in reliability), "points")])
    return list(reliability)
