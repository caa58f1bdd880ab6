"""Course pairs: in which order learners took two courses, counted once a training for the words of reasons."""

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select

from webapp.extensions import db
from webapp.models.enrollment import Enrollment
from webapp.models.rollup import SMALLEST_GROUP

MOST_ENROLLMENTS = 400_000
"""Of more enrollments than this those of every second, third and so on learner are looked at."""
_MOST_COURSES = 60  # of one learner, the newest: whoever takes hundreds says little of what goes with what
_MOST_PAIRS = 80  # of one course: those most taken together with it

Ints = npt.NDArray[np.int64]


def course_pairs() -> list[dict[str, int]]:
    """Rows of CoursePair: for each course the courses most taken together with it, where at least five learners took both."""
    user, course, at = _enrollments()
    if not len(user):
        return []
    courses, column = np.unique(course, return_inverse=True)
    n = len(courses)
    keys, later = _pair_keys(user, column, at, n)
    counted, both = np.unique(keys, return_counts=True)
    place = np.searchsorted(counted, keys)
    after, before = (np.bincount(place, weights=side, minlength=len(counted)).astype(np.int64) for side in (later > 0, later < 0))
    kept = _most_taken_pairs(counted // n, both)
    return [
        {"first_id": int(courses[counted[i] // n]), "second_id": int(courses[counted[i] % n]), "both": int(both[i])}
        | {"after": int(after[i]), "before": int(before[i])}
        for i in kept
    ]


def _enrollments() -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """Learner, course and moment of enrollments, by learner."""
    total = db.session.scalar(select(func.count()).select_from(Enrollment)) or 0
    step = 1 + total // MOST_ENROLLMENTS
    query = select(Enrollment.user_id, Enrollment.course_id, Enrollment.enrolled_at).where(Enrollment.user_id % step == 0)
    rows = db.session.execute(query.order_by(Enrollment.user_id, Enrollment.enrolled_at.desc())).all()
    user = np.array([row[0] for row in rows], np.int64)
    return user, np.array([row[1] for row in rows], np.int64), np.array([row[2].timestamp() for row in rows], np.float64)


def _pair_keys(user: Ints, column: Ints, at: npt.NDArray[np.float64], n: int) -> tuple[Ints, Ints]:
    """For each ordered pair of courses of a learner its key (first * n + second), and whether the second was taken later (1), earlier (-1)
    or at the same moment (0)."""
    starts = np.flatnonzero(np.r_[True, user[1:] != user[:-1]])
    ends = np.r_[starts[1:], len(user)]
    keys, later = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for start, end in zip(starts, ends, strict=True):
        own, moment = column[start:end][:_MOST_COURSES], at[start:end][:_MOST_COURSES]
        first, second = np.nonzero(~np.eye(len(own), dtype=np.bool_))
        keys.append(own[first] * n + own[second])
        later.append(np.sign(moment[second] - moment[first]).astype(np.int64))
    return np.concatenate(keys), np.concatenate(later)


def _most_taken_pairs(first: Ints, both: Ints) -> Ints:
    """Indices of the pairs of each course that most learners took, the small ones left out."""
    order = np.lexsort((-both, first))
    begin = np.searchsorted(first[order], first[order], side="left")
    leading = (np.arange(len(order)) - begin < _MOST_PAIRS) & (both[order] >= SMALLEST_GROUP)
    return np.asarray(order[leading], np.int64)
