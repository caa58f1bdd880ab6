"""A personal order of courses: what "for you" means outside the shelves."""

from collections.abc import Sequence

from webapp.recommender.history import learner_state
from webapp.recommender.live import live_model


def order_for(user_id: int, course_ids: Sequence[int]) -> list[int]:
    """The same courses, the most fitting for the learner first.

    What the recommender never suggests (taken, dismissed, known) and what it does not know keeps its order at the end.
    """
    serving = live_model().serving()
    if serving is None:
        return list(course_ids)
    learner = learner_state(user_id).learner
    ranked = serving.model.recommend(learner, len(serving.model.items))
    place = {int(found.item_id): rank for rank, found in enumerate(ranked)}
    return sorted(course_ids, key=lambda course_id: place.get(course_id, len(place)))
