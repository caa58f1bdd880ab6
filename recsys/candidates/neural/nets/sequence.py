"""Nets that read a history in order and say what comes next."""

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional


class SequenceNet(nn.Module):
    """Items go in and come out by the same vectors; a start sign stands before every history, so an empty one has a next too.

    Histories are filled up at the end, where a reader of the past never looks. Subclasses give `encode`: (B, L, d) to (B, L, d).
    """

    width = 1

    def __init__(self, n_items: int, dimensions: int, dropout: float) -> None:
        super().__init__()
        self.n_items = n_items
        self.items = nn.Embedding(n_items + 1, dimensions)  # the last one is the start, and the filling
        nn.init.normal_(self.items.weight, std=1 / math.sqrt(dimensions))
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.dropout = nn.Dropout(dropout)

    def encode(self, vectors: Any) -> Any:
        """States after each place, made of that place and those before."""
        raise NotImplementedError

    def loss(self, known: Any, lengths: Any, wanted: Any, rows: Any) -> Any:
        """Cross-entropy over the whole catalog at every place."""
        states = self._states(known[:, :-1])
        real = wanted >= 0
        return functional.cross_entropy(self._score_all_items(states[real]), wanted[real])

    def scores(self, known: Any, lengths: Any) -> Any:
        """What follows the last event."""
        states = self._states(known)
        return self._score_all_items(states[torch.arange(len(known)), lengths])

    def _states(self, known: Any) -> Any:
        started = functional.pad(known, (1, 0), value=self.n_items)
        return self.encode(self.dropout(self.items(started) * math.sqrt(self.items.embedding_dim)))

    def _score_all_items(self, states: Any) -> Any:
        return states @ self.items.weight[: self.n_items].T + self.bias


class GruNet(SequenceNet):
    """A gated recurrent unit."""

    def __init__(self, n_items: int, dimensions: int, dropout: float) -> None:
        super().__init__(n_items, dimensions, dropout)
        self.gru = nn.GRU(dimensions, dimensions, batch_first=True)
        self.out = nn.Linear(dimensions, dimensions)

    def encode(self, vectors: Any) -> Any:
        """States of the unit, once more mapped into the space of the items."""
        return self.out(self.dropout(self.gru(vectors)[0]))


class SelfAttentionNet(SequenceNet):
    """Blocks of causal self-attention with places, normed before each part."""

    def __init__(self, n_items: int, dimensions: int, dropout: float, blocks: int, heads: int, max_length: int) -> None:
        super().__init__(n_items, dimensions, dropout)
        self.places = nn.Parameter(0.02 * torch.randn(max_length + 1, dimensions))
        self.blocks = nn.ModuleList([_Block(dimensions, dropout, heads) for _ in range(blocks)])
        self.norm = nn.LayerNorm(dimensions)

    def encode(self, vectors: Any) -> Any:
        """See the class."""
        states = vectors + self.places[: vectors.shape[1]]
        for block in self.blocks:
            states = block(states)
        return self.norm(states)


class _Block(nn.Module):
    def __init__(self, dimensions: int, dropout: float, heads: int) -> None:
        super().__init__()
        self.heads, self.rate = heads, dropout
        self.before_attention, self.before_layers = nn.LayerNorm(dimensions), nn.LayerNorm(dimensions)
        self.project, self.join = nn.Linear(dimensions, 3 * dimensions), nn.Linear(dimensions, dimensions)
        self.layers = nn.Sequential(nn.Linear(dimensions, dimensions), nn.ReLU(), nn.Dropout(dropout), nn.Linear(dimensions, dimensions))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Any) -> Any:
        states = states + self.dropout(self._attend(self.before_attention(states)))
        return states + self.dropout(self.layers(self.before_layers(states)))

    def _attend(self, states: Any) -> Any:
        rows, length, dimensions = states.shape
        parts = self.project(states).view(rows, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        rate = self.rate if self.training else 0.0
        read = functional.scaled_dot_product_attention(*parts.unbind(), dropout_p=rate, is_causal=True)
        return self.join(read.transpose(1, 2).reshape(rows, length, dimensions))
