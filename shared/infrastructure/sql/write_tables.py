"""The business tables of the write database.

An aggregate's row carries its version. UUIDs are keys of their own beside a number that the database gives out, since
a clustered key of random values would scatter every insert on SQL Server.
"""

from sqlalchemy import JSON, Column, ForeignKey, Identity, Index, Integer, PrimaryKeyConstraint, Table

from shared.domain.catalogue.auditorium import LONGEST_NAME, LONGEST_SLUG
from shared.domain.catalogue.movie import LONGEST_TITLE
from shared.infrastructure.sql.metadata import write_metadata
from shared.infrastructure.sql.types import (
    UtcDateTime,
    Uuid,
    human_text,
    id_text,
    identity_type,
)

_MOVIE_ID = id_text(10)
_AUDITORIUM_ID = id_text(LONGEST_SLUG)
_ROW = id_text(2)
_STATUS = id_text(16)

movies = Table(
    "Movies",
    write_metadata,
    Column("MovieId", _MOVIE_ID, primary_key=True),
    Column("Title", human_text(LONGEST_TITLE), nullable=False),
    Column("RuntimeMinutes", Integer, nullable=False),
    Column("Version", Integer, nullable=False),
)

# Layout is a list of {"row", "seats"}, always read whole.
auditoriums = Table(
    "Auditoriums",
    write_metadata,
    Column("AuditoriumId", _AUDITORIUM_ID, primary_key=True),
    Column("Name", human_text(LONGEST_NAME), nullable=False),
    Column("Layout", JSON, nullable=False),
    Column("Version", Integer, nullable=False),
)

# EndsAt repeats what start, runtime and cleaning add up to, for queries to compare.
showtimes = Table(
    "Showtimes",
    write_metadata,
    Column("Id", identity_type(), Identity(start=1), primary_key=True),
    Column("ShowtimeId", Uuid(), nullable=False, unique=True),
    Column("MovieId", _MOVIE_ID, ForeignKey(movies.c.MovieId), nullable=False),
    Column("AuditoriumId", _AUDITORIUM_ID, ForeignKey(auditoriums.c.AuditoriumId), nullable=False),
    Column("StartsAt", UtcDateTime, nullable=False),
    Column("RuntimeMinutes", Integer, nullable=False),
    Column("CleaningMinutes", Integer, nullable=False),
    Column("EndsAt", UtcDateTime, nullable=False),
    Column("Status", _STATUS, nullable=False),
    Column("Version", Integer, nullable=False),
)
Index("IX_Showtimes_AuditoriumId_StartsAt", showtimes.c.AuditoriumId, showtimes.c.StartsAt)

# Cancelled showtimes whose reservations may not be cancelled yet: a list of work, so that finding it costs the same
# however many showtimes have ever been cancelled.
showtimes_to_clear = Table(
    "ShowtimesToClear",
    write_metadata,
    Column("Id", identity_type(), Identity(start=1), primary_key=True),
    Column("ShowtimeId", Uuid(), ForeignKey(showtimes.c.ShowtimeId), nullable=False, unique=True),
)

# A booking counts itself here first, and so makes the customer's other bookings wait for it.
customers = Table(
    "Customers",
    write_metadata,
    Column("Id", identity_type(), Identity(start=1), primary_key=True),
    Column("CustomerId", Uuid(), nullable=False, unique=True),
    Column("Bookings", Integer, nullable=False),
)

# Customers who are being forgotten. A row links an id to its pseudonym, and is gone when the last step is done.
customer_erasures = Table(
    "CustomerErasures",
    write_metadata,
    Column("Id", identity_type(), Identity(start=1), primary_key=True),
    Column("CustomerId", Uuid(), nullable=False, unique=True),
    Column("Pseudonym", Uuid(), nullable=False),
    Column("Run", Uuid(), nullable=False),
    Column("BeganAt", UtcDateTime, nullable=False),
)

reservations = Table(
    "Reservations",
    write_metadata,
    Column("Id", identity_type(), Identity(start=1), primary_key=True),
    Column("ReservationId", Uuid(), nullable=False, unique=True),
    Column("ShowtimeId", Uuid(), ForeignKey(showtimes.c.ShowtimeId), nullable=False),
    Column("CustomerId", Uuid(), ForeignKey(customers.c.CustomerId), nullable=False),
    Column("Status", _STATUS, nullable=False),
    Column("CancellationReason", id_text(32), nullable=True),
    Column("CreatedAt", UtcDateTime, nullable=False),
    Column("ExpiresAt", UtcDateTime, nullable=False),
    Column("Version", Integer, nullable=False),
)
Index(
    "IX_Reservations_CustomerId_Status_ExpiresAt",
    reservations.c.CustomerId,
    reservations.c.Status,
    reservations.c.ExpiresAt,
)
Index("IX_Reservations_Status_ExpiresAt", reservations.c.Status, reservations.c.ExpiresAt)

reservation_seats = Table(
    "ReservationSeats",
    write_metadata,
    Column("ReservationId", Uuid(), ForeignKey(reservations.c.ReservationId)),
    Column("Row", _ROW),
    Column("Number", Integer, autoincrement=False),
    PrimaryKeyConstraint("ReservationId", "Row", "Number", mssql_clustered=False),
)

# The guard against selling a seat twice: a seat of a showtime has one claim or none.
seat_claims = Table(
    "SeatClaims",
    write_metadata,
    Column("ShowtimeId", Uuid(), ForeignKey(showtimes.c.ShowtimeId), primary_key=True),
    Column("Row", _ROW, primary_key=True),
    Column("Number", Integer, primary_key=True, autoincrement=False),
    Column("ReservationId", Uuid(), ForeignKey(reservations.c.ReservationId), nullable=False),
)
