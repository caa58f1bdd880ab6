"""Imported events of learners or courses with colons in their ids get the names that a repeated import looks for."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STAMP_AT_END = re.compile(r':\d+(\.\d+)?(#\d+)?\Z')
BATCH = 5_000

events = sa.table('events', *map(sa.column, ('id', 'kind', 'user_id', 'course_id', 'client_id')), sa.column('occurred_at', sa.DateTime()))
users = sa.table('users', *map(sa.column, ('id', 'source', 'external_id')))
courses = sa.table('courses', *map(sa.column, ('id', 'external_id')))


def upgrade() -> None:
    connection = op.get_bind()
    change = events.update().where(events.c.id == sa.bindparam('row')).values(client_id=sa.bindparam('new'))
    for rows in batches(connection):
        renamed = [{'row': row.id, 'new': new} for row in rows if (new := new_name(row)) is not None]
        if renamed:
            connection.execute(change, renamed)


def batches(connection: sa.Connection) -> Iterator[Sequence[Any]]:
    """Imported events whose learner or course has a colon in its id."""
    query = (
        sa.select(events.c.id, events.c.kind, events.c.client_id, events.c.occurred_at, users.c.source, users.c.external_id.label('learner'))
        .add_columns(courses.c.external_id.label('course'))
        .join_from(events, users, users.c.id == events.c.user_id)
        .join(courses, courses.c.id == events.c.course_id)
        .where(users.c.source.is_not(None), sa.or_(users.c.external_id.like('%:%'), courses.c.external_id.like('%:%')))
        .order_by(events.c.id)
        .limit(BATCH)
    )
    last = 0
    while rows := connection.execute(query.where(events.c.id > last)).all():
        yield rows
        last = rows[-1].id


def new_name(row: Any) -> str | None:
    """The event's new name; None where it keeps its own: it says well where learner and course end, or is none that an import gave."""
    if ':' not in row.learner and not STAMP_AT_END.search(row.course or ''):
        return None
    plain = f'{row.source}:{row.kind}:{row.learner}:{row.course}'
    stamp = next((stamp for stamp in possible_stamps(row, plain) if row.client_id == old_name(row.source, plain + stamp)), None)
    return None if stamp is None else hashed(row.source, json.dumps([row.source, row.kind, row.learner, row.course, stamp]))


def possible_stamps(row: Any, plain: str) -> tuple[str, ...]:
    """What may stand at the end of the old name: what does, or where that is a hash, nothing or the time."""
    if row.client_id.startswith(plain):
        return (row.client_id.removeprefix(plain),)
    at = row.occurred_at if isinstance(row.occurred_at, datetime) else datetime.fromisoformat(row.occurred_at)
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    return '', f':{moment.timestamp():.6f}'.rstrip('0').rstrip('.')


def old_name(source: str, name: str) -> str:
    return name if len(name) <= 80 else hashed(source, name)


def hashed(source: str, name: str) -> str:
    return f'{source}:{hashlib.blake2b(name.encode(), digest_size=20).hexdigest()}'


def downgrade() -> None:
    """The older version names them anew with the next import; the events themselves are as they were."""
