"""The daybook of the floor, the number by which consoles learn of it, and when each person was last heard of."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _required(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    op.add_column("sync_head", sa.Column("daybook", _BIG, nullable=False, server_default="1"))
    op.create_table(
        "daybook",
        sa.Column("seq", _BIG, primary_key=True, autoincrement=False),
        _required("fork", _BIG),
        sa.Column("uuid", sa.String(64), nullable=False, unique=True),
        _required("kept", _BIG),
        _required("at", _BIG),
        _required("kind", sa.String(64)),
        _required("by", sa.String(64)),
        _required("about", sa.String(64)),
        _required("queue", sa.String(64)),
        _required("doc", sa.Text()),
    )
    op.create_index("ix_daybook_kept", "daybook", ["kept"])
    # Nobody misses it after a crash: whoever is there is heard of again within half a minute.
    prefixes = ["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else []
    op.create_table(
        "heard",
        sa.Column("user", sa.String(64), primary_key=True),
        _required("at", _BIG),
        prefixes=prefixes,
    )


def downgrade() -> None:
    op.drop_table("heard")
    op.drop_table("daybook")
    op.drop_column("sync_head", "daybook")
