"""Small worlds whose right answers are obvious."""

import numpy as np
import pandas as pd

from recsys.data.dataset import Dataset
from recsys.types import Item

WORDS = {"a": "python pandas data frames notebooks", "b": "watercolor paint brushes paper canvas"}
SIZE = 6


def items() -> tuple[Item, ...]:
    """Courses a0…a5 about data, b0…b5 about painting, and one nobody takes."""
    courses = [Item(f"{g}{n}", title=f"{g}{n}", description=WORDS[g], topics=(g,)) for g in "ab" for n in range(SIZE)]
    return (*courses, Item("untaken", title="Baking", description="flour, yeast and water"))


def interactions(learners: int = 120, seed: int = 0) -> pd.DataFrame:
    """Learners keep to one subject and take its courses in order, from a random start, with times.

    Twice as many study data as painting, so that popularity has an obvious order too.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for learner in range(learners):
        group = "b" if learner % 3 == 0 else "a"
        first, length = rng.integers(SIZE), rng.integers(2, SIZE)
        rows += [(f"u{learner}", f"{group}{(first + step) % SIZE}", 1.7e9 + learner * 3600 + step * 60) for step in range(length)]
    return pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])


def dataset(learners: int = 120, seed: int = 0) -> Dataset:
    """The two subjects as a dataset."""
    return Dataset.from_frames(interactions(learners, seed), items())
