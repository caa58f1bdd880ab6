"""Lessons as everybody but their history sees them."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from webapp.models.lesson import Lesson

# Reading through it cannot show a lesson that was taken out of its course. Those who must see such ones read Lesson itself
# (tests/contracts/test_lessons.py lists them).
OfferedLesson = aliased(Lesson, select(Lesson).where(Lesson.removed_at.is_(None)).subquery("offered_lessons"))
