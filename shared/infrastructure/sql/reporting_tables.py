"""The reporting database's tables: the archive of all events, and the facts that reports are made of."""

from sqlalchemy import (
    Column,
    Computed,
    Float,
    Identity,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from shared.infrastructure.sql.metadata import reporting_metadata
from shared.infrastructure.sql.types import (
    UtcDateTime,
    Uuid,
    human_text,
    id_text,
    identity_type,
    payload_text,
)

# Each event once, for ever. Payload is the envelope as it was published, with its sequence.
event_log = Table(
    "EventLog",
    reporting_metadata,
    Column("Id", identity_type(), Identity(start=1), primary_key=True),
    Column("EventId", Uuid(), nullable=False, unique=True),
    Column("StreamId", id_text(100), nullable=False),
    Column("Sequence", Integer, nullable=False),
    Column("AggregateType", id_text(32), nullable=False),
    Column("AggregateId", id_text(64), nullable=False),
    Column("Version", Integer, nullable=False),
    Column("Type", id_text(128), nullable=False),
    Column("Payload", payload_text(), nullable=False),
    Column("OccurredAt", UtcDateTime, nullable=False),
    UniqueConstraint("StreamId", "Sequence"),
)

# The newest state of each reservation by its version, and when it first reached the others.
reservation_facts = Table(
    "ReservationFacts",
    reporting_metadata,
    Column("Id", identity_type(), Identity(start=1), primary_key=True),
    Column("ReservationId", Uuid(), nullable=False, unique=True),
    Column("ShowtimeId", Uuid(), nullable=False),
    Column("Seats", Integer, nullable=False),
    Column("Status", id_text(16), nullable=False),
    Column("Version", Integer, nullable=False),
    Column("CreatedAt", UtcDateTime, nullable=False),
    Column("ConfirmedAt", UtcDateTime, nullable=True),
    Column("CancelledAt", UtcDateTime, nullable=True),
    Column("CancellationReason", id_text(32), nullable=True),
)
Index("IX_ReservationFacts_ShowtimeId", reservation_facts.c.ShowtimeId)

# Seats now held and sold, and all that were ever given back. A showtime whose own event has not come yet has a
# version of 0 and no capacity.
showtime_facts = Table(
    "ShowtimeFacts",
    reporting_metadata,
    Column("Id", identity_type(), Identity(start=1), primary_key=True),
    Column("ShowtimeId", Uuid(), nullable=False, unique=True),
    Column("MovieId", id_text(16), nullable=True),
    Column("MovieTitle", human_text(300), nullable=True),
    Column("AuditoriumId", id_text(64), nullable=True),
    Column("ScreeningTime", UtcDateTime, nullable=True),
    Column("Status", id_text(16), nullable=True),
    Column("Version", Integer, nullable=False),
    Column("Capacity", Integer, nullable=False),
    Column("SeatsHeld", Integer, nullable=False),
    Column("SeatsSold", Integer, nullable=False),
    Column("SeatsCancelled", Integer, nullable=False),
    Column(
        "Occupancy",
        Float,
        Computed('CASE WHEN "Capacity" > 0 THEN "SeatsSold" * 1.0 / "Capacity" ELSE 0.0 END', persisted=True),
    ),
)
Index("IX_ShowtimeFacts_MovieId_ScreeningTime", showtime_facts.c.MovieId, showtime_facts.c.ScreeningTime)
