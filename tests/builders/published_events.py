"""Published events of one showtime, as the hub delivers them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.envelope import Envelope, render_unsequenced, schema_path, with_sequence
from shared.contracts.events import (
    AuditoriumChanged,
    AuditoriumRegistered,
    AuditoriumSnapshot,
    EventData,
    MovieChanged,
    MovieRegistered,
    MovieSnapshot,
    ReservationCancelled,
    ReservationConfirmed,
    ReservationCreated,
    ReservationStatus,
    SeatData,
    SeatRowData,
    ShowtimeCancelled,
    ShowtimeCreated,
    ShowtimeRescheduled,
    ShowtimeState,
    ShowtimeStatus,
)

NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
ROWS = (SeatRowData(row="A", seats=4), SeatRowData(row="B", seats=4))


def rows_of(version: int) -> tuple[SeatRowData, ...]:
    """The auditorium's seats as of a version: each has one more in its first row."""
    first, *others = ROWS
    return (SeatRowData(row=first.row, seats=first.seats + version - 1), *others)


def an_id(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


def received(data: EventData, *, stream: str, sequence: int, subject: str) -> ReceivedEvent:
    envelope = Envelope(
        id=an_id(f"{stream}/{sequence}"),
        type=data.wire_type,
        subject=subject,
        time=NOON + timedelta(seconds=sequence),
        dataschema=schema_path(data.wire_type),
        partitionkey=stream,
        data=data.model_dump(mode="json", by_alias=True),
    )
    body = with_sequence(render_unsequenced(envelope), sequence=sequence)
    return ReceivedEvent(
        body=body.encode(),
        partition="0",
        position=sequence,
        published=NOON + timedelta(seconds=sequence, milliseconds=5),
    )


def movie_event(version: int) -> ReceivedEvent:
    kind = MovieRegistered if version == 1 else MovieChanged
    data = kind(movie_id="tt1375666", title=f"Inception {version}", runtime_minutes=148, version=version)
    return received(data, stream="movie:tt1375666", sequence=version, subject="tt1375666")


def auditorium_event(version: int) -> ReceivedEvent:
    kind = AuditoriumRegistered if version == 1 else AuditoriumChanged
    data = kind(auditorium_id="odeon-1", name=f"Odeon {version}", rows=rows_of(version), version=version)
    return received(data, stream="auditorium:odeon-1", sequence=version, subject="odeon-1")


@dataclass
class ShowtimeHistory:
    """Writes the events of one showtime's stream, in order."""

    name: str = "showtime"
    events: list[ReceivedEvent] = field(default_factory=list[ReceivedEvent])
    versions: dict[str, int] = field(default_factory=dict[str, int])
    """Of each reservation by its customer, and of the showtime itself by nobody."""
    days: int = 1
    status: ShowtimeStatus = "Scheduled"
    movie_version: int = 1
    auditorium_version: int = 1
    """What the showtime's own events tell of movie and auditorium."""

    @property
    def showtime_id(self) -> UUID:
        return an_id(self.name)

    def reservation_id(self, customer: str) -> UUID:
        return an_id(f"{self.name}/{customer}")

    def _add(self, data: EventData, *, subject: str) -> ReceivedEvent:
        stream = f"showtime:{self.showtime_id}"
        self.events.append(received(data, stream=stream, sequence=len(self.events) + 1, subject=subject))
        return self.events[-1]

    def created(self, *, movie_version: int = 1, auditorium_version: int = 1) -> ReceivedEvent:
        self.movie_version, self.auditorium_version = movie_version, auditorium_version
        return self._showtime(ShowtimeCreated)

    def rescheduled(self, *, days: int) -> ReceivedEvent:
        """Moved to so many days from noon."""
        self.days = days
        return self._showtime(ShowtimeRescheduled)

    def called_off(self) -> ReceivedEvent:
        """The showtime's own cancellation."""
        self.status = "Cancelled"
        return self._showtime(ShowtimeCancelled)

    def _showtime(self, kind: type[ShowtimeState]) -> ReceivedEvent:
        self.versions[""] = self.versions.get("", 0) + 1
        data = kind(
            showtime_id=self.showtime_id,
            movie=MovieSnapshot(
                movie_id="tt1375666",
                title=f"Inception {self.movie_version}",
                runtime_minutes=148,
                version=self.movie_version,
            ),
            auditorium=AuditoriumSnapshot(
                auditorium_id="odeon-1",
                name=f"Odeon {self.auditorium_version}",
                rows=rows_of(self.auditorium_version),
                version=self.auditorium_version,
            ),
            screening_time=NOON + timedelta(days=self.days),
            ends_at=NOON + timedelta(days=self.days, hours=3),
            status=self.status,
            version=self.versions[""],
        )
        return self._add(data, subject=str(self.showtime_id))

    def _reservation(
        self, customer: str, *, seats: list[tuple[str, int]], status: ReservationStatus
    ) -> dict[str, object]:
        self.versions[customer] = self.versions.get(customer, 0) + 1
        return {
            "reservation_id": self.reservation_id(customer),
            "showtime_id": self.showtime_id,
            "customer_id": an_id(customer),
            "seats": tuple(SeatData(row=row, number=number) for row, number in seats),
            "status": status,
            "created_at": NOON,
            "expires_at": NOON + timedelta(minutes=10),
            "version": self.versions[customer],
        }

    def held(self, customer: str, *seats: tuple[str, int]) -> ReceivedEvent:
        data = ReservationCreated.model_validate(
            self._reservation(customer, seats=list(seats), status="Pending")
        )
        return self._add(data, subject=customer)

    def sold(self, customer: str, *seats: tuple[str, int]) -> ReceivedEvent:
        data = ReservationConfirmed.model_validate(
            self._reservation(customer, seats=list(seats), status="Confirmed")
        )
        return self._add(data, subject=customer)

    def freed(self, customer: str, *seats: tuple[str, int]) -> ReceivedEvent:
        fields = self._reservation(customer, seats=list(seats), status="Cancelled")
        data = ReservationCancelled.model_validate(
            {**fields, "previous_status": "Pending", "reason": "customer"}
        )
        return self._add(data, subject=customer)


def held_and_freed(*customers: str) -> ShowtimeHistory:
    """A showtime of which each customer holds the first seat, and lets it go."""
    history = ShowtimeHistory()
    history.created()
    for customer in customers:
        history.held(customer, ("A", 1))
        history.freed(customer, ("A", 1))
    return history
