"""The table of what a place does to training."""

import json
from pathlib import Path

import pytest

from benchmarks import position_bias


def test_weighting_gains_where_places_differ_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "figures.json"
    monkeypatch.setattr(position_bias, "ETAS", (0.0, 1.0))
    monkeypatch.setattr("sys.argv", ["position_bias", "--runs", "4", "--slates", "3000", "--json", str(out)])
    position_bias.main()
    found = json.loads(out.read_text("utf-8"))["eta"]
    mean, half = found["1.0"]["over naive"]
    assert mean - half > 0.02
    assert found["1.0"]["power found"][0] == pytest.approx(1, abs=0.3)
    assert abs(found["0.0"]["over naive"][0]) < 0.02
    assert "eta" in capsys.readouterr().out


def test_one_log_has_no_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["position_bias", "--runs", "1"])
    with pytest.raises(SystemExit):
        position_bias.main()
