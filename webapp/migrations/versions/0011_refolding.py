"""Folded columns once more: folding keeps flags and struck signs apart, and takes variants of a character as one."""

from collections.abc import Sequence

from alembic import op

from webapp.models.folding import refold_rows

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


def upgrade() -> None:
    for name, sources in FOLDED.items():
        for source in sources:
            refold_rows(op.get_bind(), name, source)


def downgrade() -> None:
    """Either folding serves the older version; nothing to take back."""
