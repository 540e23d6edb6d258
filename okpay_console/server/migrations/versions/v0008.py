"""When a token was last used, and how often somebody came with one that does not exist."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("tokens", sa.Column("seen_at", _BIG))
    op.create_table(
        "guesses",
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", _BIG, nullable=False),
        sa.Column("locks", sa.Integer(), nullable=False),
        sa.Column("until", _BIG, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("guesses")
    op.drop_column("tokens", "seen_at")
