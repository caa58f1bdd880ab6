"""The benchmark on a small world: our models and a peer through the same files, scored by the same metrics."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import environments
from benchmarks import recsys as bench
from benchmarks.competition import Arena, Failed, Scored, Setting, models_of, run_within
from benchmarks.datasets import RequestError, find_source, validation_split, write_split
from benchmarks.environments import Peer, PeerError, prepare
from benchmarks.standings import Standings, over_splits
from recsys.__main__ import main
from recsys.report.document import document as draw
from recsys.report.formatting import signed
from tests.processes import is_running
from tests.recsys import worlds
from tests.waiting import PATIENCE, until

SETTING = Setting(k=3, seed=0, threads=1, budget=int(PATIENCE), limit=int(PATIENCE), net_seconds=1)
RUNNER = """
import sys
import time
from dataclasses import replace
sys.path.insert(0, {folder!r})
import numpy as np
from common import Entry, in_batches, main

def fit(params, data, seed):
    matrix = data.matrix()
    cosine = (matrix.T @ matrix).toarray()
    if params.get("fails"):
        raise ValueError("this cannot be done")
    return in_batches(lambda rows: params["sign"] * (matrix[rows] @ cosine), matrix)

def repeating(params, data, seed):
    return lambda rows, k: np.zeros((len(rows), k), np.int64)

def failing(params, data, seed):
    raise ValueError("out of order")

GRID = [dict(sign=-1), dict(sign=1), dict(sign=1, fails=True)]
main(dict(neighbors=Entry(fit, GRID), repeats=Entry(repeating, [dict()]), broken=Entry(failing, [dict()])))
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    worlds.interactions(150).to_csv(tmp_path / "events.csv", index=False)
    return tmp_path


@pytest.fixture
def peer(files: Path) -> Peer:
    runner = files / "run_small.py"
    runner.write_text(RUNNER.format(folder=str(environments.HERE / "peers")), "utf-8")
    return Peer("small", Path(sys.executable), runner)


@pytest.fixture
def arena(files: Path) -> Arena:
    source = find_source(str(files / "events.csv"))
    split = source.split(0)
    write_split(split, files / "split", 0)
    return Arena(split, source, files / "split", SETTING)


def test_a_peer_is_tuned_and_scored_like_ours(arena: Arena, peer: Peer) -> None:
    assert models_of(peer, SETTING.environment()) == ["neighbors", "repeats", "broken"]
    theirs, ours = arena.peer(peer, "neighbors"), arena.ours("item_knn")
    # The sign that recommends the wrong subject loses on validation, and the parameters that fail do not end the run.
    assert theirs.figures["params"] == {"sign": 1}
    assert theirs.figures["tried"] == "3/3"
    assert theirs.figures["hit"] > 0.5
    assert theirs.ndcg.shape == ours.ndcg.shape == (len(arena.split.test_rows),)
    assert set(ours.figures) == set(theirs.figures) - {"params", "tried"}
    # Times are rounded, and may be too short to be told from nothing.
    assert all(0 <= row.figures[name] < PATIENCE * 1e6 for row in (ours, theirs) for name in ("fit_seconds", "score_us_per_user"))
    assert all(row.figures["peak_mb"] > 0 for row in (ours, theirs))


def test_a_ranking_that_is_none_is_refused(arena: Arena, peer: Peer) -> None:
    with pytest.raises(Failed, match="ranks"):
        arena.peer(peer, "repeats")


def test_a_peer_that_breaks_is_reported_in_its_own_words(arena: Arena, peer: Peer) -> None:
    with pytest.raises(Failed, match="out of order"):
        arena.peer(peer, "broken")


def test_no_answer_is_in_what_runners_read(arena: Arena) -> None:
    train = np.load(arena.folder / "train.npz")
    taken = set(zip(train["users"].tolist(), train["items"].tolist(), strict=True))
    held = {(int(u), int(i)) for u, row in zip(arena.split.test_rows, _rows(arena.split.test), strict=True) for i in row}
    assert held
    assert not held & taken
    inner, fit, valid = validation_split(arena.split.train, 0), np.load(arena.folder / "fit.npz"), np.load(arena.folder / "valid.npz")
    assert len(fit["items"]) + len(valid["items"]) == len(train["items"])
    assert not {(int(u), int(i)) for u, row in zip(inner.test_rows, _rows(inner.test), strict=True) for i in row} - taken


def _rows(histories) -> list[list[int]]:
    return [histories.row(number)[0].tolist() for number in range(len(histories))]


def test_the_command_writes_tables_and_figures(files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bench, "OUT", files / "out")
    arguments = ["--data", files / "events.csv", "--models", "ease", "--peers", "none", "--splits", "2", "--k", "3"]
    monkeypatch.setattr(sys, "argv", ["bench", *map(str, arguments), "--json", str(files / "f.json"), "--markdown", str(files / "t.md")])
    assert bench.main() == 0
    document = json.loads((files / "f.json").read_text("utf-8"))
    assert [set(run["models"]) for run in document["splits"]] == [{"ease"}] * 2
    assert document["splits"][0]["models"]["ease"]["hit"] > 0.5
    assert "| ease | " in (files / "t.md").read_text("utf-8")
    assert "ease" in capsys.readouterr().out
    assert main(["report", str(files / "f.json"), "--html", str(files / "page.html")]) == 0
    page = (files / "page.html").read_text("utf-8")
    overview = page.split('id="overview"')[1].split("</section>")[0]
    assert all(f"events, seed {run['data']['seed']}" in overview for run in document["splits"])


def test_the_report_draws_ours_and_peers(arena: Arena, peer: Peer) -> None:
    scored = [arena.ours("hybrid"), arena.ours("ease"), arena.peer(peer, "neighbors")]
    part = replace(scored[2], rows=scored[2].rows[:7], ndcg=scored[2].ndcg[:7], figures={**scored[2].figures, "learners": 7})
    slow = replace(part, name="small partly")
    standings = Standings(arena, {s.name: s for s in (*scored, slow)}, {"absent": "does not install: no <compiler>"})
    page = draw([("file", json.loads(json.dumps(standings.to_json(), allow_nan=False)))])
    ease, neighbors = (standings.differences()[name] for name in ("ease", "small neighbors"))
    assert f"the best single model ({scored[1].figures['ndcg']:.3f}): the difference is {signed(ease['ndcg'])}" in page
    assert f"the best of other libraries, small neighbors ({scored[2].figures['ndcg']:.3f}): {signed(neighbors['ndcg'])}" in page
    assert "for 7 learners only" in page
    assert "absent (does not install: no &lt;compiler&gt;)" in page


def test_without_data_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("WAYMARK_BENCH_DATA", raising=False)
    with pytest.raises(RequestError, match="Set WAYMARK_BENCH_DATA"):
        find_source("mooccubex")
    with pytest.raises(RequestError, match="neither a file"):
        find_source("nowhere.csv")
    monkeypatch.setenv("WAYMARK_BENCH_DATA", str(tmp_path))
    with pytest.raises(RequestError, match=r"there is no .*enrollments"):
        find_source("ibm-capstone")


def test_what_does_not_install_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "peers").mkdir()
    (tmp_path / "peers" / "absent.txt").write_text(f"{tmp_path}/nothing-here.whl\n", "utf-8")
    monkeypatch.setattr(environments, "HERE", tmp_path)
    with pytest.raises(PeerError, match=r"absent does not install: .*nothing-here"):
        prepare("absent")
    shutil.rmtree(tmp_path / "envs")


def _scored(name: str, rows: list[int], ndcg: list[float], fit_seconds: float = 1.0) -> Scored:
    mean = float(np.mean(ndcg))
    figures = dict.fromkeys(("recall", "hit", "mrr", "coverage", "niche_share", "search_seconds", "score_us_per_user", "peak_mb"), 0.5)
    return Scored(
        name,
        np.array(rows),
        np.array(ndcg),
        {**figures, "ndcg": mean, "ndcg_ci": [mean, mean], "fit_seconds": fit_seconds, "params": {}, "tried": "1/1"},
    )


@pytest.fixture
def standings(arena: Arena) -> Standings:
    """Four test learners; a slow peer ranked for two of them only."""
    split = replace(arena.split, test_rows=arena.split.test_rows[:4])
    everyone = [0, 1, 2, 3]
    found = [
        _scored("hybrid", everyone, [1.0, 0.5, 0.5, 0.0], fit_seconds=6.0),
        _scored("ease", everyone, [0.5, 0.5, 0.5, 0.0]),
        _scored("popularity", everyone, [0.0, 0.0, 0.0, 0.5]),
        _scored("implicit als-128", everyone, [0.0, 0.5, 0.0, 0.0], fit_seconds=2.0),
        _scored("surprise knn-item", [0, 3], [1.0, 1.0]),
    ]
    return Standings(replace(arena, split=split), {s.name: s for s in found}, {"lenskit": "does not install: no compiler"})


def test_the_standings_compare_on_the_learners_both_ranked_for(standings: Standings) -> None:
    differences = standings.differences()
    assert differences["ease"]["ndcg"] == pytest.approx(0.125)
    assert differences["surprise knn-item"]["ndcg"] == pytest.approx(-0.5)  # (1 - 1 + 0 - 1) / 2
    assert differences["surprise knn-item"]["learners"] == 2
    assert "hybrid" not in differences


def test_the_best_other_ranked_for_everyone(standings: Standings) -> None:
    assert standings.best_single(ours=True) == "ease"
    assert standings.best_single(ours=False) == "implicit als-128"


def test_the_ratio_of_times_and_failures_are_told(standings: Standings) -> None:
    assert standings.ratios() == {"hybrid fit / implicit als-128 fit": 3.0}
    for text in (standings.table(), standings.markdown()):
        assert "hybrid fit / implicit als-128 fit: 3.00" in text
        assert "lenskit failed: does not install: no compiler" in text
        assert "on 2 learners" in text
    json.dumps(standings.to_json(), allow_nan=False)


def test_over_splits_the_hybrid_is_compared_with_the_best_single(standings: Standings) -> None:
    worse = replace(standings, scored={**standings.scored, "ease": _scored("ease", [0, 1, 2, 3], [1.0, 1.0, 1.0, 1.0])})
    text, rows = over_splits([standings, worse])
    assert "on 1 of 2 splits" in text
    assert [row["best_single"]["name"] for row in rows] == ["ease", "ease"]
    assert rows[1]["difference"]["ndcg"] == pytest.approx(-0.5)


def test_who_takes_too_long_ends_with_all_it_has_started(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    script = f"sleep 3600 & echo $! > {mark}; wait"

    def run_out_of_time() -> str:
        limits.append(2 * limits[-1])  # the first is too short for a busy machine to start anything
        with pytest.raises(Failed, match="not done"):
            run_within(["/bin/sh", "-c", script], limits[-1], {})
        return mark.read_text().strip() if mark.exists() else ""

    limits = [0.5]
    child = until(run_out_of_time, "the command to start what it leaves behind")
    until(lambda: not is_running(int(child)), "what it had started to end")
