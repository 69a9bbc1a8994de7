"""Resumed holds are found by an index, and what was discarded is kept.

Revision ID: w0005
"""

import sqlalchemy as sa
from alembic import op

from shared.infrastructure.sql.types import UtcDateTime, human_text, id_text

revision = "w0005"
down_revision = "w0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("IX_OutboxHolds_Sink_Lane", "OutboxHolds")
    op.create_index("IX_OutboxHolds_Sink_Lane_State", "OutboxHolds", ["Sink", "Lane", "State"])
    op.create_table(
        "OutboxDiscards",
        sa.Column("Id", sa.Integer(), sa.Identity(start=1), nullable=False),
        sa.Column("Sink", id_text(32), nullable=False),
        sa.Column("StreamId", id_text(100), nullable=False),
        sa.Column("Sequence", sa.Integer(), nullable=False),
        sa.Column("EventId", sa.Uuid(), nullable=False),
        sa.Column("Reason", human_text(2000), nullable=False),
        sa.Column("DiscardedAt", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("Id", name="PK_OutboxDiscards"),
        sa.UniqueConstraint("Sink", "StreamId", "Sequence", name="UQ_OutboxDiscards_Sink_StreamId_Sequence"),
        sqlite_autoincrement=True,
    )
