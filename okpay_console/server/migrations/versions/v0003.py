"""Who has which ticket open at the moment; on PostgreSQL without a log of writes, for nobody misses it after a crash."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _required(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    prefixes = ["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else []
    op.create_table(
        "presence",
        _required("ticket", sa.String(64)),
        _required("user", sa.String(64)),
        _required("writing", sa.Boolean()),
        _required("at", sa.BigInteger().with_variant(sa.Integer(), "sqlite")),
        sa.PrimaryKeyConstraint("ticket", "user"),
        prefixes=prefixes,
    )


def downgrade() -> None:
    op.drop_table("presence")
