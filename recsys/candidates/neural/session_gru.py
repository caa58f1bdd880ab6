"""GRU4Rec: a history read by a recurrent net."""

from typing import Any, ClassVar

from recsys.candidates.neural.base import NeuralModel
from recsys.candidates.neural.batches import Feeding
from recsys.types import ReasonKind


class SessionGruModel(NeuralModel):
    """GRU4Rec: a gated recurrent unit reads the history and scores what comes next.

    Hidasi et al. (ICLR 2016) with the shared item vectors of Hidasi & Karatzoglou (CIKM 2018), and cross-entropy over the whole
    catalog in place of sampled losses. Where order means nothing it reads a set in random orders.
    """

    name: ClassVar[str] = "session_gru"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_NEXT
    feeding: ClassVar[Feeding] = Feeding.SEQUENCE

    def build(self, n_users: int) -> Any:
        """See the base."""
        from recsys.candidates.neural.nets.sequence import GruNet  # noqa: PLC0415 - torch may be absent

        return GruNet(self.n_items_, self.dimensions, self.dropout)
