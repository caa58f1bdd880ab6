"""The chance to finish, asked for by pages."""

from typing import TYPE_CHECKING

from webapp.recommender.serving.serving_model import live_model
from webapp.support.clock import now

if TYPE_CHECKING:
    from webapp.recommender.serving.finish_words import FinishChance


def chance_to_finish(
    user_id: int, course_id: int, *, taking: bool, weekly_minutes: int | None, level: str | None, prerequisites: int, lacking: int
) -> "FinishChance | None":
    """How likely the learner is to finish the course if it is begun now, in words; None where nothing is known. Two statements.

    `prerequisites` is how many courses it builds on, `lacking` how many of them the learner has not finished.

    What was done in a course under way (`taking`) is not counted: the model was learned from what is known at the start.
    """
    bound = live_model().finishing()
    if bound is None or str(course_id) not in bound.courses.positions:
        return None
    # Loaded late: they bring pandas, which is there once a model is.
    from webapp.recommender.serving.attempts import activity_of, attempts_of  # noqa: PLC0415
    from webapp.recommender.serving.finish_words import Asked, worded  # noqa: PLC0415

    own = attempts_of(user_id, now(), without=course_id if taking else None)
    outlook = bound.outlook(str(course_id), own, activity=activity_of(user_id), weekly_minutes=weekly_minutes, level=level)
    if outlook is None:
        return None
    ended = own.known < own.now
    went = int((own.finished & ended).sum()), int(ended.sum()), int((~ended).sum())
    return worded(outlook, Asked(*went, weekly_minutes, prerequisites, lacking))
