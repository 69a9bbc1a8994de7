"""Customers who are being forgotten, while that is under way.

Revision ID: w0006
"""

import sqlalchemy as sa
from alembic import op

from shared.infrastructure.sql.types import UtcDateTime, identity_type

revision = "w0006"
down_revision = "w0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "CustomerErasures",
        sa.Column("Id", identity_type(), sa.Identity(start=1), nullable=False),
        sa.Column("CustomerId", sa.Uuid(), nullable=False),
        sa.Column("Pseudonym", sa.Uuid(), nullable=False),
        sa.Column("Run", sa.Uuid(), nullable=False),
        sa.Column("BeganAt", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("Id", name="PK_CustomerErasures"),
        sa.UniqueConstraint("CustomerId", name="UQ_CustomerErasures_CustomerId"),
    )
