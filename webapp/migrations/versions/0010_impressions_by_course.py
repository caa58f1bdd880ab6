"""Impressions have no index by course: it spread the places of one page over as many pages on disk."""

from collections.abc import Sequence

from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_index('ix_impressions_course', table_name='impressions')


def downgrade() -> None:
    op.create_index('ix_impressions_course', 'impressions', ['course_id'])
