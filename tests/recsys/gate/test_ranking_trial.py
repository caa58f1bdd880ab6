"""A candidate is compared fairly with the model that serves, takes over only if it is no worse, and says why."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError
from recsys.gate import ranking_trial as trials
from recsys.gate.codes import ComparisonCode
from recsys.gate.incumbent import Incumbent
from recsys.gate.ranking_trial import try_candidate
from recsys.pipelines.incumbent import incumbent_of
from recsys.pipelines.train import PromotionMode, train
from recsys.registry.manifest import Manifest, read_manifest
from recsys.registry.promotion import load_serving, promote, read_promotions
from recsys.registry.store import write_artifact
from recsys.report.sentences import comparison_sentence, gate_reason_sentences, promotion_note
from tests.recsys import worlds
from tests.recsys.ranking import slate_world

LEARNERS = 360


def everything() -> pd.DataFrame:
    return worlds.interactions(LEARNERS)


def before_news() -> pd.DataFrame:
    """All but the last courses of the last 150 learners, who came last."""
    frame = everything()
    late = frame["user_id"].str[1:].astype(int) >= LEARNERS - 150
    newest = frame.groupby("user_id")["timestamp"].transform("max") == frame["timestamp"]
    held = frame[late & newest]
    rest = frame.drop(held.index)
    # What those learners did before has to be older than all that is news.
    return rest.assign(timestamp=rest["timestamp"] - 1e7)


def with_news() -> pd.DataFrame:
    frame = everything()
    old = before_news()
    news = frame.drop(old.index)
    return pd.concat([old, news])


def gate(directory: Path) -> dict:
    """The gate's decision, its reasons as sentences and the comparison as its code."""
    stored = read_manifest(directory).gate
    compared = stored["compared"] and stored["compared"]["code"]
    return {**stored, "reasons": gate_reason_sentences(stored["reasons"]), "compared": compared}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_the_first_model_serves(root: Path) -> None:
    directory = train(everything(), worlds.items(), root, by="somebody")
    found = gate(directory)
    assert (found["promote"], found["against"], found["reasons"]) == (True, None, ["No model serves yet."])
    current = read_promotions(root).current
    assert current is not None
    assert (current.name, current.by, promotion_note(current)) == (directory.name, "somebody", "No model serves yet.")


def test_on_the_same_data_learners_are_compared_in_pairs(root: Path) -> None:
    first = train(everything(), worlds.items(), root)
    second = train(everything(), worlds.items(), root)
    found = gate(second)
    assert (found["compared"], found["paired"], found["against"]) == (ComparisonCode.SAME_SPLIT, True, first.name)
    assert found["difference"]["mean"] == 0
    assert found["n_users"] == LEARNERS
    assert load_serving(root).name == second.name
    lineage = read_manifest(second).lineage
    assert lineage["parent"] == first.name
    assert found["left"] == {"ndcg": 1, "coverage": 1, "niche_share": 1}


def test_on_news_the_serving_model_ranks_as_it_stands(root: Path) -> None:
    first = train(before_news(), worlds.items(), root)
    directory = train(with_news(), worlds.items(), root)
    found = gate(directory)
    assert found["compared"] == ComparisonCode.NEWS
    words = comparison_sentence(read_manifest(directory).gate)
    assert words.startswith("Measured on 150 learners whose newest course is newer than the serving model's data")
    assert (found["paired"], found["n_users"], found["against"]) == (True, 150, first.name)
    assert found["promote"]
    # Without the news their data are the same, so the same recipe reaches the same: nothing else was taken from the new one.
    assert found["difference"] == {"mean": 0, "ci": [0, 0]}


def test_the_serving_model_is_never_asked_for_what_it_has_seen(root: Path) -> None:
    """It knows all held-out courses but one by heart: ranking them it would win by that alone."""
    train(everything(), worlds.items(), root)
    fewer = everything().iloc[:-1]
    directory = train(fewer, worlds.items(), root)
    assert gate(directory)["compared"] == ComparisonCode.SEPARATE
    assert gate(directory)["paired"] is False
    assert gate(directory)["promote"]


def test_a_model_from_broken_data_is_held_back_and_the_serving_one_stays(root: Path) -> None:
    first = train(before_news(), worlds.items(), root)
    # An import went wrong: the many seem to take their courses backwards, and painting and data by turns.
    order = ("ababab", "bababa")
    rows = [(f"x{n}", f"{order[n % 2][step]}{(n // 2 - step) % 6}", 1.6e9 + n * 60 + step) for n in range(3000) for step in range(6)]
    frame = with_news()
    late = frame["user_id"].str[1:].astype(int) >= LEARNERS - 150
    broken = pd.concat([frame[late], pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])])
    directory = train(broken, worlds.items(), root)
    found = gate(directory)
    assert (found["promote"], found["passed"]) == (False, False)
    assert any("fell" in reason for reason in found["reasons"])
    assert found["difference"]["mean"] < 0
    assert load_serving(root).name == first.name  # though it is older
    assert [p.name for p in read_promotions(root).history] == [first.name]
    assert directory.exists()
    # An administrator may decide otherwise.
    promote(root, directory.name, "the data are right after all", "administrator")
    assert load_serving(root).name == directory.name


def test_a_held_back_model_does_not_serve_by_its_age_where_nothing_was_promoted(root: Path) -> None:
    train(everything(), worlds.items(), root)
    (root / "serving.json").unlink()
    first = load_serving(root).name
    directory = train(everything(), worlds.items(), root, promotion=PromotionMode.NEVER)
    assert gate(directory)["reasons"][-1] == "It was trained for comparing only."
    assert load_serving(root).name == first


def test_a_candidate_nobody_measured_does_not_replace_one_that_was(root: Path) -> None:
    first = train(everything(), worlds.items(), root)
    second = train(everything(), worlds.items(), root, evaluate=False)
    assert gate(second)["promote"] is False
    assert load_serving(root).name == first.name
    third = train(everything(), worlds.items(), root, evaluate=False, promotion=PromotionMode.ALWAYS)
    assert (gate(third)["promote"], gate(third)["passed"]) == (True, False)
    assert gate(third)["reasons"][-1] == "It serves all the same, as was asked for."
    assert load_serving(root).name == third.name


def foreign(root: Path, ndcg: float, gate: dict | None = None) -> str:
    """A stored model this code cannot open, with figures."""
    metrics = {"models": {"hybrid": {"ndcg": ndcg, "ndcg_ci": [ndcg - 0.01, ndcg + 0.01]}}, "split_fingerprint": "other"}
    manifest = Manifest("hybrid", {}, "2020-01-02T03:04:05+00:00", {"fingerprint": "x", "last_time": 1.0}, metrics, gate=gate or {})
    return write_artifact(root, manifest, lambda directory: (directory / "x.json").write_text("{}") and None).name


@pytest.mark.parametrize(("ndcg", "promoted"), [(0.05, True), (0.99, False)])
def test_a_serving_model_of_other_code_is_compared_by_its_figures(root: Path, ndcg: float, promoted: bool) -> None:
    name = foreign(root, ndcg)
    incumbent = incumbent_of(root)
    assert incumbent is not None
    assert incumbent.model is None
    rng = np.random.default_rng(0)
    courses = [item.item_id for item in worlds.items()][:12]
    rows = [(f"u{n}", courses[c], 1.7e9 + n * 60 + step) for n in range(200) for step, c in enumerate(rng.permutation(12)[:3])]
    directory = train(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), worlds.items(), root)  # about .3
    found = gate(directory)
    assert (found["compared"], found["against"], found["promote"]) == (ComparisonCode.SEPARATE, name, promoted)
    assert "two separate measurements of different data" in found["reasons"][0]


@pytest.mark.parametrize(
    ("gate_of_serving", "left"),
    [
        ({"passed": True, "left": {"ndcg": 0.96}}, 0.96),
        ({"passed": False, "left": {"ndcg": 0.6}}, 1),  # somebody let it serve all the same: models are measured by it now
        ({"passed": True}, 1),  # from before this was kept
        ({}, 1),
    ],
)
def test_what_earlier_models_lost_is_carried_along(root: Path, tmp_path: Path, gate_of_serving: dict, left: float) -> None:
    same = read_manifest(train(everything(), worlds.items(), tmp_path / "same")).metrics["models"]["hybrid"]["ndcg"]
    foreign(root, same, gate_of_serving)
    found = gate(train(everything(), worlds.items(), root))
    assert (found["compared"], found["promote"], found["left"]) == (ComparisonCode.SEPARATE, True, {"ndcg": left})


def test_a_model_is_asked_about_items_in_another_order(root: Path) -> None:
    train(everything(), worlds.items(), root)
    incumbent = incumbent_of(root)
    assert isinstance(incumbent, Incumbent)
    assert incumbent.model is not None
    other = Dataset.from_frames(everything(), (*worlds.items()[::-1], worlds.Item("brand-new")))
    known = {item_id: n for n, item_id in enumerate(incumbent.item_ids)}
    place = np.array([known.get(item.item_id, -1) for item in other.items])
    scores = trials._RemappedModel(incumbent.model, place, len(known)).score(other.histories)
    same = Dataset.from_frames(everything(), worlds.items())
    expected = incumbent.model.score(same.histories)
    for item in worlds.items():
        np.testing.assert_allclose(scores[:, other.item_index(item.item_id)], expected[:, same.item_index(item.item_id)], rtol=1e-5)
    assert np.isneginf(scores[:, other.item_index("brand-new")]).all()


def test_news_are_what_began_after_the_serving_models_data(root: Path) -> None:
    train(before_news(), worlds.items(), root)
    dataset = Dataset.from_frames(with_news(), worlds.items())
    incumbent = incumbent_of(root)
    assert incumbent is not None
    rows = trials._learners_with_news(dataset, incumbent)
    newcomers = {f"u{n}" for n in range(LEARNERS - 150, LEARNERS)}
    assert {dataset.user_ids[row] for row in rows} == newcomers
    assert len(trials._learners_with_news(Dataset.from_frames(before_news(), worlds.items()), incumbent)) == 0


def test_with_nothing_to_hold_out_there_is_no_report(root: Path) -> None:
    single = pd.DataFrame({"user_id": ["a", "b"], "item_id": ["a0", "a1"]})
    assert try_candidate(Dataset.from_frames(single), seed=0).report == {}
    assert gate(train(single, worlds.items(), root))["promote"]


def test_counts_are_carried_forward_from_the_model_before(root: Path, tmp_path: Path) -> None:
    train(before_news(), worlds.items(), root)
    # 150 of 360 learners is many: counting anew is as good.
    assert read_manifest(train(with_news(), worlds.items(), root)).training["pairs"]["code"] == "counted_anew"
    few = before_news()
    more = pd.concat([few, pd.DataFrame({"user_id": ["u0", "new"], "item_id": ["b5", "a1"], "timestamp": [1.8e9, 1.8e9 + 1]})])
    train(few, worlds.items(), tmp_path / "few")
    carried = read_manifest(train(more, worlds.items(), tmp_path / "few"))
    anew = read_manifest(train(more, worlds.items(), tmp_path / "more"))
    assert carried.training["pairs"]["code"] == "carried_forward"
    assert anew.training["pairs"]["code"] == "counted_anew"
    mine = {name: entry for name, entry in carried.files.items() if name.startswith("gram/")}
    assert mine
    assert mine == {name: entry for name, entry in anew.files.items() if name.startswith("gram/")}


def test_a_failure_while_writing_leaves_the_serving_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = train(everything(), worlds.items(), root)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("recsys.pipelines.train.np.save", full)
    with pytest.raises(ArtifactError, match="No space"):
        train(everything(), worlds.items(), root)
    assert load_serving(root).name == first.name
    assert {p.name for p in root.iterdir()} == {first.name, "serving.json", ".serving.lock"}


def test_nothing_serves_where_there_is_nothing(root: Path) -> None:
    assert incumbent_of(root) is None
    with pytest.raises(ArtifactError):
        load_serving(root)


def test_the_recipe_is_measured_with_the_slates_it_will_learn_from() -> None:
    data = slate_world.dataset()
    plain, taught = (try_candidate(data, 0, slates=slates) for slates in (None, slate_world.log(2000)))
    assert plain.report["split_fingerprint"] == taught.report["split_fingerprint"]
    assert not np.array_equal(plain.ndcg, taught.ndcg)
    unknown = slate_world.log(2000)
    strangers = replace(unknown, item_ids=tuple(f"{item}?" for item in unknown.item_ids))  # teaches nothing about these courses
    assert np.array_equal(plain.ndcg, try_candidate(data, 0, slates=strangers).ndcg)
