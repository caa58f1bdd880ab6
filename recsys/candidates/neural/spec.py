"""Training spec of a net: all that the training loop needs to know of a model. Without torch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from recsys.candidates.neural.batches import Feeding


@dataclass(frozen=True)
class TrainingSpec:
    """How to make a net and how to train it; see NeuralModel for the parameters.

    `build` makes an untrained net (recsys.candidates.neural.nets) for a number of learners, `ordered` says whether order means
    something in the data.
    """

    build: Callable[[int], Any]
    feeding: Feeding
    ordered: bool
    max_length: int
    epochs: int
    patience: int
    batch: int
    learning_rate: float
    decay: float
    seconds: float
    threads: int
    seed: int
