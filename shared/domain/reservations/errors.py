"""Why a booking, a payment or a cancellation is refused."""

from collections.abc import Iterable
from uuid import UUID

from shared.domain.catalogue.seat import Seat
from shared.domain.errors import CinemaError, ErrorKind, InvalidValueError


class NoSeatsChosenError(InvalidValueError):
    """A booking without seats."""

    def __init__(self) -> None:
        super().__init__("seats", "must have at least one seat")


class TooManySeatsError(InvalidValueError):
    """More seats than one reservation may have."""

    def __init__(self, *, most: int) -> None:
        super().__init__("seats", f"must have at most {most} seats")
        self.most = most


class SeatsChosenTwiceError(InvalidValueError):
    """The same seat twice in one booking."""

    def __init__(self) -> None:
        super().__init__("seats", "must not have a seat twice")


class SeatsNotAdjacentError(InvalidValueError):
    """Seats that are not side by side in one row."""

    def __init__(self) -> None:
        super().__init__("seats", "must be side by side in one row")


class SeatsNotInLayoutError(InvalidValueError):
    """Seats that the auditorium does not have."""

    def __init__(self, seats: Iterable[Seat]) -> None:
        self.seats = tuple(sorted(seats))
        super().__init__("seats", f"must be in the auditorium, which lacks {', '.join(map(str, self.seats))}")


class SeatsAlreadyTakenError(CinemaError):
    """Somebody else has some of the seats; `seats` names exactly those."""

    code = "seats-taken"
    kind = ErrorKind.CONFLICT

    def __init__(self, showtime_id: UUID, *, seats: Iterable[Seat]) -> None:
        self.showtime_id = showtime_id
        self.seats = tuple(sorted(seats))
        super().__init__(f"Seats already taken: {', '.join(map(str, self.seats))}")


class TooManyHoldsError(CinemaError):
    """The customer holds as many unpaid reservations as allowed."""

    code = "too-many-holds"
    kind = ErrorKind.CONFLICT

    def __init__(self, *, most: int) -> None:
        super().__init__(f"A customer may have at most {most} reservations waiting for confirmation")
        self.most = most


class ReservationExpiredError(CinemaError):
    """The hold has ended; the seats are anybody's."""

    code = "reservation-expired"
    kind = ErrorKind.CONFLICT

    def __init__(self, reservation_id: UUID) -> None:
        super().__init__(f"The hold of reservation {reservation_id} has ended")
        self.reservation_id = reservation_id


class ReservationIsCancelledError(CinemaError):
    """A cancelled reservation can't be confirmed."""

    code = "reservation-cancelled"
    kind = ErrorKind.CONFLICT

    def __init__(self, reservation_id: UUID) -> None:
        super().__init__(f"Reservation {reservation_id} is cancelled")
        self.reservation_id = reservation_id
