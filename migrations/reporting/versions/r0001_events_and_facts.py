"""The archive of events and the facts derived from it.

Revision ID: r0001
"""

import sqlalchemy as sa
from alembic import op

from shared.infrastructure.sql.types import UtcDateTime, human_text, id_text, identity_type, payload_text

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_event_log()
    _create_reservation_facts()
    _create_showtime_facts()


def _create_event_log() -> None:
    op.create_table(
        "EventLog",
        sa.Column("Id", identity_type(), sa.Identity(start=1), nullable=False),
        sa.Column("EventId", sa.Uuid(), nullable=False),
        sa.Column("StreamId", id_text(100), nullable=False),
        sa.Column("Sequence", sa.Integer(), nullable=False),
        sa.Column("AggregateType", id_text(32), nullable=False),
        sa.Column("AggregateId", id_text(64), nullable=False),
        sa.Column("Version", sa.Integer(), nullable=False),
        sa.Column("Type", id_text(128), nullable=False),
        sa.Column("Payload", payload_text(), nullable=False),
        sa.Column("OccurredAt", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("Id", name="PK_EventLog"),
        sa.UniqueConstraint("EventId", name="UQ_EventLog_EventId"),
        sa.UniqueConstraint("StreamId", "Sequence", name="UQ_EventLog_StreamId_Sequence"),
    )


def _create_reservation_facts() -> None:
    op.create_table(
        "ReservationFacts",
        sa.Column("Id", identity_type(), sa.Identity(start=1), nullable=False),
        sa.Column("ReservationId", sa.Uuid(), nullable=False),
        sa.Column("ShowtimeId", sa.Uuid(), nullable=False),
        sa.Column("Seats", sa.Integer(), nullable=False),
        sa.Column("Status", id_text(16), nullable=False),
        sa.Column("Version", sa.Integer(), nullable=False),
        sa.Column("CreatedAt", UtcDateTime(), nullable=False),
        sa.Column("ConfirmedAt", UtcDateTime(), nullable=True),
        sa.Column("CancelledAt", UtcDateTime(), nullable=True),
        sa.Column("CancellationReason", id_text(32), nullable=True),
        sa.PrimaryKeyConstraint("Id", name="PK_ReservationFacts"),
        sa.UniqueConstraint("ReservationId", name="UQ_ReservationFacts_ReservationId"),
    )
    op.create_index("IX_ReservationFacts_ShowtimeId", "ReservationFacts", ["ShowtimeId"])


def _create_showtime_facts() -> None:
    op.create_table(
        "ShowtimeFacts",
        sa.Column("Id", identity_type(), sa.Identity(start=1), nullable=False),
        sa.Column("ShowtimeId", sa.Uuid(), nullable=False),
        sa.Column("MovieId", id_text(16), nullable=True),
        sa.Column("MovieTitle", human_text(300), nullable=True),
        sa.Column("AuditoriumId", id_text(64), nullable=True),
        sa.Column("ScreeningTime", UtcDateTime(), nullable=True),
        sa.Column("Status", id_text(16), nullable=True),
        sa.Column("Version", sa.Integer(), nullable=False),
        sa.Column("Capacity", sa.Integer(), nullable=False),
        sa.Column("SeatsHeld", sa.Integer(), nullable=False),
        sa.Column("SeatsSold", sa.Integer(), nullable=False),
        sa.Column("SeatsCancelled", sa.Integer(), nullable=False),
        sa.Column(
            "Occupancy",
            sa.Float(),
            sa.Computed(
                'CASE WHEN "Capacity" > 0 THEN "SeatsSold" * 1.0 / "Capacity" ELSE 0.0 END', persisted=True
            ),
        ),
        sa.PrimaryKeyConstraint("Id", name="PK_ShowtimeFacts"),
        sa.UniqueConstraint("ShowtimeId", name="UQ_ShowtimeFacts_ShowtimeId"),
    )
    op.create_index("IX_ShowtimeFacts_MovieId_ScreeningTime", "ShowtimeFacts", ["MovieId", "ScreeningTime"])
