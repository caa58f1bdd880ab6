"""Nets of embeddings: learners by id, and the factorization machine."""

from typing import Any

import torch
from torch import nn

from recsys.candidates.neural.nets.building_blocks import ContentItemNet, embedding, pool, softmax_loss

_RIDGE = 1.0


class EmbeddingNet(nn.Module):
    """score(u, i) = u · i + bias(i). A bias of the learner changes no order and no softmax, so it is left out."""

    width = 1

    def __init__(self, n_users: int, n_items: int, dimensions: int, dropout: float, power: float) -> None:
        super().__init__()
        self.n_items, self.power = n_items, power
        self.items = embedding(n_items + 1, dimensions)
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.learners = embedding(max(n_users, 1), dimensions)
        self.dropout = nn.Dropout(dropout)
        # Of a pooled history to the learner's vector; set by `fit_history_map`.
        self.register_buffer("fold", torch.zeros(dimensions + 1, dimensions))

    def loss(self, known: Any, lengths: Any, wanted: Any, rows: Any) -> Any:
        """Cross-entropy of the learner's own courses."""
        nobody = torch.full_like(known[:, :1], self.n_items)
        return softmax_loss(self._score_all_items(self.dropout(self.learners(rows))), nobody, wanted)

    def fit_history_map(self, known: Any, lengths: Any) -> None:
        """Ridge regression of trained learners' vectors on their pooled histories: what stands in for a learner by id."""
        with torch.no_grad():
            taken = lengths > 0
            pooled = self._pooled(known[taken], lengths[taken])
            normal = pooled.T @ pooled + _RIDGE * torch.eye(pooled.shape[1])
            self.fold.copy_(torch.linalg.solve(normal, pooled.T @ self.learners.weight[: len(known)][taken]))

    def scores(self, known: Any, lengths: Any) -> Any:
        """Learners by their histories; an empty one is the regression's constant."""
        return self._score_all_items(self._pooled(known, lengths) @ self.fold)

    def _pooled(self, known: Any, lengths: Any) -> Any:
        vectors = pool(self.items(known), lengths, self.power)
        return torch.cat([vectors, torch.ones(len(vectors), 1)], dim=1)

    def _score_all_items(self, learners: Any) -> Any:
        return learners @ self.items.weight[: self.n_items].T + self.bias


class FactorizationMachineNet(ContentItemNet):
    """Every pair of features (courses of the history, the course, its facts) interacts by the product of their vectors.

    Pairs within the history are the same for all courses, so they change neither order nor softmax and are left out.
    """

    width = 1

    def __init__(self, facts: Any, dimensions: int, dropout: float, power: float) -> None:
        super().__init__()
        self.n_items, self.power = len(facts), power
        self.facts = facts
        self.history = embedding(self.n_items + 1, dimensions)
        self.items = embedding(self.n_items, dimensions)
        self.about = nn.Parameter(torch.randn(facts.shape[1], dimensions) / dimensions)
        self.bias = nn.Parameter(torch.zeros(self.n_items))
        self.about_bias = nn.Parameter(torch.zeros(facts.shape[1]))
        self.dropout = nn.Dropout(dropout)

    def loss(self, known: Any, lengths: Any, wanted: Any, rows: Any) -> Any:
        """Cross-entropy of the courses behind the cut."""
        return softmax_loss(self.scores(known, lengths), known, wanted)

    def scores(self, known: Any, lengths: Any) -> Any:
        """All courses at once, by the linear-time form of the paper."""
        vectors, alone = self.cached_items()
        return self.dropout(pool(self.history(known), lengths, self.power)) @ vectors.T + alone

    def compute_items(self) -> Any:
        """Per item the vector that meets the history's, and all that does not depend on the learner."""
        facts = self.facts @ self.about
        squares = (self.facts**2) @ self.about**2
        alone = self.bias + self.facts @ self.about_bias
        alone = alone + (self.items.weight * facts).sum(dim=1) + (facts**2 - squares).sum(dim=1) / 2
        return self.items.weight + facts, alone
