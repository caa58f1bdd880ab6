"""The HTML report says the figures, stands alone, and hides nothing from those who do not see plots."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.data.slates import LoggedPlace, LoggedSlates
from recsys.errors import DataError
from recsys.evaluation.counterfactual import Settings
from recsys.evaluation.results import build_report
from recsys.evaluation.target_policy import TargetPlace, TargetPolicy
from recsys.pipelines.ablate import ablate, ablate_features
from recsys.pipelines.ageing import measure_ageing
from recsys.pipelines.counterfactual import evaluate_targets
from recsys.pipelines.evaluate import COLLABORATIVE, HYBRID, make_split, measure_models, slice_outcomes
from recsys.report.document import document
from tests.recsys import worlds

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Elements of a page in order, refusing tags that do not close."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    """A whole evaluation of the two subjects, as it is stored."""
    dataset = worlds.dataset()
    split = make_split(dataset, "leave-last", seed=0)
    outcomes = measure_models(split, ["popularity", "ease", "content", HYBRID, COLLABORATIVE], k=3)
    report = build_report(outcomes, split, 3, 0)
    full = next(o for o in outcomes if o.name == HYBRID)
    report.sections["slices"] = slice_outcomes(outcomes, split, k=3, seed=0, segments={"<team>": {"u1": "a & b"}})
    report.sections["ablation"] = ablate(split, full, k=3, sources=["ease", "popularity"])
    report.sections["ablation"] += ablate_features(split, full, k=3, sources=["ease", "popularity"])
    report.sections["ageing"] = measure_ageing(dataset, by="position", k=3)
    report.data["name"] = "two subjects"
    return report.to_json()


def test_the_page_needs_nothing_from_elsewhere_and_no_script(result: dict[str, Any]) -> None:
    markup = document([("two", result)])
    page = Page(markup)
    assert not page.all("script")
    assert not page.all("link")
    assert not re.search(r"https?://|url\(|@import|src=", markup)
    assert "prefers-color-scheme: dark" in markup
    assert [a["name"] for a in page.all("meta") if a.get("name") == "viewport"]


def test_every_plot_says_what_it_shows_and_has_its_table(result: dict[str, Any]) -> None:
    page = Page(document([("two", result)]))
    plots = [a for a in page.all("svg") if "plot" in (a["class"] or "") and a.get("aria-hidden") is None]
    assert len(plots) > 10
    assert all(a["role"] == "img" and len(a["aria-label"] or "") > 20 for a in plots)
    figures = document([("two", result)]).split('<div class="figure')[1:]
    assert all("<table" in part for part in figures)


def test_links_of_the_contents_lead_somewhere_once(result: dict[str, Any]) -> None:
    for results in ([("a", result)], [("a", result), ("b", result)]):
        page = Page(document(results))
        anchors = [a["id"] for a in page.all("section")]
        assert len(anchors) == len(set(anchors))
        assert [(a["href"] or "")[1:] for a in page.all("a")] == anchors
    assert len(page.all("h1")) == 1


def test_the_figures_are_said(result: dict[str, Any]) -> None:
    markup = document([("two", result)])
    for row in result["models"].values():
        assert f"{row['ndcg']:.3f}" in markup
    assert "Hybrid without content" in markup
    assert "The blend" in markup


def test_features_left_out_are_named_and_may_be_missing(result: dict[str, Any]) -> None:
    markup = document([("two", result)])
    assert "One feature left out" in markup
    assert all(name in markup for name in ("EASE: power 0", "EASE: as it is", "All: rooted"))
    older = {**result, "ablation": [row for row in result["ablation"] if "feature" not in row]}
    assert "One feature left out" not in document([("two", older)])


def test_every_metric_is_drawn_with_its_interval_where_it_has_one(result: dict[str, Any]) -> None:
    row = result["models"]["hybrid"]
    low, high = row["map_ci"]
    assert f"{low:.3f} to {high:.3f}" in document([("two", result)])
    stored = {name: {key: value for key, value in one.items() if key != "map_ci"} for name, one in result["models"].items()}
    assert f"{row['map']:.3f}" in document([("two", {**result, "models": stored})])


def test_words_from_data_are_no_markup(result: dict[str, Any]) -> None:
    markup = document([("<b>bold</b>", {**result, "data": {**result["data"], "name": "<i>x</i>"}}), ("two", result)], title="<script>")
    page = Page(markup)
    assert not page.all("script")
    assert not page.all("i")
    assert "&lt;team&gt;" in markup
    assert "A &amp; b" in markup


def test_curves_of_others_join_the_page() -> None:
    curve = [{"diversity": d, "ndcg": 0.3 - d / 10, "niche_share": 0.2 + d, "distinct_topics": 5 + d} for d in (0.0, 0.5)]
    bins = [{"count": 40, "predicted": 0.2, "observed": 0.25, "low": 0.1, "high": 0.4}]
    niche = [{"niche_quota": q, "ndcg": n, "niche_share": s} for q, n, s in ((0.0, 0.4, 0.2), (0.1, 0.4, 0.2), (0.5, 0.3, 0.6))]
    markup = document(
        [
            ("reranking", {"curve": curve, "niche_curve": niche}),
            ("chances", {"reliability": {"bins": bins}}),
            ("gate", {"promote": False, "reasons": ["NDCG fell."]}),
        ]
    )
    assert "−16.7" in markup
    assert "−25.0" in markup
    assert ">0 to 0.1</text>" in markup  # a quota that changes nothing has one name for both dots
    assert "25.0\u00a0%" in markup
    assert "held back" in markup
    assert "NDCG fell." in markup


def test_two_evaluations_are_set_side_by_side(result: dict[str, Any]) -> None:
    other = {**result, "data": {**result["data"], "name": "the other"}}
    overview = document([("a", result), ("b", other)]).split('id="overview"')[1].split("</section>")[0]
    assert overview.index("two subjects") < overview.index("the other")
    assert f"{result['models']['hybrid']['ndcg']:.3f}" in overview


def test_what_a_policy_would_have_brought_is_drawn() -> None:
    rng = np.random.default_rng(0)
    shown = [("ab"[rng.integers(2)], f"s{n}") for n in range(200)]
    log = LoggedSlates.from_places(LoggedPlace(s, f"u{s}", 1, item, 0.5, float(rng.random() < 0.4), "") for item, s in shown)
    target = TargetPolicy.from_places("always a", log, (TargetPlace(s, 1, "a", 1.0) for _, s in shown))
    stored = json.loads(json.dumps(evaluate_targets(log, [target], Settings(samples=100)).to_json()))
    markup = document([("logged", stored)])
    assert "What “always a” would have brought" in markup
    assert "Doubly robust" in markup
    assert f"{stored['targets']['always a']['estimates']['snips']['value']:.3f}" in markup


def test_how_well_chances_are_told_is_drawn() -> None:
    scores = {name: [0.2, 0.1, 0.3] for name in ("auc", "brier", "brier_skill", "log_loss", "ece")}
    bins = [{"count": 40, "predicted": 0.2, "observed": 0.25, "low": 0.1, "high": 0.4}]
    stored = {
        "train": {"known": 1_000},
        "test": {"attempts": 40, "learners": 30, "share_finished": 0.25},
        "models": {"additive": {**scores, "reliability": bins}, "overall share": {**scores, "reliability": bins}},
    }
    markup = document([("finishing", stored)])
    assert "1,000 known outcomes" in markup
    assert "Do stated chances come true?" in markup


def test_the_headline_is_told_of_the_better_of_model_and_source_alone(result: dict[str, Any]) -> None:
    def summary_section(ndcg: float) -> str:
        alone = {"kind": "alone", "source": "ease", "ndcg": ndcg, "ndcg_ci": [0.3, 0.5], "fit_seconds": 1.0}
        rows = [row for row in result["ablation"] if row["kind"] == "without"]
        rows.append({**alone, "difference": -0.0625, "difference_ci": [-0.11, -0.03]})
        return document([("two", {**result, "ablation": rows})]).split('id="summary"')[1].split("<dl")[0]

    better, worse = summary_section(2.0), summary_section(0.0)
    assert "more than EASE as the blend tunes it, the best single source (2.000): the difference is +0.062 (+0.030 to +0.110)" in better
    assert "The best single model with its own settings is" in better
    assert "as the blend tunes it" not in worse
    assert "the best single model" in worse


def test_series_of_a_plot_differ_in_color_and_in_shape(result: dict[str, Any]) -> None:
    markup = document([("two", result)])
    legends = [part.split("</ul>")[0] for part in markup.split('<ul class="legend">')[1:]]
    assert len(legends) >= 4
    for legend in legends:
        drawn = re.findall(r'<svg viewBox="0 0 14 14"[^>]*>(<(\w+)[^>]*class="(\w+) (\w+)"[^>]*>)', legend)
        assert len(drawn) == legend.count("<li>") > 1
        assert len({kind for _, _, _, kind in drawn}) == len(drawn)
        shapes = [(tag, look, re.findall(r"l[^z]*", re.sub(r"M[\d.]+ [\d.]+", "", whole))) for whole, tag, look, _ in drawn]
        assert all(one != other for n, one in enumerate(shapes) for other in shapes[:n])


def test_dots_of_many_models_have_the_numbers_of_their_rows(result: dict[str, Any]) -> None:
    row = result["models"]["popularity"]
    models = {**result["models"], **{f"model_{n}": {**row, "ndcg": n / 100, "coverage": n / 10} for n in range(4)}}
    section = document([("two", {**result, "models": models})]).split('id="variety"')[1].split("</section>")[0]
    first = section.split("</svg>")[0]
    for rank, name in enumerate(sorted(models, key=lambda name: -models[name]["ndcg"]), 1):
        assert f'<th scope="row">{rank}. ' in section
        assert (">Hybrid</text>" if name == "hybrid" else f">{rank}</text>") in first


def test_results_of_benchmarks_from_before_they_had_all_figures_are_drawn(result: dict[str, Any]) -> None:
    kept = ("ndcg", "recall", "precision", "hit", "mrr", "map", "ndcg_ci", "coverage", "gini", "niche_share")
    kept += ("fit_seconds", "score_us_per_user", "peak_mb")
    models = {name: {key: row[key] for key in kept} for name, row in result["models"].items()}
    data = {key: value for key, value in result["data"].items() if key not in ("n_test_interactions", "split", "level_target")}
    markup = document([("old", {"models": models, "data": data, "differences": {}})])
    assert "courses are held out: measured on" in markup
    assert "Novelty" not in markup


def test_one_point_off_is_one_point(result: dict[str, Any]) -> None:
    mix = {"beginner": 0.3, "intermediate": 0.4, "advanced": 0.3}
    models = {name: {**row, "level_mix": mix, "level_gap": 0.01, "level_distance": 0.1} for name, row in result["models"].items()}
    markup = document([("two", {**result, "models": models, "data": {**result["data"], "level_target": mix}})])
    assert ">1 point<" in markup
    assert "1 points" not in markup


def test_steps_of_reranking_without_levels_have_no_levels() -> None:
    figures = {"ndcg": 0.3, "ndcg_lost": -0.01, "ndcg_lost_ci": [-0.03, -0.001], "niche_share": 0.2, "level_gap": None}
    markup = document([("mine", {"steps": {"none": {**figures, "ndcg_lost": 0.0, "ndcg_lost_ci": [0.0, 0.0]}, "policy": figures}})])
    assert "The policy brings 1.0\u00a0% of NDCG (0.1\u00a0% to 3.0\u00a0%)" in markup
    assert "Levels off target</th>" not in markup


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"splits": []},
        {"splits": [1]},
        {"inner": {"other": 1}},
        {"steps": {"none": {}}},
        {"weeks": {"a": {}}},
        {"models": {"a": {}}, "data": {}},
        {"models": {}, "data": {}},
        {"curve": [{"ndcg": 1}]},
        {"reliability": {}},
    ],
)
def test_what_is_no_result_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="foreign"):
        document([("foreign", values)])


def test_one_model_and_no_interval_of_width_are_drawn_too() -> None:
    frame = pd.DataFrame({"user_id": ["a", "a", "b", "b"], "item_id": ["x", "y", "x", "y"], "timestamp": np.arange(4)})
    split = make_split(Dataset.from_frames(frame), "leave-last", seed=0)
    report = build_report(measure_models(split, ["popularity"], k=1), split, 1, 0)
    page = Page(document([("small", report.to_json())]))
    assert page.all("table")
