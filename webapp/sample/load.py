"""Loading of the sample world into a database that has no courses yet."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.importing.bulk import refresh_planner_statistics
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment
from webapp.models.event import Event
from webapp.models.offered_lesson import OfferedLesson
from webapp.models.user import User
from webapp.policies import Actor, Permission, require
from webapp.sample.accounts import add_accounts, add_history
from webapp.sample.behaviour import END, simulate
from webapp.sample.catalog_arrays import arrays_of_catalog
from webapp.sample.catalog_reader import Catalog, load_catalog
from webapp.sample.notifications import add_notifications
from webapp.sample.store import add_catalog, add_learners, store_behaviour
from webapp.services.errors import Conflict
from webapp.services.housekeeping import recount_courses
from webapp.services.rollups import rebuild_rollups
from webapp.support.clock import now

LEARNERS = 1500
SEED = 7


@dataclass(frozen=True, slots=True)
class SampleWorld:
    """What is there after loading. `password` opens the sample accounts; None when the world was there before."""

    loaded: bool
    courses: int
    lessons: int
    learners: int
    enrollments: int
    events: int
    password: str | None = None


def load_sample(
    actor: Actor, learners: int = LEARNERS, seed: int = SEED, password: str = "", at: datetime | None = None, catalog: Catalog | None = None
) -> SampleWorld:
    """Load catalog, people and behaviour; their half year ends at `at` (now).

    Where the sample world is loaded already nothing changes. Raises Conflict when there are other courses, CatalogError when
    the catalog has slips, Forbidden.
    """
    require(actor, Permission.IMPORT_DATA)
    if db.session.scalar(select(Course.id).where(~Course.is_sample).limit(1)):
        raise Conflict("The database has courses of its own: the sample world is only loaded into one without.")
    if db.session.scalar(select(Course.id).limit(1)):
        return _sample_counts(loaded=False)
    catalog, at = catalog or load_catalog(), (at or now()).replace(microsecond=0)
    password = password or secrets.token_urlsafe(9)
    begin = at - timedelta(seconds=END)
    course_ids, lesson_ids = add_catalog(catalog, at)
    behaviour = simulate(arrays_of_catalog(catalog), learners, seed)
    learner_ids = add_learners(catalog, behaviour.population, begin)
    learner_ids.append(add_accounts(password, begin))
    add_history(behaviour, catalog, learner=len(learner_ids) - 1)
    store_behaviour(behaviour, learner_ids, course_ids, lesson_ids, begin)
    add_notifications(begin, at)
    recount_courses()
    rebuild_rollups()
    refresh_planner_statistics()
    return _sample_counts(loaded=True, password=password)


def _sample_counts(loaded: bool, password: str | None = None) -> SampleWorld:
    count = {model: db.session.scalar(select(func.count(model.id))) or 0 for model in (Course, OfferedLesson, User, Enrollment, Event)}
    return SampleWorld(loaded, count[Course], count[OfferedLesson], count[User], count[Enrollment], count[Event], password)
