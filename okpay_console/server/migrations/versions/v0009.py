"""A key of the database's own, by which positions and numbers tell nothing to people who see some queues."""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("sync_head", sa.Column("secret", sa.String(64), nullable=False, server_default=""))
    op.add_column("sync_head", sa.Column("people", _BIG, nullable=False, server_default="1"))
    op.add_column("sync_head", sa.Column("numbers_from", _BIG, nullable=False, server_default="0"))
    # The tickets that are there keep their numbers, and no later one is among them.
    head = sa.table("sync_head", *map(sa.column, ("secret", "next_number", "numbers_from")))
    users = sa.table("users", sa.column("queues"))
    confined = sa.exists().select_from(users).where(users.c.queues != "[]")
    op.execute(head.update().where(confined).values(numbers_from=head.c.next_number))
    op.execute(head.update().values(secret=os.urandom(32).hex()))
    op.create_index("ix_tickets_queue", "tickets", ["queue", "seq"])


def downgrade() -> None:
    op.drop_index("ix_tickets_queue", "tickets")
    for column in ("numbers_from", "people", "secret"):
        op.drop_column("sync_head", column)
