"""The duties that one process at a time has, the floor's newest numbers, alarms, webhooks and what is sent to them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _required(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    # Both rewritten every second: free space on the page keeps PostgreSQL from moving the row (HOT updates).
    op.create_table(
        "duties",
        sa.Column("name", sa.String(64), primary_key=True),
        _required("holder", sa.String(64)),
        _required("beat", _BIG),
        _required("asked", _BIG),
        postgresql_with={"fillfactor": 10},
    )
    op.create_table(
        "floor",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        _required("as_of", _BIG),
        _required("wall", sa.Text()),
        postgresql_with={"fillfactor": 10},
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.String(64), primary_key=True),
        _required("doc", sa.Text()),
        _required("state", sa.Text()),
        _required("by", sa.String(64)),
        _required("at", _BIG),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(64), primary_key=True),
        _required("url", sa.Text()),
        _required("secret", sa.String(100)),
        _required("stopped", sa.String(32)),
        _required("at", _BIG),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(64), primary_key=True),
        _required("webhook", sa.String(64)),
        _required("alarm", sa.String(64)),
        _required("queue", sa.String(64)),
        _required("kind", sa.String(64)),
        _required("body", sa.Text()),
        _required("made", _BIG),
        _required("due", _BIG),
        _required("tries", sa.Integer()),
        _required("state", sa.String(16)),
        _required("status", sa.String(32)),
        _required("done", _BIG),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state", "due"])


def downgrade() -> None:
    for table in ("deliveries", "webhooks", "alarms", "floor", "duties"):
        op.drop_table(table)
