"""The first schema: tickets, their feed, the clients' logs, users, tokens and the audit log."""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FIRST_NUMBER = 10001


def _required(name: str, kind: Any, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, primary_key=key, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "sync_head",
        _required("id", sa.Integer(), key=True),
        _required("seq", _BIG),
        _required("next_number", _BIG),
        _required("horizon", _BIG),
        _required("server_id", sa.String(32)),
        postgresql_with={"fillfactor": 10},
    )
    op.create_table("commits", _required("seq", _BIG, key=True), _required("fork", _BIG), _required("at", _BIG))
    op.create_table(
        "tickets",
        _required("id", sa.String(64), key=True),
        _required("seq", _BIG),
        _required("number", _BIG),
        _required("rev", sa.Integer()),
        _required("queue", sa.String(64)),
        _required("status", sa.String(16)),
        _required("priority", sa.String(16)),
        _required("channel", sa.String(16)),
        _required("category", sa.String(64)),
        sa.Column("assignee", sa.String(64)),
        sa.Column("lease_until", _BIG),
        _required("claim_no", sa.Integer()),
        sa.Column("external_id", sa.String(200)),
        _required("work_rank", sa.SmallInteger()),
        _required("due", _BIG),
        _required("created", _BIG),
        _required("gone", sa.Boolean()),
        _required("doc", sa.Text()),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("external_id"),
    )
    op.create_index("ix_tickets_seq", "tickets", ["seq"])
    op.create_index("ix_tickets_work", "tickets", ["work_rank", "due", "created", "id"])
    op.create_table(
        "clients",
        _required("client", sa.String(64), key=True),
        _required("user", sa.String(64)),
        _required("last_mid", _BIG),
        _required("last_uuid", sa.String(64)),
    )
    op.create_table(
        "mutations",
        _required("uuid", sa.String(64), key=True),
        _required("user", sa.String(64)),
        _required("ticket", sa.String(64)),
        _required("name", sa.String(64)),
        _required("seq", _BIG),
        _required("state", sa.String(16)),
        _required("outcome", sa.Text()),
        sa.Column("fingerprint", sa.String(64)),
        _required("at", _BIG),
    )
    op.create_index("ix_mutations_seq", "mutations", ["seq"])
    op.create_table(
        "log",
        _required("client", sa.String(64)),
        _required("mid", _BIG),
        _required("uuid", sa.String(64)),
        _required("seq", _BIG),
        _required("state", sa.String(16)),
        sa.PrimaryKeyConstraint("client", "mid"),
    )
    op.create_index("ix_log_client_seq", "log", ["client", "seq"])
    op.create_table(
        "users",
        _required("name", sa.String(64), key=True),
        _required("role", sa.String(16)),
        _required("queues", sa.Text()),
        _required("disabled", sa.Boolean()),
        _required("created_at", _BIG),
    )
    op.create_table(
        "tokens",
        _required("hash", sa.String(64), key=True),
        _required("user", sa.String(64)),
        _required("label", sa.String(100)),
        _required("created_at", _BIG),
        sa.Column("expires_at", _BIG),
        sa.Column("revoked_at", _BIG),
    )
    op.create_index("ix_tokens_user", "tokens", ["user"])
    op.create_table(
        "audit",
        _required("id", _BIG, key=True),
        _required("at", _BIG),
        _required("who", sa.String(64)),
        _required("what", sa.String(64)),
        _required("about", sa.String(200)),
        _required("link", sa.String(64)),
    )
    # Even the empty history has a fork of its own, so that two fresh databases are never taken for one another.
    fork = int.from_bytes(os.urandom(4), "big")
    head = sa.table("sync_head", *map(sa.column, ("id", "seq", "next_number", "horizon", "server_id")))
    commits = sa.table("commits", *map(sa.column, ("seq", "fork", "at")))
    first = {"id": 1, "seq": 0, "next_number": _FIRST_NUMBER, "horizon": 0, "server_id": os.urandom(16).hex()}
    op.execute(head.insert().values(**first))
    op.execute(commits.insert().values(seq=0, fork=fork, at=0))


def downgrade() -> None:
    for table in (
        "audit", "tokens", "users", "log", "mutations", "clients", "tickets", "commits", "sync_head",
    ):  # fmt: skip
        op.drop_table(table)
