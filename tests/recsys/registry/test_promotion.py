"""Which model serves is said in one place, survives everything, and can be taken back."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from recsys.errors import ArtifactError
from recsys.registry.promotion import (
    SERVING_FILE,
    load_serving,
    promote,
    protected_names,
    read_promotions,
    record_serving_artifact,
    roll_back,
    serving_fallback_order,
    set_removal_protection,
)


@pytest.fixture
def names(store) -> list[str]:
    """Four artifacts, oldest first."""
    return [store(second).name for second in range(4)]


def serving(root: Path) -> str:
    return load_serving(root).name


def refusals(root: Path) -> tuple[str, list[str]]:
    told: list[str] = []
    return load_serving(root, lambda path, error: told.append(path.name)).name, told


def test_without_a_promotion_the_newest_serves(tmp_path: Path, names: list[str]) -> None:
    assert serving(tmp_path) == names[3]
    assert read_promotions(tmp_path).current is None
    assert [path.name for path in serving_fallback_order(tmp_path)] == names[::-1]


def test_the_promoted_one_serves_however_many_newer_there_are(tmp_path: Path, names: list[str], store) -> None:
    done = promote(tmp_path, names[1], "better on new learners", "gate")
    assert (done.name, done.previous, done.rollback) == (names[1], names[3], False)
    assert protected_names(tmp_path) == {names[1], names[3]}
    store(40)
    assert serving(tmp_path) == names[1]
    current = read_promotions(tmp_path).current
    assert current is not None
    assert (current.why, current.by) == ("better on new learners", "gate")
    assert current.at.endswith("+00:00")


def test_promoting_the_serving_one_changes_nothing(tmp_path: Path, names: list[str]) -> None:
    first = promote(tmp_path, names[1], "a", "b")
    assert promote(tmp_path, names[1], "again", "b") == first
    assert len(read_promotions(tmp_path).history) == 1


@pytest.mark.parametrize("name", ["20200101T000000000000-00000000", "../elsewhere", "", SERVING_FILE])
def test_what_is_not_there_cannot_be_promoted(tmp_path: Path, names: list[str], name: str) -> None:
    with pytest.raises(ArtifactError, match="no model"):
        promote(tmp_path, name, "", "")
    assert serving(tmp_path) == names[3]


def test_a_damaged_model_cannot_be_promoted(tmp_path: Path, store, damage) -> None:
    store(0)
    broken = store(1)
    damage(broken)
    with pytest.raises(ArtifactError, match="checksum"):
        promote(tmp_path, broken.name, "", "")
    assert not (tmp_path / SERVING_FILE).exists()


def test_rolling_back_goes_further_each_time_and_ends(tmp_path: Path, names: list[str]) -> None:
    for name in names[:3]:
        promote(tmp_path, name, "", "")
    # names[3] served by its age before anything was promoted
    for expected in (names[1], names[0], names[3]):
        step = roll_back(tmp_path, "complaints", "somebody")
        assert step.name == expected
        assert step.rollback
        assert serving(tmp_path) == expected
    with pytest.raises(ArtifactError, match="before the present one"):
        roll_back(tmp_path, "", "")
    history = read_promotions(tmp_path).history
    assert [entry.name for entry in history] == [*names[:3], names[1], names[0], names[3]]
    assert history[-1].previous == names[0]


def test_pressed_twice_a_step_back_from_one_model_is_one_step(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        promote(tmp_path, name, "", "somebody")
    together, refused = threading.Barrier(4), []

    def press() -> None:
        together.wait()
        try:
            roll_back(tmp_path, "", "somebody", only_from=names[3])
        except ArtifactError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert serving(tmp_path) == names[2]
    assert refused == [f"{names[3]} does not serve any more: {names[2]} does"] * 3


def test_after_a_step_back_a_promotion_goes_on_from_there(tmp_path: Path, names: list[str]) -> None:
    for name in names[:2]:
        promote(tmp_path, name, "", "")
    roll_back(tmp_path, "", "")
    promote(tmp_path, names[2], "", "")
    assert read_promotions(tmp_path).rollback_versions == (names[3], names[0], names[2])
    assert roll_back(tmp_path, "", "").name == names[0]


def test_a_model_that_is_promoted_again_can_be_left_again(tmp_path: Path, names: list[str]) -> None:
    for name in (names[0], names[1], names[0]):
        promote(tmp_path, name, "", "")
    assert roll_back(tmp_path, "", "").name == names[1]
    assert roll_back(tmp_path, "", "").name == names[0]


def test_without_promotions_one_steps_back_by_age(tmp_path: Path, names: list[str]) -> None:
    assert roll_back(tmp_path, "", "").name == names[2]
    assert serving(tmp_path) == names[2]


def test_steps_back_leave_out_what_is_gone_or_damaged(tmp_path: Path, store, damage) -> None:
    made = [store(second) for second in range(4)]
    for artifact in made:
        promote(tmp_path, artifact.name, "", "")
    damage(made[2])
    shutil.rmtree(made[1].directory)
    assert roll_back(tmp_path, "", "").name == made[0].name


def test_when_the_promoted_one_is_damaged_its_predecessor_serves_and_it_is_said(tmp_path: Path, store, damage) -> None:
    first, second, third, held_back = (store(s) for s in range(4))
    for artifact in (third, first, second):
        promote(tmp_path, artifact.name, "", "")
    damage(second)
    # not the newest: that one was never let through
    assert refusals(tmp_path) == (first.name, [second.name])
    damage(first)
    damage(third)
    assert refusals(tmp_path) == (held_back.name, [second.name, first.name, third.name])


def test_a_promoted_model_that_was_removed_is_told(tmp_path: Path, store) -> None:
    first, second = store(0), store(1)
    promote(tmp_path, first.name, "", "")
    shutil.rmtree(first.directory)
    assert refusals(tmp_path) == (second.name, [first.name])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "x"}', '{"format":"waymark-serving","version":1,"history":[{}],"pinned":[]}'])
def test_a_damaged_file_of_promotions_is_told_and_age_decides(tmp_path: Path, names: list[str], text: str) -> None:
    promote(tmp_path, names[0], "", "")
    (tmp_path / SERVING_FILE).write_text(text, "utf-8")
    assert refusals(tmp_path) == (names[3], [SERVING_FILE])
    with pytest.raises(ArtifactError):
        roll_back(tmp_path, "", "")
    promote(tmp_path, names[1], "mended", "")
    assert refusals(tmp_path) == (names[1], [])


def test_no_good_artifact_is_an_error(tmp_path: Path, store, damage) -> None:
    damage(store(0))
    with pytest.raises(ArtifactError, match="1 refused"):
        load_serving(tmp_path)
    assert record_serving_artifact(tmp_path, "", "") is None
    with pytest.raises(ArtifactError):
        promote(tmp_path / "nowhere", "x", "", "")


def test_what_serves_by_age_can_be_named_before_a_newer_one_comes(tmp_path: Path, names: list[str], store) -> None:
    kept = record_serving_artifact(tmp_path, "before a training", "training")
    assert kept is not None
    assert (kept.name, kept.previous) == (names[3], None)
    store(40)
    assert serving(tmp_path) == names[3]
    assert record_serving_artifact(tmp_path, "again", "training") == kept


def test_serving_and_predecessor_and_pinned_are_protected(tmp_path: Path, names: list[str]) -> None:
    for name in names[:3]:
        promote(tmp_path, name, "", "")
    assert protected_names(tmp_path) == {names[1], names[2]}
    set_removal_protection(tmp_path, names[0])
    set_removal_protection(tmp_path, names[0])
    assert protected_names(tmp_path) == {names[0], names[1], names[2]}
    assert read_promotions(tmp_path).pinned == (names[0],)
    set_removal_protection(tmp_path, names[0], pinned=False)
    assert protected_names(tmp_path) == {names[1], names[2]}
    with pytest.raises(ArtifactError):
        set_removal_protection(tmp_path, "nothing")


def test_promotions_at_once_are_all_kept(tmp_path: Path, names: list[str]) -> None:
    start = threading.Barrier(4)

    def contend(number: int) -> None:
        start.wait()
        for step in range(5):
            promote(tmp_path, names[(number + step) % 4], f"{number}", "")

    threads = [threading.Thread(target=contend, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = read_promotions(tmp_path).history
    # Each began where another had ended: nothing was lost in between.
    assert [entry.previous for entry in history[1:]] == [entry.name for entry in history[:-1]]
    assert len(history) > 4


def test_the_history_stays_bounded(tmp_path: Path, names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.registry.promotion._KEPT", 5)
    for number in range(12):
        promote(tmp_path, names[number % 4], str(number), "")
    assert [entry.why for entry in read_promotions(tmp_path).history] == ["7", "8", "9", "10", "11"]
    assert roll_back(tmp_path, "", "").name == names[2]


def test_a_writer_that_dies_leaves_the_old_word_in_force(tmp_path: Path, names: list[str]) -> None:
    promote(tmp_path, names[0], "", "")
    code = (
        "import os, sys, pathlib\nfrom recsys.registry import promotion\n"
        "os.replace = lambda *_: os._exit(9)\n"
        f"promotion.promote(pathlib.Path({str(tmp_path)!r}), {names[1]!r}, '', '')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 9
    assert serving(tmp_path) == names[0]
    promote(tmp_path, names[1], "", "")  # the lock went with the process
    assert serving(tmp_path) == names[1]


def test_the_file_is_plain_json(tmp_path: Path, names: list[str]) -> None:
    promote(tmp_path, names[0], "für Ada", "gate")
    values = json.loads((tmp_path / SERVING_FILE).read_text("utf-8"))
    assert values["history"][0]["why"] == "für Ada"
    assert (tmp_path / SERVING_FILE).stat().st_mode & 0o777 == 0o644
