"""Ratings as a table of (learner, item, rating), and its parts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys.data.validation import check_interactions
from recsys.errors import DataError
from recsys.faults import Fault
from recsys.types import Columns

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LEAST_ROWS = 50
LEAST_OF_A_CLASS = 10  # below that a held-out part holds one or two of them, and no figure means anything
_MOSTLY = 0.9


@dataclass(frozen=True)
class RatingTable:
    """One row per (learner, item) pair: codes 0…n-1 of both, and the rating. `item_ids` names the items in code order."""

    users: Codes
    items: Codes
    ratings: Floats
    n_users: int
    item_ids: tuple[str, ...]

    @property
    def n_items(self) -> int:
        """How many items were rated."""
        return len(self.item_ids)

    def __len__(self) -> int:
        return len(self.ratings)

    def select(self, rows: Mask) -> "RatingTable":
        """Some rows; codes keep their meaning."""
        return RatingTable(self.users[rows], self.items[rows], self.ratings[rows], self.n_users, self.item_ids)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> "RatingTable":
        """The ratings in the `weight` column of interactions; of a pair rated twice the later row counts.

        Raises DataError without that column, on rows that cannot be used, on fewer than 50 ratings, and when all are equal.
        """
        if Columns.WEIGHT not in frame.columns or frame[Columns.WEIGHT].isna().all():
            raise DataError(Fault.NO_RATINGS)
        rated = frame[frame[Columns.WEIGHT].notna()]
        clean = check_interactions(rated).without_repeats().require_clean().drop_duplicates([Columns.USER, Columns.ITEM], keep="last")
        if len(clean) < LEAST_ROWS:
            raise DataError(Fault.FEW_RATINGS, ratings=len(clean), least=LEAST_ROWS)
        ratings = clean[Columns.WEIGHT].to_numpy(np.float64)
        if ratings.min() == ratings.max():
            raise DataError(Fault.RATINGS_ALIKE, rating=ratings[0])
        users, names = pd.factorize(clean[Columns.USER])
        items, item_ids = pd.factorize(clean[Columns.ITEM])
        return cls(users.astype(np.int64), items.astype(np.int64), ratings, len(names), tuple(map(str, item_ids)))

    def default_threshold(self) -> float:
        """From which rating on a course counts as completed: the larger of two values, else 90 % of the largest."""
        values = np.unique(self.ratings)
        return float(values[-1] if len(values) == 2 else _MOSTLY * values[-1])

    def completed(self, threshold: float) -> Mask:
        """Marks completed pairs. Raises DataError when a class has fewer than 10 of them."""
        marks = self.ratings >= np.float32(threshold)  # ratings were read in single precision: .9 must reach .9
        count = int(marks.sum())
        if count == len(marks):
            raise DataError(Fault.ALL_COMPLETED, threshold=threshold, pairs=len(marks))
        if count == 0:
            raise DataError(Fault.NONE_COMPLETED, threshold=threshold, pairs=len(marks))
        if min(count, len(marks) - count) < LEAST_OF_A_CLASS:
            raise DataError(Fault.FEW_OF_A_CLASS, completed=count, pairs=len(marks), threshold=threshold, least=LEAST_OF_A_CLASS)
        return np.asarray(marks, np.bool_)


@dataclass(frozen=True)
class RowSplit:
    """Disjoint rows: the factor model sees `factors`, predictors learn on `learn`, figures come from `test`.

    Pairs of `learn` and of `test` are equally unknown to the factors, so a predictor meets at test what it met when it
    learned; fitting both on the same rows would hand it embeddings that hold the answer.
    """

    factors: Mask
    learn: Mask
    test: Mask


def split_rows(completed: Mask, seed: int, test: float = 0.2, factors: float = 0.48) -> RowSplit:
    """Random parts of the rows, each with its share of both classes."""
    rng = np.random.default_rng(seed)
    place = np.empty(len(completed))
    for kind in (False, True):
        rows = np.flatnonzero(completed == kind)
        place[rows] = (rng.permutation(len(rows)) + 0.5) / len(rows)
    return RowSplit((place >= test) & (place < test + factors), place >= test + factors, place < test)
