"""Runs of jobs can be cancelled, have a deadline, parameters and a process that is known for sure."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = ('process_birth', 'own_process', 'params', 'deadline_at', 'cancel_requested_at')


def upgrade() -> None:
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


def downgrade() -> None:
    op.execute("update job_runs set status = 'failed' where status = 'cancelled'")
    with op.batch_alter_table('job_runs', schema=None) as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)
