"""What the behaviour model needs to know of the catalog, as arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from webapp.sample.catalog_reader import LAST_DAY, LEVELS, Catalog

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """J courses, S skills, G goals, T topics; rows are in the catalog's order.

    `age_days` (J) is the age of a course at the end of the simulated time; `teaches` (J×S) and `needs` (G×S) hold weights
    1 to 3, `requires` (J×J) is true where the row's course names the column's as a prerequisite.
    """

    topic: Ints
    level: Floats
    minutes: Floats
    paid: Flags
    known_creator: Flags
    age_days: Floats
    teaches: Floats
    needs: Floats
    requires: Flags
    goal_topics: Floats
    lesson_minutes: tuple[Floats, ...]

    @property
    def n_courses(self) -> int:
        """Number of courses, J."""
        return len(self.topic)

    @property
    def n_topics(self) -> int:
        """Number of topics, T."""
        return int(self.goal_topics.shape[1])


def arrays_of_catalog(catalog: Catalog) -> World:
    """The arrays of a catalog."""
    topics = {row.slug: i for i, row in enumerate(catalog.topics)}
    skills = {row.slug: i for i, row in enumerate(catalog.skills)}
    known = {row.name for row in catalog.creators if row.known}
    courses = catalog.courses
    needs = np.zeros((len(catalog.goals), len(skills)))
    for row, goal in enumerate(catalog.goals):
        for slug, target in goal.skills.items():
            needs[row, skills[slug]] = target
    skill_topic = np.zeros((len(skills), len(topics)))
    skill_topic[np.arange(len(skills)), [topics[row.topic] for row in catalog.skills]] = 1
    goal_topics = needs @ skill_topic
    return World(
        topic=np.array([topics[row.topic] for row in courses]),
        level=np.array([LEVELS.index(row.level) for row in courses], float),
        minutes=np.array([row.minutes for row in courses], float),
        paid=np.array([row.price > 0 for row in courses]),
        known_creator=np.array([row.creator in known for row in courses]),
        age_days=np.array([(LAST_DAY - row.published).days + 1.0 for row in courses]),
        teaches=_skill_matrix(catalog, skills),
        needs=needs,
        requires=_prerequisite_matrix(catalog),
        goal_topics=goal_topics / goal_topics.sum(axis=1, keepdims=True),
        lesson_minutes=tuple(np.array([lesson.minutes for module in row.modules for lesson in module.lessons], float) for row in courses),
    )


def skill_weight(position: int) -> int:
    """How much a course teaches the skill it names at `position`: 3 for the first, 2 for the second, 1 for others."""
    return max(3 - position, 1)


def _skill_matrix(catalog: Catalog, skills: dict[str, int]) -> Floats:
    teaches = np.zeros((len(catalog.courses), len(skills)))
    for row, course in enumerate(catalog.courses):
        for position, slug in enumerate(course.skills):
            teaches[row, skills[slug]] = skill_weight(position)
    return teaches


def _prerequisite_matrix(catalog: Catalog) -> Flags:
    index = {row.slug: i for i, row in enumerate(catalog.courses)}
    requires = np.zeros((len(index), len(index)), np.bool_)
    for row, course in enumerate(catalog.courses):
        requires[row, [index[slug] for slug in course.prerequisites]] = True
    return requires
