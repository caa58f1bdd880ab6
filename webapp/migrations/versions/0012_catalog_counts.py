"""Indexes for what catalog pages count, so that they read no rows of courses for it."""

from collections.abc import Sequence

from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index('ix_courses_facets', 'courses', ['status', 'level', 'duration_minutes'])
    op.create_index('ix_courses_sample', 'courses', ['is_sample', 'status'])


def downgrade() -> None:
    op.drop_index('ix_courses_sample', table_name='courses')
    op.drop_index('ix_courses_facets', table_name='courses')
