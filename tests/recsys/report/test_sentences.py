"""Every code that is stored has a sentence, and sentences stored before there were codes stay as they are."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.data.items import parse_items
from recsys.data.quality import check_quality
from recsys.gate.codes import ComparisonCode, CompletionBasis, GateCode
from recsys.progress_steps import StepCode
from recsys.ranking.click_learning import ClickFit
from recsys.registry.promotion import Promotion
from recsys.report.sentences import (
    click_fit_sentence,
    comparison_sentence,
    current_run_step_sentence,
    finding_sentence,
    gate_reason_sentences,
    gate_sentences,
    promotion_note,
)
from recsys.types import Statement
from tests.recsys import worlds

FIGURES = {"metric": "ndcg", "before": 0.2, "after": 0.19, "mean": -0.01, "low": -0.02, "high": -0.001, "limit": 0.005}
MORE = {"learners": 40, "other_data": False, "certain": False, "few": True, "retained": 0.9, "items": 12}
PARAMS = {**FIGURES, **MORE, "basis": "news", "attempts": 180}


@pytest.mark.parametrize("code", GateCode)
def test_every_reason_has_a_sentence(code: GateCode) -> None:
    params = PARAMS | ({"metric": "ece"} if code.startswith("completion_error") else {})
    (sentence,) = gate_reason_sentences([json.loads(json.dumps(Statement(code, params).to_json()))])
    assert sentence.endswith(".")
    assert not sentence.endswith("..")
    assert "{" not in sentence


@pytest.mark.parametrize("code", ComparisonCode)
def test_every_comparison_has_a_sentence(code: ComparisonCode) -> None:
    assert comparison_sentence({"compared": Statement(code, PARAMS).to_json()}).endswith(".")


@pytest.mark.parametrize("code", StepCode)
def test_every_step_has_a_sentence(code: StepCode) -> None:
    params = {"model": "ease", "part": "tags", "window": 1, "windows": 3, "age": 2.0, "predictor": "ridge", "done": 1200, "learners": 3000}
    sentence = current_run_step_sentence(code, params)
    assert sentence[0].isalnum()
    assert sentence != code
    assert "%(" not in sentence


def test_a_step_of_another_version_is_said_by_its_code() -> None:
    assert current_run_step_sentence("washing_up", {}) == "washing_up"


@pytest.mark.parametrize("code", GateCode)
def test_every_reason_is_looked_up_in_the_language_of_the_reader(code: GateCode) -> None:
    """Looked up as a whole: nothing is said but what the catalog gave, and no value is set in before."""
    catalog: dict[str, str] = {}

    def say(message: str, /, **values: Any) -> str:
        catalog.setdefault(message, f"«{len(catalog)}»" + "".join(f"%({name})s" for name in values))
        return catalog[message] % values if values else catalog[message]

    params = PARAMS | ({"metric": "ece"} if code.startswith("completion_error") else {})
    (sentence,) = gate_reason_sentences([Statement(code, params).to_json()], say)
    (whole,) = [message for message in catalog if message.endswith(".")]
    assert sentence.startswith(catalog[whole].partition("%")[0])
    assert "0.2000" not in whole


@pytest.mark.parametrize("basis", CompletionBasis)
def test_a_reason_on_the_chance_to_finish_says_what_it_rests_on(basis: CompletionBasis) -> None:
    stored = Statement(GateCode.COMPLETION_ERROR_HELD, PARAMS | {"metric": "brier", "basis": str(basis)}).to_json()
    (sentence,) = gate_reason_sentences([stored])
    assert sentence.startswith(
        "The Brier score of the chance to finish did not rise by more than the 0.005 that may be lost: 0.2000 → 0.1900"
    )
    assert ("180" in sentence) is (basis is not CompletionBasis.SEPARATE)


def test_a_reason_reads_as_it_was_measured() -> None:
    stored = Statement(GateCode.METRIC_FELL, PARAMS).to_json()
    assert gate_reason_sentences([stored]) == [
        "NDCG on average fell by more than the 0.0050 that may be lost: 0.2000 → 0.1900, -0.0100 (95 % interval -0.0200 to -0.0010), "
        "on the same 40 learners."
    ]


def test_sentences_from_before_there_were_codes_stay() -> None:
    assert gate_sentences({"reasons": ["NDCG fell."], "compared": "On the same learners."}) == ["NDCG fell.", "On the same learners."]
    assert gate_sentences({}) == []
    assert click_fit_sentence({"words": "Not used: too few."}) == "Not used: too few."
    assert finding_sentence({"count": 1200, "total": 3000, "text": "items have no level"}) == "1,200 of 3,000 items have no level"


def test_a_promotion_is_explained_by_a_person_or_by_the_gate() -> None:
    reasons = (Statement(GateCode.FIRST_MODEL).to_json(), Statement(GateCode.FORCED).to_json())
    assert promotion_note(Promotion("m", "", "the data are right", "me", reasons=reasons)) == "the data are right"
    assert (
        promotion_note(Promotion("m", "", "", "training", reasons=reasons))
        == "No model serves yet. It serves all the same, as was asked for."
    )
    assert promotion_note(Promotion("m", "", "", "me")) == ""


@pytest.mark.parametrize("outcome", ["used", "no_gain", "too_few_clicks", "no_dates"])
def test_what_came_of_slates_has_a_sentence(outcome: str) -> None:
    gain = 0.01 if outcome in ("used", "no_gain") else None
    sentence = click_fit_sentence(ClickFit(10, 4, outcome == "used", outcome, (), gain, gain).to_json())
    assert sentence.startswith("Used: +0.0100 nats" if outcome == "used" else "Not used: ")
    assert sentence.endswith(".")


def test_every_finding_has_a_sentence() -> None:
    """A catalog and a log in which every check finds something."""
    rows = [(f"u{u}", f"c{(u + s) % 90}", 1.7e9 + s) for u in range(60) for s in range(3)] + [("u1", "c1", 1.7e9), ("u1", "c1", 1.7e9)]
    rows += [("robot", f"c{n}", 1.7e9) for n in range(90)] + [("one", "c1", 9e9), ("one2", "c1", np.nan)]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    catalog = parse_items(
        pd.DataFrame(
            {"item_id": ["c1", "c2", "c1", "x", "y"], "title": ["A", "", "B", "C", "c"], "level": ["?"] * 5, "published": [2e9] * 5}
        )
    )
    report = check_quality(Dataset.from_frames(frame, catalog.items), frame, 1.75e9, catalog)
    stored = json.loads(json.dumps(report.to_json()))
    assert {f["check"] for f in stored["findings"]} | set(report.clean) >= {"density", "busiest_learners", "items_left_out"}
    assert len(stored["findings"]) >= 13
    for finding in stored["findings"]:
        assert len(finding_sentence(finding)) > 20
    untimed = check_quality(Dataset.from_frames(worlds.interactions().drop(columns="timestamp"))).to_json()["findings"]
    assert any("events have no time" in finding_sentence(finding) for finding in untimed)
