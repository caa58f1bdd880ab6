"""A world in which histories mislead and slates can tell: learners took what everybody takes, and like what is about their subject."""

import numpy as np
import pandas as pd

from recsys.data.dataset import Dataset
from recsys.data.slates import LoggedPlace, LoggedSlates

SUBJECTS, COURSES, LEARNERS, PLACES = 4, 12, 500, 8
START, DAY = 1.7e9, 86_400.0
LIKED, OTHER = 0.5, 0.05


def subject(item_id: str) -> int:
    """Of a course."""
    return int(item_id[1])


def interactions(seed: int = 0) -> pd.DataFrame:
    """Two or three courses of the learner's subject, then two of those at the front of everybody's list."""
    rng = np.random.default_rng(seed)
    rows = []
    for learner in range(LEARNERS):
        own = [f"s{learner % SUBJECTS}c{course}" for course in rng.permutation(COURSES)[: rng.integers(2, 4)]]
        front = [f"s{other}c0" for other in rng.permutation(SUBJECTS)[:2]]
        rows += [(f"u{learner}", item, START + step * DAY) for step, item in enumerate(dict.fromkeys([*own, *front]))]
    return pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])


def dataset(seed: int = 0) -> Dataset:
    """The histories."""
    return Dataset.from_frames(interactions(seed))


def places(slates: int, seed: int, eta: float = 1.0, liked: float = LIKED) -> list[LoggedPlace]:
    """Slates after the histories ended, the courses at the front first and the rest anyhow; place k is looked at with 1 / k^eta.

    A course of the learner's subject is liked `liked` of the time it is looked at, another OTHER.
    """
    rng = np.random.default_rng(seed)
    taken = interactions().groupby("user_id")["item_id"].agg(set)
    found = []
    for slate in range(slates):
        learner = int(rng.integers(LEARNERS))
        courses = [f"s{s}c{n}" for s in range(SUBJECTS) for n in range(COURSES) if f"s{s}c{n}" not in taken[f"u{learner}"]]
        order = sorted(rng.permutation(len(courses)), key=lambda n: (not courses[n].endswith("c0")) + 0.4 * rng.random())
        for rank, item in enumerate((courses[n] for n in order[:PLACES]), start=1):
            appeal = liked if subject(item) == learner % SUBJECTS else OTHER
            clicked = float(rng.random() < appeal / rank**eta)
            found.append(LoggedPlace(f"l{slate}", f"u{learner}", rank, item, 1.0, clicked, "", START + (10 + slate / slates) * DAY))
    return found


def log(slates: int = 2500, seed: int = 0, **options: float) -> LoggedSlates:
    """The slates as arrays."""
    return LoggedSlates.from_places(places(slates, seed, **options))
