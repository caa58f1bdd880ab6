"""Signals: source scores on a common scale, one per source and view, each in three shapes.

The blend is trained on features (`signal_features`). Serving adds up the same without making them (`weighted_sum`), or what each
signal adds to a few items (kernels.signal_parts); tests hold the three to one another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recsys import kernels
from recsys.candidates.base import Model
from recsys.candidates.item_item_base import ItemItemModel
from recsys.data.histories import FloatArray, Histories

Tensor = npt.NDArray[np.float32]
_LEAST_SHARE = np.float32(1e-4)
_WARM = 3.0  # learners
_PER_LOG = np.float32(1 / np.log(51))

SHAPES = ("scaled", "rooted", "logged")
"""What is made of a raw score: itself over its root mean square in the row; the root of the positive part of that, which
tames the few huge scores of a row; log(1 + share / 10⁻⁴), share of the row's positive sum, close to a log-probability and so
the natural unit of the blend. All map 0 to 0 and rise with the raw score: no evidence from a source, nothing from it."""
SCALED, LOGGED = SHAPES.index("scaled"), SHAPES.index("logged")


@dataclass(frozen=True, slots=True)
class Signal:
    """One view of a source. `power` overrides how fast history fades, None takes the source as it is; `cold` keeps what it
    says of courses hardly anybody has taken, so that it can count more there; `unordered` signals speak only where the order of events
    means nothing."""

    source: str
    power: float | None = None
    cold: bool = False
    unordered: bool = False


class SignalViews:
    """The signals of a blend over fitted sources: raw scores and what single events add to them.

    `coldness` (n_items,) is 1 for a course nobody took, halved by every `_WARM` learners.
    """

    def __init__(self, signals: Sequence[Signal], sources: Mapping[str, Model], coldness: FloatArray) -> None:
        self.signals = signals
        self.models = [_override_power(sources[signal.source], signal.power) for signal in signals]
        self.coldness = coldness
        self.speaking = [column for column, model in enumerate(self.models) if not model.is_all_zero]
        self._personal = [column for column in self.speaking if self.models[column].personal]
        self._shared = [column for column, model in enumerate(self.models) if not model.personal]

    def raw(self, histories: Histories, columns: Sequence[int] | None = None) -> Tensor:
        """Scores of shape (len(histories), signals, n_items), of some signals (`columns`, ascending) or all of them."""
        wanted = range(len(self.models)) if columns is None else columns
        raw = np.empty((len(histories), len(wanted), histories.n_items), np.float32)
        asked: dict[tuple[str, float | None], int] = {}
        for place, column in enumerate(wanted):
            signal = self.signals[column]
            first = asked.setdefault((signal.source, signal.power), place)
            raw[:, place] = self.models[column].score(histories) if first == place else raw[:, first]
        for place, column in enumerate(wanted):
            if self.signals[column].cold:
                raw[:, place] *= self.coldness
        return raw

    def raw_for_one(self, history: Histories) -> tuple[list[int], Tensor]:
        """What `raw` says of a single-row history: the signals (their numbers) that say anything, of which those that are the same
        for everybody come last, and (signals, n_items) for the others."""
        raw = self.raw(history, self._personal)[0]
        said = raw.any(axis=1)
        return [*compress(self._personal, said), *self._shared], raw if said.all() else raw[said]

    @cached_property
    def catalog_means(self) -> FloatArray:
        """Means over the catalog of the features of signals that are the same for everybody, (signals · shapes,)."""
        return np.asarray(
            self.impersonal_features.mean(axis=1) if len(self.coldness) else np.zeros(len(self.impersonal_features)), np.float32
        )

    @cached_property
    def impersonal_features(self) -> Tensor:
        """Features of the signals that are the same for everybody, (signals · shapes, n_items)."""
        nobody = Histories.from_lists([[]], len(self.coldness))
        rows = [self.models[column].score(nobody)[0] for column in self._shared]
        return signal_features(np.stack(rows)[None])[0] if rows else np.empty((0, len(self.coldness)), np.float32)


def coldness(popularity: npt.NDArray[np.int64]) -> FloatArray:
    """1 for a course nobody took, halved by every `_WARM` learners who took it, (n_items,)."""
    return np.exp2(-popularity / _WARM).astype(np.float32)


def _override_power(source: Model, power: float | None) -> Model:
    return source.with_recency_power(power) if power is not None and isinstance(source, ItemItemModel) else source


class SignalScale(NamedTuple):
    """What brings the raw scores of each signal to a common footing, both (rows, signals): 1 / root mean square, and 1 / 10⁻⁴ of the
    positive sum; 0 where there is nothing."""

    root: FloatArray
    share: FloatArray

    @classmethod
    def of(cls, raw: Tensor) -> "SignalScale":
        """Of raw scores (rows, signals, n_items)."""
        scale = cls(np.empty(raw.shape[:2], np.float32), np.empty(raw.shape[:2], np.float32))
        kernels.signal_scales(raw, *scale)
        np.divide(scale.share, _LEAST_SHARE, out=scale.share)
        return scale


def signal_features(raw: Tensor) -> Tensor:
    """Features (rows, signals · shapes, n_items) of raw scores (rows, signals, n_items), the shapes of a signal together."""
    rows, signals, n_items = raw.shape
    root, share = (part[:, :, None] for part in SignalScale.of(raw))
    features = np.empty((rows, signals * len(SHAPES), n_items), np.float32)
    scaled, rooted, logged = (features[:, shape :: len(SHAPES)] for shape in range(len(SHAPES)))
    np.multiply(raw, root, out=scaled)
    np.maximum(raw, 0, out=logged)
    np.multiply(logged, root, out=rooted)
    np.sqrt(rooted, out=rooted)
    logged *= share
    logged += 1  # log of 1 + x and not log1p, which takes ten times as long; tiny shares lose digits that rank nothing
    np.log(logged, out=logged)
    return features


def weighted_sum(raw: Tensor, scale: SignalScale, weights: FloatArray) -> FloatArray:
    """The sum of `signal_features` features times `weights` (rows, signals · shapes), (rows, n_items), without making the features."""
    total, logs = np.zeros((len(raw), raw.shape[2]), np.float32), np.empty_like(raw)
    kernels.add_weighted_signals(total, raw, *scale, weights, logs)
    np.log(logs, out=logs)
    total += np.matmul(np.ascontiguousarray(weights[:, None, LOGGED :: len(SHAPES)]), logs)[:, 0]
    return total


def length_basis(counts: FloatArray) -> FloatArray:
    """Shares (1 - t, t) per number of courses, t rising from 0 for none to 1 at fifty: what is weighed by history length."""
    basis = np.empty((len(counts), 2), np.float32)
    np.minimum(np.log1p(counts) * _PER_LOG, 1, out=basis[:, 1])
    np.subtract(1, basis[:, 1], out=basis[:, 0])
    return basis


def positive_events_per_learner(histories: Histories) -> FloatArray:
    """Events of interest per row."""
    if len(histories) == 1 and histories.all_positive:
        return np.array([len(histories.items)], np.float32)
    if histories.all_positive:
        return np.diff(histories.indptr).astype(np.float32)
    total = np.concatenate([[0], np.cumsum(histories.weights > 0)])
    return np.asarray(total[histories.indptr[1:]] - total[histories.indptr[:-1]], np.float32)
