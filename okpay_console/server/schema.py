"""The tables, for SQLite and PostgreSQL alike; moments are integer milliseconds since 1970 UTC."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
)

meta = MetaData()

# SQLite's INTEGER holds 64 bits and is the row's own key; its BIGINT would cost a second index.
Big = BigInteger().with_variant(Integer(), "sqlite")

sync_head = Table(
    "sync_head",
    meta,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Big, nullable=False),
    Column("next_number", Big, nullable=False),
    Column("horizon", Big, nullable=False),
    # Minted with the database and never changed: by it a console knows whose its cache is.
    Column("server_id", String(32), nullable=False),
    # Another number whenever a console should ask for the canned answers again.
    Column("shelf", Big, nullable=False, server_default="1"),
    # One row, rewritten by every commit: free space on its page keeps PostgreSQL from moving it (HOT updates).
    postgresql_with={"fillfactor": 10},
)

commits = Table(
    "commits",
    meta,
    Column("seq", Big, primary_key=True, autoincrement=False),
    Column("fork", Big, nullable=False),
    Column("at", Big, nullable=False),
)

tickets = Table(
    "tickets",
    meta,
    Column("id", String(64), primary_key=True),
    Column("seq", Big, nullable=False, index=True),
    Column("number", Big, nullable=False, unique=True),
    Column("rev", Integer, nullable=False),
    Column("queue", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("priority", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("category", String(64), nullable=False),
    Column("assignee", String(64)),
    Column("lease_until", Big),
    Column("claim_no", Integer, nullable=False),
    Column("external_id", String(200), unique=True),
    Column("work_rank", SmallInteger, nullable=False),
    Column("due", Big, nullable=False),
    Column("created", Big, nullable=False),
    Column("gone", Boolean, nullable=False),
    # Text and not JSONB: the feed passes a document on byte for byte, without decoding it.
    Column("doc", Text, nullable=False),
    Index("ix_tickets_work", "work_rank", "due", "created", "id"),
)

clients = Table(
    "clients",
    meta,
    Column("client", String(64), primary_key=True),
    Column("user", String(64), nullable=False),
    Column("last_mid", Big, nullable=False),
    Column("last_uuid", String(64), nullable=False),
)

# What became of each mutation, once per uuid however many clients number it.
mutations = Table(
    "mutations",
    meta,
    Column("uuid", String(64), primary_key=True),
    Column("user", String(64), nullable=False),
    Column("ticket", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("seq", Big, nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("fingerprint", String(64)),
    Column("at", Big, nullable=False),
)

# Each client's numbered log; a mutation that was numbered again after a fork stands here once per client.
log = Table(
    "log",
    meta,
    Column("client", String(64), nullable=False),
    Column("mid", Big, nullable=False),
    Column("uuid", String(64), nullable=False),
    Column("seq", Big, nullable=False),
    Column("state", String(16), nullable=False),
    PrimaryKeyConstraint("client", "mid"),
    Index("ix_log_client_seq", "client", "seq"),
)

users = Table(
    "users",
    meta,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("queues", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Big, nullable=False),
)

tokens = Table(
    "tokens",
    meta,
    Column("hash", String(64), primary_key=True),
    Column("user", String(64), nullable=False, index=True),
    Column("label", String(100), nullable=False),
    Column("created_at", Big, nullable=False),
    Column("expires_at", Big),
    Column("revoked_at", Big),
)

audit = Table(
    "audit",
    meta,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("at", Big, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(64), nullable=False),
    Column("about", String(200), nullable=False),
    Column("link", String(64), nullable=False),
)

answers = Table(
    "answers",
    meta,
    Column("id", String(100), nullable=False),
    Column("lang", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("markdown", Text, nullable=False),
    Column("author", String(64), nullable=False),
    Column("at", Big, nullable=False),
    Column("reviewer", String(64), nullable=False),
    Column("published_at", Big),
    Column("ended_by", String(64), nullable=False),
    Column("ended_at", Big),
    PrimaryKeyConstraint("id", "lang", "version"),
    Index("ix_answers_state", "state", "id", "lang"),
)

# For how many tickets each answer helped and did not; what the tickets themselves say, counted as it changes.
answer_counts = Table(
    "answer_counts",
    meta,
    Column("answer", String(100), primary_key=True),
    Column("helped", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
)

# Who has which ticket open at the moment. Rows of the last half minute only.
presence = Table(
    "presence",
    meta,
    Column("ticket", String(64), nullable=False),
    Column("user", String(64), nullable=False),
    Column("writing", Boolean, nullable=False),
    Column("at", Big, nullable=False),
    PrimaryKeyConstraint("ticket", "user"),
)
