"""Neural embedding: learners and items as vectors in one space."""

from typing import Any, ClassVar

from recsys.candidates.neural.base import NeuralModel
from recsys.candidates.neural.batches import Feeding


class NeuralEmbeddingModel(NeuralModel):
    """score(u, i) = u · i + bias(i), vectors of learners and items trained by the cross-entropy of each learner's own courses.

    The embedding net of the capstone kind (Koren, Bell & Volinsky 2009 as a net), with a softmax over the catalog in place of
    single ratings. Vectors of learners exist in training only and are not stored: when scoring, everyone, learners of the
    training too, is represented by the pooled vectors of the courses taken, mapped to where learners with such histories
    ended up (a ridge regression after each pass). Who comes back with a longer history is thus seen as who they are now.
    """

    name: ClassVar[str] = "neural_embedding"
    feeding: ClassVar[Feeding] = Feeding.WHOLE

    def build(self, n_users: int) -> Any:
        """See the base."""
        from recsys.candidates.neural.nets.factorization import EmbeddingNet  # noqa: PLC0415 - torch may be absent

        return EmbeddingNet(n_users, self.n_items_, self.dimensions, self.dropout, self.recency_power)
