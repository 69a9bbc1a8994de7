"""What can go wrong around a command, beside the domain's own refusals (shared.domain.errors draws the tree).

CinemaError                    told to the caller
├── NotFoundError
├── VersionMismatchError
├── TooMuchToTellError
├── KeyReusedError
├── CommandInFlightError
└── UnavailableError
    └── MisconfiguredStoreError
RerunCommandError              never told: the command is run again on a fresh unit of work
├── ConcurrentWriteError       somebody else changed the same thing first
└── TransientFaultError        the store hiccuped: a deadlock, a lock held too long, a lost connection
"""

from shared.domain.errors import CinemaError, ErrorKind


class NotFoundError(CinemaError):
    """There is no such thing; `resource` says what sort of thing it would be, such as `movie`."""

    code = "not-found"
    kind = ErrorKind.NOT_FOUND

    def __init__(self, resource: str, identifier: object) -> None:
        super().__init__(f"There is no {resource} {identifier}")
        self.resource = resource
        self.identifier = str(identifier)


class VersionMismatchError(CinemaError):
    """The caller's condition names another version than the stored one (None: nothing is stored)."""

    code = "version-mismatch"
    kind = ErrorKind.PRECONDITION

    def __init__(self, *, actual: int | None) -> None:
        super().__init__("It does not exist yet" if actual is None else f"Its version is {actual}")
        self.actual = actual


class TooMuchToTellError(CinemaError):
    """The command's event would be larger than what can be published."""

    code = "event-too-large"
    kind = ErrorKind.INVALID

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(f"The event of this command would have more than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class KeyReusedError(CinemaError):
    """The client sent an idempotency key that it had sent with another body."""

    code = "idempotency-mismatch"
    kind = ErrorKind.INVALID

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request")


class CommandInFlightError(CinemaError):
    """The same request, by its idempotency key, is running at this moment."""

    code = "idempotency-in-flight"
    kind = ErrorKind.CONFLICT

    def __init__(self) -> None:
        super().__init__("The same request is being processed; please try again in a moment")


class UnavailableError(CinemaError):
    """The store can't do it now; the same command may well succeed later."""

    code = "unavailable"
    kind = ErrorKind.UNAVAILABLE

    def __init__(self, *, retry_after_seconds: int = 1) -> None:
        super().__init__("The booking system is busy or a part of it is down; please try again")
        self.retry_after_seconds = retry_after_seconds


class MisconfiguredStoreError(UnavailableError):
    """The store is not set up as the commands need it. A person must act, so there is no hurry to come again."""

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=60)


class RerunCommandError(Exception):
    """This attempt failed, and left nothing behind, for a reason that may be gone when the command runs again."""


class ConcurrentWriteError(RerunCommandError):
    """Between reading and writing, somebody else wrote."""


class TransientFaultError(RerunCommandError):
    """The store failed in a way that passes."""
