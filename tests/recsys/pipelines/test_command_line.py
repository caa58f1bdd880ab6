"""python -m recsys, as a person runs it: in a process of its own, with plain files."""

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from recsys.__main__ import main
from recsys.pipelines.counterfactual import write_log
from recsys.registry.manifest import read_manifest
from tests.recsys.ranking import slate_world

WITHOUT_WEB = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"flask", "sqlalchemy", "apscheduler", "webapp"}:
            raise ImportError(f"{name} is not installed")
sys.meta_path.insert(0, Refuse())
from recsys.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command in a process in which no web framework can be imported."""
    command = [sys.executable, "-c", WITHOUT_WEB, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_train_then_recommend_without_a_web_framework(files: Path) -> None:
    trained = run("train", "--interactions", files / "interactions.csv", "--items", files / "items.csv", "--out", files / "models")
    assert trained.returncode == 0, trained.stderr
    directory = Path(trained.stdout.strip())
    assert directory.parent == files / "models"
    assert "100%" in trained.stderr
    assert trained.stderr.splitlines()[-1] == "No model serves yet. The new model serves from now on."
    lineage = read_manifest(directory).lineage
    assert [(s["kind"], s["name"], s["rows"]) for s in lineage["sources"]] == [("file", "interactions.csv", 180), ("file", "items.csv", 13)]
    assert lineage["sources"][0]["sha256"] == hashlib.sha256((files / "interactions.csv").read_bytes()).hexdigest()
    assert str(files) not in json.dumps(lineage)
    for where in (directory, files / "models"):
        asked = run("recommend", "--model", where, "--history", "c0,c1", "-k", "3", "--json")
        assert asked.returncode == 0, asked.stderr
        assert [r["item_id"] in {"c2", "c3", "c4", "c5"} for r in json.loads(asked.stdout)][:2] == [True, True]


def test_slates_that_were_served_teach_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slate_world.interactions().to_csv(tmp_path / "interactions.csv", index=False)
    write_log(slate_world.places(1500, seed=0), tmp_path / "slates.csv.gz")
    command = ["train", "--interactions", str(tmp_path / "interactions.csv"), "--out", str(tmp_path / "models"), "--no-evaluation"]
    assert main([*command, "--slates", str(tmp_path / "slates.csv.gz")]) == 0
    told = capsys.readouterr()
    manifest = read_manifest(Path(told.out.strip()))
    assert "slates.csv.gz: Used: " in told.err
    assert manifest.training["slates"]["slates"] == 1500
    assert len(manifest.training["slates"]["examination"]) == slate_world.PLACES
    assert [(s["name"], s["rows"]) for s in manifest.lineage["sources"]][1:] == [("slates.csv.gz", 1500 * slate_world.PLACES)]
    assert "u1" not in json.dumps(manifest.training)
    assert main(command) == 0
    assert "slates" not in read_manifest(Path(capsys.readouterr().out.strip())).training


def test_rows_of_a_catalog_that_cannot_be_used_are_told_and_counted(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ["c0,Bread,x,notadate,abc", ",Nameless,beginner,,", "c0,Bread again,,,", "c1,Cakes,beginner,2024-01-01,-5"]
    (files / "poor.csv").write_text("\n".join(["item_id,title,level,published,duration_minutes", *rows]), "utf-8")
    arguments = ["train", "--interactions", str(files / "interactions.csv"), "--items", str(files / "poor.csv")]
    assert main([*arguments, "--out", str(files / "models"), "--no-evaluation"]) == 0
    done = capsys.readouterr()
    (told,) = [line for line in done.err.splitlines() if line.startswith("poor.csv: ")]
    assert "row 1, level: is not a level: 'x'" in told
    assert "row 2, item_id: is missing" in told
    assert told.endswith("; and 1 more")
    manifest = read_manifest(Path(done.out.strip()))
    assert [source["rows"] for source in manifest.lineage["sources"]] == [180, 4]
    findings = {finding["check"]: finding for finding in manifest.quality["findings"]}
    left_out, unread = findings["items_left_out"], findings["items_with_unread_cells"]
    assert (left_out["count"], left_out["total"], left_out["severity"]) == (2, 4, "warning")
    assert left_out["examples"] == [{"row": 2, "column": "item_id"}, {"row": 3, "column": "item_id"}]
    assert (unread["count"], unread["total"]) == (2, 4)
    assert {"row": 4, "column": "duration_minutes"} in unread["examples"]


def test_training_says_whether_the_new_model_serves(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "--interactions", str(files / "interactions.csv"), "--out", str(files / "models"), "--no-evaluation"]

    def last_stderr_line(*more: str) -> str:
        assert main([*arguments, *more]) == 0
        return capsys.readouterr().err.splitlines()[-1]

    assert last_stderr_line() == "No model serves yet. The new model was not measured. The new model serves from now on."
    again = last_stderr_line("--promotion", "never")
    assert "No model serves yet" not in again
    assert again.endswith("It was trained for comparing only. The new model was not measured. The new model was held back.")


def test_evaluate_prints_a_table_and_writes_json(files: Path) -> None:
    out = files / "figures" / "out.json"
    arguments = ("--train", files / "interactions.csv", "--test", files / "test.csv", "--items", files / "items.csv", "-k", "3")
    done = run("evaluate", *arguments, "--models", "popularity,ease,hybrid,hybrid_policy", "--json", out)
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text("utf-8"))
    assert list(figures["models"]) == ["popularity", "ease", "hybrid", "hybrid_policy"]
    # Every learner's test course is one of three of the group that are left, so knowing the group finds it.
    assert figures["models"]["ease"]["recall"] == 1
    assert figures["models"]["popularity"]["recall"] < 0.9
    assert figures["models"]["hybrid"]["recall"] > 0.95
    assert figures["data"]["n_items"] == 13
    assert figures["data"]["n_test_users"] == 60
    for name in figures["models"]:
        assert name in done.stdout
    assert "hybrid - ease" in figures["differences"]


def _attempts(files: Path) -> Path:
    """Three hundred attempts, a day apart: beginner courses are finished, but for one in ten, and the other one is not."""
    rows = [f"u{n % 90},c{n % 6},{86400 * n},{int((n % 6 != 5) != (n % 10 == 0))},1,{86400 * n + 3600}" for n in range(300)]
    path = files / "attempts.csv"
    path.write_text("\n".join(["user_id,item_id,timestamp,completed,dropped,ended", *rows]), "utf-8")
    return path


def test_attempts_give_the_artifact_a_chance_to_finish(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _attempts(files)
    path.write_text(path.read_text("utf-8") + "\nu1,c1,soon,1,0,\n", "utf-8")
    out = str(files / "models")
    assert main(["train", "--interactions", str(files / "interactions.csv"), "--attempts", str(path), "--out", out, "--no-evaluation"]) == 0
    done = capsys.readouterr()
    assert "attempts.csv: row 301, timestamp: is neither a number nor a date\n" in done.err
    manifest = read_manifest(Path(done.out.strip()))
    assert manifest.metrics["finishing"]["attempts"] == 300
    assert [source["name"] for source in manifest.lineage["sources"]] == ["interactions.csv", "attempts.csv"]
    assert main(["recommend", "--model", out, "--history", "c1,c0", "--json"]) == 0
    chances = {found["item_id"]: found["finish"] for found in json.loads(capsys.readouterr().out)}
    assert chances["c2"] > 0.7 > 0.3 > chances["c5"]
    assert main(["recommend", "--model", out, "--history", "c1,c0"]) == 0
    assert f"{chances['c5']:.0%} of its learners finish" in capsys.readouterr().out


def test_without_attempts_no_chance_is_told(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(files / "models")
    assert main(["train", "--interactions", str(files / "interactions.csv"), "--out", out, "--no-evaluation"]) == 0
    assert main(["recommend", "--model", out, "--history", "c1"]) == 0
    assert main(["recommend", "--model", out, "--history", "c1", "--json"]) == 0
    assert "finish" not in capsys.readouterr().out


def test_a_bad_file_is_one_readable_line(files: Path) -> None:
    (files / "bad.csv").write_text("who,what\n1,2\n", "utf-8")
    done = run("train", "--interactions", files / "bad.csv", "--out", files / "models")
    assert done.returncode == 2
    assert "user_id" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (files / "models").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--train", "{}/nowhere.csv"], "does not exist"),
        (["evaluate", "--train", "{}/interactions.csv", "--models", "crystal_ball"], "crystal_ball"),
        (["evaluate", "--train", "{}/single.csv", "--models", "popularity"], "Nothing can be held out"),
        (["evaluate", "--train", "{}/interactions.csv", "--test", "{}/nothing.csv", "--models", "popularity"], "no positive interaction"),
        (["evaluate", "--train", "{}/single.csv", "--split", "time", "--models", "popularity"], "timestamps"),
        (["evaluate", "--train", "{}/places.csv", "--split", "time", "--models", "popularity"], "use the split leave-last"),
        (["evaluate", "--train", "{}/weights.csv"], "weight"),
        (["train", "--interactions", "{}/empty.csv", "--out", "{}/m"], "empty.csv"),
        (["train", "--interactions", "{}/nothing.csv", "--out", "{}/m"], "nothing to recommend"),
        (["train", "--interactions", "{}/interactions.csv", "--no-evaluation", "--out", "{}/empty.csv"], "cannot be stored in"),
        (["train", "--interactions", "{}/cut.csv.gz", "--out", "{}/m"], "cut.csv.gz is not a readable CSV file"),
        (["train", "--interactions", "{}/interactions.csv", "--items", "{}/cut.csv.gz", "--out", "{}/m"], "cut.csv.gz is not"),
        (["train", "--interactions", "{}/interactions.csv", "--attempts", "{}/cut.csv.gz", "--out", "{}/m"], "cut.csv.gz is not"),
        (["train", "--interactions", "{}/interactions.csv", "--attempts", "{}", "--out", "{}/m"], "is not a readable CSV file"),
        (["train", "--interactions", "{}/interactions.csv", "--attempts", "{}/single.csv", "--out", "{}/m"], "need the columns timestamp"),
        (["train", "--interactions", "{}/interactions.csv", "--attempts", "{}/undated.csv", "--out", "{}/m"], "when it began"),
        (["batch", "--model", "{}", "--interactions", "{}/cut.csv.gz", "--out", "{}/out.csv"], "cut.csv.gz is not a readable CSV file"),
        (["recommend", "--model", "{}/nowhere"], "not a directory"),
        (["recommend", "--model", "{}"], "No usable model"),
    ],
)
def test_what_cannot_be_used_is_named(files: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    (files / "single.csv").write_text("user_id,item_id\na,x\nb,y\n", "utf-8")
    (files / "undated.csv").write_text("user_id,item_id,timestamp,completed\na,x,,1\n", "utf-8")
    (files / "weights.csv").write_text("user_id,item_id,weight\na,x,heavy\n", "utf-8")
    (files / "places.csv").write_text("user,pos,item\n0,0,6\n0,1,14\n1,0,14\n1,1,3\n", "utf-8")
    (files / "nothing.csv").write_text("user_id,item_id\n", "utf-8")
    (files / "empty.csv").write_text("", "utf-8")
    (files / "cut.csv.gz").write_bytes(gzip.compress((files / "interactions.csv").read_bytes())[:200])
    assert main([argument.format(files) for argument in arguments]) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if not line[:4].strip().endswith("%")]
    assert message in told[-1]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("-k", "0", "must be at least 1"),
        ("-k", "99999999999999999999", "must be at most 1,000,000"),
        ("-k", "1e3", "'1e3' is no whole number"),
        ("--clip=", "nan", "'nan' is no number"),
        ("--clip=", "-1", "must be above 0"),
        ("--seed=", "-1", "must be at least 0"),
        ("--seed=", "4294967296", "must be at most 4,294,967,295"),
    ],
)
def test_arguments_are_checked(capsys: pytest.CaptureFixture[str], argument: str, value: str, message: str) -> None:
    command = ["counterfactual", "--log"] if argument == "--clip=" else ["evaluate", "--train"]
    with pytest.raises(SystemExit) as caught:
        main([*command, "any.csv", f"{argument}{value}"])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_an_unknown_course_in_a_history_is_named(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(files / "models")
    assert main(["train", "--interactions", str(files / "interactions.csv"), "--out", out, "--no-evaluation"]) == 0
    assert main(["recommend", "--model", out, "--history", "c1,zzz"]) == 2
    assert "zzz" in capsys.readouterr().err
    assert main(["recommend", "--model", out, "--history", "c1"]) == 0
    assert "c1" in capsys.readouterr().out
