"""python -m recsys models: what there is, what serves, and changing it."""

import shutil
from pathlib import Path

import pytest

from recsys.__main__ import main
from recsys.data.state_store import load_state, save_state
from recsys.pipelines.train import train
from recsys.registry.manifest import MANIFEST_FILE, Manifest
from recsys.registry.promotion import SERVING_FILE, promote, read_promotions
from recsys.registry.store import Artifact, write_artifact
from tests.recsys import worlds
from tests.recsys.registry.conftest import Store


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(worlds.interactions(40), worlds.items(), tmp_path_factory.mktemp("trained"), evaluate=False)


@pytest.fixture
def store(tmp_path: Path, trained: Path) -> Store:
    """Stores an artifact that can serve, made at a second of one minute; one that cannot with `foreign`, whose files are as its
    manifest says."""

    def make(second: int, *, foreign: bool = False, **values: object) -> Artifact:
        def write(directory: Path) -> None:
            shutil.copytree(trained, directory, dirs_exist_ok=True)
            (directory / MANIFEST_FILE).unlink()
            if foreign:
                arrays, stored = load_state(directory / "hybrid")
                save_state(directory / "hybrid", {name: array.copy() for name, array in arrays.items()}, {**stored, "model": "another"})

        return write_artifact(tmp_path, Manifest("toy", {}, f"2026-01-02T03:04:{second:02d}+00:00", **values), write)  # type: ignore[arg-type]

    return make


def ask(root: Path, *arguments: str) -> int:
    action, *rest = arguments
    return main(["models", action, "--root", str(root), *rest])


def test_the_list_tells_what_serves_what_was_held_back_and_what_happened(tmp_path: Path, store, capsys) -> None:
    figures = {"models": {"toy": {"ndcg": 0.2034}}}
    serving = store(0, metrics=figures)
    held = store(1, gate={"promote": False, "reasons": ["It fell."]})
    promote(tmp_path, serving.name, "the first", "somebody")
    assert ask(tmp_path, "pin", held.name) == 0
    capsys.readouterr()
    assert ask(tmp_path, "list") == 0
    newest, oldest, history = capsys.readouterr().out.splitlines()
    assert newest.startswith(held.name)
    assert "held back, pinned" in newest
    assert "serving" not in newest
    assert "ndcg 0.2034  serving" in oldest
    assert f"promoted {serving.name} by somebody: the first" in history


def test_promote_and_back(tmp_path: Path, store, capsys) -> None:
    first, second = store(0), store(1)
    assert ask(tmp_path, "promote", first.name, "--why", "to try") == 0
    assert f"promoted {first.name} by command line: to try" in capsys.readouterr().out
    assert ask(tmp_path, "rollback") == 0
    assert f"back to {second.name}" in capsys.readouterr().out


def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path, store, capsys) -> None:
    store(0)
    assert ask(tmp_path, "promote", "nothing") == 2
    assert "no model 'nothing'" in capsys.readouterr().err
    assert ask(tmp_path, "rollback") == 2
    assert ask(tmp_path / "nowhere", "list") == 2
    with pytest.raises(SystemExit):
        main(["models", "promote", "--root", str(tmp_path)])


@pytest.mark.parametrize("action", ["promote", "rollback", "pin", "unpin"])
def test_a_directory_that_cannot_be_written_is_told_in_a_line(tmp_path: Path, store, capsys, action: str) -> None:
    names = [store(0).name, store(1).name]
    assert ask(tmp_path, "pin", names[0]) == 0
    (tmp_path / ".serving.lock").unlink()
    (tmp_path / ".serving.lock").mkdir()  # also root cannot open a directory for writing
    before = (tmp_path / SERVING_FILE).read_bytes()
    capsys.readouterr()
    assert ask(tmp_path, action, *([] if action == "rollback" else names[:1])) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith(f"recsys models: {SERVING_FILE} cannot be written in {tmp_path}")
    assert (tmp_path / SERVING_FILE).read_bytes() == before


def test_only_what_is_there_or_pinned_can_be_unpinned(tmp_path: Path, store, capsys) -> None:
    kept, gone = store(0), store(1)
    assert ask(tmp_path, "unpin", "nonsense") == 2
    assert "no model 'nonsense'" in capsys.readouterr().err
    assert not (tmp_path / SERVING_FILE).exists()
    assert ask(tmp_path, "unpin", kept.name) == 0  # it is not pinned, which is what was asked for
    assert ask(tmp_path, "pin", gone.name) == 0
    shutil.rmtree(gone.directory)
    assert ask(tmp_path, "unpin", gone.name) == 0
    assert read_promotions(tmp_path).pinned == ()


def test_a_damaged_file_of_promotions_is_told_in_the_list(tmp_path: Path, store, capsys) -> None:
    artifact = store(0)
    (tmp_path / SERVING_FILE).write_text("{", "utf-8")
    assert ask(tmp_path, "list") == 0
    told = capsys.readouterr().out
    assert f"refused: {SERVING_FILE}" in told
    assert f"{artifact.name}  " in told


def test_what_cannot_be_opened_is_not_promoted(tmp_path: Path, store, capsys) -> None:
    good, foreign = store(0), store(1, foreign=True)
    assert ask(tmp_path, "promote", foreign.name) == 2
    assert "complete 'hybrid'" in capsys.readouterr().err
    assert not (tmp_path / SERVING_FILE).exists()
    promote(tmp_path, foreign.name, "by checksums alone", "somebody")
    promote(tmp_path, good.name, "", "somebody")
    assert ask(tmp_path, "rollback") == 2
    assert "no usable model" in capsys.readouterr().err
    assert read_promotions(tmp_path).current.name == good.name


def test_one_that_cannot_be_opened_leaves_the_next_serving(tmp_path: Path, store, capsys) -> None:
    good, foreign = store(1), store(0, foreign=True)
    promote(tmp_path, foreign.name, "by checksums alone", "somebody")
    assert ask(tmp_path, "list") == 0
    newest, oldest, told, _ = capsys.readouterr().out.splitlines()
    assert newest.startswith(good.name)
    assert "serving" in newest
    assert "serving" not in oldest
    assert told.startswith(f"refused: {foreign.name}: ")
    (tmp_path / "histories.csv").write_text("user_id,item_id\nada,a1\n", "utf-8")
    batch = ["batch", "--interactions", str(tmp_path / "histories.csv"), "--out", str(tmp_path / "slates.csv"), "--workers", "1"]
    for command in (["recommend", "--history", "a1"], batch):
        assert main([*command, "--model", str(tmp_path)]) == 0
        told = capsys.readouterr()
        assert told.err.startswith(f"refused: {foreign.name}: ")
        assert main([*command, "--model", str(foreign.directory)]) == 2  # that very one was asked for
        assert "complete 'hybrid'" in capsys.readouterr().err
    assert (tmp_path / "slates.csv").read_text("utf-8").startswith("user_id,rank,item_id,score\nada,1,a")
