"""Folded columns: text as it is looked up and sorted by."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from webapp.support.text import fold

revision = '0004'
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
BATCH = 5_000


def upgrade() -> None:
    for name, sources in FOLDED.items():
        for source in sources:
            # Added with a default, not altered afterwards: SQLite would make the table anew, and drop what refers to it.
            op.add_column(name, sa.Column(f'{source}_folded', sa.Text(), nullable=False, server_default=''))
        _fill(name, sources)


def _fill(name: str, sources: tuple[str, ...]) -> None:
    table = sa.table(name, sa.column('id'), *(sa.column(c) for source in sources for c in (source, f'{source}_folded')))
    change = table.update().where(table.c.id == sa.bindparam('row')).values({f'{s}_folded': sa.bindparam(f'new_{s}') for s in sources})
    connection, last = op.get_bind(), 0
    texts = sa.select(table.c.id, *(table.c[source] for source in sources)).order_by(table.c.id).limit(BATCH)
    while rows := connection.execute(texts.where(table.c.id > last)).all():
        connection.execute(change, [{'row': row[0]} | {f'new_{s}': fold(text or '') for s, text in zip(sources, row[1:])} for row in rows])
        last = rows[-1][0]


def downgrade() -> None:
    for name, sources in FOLDED.items():
        for source in sources:
            op.drop_column(name, f'{source}_folded')
