"""What a trace reads. Every method raises StationUnreadableError when its part does not answer."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.application.audit.records import RecordedEvent
from shared.application.tracing.reservation_trace import WrittenReservation


class WrittenReservations(Protocol):
    """The write database."""

    def find(self, reservation_id: UUID) -> WrittenReservation | None:
        """A reservation with its messages and what waits of them."""
        ...


class Archive(Protocol):
    """EventLog."""

    def events_of(self, stream_id: str, *, reservation_id: UUID) -> Mapping[int, RecordedEvent]:
        """The archived events of a reservation by their sequence."""
        ...


class HubSearch(Protocol):
    """One hub."""

    def find(self, stream_id: str, *, sequences: Collection[int], since: datetime) -> Mapping[int, datetime]:
        """When the hub first took each of these events, looking at the one partition of the stream from a moment on."""
        ...


class CachedRevisions(Protocol):
    """The cache in front of the views."""

    def revision(self, view: str, document_id: str) -> int | None:
        """The `rev` of the cached document, 0 if the entry says that there is none; None without an entry."""
        ...
