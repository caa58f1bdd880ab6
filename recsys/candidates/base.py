"""The contract every model of the family keeps."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.state_store import Stored, load_state, save_state
from recsys.errors import ArtifactError, NotFittedError
from recsys.faults import Fault
from recsys.types import ReasonKind

Quality: TypeAlias = Callable[["Model"], float]
"""How well a fitted model ranks courses that were held out; higher is better."""


class Model(ABC):
    """Fit on a dataset, then score histories of anyone, seen in training or not.

    The constructor only stores parameters (JSON values); learned arrays end in an underscore and are named in `learned`.
    """

    name: ClassVar[str]
    reason: ClassVar[ReasonKind]
    learned: ClassVar[tuple[str, ...]]
    personal: ClassVar[bool] = True  # False where everybody gets the same scores

    @abstractmethod
    def fit(self, dataset: Dataset) -> Self:
        """Learn from `dataset`; returns self."""

    def tune(self, train: Dataset, quality: Quality, *, content: bool = True, until: float = math.inf) -> "Model":
        """This model, or another of its kind, fitted on `train` with the parameters of highest `quality` on what was held out of it.

        `content` says whether a model of histories may read what is written about items too. A search ends `until` (seconds of
        time.perf_counter); what is not decided by then keeps its default.
        """
        return self.fit(train)

    def refit(self, dataset: Dataset, pairs: npt.NDArray[np.float32] | None = None) -> "Model":
        """The same parameters fitted on other histories over the same items; `pairs` is their XᵀX where it is known."""
        return type(self)(**self.params()).fit(dataset)

    @abstractmethod
    def score(self, histories: Histories) -> npt.NDArray[np.float32]:
        """Scores of shape (len(histories), n_items), higher is better. Does not mask what a row already holds."""

    def contributions(self, history: Histories, item: int) -> npt.NDArray[np.float32]:
        """How much each event of the single-row `history` adds to the score of `item`; zeros where the model has no parts."""
        return np.zeros(len(history.items), np.float32)

    def contributions_to(self, history: Histories, items: Sequence[int]) -> npt.NDArray[np.float32]:
        """`contributions` of the single-row `history` to each of `items`, no two of them equal; shape (len(items), events)."""
        rows = [self.contributions(history, int(item)) for item in items]
        return np.stack(rows) if rows else np.zeros((0, len(history.items)), np.float32)

    @property
    def is_all_zero(self) -> bool:
        """Whether the fitted model has nothing to say to anybody, as one of texts where there are none."""
        return False

    @abstractmethod
    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""

    def json_state(self) -> dict[str, Any]:
        """Learned state that is JSON rather than arrays."""
        return {}

    def restore(self, values: dict[str, Any]) -> None:  # noqa: B027 - most models have nothing to take back
        """Take back what `json_state` gave; called by `load` after the arrays are in place."""

    def save(self, directory: Path) -> None:
        """Write learned arrays as .npy and parameters as JSON into `directory` (see recsys.data.state_store)."""
        arrays = {name: self._learned_array(name) for name in self.learned}
        save_state(directory, arrays, {"model": self.name, "params": self.params(), "values": self.json_state()})

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what `save` wrote, arrays memory-mapped read-only.

        Raises ArtifactError when the folder is damaged or holds another model.
        """
        arrays, stored = load_state(directory)
        if stored.get("model") != cls.name or not set(arrays) >= set(cls.learned):
            raise ArtifactError(Fault.PART_FOREIGN, part=directory.name, found=stored.get("model"), model=cls.name)
        try:
            model = cls(**stored["params"])
            for name in cls.learned:
                setattr(model, name, arrays[name])
            model.restore(stored["values"])
        except (TypeError, KeyError, ValueError) as error:
            raise ArtifactError(Fault.PART_MISFIT, part=directory.name, model=cls.name, error=error) from error
        return model

    def _learned_array(self, name: str) -> Stored:
        self.require_fitted()
        value: Stored = getattr(self, name)
        return value

    def require_fitted(self) -> None:
        """Raises NotFittedError before `fit` or `load`."""
        if not all(hasattr(self, name) for name in self.learned):
            raise NotFittedError(Fault.NOT_FITTED, model=self.name)
