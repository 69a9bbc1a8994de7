"""Why something can't be done with a showtime."""

from uuid import UUID

from shared.domain.errors import CinemaError, ErrorKind, InvalidValueError


class ShowtimeInThePastError(InvalidValueError):
    """A showtime was to begin now or earlier."""

    def __init__(self) -> None:
        super().__init__("screening_time", "must be in the future")


class ShowtimeOverlapError(CinemaError):
    """The auditorium is not free: another showtime, or the cleaning after it, takes some of the time."""

    code = "showtime-overlap"
    kind = ErrorKind.CONFLICT

    def __init__(self, showtime_id: UUID) -> None:
        super().__init__(f"The auditorium is taken by showtime {showtime_id} at that time")
        self.showtime_id = showtime_id


class ShowtimeStartedError(CinemaError):
    """The film is running: nothing is sold or given back any more."""

    code = "showtime-started"
    kind = ErrorKind.CONFLICT

    def __init__(self, showtime_id: UUID) -> None:
        super().__init__(f"Showtime {showtime_id} has started")
        self.showtime_id = showtime_id


class ShowtimeCancelledError(CinemaError):
    """The showtime does not take place."""

    code = "showtime-cancelled"
    kind = ErrorKind.CONFLICT

    def __init__(self, showtime_id: UUID) -> None:
        super().__init__(f"Showtime {showtime_id} is cancelled")
        self.showtime_id = showtime_id
