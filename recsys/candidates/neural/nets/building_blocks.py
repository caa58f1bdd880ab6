"""What several nets are made of."""

import math
from typing import Any

import torch
from torch import nn


def embedding(count: int, dimensions: int) -> Any:
    """Vectors of length about 1."""
    table = nn.Embedding(count, dimensions)
    nn.init.normal_(table.weight, std=1 / math.sqrt(dimensions))
    return table


def pool(vectors: Any, lengths: Any, power: float) -> Any:
    """Σ a v / √Σ a per row, with a = (1 + age)^(-power): (B, L, d) and (B,) to (B, d), zeros where a row is empty.

    The root between sum and mean is that of FISM (Kabbur et al., KDD 2013): more courses say more, but not each as much.
    """
    age = lengths[:, None] - 1 - torch.arange(vectors.shape[1])
    weight = torch.where(age >= 0, (1.0 + age.clamp(min=0)) ** -power, 0.0)
    total = weight.sum(dim=1, keepdim=True).clamp(min=1e-6)
    return (vectors * weight[:, :, None]).sum(dim=1) / total.sqrt()


def softmax_loss(scores: Any, known: Any, wanted: Any) -> Any:
    """Mean of -log p over the courses to find, p a softmax over the whole catalog but what is known already."""
    padded = torch.cat([scores, scores.new_zeros(len(scores), 1)], dim=1)
    barred = padded.scatter(1, known, float("-inf"))[:, :-1]
    chosen = wanted >= 0
    log_odds = torch.log_softmax(barred, dim=1).gather(1, wanted.clamp(min=0))
    return -(log_odds[chosen]).mean()


class ContentItemNet(nn.Module):
    """A net whose items are computed from content: once per step in training, once for all when scoring."""

    def __init__(self) -> None:
        super().__init__()
        self._ready: Any = None

    def compute_items(self) -> Any:
        """What scores need of the items."""
        raise NotImplementedError

    def train(self, mode: bool = True) -> Any:
        """Weights may change in between: forget what was computed."""
        self._ready = None
        return super().train(mode)

    def cached_items(self) -> Any:
        """`compute_items`, kept as long as nothing is trained."""
        if torch.is_grad_enabled():
            return self.compute_items()
        if self._ready is None:
            self._ready = self.compute_items()
        return self._ready
