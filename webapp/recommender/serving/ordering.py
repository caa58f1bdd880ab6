"""Personal order of courses outside the shelves, such as "for you" in the catalog."""

from collections.abc import Sequence

from recsys.rerank.rules import never_shown
from webapp.recommender.serving.history import learner_state
from webapp.recommender.serving.serving_model import live_model


def order_for(user_id: int, course_ids: Sequence[int]) -> list[int]:
    """The same courses, the most fitting for the learner first.

    What the recommender never suggests (taken, dismissed, known) and what it does not know keeps its order at the end.
    """
    serving = live_model().serving()
    if serving is None:
        return list(course_ids)
    learner = learner_state(user_id).learner
    relevance = serving.model.for_learner(learner).scores()
    settled = never_shown(learner)

    def place(course_id: int) -> tuple[bool, float]:
        item_id = str(course_id)
        if item_id in settled or item_id not in relevance:
            return True, 0.0
        return False, -relevance[item_id]

    return sorted(course_ids, key=place)
