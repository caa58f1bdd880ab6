"""Raw source scores on a common footing: one signal per source and view, each in a few shapes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys.candidates.base import Model
from recsys.candidates.item_item import ItemItemModel
from recsys.data.histories import FloatArray, Histories

Matrix = npt.NDArray[np.float32]
Shape = Callable[[Matrix], Matrix]

_LEAST_SHARE = np.float32(1e-4)


def scaled(raw: Matrix) -> Matrix:
    """raw / its root mean square over the row; rows of zeros stay."""
    size: Matrix = np.sqrt(np.square(raw).sum(axis=1, keepdims=True) / np.float32(max(raw.shape[1], 1)))
    return np.divide(raw, size, out=np.zeros_like(raw), where=size > 0)


def rooted(raw: Matrix) -> Matrix:
    """√ of the positive part of `scaled`: tames the few huge scores of a row."""
    return np.sqrt(np.maximum(scaled(raw), 0))


def logged(raw: Matrix) -> Matrix:
    """log(1 + share / 10⁻⁴), share of the row's positive sum: close to a log-probability, the natural unit of the blend."""
    positive = np.maximum(raw, 0)
    total = positive.sum(axis=1, keepdims=True)
    share = np.divide(positive, total, out=np.zeros_like(positive), where=total > 0)
    return np.asarray(np.log1p(share / _LEAST_SHARE), np.float32)


# Every shape maps 0 to 0 and rises with the raw score, so an item without evidence from a source gets nothing from it.
SHAPES: tuple[Shape, ...] = (scaled, rooted, logged)


@dataclass(frozen=True, slots=True)
class Signal:
    """One view of a source. `power` overrides how fast history fades; None takes the source as it is."""

    source: str
    power: float | None = None

    def model(self, sources: Mapping[str, Model]) -> Model:
        """The source as this view sees it."""
        source = sources[self.source]
        return source.view(self.power) if self.power is not None and isinstance(source, ItemItemModel) else source

    def shapes(self, sources: Mapping[str, Model], histories: Histories) -> list[Matrix]:
        """Each of SHAPES over the raw scores, (rows, n_items)."""
        raw = self.model(sources).score(histories)
        return [shape(raw) for shape in SHAPES]


def length_basis(histories: Histories) -> FloatArray:
    """Shares (1 - t, t) per row, t rising from 0 for no history to 1 at fifty courses: what is weighed by history length."""
    lengths = np.diff(histories.indptr).astype(np.float32)
    rise = np.minimum(np.log1p(lengths) / np.float32(np.log(51)), 1)
    return np.stack([1 - rise, rise], axis=1).astype(np.float32)
