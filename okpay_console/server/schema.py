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
    UniqueConstraint,
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
    # Another number whenever agents should ask for the daybook again: a notice or an alarm.
    Column("daybook", Big, nullable=False, server_default="1"),
    # 32 random bytes in hex, known to the server alone (``opaque``).
    Column("secret", String(64), nullable=False, server_default=""),
    # Another number whenever somebody's role, queues or sessions were changed.
    Column("people", Big, nullable=False, server_default="1"),
    # The first number that is not given in the order of arrival (``numbering``); 0 while all of them are.
    Column("numbers_from", Big, nullable=False, server_default="0"),
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
    Column("external_id", String(200)),
    Column("work_rank", SmallInteger, nullable=False),
    Column("due", Big, nullable=False),
    Column("created", Big, nullable=False),
    Column("gone", Boolean, nullable=False),
    # Text and not JSONB: the feed passes a document on byte for byte, without decoding it.
    Column("doc", Text, nullable=False),
    # Whose external id it is: two systems that know nothing of each other may use the same one.
    Column("brought_by", String(64), nullable=False, server_default=""),
    UniqueConstraint("external_id", "brought_by", name="tickets_external_id_brought_by_key"),
    Index("ix_tickets_work", "work_rank", "due", "created", "id"),
    # What is new in some queues is found without a look at the others.
    Index("ix_tickets_queue", "queue", "seq"),
)

# When a ticket last left a queue: a console that knows this queue alone is told that it is gone, and nothing of it later.
departures = Table(
    "departures",
    meta,
    Column("ticket", String(64), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("seq", Big, nullable=False),
    PrimaryKeyConstraint("ticket", "queue"),
    Index("ix_departures_queue", "queue", "seq"),
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
    Column("seen_at", Big),
)

# Wrong tokens by source and by prefix (``guesses``).
guesses = Table(
    "guesses",
    meta,
    Column("key", String(100), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("since", Big, nullable=False),
    Column("locks", Integer, nullable=False),
    Column("until", Big, nullable=False),
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

# The lines of the floor beside the tickets; only ever added to. ``seq`` is drawn under the head row's lock, and the random ``fork``
# tells one history's line of that number from another's.
daybook = Table(
    "daybook",
    meta,
    Column("seq", Big, primary_key=True, autoincrement=False),
    Column("fork", Big, nullable=False),
    Column("uuid", String(64), nullable=False, unique=True),
    Column("kept", Big, nullable=False, index=True),
    Column("at", Big, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("by", String(64), nullable=False),
    Column("about", String(64), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("doc", Text, nullable=False),
)

# When each person was last heard of.
heard = Table(
    "heard",
    meta,
    Column("user", String(64), primary_key=True),
    Column("at", Big, nullable=False),
)

# What one process at a time does for all of them. ``beat`` moves while the ``holder`` lives; ``asked``: when its work was last
# wanted. Rewritten every second: free space on the page keeps PostgreSQL from moving the row.
duties = Table(
    "duties",
    meta,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("beat", Big, nullable=False),
    Column("asked", Big, nullable=False),
    postgresql_with={"fillfactor": 10},
)

# The floor's newest numbers, one row.
floor = Table(
    "floor",
    meta,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("as_of", Big, nullable=False),
    Column("wall", Text, nullable=False),
    postgresql_with={"fillfactor": 10},
)

alarms = Table(
    "alarms",
    meta,
    Column("id", String(64), primary_key=True),
    Column("doc", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", Big, nullable=False),
)

# Where alarms are posted to. The key is kept as it is, because every message is signed with it; ``stopped``: why nothing is sent.
webhooks = Table(
    "webhooks",
    meta,
    Column("id", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", String(100), nullable=False),
    Column("stopped", String(32), nullable=False),
    Column("at", Big, nullable=False),
)

# One message to one webhook; its id is the same at every try.
deliveries = Table(
    "deliveries",
    meta,
    Column("id", String(64), primary_key=True),
    Column("webhook", String(64), nullable=False),
    Column("alarm", String(64), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("made", Big, nullable=False),
    Column("due", Big, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("status", String(32), nullable=False),
    Column("done", Big, nullable=False),
    Index("ix_deliveries_state", "state", "due"),
)
