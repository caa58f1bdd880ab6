"""Sections for what other measurements bring: the price of variety, stated chances, logged slates, the gate's decision."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recsys.evaluation.html import Cell, Section, figure, paragraph, table
from recsys.evaluation.plots import Point, Row, interval_rows, scatter
from recsys.evaluation.words import count, decimal, interval, label, percent, short, signed

Values = Mapping[str, Any]
_ESTIMATORS = {
    "logged": "What was served",
    "ips": "Inverse propensity (IPS)",
    "clipped": "IPS, clipped",
    "snips": "Self-normalized IPS",
    "dm": "Reward model",
    "dr": "Doubly robust",
}


def curve_section(curve: Sequence[Values], anchor: str) -> Section:
    """What diversity costs: the accuracy that is left against variety, by strength of the policy's diversity."""
    axes: list[tuple[str, str, Callable[[float], str]]] = [
        ("niche_share", "Niche share", percent),
        ("distinct_topics", "Distinct topics", lambda value: decimal(value, 2)),
    ]
    shown = [axis for axis in axes if all(point.get(axis[0]) is not None for point in curve)]
    plots = "".join(
        scatter(
            [Point(float(p[key]), float(p["ndcg"]), short(float(p["diversity"])), "accent") for p in curve],
            f"NDCG against {name.lower()} as diversity rises. Numbers in the table.",
            name,
            "NDCG",
            path=True,
            zero=False,
        )
        for key, name, _ in shown
    )
    base = float(curve[0]["ndcg"])
    cells = [
        [
            short(float(p["diversity"])),
            decimal(float(p["ndcg"])),
            f"{signed((float(p['ndcg']) / base - 1) * 100, 1)} %" if base else "–",
            *(say(float(p[key])) for key, _, say in shown),
        ]
        for p in curve
    ]
    head = ("Diversity", "NDCG", "Change", *(name for _, name, _ in shown))
    words = "The number at a dot is the policy's diversity; the axes do not begin at zero."
    return Section(
        anchor, "Price of variety", "What variety costs in accuracy", figure(plots, words, table("Accuracy by diversity", head, cells))
    )


def reliability_section(bins: Sequence[Values], anchor: str) -> Section:
    """Stated against observed chances."""
    points = [Point(float(b["predicted"]), float(b["observed"]), "", "accent", b.get("low"), b.get("high")) for b in bins]
    alt = "Observed share against stated chance. On the dashed line both are equal. Numbers in the table."
    cells = [
        [
            percent(float(b["predicted"])),
            percent(float(b["observed"])),
            f"{percent(b['low'])} to {percent(b['high'])}" if "low" in b else "–",
            count(b.get("count", 0)),
        ]
        for b in bins
    ]
    numbers = table("Chance to finish", ("Stated", "Observed", "95 %", "Cases"), cells)
    plot = scatter(points, alt, "stated chance", "observed share", diagonal=True)
    return Section(
        anchor,
        "Chances",
        "Do stated chances come true?",
        figure(plot, "Dots on the dashed line mean that stated chances come true.", numbers, beside=True),
    )


def reasons_section(decision: Values, anchor: str) -> Section:
    """The promotion gate's verdict in its own words."""
    lead = "The new model may take over." if decision.get("promote") else "The new model is held back."
    return Section(
        anchor, "Gate", "The gate's decision", paragraph(lead) + "".join(paragraph(str(r), "soft") for r in decision.get("reasons", ()))
    )


def finishing_sections(values: Values, prefix: str) -> list[Section]:
    """How well the chance to finish is told: scores of every model, and the reliability of the one that serves."""
    models = values["models"]
    names = sorted(models, key=lambda name: models[name]["log_loss"][0])
    scores = (("auc", "AUC"), ("brier", "Brier"), ("brier_skill", "Brier skill"), ("log_loss", "Log loss"), ("ece", "ECE"))
    cells: list[list[Cell]] = [[_first_up(n), *(_scored(models[n][score]) for score, _ in scores)] for n in names]
    losses = {n: models[n]["log_loss"] for n in names}
    rows = [Row(_first_up(n), v, low, high, "accent" if n == "additive" else "plain", decimal(v)) for n, (v, low, high) in losses.items()]
    alt = f"Log loss of {len(names)} models with intervals, the best first. Numbers in the table."
    strong = [names.index("additive")] if "additive" in names else []
    numbers = table("Scores on later attempts, with 95 % intervals", ("Model", *(name for _, name in scores)), cells, strong)
    test = values["test"]
    told = (
        f"Learned from {count(values['train']['known'])} known outcomes, judged on {count(test['attempts'])} later attempts of "
        f"{count(test['learners'])} learners, of which {percent(test['share_finished'])} were finished."
    )
    words = "Further left is better. Green: the model that serves."
    body = paragraph(told) + figure(interval_rows(rows, alt, "log loss (nats)"), words, numbers)
    first = Section(f"{prefix}finishing", "Chance to finish", "How well the chance to finish is told", body)
    shown = models["additive" if "additive" in models else names[0]]["reliability"]
    return [first, reliability_section(shown, f"{prefix}reliability")]


def counterfactual_sections(values: Values, prefix: str) -> list[Section]:
    """What other policies would have brought on logged slates, one section per target."""
    found = []
    for number, (name, target) in enumerate(values["targets"].items()):
        known = {e: row for e, row in target["estimates"].items() if row["value"] is not None}
        rows = [
            Row(_ESTIMATORS.get(e, label(e)), r["value"], r["low"], r["high"], "accent" if e == "dr" else "plain", decimal(r["value"]))
            for e, r in known.items()
        ]
        cells: list[list[Cell]] = [
            [
                _ESTIMATORS.get(e, label(e)),
                _between(r, "value", "low", "high", decimal),
                _between(r, "lift", "lift_low", "lift_high", signed),
            ]
            for e, r in known.items()
        ]
        alt = f"Reward per slate of {name} by each estimator, with intervals. Numbers in the table."
        numbers = table("Reward per slate, with 95 % intervals", ("Estimator", "Reward", "Against served"), cells)
        words = "Estimators trade bias for spread: where they agree the answer can be trusted."
        intro = paragraph(str(values["log"]["words"])) if number == 0 else ""
        body = intro + paragraph(str(target["verdict"])) + figure(interval_rows(rows, alt, "reward per slate"), words, numbers)
        found.append(Section(f"{prefix}target-{number}", f"Policy: {name}", f"What “{name}” would have brought", body))
    return found


def _scored(values: Sequence[float]) -> Cell:
    return decimal(values[0]), interval(list(values[1:3]))


def _between(row: Values, middle: str, low: str, high: str, say: Callable[[float | None, int], str]) -> Cell:
    if row[middle] is None or row[low] is None or math.isnan(row[low]):
        return "–"
    return say(row[middle], 3), interval([row[low], row[high]], sign=say is signed)


def _first_up(name: str) -> str:
    return name[:1].upper() + name[1:]
