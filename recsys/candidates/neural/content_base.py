"""Content-based neural model: base class of nets that read item content."""

from typing import Any, ClassVar

import numpy as np

from recsys.candidates.neural.base import Dense, NeuralModel


class NeuralContentModel(NeuralModel):
    """`facts_` holds a row of content per item; it is stored with the weights."""

    learned: ClassVar[tuple[str, ...]] = ("weights_", "facts_")
    facts_: Dense

    def fact_tensor(self) -> Any:
        """The facts for a net."""
        import torch  # noqa: PLC0415 - may be absent

        return torch.from_numpy(np.array(self.facts_, np.float32))
