"""Minutes of lessons are computed, those of courses with lessons add up; what was stated before is gone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from webapp.support.lesson_time import lesson_time

revision = '0007'
down_revision = '0006'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

lessons = sa.table('lessons', sa.column('id'), sa.column('course_id'), sa.column('kind'), sa.column('body'), sa.column('minutes'))
questions = sa.table('questions', sa.column('id'), sa.column('lesson_id'))
courses = sa.table('courses', sa.column('id'), sa.column('duration_minutes'))


def upgrade() -> None:
    connection = op.get_bind()
    asked = sa.select(sa.func.count(questions.c.id)).where(questions.c.lesson_id == lessons.c.id).scalar_subquery()
    # The length of a video is known by nobody but whoever stated it.
    stated = sa.select(lessons.c.id, lessons.c.body, asked).where(lessons.c.kind != 'video')
    rows = [{'of': lesson_id, 'takes': lesson_time(body, count).minutes} for lesson_id, body, count in connection.execute(stated)]
    if rows:
        connection.execute(sa.update(lessons).where(lessons.c.id == sa.bindparam('of')).values(minutes=sa.bindparam('takes')), rows)
    total = sa.select(sa.func.sum(lessons.c.minutes)).where(lessons.c.course_id == courses.c.id).scalar_subquery()
    has_lessons = courses.c.id.in_(sa.select(lessons.c.course_id))
    connection.execute(sa.update(courses).where(has_lessons).values(duration_minutes=total))


def downgrade() -> None:
    pass
