"""Two-tower model: one net for learners, one for items."""

from typing import Any, ClassVar

from recsys.candidates.neural.batches import Feeding
from recsys.candidates.neural.content_base import NeuralContentModel
from recsys.candidates.neural.item_content import content_rows
from recsys.data.dataset import Dataset


class TwoTowerModel(NeuralContentModel):
    """A tower that makes a vector of an item's content, and one that makes a vector of the items a learner took.

    Covington, Adams & Sargin (RecSys 2016) and Yi et al. (RecSys 2019), with a softmax over the whole catalog: it is small
    enough. Content is text (LSA, `text_rank` dimensions), topics and level. Courses nobody took yet are placed by content.
    """

    name: ClassVar[str] = "two_tower"
    feeding: ClassVar[Feeding] = Feeding.CUT

    def __init__(self, text_rank: int = 64, **training: Any) -> None:
        super().__init__(**training)
        self.text_rank = text_rank

    def prepare_item_content(self, dataset: Dataset) -> None:
        """Item content: text, topics and level."""
        self.facts_ = content_rows(dataset.items, self.text_rank, self.seed)

    def build(self, n_users: int) -> Any:
        """See the base."""
        from recsys.candidates.neural.nets.two_tower import TwoTowerNet  # noqa: PLC0415 - torch may be absent

        return TwoTowerNet(self.fact_tensor(), self.dimensions, self.dropout, self.recency_power)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"text_rank": self.text_rank, **super().params()}
