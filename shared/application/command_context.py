"""What accompanies a command without being part of it."""

from dataclasses import dataclass
from uuid import UUID

from shared.application.errors import VersionMismatchError


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """What makes two requests one command.

    Attributes:
        key: at most 64 characters, the same for the same request alone.
        fingerprint: of what was asked, at most 64 characters; a key that comes with another one was used twice.
        sent_by_client: whether somebody else may be using the key at the same time.
    """

    key: str
    fingerprint: str
    sent_by_client: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """Made once for a command, however often the command is rerun.

    Attributes:
        command_id: the ids of the command's events derive from it, so that a rerun makes the same ones.
        traceparent: the W3C trace context of the caller, which the events carry on.
        idempotency: the key that the client sent, if it sent one.
    """

    command_id: UUID
    traceparent: str | None = None
    idempotency: RequestKey | None = None

    @property
    def request(self) -> RequestKey:
        """The client's key, or one of the command's own: every command can be found again by its next attempt."""
        return self.idempotency or RequestKey(key=str(self.command_id), fingerprint="", sent_by_client=False)


@dataclass(frozen=True, slots=True)
class VersionCondition:
    """The caller's wish to change only what they have seen.

    Attributes:
        versions: those that will do; None means any, as long as the thing exists.
    """

    versions: frozenset[int] | None

    def ensure_met(self, *, actual: int | None) -> None:
        """Pass only if the stored version, None for nothing stored, is one of those wished for.

        Raises:
            VersionMismatchError: it is not.
        """
        if actual is None or (self.versions is not None and actual not in self.versions):
            raise VersionMismatchError(actual=actual)
