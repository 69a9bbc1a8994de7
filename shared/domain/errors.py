"""What can go wrong, as values: each error carries its data, a stable code and a kind.

CinemaError
├── InvalidValueError          a value that no showtime, seat or title can have
│   ├── ShowtimeInThePastError
│   └── NoSeatsChosenError, TooManySeatsError, SeatsChosenTwiceError,
│       SeatsNotAdjacentError, SeatsNotInLayoutError
├── LayoutInUseError
├── ShowtimeOverlapError, ShowtimeStartedError, ShowtimeCancelledError
├── SeatsAlreadyTakenError, TooManyHoldsError
├── ReservationExpiredError, ReservationIsCancelledError
└── (shared.application.errors) NotFoundError, VersionMismatchError, KeyReusedError, CommandInFlightError,
    TooMuchToTellError, UnavailableError
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class ErrorKind(StrEnum):
    """The sort of trouble; a transport maps each to a status of its own."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    PRECONDITION = "precondition"
    UNAVAILABLE = "unavailable"


class CinemaError(Exception):
    """A command was refused. `code` never changes once published; the message is for people."""

    code: ClassVar[str]
    kind: ClassVar[ErrorKind]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field, named as the domain names it."""

    field: str
    message: str


class InvalidValueError(CinemaError):
    """A value breaks a rule that holds whatever else is true."""

    code = "validation"
    kind = ErrorKind.INVALID

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field} {message}")
        self.problem = FieldProblem(field, message)
