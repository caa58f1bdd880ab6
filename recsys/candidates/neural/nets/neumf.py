"""NeuMF with the learner's side made of the history."""

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from recsys.candidates.neural.nets.building_blocks import embedding, pool


class NeuMfNet(nn.Module):
    """Two paths, each with embeddings of its own, joined in one linear layer: products of factors, and a perceptron."""

    def __init__(self, n_items: int, dimensions: int, dropout: float, power: float, negatives: int) -> None:
        super().__init__()
        self.n_items, self.power, self.negatives = n_items, power, negatives
        hidden = max(dimensions // 2, 4)
        self.width = 3 * hidden
        self.factor_history, self.factor_items = embedding(n_items + 1, dimensions), embedding(n_items, dimensions)
        self.deep_history, self.deep_items = embedding(n_items + 1, dimensions), embedding(n_items, dimensions)
        # The first layer on [learner; item] is the sum of a layer on each, so it is computed once per learner and item.
        self.learner_layer, self.item_layer = nn.Linear(dimensions, hidden), nn.Linear(dimensions, hidden, bias=False)
        self.second = nn.Linear(hidden, hidden // 2)
        self.factor_out = nn.Parameter(torch.ones(dimensions))
        self.deep_out = nn.Linear(hidden // 2, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.dropout = nn.Dropout(dropout)

    def loss(self, known: Any, lengths: Any, wanted: Any, rows: Any) -> Any:
        """Log loss of courses behind the cut against `negatives` random ones each, as in the paper."""
        row, place = (wanted >= 0).nonzero(as_tuple=True)
        positive = wanted[row, place]
        learners = row.repeat_interleave(1 + self.negatives)
        items = torch.randint(self.n_items, (len(row), 1 + self.negatives))
        items[:, 0] = positive
        items = items.ravel()
        label = torch.zeros(len(row), 1 + self.negatives)
        label[:, 0] = 1
        own = torch.zeros(len(known), self.n_items + 1, dtype=torch.bool).scatter(1, known, True)
        own = own.scatter(1, torch.where(wanted >= 0, wanted, self.n_items), True)
        usable = (label.ravel() > 0) | ~own[learners, items]  # a course the learner took is no negative
        learners, items, label = learners[usable], items[usable], label.ravel()[usable]
        factors, deep = self._learners(known, lengths)
        logits = ((factors[learners] * self.factor_items(items)) @ self.factor_out) + self.bias[items]
        logits = logits + self._deep(deep[learners] + self.item_layer(self.deep_items(items)))
        return functional.binary_cross_entropy_with_logits(logits, label)

    def scores(self, known: Any, lengths: Any) -> Any:
        """All pairs of learners and items."""
        factors, deep = self._learners(known, lengths)
        together = deep[:, None, :] + self.item_layer(self.deep_items.weight)[None, :, :]
        return (factors * self.factor_out) @ self.factor_items.weight.T + self._deep(together) + self.bias

    def _learners(self, known: Any, lengths: Any) -> tuple[Any, Any]:
        factors = self.dropout(pool(self.factor_history(known), lengths, self.power))
        deep = self.dropout(pool(self.deep_history(known), lengths, self.power))
        return factors, self.learner_layer(deep)

    def _deep(self, together: Any) -> Any:
        return self.deep_out(functional.relu(self.second(functional.relu(together)))).squeeze(-1)
