"""Model bundle: the parts of a stored recommender, opened and checked against each other."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numba.core.errors import NumbaError

from recsys.completion.features import FEATURES
from recsys.completion.model import FinishModel
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.data.state_store import load_state, save_state
from recsys.errors import ArtifactError, MisfitError
from recsys.faults import Fault
from recsys.features.text import item_text, tokens
from recsys.features.text_index import TextIndex, text_index
from recsys.features.trend import recent_takers
from recsys.ranking.blend import HybridModel
from recsys.registry.manifest import Manifest
from recsys.registry.store import verify
from recsys.types import Item

_HYBRID, _POPULARITY, _TRENDING, _ITEMS = "hybrid", "popularity", "trending", "items.json"
_WORDS, _TEXTS = "words.json", "texts"
_TEXTS_BEFORE = f"{_HYBRID}/content"  # where they lay when a source of the blend kept them
_SCORES = "scores_"
_FINISHING = "finishing"
_WORD = re.compile(r"[a-zß-ɏ][a-z0-9ß-ɏ+#-]+")


@dataclass(frozen=True)
class Bundle:
    """A fitted blend with the items it knows; arrays are memory-mapped, so processes share them.

    `popularity` and `trending` are log(1 + learners) of every item, of all times and of late; `counts` the learners. They and `texts`
    belong to the bundle, whatever the blend is made of. `finishing` is the chance to finish, None in an artifact trained without
    attempts.
    """

    manifest: Manifest
    hybrid: HybridModel
    popularity: FloatArray
    trending: FloatArray
    texts: TextIndex
    items: tuple[Item, ...]
    counts: npt.NDArray[np.int64]
    words: Mapping[str, str]
    finishing: FinishModel | None = None

    @classmethod
    def open(cls, directory: Path) -> "Bundle":
        """Verify and open an artifact; raises ArtifactError when it cannot be served."""
        manifest = verify(directory)
        items = _read_items(directory / _ITEMS)
        popularity = _read_scores(directory / _POPULARITY)
        bundle = cls(
            manifest=manifest,
            hybrid=HybridModel.load(directory / _HYBRID),
            popularity=popularity,
            trending=_read_scores(directory / _TRENDING),
            texts=_read_texts(directory, items),
            items=items,
            words=_read_json(directory / _WORDS),
            counts=np.rint(np.expm1(popularity)).astype(np.int64),
            finishing=open_completion_model(directory),
        )
        if not len(items) == len(popularity) == len(bundle.trending) == bundle.texts.vectors.shape[0]:
            raise ArtifactError(Fault.PARTS_DIFFER, model=directory.name)
        try:
            bundle.probe()
        except (IndexError, TypeError, ValueError, NumbaError) as error:  # whole and signed, and yet not of these items
            raise ArtifactError(Fault.MODEL_MISFIT, model=directory.name, error=error) from error
        return bundle

    def probe(self) -> None:
        """Score and explain the first item for somebody who took it, so that arrays which do not belong together are found before a
        learner asks. Raises ValueError and the like where that fails or gives no numbers."""
        if not self.items:
            return
        history = Histories.from_lists([[0]], len(self.items))
        if not np.isfinite(self.hybrid.score(history)).all():
            raise MisfitError(Fault.SCORES_NOT_FINITE)
        for source in self.hybrid.sources_.values():
            source.contributions_to(history, [0])

    def shared_terms(self, first: str, second: str, limit: int = 3) -> tuple[str, ...]:
        """Words that make the texts of two trained items alike, the heaviest first; () where there are none."""
        one, other = self.positions.get(first), self.positions.get(second)
        if one is None or other is None:
            return ()
        words = map(self._readable, self.texts.shared_terms(one, other, 2 * limit))
        return tuple(islice(dict.fromkeys(words), limit))

    def _readable(self, term: str) -> str:
        return " ".join(self.words.get(stem, stem) for stem in term.split(" "))

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Index of each trained item by id."""
        return {item.item_id: index for index, item in enumerate(self.items)}


def open_completion_model(directory: Path) -> FinishModel | None:
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
        _write_scores(directory / _POPULARITY, dataset.popularity)
        _write_scores(directory / _TRENDING, recent_takers(dataset))
        text_index(dataset.items).save(directory / _TEXTS)
        _write_json(directory / _ITEMS, [_item_to_json(item) for item in dataset.items])
        if finishing is not None:
            finishing.save(directory / _FINISHING)
        _write_json(directory / _WORDS, spelling_by_stem(item_text(item) for item in dataset.items))

    return write


def _item_to_json(item: Item) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if value not in (None, "", ())}


def spelling_by_stem(texts: Iterable[str]) -> dict[str, str]:
    """The most frequent spelling behind each stem, so that a shared term can be named as people write it."""
    spelled: dict[str, Counter[str]] = {}
    for text in texts:
        for word in _WORD.findall(text.lower()):
            for stem in tokens(word):
                if stem != word:
                    spelled.setdefault(stem, Counter())[word] += 1
    return {stem: max(sorted(counts), key=counts.__getitem__) for stem, counts in sorted(spelled.items())}


def _write_scores(directory: Path, learners: npt.NDArray[Any]) -> None:
    save_state(directory, {_SCORES: np.log1p(learners).astype(np.float32)}, {})


def _read_scores(directory: Path) -> FloatArray:
    try:
        scores: FloatArray = load_state(directory)[0][_SCORES]
    except KeyError as error:
        raise ArtifactError(Fault.SCORES_ABSENT, part=directory.name) from error
    return scores


def _write_json(path: Path, values: object) -> None:
    path.write_text(json.dumps(values, ensure_ascii=False, allow_nan=False), "utf-8")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ArtifactError(Fault.PART_UNREADABLE, part=path.parent.name, file=path.name, error=error) from error


def _read_texts(directory: Path, items: Sequence[Item]) -> TextIndex:
    kept = next((place for place in (directory / _TEXTS, directory / _TEXTS_BEFORE) if place.is_dir()), None)
    return text_index(items) if kept is None else TextIndex.load(kept)


def _read_items(path: Path) -> tuple[Item, ...]:
    try:
        return tuple(_item(row) for row in _read_json(path))
    except (TypeError, AttributeError) as error:
        raise ArtifactError(Fault.ITEMS_UNREADABLE, part=path.parent.name, error=error) from error


def _item(row: Mapping[str, Any]) -> Item:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Item(**values)
