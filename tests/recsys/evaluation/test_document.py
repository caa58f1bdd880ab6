"""The HTML report says the figures, stands alone, and hides nothing from those who do not see plots."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.errors import DataError
from recsys.evaluation.counterfactual import Settings
from recsys.evaluation.document import document
from recsys.evaluation.logged import LoggedPlace, LoggedSlates, TargetPlace, TargetPolicy
from recsys.evaluation.report import build_report
from recsys.pipelines.ablate import ablate, ablate_features
from recsys.pipelines.ageing import ageing
from recsys.pipelines.counterfactual import counterfactual
from recsys.pipelines.evaluate import COLLABORATIVE, HYBRID, make_split, measure_models, slice_outcomes
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
    report.sections["ageing"] = ageing(dataset, by="position", k=3)
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
    markup = document(
        [
            ("reranking", {"curve": curve}),
            ("chances", {"reliability": {"bins": bins}}),
            ("gate", {"promote": False, "reasons": ["NDCG fell."]}),
        ]
    )
    assert "−16.7" in markup
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
    stored = json.loads(json.dumps(counterfactual(log, [target], Settings(samples=100)).to_json()))
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


@pytest.mark.parametrize(
    "values", [{}, {"models": {"a": {}}, "data": {}}, {"models": {}, "data": {}}, {"curve": [{"ndcg": 1}]}, {"reliability": {}}]
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
