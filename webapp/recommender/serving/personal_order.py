"""Personal order of courses outside the shelves, such as "for you" in the catalog."""

from collections.abc import Sequence

from webapp.recommender.serving.learner_state import learner_state
from webapp.recommender.serving.serving_model import live_model


def personal_order(user_id: int, course_ids: Sequence[int]) -> list[int]:
    """The same courses, the most fitting for the learner first.

    What the recommender never suggests (taken, dismissed, known) and what it does not know keeps its order at the end.
    """
    serving = live_model().serving()
    if serving is None:
        return list(course_ids)
    personal = serving.model.for_learner(learner_state(user_id).learner)
    return [course_ids[place] for place in personal.argsort_item_ids_by_score([str(course_id) for course_id in course_ids])]
