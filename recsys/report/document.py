"""Report document: one HTML page from the JSON of evaluations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recsys.errors import DataError
from recsys.faults import Fault
from recsys.report import benchmark_sections, extra_sections, model_sections, reranking_sections
from recsys.report.html import PageGroup, Section, page
from recsys.report.model_sections import data_line, verdict_text

Values = Mapping[str, Any]
_BENCHMARKS = ("steps", "curve", "niche_curve", "weeks", "weights", "rankers", "estimators", "ease_alone")
KNOWN = ("models", *_BENCHMARKS, "reliability", "targets", "promote")
"""A file needs one of these keys at its top, or below the names of its data, to have something to show."""


def document(results: Sequence[tuple[str, Values]], title: str = "How well the recommender recommends") -> str:
    """One page of (name, JSON values) each: evaluations, chances to finish, counterfactual estimates, what re-ranking costs,
    reliability curves, gate decisions, and what the benchmarks write, which may hold several such results by name or by split.

    Raises DataError when a file holds nothing known or lacks what its kind needs.
    """
    singles = [single for name, values in results for single in _flatten_into_named_results(name, values)]
    evaluations = [(name, values) for name, values in singles if _is_evaluation(values)]
    parts = [_make_page_group(name, values, f"p{number}-" if len(singles) > 1 else "") for number, (name, values) in enumerate(singles)]
    if len(evaluations) > 1:
        overview = model_sections.overview_section([(str(v["data"].get("name", n)), v) for n, v in evaluations], "overview")
        parts.insert(0, PageGroup("All data sets", "", [overview]))
    if len(parts) == 1:
        lead = _lead_paragraph(parts[0], results[0][0])
    else:
        lead = verdict_text(evaluations[0][1]) if len(evaluations) == 1 else f"{len(singles)} results on one page."
    return page(title, lead, parts)


def _lead_paragraph(part: PageGroup, file: str) -> str:
    """What a page of one result is about; the name of its file is worth saying only before more words."""
    if part.lead:
        return f"{part.title}: {part.lead}"
    return "" if part.title == file else part.title


def _flatten_into_named_results(name: str, values: Values) -> list[tuple[str, Values]]:
    """A result as it is, or the results it holds: by the name of their data, or one for each split of the same data."""
    if _is_reportable(values):
        return [(name, values)]
    if isinstance(values.get("splits"), list):
        return [(name, _with_seed_in_data_name(split)) for split in values["splits"] if isinstance(split, Mapping)] or [(name, values)]
    return [(key, inner) for key, inner in values.items() if isinstance(inner, Mapping) and _is_reportable(inner)] or [(name, values)]


def _with_seed_in_data_name(split: Values) -> Values:
    data = split.get("data", {})
    return {**split, "data": {**data, "name": f"{data.get('name', 'data')}, seed {data.get('seed', 0)}"}}


def _data_entry_as_mapping(values: Values) -> Values:
    """What was measured on: an object, or a name alone."""
    data = values.get("data", {})
    return {"name": data} if isinstance(data, str) else data


def _is_reportable(values: Values) -> bool:
    return any(values.get(key) is not None for key in KNOWN)


def _make_page_group(name: str, values: Values, prefix: str) -> PageGroup:
    if not _is_reportable(values):
        raise DataError(Fault.RESULT_UNKNOWN, name=name, known=KNOWN)
    try:
        sections = _sections(values, prefix)
        data = _data_entry_as_mapping(values)
        part = PageGroup(str(data.get("name", values.get("source", name))), data_line(data), sections)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise DataError(Fault.RESULT_INCOMPLETE, name=name, error=repr(error)) from error
    if not sections:
        raise DataError(Fault.RESULT_EMPTY, name=name)
    return part


def _is_evaluation(values: Values) -> bool:
    """The chance to finish has models too, but they rank nothing."""
    return "models" in values and "data" in values


def _sections(values: Values, prefix: str) -> list[Section]:
    sections = []
    if _is_evaluation(values):
        sections += [
            model_sections.summary(values, f"{prefix}summary"),
            model_sections.models_section(values, f"{prefix}models"),
            model_sections.variety_section(values, f"{prefix}variety"),
        ]
    elif "models" in values:
        sections += benchmark_sections.completion_sections(values, prefix)
    if values.get("slices"):
        sections += extra_sections.slice_sections(values, prefix)
    if values.get("ablation"):
        sections.append(extra_sections.ablation_section(values, f"{prefix}ablation"))
    if values.get("ageing"):
        sections.append(extra_sections.ageing_section(values, f"{prefix}ageing"))
    sections += _rerank_sections(values, prefix)
    if values.get("ease_alone"):
        sections.append(benchmark_sections.latency_section(values, f"{prefix}latency"))
    if values.get("rankers"):
        sections.append(benchmark_sections.rankers_section(values, f"{prefix}rankers"))
    if values.get("estimators"):
        sections.append(benchmark_sections.estimator_error_section(values, f"{prefix}truth"))
    if values.get("reliability"):
        sections.append(benchmark_sections.reliability_section(_reliability_points(values["reliability"]), f"{prefix}reliability"))
    if "targets" in values:
        sections += benchmark_sections.counterfactual_sections(values, prefix)
    if "promote" in values:
        sections.append(benchmark_sections.gate_decision_section(values, f"{prefix}gate"))
    if _is_evaluation(values):
        sections.append(model_sections.cost_section(values, f"{prefix}cost"))
    return sections


def _rerank_sections(values: Values, prefix: str) -> list[Section]:
    sections = reranking_sections.policy_sections(values, prefix) if values.get("steps") else []
    drawn: dict[str, Callable[[Any, str], Section]] = {
        "curve": reranking_sections.curve_section,
        "niche_curve": reranking_sections.niche_section,
        "weeks": reranking_sections.weeks_section,
        "weights": reranking_sections.finish_weight_section,
    }
    return sections + [draw(values[key], f"{prefix}{key.replace('_', '-')}") for key, draw in drawn.items() if values.get(key)]


def _reliability_points(reliability: Any) -> Sequence[Values]:
    """The points of a reliability curve: a list, or an object that holds one as "curve", "bins" or "points"."""
    if isinstance(reliability, Mapping):
        return list(reliability[next((key for key in ("curve", "bins") if key in reliability), "points")])
    return list(reliability)
