"""NeuMF: neural matrix factorization."""

from typing import Any, ClassVar

from recsys.candidates.neural.base import NeuralModel
from recsys.candidates.neural.batches import Feeding


class NeuMfModel(NeuralModel):
    """Generalized matrix factorization and a perceptron side by side, joined in the last layer.

    He et al., Neural collaborative filtering (WWW 2017). Learners are not ids but the pooled vectors of their courses (as in
    FISM), so that people unseen in training work; positives are courses behind a random cut of the history, each with
    `negatives` random courses the learner did not take. Scoring runs the perceptron on every pair, so it is the slowest here.
    """

    name: ClassVar[str] = "neumf"
    feeding: ClassVar[Feeding] = Feeding.CUT

    def __init__(self, negatives: int = 4, dimensions: int = 32, **training: Any) -> None:
        super().__init__(dimensions=dimensions, **training)
        self.negatives = negatives

    def build(self, n_users: int) -> Any:
        """See the base."""
        from recsys.candidates.neural.nets.neumf import NeuMfNet  # noqa: PLC0415 - torch may be absent

        return NeuMfNet(self.n_items_, self.dimensions, self.dropout, self.recency_power, self.negatives)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"negatives": self.negatives, **super().params()}
