"""Same data, same seed, same bytes: whatever the process's hash seed is and however many threads it is given."""

import json
import os
import platform
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.processes import started

ROOT = Path(__file__).parents[3]
SCRIPT = Path(__file__).with_name("train_world.py")
TIMES = {"fit_seconds", "score_us_per_user", "score_us_single", "peak_mb", "seconds"}
"""What a manifest measures of the machine."""
IDENTITY = {"created_at", "checksum"}  # the checksum seals the rest, times included


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same trainings in two processes that have nothing else in common."""
    roots = [tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")]
    with ExitStack() as stack:
        processes = []
        for root, hash_seed, threads in zip(roots, ("1", "2"), ("1", "3"), strict=True):
            counts = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), threads)
            if platform.machine() == "x86_64":
                # These kernels round by how rows are shared among threads; those of newer processors hide what depends on it.
                counts["OPENBLAS_CORETYPE"] = "Haswell"
            env = os.environ | counts | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
            processes.append(stack.enter_context(started([sys.executable, str(SCRIPT), str(root)], env=env)))
        assert [process.wait() for process in processes] == [0, 0]
    return roots


def artifact(root: Path) -> Path:
    (found,) = (path for path in root.iterdir() if path.is_dir())
    return found


def files(directory: Path) -> dict[str, bytes]:
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def lasting(values: Any) -> Any:
    """Without what is measured of the machine and the moment."""
    if isinstance(values, dict):
        return {name: lasting(value) for name, value in values.items() if name not in TIMES | IDENTITY}
    return [lasting(value) for value in values] if isinstance(values, list) else values


@pytest.mark.parametrize("kind", ["ordered", "unordered"])
def test_every_file_of_an_artifact_is_the_same(runs: list[Path], kind: str) -> None:
    first, second = (files(artifact(root / kind)) for root in runs)
    assert first.keys() == second.keys()
    assert {"hybrid/weights_.npy", "hybrid/ease/weights_.npy", "gram/state.json", "ndcg.npy"} <= first.keys()
    assert any(name.startswith("finishing/") for name in first) == (kind == "ordered")
    assert [name for name in first if name != "manifest.json" and first[name] != second[name]] == []


@pytest.mark.parametrize("kind", ["ordered", "unordered"])
def test_manifests_differ_in_times_alone(runs: list[Path], kind: str) -> None:
    first, second = (json.loads((artifact(root / kind) / "manifest.json").read_text("utf-8")) for root in runs)
    assert first["data"]["ordered"] == (kind == "ordered")
    assert 0 < first["metrics"]["models"]["hybrid"]["ndcg"] < 1
    assert first["created_at"] != second["created_at"]
    assert lasting(first) == lasting(second)
