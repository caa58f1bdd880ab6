"""Folded columns once more: folding keeps flags and struck signs apart, and takes variants of a character as one."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from webapp.support.text import fold

revision = '0011'
down_revision = '0010'
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
            _refold(name, source)


def _refold(name: str, source: str) -> None:
    """Fold anew what is not plain ASCII, whose folding is as it was, and write what differs."""
    table = sa.table(name, sa.column('id'), sa.column(source), sa.column(f'{source}_folded'))
    change = table.update().where(table.c.id == sa.bindparam('row')).values({f'{source}_folded': sa.bindparam('new')})
    connection, last = op.get_bind(), 0
    texts = sa.select(table.c.id, table.c[source], table.c[f'{source}_folded']).order_by(table.c.id).limit(BATCH)
    while rows := connection.execute(texts.where(table.c.id > last)).all():
        new = [(number, fold(text), folded) for number, text, folded in rows if text and not text.isascii()]
        if changed := [{'row': number, 'new': text} for number, text, folded in new if text != folded]:
            connection.execute(change, changed)
        last = rows[-1][0]


def downgrade() -> None:
    """Either folding serves the older version; nothing to take back."""
