"""Runs the revisions on the connection that the caller opened, in the caller's transaction."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from okpay_console.server.schema import meta

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    # Two processes that start together must not both create the tables; the lock ends with the transaction.
    connection.execute(text("SELECT pg_advisory_xact_lock(7203750)"))
context.configure(connection=connection, target_metadata=meta, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
