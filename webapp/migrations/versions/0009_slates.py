"""Slates are numbered by time, their places are rows (impressions), their reasons are packed."""

import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BATCH = 2_000
EPOCH = 1_577_836_800

MOMENT = sa.DateTime(timezone=True)
OLD = sa.table('old_slates', sa.column('id', sa.String), sa.column('number', sa.BigInteger), *(
    sa.column(name, kind) for name, kind in (
        ('user_id', sa.Integer), ('placement', sa.String), ('context_course_id', sa.Integer), ('served_at', MOMENT),
        ('model_version', sa.String), ('policy_version', sa.String), ('arm', sa.String), ('items', sa.JSON),
    )
))
KEPT = ('user_id', 'placement', 'context_course_id', 'served_at', 'model_version', 'policy_version', 'arm')


def set_foreign_keys(on: bool) -> None:
    """See 0005."""
    bind = op.get_bind()
    if bind.dialect.name == 'sqlite':
        connection = bind.connection.driver_connection
        for statement in ('COMMIT', f'PRAGMA foreign_keys={"ON" if on else "OFF"}', 'BEGIN IMMEDIATE'):
            connection.execute(statement)


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


def upgrade() -> None:
    set_foreign_keys(False)
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
    last, place, query = '', 0, sa.select(OLD).order_by(OLD.c.id).limit(BATCH)
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
    set_foreign_keys(True)


def downgrade() -> None:
    set_foreign_keys(False)
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
    set_foreign_keys(True)
