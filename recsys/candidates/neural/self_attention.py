"""SASRec: a history read by self-attention."""

from typing import Any, ClassVar

from recsys.candidates.neural.base import NeuralModel
from recsys.candidates.neural.batches import Feeding
from recsys.types import ReasonKind


class SelfAttentionModel(NeuralModel):
    """SASRec: blocks of causal self-attention over the history, then a product with every item.

    Kang & McAuley (ICDM 2018) with cross-entropy over the whole catalog, which is what lifts it above its reputation
    (Klenitskiy & Vasilev, RecSys 2023). `dimensions` has to be a multiple of `heads`.
    """

    name: ClassVar[str] = "self_attention"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_NEXT
    feeding: ClassVar[Feeding] = Feeding.SEQUENCE

    def __init__(self, blocks: int = 2, heads: int = 1, **training: Any) -> None:
        super().__init__(**training)
        self.blocks = blocks
        self.heads = heads

    def build(self, n_users: int) -> Any:
        """See the base."""
        from recsys.candidates.neural.nets.sequence import SelfAttentionNet  # noqa: PLC0415 - torch may be absent

        return SelfAttentionNet(self.n_items_, self.dimensions, self.dropout, self.blocks, self.heads, self.max_length)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"blocks": self.blocks, "heads": self.heads, **super().params()}
