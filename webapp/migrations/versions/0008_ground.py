"""Rollups, the outbox of mail, ranking policies, versions of courses; events say what they are about; lessons outlive edits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


RATINGS = """
insert into course_stats (course_id, rating_count, rating_sum)
select course_id, count(*), sum(value) from (
    select course_id, value, row_number() over (partition by user_id, course_id order by occurred_at desc, id desc) as place
    from events where kind = 'rating' and value is not null and user_id is not null and course_id is not null
) as newest where place = 1 group by course_id
"""


def set_foreign_keys(on: bool) -> None:
    """See 0005."""
    bind = op.get_bind()
    if bind.dialect.name == 'sqlite':
        connection = bind.connection.driver_connection
        for statement in ('COMMIT', f'PRAGMA foreign_keys={"ON" if on else "OFF"}', 'BEGIN IMMEDIATE'):
            connection.execute(statement)


def upgrade() -> None:
    set_foreign_keys(False)
    op.create_table('placement_days',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('placement', sa.String(length=40), nullable=False),
    sa.Column('policy_version', sa.String(length=32), nullable=False),
    sa.Column('model_version', sa.String(length=64), nullable=False),
    sa.Column('arm', sa.String(length=64), nullable=False),
    sa.Column('slates', sa.Integer(), nullable=False),
    sa.Column('served', sa.Integer(), nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('clicked', sa.Integer(), nullable=False),
    sa.Column('enrolled', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'placement', 'policy_version', 'model_version', 'arm', name=op.f('pk_placement_days')),
    sqlite_with_rowid=False
    )
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('recipient', sa.String(length=255), nullable=False),
    sa.Column('sender', sa.String(length=255), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(length=300), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_outbox_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_user_id'), ['user_id'], unique=False)
        batch_op.create_index('ix_outbox_waiting', ['not_before'], unique=False, sqlite_where=sa.text('closed_at is null'), postgresql_where=sa.text('closed_at is null'))

    op.create_table('ranking_policies',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('placement', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(24), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('live_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('live_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['users.id'], name=op.f('fk_ranking_policies_author_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ranking_policies')),
    sa.UniqueConstraint('placement', 'number', name=op.f('uq_ranking_policies_placement_number'))
    )
    with op.batch_alter_table('ranking_policies', schema=None) as batch_op:
        batch_op.create_index('uq_ranking_policies_live', ['placement'], unique=True, sqlite_where=sa.text("status = 'live'"), postgresql_where=sa.text("status = 'live'"))

    op.create_table('course_days',
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('served', sa.Integer(), nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('clicked', sa.Integer(), nullable=False),
    sa.Column('views', sa.Integer(), nullable=False),
    sa.Column('visitor_views', sa.Integer(), nullable=False),
    sa.Column('saved', sa.Integer(), nullable=False),
    sa.Column('dismissed', sa.Integer(), nullable=False),
    sa.Column('enrolled', sa.Integer(), nullable=False),
    sa.Column('completed', sa.Integer(), nullable=False),
    sa.Column('dropped', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_course_days_course_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('course_id', 'day', name=op.f('pk_course_days')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('course_days', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_course_days_day'), ['day'], unique=False)

    op.create_table('course_pairs',
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('second_id', sa.Integer(), nullable=False),
    sa.Column('both', sa.Integer(), nullable=False),
    sa.Column('after', sa.Integer(), nullable=False),
    sa.Column('before', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['first_id'], ['courses.id'], name=op.f('fk_course_pairs_first_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['second_id'], ['courses.id'], name=op.f('fk_course_pairs_second_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('first_id', 'second_id', name=op.f('pk_course_pairs')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('course_pairs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_course_pairs_second_id'), ['second_id'], unique=False)

    op.create_table('course_stats',
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('rating_count', sa.Integer(), nullable=False),
    sa.Column('rating_sum', sa.Double(), nullable=False),
    sa.Column('recent_starts', sa.Integer(), server_default='0', nullable=False),
    sa.CheckConstraint('rating_count >= 0', name=op.f('ck_course_stats_count_not_negative')),
    sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_course_stats_course_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('course_id', name=op.f('pk_course_stats'))
    )
    op.execute(RATINGS)
    op.create_table('course_versions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('published', sa.Boolean(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['users.id'], name=op.f('fk_course_versions_author_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_course_versions_course_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_course_versions')),
    sa.UniqueConstraint('course_id', 'number', name=op.f('uq_course_versions_course_id_number'))
    )
    op.create_table('goal_courses',
    sa.Column('goal_id', sa.Integer(), nullable=False),
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('learners', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_goal_courses_course_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['goal_id'], ['career_goals.id'], name=op.f('fk_goal_courses_goal_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('goal_id', 'course_id', name=op.f('pk_goal_courses')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('goal_courses', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_goal_courses_course_id'), ['course_id'], unique=False)

    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.add_column(sa.Column('subject_type', sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column('subject_id', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('data', sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table('lesson_progress', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_lesson_progress_lesson_id'), type_='foreignkey')
        batch_op.create_foreign_key(batch_op.f('fk_lesson_progress_lesson_id'), 'lessons', ['lesson_id'], ['id'], ondelete='RESTRICT')

    with op.batch_alter_table('lessons', schema=None) as batch_op:
        batch_op.add_column(sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column('module_id',
               existing_type=sa.INTEGER(),
               nullable=True)
        batch_op.alter_column('position',
               existing_type=sa.INTEGER(),
               nullable=True)
        batch_op.drop_constraint(batch_op.f('fk_lessons_module_id'), type_='foreignkey')
        batch_op.create_foreign_key(batch_op.f('fk_lessons_module_id'), 'modules', ['module_id'], ['id'], ondelete='SET NULL')

    set_foreign_keys(True)


def downgrade() -> None:
    set_foreign_keys(False)
    with op.batch_alter_table('lessons', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_lessons_module_id'), type_='foreignkey')
        batch_op.create_foreign_key(batch_op.f('fk_lessons_module_id'), 'modules', ['module_id'], ['id'], ondelete='CASCADE')
        batch_op.alter_column('position',
               existing_type=sa.INTEGER(),
               nullable=False)
        batch_op.alter_column('module_id',
               existing_type=sa.INTEGER(),
               nullable=False)
        batch_op.drop_column('removed_at')

    with op.batch_alter_table('lesson_progress', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_lesson_progress_lesson_id'), type_='foreignkey')
        batch_op.create_foreign_key(batch_op.f('fk_lesson_progress_lesson_id'), 'lessons', ['lesson_id'], ['id'], ondelete='CASCADE')

    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_column('data')
        batch_op.drop_column('subject_id')
        batch_op.drop_column('subject_type')

    with op.batch_alter_table('goal_courses', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_goal_courses_course_id'))

    op.drop_table('goal_courses')
    op.drop_table('course_versions')
    op.drop_table('course_stats')
    with op.batch_alter_table('course_pairs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_course_pairs_second_id'))

    op.drop_table('course_pairs')
    with op.batch_alter_table('course_days', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_course_days_day'))

    op.drop_table('course_days')
    with op.batch_alter_table('ranking_policies', schema=None) as batch_op:
        batch_op.drop_index('uq_ranking_policies_live', sqlite_where=sa.text("status = 'live'"), postgresql_where=sa.text("status = 'live'"))

    op.drop_table('ranking_policies')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_waiting', sqlite_where=sa.text('closed_at is null'), postgresql_where=sa.text('closed_at is null'))
        batch_op.drop_index(batch_op.f('ix_outbox_user_id'))

    op.drop_table('outbox')
    op.drop_table('placement_days')
    set_foreign_keys(True)
