"""What was answered to which command.

Revision ID: w0004
"""

import sqlalchemy as sa
from alembic import op

from shared.infrastructure.sql.types import UtcDateTime, id_text, identity_type, payload_text

revision = "w0004"
down_revision = "w0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "Idempotency",
        sa.Column("Id", identity_type(), sa.Identity(start=1), nullable=False),
        sa.Column("RequestKey", id_text(64), nullable=False),
        sa.Column("Fingerprint", id_text(64), nullable=False),
        sa.Column("Answer", payload_text(), nullable=False),
        sa.Column("Sequence", sa.Integer(), nullable=False),
        sa.Column("CreatedAt", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("Id", name="PK_Idempotency"),
        sa.UniqueConstraint("RequestKey", name="UQ_Idempotency_RequestKey"),
    )
