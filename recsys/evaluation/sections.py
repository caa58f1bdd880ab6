"""Sections of the report that every evaluation has: the result, models, accuracy against variety, cost."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recsys.evaluation.html import Cell, Section, figure, paragraph, table, tiles
from recsys.evaluation.plots import HALF, Point, Row, interval_rows, scatter
from recsys.evaluation.words import count, decimal, duration, inline, interval, label, percent, signed

Values = Mapping[str, Any]
BLENDS = ("hybrid", "hybrid_policy", "hybrid_collaborative")


def by_ndcg(models: Values) -> list[str]:
    """Names of models, the best first."""
    return sorted(models, key=lambda name: -models[name]["ndcg"])


def best_single(models: Values) -> str | None:
    """The best model that is no blend."""
    return next((name for name in by_ndcg(models) if name not in BLENDS), None)


def color(name: str) -> str:
    """The color class of a model: blends stand out."""
    return {"hybrid": "accent", "hybrid_policy": "sky", "hybrid_collaborative": "sky"}.get(name, "plain")


def summary(report: Values, anchor: str) -> Section:
    """What came out, in a sentence and four figures."""
    models, data = report["models"], report["data"]
    leader = "hybrid" if "hybrid" in models else by_ndcg(models)[0]
    row, k = models[leader], data["k"]
    facts = [
        (f"NDCG@{k}", decimal(row["ndcg"]), interval(row.get("ndcg_ci"))),
        (f"Recall@{k}", percent(row["recall"]), "of what was held out"),
        ("Coverage", percent(row["coverage"]), "of the catalog is shown"),
        ("Niche share", percent(row["niche_share"]), "of places"),
        ("Training", duration(row["fit_seconds"]), f"{row['score_us_per_user']:,.0f} µs a learner to rank"),
    ]
    return Section(anchor, "In short", f"{label(leader)} in short", paragraph(verdict(report)) + tiles(facts))


def verdict(report: Values) -> str:
    """One sentence on the blend against the best single model."""
    models, k = report["models"], report["data"]["k"]
    first = by_ndcg(models)[0]
    single = best_single(models)
    found = report.get("differences", {}).get(f"hybrid - {single}")
    if "hybrid" not in models or not found:
        return f"{label(first)} ranks best: NDCG@{k} {decimal(models[first]['ndcg'])} ({interval(models[first].get('ndcg_ci'))})."
    sure = "more than" if found["ci"][0] > 0 else "less than" if found["ci"][1] < 0 else "not measurably different from"
    return (
        f"The hybrid reaches NDCG@{k} {decimal(models['hybrid']['ndcg'])}, {sure} {inline(str(single))}, the best single model "
        f"({decimal(models[str(single)]['ndcg'])}): the difference is {signed(found['ndcg'])} ({interval(found['ci'], sign=True)})."
    )


def overview_section(results: Sequence[tuple[str, Values]], anchor: str) -> Section:
    """The blend against the best single model on every data set."""
    cells: list[list[Cell]] = []
    for name, report in results:
        models, single = report["models"], best_single(report["models"])
        leader = "hybrid" if "hybrid" in models else by_ndcg(models)[0]
        found = report.get("differences", {}).get(f"hybrid - {single}")
        cells.append(
            [
                name,
                count(report["data"]["n_users"]),
                count(report["data"]["n_items"]),
                (decimal(models[leader]["ndcg"]), interval(models[leader]["ndcg_ci"])),
                (decimal(models[single]["ndcg"]), label(single)) if single else "–",
                (signed(found["ndcg"]), interval(found["ci"], sign=True)) if found else "–",
            ]
        )
    head = ("Data", "Learners", "Courses", "NDCG of the hybrid", "Best single model", "Difference")
    told = "Each row is an evaluation of its own, told in full below."
    return Section(anchor, "Overview", "The hybrid on every data set", paragraph(told) + table("NDCG by data set", head, cells))


def models_section(report: Values, anchor: str) -> Section:
    """Every model with its interval, and all metrics."""
    models, k = report["models"], report["data"]["k"]
    names = by_ndcg(models)
    rows = [_model_row(n, models[n]) for n in names]
    alt = f"NDCG at {k} of {len(names)} models with intervals, the best first: {', '.join(label(n) for n in names)}. Numbers in the table."
    head = ("Model", "NDCG", "Recall", "Precision", "Hit", "MRR", "MAP")
    cells: list[list[Cell]] = [[label(n), *(_with_interval(models[n], m) for m in _ACCURACY)] for n in names]
    strong = [names.index("hybrid")] if "hybrid" in names else []
    words = "Dot: mean over learners. Line: its 95 % interval. Green: the hybrid, blue: its variants."
    numbers = table(f"Accuracy of lists of {k}, with 95 % intervals", head, cells, strong)
    how = "Every course competes for every learner; courses a learner took in training are left out, nothing else is."
    body = paragraph(how) + figure(interval_rows(rows, alt, f"NDCG@{k}"), words, numbers)
    return Section(anchor, "Models", "How well each model ranks", body)


def _model_row(name: str, row: Values) -> Row:
    low, high = row["ndcg_ci"]
    return Row(label(name), row["ndcg"], low, high, color(name), decimal(row["ndcg"]))


_ACCURACY = ("ndcg", "recall", "precision", "hit", "mrr", "map")


def _with_interval(row: Values, metric: str) -> Cell:
    # Results stored before every metric had its interval are drawn too.
    bounds = row.get(f"{metric}_ci")
    return (decimal(row[metric]), interval(bounds)) if bounds else decimal(row[metric])


_VARIETY: tuple[tuple[str, str, str, Callable[[float], str]], ...] = (
    ("coverage", "Coverage of the catalog", "Coverage", percent),
    ("novelty", "Novelty (bits)", "Novelty", lambda v: decimal(v, 2)),
    ("niche_share", "Niche share", "Niche", percent),
)


def variety_section(report: Values, anchor: str) -> Section:
    """Accuracy against coverage, novelty and niche share, with the level mix where courses have levels."""
    models, data = report["models"], report["data"]
    names = by_ndcg(models)
    plots = "".join(
        scatter(
            [Point(models[n][key], models[n]["ndcg"], label(n), color(n)) for n in reversed(names)],
            f"NDCG against {axis.lower()} of {len(names)} models. Numbers in the table.",
            axis,
            f"NDCG@{data['k']}",
        )
        for key, axis, _, _ in _VARIETY
    )
    cells = [
        [
            label(n),
            decimal(models[n]["ndcg"]),
            *(say(models[n][key]) for key, _, _, say in _VARIETY),
            decimal(models[n]["gini"], 2),
            decimal(models[n]["distinct_topics"], 2),
        ]
        for n in names
    ]
    head = ("Model", "NDCG", *(name for _, _, name, _ in _VARIETY), "Gini", "Topics a list")
    words = "Further right is more varied, further up more accurate. Niche: outside the most popular fifth of the catalog."
    body = figure(plots, words, table("Variety of lists", head, cells, [names.index("hybrid")] if "hybrid" in names else []))
    return Section(anchor, "Variety", "Accuracy against variety", body + _levels(report, names))


def _levels(report: Values, names: Sequence[str]) -> str:
    """The level mix of lists against its target, as a table."""
    target, models = report["data"].get("level_target"), report["models"]
    if not target:
        return ""
    cells = [["Target", *(percent(target[level], 0) for level in target), "", ""]]
    for n in names:
        mix = models[n].get("level_mix")
        if mix:
            ends = (f"{models[n]['level_gap'] * 100:.0f} points", decimal(models[n]["level_distance"], 2))
            cells.append([label(n), *(percent(mix[level], 0) for level in target), *ends])
    head = ("Model", *(level.capitalize() for level in target), "Furthest off", "A list, on average")
    told = (
        "Levels of recommended courses against the policy's target. The last column is the share of a list that would have to be exchanged."
    )
    return paragraph(told) + table("Level mix", head, cells, [0])


def cost_section(report: Values, anchor: str) -> Section:
    """Seconds to train and microseconds to rank."""
    models = report["models"]
    names = sorted(models, key=lambda n: models[n]["fit_seconds"])
    least = 0.001  # below a millisecond the clock says little, and a logarithm needs something
    fit = [Row(label(n), max(models[n]["fit_seconds"], least), kind=color(n), shown=duration(models[n]["fit_seconds"])) for n in names]
    rank = [
        Row(label(n), max(models[n]["score_us_per_user"], 1.0), kind=color(n), shown=f"{models[n]['score_us_per_user']:,.0f} µs")
        for n in names
    ]
    alt = "of each model on a logarithmic scale, the fastest to train first. Numbers in the table."
    training = interval_rows(fit, f"Training time {alt}", "seconds", log=True, width=HALF)
    ranking = interval_rows(rank, f"Ranking time {alt}", "microseconds", log=True, width=HALF)
    plots = f"<div><h4>Training</h4>{training}</div><div><h4>Ranking for one learner, in batches</h4>{ranking}</div>"
    head = ("Model", "Training", "In batches", "One alone", "Peak memory")
    cells = [
        [
            label(n),
            duration(models[n]["fit_seconds"]),
            f"{models[n]['score_us_per_user']:,.0f} µs",
            f"{models[n]['score_us_single']:,.0f} µs" if "score_us_single" in models[n] else "–",
            f"{models[n]['peak_mb']:,.0f} MB",
        ]
        for n in names
    ]
    words = "Both scales are logarithmic: each grid line is ten times the one before. Times are of this run on its machine."
    return Section(anchor, "Cost", "What it costs", figure(plots, words, table("Time and memory", head, cells)))


def data_line(data: Values) -> str:
    """What was evaluated on, in a line."""
    ways = {"leave-last": "each learner's newest course is held out", "random": "a random fifth of courses is held out"}
    ways |= {"time": "everything after a moment is held out", "given": "the courses to find came in a file of their own"}
    how = ways.get(str(data.get("split")), "courses are held out")
    if data.get("split") == "given" and data.get("protocol") == "random":
        how += ", a random part of each history"
    return (
        f"{count(data['n_users'])} learners, {count(data['n_items'])} courses, {count(data['n_interactions'])} interactions to learn from; "
        f"{how}: {count(data['n_test_interactions'])} to find for {count(data['n_test_users'])} learners."
    )
