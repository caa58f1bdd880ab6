"""Extra sections of a report, where asked for: slices, ablation, age."""

from collections.abc import Mapping, Sequence
from typing import Any

from recsys.report.formatting import capitalized, count, decimal, duration, interval, label, label_in_sentence, percent, signed
from recsys.report.html import Cell, Section, figure, paragraph, table
from recsys.report.model_sections import best_single_model_name
from recsys.report.plots import Row, Series, interval_rows, series_chart

Values = Mapping[str, Any]
# Five may be drawn together: each has a color and a shape of its own.
_LOOK = {"hybrid": ("accent", "dot"), "hybrid_collaborative": ("sky", "diamond"), "content": ("warn", "triangle")}
_LOOK |= {"popularity": ("plain", "square")}
_SINGLE = ("plum", "ring")
_OVERALL = "fewer than 5 courses"  # joins three others: in the table, not in the plot
_MOST_SERIES = 4


def slice_sections(report: Values, prefix: str) -> list[Section]:
    """One section per way to cut the test set."""
    groups: dict[str, list[Values]] = {}
    for row in report["slices"]:
        groups.setdefault(row["group"], []).append(row)
    return [_slice_section(report, group, rows, f"{prefix}slice-{number}") for number, (group, rows) in enumerate(groups.items())]


def _slice_section(report: Values, group: str, rows: Sequence[Values], anchor: str) -> Section:
    # Which courses a learner lacks is asked in recall: a cold course found at all is the point there.
    courses = group == "held-out course"
    metric = "recall" if courses else "ndcg"
    k = report["data"]["k"]
    names = _compared_models(report, courses)
    drawn = [row for row in rows if row["slice"] != _OVERALL]
    series = [
        Series(
            label(name),
            [row["models"][name][metric] for row in drawn],
            [row["models"][name][f"{metric}_ci"] for row in drawn],
            *_LOOK.get(name, _SINGLE),
        )
        for name in names
    ]
    axis = f"{label(metric)}@{k}"
    alt = f"{axis} by {group} of {', '.join(label(n) for n in names)}, with intervals. Numbers in the table."
    legend = [(one.label, one.kind, one.shape) for one in series]
    plot = series_chart([_short_slice_name(str(row["slice"])) for row in drawn], series, alt, _axis(group), axis)
    words = "Lines are intervals over the learners of the slice. They are not corrected for their number: one in twenty misleads."
    body = figure(plot, words, _slice_table(rows, names, metric, k), legend)
    return Section(anchor, capitalized(group), f"By {group}", _headline_ratios(rows, metric) + body + _difference_table(rows, metric))


def _compared_models(report: Values, courses: bool) -> list[str]:
    """The blend, what it is compared with, and what could explain a difference."""
    models = report["models"]
    wanted = [
        "hybrid",
        "hybrid_collaborative" if courses else None,
        best_single_model_name(models),
        "content" if courses else None,
        "popularity",
    ]
    return [name for name in dict.fromkeys(wanted) if name is not None and name in models][:_MOST_SERIES]


def _slice_table(rows: Sequence[Values], names: Sequence[str], metric: str, k: int) -> str:
    cells: list[list[Cell]] = [
        [
            capitalized(str(row["slice"])),
            count(row["n_users"]),
            *((decimal(row["models"][n][metric]), interval(row["models"][n][f"{metric}_ci"])) for n in names),
        ]
        for row in rows
    ]
    return table(f"{label(metric)}@{k} with 95 % intervals", ("Slice", "Learners", *(label(n) for n in names)), cells)


def _difference_table(rows: Sequence[Values], metric: str) -> str:
    """Paired differences and ratios of the blend to what it is compared with."""
    pairs = list(dict.fromkeys(pair for row in rows for pair in row["differences"]))
    if not pairs:
        return ""
    cells: list[list[Cell]] = [
        [capitalized(str(row["slice"])), *(_difference(row["differences"][p], metric) if p in row["differences"] else "–" for p in pairs)]
        for row in rows
    ]
    head = ("Slice", *(f"against {label_in_sentence(pair.split(' - ', 1)[1])}" for pair in pairs))
    return table(f"How much more {label_in_sentence(metric)} the hybrid has: difference (95 % interval) and ratio, in pairs", head, cells)


def _difference(difference: Values, metric: str) -> Cell:
    ratio = difference[f"{metric}_ratio"]
    times = "" if ratio is None else f" · {ratio:.2f} ×"
    return f"{signed(difference[metric])}{times}", interval(difference[f"{metric}_ci"], sign=True)


def _headline_ratios(rows: Sequence[Values], metric: str) -> str:
    """The figures people ask for first, as sentences: short histories against popularity, cold courses against no content."""
    asked = {_OVERALL: ("popularity", "learners with fewer than 5 courses"), "cold": ("hybrid_collaborative", "courses few have taken")}
    sentences = []
    for row in rows:
        for start, (other, whom) in asked.items():
            difference = row["differences"].get(f"hybrid - {other}")
            if str(row["slice"]).startswith(start) and difference and difference[f"{metric}_ratio"] is not None:
                times, bounds = difference[f"{metric}_ratio"], difference[f"{metric}_ratio_ci"]
                span = f" ({interval(bounds, 2)})" if bounds else ""
                sentences.append(
                    f"For {whom}, the hybrid's {label_in_sentence(metric)} is {times:.2f} times that of {_with_article(other)}{span}."
                )
    return "".join(paragraph(words) for words in sentences)


def _with_article(name: str) -> str:
    return f"the {label_in_sentence(name)}" if name.startswith("hybrid") else label_in_sentence(name)


def _short_slice_name(name: str) -> str:
    return (
        name.split(":")[0].replace(" or more courses", "+").replace(" courses", "").replace(" course", "").replace("no", "0")
        if name
        else ""
    )


def _axis(group: str) -> str:
    return {"history length": "courses in training", "held-out course": "kind of held-out course"}.get(group, group)


def ablation_section(report: Values, anchor: str) -> Section:
    """The blend without each source, each alone, and the blend without single features where that was measured."""
    rows: Sequence[Values] = report["ablation"]
    without = sorted((r for r in rows if r["kind"] == "without"), key=lambda r: r["difference"])
    alone = sorted((r for r in rows if r["kind"] == "alone"), key=lambda r: -r["ndcg"])
    k = report["data"]["k"]
    dots = [Row(label(r["source"]), r["ndcg"], *_span(r["ndcg_ci"]), "plain", decimal(r["ndcg"])) for r in alone]
    whole = report["models"]["hybrid"]["ndcg"]
    first = _ablation_plot(without, "a source", k)
    second = interval_rows(
        dots,
        "NDCG of the blend of one source alone, against the whole. Numbers in the table.",
        f"NDCG@{k}",
        reference=(whole, "all sources"),
    )
    words = (
        "Above, bars to the left: the blend is worse without the source. Thin lines are paired intervals; gray bars cannot be told from "
        "nothing. Sources that know the same thing stand in for each other, so small losses one by one may add up. Alone is a source as "
        "the blend tunes and weighs it, without any other: not the model of the same name with its own settings, which stands above."
    )
    plots = f"<h4>One left out</h4>{first}<h4>One alone</h4>{second}"
    body = figure(plots, words, _ablation_table(without, {r["source"]: r for r in alone}))
    features = sorted((r for r in rows if "feature" in r), key=lambda r: r["difference"])
    return Section(
        anchor, "Sources", "What each source is worth", paragraph(_source_ablation_text(without)) + body + _feature_figure(features, k)
    )


def _ablation_plot(rows: Sequence[Values], what: str, k: int) -> str:
    bars = [
        Row(_left_out_name(r), r["difference"], *_span(r["difference_ci"]), _effect_color(r["difference_ci"]), signed(r["difference"]))
        for r in rows
    ]
    return interval_rows(bars, f"Change of NDCG when {what} is left out. Numbers in the table.", f"change of NDCG@{k}", bars=True)


def _left_out_name(row: Values) -> str:
    """A source; one of its signals; a shape of all signals."""
    if "feature" not in row:
        return label(row["source"])
    return f"{label(row['source'])}: {row['feature']}" if row["kind"] == "without signal" else f"All: {row['feature']}"


def _feature_figure(rows: Sequence[Values], k: int) -> str:
    """The figure of features; nothing where they were not measured, as in results from before they were."""
    if not rows:
        return ""
    words = (
        "The sources stay as they were fitted and only their weights are learned anew. A signal is one view of a source that has several; "
        "a shape is what is made of the raw scores of all of them."
    )
    cells: list[list[Cell]] = [
        [_left_out_name(r), (signed(r["difference"], 4), interval(r["difference_ci"], 4, sign=True)), decimal(r["ndcg"])] for r in rows
    ]
    numbers = table("The blend without each signal and shape", ("Feature", "Change without", "NDCG without"), cells)
    return figure(f"<h4>One feature left out</h4>{_ablation_plot(rows, 'a feature', k)}", words, numbers)


def _ablation_table(without: Sequence[Values], alone: Mapping[str, Values]) -> str:
    cells: list[list[Cell]] = []
    for row in without:
        one = alone.get(row["source"])
        cells.append(
            [
                label(row["source"]),
                (signed(row["difference"], 4), interval(row["difference_ci"], 4, sign=True)),
                decimal(row["ndcg"]),
                duration(row["fit_seconds"]),
                (decimal(one["ndcg"]), interval(one["ndcg_ci"])) if one else "–",
                duration(one["fit_seconds"]) if one else "–",
            ]
        )
    head = ("Source", "Change without", "NDCG without", "Training without", "NDCG alone", "Training alone")
    return table("The blend without each source, and of each alone", head, cells)


def _span(bounds: Sequence[float]) -> tuple[float, float]:
    return bounds[0], bounds[1]


def _effect_color(bounds: Sequence[float]) -> str:
    return "accent" if bounds[1] < 0 else "warn" if bounds[0] > 0 else "plain"


def _source_ablation_text(without: Sequence[Values]) -> str:
    """Which sources are missed, and which the blend does better without."""
    missed = [label(r["source"]) for r in without if r["difference_ci"][1] < 0]
    better = [label(r["source"]) for r in without if r["difference_ci"][0] > 0]
    words = f"The blend misses {_listed(missed)} when left out" if missed else "No single source is missed when left out"
    return f"{words}, and does measurably better without {_listed(better)}." if better else f"{words}."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def ageing_section(report: Values, anchor: str) -> Section:
    """Old against fresh by age."""
    ageing = report["ageing"]
    windows: Sequence[Values] = ageing["windows"]
    ages = [float(w["age"]) for w in windows]
    series = [
        Series(name, [w[key]["ndcg"] for w in windows], [w[key]["ndcg_ci"] for w in windows], kind, shape)
        for name, key, kind, shape in (("Trained anew", "fresh", "accent", "dot"), ("Left to age", "stale", "warn", "ring"))
    ]
    by_time = ageing["by"] == "time"
    axis = "age of the old model in days" if by_time else "courses each learner has taken since training"
    alt = f"NDCG by {axis}: a model trained anew each time and one left to age. Numbers in the table."
    legend = [(one.label, one.kind, one.shape) for one in series]
    plot = series_chart(ages, series, alt, axis, f"NDCG@{ageing['k']}")
    head = ("Age", *(("From",) if by_time else ()), "Learners", "Left to age", "Trained anew", "Difference")
    cells: list[list[Cell]] = [
        [
            f"{w['age']:,.0f} {ageing['unit']}",
            *((str(w["from"]),) if by_time else ()),
            count(w["n_users"]),
            *((decimal(w[key]["ndcg"]), interval(w[key]["ndcg_ci"])) for key in ("stale", "fresh")),
            (signed(w["difference"]), interval(w["difference_ci"], sign=True)),
        ]
        for w in windows
    ]
    words = "Both know each learner's history up to the moment of asking; only what was learned from everybody is older. "
    words += "Both lines fall or rise together where a window is harder or easier; their distance is what age costs."
    body = figure(plot, words, table("Old against fresh", head, cells), legend)
    return Section(anchor, "Age", "How a model ages", paragraph(_ageing_sentence(windows, ageing["unit"])) + body)


def _ageing_sentence(windows: Sequence[Values], unit: str) -> str:
    last = windows[-1]
    fresh = last["fresh"]["ndcg"]
    share = f", {percent(abs(last['difference']) / fresh, 0)} of what a fresh one reaches" if fresh else ""
    lost = "cannot be told from a fresh one" if last["difference_ci"][0] <= 0 <= last["difference_ci"][1] else "has"
    if lost == "has":
        way = "lost" if last["difference"] < 0 else "gained"
        return f"After {last['age']:,.0f} {unit} a model that was not trained again has {way} {abs(last['difference']):.3f} NDCG{share}."
    return f"After {last['age']:,.0f} {unit} a model that was not trained again {lost}."
