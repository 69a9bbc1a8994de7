"""The business tables and the outbox.

Revision ID: w0001
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from shared.infrastructure.sql.types import UtcDateTime, human_text, id_text, identity_type, payload_text

revision = "w0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_catalogue()
    _create_reservations()
    _create_outbox_messages()
    _create_outbox_lanes()
    _insert_lanes()


def _create_catalogue() -> None:
    op.create_table(
        "Auditoriums",
        sa.Column("AuditoriumId", id_text(40), nullable=False),
        sa.Column("Name", human_text(100), nullable=False),
        sa.Column("Layout", sa.JSON(), nullable=False),
        sa.Column("Version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("AuditoriumId", name="PK_Auditoriums"),
    )
    op.create_table(
        "Movies",
        sa.Column("MovieId", id_text(10), nullable=False),
        sa.Column("Title", human_text(200), nullable=False),
        sa.Column("RuntimeMinutes", sa.Integer(), nullable=False),
        sa.Column("Version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("MovieId", name="PK_Movies"),
    )
    op.create_table(
        "Showtimes",
        sa.Column("Id", identity_type(), sa.Identity(start=1), nullable=False),
        sa.Column("ShowtimeId", sa.Uuid(), nullable=False),
        sa.Column("MovieId", id_text(10), nullable=False),
        sa.Column("AuditoriumId", id_text(40), nullable=False),
        sa.Column("StartsAt", UtcDateTime(), nullable=False),
        sa.Column("RuntimeMinutes", sa.Integer(), nullable=False),
        sa.Column("CleaningMinutes", sa.Integer(), nullable=False),
        sa.Column("EndsAt", UtcDateTime(), nullable=False),
        sa.Column("Status", id_text(16), nullable=False),
        sa.Column("Version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("Id", name="PK_Showtimes"),
        sa.ForeignKeyConstraint(
            ["AuditoriumId"], ["Auditoriums.AuditoriumId"], name="FK_Showtimes_AuditoriumId_Auditoriums"
        ),
        sa.ForeignKeyConstraint(["MovieId"], ["Movies.MovieId"], name="FK_Showtimes_MovieId_Movies"),
        sa.UniqueConstraint("ShowtimeId", name="UQ_Showtimes_ShowtimeId"),
    )
    op.create_index("IX_Showtimes_AuditoriumId_StartsAt", "Showtimes", ["AuditoriumId", "StartsAt"])


def _create_reservations() -> None:
    op.create_table(
        "Customers",
        sa.Column("Id", identity_type(), sa.Identity(start=1), nullable=False),
        sa.Column("CustomerId", sa.Uuid(), nullable=False),
        sa.Column("Bookings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("Id", name="PK_Customers"),
        sa.UniqueConstraint("CustomerId", name="UQ_Customers_CustomerId"),
    )
    op.create_table(
        "Reservations",
        sa.Column("Id", identity_type(), sa.Identity(start=1), nullable=False),
        sa.Column("ReservationId", sa.Uuid(), nullable=False),
        sa.Column("ShowtimeId", sa.Uuid(), nullable=False),
        sa.Column("CustomerId", sa.Uuid(), nullable=False),
        sa.Column("Status", id_text(16), nullable=False),
        sa.Column("CancellationReason", id_text(32), nullable=True),
        sa.Column("CreatedAt", UtcDateTime(), nullable=False),
        sa.Column("ExpiresAt", UtcDateTime(), nullable=False),
        sa.Column("Version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("Id", name="PK_Reservations"),
        sa.ForeignKeyConstraint(
            ["CustomerId"], ["Customers.CustomerId"], name="FK_Reservations_CustomerId_Customers"
        ),
        sa.ForeignKeyConstraint(
            ["ShowtimeId"], ["Showtimes.ShowtimeId"], name="FK_Reservations_ShowtimeId_Showtimes"
        ),
        sa.UniqueConstraint("ReservationId", name="UQ_Reservations_ReservationId"),
    )
    op.create_index(
        "IX_Reservations_CustomerId_Status_ExpiresAt", "Reservations", ["CustomerId", "Status", "ExpiresAt"]
    )
    op.create_table(
        "ReservationSeats",
        sa.Column("ReservationId", sa.Uuid(), nullable=False),
        sa.Column("Row", id_text(2), nullable=False),
        sa.Column("Number", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "ReservationId", "Row", "Number", name="PK_ReservationSeats", mssql_clustered=False
        ),
        sa.ForeignKeyConstraint(
            ["ReservationId"],
            ["Reservations.ReservationId"],
            name="FK_ReservationSeats_ReservationId_Reservations",
        ),
    )
    op.create_table(
        "SeatClaims",
        sa.Column("ShowtimeId", sa.Uuid(), nullable=False),
        sa.Column("Row", id_text(2), nullable=False),
        sa.Column("Number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ReservationId", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("ShowtimeId", "Row", "Number", name="PK_SeatClaims"),
        sa.ForeignKeyConstraint(
            ["ReservationId"], ["Reservations.ReservationId"], name="FK_SeatClaims_ReservationId_Reservations"
        ),
        sa.ForeignKeyConstraint(
            ["ShowtimeId"], ["Showtimes.ShowtimeId"], name="FK_SeatClaims_ShowtimeId_Showtimes"
        ),
    )


def _create_outbox_messages() -> None:
    op.create_table(
        "OutboxDeliveries",
        sa.Column("Sink", id_text(32), nullable=False),
        sa.Column("Lane", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("MessageId", identity_type(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("Sink", "Lane", "MessageId", name="PK_OutboxDeliveries"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "OutboxMessages",
        sa.Column("Id", identity_type(), sa.Identity(start=1, cache=1), nullable=False),
        sa.Column("EventId", sa.Uuid(), nullable=False),
        sa.Column("StreamId", id_text(100), nullable=False),
        sa.Column("Sequence", sa.Integer(), nullable=False),
        sa.Column("Lane", sa.Integer(), nullable=False),
        sa.Column("AggregateType", id_text(32), nullable=False),
        sa.Column("AggregateId", id_text(64), nullable=False),
        sa.Column("Version", sa.Integer(), nullable=False),
        sa.Column("Type", id_text(128), nullable=False),
        sa.Column("Payload", payload_text(), nullable=False),
        sa.Column("TraceParent", id_text(64), nullable=True),
        sa.Column("OccurredAt", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("Id", name="PK_OutboxMessages"),
        sa.UniqueConstraint("EventId", name="UQ_OutboxMessages_EventId"),
        sa.UniqueConstraint("StreamId", "Sequence", name="UQ_OutboxMessages_StreamId_Sequence"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "OutboxStreams",
        sa.Column("StreamId", id_text(100), nullable=False),
        sa.Column("LastSequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("StreamId", name="PK_OutboxStreams"),
        sqlite_with_rowid=False,
    )


def _create_outbox_lanes() -> None:
    op.create_table(
        "OutboxHolds",
        sa.Column("Id", sa.Integer(), sa.Identity(start=1), nullable=False),
        sa.Column("Sink", id_text(32), nullable=False),
        sa.Column("StreamId", id_text(100), nullable=False),
        sa.Column("Lane", sa.Integer(), nullable=False),
        sa.Column("MessageId", identity_type(), nullable=False),
        sa.Column("State", id_text(16), nullable=False),
        sa.Column("Reason", human_text(2000), nullable=False),
        sa.Column("HeldAt", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("Id", name="PK_OutboxHolds"),
        sa.UniqueConstraint("Sink", "StreamId", name="UQ_OutboxHolds_Sink_StreamId"),
        sqlite_autoincrement=True,
    )
    op.create_index("IX_OutboxHolds_Sink_Lane", "OutboxHolds", ["Sink", "Lane"])
    op.create_table(
        "OutboxLanes",
        sa.Column("Sink", id_text(32), nullable=False),
        sa.Column("Lane", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("Owner", id_text(64), nullable=False),
        sa.Column("LeaseEnd", UtcDateTime(), nullable=False),
        sa.Column("Epoch", identity_type(), nullable=False),
        sa.Column("Failures", sa.Integer(), nullable=False),
        sa.Column("NextAttemptAt", UtcDateTime(), nullable=False),
        sa.Column("Delivered", identity_type(), nullable=False),
        sa.PrimaryKeyConstraint("Sink", "Lane", name="PK_OutboxLanes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "OutboxSinks",
        sa.Column("Sink", id_text(32), nullable=False),
        sa.Column("Partitions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("Sink", name="PK_OutboxSinks"),
        sqlite_with_rowid=False,
    )


def _insert_lanes() -> None:
    """Every lane of the sinks of this revision, free."""
    free = sa.table(
        "OutboxLanes",
        sa.column("Sink", id_text(32)),
        sa.column("Lane", sa.Integer()),
        sa.column("Owner", id_text(64)),
        sa.column("LeaseEnd", UtcDateTime()),
        sa.column("Epoch", sa.Integer()),
        sa.column("Failures", sa.Integer()),
        sa.column("NextAttemptAt", UtcDateTime()),
        sa.column("Delivered", sa.Integer()),
    )
    never = datetime(2000, 1, 1, tzinfo=UTC)
    op.bulk_insert(
        free,
        [
            {
                "Sink": sink,
                "Lane": lane,
                "Owner": "",
                "LeaseEnd": never,
                "Epoch": 0,
                "Failures": 0,
                "NextAttemptAt": never,
                "Delivered": 0,
            }
            for sink in ("reporting", "domain-events", "reservations")
            for lane in range(64)
        ],
    )
