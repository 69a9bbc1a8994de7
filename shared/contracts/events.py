"""The published events: the data of each, and the registry that gives it its wire name.

Data is the *state after the event*, so that a consumer needs no earlier event to understand one.
A published schema never changes: a change is a new version with a new wire name.
"""

from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.wire import UtcTime, WireModel

ReservationStatus = Literal["Pending", "Confirmed", "Cancelled"]
ShowtimeStatus = Literal["Scheduled", "Cancelled"]
CancellationReason = Literal["customer", "expired", "showtime_cancelled"]


class SeatData(WireModel):
    """One seat: a row's letters and a number within the row, from 1."""

    row: str
    number: int


class SeatRowData(WireModel):
    """A row of an auditorium and how many seats it has."""

    row: str
    seats: int


class EventData(WireModel):
    """The data of a published event. Each subclass names its wire type; the registry finds it by that name."""

    wire_type: ClassVar[str]


class MovieState(EventData):
    """A movie after the event. `version` grows by one with each change."""

    movie_id: str
    title: str
    runtime_minutes: int
    version: int


class MovieRegistered(MovieState):
    """A movie is known for the first time."""

    wire_type = "cinema.movie.registered.v1"


class MovieChanged(MovieState):
    """A movie's title or runtime has changed."""

    wire_type = "cinema.movie.changed.v1"


class AuditoriumState(EventData):
    """An auditorium after the event, with its whole seat layout."""

    auditorium_id: str
    name: str
    rows: tuple[SeatRowData, ...]
    version: int


class AuditoriumRegistered(AuditoriumState):
    """An auditorium is known for the first time."""

    wire_type = "cinema.auditorium.registered.v1"


class AuditoriumChanged(AuditoriumState):
    """An auditorium's name or layout has changed."""

    wire_type = "cinema.auditorium.changed.v1"


class MovieSnapshot(WireModel):
    """The movie as it was when the showtime's event was written."""

    movie_id: str
    title: str
    runtime_minutes: int
    version: int


class AuditoriumSnapshot(WireModel):
    """The auditorium as it was when the showtime's event was written."""

    auditorium_id: str
    name: str
    rows: tuple[SeatRowData, ...]
    version: int


class ShowtimeState(EventData):
    """A showtime after the event. `ends_at` includes the cleaning gap."""

    showtime_id: UUID
    movie: MovieSnapshot
    auditorium: AuditoriumSnapshot
    screening_time: UtcTime
    ends_at: UtcTime
    status: ShowtimeStatus
    version: int


class ShowtimeCreated(ShowtimeState):
    """A showtime is on sale."""

    wire_type = "cinema.showtime.created.v1"


class ShowtimeRescheduled(ShowtimeState):
    """A showtime has another screening time; its reservations stay."""

    wire_type = "cinema.showtime.rescheduled.v1"


class ShowtimeCancelled(ShowtimeState):
    """A showtime does not take place. Its live reservations are cancelled by events of their own, which follow."""

    wire_type = "cinema.showtime.cancelled.v1"

    note: str | None = None


class ReservationState(EventData):
    """A reservation after the event. `expires_at` is the end of the hold while it is pending."""

    reservation_id: UUID
    showtime_id: UUID
    customer_id: UUID
    seats: tuple[SeatData, ...]
    status: ReservationStatus
    created_at: UtcTime
    expires_at: UtcTime
    version: int


class ReservationCreated(ReservationState):
    """Seats are held for a customer until `expires_at`."""

    wire_type = "cinema.reservation.created.v1"


class ReservationConfirmed(ReservationState):
    """The held seats are sold."""

    wire_type = "cinema.reservation.confirmed.v1"


class ReservationCancelled(ReservationState):
    """The seats are free again; `previous_status` says whether they had been held or sold."""

    wire_type = "cinema.reservation.cancelled.v1"

    previous_status: Literal["Pending", "Confirmed"]
    reason: CancellationReason
    note: str | None = None


PUBLISHED_EVENTS: tuple[type[EventData], ...] = (
    MovieRegistered,
    MovieChanged,
    AuditoriumRegistered,
    AuditoriumChanged,
    ShowtimeCreated,
    ShowtimeRescheduled,
    ShowtimeCancelled,
    ReservationCreated,
    ReservationConfirmed,
    ReservationCancelled,
)

EVENT_BY_WIRE_TYPE: dict[str, type[EventData]] = {event.wire_type: event for event in PUBLISHED_EVENTS}

RESERVATION_WIRE_TYPES = frozenset(
    event.wire_type for event in PUBLISHED_EVENTS if issubclass(event, ReservationState)
)
"""The events that go to the reservations hub as well."""
