"""One tower for items, made of their content; one for learners, made of the items they took."""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from recsys.candidates.neural.nets.building_blocks import ContentItemNet, pool, softmax_loss


class TwoTowerNet(ContentItemNet):
    """score = learner tower · item tower + bias. An item's vector is a perceptron of its content plus a vector of its own that
    starts at 0, so that a course nobody took is placed by content alone."""

    width = 1

    def __init__(self, facts: Any, dimensions: int, dropout: float, power: float) -> None:
        super().__init__()
        self.n_items, self.power = len(facts), power
        self.facts = facts
        self.content = nn.Sequential(
            nn.Linear(facts.shape[1], 2 * dimensions), nn.ReLU(), nn.Dropout(dropout), nn.Linear(2 * dimensions, dimensions)
        )
        self.own = nn.Parameter(torch.zeros(self.n_items, dimensions))
        self.learner = nn.Sequential(nn.Linear(dimensions, 2 * dimensions), nn.ReLU(), nn.Linear(2 * dimensions, dimensions))
        self.bias = nn.Parameter(torch.zeros(self.n_items))
        self.dropout = nn.Dropout(dropout)

    def loss(self, known: Any, lengths: Any, wanted: Any, rows: Any) -> Any:
        """Cross-entropy over the whole catalog of the courses behind the cut."""
        return softmax_loss(self.scores(known, lengths), known, wanted)

    def compute_items(self) -> Any:
        """Item embeddings: the output of the items' tower."""
        return self.content(self.facts) + self.own

    def scores(self, known: Any, lengths: Any) -> Any:
        """Scores: the products of what both towers give."""
        items = self.cached_items()
        taken = functional.pad(items, (0, 0, 0, 1))[known]
        pooled = pool(self.dropout(taken), lengths, self.power)
        return (pooled + self.learner(pooled)) @ items.T + self.bias
