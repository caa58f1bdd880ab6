"""Sessions are rows; an address belongs to the account that has confirmed it, and may be waited for by several."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CONFIRMED = sa.text('confirmed_at is not null')


def set_foreign_keys(on: bool) -> None:
    """SQLite changes a constraint by making the table anew, and dropping the old one would delete what points at it.

    The switch works between transactions only, so this ends one and begins the next.
    """
    bind = op.get_bind()
    if bind.dialect.name == 'sqlite':
        connection = bind.connection.driver_connection
        for statement in ('COMMIT', f'PRAGMA foreign_keys={"ON" if on else "OFF"}', 'BEGIN IMMEDIATE'):
            connection.execute(statement)


def upgrade() -> None:
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

    set_foreign_keys(False)
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_users_email'), type_='unique')
    op.create_index('ix_users_email', 'users', ['email'], unique=False)
    op.create_index(
        'uq_users_confirmed_email', 'users', ['email'], unique=True, sqlite_where=CONFIRMED, postgresql_where=CONFIRMED
    )
    set_foreign_keys(True)


def downgrade() -> None:
    # Of several accounts that share an address, one keeps it: who has confirmed it, else the oldest.
    op.execute(
        'update users set email = null where email is not null and exists (select 1 from users as other where other.email = users.email '
        'and other.id <> users.id and (case when other.confirmed_at is null then 1 else 0 end, other.id) '
        '< (case when users.confirmed_at is null then 1 else 0 end, users.id))'
    )
    set_foreign_keys(False)
    op.drop_index('uq_users_confirmed_email', table_name='users')
    op.drop_index('ix_users_email', table_name='users')
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f('uq_users_email'), ['email'])
    set_foreign_keys(True)
    op.drop_table('sessions')
