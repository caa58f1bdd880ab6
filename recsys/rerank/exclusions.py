"""Hard rules: what a learner is never shown."""

from recsys.data.engagement import LIGHT_KINDS
from recsys.types import Learner


def items_excluded_for_learner(learner: Learner) -> frozenset[str]:
    """Items taken, finished, known, turned down or excluded by the learner."""
    return learner.excluded.union(taken_items(learner), dislike_strength_by_item(learner))


def dislike_strength_by_item(learner: Learner) -> dict[str, float]:
    """Items whose latest word from the learner is negative, with its strength (> 0)."""
    last = {event.item_id: event.weight for event in learner.history if event.weight}
    return {item: -weight for item, weight in last.items() if weight < 0}


def taken_items(learner: Learner) -> frozenset[str]:
    """Items the learner took up, which count as prerequisites met: also those whose weight has faded to 0."""
    return frozenset(e.item_id for e in learner.history if e.weight >= 0 and e.kind not in LIGHT_KINDS)
