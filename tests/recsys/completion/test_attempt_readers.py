"""Files of the known layouts become attempts; the command measures and stores."""

import gzip
import json
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from recsys.__main__ import main
from recsys.completion.attempt_readers import read_source
from recsys.completion.model import FinishModel
from recsys.errors import DataError


def _write(folder, **files: str) -> None:
    for name, text in files.items():
        pd.read_csv(StringIO(text), dtype=str).to_csv(folder / f"{name}.csv.gz", index=False)


@pytest.fixture
def mars(tmp_path):
    _write(
        tmp_path,
        explicit_ratings_en=(
            "user_id,item_id,watch_percentage,created_at,rating\n"
            "1,10,100,2020-01-01 10:00:00,10\n1,11,89,2020-01-03 10:00:00,9\n2,10,90,2020-01-02 10:00:00,9\n"
        ),
        implicit_ratings_en="item_id,user_id,created_at\n11,1,2020-01-02 10:00:00\n",
        items_en=(
            "item_id,name,description,created_at,Difficulty,Job,Software,Theme,duration\n"
            "10,Tables,How,2019,Beginner,[],['Excel'],['Produce'],120\n11,Charts,How,2019,Advanced,[],['Excel'],['Produce'],600\n"
        ),
    )
    return tmp_path


def test_mars_counts_videos_watched_nearly_to_the_end(mars) -> None:
    source = read_source(mars)
    assert source.attempts.finished.tolist() == [True, False, True]
    assert np.isfinite(source.attempts.settled_at).all()
    table = source.feature_table()
    names = [feature.name for feature in table.features]
    assert table.values[1, names.index("days_since")] == pytest.approx(1)  # log2(1 + a day since the page view)
    assert table.values[1, names.index("similarity")] == pytest.approx(1)
    assert table.values[:, names.index("course_minutes")].tolist() == pytest.approx([1, np.log2(10), 1])


@pytest.fixture
def oulad(tmp_path):
    head = "code_module,code_presentation,id_student"
    _write(
        tmp_path,
        courses="code_module,code_presentation,module_presentation_length\nAAA,2013J,268\nAAA,2014J,269\n",
        studentInfo=(
            f"{head},gender,highest_education,num_of_prev_attempts,studied_credits,final_result\n"
            "AAA,2013J,1,M,A Level or Equivalent,0,60,Withdrawn\nAAA,2013J,2,F,HE Qualification,0,120,Distinction\n"
            "AAA,2014J,1,M,A Level or Equivalent,1,60,Pass\nAAA,2014J,3,F,HE Qualification,0,60,Fail\n"
        ),
        studentRegistration=(
            f"{head},date_registration,date_unregistration\nAAA,2013J,1,-30,12\nAAA,2013J,2,-10,\nAAA,2014J,1,-20,\nAAA,2014J,3,,\n"
        ),
    )
    return tmp_path


def test_oulad_withdrawals_count_from_the_day_of_results(oulad) -> None:
    source = read_source(oulad)
    assert source.attempts.undated == 1
    found = {(source.attempts.user_ids[u], k) for u, k in zip(source.attempts.user, source.attempts.known, strict=True)}
    results = pd.Timestamp("2013-10-01", tz="UTC") + pd.Timedelta(days=268)
    assert ("1", results.timestamp()) in found
    assert ("2", results.timestamp()) in found


def test_oulad_brings_what_is_known_at_registration_and_nothing_about_the_person(oulad) -> None:
    table = read_source(oulad).feature_table()
    names = [feature.name for feature in table.features]
    assert names[-4:] == ["previous_attempts", "credits", "education", "days_before"]
    again = table.values[np.argmax(table.start)]
    assert again[-4:].tolist() == [1, 60, 2, 20]
    assert again[names.index("finished_share")] < 0.5


@pytest.fixture
def csv(tmp_path):
    """Two hundred learners, of whom every other finishes everything, each with three courses a month apart."""
    rng = np.random.default_rng(0)
    rows = []
    for user in range(300):
        for step in range(3):
            start = (user % 60) * 3 + 30 * step + rng.random()
            finishes = (user % 2 == 0) != (rng.random() < 0.1)
            rows.append((user, f"c{rng.integers(6)}", start * 86400, finishes, not finishes, (start + 3) * 86400))
    columns = ["user_id", "item_id", "timestamp", "completed", "dropped", "ended"]
    path = tmp_path / "attempts.csv"
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    return path


def test_the_command_measures_and_stores(csv, tmp_path, capsys) -> None:
    assert main(["finishing", str(csv), "--json", str(tmp_path / "figures.json"), "--out", str(tmp_path / "model")]) == 0
    figures = json.loads((tmp_path / "figures.json").read_text())
    models = figures["models"]
    assert models["additive"]["brier"][0] < models["overall share"]["brier"][0] - 0.03
    assert models["additive"]["auc"][0] > 0.7
    assert figures["test"]["attempts"] > 100
    assert "additive - boosting, Platt" in capsys.readouterr().out
    model = FinishModel.load(tmp_path / "model")
    table = read_source(csv).feature_table()
    assert model.n_outcomes == np.isfinite(table.outcome).sum()
    assert model.explain(table, len(table) - 1)[0].kind == "track_record"


def test_learners_and_courses_may_be_called_none(tmp_path) -> None:
    path = tmp_path / "attempts.csv"
    path.write_text("user_id,item_id,timestamp,completed,progress\nNA,null,86400,0,0.25\nNone,NaN,86400,0,null\n")
    attempts = read_source(path).attempts
    assert attempts.user_ids == ("NA", "None")
    assert attempts.item_ids == ("null", "NaN")
    assert attempts.progress.tolist() == pytest.approx([0.25, np.nan], nan_ok=True)


@pytest.mark.parametrize("name", ["attempts.csv.gz", "folder"])
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_file_is_refused_in_a_line(csv, tmp_path, capsys, name: str, damage: str) -> None:
    whole = gzip.compress(csv.read_bytes(), mtime=0)
    half = len(whole) // 2
    broken = whole[:half] if damage == "cut" else whole[:half] + bytes(byte ^ 255 for byte in whole[half : half + 40]) + whole[half + 40 :]
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
        (path / "explicit_ratings_en.csv.gz").write_bytes(broken)
    else:
        path.write_bytes(broken)
    assert main(["finishing", str(path)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "is not a readable CSV file" in told


def test_a_folder_of_something_else_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="neither"):
        read_source(tmp_path)


def test_a_file_without_outcomes_is_refused_in_words(tmp_path, capsys) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("user_id,item_id,timestamp\na,x,1\n")
    assert main(["finishing", str(path)]) == 2
    assert "completed" in capsys.readouterr().err


def test_data_too_young_to_judge_say_so(tmp_path, capsys) -> None:
    path = tmp_path / "young.csv"
    path.write_text("user_id,item_id,timestamp,completed,ended\na,x,86400,1,172800\n")
    assert main(["finishing", str(path)]) == 2
    assert "old enough" in capsys.readouterr().err
