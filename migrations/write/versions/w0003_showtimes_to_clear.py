"""Cancelled showtimes whose reservations are still to be cancelled.

Revision ID: w0003
"""

import sqlalchemy as sa
from alembic import op

from shared.infrastructure.sql.types import identity_type

revision = "w0003"
down_revision = "w0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ShowtimesToClear",
        sa.Column("Id", identity_type(), sa.Identity(start=1), nullable=False),
        sa.Column("ShowtimeId", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("Id", name="PK_ShowtimesToClear"),
        sa.ForeignKeyConstraint(
            ["ShowtimeId"], ["Showtimes.ShowtimeId"], name="FK_ShowtimesToClear_ShowtimeId_Showtimes"
        ),
        sa.UniqueConstraint("ShowtimeId", name="UQ_ShowtimesToClear_ShowtimeId"),
    )
