"""Which queues a ticket has left and when, and whose an external id is: nobody need hear of tickets in others' queues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNIQUE = {"uq": "%(table_name)s_%(column_0_name)s_key"}
"""PostgreSQL names unnamed constraints so; SQLite gives them no name at all."""


def upgrade() -> None:
    op.create_table(
        "departures",
        sa.Column("ticket", sa.String(64), nullable=False),
        sa.Column("queue", sa.String(64), nullable=False),
        sa.Column("seq", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("ticket", "queue"),
    )
    op.create_index("ix_departures_queue", "departures", ["queue", "seq"])
    with op.batch_alter_table("tickets", naming_convention=_UNIQUE) as batch:
        batch.add_column(sa.Column("brought_by", sa.String(64), nullable=False, server_default=""))
        batch.drop_constraint("tickets_external_id_key", type_="unique")
        batch.create_unique_constraint("tickets_external_id_brought_by_key", ["external_id", "brought_by"])
    # Whoever wrote the first line of a ticket has brought it in.
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "UPDATE tickets SET brought_by = coalesce(json_extract(doc, '$.timeline[0].by'), '') "
            "WHERE external_id IS NOT NULL AND doc <> ''"
        )
    else:
        op.execute(
            "UPDATE tickets SET brought_by = coalesce(doc::json #>> '{timeline,0,by}', '') "
            "WHERE external_id IS NOT NULL AND doc <> ''"
        )


def downgrade() -> None:
    with op.batch_alter_table("tickets") as batch:
        batch.drop_constraint("tickets_external_id_brought_by_key", type_="unique")
        batch.drop_column("brought_by")
        batch.create_unique_constraint("tickets_external_id_key", ["external_id"])
    op.drop_table("departures")
