"""From a file of ratings to figures a person can trust."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.__main__ import main
from recsys.data.layouts import read_interactions
from recsys.pipelines.ratings import RatingReport, measure_ratings
from recsys.ratings.regressors_and_classifiers import CLASSIFIERS, REGRESSORS
from recsys.report.rating_sentences import rating_note_sentence
from recsys.types import Item
from tests.recsys.ratings import worlds


@pytest.fixture(scope="module")
def tastes() -> RatingReport:
    return measure_ratings(worlds.tastes())


@pytest.fixture(scope="module")
def lot() -> RatingReport:
    return measure_ratings(worlds.noise(completed=0.93))


def test_what_can_be_known_is_found(tastes: RatingReport) -> None:
    assert tastes.ratings["means"]["rmse"]["value"] > 0.4
    for name in REGRESSORS:
        assert tastes.ratings[name]["rmse"]["value"] < 0.25
    for name in CLASSIFIERS:
        assert tastes.classes[name]["auc"]["value"] > 0.9
    assert tastes.classes["logistic_without_embeddings"]["auc"]["ci"][0] < 0.6
    assert any(note.startswith("Embeddings add to the rest") for note in tastes.sentences)
    assert sum("more than chance" in note for note in tastes.sentences) == len(CLASSIFIERS)


def test_what_cannot_be_known_is_not_claimed(lot: RatingReport) -> None:
    # A held-out rating that leaked into the embeddings would show here: labels drawn by lot would be predictable.
    for name in CLASSIFIERS:
        low, high = lot.classes[name]["auc"]["ci"]
        assert low < 0.5 + 0.05
        assert high > 0.5 - 0.05
        assert lot.classes[name]["accuracy_over_majority"]["ci"][0] <= 0
    for name in REGRESSORS:
        assert lot.ratings[name]["rmse"]["value"] > 0.97 * lot.ratings["constant"]["rmse"]["value"]
    assert not any("more than chance" in note for note in lot.sentences)


def test_an_accuracy_that_is_the_imbalance_is_called_so(lot: RatingReport) -> None:
    share = 1 - lot.data["n_test_audited"] / lot.data["n_test"]
    assert lot.classes["majority"]["accuracy"]["value"] == pytest.approx(share, abs=1e-6)
    assert share > 0.9
    assert f"{share:.1%} of the {lot.data['n_test']} test pairs are completed" in lot.table()
    for name in CLASSIFIERS:
        assert any(note.startswith(f"{name}: ") and f"of which {share:.4f} is the imbalance" in note for note in lot.sentences)


def test_facts_of_courses_help_where_they_decide() -> None:
    users, items, _ = worlds.pairs()
    frame = worlds.frame(users, items, (items % 3 == 0) + 1.0)
    hidden = frame[frame["user_id"].isin([f"u{n}" for n in range(4)])]  # few ratings, so item means say little
    few = pd.concat([hidden, frame.tail(30)]).drop_duplicates(["user_id", "item_id"])
    catalog = [Item(f"i{n}", topics=("hands-on",) if n % 3 == 0 else ("theory",)) for n in range(worlds.ITEMS)]
    with_facts, without = measure_ratings(few, catalog), measure_ratings(few)
    assert with_facts.ratings["ridge"]["rmse"]["value"] < without.ratings["ridge"]["rmse"]["value"]


def test_the_same_seed_gives_the_same_report(tastes: RatingReport) -> None:
    assert measure_ratings(worlds.tastes()).to_json_text() == tastes.to_json_text()
    assert measure_ratings(worlds.tastes(), seed=1).to_json_text() != tastes.to_json_text()


def test_the_command_prints_figures_and_writes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The capstone's own layout: 3.0 stands for completed, 2.0 for audited.
    frame = worlds.tastes().rename(columns={"user_id": "user", "item_id": "item", "weight": "rating"})
    frame.assign(rating=frame["rating"] + 1).to_csv(tmp_path / "r.csv", index=False)
    out = tmp_path / "figures" / "r.json"
    assert main(["ratings", "--train", str(tmp_path / "r.csv"), "--json", str(out), "--seed", "3"]) == 0
    printed = capsys.readouterr().out
    figures = json.loads(out.read_text("utf-8"))
    assert figures["data"]["completed_from"] == 2.0
    assert set(figures["completed"]) == {"majority", "logistic_without_embeddings", *CLASSIFIERS}
    assert all(name in printed for name in (*REGRESSORS, *CLASSIFIERS, "rmse", "auc", "Imbalance"))
    assert all(rating_note_sentence(note) in printed for note in figures["notes"])


@pytest.mark.parametrize("header", ["user,item,rating,timestamp", "user_id,item_id,rating,timestamp"])
def test_ratings_of_a_file_are_predicted_as_given(tmp_path: Path, header: str) -> None:
    # Everybody gives a course the same stars, one to five by its number: whoever learns them errs little, on that scale only.
    users, items, _ = worlds.pairs()
    lines = [f"u{user},i{item},{1 + item % 5},{1.6e9 + n:.0f}" for n, (user, item) in enumerate(zip(users, items, strict=True))]
    (tmp_path / "r.csv").write_text("\n".join([header, *lines]), "utf-8")
    report = measure_ratings(read_interactions(tmp_path / "r.csv"))
    stars = np.unique(1 + items % 5, return_counts=True)
    assert report.data["completed_from"] == 4.5
    spread = float(np.sqrt(np.cov(stars[0], fweights=stars[1])))
    assert report.ratings["constant"]["rmse"]["value"] == pytest.approx(spread, rel=0.1)
    assert report.ratings["ridge"]["rmse"]["value"] < 0.3


@pytest.mark.parametrize(
    ("rows", "more", "message"),
    [
        (["u,i,2.0"], [], "too few"),
        ([f"u{n % 9},i{n},2.0" for n in range(80)], [], "nothing to predict"),
        ([f"u{n % 9},i{n},{1 + n % 2}.0" for n in range(80)], ["--threshold", "7"], "one class"),
        ([f"u{n % 9},i{n},good" for n in range(80)], [], "not a number"),
    ],
)
def test_what_cannot_be_measured_is_one_readable_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[str], more: list[str], message: str
) -> None:
    (tmp_path / "r.csv").write_text("\n".join(["user_id,item_id,weight", *rows]), "utf-8")
    assert main(["ratings", "--train", str(tmp_path / "r.csv"), *more]) == 2
    assert message in capsys.readouterr().err
