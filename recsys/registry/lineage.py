"""Lineage of a model: sources with counts and time range, the code, the libraries, the parent."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import recsys
from recsys.data.dataset import Dataset

_LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn")
_CHUNK = 1 << 20
_DAY = 86_400.0  # for time zones, and dates without a time


@dataclass(frozen=True, slots=True)
class Source:
    """A table or a file that was read.

    `rows` as they were read; `first` and `last` are the times of its oldest and newest row (ISO-8601 in UTC), `highest_id` the
    newest row's number where rows are numbered; `sha256` and `layout` are known of files. None where there is no such thing.
    """

    kind: str
    name: str
    rows: int
    first: str | None = None
    last: str | None = None
    highest_id: int | None = None
    sha256: str | None = None
    layout: str | None = None


def file_source(path: Path, rows: int, layout: str | None = None) -> Source:
    """A file by its name (not its folder, which is nobody's business) and the checksum of its bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return Source("file", path.name, rows, sha256=digest.hexdigest(), layout=layout)


def describe_lineage(sources: Sequence[Source], parent: str | None, erasures: str | None = None) -> dict[str, Any]:
    """What a manifest keeps: `sources`, `code`, `libraries`, the artifact that served when this one was made (`parent`), and the
    name of the erasures that the data were read after (see `may_hold_erased_people`)."""
    known = [{name: value for name, value in asdict(source).items() if value is not None} for source in sources]
    return {"sources": known, "parent": parent, "erasures": erasures, "code": code_fingerprint(), "libraries": libraries()}


def may_hold_erased_people(lineage: Mapping[str, Any], erasures: str | None) -> bool:
    """Whether a model of this lineage may hold somebody who has been erased since.

    `erasures` names all erasures so far in any words, equal ones for equal erasures; None where there was none. Names are
    compared, not times: data that were read while somebody was being erased cannot pass for newer than they are.
    """
    return erasures is not None and lineage.get("erasures") != erasures


def describe_data(dataset: Dataset, now: float) -> dict[str, Any]:
    """The dataset in figures: fingerprint, sizes, whether order means anything, and the range of its times (as given).

    Where most lie before `now` (seconds since the epoch), those after it do not count: a clock that was ahead has stamped them, and nothing
    would be news to the model until that day has come.
    """
    events = dataset.histories
    times = np.empty(0) if events.timestamps is None else events.timestamps[np.isfinite(events.timestamps)]
    if len(times) and np.median(times) <= now:
        times = times[times <= now + _DAY]
    return {
        "fingerprint": dataset.fingerprint,
        "n_users": dataset.n_users,
        "n_items": dataset.n_items,
        "n_interactions": len(events.items),
        "ordered": dataset.ordered,
        "first_time": float(times.min()) if len(times) else None,
        "last_time": float(times.max()) if len(times) else None,
    }


def libraries() -> Mapping[str, str]:
    """Python and the packages whose numbers end up in a model."""
    versions = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:  # installed without its metadata
            continue
    return versions


@cache
def code_fingerprint() -> str:
    """SHA-256 over the sources of this library: equal code, equal fingerprint, installed or not, with or without a repository."""
    root = Path(recsys.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\x1f" + path.read_bytes() + b"\x1e")
    return digest.hexdigest()
