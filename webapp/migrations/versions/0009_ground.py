"""The ground: folded text, sessions, runs of jobs, minutes of lessons, the tables of rollups, mail, policies and versions, and slates.

One step after the other, in one transaction. Keeps the number of the last of the six migrations that it once was, so that a database
which stands there is at this one; where foreign keys would be in the way on SQLite, the environment has switched them off.
"""

import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from webapp.support.lesson_time import lesson_time
from webapp.support.text import fold

revision = '0009'
down_revision = '0003'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


FOLDED = {
    'courses': ('title', 'summary'),
    'users': ('name',),
    'topics': ('name',),
    'tags': ('name',),
    'skills': ('name',),
    'career_goals': ('name',),
}
TEXTS_AT_ONCE = 5_000


def add_folded_text() -> None:
    """Folded columns: text as it is looked up and sorted by."""
    for name, sources in FOLDED.items():
        for source in sources:
            # Added with a default, not altered afterwards: SQLite would make the table anew, and drop what refers to it.
            op.add_column(name, sa.Column(f'{source}_folded', sa.Text(), nullable=False, server_default=''))
        _fill(name, sources)


def _fill(name: str, sources: tuple[str, ...]) -> None:
    table = sa.table(name, sa.column('id'), *(sa.column(c) for source in sources for c in (source, f'{source}_folded')))
    change = table.update().where(table.c.id == sa.bindparam('row')).values({f'{s}_folded': sa.bindparam(f'new_{s}') for s in sources})
    connection, last = op.get_bind(), 0
    texts = sa.select(table.c.id, *(table.c[source] for source in sources)).order_by(table.c.id).limit(TEXTS_AT_ONCE)
    while rows := connection.execute(texts.where(table.c.id > last)).all():
        connection.execute(change, [{'row': row[0]} | {f'new_{s}': fold(text or '') for s, text in zip(sources, row[1:])} for row in rows])
        last = rows[-1][0]


def remove_folded_text() -> None:
    for name, sources in FOLDED.items():
        for source in sources:
            op.drop_column(name, f'{source}_folded')


CONFIRMED = sa.text('confirmed_at is not null')


def add_sessions() -> None:
    """Sessions are rows; an address belongs to the account that has confirmed it, and may be waited for by several."""
    op.create_table(
        'sessions',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('token_hash', sa.String(length=64), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('idle_expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('remembered', sa.Boolean(), nullable=False),
        sa.Column('browser', sa.String(length=60), nullable=False),
        sa.Column('network', sa.String(length=45), nullable=False),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sessions_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_sessions_token_hash')),
    )
    with op.batch_alter_table('sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sessions_user_id'), ['user_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sessions_expires_at'), ['expires_at'], unique=False)

    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_users_email'), type_='unique')
    op.create_index('ix_users_email', 'users', ['email'], unique=False)
    op.create_index(
        'uq_users_confirmed_email', 'users', ['email'], unique=True, sqlite_where=CONFIRMED, postgresql_where=CONFIRMED
    )


def remove_sessions() -> None:
    # Of several accounts that share an address, one keeps it: who has confirmed it, else the oldest.
    op.execute(
        'update users set email = null where email is not null and exists (select 1 from users as other where other.email = users.email '
        'and other.id <> users.id and (case when other.confirmed_at is null then 1 else 0 end, other.id) '
        '< (case when users.confirmed_at is null then 1 else 0 end, users.id))'
    )
    op.drop_index('uq_users_confirmed_email', table_name='users')
    op.drop_index('ix_users_email', table_name='users')
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f('uq_users_email'), ['email'])
    op.drop_table('sessions')


COLUMNS = ('process_birth', 'own_process', 'params', 'deadline_at', 'cancel_requested_at')


def add_job_runs() -> None:
    """Runs of jobs can be cancelled, have a deadline, parameters and a process that is known for sure."""
    with op.batch_alter_table('job_runs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('process_birth', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('own_process', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('params', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('deadline_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('cancel_requested_at', sa.DateTime(timezone=True), nullable=True))
    runs = sa.table('job_runs', sa.column('own_process', sa.Boolean()), sa.column('params', sa.JSON()))
    op.execute(runs.update().values(own_process=False, params={}))
    with op.batch_alter_table('job_runs', schema=None) as batch_op:
        batch_op.alter_column('own_process', existing_type=sa.Boolean(), nullable=False)
        batch_op.alter_column('params', existing_type=sa.JSON(), nullable=False)


def remove_job_runs() -> None:
    op.execute("update job_runs set status = 'failed' where status = 'cancelled'")
    with op.batch_alter_table('job_runs', schema=None) as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)


lessons = sa.table('lessons', sa.column('id'), sa.column('course_id'), sa.column('kind'), sa.column('body'), sa.column('minutes'))
questions = sa.table('questions', sa.column('id'), sa.column('lesson_id'))
courses = sa.table('courses', sa.column('id'), sa.column('duration_minutes'))


def add_lesson_minutes() -> None:
    """Minutes of lessons are computed, those of courses with lessons add up; what was stated before is gone."""
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


RATINGS = """
insert into course_stats (course_id, rating_count, rating_sum)
select course_id, count(*), sum(value) from (
    select course_id, value, row_number() over (partition by user_id, course_id order by occurred_at desc, id desc) as place
    from events where kind = 'rating' and value is not null and user_id is not null and course_id is not null
) as newest where place = 1 group by course_id
"""


def add_tables() -> None:
    """Rollups, the outbox of mail, ranking policies, versions of courses; events say what they are about; lessons outlive edits."""
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


def remove_tables() -> None:
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


SLATES_AT_ONCE = 2_000
EPOCH = 1_577_836_800

MOMENT = sa.DateTime(timezone=True)
OLD = sa.table('old_slates', sa.column('id', sa.String), sa.column('number', sa.BigInteger), *(
    sa.column(name, kind) for name, kind in (
        ('user_id', sa.Integer), ('placement', sa.String), ('context_course_id', sa.Integer), ('served_at', MOMENT),
        ('model_version', sa.String), ('policy_version', sa.String), ('arm', sa.String), ('items', sa.JSON),
    )
))
KEPT = ('user_id', 'placement', 'context_course_id', 'served_at', 'model_version', 'policy_version', 'arm')


def slate_columns(id_type: sa.types.TypeEngine) -> list[sa.Column]:
    return [
        sa.Column('id', id_type, autoincrement=False, nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('placement', sa.String(length=40), nullable=False),
        sa.Column('context_course_id', sa.Integer(), nullable=True),
        sa.Column('served_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('model_version', sa.String(length=64), nullable=True),
        sa.Column('policy_version', sa.String(length=32), nullable=False),
        sa.Column('arm', sa.String(length=64), nullable=True),
    ]


def constraints() -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(['context_course_id'], ['courses.id'], name=op.f('fk_slates_context_course_id'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_slates_user_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_slates')),
    ]


def make_indexes() -> None:
    op.create_index('ix_slates_time', 'slates', ['served_at'])
    op.create_index('ix_slates_user_time', 'slates', ['user_id', 'served_at'])


def set_old_aside() -> None:
    op.drop_index('ix_slates_time', table_name='slates')
    op.drop_index('ix_slates_user_time', table_name='slates')
    if op.get_bind().dialect.name == 'postgresql':
        for name in ('pk_slates', 'fk_slates_context_course_id', 'fk_slates_user_id'):
            op.execute(f'alter table slates rename constraint {name} to old_{name}')
    op.rename_table('slates', 'old_slates')


def numbered(served_at: datetime, place: int) -> int:
    """As webapp.models.slate.new_slate_ids: milliseconds, then 22 bits that tell slates of one moment apart."""
    moment = served_at.replace(tzinfo=UTC) if served_at.tzinfo is None else served_at
    return int((moment.timestamp() - EPOCH) * 1000) << 22 | place


def add_slates() -> None:
    """Slates are numbered by time, their places are rows (impressions), their reasons are packed."""
    bind = op.get_bind()
    set_old_aside()
    slates = op.create_table('slates', *slate_columns(sa.BigInteger()), sa.Column('detail', sa.LargeBinary(), nullable=True), *constraints())
    impressions = op.create_table(
        'impressions',
        sa.Column('slate_id', sa.BigInteger(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('course_id', sa.Integer(), nullable=False),
        sa.Column('propensity', sa.Double(), nullable=False),
        sa.Column('reason', sa.String(length=24), nullable=True),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('clicked_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['course_id'], ['courses.id'], name=op.f('fk_impressions_course_id'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['slate_id'], ['slates.id'], name=op.f('fk_impressions_slate_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('slate_id', 'position', name=op.f('pk_impressions')),
        sqlite_with_rowid=False,
    )
    op.add_column('old_slates', sa.Column('number', sa.BigInteger()))
    courses = set(bind.execute(sa.text('select id from courses')).scalars())
    last, place, query = '', 0, sa.select(OLD).order_by(OLD.c.id).limit(SLATES_AT_ONCE)
    while rows := bind.execute(query.where(OLD.c.id > last)).mappings().all():
        fresh, places, numbers = [], [], []
        for row in rows:
            place += 1
            number = numbered(row['served_at'], place % (1 << 22))
            numbers.append({'old': row['id'], 'new': number})
            detail = [[item['score'], [[r['source'], r['kind'], r['weight'], r['evidence'], *r['detail']] for r in item['reasons']]]
                      for item in row['items']] if all('reasons' in item for item in row['items']) else None
            packed = None if detail is None else zlib.compress(json.dumps(detail, separators=(',', ':')).encode(), 6)
            fresh.append({'id': number, 'detail': packed, **{name: row[name] for name in KEPT}})
            for position, item in enumerate(row['items'], start=1):
                if item['course_id'] in courses:
                    main = max(item.get('reasons') or (), key=lambda r: r['weight'], default=None)
                    places.append({'slate_id': number, 'position': position, 'course_id': item['course_id'],
                                   'propensity': item.get('propensity', 1.0), 'reason': main and main['kind']})
        bind.execute(sa.insert(slates), fresh)
        if places:
            bind.execute(sa.insert(impressions), places)
        bind.execute(sa.text('update old_slates set number = :new where id = :old'), numbers)
        last = rows[-1]['id']
    for table in ('events', 'feedback'):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column('slate_number', sa.BigInteger(), nullable=True))
        op.execute(f'update {table} set slate_number = (select number from old_slates where id = {table}.slate_id) where slate_id is not null')
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column('slate_id')
            batch_op.alter_column('slate_number', new_column_name='slate_id', existing_type=sa.BigInteger())
    bind.execute(sa.text(
        "update impressions set clicked_at = (select min(e.occurred_at) from events e where e.kind = 'click' and e.slate_id = impressions.slate_id"
        " and e.course_id = impressions.course_id) where slate_id in (select slate_id from events where kind = 'click')"
    ))
    op.drop_index('ix_events_course_kind', table_name='events')
    op.create_index('ix_events_course_kind', 'events', ['course_id', 'kind', 'occurred_at'])
    op.drop_table('old_slates')
    make_indexes()
    op.create_index('ix_impressions_course', 'impressions', ['course_id'])


def remove_slates() -> None:
    bind = op.get_bind()
    op.drop_index('ix_impressions_course', table_name='impressions')
    op.drop_index('ix_slates_time', table_name='slates')
    op.drop_index('ix_slates_user_time', table_name='slates')
    if bind.dialect.name == 'postgresql':
        op.drop_constraint('fk_impressions_slate_id', 'impressions', type_='foreignkey')
        for name in ('pk_slates', 'fk_slates_context_course_id', 'fk_slates_user_id'):
            op.execute(f'alter table slates rename constraint {name} to new_{name}')
    op.rename_table('slates', 'new_slates')
    old = op.create_table('slates', *slate_columns(sa.String(length=32)), sa.Column('items', sa.JSON(), nullable=False), *constraints())
    places: dict[int, list[dict[str, object]]] = {}
    for slate_id, position, course_id, propensity in bind.execute(
        sa.text('select slate_id, position, course_id, propensity from impressions order by slate_id, position')
    ):
        places.setdefault(slate_id, []).append({'position': position, 'course_id': course_id, 'propensity': propensity})
    new = sa.table('new_slates', sa.column('id', sa.BigInteger), sa.column('detail', sa.LargeBinary), *(sa.column(n, OLD.c[n].type) for n in KEPT))
    for row in bind.execute(sa.select(new)).mappings().all():
        detail = json.loads(zlib.decompress(row['detail'])) if row['detail'] else []
        items = []
        for item in places.get(row['id'], []):
            score, parts = detail[item['position'] - 1] if item['position'] <= len(detail) else (0.0, [])
            reasons = [{'source': s, 'kind': k, 'weight': w, 'evidence': e, 'detail': rest} for s, k, w, e, *rest in parts]
            items.append(item | {'score': score, 'reasons': reasons})
        bind.execute(sa.insert(old), {'id': f'{row["id"]:032x}', 'items': items, **{name: row[name] for name in KEPT}})
    op.drop_index('ix_events_course_kind', table_name='events')
    op.create_index('ix_events_course_kind', 'events', ['course_id', 'kind'])
    op.drop_table('impressions')
    op.drop_table('new_slates')
    make_indexes()
    for table in ('events', 'feedback'):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column('slate_text', sa.String(length=32), nullable=True))
        if bind.dialect.name == 'postgresql':
            op.execute(f"update {table} set slate_text = lpad(to_hex(slate_id), 32, '0') where slate_id is not null")
        else:
            op.execute(f"update {table} set slate_text = printf('%032x', slate_id) where slate_id is not null")
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column('slate_id')
            batch_op.alter_column('slate_text', new_column_name='slate_id', existing_type=sa.String(length=32))


def upgrade() -> None:
    add_folded_text()
    add_sessions()
    add_job_runs()
    add_lesson_minutes()
    add_tables()
    add_slates()


def downgrade() -> None:
    remove_slates()
    remove_tables()
    remove_job_runs()
    remove_sessions()
    remove_folded_text()
