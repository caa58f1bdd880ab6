"""Slates for everybody in a file."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from recsys.__main__ import main
from recsys.data.layouts import read_interactions, read_items
from recsys.errors import ArtifactError, DataError
from recsys.pipelines import batch
from recsys.pipelines.batch import HistoryCounts, write_recommendations
from recsys.pipelines.train import PromotionMode, train
from recsys.serving.recommender import Recommender
from recsys.types import Interaction, Learner


@pytest.fixture
def artifact(files: Path) -> Path:
    interactions, items = read_interactions(files / "interactions.csv"), read_items(files / "items.csv")
    return train(interactions, items, files / "models", evaluate=False, promotion=PromotionMode.ALWAYS)


def slates(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["user_id"], []).append(row["item_id"])
            assert int(row["rank"]) == len(found[row["user_id"]])
    return found


def test_everybody_gets_a_slate_without_what_they_took(files: Path, artifact: Path) -> None:
    interactions = read_interactions(files / "interactions.csv")
    assert write_recommendations(artifact, interactions, files / "out.csv", k=3, workers=1) == HistoryCounts(60, 180, 0, 0)
    found = slates(files / "out.csv")
    taken = interactions.groupby("user_id")["item_id"].agg(set)
    assert set(found) == set(taken.index)
    assert all(len(set(slate)) == 3 and not taken[user] & set(slate) for user, slate in found.items())
    group = [{f"c{n}" for n in range(6)}, {f"c{n}" for n in range(6, 12)}]
    assert sum(found[f"u{n}"][0] in group[n % 2] for n in range(60)) > 50


def test_a_slate_is_that_of_the_learner_alone(files: Path, artifact: Path) -> None:
    interactions = read_interactions(files / "interactions.csv")
    write_recommendations(artifact, interactions, files / "out.csv", k=4, workers=1)
    recommender = Recommender.load(artifact)
    written = {user: rows for user, rows in pd.read_csv(files / "out.csv").groupby("user_id")}
    for user, taken in list(interactions.groupby("user_id")["item_id"])[:10]:
        learner = Learner(history=tuple(Interaction(item) for item in taken))
        alone = recommender.for_learner(learner).scores()
        assert written[user]["score"].tolist() == pytest.approx([alone[item] for item in written[user]["item_id"]], rel=1e-3)


def test_processes_share_the_work(files: Path, artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = read_interactions(files / "interactions.csv")
    heard: list[float] = []
    write_recommendations(artifact, interactions, files / "one.csv", workers=1)
    monkeypatch.setattr(batch, "_CHUNK", 25)
    write_recommendations(artifact, interactions, files / "two.csv", workers=2, progress=lambda share, _: heard.append(share))
    assert (files / "two.csv").read_bytes() == (files / "one.csv").read_bytes()
    assert heard == [25 / 60, 50 / 60, 1]


def test_strangers_to_the_model_get_what_is_popular(files: Path, artifact: Path) -> None:
    strange = pd.DataFrame({"user_id": ["new", "odd"], "item_id": ["c0", "no-such-course"]})
    assert write_recommendations(artifact, strange, files / "out.csv", k=2) == HistoryCounts(2, 2, 1, 1)
    assert {user: len(slate) for user, slate in slates(files / "out.csv").items()} == {"new": 2, "odd": 2}


def test_rows_that_the_model_does_not_know_are_told(files: Path, artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def counts_and_last_warning(*rows: str) -> tuple[str, str]:
        (files / "asked.csv").write_text("\n".join(["user_id,item_id", *rows]), "utf-8")
        assert main(["batch", f"--model={artifact}", f"--interactions={files / 'asked.csv'}", f"--out={files / 'out.csv'}"]) == 0
        done = capsys.readouterr()
        return done.out.split(":")[0], done.err.splitlines()[-1]

    mixed = counts_and_last_warning("a,c0", "a,nothing", "b,nothing", "b,nothing else")
    assert mixed == ("2 learners", "3 of 4 rows (75.0%) name courses the model does not know; 1 learner is left with what is popular")
    strange = counts_and_last_warning("a,x", "b,y", "c,z")
    assert strange == ("3 learners", "3 of 3 rows (100.0%) name courses the model does not know; 3 learners are left with what is popular")
    assert "does not know" not in counts_and_last_warning("a,c0", "b,c7")[1]


def test_a_refusal_leaves_the_old_file(files: Path, artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = files / "out.csv"
    out.write_text("precious", "utf-8")
    with pytest.raises(DataError):
        write_recommendations(artifact, pd.DataFrame({"user_id": ["a"]}), out)
    with pytest.raises(ArtifactError):
        write_recommendations(files, read_interactions(files / "interactions.csv"), out)
    arguments = ["batch", "--model", str(files / "nowhere"), "--interactions", str(files / "interactions.csv"), "--out", str(out)]
    assert main(arguments) == 2
    assert "nowhere is not a directory" in capsys.readouterr().err
    assert out.read_text("utf-8") == "precious"
    assert sorted(path.name for path in files.glob(".out*")) == []


def test_as_a_command(files: Path, artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--interactions", str(files / "interactions.csv"), "--out", str(files / "new" / "out.csv"), "-k", "2"]
    assert main(["batch", "--model", str(artifact.parent), *arguments]) == 0
    assert "60 learners" in capsys.readouterr().out
    assert all(len(slate) == 2 for slate in slates(files / "new" / "out.csv").values())
