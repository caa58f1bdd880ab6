"""python -m recsys counterfactual: files in, a table, figures and a verdict out."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.data.slates import LoggedPlace
from recsys.errors import DataError
from recsys.pipelines.counterfactual import read_log, write_log

COLUMNS = "slate_id,user_id,position,item_id,propensity,reward"


def places() -> list[LoggedPlace]:
    """Item b is taken four times as often as a; each stood first in half of the slates."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(800):
        item = "ab"[rng.integers(2)]
        reward = float(rng.random() < {"a": 0.1, "b": 0.4}[item])
        found.append(LoggedPlace(f"s{number}", f"u{number // 2}", 1, item, 0.5, reward, "home"))
        found.append(LoggedPlace(f"s{number}", f"u{number // 2}", 2, "c", 1.0, 0.0, "home"))
    return found


@pytest.fixture
def log(tmp_path: Path) -> Path:
    write_log(places(), tmp_path / "log.csv")
    return tmp_path / "log.csv"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    rows = [f"{p.slate_id},{p.position},{'b' if p.position == 1 else 'c'}" for p in places()]
    (tmp_path / "target.csv").write_text("\n".join(["slate_id,position,item_id", *rows]), "utf-8")
    return tmp_path / "target.csv"


def test_the_command_tells_that_the_target_is_better(log: Path, target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = log.parent / "figures" / "out.json"
    arguments = ["counterfactual", "--log", str(log), "--target", f"always_b={target}", "--samples", "200", "--json", str(out)]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "50.0% of the places were left to chance" in printed
    assert "Better than what was served" in printed
    figures = json.loads(out.read_text("utf-8"))
    assert figures["log"]["n_learners"] == 400
    found = figures["targets"]["always_b"]
    for estimator in ("ips", "snips", "dr"):
        row = found["estimates"][estimator]
        assert row["low"] < 0.4 < row["high"]
        assert row["lift"] == pytest.approx(0.15, abs=0.05)
    assert found["overlap"]["effective"] == pytest.approx(400, abs=60)  # half of the first places


def test_without_a_target_the_log_is_described(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["counterfactual", "--log", str(log)]) == 0
    assert "800 slates with 1,600 places, seen by 400 learners" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["log.csv.gz", "log.jsonl", "log.jsonl.gz"])
def test_every_form_of_a_log_says_the_same(log: Path, name: str) -> None:
    other = log.with_name(name)
    if "jsonl" in name:
        text = "\n".join(json.dumps(p._asdict()) for p in places())
        plain = log.with_name("log.jsonl")
        plain.write_text(text, "utf-8")
        if name.endswith(".gz"):
            other.write_bytes(gzip.compress(text.encode()))
    else:
        write_log(places(), other)
    first, second = read_log(log), read_log(other)
    assert first.slate_ids == second.slate_ids
    assert (first.item_ids, first.contexts) == (second.item_ids, second.contexts)
    for column in ("learner", "slate", "position", "item", "propensity", "reward"):
        assert np.array_equal(getattr(first, column), getattr(second, column))


def test_what_the_log_cannot_give_is_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.csv").write_text(f"{COLUMNS}\ns,u,1,a,1,0\nt,v,1,a,1,1\n", "utf-8")
    (tmp_path / "target.csv").write_text("slate_id,position,item_id,probability\ns,1,b,\nt,1,b,0.5\n", "utf-8")
    out = tmp_path / "out.json"
    target = f"b={tmp_path / 'target.csv'}"
    assert main(["counterfactual", "--log", str(tmp_path / "log.csv"), "--target", target, "--json", str(out)]) == 0
    assert "This log cannot say" in capsys.readouterr().out
    assert json.loads(out.read_text("utf-8"))["targets"]["b"]["estimates"]["snips"]["value"] is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slate_id,user_id\ns,u\n", "row 1: there is no 'position'"),
        (f"{COLUMNS}\ns,u,1,a,0.5,1\ns,u,first,b,1,0\n", "row 2"),
        (f"{COLUMNS}\ns,u,1,a,0,1\n", "propensity"),
        (f"{COLUMNS}\n", "no place"),
        (f"{COLUMNS}\ns,u,1,a,0.5\n", "row 1"),
    ],
)
def test_a_bad_log_is_one_readable_line(tmp_path: Path, text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.csv").write_text(text, "utf-8")
    assert main(["counterfactual", "--log", str(tmp_path / "log.csv")]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (["nothing"], "NAME=FILE"),
        (["b=nowhere.csv"], "does not exist"),
        (["b={}", "b={}"], "same name"),
    ],
)
def test_a_bad_target_is_one_readable_line(
    log: Path, target: Path, targets: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [part for text in targets for part in ("--target", text.format(target))]
    assert main(["counterfactual", "--log", str(log), *arguments]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", ["log.csv.gz", "log.jsonl.gz"])
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_log_is_one_readable_line(log: Path, name: str, damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = log.read_text("utf-8") if "csv" in name else "\n".join(json.dumps(p._asdict()) for p in places())
    whole = gzip.compress(text.encode(), mtime=0)
    half = len(whole) // 2
    broken = whole[:half] if damage == "cut" else whole[:half] + bytes(byte ^ 255 for byte in whole[half : half + 40]) + whole[half + 40 :]
    path = log.with_name(name)
    path.write_bytes(broken)
    assert main(["counterfactual", "--log", str(path)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"{name} cannot be read" in told


def test_a_line_that_is_no_json_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("{slate", "[1, 2]", "[" * 100_000):
        (tmp_path / "log.jsonl").write_text(text + "\n", "utf-8")
        assert main(["counterfactual", "--log", str(tmp_path / "log.jsonl")]) == 2
        assert capsys.readouterr().err.startswith("recsys counterfactual: ")


def test_moments_are_read_as_seconds_or_dates(tmp_path: Path) -> None:
    rows = ["s1,u,1,a,1,0,1.7e9", "s2,u,1,a,1,0,2023-11-14T22:13:20+00:00", "s3,u,1,a,1,0,2023-11-14T22:13:20", "s4,u,1,a,1,0,"]
    (tmp_path / "log.csv").write_text("\n".join([f"{COLUMNS},served_at", *rows]), "utf-8")
    assert read_log(tmp_path / "log.csv").served_at[:3].tolist() == [1.7e9] * 3
    assert np.isnan(read_log(tmp_path / "log.csv").served_at[3])
    write_log([LoggedPlace("s", "u", 1, "a", 1.0, 0.0, "", 1.7e9, -0.25), LoggedPlace("t", "u", 1, "a", 1.0, 0.0)], tmp_path / "again.csv")
    assert np.array_equal(read_log(tmp_path / "again.csv").served_at, [1.7e9, np.nan], equal_nan=True)
    assert np.array_equal(read_log(tmp_path / "again.csv").score, [-0.25, np.nan], equal_nan=True)


@pytest.mark.parametrize("second", ["s,u,2,b,1,0,1700000001", "s,u,2,b,1,0,soon", "s,u,2,b,1,0,nan"])
def test_a_slate_has_one_moment(second: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("\n".join([f"{COLUMNS},served_at", "s,u,1,a,1,0,1700000000", second]), "utf-8")
    with pytest.raises(DataError):
        read_log(tmp_path / "log.csv")
