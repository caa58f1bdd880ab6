"""Rollups: counts kept by jobs, so that no page counts the rows of others."""

from datetime import date, timedelta

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db

STARTED_LATELY = timedelta(days=30)
SMALLEST_GROUP = 5
"""Fewer people than this could be recognized in what "people like you" do."""


class CourseDay(db.Model):  # type: ignore[misc,name-defined]
    """What happened with a course on a day (UTC), in numbers. `served` and `seen` count places of slates; `visitor_views` those without
    an account, which are counted and not logged."""

    __tablename__ = "course_days"
    __table_args__ = ({"sqlite_with_rowid": False},)

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True, index=True)
    served: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)
    clicked: Mapped[int] = mapped_column(default=0)
    views: Mapped[int] = mapped_column(default=0)
    visitor_views: Mapped[int] = mapped_column(default=0)
    saved: Mapped[int] = mapped_column(default=0)
    dismissed: Mapped[int] = mapped_column(default=0)
    enrolled: Mapped[int] = mapped_column(default=0)
    completed: Mapped[int] = mapped_column(default=0)
    dropped: Mapped[int] = mapped_column(default=0)


class PlacementDay(db.Model):  # type: ignore[misc,name-defined]
    """What a placement showed on a day (UTC) under a policy, a model and an arm ('' where there was none). `slates` counts lists,
    `served`, `seen` and `clicked` their places, `enrolled` enrollments that name a slate of it."""

    __tablename__ = "placement_days"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    placement: Mapped[str] = mapped_column(String(40), primary_key=True)
    policy_version: Mapped[str] = mapped_column(String(32), primary_key=True)
    model_version: Mapped[str] = mapped_column(String(64), primary_key=True, default="")
    arm: Mapped[str] = mapped_column(String(64), primary_key=True, default="")
    slates: Mapped[int] = mapped_column(default=0)
    served: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)
    clicked: Mapped[int] = mapped_column(default=0)
    enrolled: Mapped[int] = mapped_column(default=0)


class CourseStats(db.Model):  # type: ignore[misc,name-defined]
    """Ratings of a course (1 to 5), one a learner: the newest counts; and how many learners started it within STARTED_LATELY."""

    __tablename__ = "course_stats"
    __table_args__ = (CheckConstraint("rating_count >= 0", name="count_not_negative"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    rating_count: Mapped[int] = mapped_column(default=0)
    rating_sum: Mapped[float] = mapped_column(default=0.0)
    recent_starts: Mapped[int] = mapped_column(default=0, server_default="0")


class CoursePair(db.Model):  # type: ignore[misc,name-defined]
    """In which order learners took two courses: of those who took `both`, how many took the second `after` the first and how many
    `before` it. Kept for the pairs most taken together; counted over a sample of the learners of large courses."""

    __tablename__ = "course_pairs"
    __table_args__ = ({"sqlite_with_rowid": False},)

    first_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True, index=True)
    both: Mapped[int]
    after: Mapped[int]
    before: Mapped[int]


class GoalCourse(db.Model):  # type: ignore[misc,name-defined]
    """How many learners with a career goal take or took a course; kept from SMALLEST_GROUP learners on."""

    __tablename__ = "goal_courses"
    __table_args__ = ({"sqlite_with_rowid": False},)

    goal_id: Mapped[int] = mapped_column(ForeignKey("career_goals.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True, index=True)
    learners: Mapped[int]
