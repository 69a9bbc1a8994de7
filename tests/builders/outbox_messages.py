"""Messages for the outbox's tests: real events of a showtime's box office, in the order in which they happen."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar
from uuid import UUID, uuid4

from shared.application.outbox import messages
from shared.application.outbox.lanes import lane_of
from shared.application.outbox.messages import NewMessage, OutboxMessage
from shared.application.outbox.routing import sinks_of
from shared.contracts.envelope import Envelope, schema_path
from shared.contracts.events import (
    AuditoriumSnapshot,
    CancellationReason,
    EventData,
    MovieChanged,
    MovieSnapshot,
    ReservationCancelled,
    ReservationConfirmed,
    ReservationCreated,
    ReservationState,
    SeatData,
    SeatRowData,
    ShowtimeCancelled,
    ShowtimeCreated,
    ShowtimeRescheduled,
    ShowtimeState,
    ShowtimeStatus,
)

Message = TypeVar("Message", NewMessage, OutboxMessage)

_NOON = datetime(2026, 12, 1, 12, 0, 0, 123456, tzinfo=UTC)


def a_message(
    stream_id: str = "movie:tt1375666", *, title: str = "千と千尋の神隠し", movie_id: str = "tt1375666"
) -> NewMessage:
    """A movie's event: it concerns the domain events' hub and reporting, not the reservations' hub."""
    data = MovieChanged(movie_id=movie_id, title=title, runtime_minutes=125, version=1)
    return message_of(data, stream_id=stream_id, aggregate_type="movie", aggregate_id=movie_id)


def a_reservation_message(stream_id: str = "showtime:0") -> NewMessage:
    """A reservation's event: it concerns every sink."""
    return BoxOffice(stream_id=stream_id).book(seats=1).created


def as_read(new: NewMessage, *, id: int, lane: int, sequence: int) -> OutboxMessage:  # noqa: A002 the field's name
    """The message as the outbox gives it back, once it has its place."""
    fields = asdict(new)
    del fields["sinks"]
    return OutboxMessage(**fields, id=id, lane=lane, sequence=sequence)


def unreadable(message: Message) -> Message:
    """The same event without the data that its type promises."""
    envelope = json.loads(message.payload)
    return replace(message, payload=json.dumps({**envelope, "data": {"seats": []}}))


def streams_of_one_lane(wanted: int, *, sharing_with: str = "showtime:0") -> list[str]:
    """The ids of this many streams that go through the same lane."""
    lane = lane_of(sharing_with)
    candidates = (f"showtime:{number}" for number in count())
    return [next(stream for stream in candidates if lane_of(stream) == lane) for _ in range(wanted)]


def message_of(
    data: EventData,
    *,
    stream_id: str,
    aggregate_type: str,
    aggregate_id: str,
    version: int = 1,
    at: datetime = _NOON,
) -> NewMessage:
    """The message that a command would write for this event."""
    envelope = Envelope(
        id=uuid4(),
        type=data.wire_type,
        subject=aggregate_id,
        time=at,
        dataschema=schema_path(data.wire_type),
        partitionkey=stream_id,
        data=data.model_dump(mode="json", by_alias=True),
    )
    return messages.message_of(
        envelope, aggregate_type=aggregate_type, version=version, sinks=sinks_of(data.wire_type)
    )


@dataclass(frozen=True)
class Booking:
    """One reservation's possible events."""

    created: NewMessage
    confirmed: NewMessage
    cancelled_while_held: NewMessage
    cancelled_when_sold: NewMessage


@dataclass
class BoxOffice:
    """A showtime that sells its seats one after another."""

    stream_id: str = ""
    showtime_id: UUID = field(default_factory=uuid4)
    capacity: int = 100
    movie_id: str = "tt0245429"
    title: str = "千と千尋の神隠し"
    noon: datetime = _NOON
    """The films are shown whole days after this."""
    _seat_numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.stream_id = self.stream_id or f"showtime:{self.showtime_id}"

    def opened(self) -> NewMessage:
        """The showtime's own event."""
        return self._showtime(ShowtimeCreated, days=1, status="Scheduled", version=1)

    def moved(self, *, days: int) -> NewMessage:
        """To another day."""
        return self._showtime(ShowtimeRescheduled, days=days, status="Scheduled", version=2)

    def called_off(self, *, days: int) -> NewMessage:
        """After it was moved."""
        return self._showtime(ShowtimeCancelled, days=days, status="Cancelled", version=3)

    def _showtime(
        self, kind: type[ShowtimeState], *, days: int, status: ShowtimeStatus, version: int
    ) -> NewMessage:
        data = kind(
            showtime_id=self.showtime_id,
            movie=MovieSnapshot(movie_id=self.movie_id, title=self.title, runtime_minutes=125, version=1),
            auditorium=AuditoriumSnapshot(
                auditorium_id="odeon-1",
                name="Odeon",
                rows=(SeatRowData(row="A", seats=self.capacity),),
                version=1,
            ),
            screening_time=self.noon + timedelta(days=days),
            ends_at=self.noon + timedelta(days=days, hours=3),
            status=status,
            version=version,
        )
        return message_of(
            data, stream_id=self.stream_id, aggregate_type="showtime", aggregate_id=str(self.showtime_id)
        )

    def book(
        self,
        *,
        seats: int,
        at: datetime = _NOON,
        confirmed_after: timedelta = timedelta(),
        reason: CancellationReason = "customer",
    ) -> Booking:
        """A reservation of the next seats, with every event that it may have."""
        reservation_id = uuid4()
        taken = tuple(SeatData(row="A", number=next(self._seat_numbers)) for _ in range(seats))

        def state(
            kind: type[ReservationState], *, version: int, after: timedelta = timedelta(), **more: object
        ) -> NewMessage:
            data = kind.model_validate(
                {
                    "reservation_id": reservation_id,
                    "showtime_id": self.showtime_id,
                    "customer_id": uuid4(),
                    "seats": taken,
                    "created_at": at,
                    "expires_at": at + timedelta(minutes=10),
                    "version": version,
                    **more,
                }
            )
            return message_of(
                data,
                stream_id=self.stream_id,
                aggregate_type="reservation",
                aggregate_id=str(reservation_id),
                version=version,
                at=at + after,
            )

        return Booking(
            created=state(ReservationCreated, version=1, status="Pending"),
            confirmed=state(ReservationConfirmed, version=2, status="Confirmed", after=confirmed_after),
            cancelled_while_held=state(
                ReservationCancelled,
                version=2,
                status="Cancelled",
                previous_status="Pending",
                reason=reason,
            ),
            cancelled_when_sold=state(
                ReservationCancelled,
                version=3,
                status="Cancelled",
                previous_status="Confirmed",
                reason=reason,
            ),
        )
