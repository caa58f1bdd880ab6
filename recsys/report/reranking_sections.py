"""Sections on what re-ranking brings and costs: the policy, each of its steps, curves of accuracy against variety and niche share,
weeks of slates, and what preferring courses a learner is likely to finish costs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recsys.report.formatting import count, decimal, percent, points, short, signed
from recsys.report.html import Cell, Section, figure, paragraph, table, tiles
from recsys.report.plots import Point, Row, interval_rows, scatter

Values = Mapping[str, Any]
Say = Callable[[float | None], str]
_NEAR = 0.03  # of an axis: dots closer than this lie on each other
_STEPS = {"none": "No step: the hybrid", "policy": "The whole policy"}
_PLACES: tuple[tuple[str, str, Say], ...] = (
    ("niche_share", "Niche share", percent),
    ("level_gap", "Levels off target", points),
    ("level_gap_learner", "Off in one list", points),
    ("distinct_topics", "Topics a list", lambda value: decimal(value, 2)),
    ("new_or_small", "New or small", percent),
    ("coverage", "Coverage", percent),
    ("gini", "Gini", lambda value: decimal(value, 2)),
)
_EXPLAINED = (
    "Niche: outside the most popular fifth of the catalog. Levels off target: how far the share of one level is from its target at most, "
    "in points, over all places together; in one list: the same of single lists, on average. New or small: places of new courses and of "
    "small creators."
)


def policy_sections(values: Values, prefix: str) -> list[Section]:
    """What the policy brings and costs in short, then step by step."""
    steps = values["steps"]
    sections = []
    if "policy" in steps and "none" in steps:
        sections.append(_summary_section(values, f"{prefix}policy"))
    return [*sections, _steps_section(values, f"{prefix}steps")]


def _summary_section(values: Values, anchor: str) -> Section:
    policy, alone, k = values["steps"]["policy"], values["steps"]["none"], _cutoff_suffix(values)
    lead = f"{_cost_sentence(policy, k)}: {decimal(policy['ndcg'])} against {decimal(alone['ndcg'])} of the hybrid alone."
    facts = [(f"NDCG{k}", decimal(policy["ndcg"]), f"hybrid alone {decimal(alone['ndcg'])}")]
    facts += [(name, say(policy[key]), f"hybrid alone {say(alone[key])}") for key, name, say in _available_metrics([policy, alone])[:5]]
    if "times" in values:
        facts.append(("Re-ranking", f"{values['times']['single_us']:,.0f} µs", "for one learner, the median"))
    return Section(anchor, "Policy", "The policy in short", paragraph(lead) + tiles(facts))


def _steps_section(values: Values, anchor: str) -> Section:
    steps: Values = values["steps"]
    rows = [_step_row(name, step) for name, step in steps.items() if name != "none"]
    alt = "Percent of NDCG lost by each step of re-ranking alone, with intervals, and by all of the policy. Numbers in the table."
    metrics = _available_metrics(list(steps.values()))
    cells: list[list[Cell]] = [
        [
            _step(name),
            decimal(s["ndcg"]),
            (percent(s["ndcg_lost"]), _lost_interval(s)) if name != "none" else "–",
            *(say(s[key]) for key, _, say in metrics),
        ]
        for name, s in steps.items()
    ]
    strong = [list(steps).index("policy")] if "policy" in steps else []
    numbers = table(
        "Each step on its own", ("Step", f"NDCG{_cutoff_suffix(values)}", "Lost", *(name for _, name, _ in metrics)), cells, strong
    )
    words = f"Further left is cheaper; below zero the lists got better. {_EXPLAINED}"
    how = "Each step re-ranks the same scores alone, at the policy's strength, or at a usual one where the policy does without it."
    plot = interval_rows(rows, alt, f"percent of NDCG{_cutoff_suffix(values)} lost", reference=(0.0, "the hybrid"))
    return Section(anchor, "Steps", "What each step brings and costs", paragraph(how) + figure(plot, words, numbers))


def _step_row(name: str, step: Values) -> Row:
    low, high = step["ndcg_lost_ci"]
    kind = "accent" if name == "policy" else "plain"
    return Row(_step(name), 100 * step["ndcg_lost"], 100 * low, 100 * high, kind, percent(step["ndcg_lost"]))


def curve_section(curve: Sequence[Values], anchor: str) -> Section:
    """What diversity costs: the accuracy that is left against the topics of a list, by strength of the policy's diversity."""
    with_topics = all(point.get("distinct_topics") is not None for point in curve)
    axis = ("distinct_topics", "Topics a list") if with_topics else ("niche_share", "Niche share")
    words = "The number at a dot is the policy's diversity; the axes do not begin at zero."
    if with_topics:
        words += " How many places go to niche courses is a side effect here: see the curve of the quota for its price."
    return Section(anchor, "Price of variety", "What variety costs in accuracy", _curve(curve, ("diversity", "Diversity"), axis, words))


def niche_section(curve: Sequence[Values], anchor: str) -> Section:
    """What niche courses cost: the accuracy that is left against their share, by the policy's quota for them."""
    words = (
        "The number at a dot is the quota: the share of places the policy keeps for niche courses, those outside the most popular fifth "
        "of the catalog. The axes do not begin at zero."
    )
    body = _curve(curve, ("niche_quota", "Quota"), ("niche_share", "Niche share"), words)
    return Section(anchor, "Price of niche", "What niche courses cost in accuracy", body)


def _curve(curve: Sequence[Values], knob: tuple[str, str], axis: tuple[str, str], words: str) -> str:
    """NDCG against `axis` as `knob` is turned; both are (key, name)."""
    (turned, called), (key, name) = knob, axis
    shown = _points([(float(p[key]), float(p["ndcg"]), float(p[turned])) for p in curve])
    alt = f"NDCG against {name.lower()} as {called.lower()} rises. Numbers in the table."
    plot = scatter(shown, alt, name, "NDCG", path=True, zero=False)
    base = float(curve[0]["ndcg"])
    metrics = [entry for entry in _available_metrics(curve) if entry[0] in ("niche_share", "distinct_topics", "coverage")]
    cells: list[list[Cell]] = [
        [
            short(float(p[turned])),
            decimal(float(p["ndcg"])),
            f"{signed((float(p['ndcg']) / base - 1) * 100, 1)} %" if base else "–",
            *(say(p[entry]) for entry, _, say in metrics),
        ]
        for p in curve
    ]
    numbers = table(f"Accuracy by {called.lower()}", (called, "NDCG", "Change", *(entry for _, entry, _ in metrics)), cells)
    return figure(plot, words, numbers, beside=True)


def _points(curve: Sequence[tuple[float, float, float]]) -> list[Point]:
    """Dots of (x, y, knob); where turning the knob moves nothing one name says how far it was turned."""
    room = [_NEAR * (max(values) - min(values)) for values in tuple(zip(*curve, strict=True))[:2]]
    groups: list[list[tuple[float, float, float]]] = []
    for point in curve:
        if groups and all(abs(point[axis] - groups[-1][0][axis]) <= room[axis] for axis in (0, 1)):
            groups[-1].append(point)
        else:
            groups.append([point])
    points = []
    for group in groups:
        ends = [short(group[0][2])] + ([short(group[-1][2])] if len(group) > 1 else [])
        points += [Point(x, y, " to ".join(ends) if number == 0 else "", "accent") for number, (x, y, _) in enumerate(group)]
    return points


def weeks_section(weeks: Values, anchor: str) -> Section:
    """Four weeks of slates, with the policy and without, for each way to set the target of levels."""
    how = (
        "One slate at the start of each of four weeks, for everyone who takes something from then on; what they took in the weeks before "
        "is known by then. The hybrid is fitted once, before the first."
    )
    parts = [_four_week_comparison(name, figures) for name, figures in weeks.items()]
    return Section(anchor, "Four weeks", "Four weeks of slates", paragraph(how) + "".join(parts) + paragraph(_EXPLAINED, "soft"))


def _four_week_comparison(name: str, figures: Values) -> str:
    policy, alone, met, before = figures["policy"], figures["hybrid"], figures["topics"], figures["topics_hybrid"]
    facts = [("NDCG lost", percent(figures["ndcg_lost"]), _lost_interval(figures))]
    if met:
        spread = f"at least six for {percent(met['at_least_6'], 0)}, hybrid alone {percent(before['at_least_6'], 0)}"
        facts.append(("Topics in four weeks", decimal(met["mean"], 1), spread))
    facts += [(called, say(policy[key]), f"hybrid alone {say(alone[key])}") for key, called, say in _available_metrics([policy, alone])[:3]]
    columns = _available_metrics([policy, alone])
    cells: list[list[Cell]] = [
        [who, decimal(ndcg), *(say(row[key]) for key, _, say in columns), *_topic_cells(topics)]
        for who, ndcg, row, topics in (("Hybrid", figures["ndcg_hybrid"], alone, before), ("With policy", figures["ndcg"], policy, met))
    ]
    head = ("Slates of", "NDCG", *(called for _, called, _ in columns), "Topics met", "Fewest")
    sizes = f"{count(figures['slates'])} slates; topics are those of {count(figures['learners'])} learners who have seen all four"
    title = f"<h4>{_target_label(name)}</h4>"
    return title + tiles(facts) + table(f"{_target_label(name)}: {sizes}", head, cells)


def _target_label(name: str) -> str:
    return {"stated levels": "Levels as learners state them", "plain target": "One target for everybody"}.get(name, name.capitalize())


def _topic_cells(topics: Values) -> list[Cell]:
    return [decimal(topics["mean"], 2), count(topics["least"])] if topics else ["–", "–"]


def finish_weight_section(rows: Sequence[Values], anchor: str) -> Section:
    """What preferring courses a learner is likely to finish costs and brings, by its weight."""
    groups: dict[str, list[Values]] = {}
    for row in rows:
        groups.setdefault(str(row["slates"]), []).append(row)
    plots = "".join(
        scatter(
            _points([(float(r["chance"]), float(r["ndcg"]), float(r["weight"])) for r in group]),
            f"NDCG against the mean chance to finish as the weight rises, {name}. Numbers in the table.",
            f"mean chance to finish, {name}",
            "NDCG",
            path=True,
            zero=False,
        )
        for name, group in groups.items()
    )
    cells: list[list[Cell]] = [
        [
            f"{name[:1].upper()}{name[1:]}, {short(float(r['weight']))}",
            decimal(r["ndcg"]),
            (percent(r["lost"]), _percent_range(r["lost_ci"])),
            percent(r["chance"]),
        ]
        for name, group in groups.items()
        for r in group
    ]
    words = "The number at a dot is the weight of the chance to finish in the score; the axes do not begin at zero."
    numbers = table("Accuracy by weight", ("Slates, weight", "NDCG", "Lost", "Chance to finish"), cells)
    body = figure(plots, words, numbers)
    return Section(anchor, "Price of finishing", "What preferring courses likely to be finished costs", body)


def _available_metrics(rows: Sequence[Values]) -> list[tuple[str, str, Say]]:
    """Which figures of places there are: a file without a catalog has no levels."""
    return [entry for entry in _PLACES if all(row.get(entry[0]) is not None for row in rows)]


def _cost_sentence(row: Values, k: str) -> str:
    low, high = row["ndcg_lost_ci"]
    if low > 0:
        return f"The policy costs {percent(row['ndcg_lost'])} of NDCG{k} ({_lost_interval(row)})"
    if high < 0:
        return f"The policy brings {percent(-row['ndcg_lost'])} of NDCG{k} ({_percent_range([-high, -low])})"
    return f"The policy costs no NDCG{k} that could be measured ({_lost_interval(row)})"


def _lost_interval(row: Values) -> str:
    return _percent_range(row["ndcg_lost_ci"])


def _percent_range(bounds: Sequence[float]) -> str:
    return f"{percent(bounds[0])} to {percent(bounds[1])}"


def _cutoff_suffix(values: Values) -> str:
    k = values.get("data", {}).get("k")
    return f"@{k}" if k else ""


def _step(name: str) -> str:
    return _STEPS.get(name, name[:1].upper() + name[1:])
