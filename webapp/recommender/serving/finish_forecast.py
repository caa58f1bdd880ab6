"""The chance to finish a course, estimated for one learner when a page asks for it. Words join it in `wording`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp.recommender.serving.attempts import activity_of, attempts_of
from webapp.recommender.serving.serving_model import live_model
from webapp.support.clock import now

if TYPE_CHECKING:
    from recsys.serving.completion import Outlook


@dataclass(frozen=True, slots=True)
class FinishForecast:
    """An estimate with the facts that sentences about it name: how many of the learner's courses are finished, have ended and are under
    way, the minutes there are a week, how many courses the one asked about builds on, and how many of those are not finished."""

    outlook: "Outlook"
    finished: int
    ended: int
    under_way: int
    weekly_minutes: int | None
    prerequisites: int
    lacking: int


def chance_to_finish(
    user_id: int, course_id: int, *, taking: bool, weekly_minutes: int | None, level: str | None, prerequisites: int, lacking: int
) -> FinishForecast | None:
    """How likely the learner is to finish the course if it is begun now; None where nothing is known. Two statements.

    `prerequisites` is how many courses it builds on, `lacking` how many of them the learner has not finished.

    What was done in a course under way (`taking`) is not counted: the model was learned from what is known at the start.
    """
    bound = live_model().finishing()
    if bound is None or str(course_id) not in bound.courses.position_by_item_id:
        return None
    own = attempts_of(user_id, now(), without=course_id if taking else None)
    outlook = bound.outlook(str(course_id), own, activity=activity_of(user_id), weekly_minutes=weekly_minutes, level=level)
    if outlook is None:
        return None
    ended = own.known < own.now
    counts = int((own.finished & ended).sum()), int(ended.sum()), int((~ended).sum())
    return FinishForecast(outlook, *counts, weekly_minutes, prerequisites, lacking)
