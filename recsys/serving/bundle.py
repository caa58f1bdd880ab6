"""The parts of a stored recommender, opened and checked against each other."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.content import ContentModel
from recsys.candidates.popularity import PopularityModel
from recsys.candidates.trending import TrendingModel
from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError
from recsys.features.text import item_text, tokens
from recsys.finishing.features import FEATURES
from recsys.finishing.model import FinishModel
from recsys.ranking.blend import HybridModel
from recsys.registry.manifest import Manifest
from recsys.registry.store import verify
from recsys.types import Item

_HYBRID, _POPULARITY, _TRENDING, _ITEMS = "hybrid", "popularity", "trending", "items.json"
_WORDS = "words.json"
_FINISHING = "finishing"
_WORD = re.compile(r"[a-z][a-z0-9+#-]+")


@dataclass(frozen=True)
class Bundle:
    """A fitted blend with the items it knows; arrays are memory-mapped, so processes share them.

    `finishing` is the chance to finish, None in an artifact trained without attempts.
    """

    manifest: Manifest
    hybrid: HybridModel
    popularity: PopularityModel
    trending: TrendingModel
    items: tuple[Item, ...]
    counts: npt.NDArray[np.int64]
    words: Mapping[str, str]
    finishing: FinishModel | None = None

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
            words=_read_json(directory / _WORDS),
            counts=np.rint(np.expm1(popularity.scores_)).astype(np.int64),
            finishing=open_finishing(directory),
        )
        if not len(items) == len(popularity.scores_) == len(bundle.trending.scores_):
            raise ArtifactError(f"{directory.name}: its parts know different numbers of items")
        return bundle

    def shared_terms(self, first: str, second: str, limit: int = 3) -> tuple[str, ...]:
        """Words that make the texts of two trained items alike, the heaviest first; () where there are none."""
        content = self.hybrid.sources_.get(ContentModel.name)
        rows = [self.positions.get(item_id) for item_id in (first, second)]
        if not isinstance(content, ContentModel) or rows[0] is None or rows[1] is None:
            return ()
        (a, x), (b, y) = (_sparse_row(content.vectors_, row) for row in rows if row is not None)
        shared, left, right = np.intersect1d(a, b, assume_unique=True, return_indices=True)
        best = np.argsort(-(x[left] * y[right]), kind="stable")[: 2 * limit]
        words = (self._readable(content.vectorizer_.terms_[shared[i]]) for i in best)
        return tuple(islice(dict.fromkeys(words), limit))

    def _readable(self, term: str) -> str:
        return " ".join(self.words.get(stem, stem) for stem in term.split(" "))

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Index of each trained item by id."""
        return {item.item_id: index for index, item in enumerate(self.items)}


def open_finishing(directory: Path) -> FinishModel | None:
    """The chance to finish in an artifact; None where it holds none, or one of other features than are known now.

    Raises ArtifactError when it is damaged.
    """
    if not (directory / _FINISHING).is_dir():
        return None
    model = FinishModel.load(directory / _FINISHING)
    return model if model.features_ == FEATURES else None


def bundle_writer(hybrid: HybridModel, dataset: Dataset, finishing: FinishModel | None = None) -> Callable[[Path], None]:
    """What `write_artifact` needs to store a blend fitted on `dataset`, and the chance to finish where it is known."""

    def write(directory: Path) -> None:
        hybrid.save(directory / _HYBRID)
        PopularityModel().fit(dataset).save(directory / _POPULARITY)
        TrendingModel().fit(dataset).save(directory / _TRENDING)
        _write_json(directory / _ITEMS, [_plain(item) for item in dataset.items])
        if finishing is not None:
            finishing.save(directory / _FINISHING)
        _write_json(directory / _WORDS, stem_words(item_text(item) for item in dataset.items))

    return write


def _plain(item: Item) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if value not in (None, "", ())}


def stem_words(texts: Iterable[str]) -> dict[str, str]:
    """The most frequent spelling behind each stem, so that a shared term can be named as people write it."""
    spelled: dict[str, Counter[str]] = {}
    for text in texts:
        for word in _WORD.findall(text.lower()):
            for stem in tokens(word):
                if stem != word:
                    spelled.setdefault(stem, Counter())[word] += 1
    return {stem: max(sorted(found), key=found.__getitem__) for stem, found in sorted(spelled.items())}


def _sparse_row(matrix: sparse.csr_matrix, row: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.indices[part], matrix.data[part]


def _write_json(path: Path, values: object) -> None:
    path.write_text(json.dumps(values, ensure_ascii=False, allow_nan=False), "utf-8")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path.parent.name}: {path.name} cannot be read: {error}") from error


def _read_items(path: Path) -> tuple[Item, ...]:
    try:
        return tuple(_item(row) for row in _read_json(path))
    except (TypeError, AttributeError) as error:
        raise ArtifactError(f"{path.parent.name}: its items cannot be read: {error}") from error


def _item(row: Mapping[str, Any]) -> Item:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Item(**values)
