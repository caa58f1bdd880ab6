"""Neural model base class: parameters of training, stored weights, scoring in batches."""

from abc import abstractmethod
from types import ModuleType
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from recsys.candidates.base import Model
from recsys.candidates.neural.batches import Feeding, deduplicated_positive_histories, pad
from recsys.candidates.neural.spec import TrainingSpec
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.errors import RecsysError
from recsys.faults import Fault
from recsys.types import ReasonKind

Dense = npt.NDArray[np.float32]
_BLOCK_BYTES = 64 << 20


def _import_training() -> ModuleType:
    """The training loop, which needs torch. Raises RecsysError where that is absent."""
    try:
        import recsys.candidates.neural.training as training  # noqa: PLC0415 - torch takes two seconds to import and may be absent
    except ImportError as error:
        raise RecsysError(Fault.TORCH_ABSENT, error=error) from error
    return training


class NeuralModel(Model):
    """A net of torch, trained by stochastic gradient steps; learned weights are one flat array `weights_`.

    Whoever is scored, in the training data or not, is represented by the history given, never by an id. Scores have a part
    that is the same for all learners, so one without history gets what is taken most; they have no parts that belong to
    single events, so contributions are zeros.

    Training stops when the courses held out of it (see `training.hold_out`) have not been ranked better for `patience`
    passes, after `epochs` passes, or after `seconds` of wall-clock time. Same seed, same bytes, as long as the time does not
    run out and `threads` stays the same.
    """

    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER
    learned: ClassVar[tuple[str, ...]] = ("weights_",)
    feeding: ClassVar[Feeding]
    weights_: Dense

    def __init__(
        self,
        dimensions: int = 64,
        dropout: float = 0.2,
        power: float = 0.5,
        max_length: int = 50,
        epochs: int = 100,
        patience: int = 5,
        batch: int = 128,
        learning_rate: float = 2e-3,
        decay: float = 0.01,
        seconds: float = 600.0,
        threads: int = 1,
        seed: int = 0,
    ) -> None:
        self.dimensions = dimensions
        self.dropout = dropout
        self.power = power
        self.max_length = max_length
        self.epochs = epochs
        self.patience = patience
        self.batch = batch
        self.learning_rate = learning_rate
        self.decay = decay
        self.seconds = seconds
        self.threads = threads
        self.seed = seed

    @abstractmethod
    def build(self, n_users: int) -> Any:
        """An untrained net (recsys.candidates.neural.nets) for `self.n_items_` items; learners only matter in training."""

    def prepare_item_content(self, dataset: Dataset) -> None:
        """Set learned arrays that come from the items, before the net is built."""

    def fit(self, dataset: Dataset) -> Self:
        """Train; see the class."""
        self.n_items_, self.ordered_ = dataset.n_items, dataset.ordered
        self.prepare_item_content(dataset)
        trained = _import_training().train(self._spec(), dataset)
        self.weights_, self.epochs_, self.stopped_ = trained.weights, trained.epochs, trained.stopped
        self._net: Any = None
        return self

    def _spec(self) -> TrainingSpec:
        return TrainingSpec(
            build=self.build,
            feeding=self.feeding,
            ordered=self.ordered_,
            max_length=self.max_length,
            epochs=self.epochs,
            patience=self.patience,
            batch=self.batch,
            learning_rate=self.learning_rate,
            decay=self.decay,
            seconds=self.seconds,
            threads=self.threads,
            seed=self.seed,
        )

    def score(self, histories: Histories) -> Dense:
        """The net's scores; see the contract."""
        self.require_fitted()
        training = _import_training()
        if getattr(self, "_net", None) is None:
            self._net = training.restore_net(self.build, self.weights_, self.name)
        scores = np.zeros((len(histories), self.n_items_), np.float32)
        rows = max(1, _BLOCK_BYTES // (4 * max(self.n_items_, 1) * self._net.width))
        events = deduplicated_positive_histories(histories)
        for start in range(0, len(histories), rows):
            part = slice(start, start + rows)
            scores[part] = training.run_net(self._net, *pad(events.select(part), self.max_length), self.threads)
        return scores

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "dimensions": self.dimensions,
            "dropout": self.dropout,
            "power": self.power,
            "max_length": self.max_length,
            "epochs": self.epochs,
            "patience": self.patience,
            "batch": self.batch,
            "learning_rate": self.learning_rate,
            "decay": self.decay,
            "seconds": self.seconds,
            "threads": self.threads,
            "seed": self.seed,
        }

    def json_state(self) -> dict[str, Any]:
        """Size of the catalog, whether order meant something, passes that were made and why training ended."""
        return {"n_items": self.n_items_, "ordered": self.ordered_, "epochs": self.epochs_, "stopped": self.stopped_}

    def restore(self, values: dict[str, Any]) -> None:
        """Take back what `json_state` gave. Without torch a stored model loads, but cannot score."""
        self.n_items_, self.ordered_ = int(values["n_items"]), bool(values["ordered"])
        self.epochs_, self.stopped_ = int(values["epochs"]), str(values["stopped"])

    @property
    def recency_power(self) -> float:
        """The power by which events fade with age: none where order means nothing."""
        return self.power if self.ordered_ else 0.0
