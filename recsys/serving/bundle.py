"""The parts of a stored recommender, opened and checked against each other."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.candidates.popularity import PopularityModel
from recsys.candidates.trending import TrendingModel
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError
from recsys.ranking.blend import HybridModel
from recsys.registry.manifest import Manifest
from recsys.registry.store import verify
from recsys.types import Item

_HYBRID, _POPULARITY, _TRENDING, _ITEMS = "hybrid", "popularity", "trending", "items.json"


@dataclass(frozen=True)
class Bundle:
    """A fitted blend with the items it knows; arrays are memory-mapped, so processes share them."""

    manifest: Manifest
    hybrid: HybridModel
    popularity: PopularityModel
    trending: TrendingModel
    items: tuple[Item, ...]
    counts: npt.NDArray[np.int64]

    @classmethod
    def open(cls, directory: Path) -> "Bundle":
        """Verify and open an artifact; raises ArtifactError when it cannot be served."""
        manifest = verify(directory)
        items = _read_items(directory / _ITEMS)
        popularity = PopularityModel.load(directory / _POPULARITY)
        bundle = cls(
            manifest=manifest,
            hybrid=HybridModel.load(directory / _HYBRID),
            popularity=popularity,
            trending=TrendingModel.load(directory / _TRENDING),
            items=items,
            counts=np.rint(np.expm1(popularity.scores_)).astype(np.int64),
        )
        if not len(items) == len(popularity.scores_) == len(bundle.trending.scores_):
            raise ArtifactError(f"{directory.name}: its parts know different numbers of items")
        return bundle

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Index of each trained item by id."""
        return {item.item_id: index for index, item in enumerate(self.items)}


def bundle_writer(hybrid: HybridModel, dataset: Dataset) -> Callable[[Path], None]:
    """What `write_artifact` needs to store a blend fitted on `dataset`."""

    def write(directory: Path) -> None:
        hybrid.save(directory / _HYBRID)
        PopularityModel().fit(dataset).save(directory / _POPULARITY)
        TrendingModel().fit(dataset).save(directory / _TRENDING)
        text = json.dumps([_plain(item) for item in dataset.items], ensure_ascii=False, allow_nan=False)
        (directory / _ITEMS).write_text(text, "utf-8")

    return write


def _plain(item: Item) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if value not in (None, "", ())}


def _read_items(path: Path) -> tuple[Item, ...]:
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
        return tuple(_item(row) for row in rows)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path.parent.name}: its items cannot be read: {error}") from error


def _item(row: Mapping[str, Any]) -> Item:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Item(**values)
