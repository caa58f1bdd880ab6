from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from recsys.data.state_store import load_state, save_state
from recsys.errors import ArtifactError


def test_arrays_and_values_come_back(tmp_path: Path) -> None:
    dense = np.arange(6, dtype=np.float32).reshape(2, 3)
    matrix = sparse.csr_matrix(np.array([[0, 1.5], [0, 0]], np.float32))
    save_state(tmp_path, {"dense": dense, "matrix": matrix, "none": np.empty((0, 4))}, {"k": 3})
    arrays, values = load_state(tmp_path)
    assert np.array_equal(arrays["dense"], dense)
    assert isinstance(arrays["dense"].base, np.memmap)  # mapped, not read
    assert not arrays["dense"].flags.writeable
    assert np.array_equal(arrays["matrix"].toarray(), matrix.toarray())
    assert arrays["none"].shape == (0, 4)
    assert values == {"k": 3}


def test_the_same_state_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_state(tmp_path / name, {"x": np.ones(3), "y": np.zeros(2)}, {"b": 1, "a": [1, 2]})
    assert [p.read_bytes() for p in sorted((tmp_path / "a").iterdir())] == [p.read_bytes() for p in sorted((tmp_path / "b").iterdir())]


def test_objects_are_never_stored(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError):
        save_state(tmp_path, {"x": np.array([{}], object)}, {})


def test_a_pickle_in_disguise_is_refused(tmp_path: Path) -> None:
    save_state(tmp_path, {"x": np.ones(3)}, {})
    np.save(tmp_path / "x.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(ArtifactError):
        load_state(tmp_path)


@pytest.mark.parametrize("other", [np.ones(4), np.ones(3, np.float32)])
def test_another_array_under_the_name_is_refused(tmp_path: Path, other: np.ndarray) -> None:
    save_state(tmp_path, {"x": np.ones(3)}, {})
    np.save(tmp_path / "x.npy", other)
    with pytest.raises(ArtifactError, match="shape or type"):
        load_state(tmp_path)


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    save_state(tmp_path / "m", {"x": np.ones(3)}, {})
    np.save(tmp_path / "x.npy", np.ones(3))
    state = tmp_path / "m" / "state.json"
    state.write_text(state.read_text().replace('"x"', '"../x"'))
    with pytest.raises(ArtifactError):
        load_state(tmp_path / "m")


@pytest.mark.parametrize(("part", "values"), [("indices", [0, 3]), ("indices", [-1, 0]), ("indptr", [0, 3, 2])])
def test_a_sparse_matrix_that_points_outside_itself_is_refused(tmp_path: Path, part: str, values: list[int]) -> None:
    save_state(tmp_path, {"x": sparse.csr_matrix(np.array([[1.0, 0, 0], [0, 2, 0]]))}, {})
    np.save(tmp_path / f"x.{part}.npy", np.array(values, np.int32))
    with pytest.raises(ArtifactError):
        load_state(tmp_path)
