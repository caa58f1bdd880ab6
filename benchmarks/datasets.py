"""The data to measure on, split once and written as files that every competitor reads."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.layouts import read_interactions, read_items
from recsys.data.splits import Split, leave_last, random_holdout
from recsys.pipelines.evaluate import make_split
from recsys.types import Item

ROOT_VARIABLE = "WAYMARK_BENCH_DATA"
_VALIDATION_LEARNERS = 5_000


class RequestError(Exception):
    """What a benchmark was asked for is not there; the text says what to do."""


@dataclass(frozen=True)
class Known:
    """Where a data set lies below the folder of data sets, and how it is split."""

    interactions: str
    items: tuple[str, ...]
    how: str


KNOWN = {
    "mooccubex": Known("mooccubex/interactions.csv.gz", ("mooccubex/course_text_partial.csv.gz", "mooccubex/item_list.csv"), "leave-last"),
    "mars-en": Known("mars-en/implicit_ratings_en.csv.gz", ("mars-en/items_en.csv.gz",), "leave-last"),
    "ibm-capstone": Known("ibm-capstone/enrollments.csv.gz", ("ibm-capstone/course_processed.csv",), "random"),
}


@dataclass(frozen=True)
class Source:
    """What to measure on: files, how to split, and how many learners to draw (all where None)."""

    name: str
    interactions: Path
    items: tuple[Path, ...]
    how: str
    sample: int | None = None

    def split(self, seed: int) -> Split:
        """Read and split; equal arguments, equal split, in any process."""
        dataset = Dataset.from_frames(read_interactions(self.interactions), _catalog(self.items))
        if self.sample is not None and self.sample < dataset.n_users:
            dataset = _sampled(dataset, self.sample)
        how = self.how if self.how != "auto" else ("leave-last" if dataset.ordered else "random")
        return make_split(dataset, how, seed)


def add_arguments(parser: argparse.ArgumentParser, split: str = "auto") -> None:
    """What a comparison measures on, and where its figures go."""
    parser.add_argument("--data", required=True)
    parser.add_argument("--items", type=Path)
    meaning = "as the data allow" if split == "auto" else split
    parser.add_argument("--split", default=split, help=f"leave-last, random or time (default: {meaning})")
    parser.add_argument("--learners", type=int, default=5_000, help="held-out courses to measure on, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)


def asked_source(options: argparse.Namespace, sample: int | None = None) -> Source:
    """The source that `add_arguments` asked for; ends the command, with what to do, where it is not there."""
    try:
        return find_source(options.data, options.items, options.split, sample)
    except RequestError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from error


def find_source(name: str, items: Path | None = None, how: str = "auto", sample: int | None = None) -> Source:
    """A data set by name, or a file. Raises RequestError that says what to do when it is not there."""
    if name not in KNOWN:
        path = Path(name)
        if not path.is_file():
            raise RequestError(f"{name!r} is neither a file nor one of {', '.join(KNOWN)}")
        return Source(path.name.split(".")[0], path, (items,) if items else (), how, sample)
    known = KNOWN[name]
    root = os.environ.get(ROOT_VARIABLE)
    if not root:
        raise RequestError(
            f"No data to measure on. Set {ROOT_VARIABLE} to the folder that holds {known.interactions} and the like, "
            "or name a file of your own: python -m benchmarks.recsys --data interactions.csv [--items items.csv]"
        )
    paths = [Path(root) / part for part in (known.interactions, *known.items)]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise RequestError(f"{ROOT_VARIABLE} is set, but there is no {', '.join(missing)}")
    return Source(name, paths[0], tuple(paths[1:]), how if how != "auto" else known.how, sample)


def describe(name: str, split: Split, k: int, seed: int, how: str = "auto") -> dict[str, Any]:
    """What was measured on, as the report reads it; `how` as in a Source."""
    way = how if how != "auto" else ("leave-last" if split.train.ordered else "random")
    return {
        "name": name,
        "split": way,
        "n_users": split.train.n_users,
        "n_items": split.train.n_items,
        "n_interactions": len(split.train.histories.items),
        "n_test_users": len(split.test_rows),
        "n_test_interactions": len(split.test.items) + int(split.unknown.sum()),
        "fingerprint": split.train.fingerprint,
        "k": k,
        "seed": seed,
    }


def write_split(split: Split, folder: Path, seed: int) -> None:
    """What runners read: `train.npz` and `test_rows.npy`; `fit.npz` and `valid.npz`, the same held out of the training part.

    `test.npz` holds the answers; no runner is told of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    train = split.train
    _write_events(train, folder / "train.npz")
    np.save(folder / "test_rows.npy", split.test_rows)
    np.savez(folder / "test.npz", indptr=split.test.indptr, items=split.test.items)
    inner = validation_split(train, seed)
    _write_events(inner.train, folder / "fit.npz")
    np.savez(folder / "valid.npz", rows=inner.test_rows, indptr=inner.test.indptr, items=inner.test.items)


def validation_split(train: Dataset, seed: int) -> Split:
    """Courses held out of the training part to tune peers on: the last ones where order means something, else some."""
    split = leave_last(train) if train.ordered else random_holdout(train, seed=seed)
    return split.sampled(_VALIDATION_LEARNERS, seed)


def _write_events(dataset: Dataset, path: Path) -> None:
    events = dataset.histories
    liked = events.weights > 0
    np.savez(
        path,
        users=events.rows[liked].astype(np.int32),
        items=events.items[liked],
        weights=events.weights[liked],
        times=_times(events)[liked],
        n_users=dataset.n_users,
        n_items=dataset.n_items,
    )


def _times(events: Histories) -> NDArray[np.float64]:
    """Seconds, or the place in the history where a file knows no times: sequence models only need the order."""
    order = (np.arange(len(events.items)) - events.indptr[:-1][events.rows]).astype(np.float64)
    if events.timestamps is None or np.isnan(events.timestamps).any():
        return order
    return events.timestamps


def _catalog(paths: tuple[Path, ...]) -> tuple[Item, ...]:
    """Items of several files; the first that names one describes it."""
    found: dict[str, Item] = {}
    for path in paths:
        for item in read_items(path):
            found.setdefault(item.item_id, item)
    return tuple(found.values())


def _sampled(dataset: Dataset, count: int) -> Dataset:
    rows = np.sort(np.random.default_rng(0).choice(dataset.n_users, count, replace=False))
    return Dataset(tuple(dataset.user_ids[r] for r in rows), dataset.items, dataset.histories.select(rows), dataset.ordered)
