"""Model sections of a report: the result, models, accuracy against variety, cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recsys.report.formatting import count, decimal, duration, interval, label, label_in_sentence, percent, points, signed
from recsys.report.html import Cell, Section, figure, paragraph, table, tiles
from recsys.report.plots import HALF, Point, Row, interval_rows, scatter

Values = Mapping[str, Any]
BLENDS = ("hybrid", "hybrid_policy", "hybrid_collaborative")


def by_ndcg(models: Values) -> list[str]:
    """Names of models, the best first."""
    return sorted(models, key=lambda name: -models[name]["ndcg"])


def is_from_other_library(name: str) -> bool:
    """Is this a model of another library? Benchmarks name those by the library and its model."""
    return " " in name


def display_name(name: str) -> str:
    """What people call a model; models of other libraries keep the names they have there."""
    return name if is_from_other_library(name) else label(name)


def best_single_model_name(models: Values, *, peers: bool = False) -> str | None:
    """The best model that is no blend, ours or of other libraries, among those that ranked for every learner."""
    everyone = max((row.get("learners", 0) for row in models.values()), default=0)
    names = (name for name in by_ndcg(models) if name not in BLENDS and is_from_other_library(name) == peers)
    return next((name for name in names if models[name].get("learners", everyone) == everyone), None)


@dataclass(frozen=True)
class Rival:
    """What the hybrid is compared with: its name in a sentence, its NDCG, and the paired difference "hybrid minus it"."""

    name: str
    ndcg: float
    difference: float
    bounds: Sequence[float]


def rival(report: Values) -> Rival | None:
    """The better of the best single model and the best source alone, as the blend tunes it; None where none was compared."""
    single = best_single_model_name(report["models"])
    rivals = [] if single is None else _rivals_compared(report, single, label_in_sentence(single))
    for row in report.get("ablation") or ():
        if row["kind"] == "alone":
            low, high = row["difference_ci"]
            rivals.append(
                Rival(f"{label_in_sentence(row['source'])} as the blend tunes it", row["ndcg"], -row["difference"], (-high, -low))
            )
    return max(rivals, key=lambda one: one.ndcg, default=None)  # of equals the model, which comes first


def _rivals_compared(report: Values, name: str, words: str) -> list[Rival]:
    difference = report.get("differences", {}).get(f"hybrid - {name}")
    return [Rival(words, report["models"][name]["ndcg"], difference["ndcg"], difference["ci"])] if difference else []


def color(name: str) -> str:
    """The color class of a model: blends and models of other libraries stand out."""
    return {"hybrid": "accent", "hybrid_policy": "sky", "hybrid_collaborative": "sky"}.get(
        name, "warn" if is_from_other_library(name) else "plain"
    )


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
    return Section(anchor, "In short", f"{label(leader)} in short", paragraph(verdict_text(report)) + tiles(facts))


def verdict_text(report: Values) -> str:
    """What the blend is worth in words: against the best single model, or source alone, and against the best of other libraries."""
    models, k = report["models"], report["data"]["k"]
    first, best, single = by_ndcg(models)[0], rival(report), best_single_model_name(models)
    if "hybrid" not in models or best is None:
        return f"{display_name(first)} ranks best: NDCG@{k} {decimal(models[first]['ndcg'])} ({interval(models[first].get('ndcg_ci'))})."
    is_model = single is not None and best.name == label_in_sentence(single)
    words = (
        f"The hybrid reaches NDCG@{k} {decimal(models['hybrid']['ndcg'])}, {_comparison_words(best)} {best.name}, the best single "
        f"{'model' if is_model else 'source'} ({decimal(best.ndcg)}): the difference is {_difference_with_interval(best)}."
    )
    if single is not None and not is_model:
        words += f" The best single model with its own settings is {label_in_sentence(single)} ({decimal(models[single]['ndcg'])})."
    peer = best_single_model_name(models, peers=True)
    for other in _rivals_compared(report, peer, peer) if peer else ():
        gap = _difference_with_interval(other)
        words += f" It is {_comparison_words(other)} the best of other libraries, {other.name} ({decimal(other.ndcg)}): {gap}."
    return words


def _comparison_words(rival: Rival) -> str:
    return "more than" if rival.bounds[0] > 0 else "less than" if rival.bounds[1] < 0 else "not measurably different from"


def _difference_with_interval(rival: Rival) -> str:
    return f"{signed(rival.difference)} ({interval(list(rival.bounds), sign=True)})"


def overview_section(results: Sequence[tuple[str, Values]], anchor: str) -> Section:
    """The blend against the best single model, or source alone, and the best of other libraries on every data set."""
    peers = any(best_single_model_name(report["models"], peers=True) for _, report in results)
    cells: list[list[Cell]] = []
    for name, report in results:
        models, best = report["models"], rival(report)
        leader = "hybrid" if "hybrid" in models else by_ndcg(models)[0]
        row: list[Cell] = [name, count(report["data"]["n_users"]), count(report["data"]["n_items"])]
        row += [(decimal(models[leader]["ndcg"]), interval(models[leader]["ndcg_ci"]))]
        row += _versus(best) if best else ["–", "–"]
        if peers:
            peer = best_single_model_name(models, peers=True)
            row += next((_versus(other) for other in (_rivals_compared(report, peer, peer) if peer else ())), ["–", "–"])
        cells.append(row)
    head = ["Data", "Learners", "Courses", "NDCG of the hybrid", "Best single", "Difference"]
    head += ["Best of other libraries", "Difference"] if peers else []
    intro = "Each row is an evaluation of its own, told in full below."
    return Section(anchor, "Overview", "The hybrid on every data set", paragraph(intro) + table("NDCG by data set", head, cells))


def _versus(rival: Rival) -> list[Cell]:
    return [(decimal(rival.ndcg), rival.name), (signed(rival.difference), interval(list(rival.bounds), sign=True))]


def models_section(report: Values, anchor: str) -> Section:
    """Every model with its interval, and all metrics."""
    models, k = report["models"], report["data"]["k"]
    names = by_ndcg(models)
    rows = [_model_row(n, models[n]) for n in names]
    shown = ", ".join(display_name(n) for n in names)
    alt = f"NDCG at {k} of {len(names)} models with intervals, the best first: {shown}. Numbers in the table."
    head = ("Model", "NDCG", "Recall", "Precision", "Hit", "MRR", "MAP")
    cells: list[list[Cell]] = [[_name_cell(n, report), *(_metric_cell(models[n], m) for m in _ACCURACY)] for n in names]
    strong = [names.index("hybrid")] if "hybrid" in names else []
    words = "Dot: mean over learners. Line: its 95 % interval. Green: the hybrid, blue: its variants"
    words += ", amber: models of other libraries, tuned on the same training part." if any(map(is_from_other_library, names)) else "."
    numbers = table(f"Accuracy of lists of {k}, with 95 % intervals", head, cells, strong)
    how = "Every course competes for every learner; courses a learner took in training are left out, nothing else is."
    failed = report.get("failed") or {}
    missing = f"Not measured: {'; '.join(f'{name} ({error})' for name, error in failed.items())}." if failed else ""
    body = paragraph(how) + figure(interval_rows(rows, alt, f"NDCG@{k}"), words, numbers) + (paragraph(missing, "soft") if missing else "")
    return Section(anchor, "Models", "How well each model ranks", body)


def _name_cell(name: str, report: Values) -> Cell:
    """The cell of a model's name, with how many learners it ranked for where these are not all."""
    ranked = report["models"][name].get("learners")
    return (
        (display_name(name), f"for {count(ranked)} learners only")
        if ranked and ranked != report["data"]["n_test_users"]
        else display_name(name)
    )


def _model_row(name: str, row: Values) -> Row:
    low, high = row["ndcg_ci"]
    return Row(display_name(name), row["ndcg"], low, high, color(name), decimal(row["ndcg"]))


_ACCURACY = ("ndcg", "recall", "precision", "hit", "mrr", "map")


def _metric_cell(row: Values, metric: str) -> Cell:
    # Results stored before every metric had its interval are drawn too.
    bounds = row.get(f"{metric}_ci")
    return (decimal(row[metric]), interval(bounds)) if bounds else decimal(row[metric])


_VARIETY: tuple[tuple[str, str, str, Callable[[float], str]], ...] = (
    ("coverage", "Coverage of the catalog", "Coverage", percent),
    ("novelty", "Novelty (bits)", "Novelty", lambda v: decimal(v, 2)),
    ("niche_share", "Niche share", "Niche", percent),
)


_NAMED = 6  # dots of more models have numbers: their names would cover each other
_EVENNESS: tuple[tuple[str, str, str, Callable[[float], str]], ...] = (
    ("gini", "Gini index of recommendations", "Gini", lambda v: decimal(v, 2)),
    ("distinct_topics", "Topics in a list", "Topics a list", lambda v: decimal(v, 2)),
)


def variety_section(report: Values, anchor: str) -> Section:
    """Accuracy against coverage, novelty and niche share, with the level mix where courses have levels."""
    models, data = report["models"], report["data"]
    names = by_ndcg(models)
    axes = [axis for axis in _VARIETY if all(axis[0] in models[n] for n in names)]  # benchmarks once wrote fewer
    extra = [axis for axis in _EVENNESS if all(axis[0] in models[n] for n in names)]
    many = len(names) > _NAMED
    ranks = {n: f"{rank}. " if many else "" for rank, n in enumerate(names, 1)}
    dot_labels = {n: ranks[n].rstrip(". ") if many and n != "hybrid" else display_name(n) for n in names}
    plots = "".join(
        scatter(
            [Point(models[n][key], models[n]["ndcg"], dot_labels[n], color(n)) for n in reversed(names)],
            f"NDCG against {axis.lower()} of {len(names)} models. Numbers in the table.",
            axis,
            f"NDCG@{data['k']}",
        )
        for key, axis, _, _ in axes
    )
    figures = (*axes, *extra)
    cells = [[ranks[n] + display_name(n), decimal(models[n]["ndcg"]), *(say(models[n][key]) for key, _, _, say in figures)] for n in names]
    head = ("Model", "NDCG", *(name for _, _, name, _ in figures))
    words = "Further right is more varied, further up more accurate. Niche: outside the most popular fifth of the catalog."
    words += " The number at a dot is that of its row." if many else ""
    body = figure(plots, words, table("Variety of lists", head, cells, [names.index("hybrid")] if "hybrid" in names else []))
    return Section(anchor, "Variety", "Accuracy against variety", body + _level_mix_table(report, names))


def _level_mix_table(report: Values, names: Sequence[str]) -> str:
    """The level mix of lists against its target, as a table."""
    target, models = report["data"].get("level_target"), report["models"]
    if not target:
        return ""
    cells = [["Target", *(percent(target[level], 0) for level in target), "", ""]]
    for n in names:
        mix = models[n].get("level_mix")
        if mix:
            ends = (points(models[n]["level_gap"] * 100), decimal(models[n]["level_distance"], 2))
            cells.append([display_name(n), *(percent(mix[level], 0) for level in target), *ends])
    head = ("Model", *(level.capitalize() for level in target), "Furthest off", "A list, on average")
    intro = (
        "Levels of recommended courses against the policy's target. The last column is the share of a list that would have to be exchanged."
    )
    return paragraph(intro) + table("Level mix", head, cells, [0])


def cost_section(report: Values, anchor: str) -> Section:
    """Seconds to train and microseconds to rank."""
    models = report["models"]
    names = sorted(models, key=lambda n: models[n]["fit_seconds"])
    least = 0.001  # below a millisecond the clock says little, and a logarithm needs something
    fit = [
        Row(display_name(n), max(models[n]["fit_seconds"], least), kind=color(n), shown=duration(models[n]["fit_seconds"])) for n in names
    ]
    rank = [
        Row(display_name(n), max(models[n]["score_us_per_user"], 1.0), kind=color(n), shown=f"{models[n]['score_us_per_user']:,.0f} µs")
        for n in names
    ]
    alt = "of each model on a logarithmic scale, the fastest to train first. Numbers in the table."
    training = interval_rows(fit, f"Training time {alt}", "seconds", log=True, width=HALF)
    ranking = interval_rows(rank, f"Ranking time {alt}", "microseconds", log=True, width=HALF)
    plots = f"<div><h4>Training</h4>{training}</div><div><h4>Ranking for one learner, in batches</h4>{ranking}</div>"
    searched = any("search_seconds" in models[n] for n in names)
    head = ("Model", "Training", *(("Search before",) if searched else ()), "In batches", "One alone", "Peak memory")
    cells = [
        [
            display_name(n),
            duration(models[n]["fit_seconds"]),
            *((duration(models[n].get("search_seconds", 0.0)),) if searched else ()),
            f"{models[n]['score_us_per_user']:,.0f} µs",
            f"{models[n]['score_us_single']:,.0f} µs" if "score_us_single" in models[n] else "–",
            f"{models[n]['peak_mb']:,.0f} MB",
        ]
        for n in names
    ]
    words = "Both scales are logarithmic: each grid line is ten times the one before. Times are of this run on its machine."
    if machine := report.get("machine"):
        words = words.replace("its machine", f"{machine['cores']} cores of {machine['cpu']}")
    return Section(anchor, "Cost", "What it costs", figure(plots, words, table("Time and memory", head, cells)))


def data_line(data: Values) -> str:
    """What was evaluated on, in a line; nothing where sizes are unknown."""
    ways = {"leave-last": "each learner's newest course is held out", "random": "a random fifth of courses is held out"}
    ways |= {"time": "everything after a moment is held out", "given": "the courses to find came in a file of their own"}
    how = ways.get(str(data.get("split")), "courses are held out")
    if data.get("split") == "given" and data.get("protocol") == "random":
        how += ", a random part of each history"
    sizes = (("n_users", "learners"), ("n_items", "courses"), ("n_interactions", "interactions to learn from"))
    sized = ", ".join(f"{count(data[key])} {what}" for key, what in sizes if key in data)
    held_out = f"{count(data['n_test_interactions'])} to find for" if "n_test_interactions" in data else "measured on"
    return f"{sized}; {how}: {held_out} {count(data['n_test_users'])} learners." if sized else ""
