"""Features of a (learner, item) pair for predictors of ratings."""

from collections.abc import Sequence

import numpy as np

from recsys.features.course_features import CourseFeatures
from recsys.ratings.factors import Factors
from recsys.ratings.rating_table import Codes, Floats
from recsys.types import LEVELS, Item


def baseline_features(factors: Factors, users: Codes, items: Codes) -> Floats:
    """(rows, 5): predicted rating by the means, both biases, and how many ratings stand behind each (logarithms)."""
    columns = [factors.baseline(users, items), factors.user_bias[users], factors.item_bias[items]]
    columns += [np.log1p(factors.user_count)[users], np.log1p(factors.item_count)[items]]
    return np.column_stack(columns)


def embedding_features(factors: Factors, users: Codes, items: Codes) -> Floats:
    """(rows, 3 · dimensions): the learner's embedding, the item's, and their product per dimension."""
    left, right = factors.user_embedding[users], factors.item_embedding[items]
    return np.hstack([left, right, left * right])


def course_facts(item_ids: Sequence[str], catalog: Sequence[Item]) -> Floats:
    """(items, facts): topics and level as 0 and 1, log minutes (0 where unknown); items missing from the catalog are zeros."""
    known = {item.item_id: item for item in catalog}
    features = CourseFeatures.of([known.get(item_id, Item(item_id)) for item_id in item_ids])
    levels = features.level[:, None] == np.arange(len(LEVELS))
    minutes = np.log1p(np.nan_to_num(features.minutes, nan=0.0))
    return np.hstack([features.topics.toarray(), levels, minutes[:, None]]).astype(np.float64)
