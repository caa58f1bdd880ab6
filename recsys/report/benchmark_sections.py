"""Benchmark sections of a report: stated chances, logged slates, estimators, rankers, the gate's decision."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recsys.report.formatting import capitalized, count, decimal, duration, interval, label, percent, signed
from recsys.report.html import Cell, Section, figure, paragraph, table
from recsys.report.log_sentences import log_sentence, log_verdict_sentence
from recsys.report.plots import Point, Row, interval_rows, scatter
from recsys.report.sentences import gate_reason_sentences

Values = Mapping[str, Any]
_ESTIMATORS = {
    "logged": "What was served",
    "ips": "Inverse propensity (IPS)",
    "clipped": "IPS, clipped",
    "snips": "Self-normalized IPS",
    "dm": "Reward model",
    "dr": "Doubly robust",
}


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


def gate_decision_section(decision: Values, anchor: str) -> Section:
    """The promotion gate's verdict in its own words."""
    lead = "The new model may take over." if decision.get("promote") else "The new model is held back."
    return Section(
        anchor,
        "Gate",
        "The gate's decision",
        paragraph(lead) + "".join(paragraph(r, "soft") for r in gate_reason_sentences(decision.get("reasons", ()))),
    )


def completion_sections(values: Values, prefix: str) -> list[Section]:
    """Chance to finish: scores of every model, and the reliability of the one that serves."""
    models = values["models"]
    names = sorted(models, key=lambda name: models[name]["log_loss"][0])
    scores = (("auc", "AUC"), ("brier", "Brier"), ("brier_skill", "Brier skill"), ("log_loss", "Log loss"), ("ece", "ECE"))
    cells: list[list[Cell]] = [[capitalized(n), *(_score_cell(models[n][score]) for score, _ in scores)] for n in names]
    losses = {n: models[n]["log_loss"] for n in names}
    rows = [Row(capitalized(n), v, low, high, "accent" if n == "additive" else "plain", decimal(v)) for n, (v, low, high) in losses.items()]
    alt = f"Log loss of {len(names)} models with intervals, the best first. Numbers in the table."
    strong = [names.index("additive")] if "additive" in names else []
    numbers = table("Scores on later attempts, with 95 % intervals", ("Model", *(name for _, name in scores)), cells, strong)
    test = values["test"]
    intro = (
        f"Learned from {count(values['train']['known'])} known outcomes, judged on {count(test['attempts'])} later attempts of "
        f"{count(test['learners'])} learners, of which {percent(test['share_finished'])} were finished."
    )
    words = "Further left is better. Green: the model that serves."
    body = paragraph(intro) + figure(interval_rows(rows, alt, "log loss (nats)"), words, numbers)
    first = Section(f"{prefix}finishing", "Chance to finish", "How well the chance to finish is told", body)
    shown = models["additive" if "additive" in models else names[0]]["reliability"]
    return [first, reliability_section(shown, f"{prefix}reliability")]


def counterfactual_sections(values: Values, prefix: str) -> list[Section]:
    """What other policies would have brought on logged slates, one section per target."""
    sections = []
    for number, (name, target) in enumerate(values["targets"].items()):
        known = {e: row for e, row in target["estimates"].items() if row["value"] is not None}
        rows = [
            Row(_ESTIMATORS.get(e, label(e)), r["value"], r["low"], r["high"], "accent" if e == "dr" else "plain", decimal(r["value"]))
            for e, r in known.items()
        ]
        cells: list[list[Cell]] = [
            [
                _ESTIMATORS.get(e, label(e)),
                _interval_cell(r, "value", "low", "high", decimal),
                _interval_cell(r, "lift", "lift_low", "lift_high", signed),
            ]
            for e, r in known.items()
        ]
        alt = f"Reward per slate of {name} by each estimator, with intervals. Numbers in the table."
        numbers = table("Reward per slate, with 95 % intervals", ("Estimator", "Reward", "Against served"), cells)
        words = "Estimators trade bias for spread: where they agree the answer can be trusted."
        intro = paragraph(log_sentence(values["log"])) if number == 0 else ""
        body = (
            intro
            + paragraph(log_verdict_sentence(target["verdict"]))
            + figure(interval_rows(rows, alt, "reward per slate"), words, numbers)
        )
        sections.append(Section(f"{prefix}target-{number}", f"Policy: {name}", f"What “{name}” would have brought", body))
    return sections


def estimator_error_section(values: Values, anchor: str) -> Section:
    """How estimators do where the truth is known: bias, error, and how often the interval holds the truth."""
    estimators: Values = values["estimators"]
    rows = [
        Row(
            _ESTIMATORS.get(e, label(e)),
            r["bias"],
            r["bias"] - 1.96 * r["bias_error"],
            r["bias"] + 1.96 * r["bias_error"],
            "accent" if e == "dr" else "plain",
            signed(r["bias"], 4),
        )
        for e, r in estimators.items()
    ]
    cells: list[list[Cell]] = [
        [
            _ESTIMATORS.get(e, label(e)),
            (signed(r["bias"], 4), f"standard error {decimal(r['bias_error'], 4)}"),
            decimal(r["rmse"], 4),
            percent(r["coverage"]),
            decimal(r["width"], 4),
        ]
        for e, r in estimators.items()
    ]
    intro = (
        f"{count(values['runs'])} logs of {count(values['learners'])} learners, drawn from a world in which the policy to judge is worth "
    )
    intro += f"{decimal(values['truth'], 4)} a slate."
    numbers = table("Estimates against the truth", ("Estimator", "Bias", "RMSE", "Interval holds it", "Width of it"), cells)
    words = "The closer to zero the better: no bias. An interval of 95 % should hold the truth that often."
    alt = "Mean bias of each estimator with its interval. Numbers in the table."
    body = paragraph(intro) + figure(interval_rows(rows, alt, "bias of the reward per slate", reference=(0.0, "the truth")), words, numbers)
    return Section(anchor, "Estimators", "How far estimators can be trusted", body)


def rankers_section(values: Values, anchor: str) -> Section:
    """Ways to weigh the same signals, each learned from the same choices."""
    rankers: Values = values["rankers"]
    bounds = {n: (r["ndcg_ci"][0], r["ndcg_ci"][1]) for n, r in rankers.items()}
    rows = [
        Row(capitalized(n), r["ndcg"], *bounds[n], "accent" if n.startswith("linear") else "plain", decimal(r["ndcg"]))
        for n, r in rankers.items()
    ]
    cells: list[list[Cell]] = [
        [
            capitalized(n),
            (decimal(r["ndcg"], 4), interval(r["ndcg_ci"], 4)),
            (signed(r["difference"], 4), interval(r["difference_ci"], 4, sign=True)),
            duration(r["fit_seconds"]),
        ]
        for n, r in rankers.items()
    ]
    intro = (
        f"Learned from {count(values['choices'])} choices, judged on {count(values['learners'])} learners. Boosting was searched: "
        f"{count(values['leaves'])} leaves, {count(values['rounds'])} rounds."
    )
    words = "Green: the hybrid's own ranker, on all courses as it serves, and on the pool that boosting ranks too."
    numbers = table("Accuracy by ranker", ("Ranker", "NDCG", "Against linear", "Training"), cells)
    plot = interval_rows(rows, "NDCG of each ranker with its interval. Numbers in the table.", "NDCG@10")
    return Section(anchor, "Rankers", "Linear or boosted", paragraph(intro) + figure(plot, words, numbers))


def latency_section(values: Values, anchor: str) -> Section:
    """How long one learner takes, beside a single model on the same machine."""
    systems = {"recommender": "The recommender", "ease_alone": "EASE alone"}
    measured = {name: values[key] for key, name in systems.items()}
    rows = [
        Row(name, f["quickest_median_ms"], f["quickest_median_ms"], f["quickest_p99_ms"], shown=f"{f['quickest_median_ms']:.2f} ms")
        for name, f in measured.items()
    ]
    cells: list[list[Cell]] = [
        [name, *(f"{f[key]:.2f} ms" for key in ("quickest_median_ms", "quickest_p99_ms", "once_median_ms", "once_p99_ms"))]
        for name, f in measured.items()
    ]
    head = ("", "Median", "99 of 100 below", "First call, median", "First call, 99 of 100 below")
    words = "Dot: the median over learners, each at the quickest of several rounds. Line: up to what 99 of 100 stay below. The scale is "
    words += "logarithmic."
    intro = f"The recommender takes {values['ratio']:.1f} times as long as EASE alone: every source, the blend, the policy and reasons."
    plot = interval_rows(rows, "Time for one learner, median and 99th percentile. Numbers in the table.", "milliseconds", log=True)
    body = paragraph(intro) + figure(plot, words, table("Time for one learner", head, cells))
    return Section(anchor, "Latency", "How long one learner takes", body)


def _score_cell(values: Sequence[float]) -> Cell:
    return decimal(values[0]), interval(list(values[1:3]))


def _interval_cell(row: Values, middle: str, low: str, high: str, say: Callable[[float | None, int], str]) -> Cell:
    if row[middle] is None or row[low] is None or math.isnan(row[low]):
        return "–"
    return say(row[middle], 3), interval([row[low], row[high]], sign=say is signed)
