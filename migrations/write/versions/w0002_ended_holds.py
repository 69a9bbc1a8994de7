"""Find ended holds by an index.

Revision ID: w0002
"""

from alembic import op

revision = "w0002"
down_revision = "w0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("IX_Reservations_Status_ExpiresAt", "Reservations", ["Status", "ExpiresAt"])
