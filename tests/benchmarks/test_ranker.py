"""The linear ranker against boosting, on a world whose order is obvious."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ranker
from recsys.__main__ import main
from recsys.ranking.softmax import Choices
from tests.recsys import worlds


def test_both_learn_the_order_of_courses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    worlds.interactions(200).to_csv(tmp_path / "events.csv", index=False)
    out = tmp_path / "out.json"
    monkeypatch.setattr(ranker, "ITERATIONS", (20,))
    monkeypatch.setattr("sys.argv", ["ranker", "--data", str(tmp_path / "events.csv"), "--json", str(out)])
    assert ranker.main() == 0
    found = json.loads(out.read_text("utf-8"))["rankers"]
    # Six courses a subject, taken in order: the next one is known but for the learners with a single course before it.
    assert found["linear"]["ndcg"] > 0.9
    assert found["boosting"]["ndcg"] > 0.9
    # Thirteen courses are fewer than the pool holds.
    assert found["linear, all courses"]["ndcg"] == pytest.approx(found["linear"]["ndcg"])
    assert "boosting" in capsys.readouterr().out
    assert main(["report", str(out), "--html", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "events: 200 learners" in page
    assert all(f"{row['ndcg']:.4f} <small>" in page for row in found.values())


def test_boosting_sees_shapes_ranks_and_length() -> None:
    plain = np.array([[[3.0, 3.0, 3.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]], np.float32)
    features = (plain[..., None] * np.array([0.25, 0.75], np.float32)).reshape(1, 3, 6)
    seen = ranker._visible(features)
    assert seen[0, :, :3] == pytest.approx(plain[0])
    assert seen[0, :, 3].tolist() == [0, 1, 3]  # what a signal says nothing of stands behind the pool
    assert seen[0, :, 4] == pytest.approx([0.75] * 3)


def test_negatives_could_have_been_taken() -> None:
    usable = np.array([[True, True, False, True], [True, True, True, False]])
    features = np.arange(8, dtype=np.float32).reshape(2, 4, 1) * np.ones(6, np.float32)
    rows, answers = ranker._pointwise(Choices(features, np.array([1, 0]), usable), seed=0)
    assert rows[answers == 1, 0].tolist() == [2, 8]
    assert sorted(rows[answers == 0, 0].tolist()) == [0, 6, 10, 12]
