"""python -m recsys evaluate and report: what is asked for besides is measured, written whole, and drawn."""

import json
from pathlib import Path

import pytest

from recsys.__main__ import main


def test_slices_ablation_and_age_join_the_json_and_the_page(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "segments.csv").write_text("user_id,language\n" + "\n".join(f"u{n},{'en' if n < 20 else 'fr'}" for n in range(60)), "utf-8")
    out, page = files / "out.json", files / "pages" / "out.html"
    arguments = ["evaluate", "--train", str(files / "interactions.csv"), "--items", str(files / "items.csv"), "-k", "3"]
    arguments += ["--models", "popularity,hybrid", "--segments", str(files / "segments.csv"), "--ablation", "--ageing", "position"]
    assert main([*arguments, "--json", str(out), "--html", str(page)]) == 0
    figures = json.loads(out.read_text("utf-8"))
    assert {"models", "data", "differences", "slices", "ablation", "ageing"} == set(figures)
    assert list(figures["models"]) == ["popularity", "hybrid", "hybrid_collaborative"]
    assert {row["slice"] for row in figures["slices"] if row["group"] == "language"} == {"en", "fr"}
    assert {row["source"] for row in figures["ablation"]} > {"ease", "content", "popularity"}
    assert {row["kind"] for row in figures["ablation"]} == {"without", "alone", "without signal", "without shape"}
    assert figures["ageing"]["by"] == "position"
    assert figures["data"]["split"] == "leave-last"
    heard = [int(line.split("%")[0]) for line in capsys.readouterr().err.splitlines()]
    assert heard == sorted(heard)
    assert heard[-1] == 100
    again = files / "again.html"
    assert main(["report", str(out), "--html", str(again)]) == 0
    assert again.read_text("utf-8") == page.read_text("utf-8")


def test_several_results_make_one_page(files: Path) -> None:
    out = files / "out.json"
    assert main(["evaluate", "--train", str(files / "interactions.csv"), "--models", "popularity", "-k", "3", "--json", str(out)]) == 0
    (files / "curve.json").write_text(json.dumps({"curve": [{"diversity": 0.0, "ndcg": 0.3, "niche_share": 0.2}]}), "utf-8")
    assert main(["report", str(out), str(files / "curve.json"), "--html", str(files / "all.html"), "--title", "Spring"]) == 0
    page = (files / "all.html").read_text("utf-8")
    assert "<h1>Spring</h1>" in page
    assert "What variety costs" in page


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "not JSON"), ("[1]", "an object was expected"), ('{"other": 1}', "nothing to report"), (None, "Cannot read")],
)
def test_what_cannot_be_reported_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "in.json").write_text(text, "utf-8")
    assert main(["report", str(tmp_path / "in.json"), "--html", str(tmp_path / "out.html")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out.html").exists()


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (["--models", "ease", "--ablation"], "add it to --models"),
        (["--protocol", "random"], "--test"),
        (["--segments", "{}/items.csv"], "user_id"),
        (["--segments", "{}/no.csv"], "no.csv"),
    ],
)
def test_what_cannot_be_asked_is_named_before_anything_is_fitted(
    files: Path, capsys: pytest.CaptureFixture[str], extra: list[str], message: str
) -> None:
    assert main(["evaluate", "--train", str(files / "interactions.csv"), *(word.format(files) for word in extra)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "fitting" not in error


@pytest.mark.parametrize(("extra", "protocol"), [([], "random"), (["--protocol", "future"], "future")])
def test_the_protocol_of_a_test_file_is_read_off_its_times_or_told(
    files: Path, capsys: pytest.CaptureFixture[str], extra: list[str], protocol: str
) -> None:
    header, *rows = (files / "interactions.csv").read_text("utf-8").splitlines()
    middle = rows[1::3]  # of three courses each
    (files / "train.csv").write_text("\n".join([header, *(row for row in rows if row not in middle)]), "utf-8")
    (files / "middle.csv").write_text("\n".join([header, *middle]), "utf-8")
    arguments = ["--train", str(files / "train.csv"), "--test", str(files / "middle.csv"), "--models", "ease", "-k", "3", *extra]
    assert main(["evaluate", *arguments, "--json", str(files / "out.json")]) == 0
    assert json.loads((files / "out.json").read_text("utf-8"))["data"]["protocol"] == protocol
    assert ("without order" in capsys.readouterr().err) == (protocol == "random")
