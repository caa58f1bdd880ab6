"""Ratings whose right answers are known."""

import numpy as np
import pandas as pd

USERS, ITEMS = 120, 24


def pairs(seed: int = 0, share: float = 0.6) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Random (learner, item) pairs, each once, in random order."""
    rng = np.random.default_rng(seed)
    users, items = np.divmod(rng.permutation(USERS * ITEMS)[: int(USERS * ITEMS * share)], ITEMS)
    return users, items, rng


def frame(users: np.ndarray, items: np.ndarray, ratings: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"user_id": [f"u{u}" for u in users], "item_id": [f"i{i}" for i in items], "weight": ratings})


def tastes(seed: int = 0) -> pd.DataFrame:
    """Even learners finish even courses and only those, odd ones odd courses: means say nothing, embeddings all."""
    users, items, _ = pairs(seed)
    return frame(users, items, np.where((users + items) % 2 == 0, 2.0, 1.0))


def noise(completed: float, seed: int = 0) -> pd.DataFrame:
    """Completion by lot: nobody can predict it."""
    users, items, rng = pairs(seed)
    return frame(users, items, np.where(rng.random(len(users)) < completed, 2.0, 1.0))
