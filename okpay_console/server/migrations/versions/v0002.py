"""The knowledge base: versions of answers, and how often each answer helped."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _required(name: str, kind: Any, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, primary_key=key, autoincrement=False)


def upgrade() -> None:
    op.add_column("sync_head", sa.Column("shelf", _BIG, nullable=False, server_default="1"))
    op.create_table(
        "answers",
        _required("id", sa.String(100)),
        _required("lang", sa.String(16)),
        _required("version", sa.Integer()),
        _required("state", sa.String(16)),
        _required("markdown", sa.Text()),
        _required("author", sa.String(64)),
        _required("at", _BIG),
        _required("reviewer", sa.String(64)),
        sa.Column("published_at", _BIG),
        _required("ended_by", sa.String(64)),
        sa.Column("ended_at", _BIG),
        sa.PrimaryKeyConstraint("id", "lang", "version"),
    )
    op.create_index("ix_answers_state", "answers", ["state", "id", "lang"])
    op.create_table(
        "answer_counts",
        _required("answer", sa.String(100), key=True),
        _required("helped", sa.Integer()),
        _required("failed", sa.Integer()),
    )


def downgrade() -> None:
    op.drop_table("answer_counts")
    op.drop_table("answers")
    op.drop_column("sync_head", "shelf")
