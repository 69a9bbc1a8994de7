"""What the projector needs from outside."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ViewDocument

Document = TypeVar("Document", bound=ViewDocument)


class ViewStoreUnavailableError(Exception):
    """The views can't be read or written just now. The batch is to be tried again."""


class ViewContentionError(ViewStoreUnavailableError):
    """Other writers won every round of a guarded write. The batch is to be tried again."""


class ViewStore(Protocol):
    """View documents under compare and set.

    Every method raises ViewStoreUnavailableError when the store does not answer.
    """

    def load(self, model: type[Document], ids: Collection[str]) -> dict[str, Document]:
        """The documents that there are, by id."""
        ...

    def save(self, documents: Sequence[Document]) -> set[str]:
        """Write documents whose `rev` is one more than the stored one's; answers the ids of those that lost.

        A document with rev 1 is inserted, any other replaces the one with the rev before. What lost is untouched.
        """
        ...

    def showtimes_of_movie(self, movie_id: str, *, below_version: int) -> list[str]:
        """Ids of the showtimes that embed an older version of a movie."""
        ...

    def showtimes_of_auditorium(self, auditorium_id: str, *, below_version: int) -> list[str]:
        """Ids of the showtimes that embed an older version of an auditorium."""
        ...


class ViewCache(Protocol):
    """The cache in front of the views. It never raises: a lost write is bounded by the entries' lifetime."""

    def write(self, documents: Sequence[ViewDocument]) -> None:
        """Put documents in the cache, unless it holds newer ones, and tell who watches them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEvent:
    """An event that could not be projected, and why."""

    received: ReceivedEvent
    reason: str
    parked: datetime


class FailureParking(Protocol):
    """Where events go that can't be projected, for people to look at and to replay."""

    def park(self, events: Sequence[ParkedEvent]) -> None:
        """Keep events. One is known by its body, wherever it came from; parking it again changes nothing.

        Raises:
            ViewStoreUnavailableError: they could not be kept.
        """
        ...


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...
