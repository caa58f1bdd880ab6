"""What each benchmark writes, drawn by `python -m recsys report`."""

import json
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import counterfactual, finish_weight, finishing, latency, rerank
from recsys.__main__ import main
from recsys.completion.attempt_readers import AttemptSource
from recsys.data.dataset import Dataset
from recsys.report.formatting import decimal, percent
from recsys.rerank.policy import Policy
from tests.recsys import worlds
from tests.recsys.completion.worlds import ITEMS, random_attempts

DAY = 86_400.0
Draw = Callable[[dict[str, Any]], str]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Figures as a file, reported; answers the page's words."""

    def drawn(values: dict[str, Any]) -> str:
        (tmp_path / "figures.json").write_text(json.dumps(values, allow_nan=False), "utf-8")
        assert main(["report", str(tmp_path / "figures.json"), "--html", str(tmp_path / "page.html")]) == 0
        return unescape((tmp_path / "page.html").read_text("utf-8"))

    return drawn


def _section(page: str, anchor: str) -> str:
    return page.split(f'<section id="{anchor}"')[1].split("</section>")[0]


@pytest.fixture(scope="module")
def reranked() -> dict[str, Any]:
    """Six weeks of two subjects: a course a week for each learner, so that the last four weeks hold some for everyone."""
    frame = worlds.interactions(60)
    step = frame.groupby("user_id").cumcount(ascending=False)
    frame["timestamp"] = 1.7e9 - step * 7 * DAY + frame["user_id"].str[1:].astype(int) * 60
    dataset = Dataset.from_frames(frame, worlds.items())
    return rerank.measure("two subjects", dataset, {}, Policy(), learners=200, seed=0, weeks=True)


def test_what_reranking_costs_is_drawn_over_topics_and_over_niche_share(reranked: dict[str, Any], draw: Draw) -> None:
    page = draw(reranked)
    assert "two subjects: 60 learners, 13 courses" in page
    variety, niche = _section(page, "curve"), _section(page, "niche-curve")
    assert "NDCG against topics a list as diversity rises" in variety
    assert "NDCG against niche share as quota rises" in niche
    for point in reranked["niche_curve"]:
        assert f'<td class="num">{decimal(point["ndcg"])}</td>' in niche
        assert f'<td class="num">{percent(point["niche_share"])}</td>' in niche


def test_every_step_has_its_cost(reranked: dict[str, Any], draw: Draw) -> None:
    steps = _section(draw(reranked), "steps")
    for name, step in reranked["steps"].items():
        if name in ("none", "policy"):
            continue
        low, high = step["ndcg_lost_ci"]
        row = steps.split(f'<th scope="row">{name[:1].upper()}{name[1:]}</th>')[1].split("</tr>")[0]
        assert f"{percent(step['ndcg_lost'])} <small>{percent(low)} to {percent(high)}</small>" in row


def test_weeks_are_told_with_the_policy_and_without(reranked: dict[str, Any], draw: Draw) -> None:
    weeks = _section(draw(reranked), "weeks")
    assert "Levels as learners state them" in weeks
    for found in reranked["weeks"].values():
        assert f"{found['slates']} slates" in weeks
        assert f"<b>{percent(found['ndcg_lost'])}</b>" in weeks
        assert f"<b>{decimal(found['topics']['mean'], 1)}</b>" in weeks
        assert all(f">{decimal(found[key])}</td>" in weeks for key in ("ndcg", "ndcg_hybrid"))


def test_chances_of_several_sources_share_a_page(draw: Draw) -> None:
    found = finishing.measure([AttemptSource("north", random_attempts(120), ITEMS)], 0)
    assert "north</p>" in draw(found)
    page = draw({**found, "south": found["north"]})
    assert page.count("<h2>north</h2>") == 2  # what a report says of its source is believed
    assert page.count("Do stated chances come true?") == 2
    assert decimal(found["north"]["models"]["additive"]["auc"][0]) in page


def test_a_weight_for_chances_is_drawn_against_what_it_costs(draw: Draw) -> None:
    frame = worlds.interactions(40)
    finished = frame["item_id"].str.startswith("a")
    attempts = frame.assign(timestamp=1.6e9 + DAY * np.arange(len(frame)), completed=finished, dropped=~finished)
    attempts["ended"] = attempts["timestamp"] + DAY
    activity = attempts[["user_id", "timestamp"]]
    found = finish_weight.measure(finish_weight.World(frame, list(worlds.items()), attempts, activity, {"u0": ("beginner", 60)}))
    section = _section(draw(found), "weights")
    assert section.count('class="plot small"') == 2
    for row in found["weights"]:
        assert f">{decimal(row['ndcg'])}</td>" in section
        assert f">{percent(row['chance'])}</td>" in section


def test_estimators_are_set_against_the_truth(draw: Draw) -> None:
    found = counterfactual.measure(runs=3, learners=40)
    section = _section(draw(found), "truth")
    assert "3 logs of 40 learners" in section
    assert decimal(found["truth"], 4) in section
    assert all(f">{decimal(row['rmse'], 4)}</td>" in section for row in found["estimators"].values())


def test_the_time_for_one_learner_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw) -> None:
    events, written = tmp_path / "events.csv", tmp_path / "written.json"
    worlds.interactions(60).to_csv(events, index=False)
    monkeypatch.setattr(sys, "argv", ["latency", "--data", str(events), "--json", str(written), "--learners", "20"])
    assert latency.main() == 0
    found = json.loads(written.read_text("utf-8"))
    assert f"{found['recommender']['quickest_median_ms']:.2f} ms" in _section(draw(found), "latency")
