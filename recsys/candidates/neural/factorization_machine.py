"""Factorization machine."""

from typing import Any, ClassVar

from recsys.candidates.neural.batches import Feeding
from recsys.candidates.neural.content_base import NeuralContentModel
from recsys.candidates.neural.item_content import label_matrix
from recsys.data.dataset import Dataset


class FactorizationMachineModel(NeuralContentModel):
    """Second-order factorization machine on the courses of the history, the course, its topics and its level.

    Rendle, Factorization machines (ICDM 2010), trained to rank by a softmax over the catalog.
    """

    name: ClassVar[str] = "factorization_machine"
    feeding: ClassVar[Feeding] = Feeding.CUT

    def prepare_item_content(self, dataset: Dataset) -> None:
        """Item content: topics and level."""
        self.facts_ = label_matrix(dataset.items)

    def build(self, n_users: int) -> Any:
        """See the base."""
        from recsys.candidates.neural.nets.factorization import FactorizationMachineNet  # noqa: PLC0415 - torch may be absent

        return FactorizationMachineNet(self.fact_tensor(), self.dimensions, self.dropout, self.recency_power)
