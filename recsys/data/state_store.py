"""State store: learned NumPy arrays and JSON in a folder, never pickles.

A folder holds one `.npy` file per dense array, three per sparse matrix, and `state.json` naming them all with shape and
type, so that a file which was cut short, swapped or comes from elsewhere is refused before it is used.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.errors import ArtifactError
from recsys.faults import Fault

FORMAT = 1
Stored: TypeAlias = npt.NDArray[Any] | sparse.csr_matrix
_PARTS = ("data", "indices", "indptr")


def save_state(directory: Path, arrays: Mapping[str, Stored], values: Mapping[str, Any]) -> None:
    """Write `arrays` and the JSON `values` into `directory`, which is made where absent. Same state, same bytes."""
    directory.mkdir(parents=True, exist_ok=True)
    listing = {name: _write_array(directory, name, array) for name, array in sorted(arrays.items())}
    document = {"format": FORMAT, "arrays": listing, "values": dict(values)}
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    (directory / "state.json").write_text(text, encoding="utf-8")


def load_state(directory: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arrays by name (memory-mapped read-only) and the JSON values that `save_state` wrote.

    Raises ArtifactError when a file is missing, damaged, of another shape or type, or of another format.
    """
    try:
        document = json.loads((directory / "state.json").read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ArtifactError(Fault.STATE_FORMAT_UNKNOWN, part=directory.name, found=document["format"], known=FORMAT)
        return {name: _read_array(directory, name, entry) for name, entry in document["arrays"].items()}, document["values"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(Fault.STATE_UNREADABLE, part=directory.name, error=error) from error


def _write_array(directory: Path, name: str, array: Stored) -> dict[str, Any]:
    if not sparse.issparse(array):
        return {"kind": "dense", **_write_dense(directory / f"{name}.npy", np.asarray(array))}
    matrix = sparse.csr_matrix(array)
    parts = {part: _write_dense(directory / f"{name}.{part}.npy", getattr(matrix, part)) for part in _PARTS}
    return {"kind": "csr", "shape": list(matrix.shape), "parts": parts}


def _write_dense(path: Path, array: npt.NDArray[Any]) -> dict[str, Any]:
    if array.dtype.hasobject:
        raise ArtifactError(Fault.ARRAY_OF_OBJECTS, file=path.name)
    np.save(path, np.ascontiguousarray(array), allow_pickle=False)
    return {"shape": list(array.shape), "dtype": array.dtype.str}


def _read_array(directory: Path, name: str, entry: Mapping[str, Any]) -> Stored:
    if Path(name).name != name:
        raise ArtifactError(Fault.ARRAY_NAME_UNUSABLE, part=directory.name, name=name)
    if entry["kind"] == "dense":
        return _read_dense(directory / f"{name}.npy", entry)
    parts = [_read_dense(directory / f"{name}.{part}.npy", entry["parts"][part]) for part in _PARTS]
    matrix = sparse.csr_matrix(tuple(parts), shape=tuple(entry["shape"]), copy=False)
    matrix.check_format(full_check=True)  # compiled code reads without looking where; ValueError
    return matrix


def _read_dense(path: Path, entry: Mapping[str, Any]) -> npt.NDArray[Any]:
    # An empty file cannot be mapped, so arrays without elements are read instead.
    mode: Literal["r"] | None = "r" if all(entry["shape"]) else None
    array: npt.NDArray[Any] = np.load(path, mmap_mode=mode, allow_pickle=False)
    if list(array.shape) != list(entry["shape"]) or array.dtype.str != entry["dtype"]:
        raise ArtifactError(Fault.ARRAY_CHANGED, file=path.name)
    # Still mapped, but a plain array: every slice of a memmap object costs several microseconds of bookkeeping.
    return array.view(np.ndarray)
