"""Other regularizations of EASE are what they say, and the command compares them."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import variants
from benchmarks.variants import OtherEase
from recsys.candidates.ease import EaseModel
from tests.recsys import worlds


@pytest.mark.parametrize("kind", variants.STRENGTHS)
def test_without_strength_it_is_ease(kind: str) -> None:
    counts = np.array([[8, 4, 1], [4, 6, 2], [1, 2, 3]], np.float32)
    plain, other = EaseModel(penalty=20).fit_from_gram(counts), OtherEase(kind, penalty=20).fit_from_gram(counts)
    np.testing.assert_allclose(other.weights_, plain.weights_, rtol=1e-5)


@pytest.mark.parametrize("kind", variants.STRENGTHS)
def test_each_course_is_regressed_on_the_others_as_the_kind_says(kind: str) -> None:
    taken = (np.random.default_rng(0).random((40, 4)) < [0.8, 0.5, 0.3, 0.1]).astype(np.float64)
    counts, penalty, strength = taken.sum(axis=0), 5.0, 0.3
    scale = counts**-strength if kind == "columns" else np.ones(4)
    scale *= np.sqrt(counts.mean() / (counts * scale**2).mean())
    charged = {
        "popularity": penalty * (counts / counts.mean()) ** strength,
        "edlae": penalty + strength * counts,
        "columns": np.full(4, penalty),
    }[kind]
    expected, scaled = np.zeros((4, 4)), taken * scale
    for course in range(4):
        others = [n for n in range(4) if n != course]
        system = scaled[:, others].T @ scaled[:, others] + np.diag(charged[others])
        weights = np.linalg.solve(system, scaled[:, others].T @ scaled[:, course])
        expected[others, course] = scale[others] * weights / scale[course]
    found = OtherEase(kind, strength, penalty).fit_from_gram((taken.T @ taken).astype(np.float32)).weights_
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_the_command_compares_in_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    worlds.interactions(150).to_csv(tmp_path / "events.csv", index=False)
    out = tmp_path / "out.json"
    command = ["variants", "--data", str(tmp_path / "events.csv"), "--only", "weights,side,edlae", "--validation", "--json", str(out)]
    monkeypatch.setattr("sys.argv", command)
    assert variants.main() == 0
    rows = json.loads(out.read_text("utf-8"))["variants"]
    assert [(row["group"], row["variant"]) for row in rows] == [
        ("weights", "free, as is"),
        ("weights", "positive"),
        ("weights", "positive but for popularity"),
        ("EASE alone", "as is"),
        ("EASE alone", "no side information"),
        ("EASE in the blend", "no side information"),
        ("EASE alone", "edlae"),
        ("EASE in the blend", "edlae"),
    ]
    assert rows[0]["difference"] == rows[3]["difference"] == 0
    assert all(row["ndcg"] - row["difference"] == pytest.approx(rows[0 if row["group"] != "EASE alone" else 3]["ndcg"]) for row in rows)
    assert "edlae" in capsys.readouterr().out


def test_a_variant_that_does_not_exist_is_refused_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["variants", "--data", "missing.csv", "--only", "weights,edale"])
    with pytest.raises(SystemExit):
        variants.main()
    assert "edale is none of weights, side" in capsys.readouterr().err
