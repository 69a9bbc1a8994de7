"""Follow a reservation through every station, and tell of a station that is down that it is."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from shared.application.audit.findings import EVENT_LOG
from shared.application.audit.ports import StationUnreadableError, ViewReader
from shared.application.audit.records import RecordedEvent, UnreadableDocument
from shared.application.errors import NotFoundError
from shared.application.outbox.routing import sinks_of
from shared.application.projections.ports import Document
from shared.application.tracing.ports import Archive, CachedRevisions, HubSearch, WrittenReservations
from shared.application.tracing.reservation_trace import (
    Cached,
    ReservationTrace,
    SinkStation,
    TracedDocument,
    TracedEvent,
    WrittenReservation,
)
from shared.contracts.documents import ReservationDocument, ShowtimeDocument

VIEWS, CACHE = "views", "cache"

_CLOCKS_APART = timedelta(minutes=2)
"""A hub's clock may be behind the writer's; so its records are looked at from a while before the first event on."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedParts:
    """Where a trace looks. A hub that is not among `hubs` is not searched."""

    write: WrittenReservations
    archive: Archive
    views: ViewReader
    cache: CachedRevisions
    hubs: Mapping[str, HubSearch] = field(default_factory=dict[str, HubSearch])


class TraceReservation:
    """Call it with a reservation's id. It only reads."""

    def __init__(self, parts: TracedParts) -> None:
        self._parts = parts

    def __call__(self, reservation_id: UUID) -> ReservationTrace:
        """Where it is.

        Raises:
            NotFoundError: nobody has ever made this reservation.
            StationUnreadableError: the write database does not answer. Of any other part it is told in the trace.
        """
        written = self._parts.write.find(reservation_id)
        if written is None:
            raise NotFoundError("reservation", reservation_id)
        looking = _Looking()
        archived = looking.at(
            EVENT_LOG,
            lambda: self._parts.archive.events_of(written.stream_id, reservation_id=reservation_id),
        )
        reservation = self._document(ReservationDocument, str(reservation_id), looking=looking)
        showtime = self._document(
            ShowtimeDocument, written.stream_id.removeprefix("showtime:"), looking=looking
        )
        events = dict(archived or {}) | dict(written.messages)
        enqueued = self._enqueued(written.stream_id, events=events, looking=looking)
        seen = _Seen(
            archived=None if archived is None else archived.keys(),
            views=VIEWS not in looking.unreadable,
            reservation=reservation,
            showtime=showtime,
        )
        return ReservationTrace(
            reservation_id=reservation_id,
            stream_id=written.stream_id,
            status=written.status,
            version=written.version,
            events=[
                seen.traced(event, sinks=_stations(written, event, enqueued=enqueued))
                for _, event in sorted(events.items())
            ],
            documents=[
                self._traced(document, looking=looking)
                for document in (reservation, showtime)
                if document is not None
            ],
            unreadable=looking.unreadable,
        )

    def _document(self, model: type[Document], identity: str, *, looking: "_Looking") -> Document | None:
        def load() -> Document | None:
            found = self._parts.views.load(model, [identity]).get(identity)
            if isinstance(found, UnreadableDocument):
                raise StationUnreadableError(VIEWS, f"the document {identity} is {found.reason}")
            return found

        return looking.at(VIEWS, load)

    def _traced(
        self, document: ReservationDocument | ShowtimeDocument, *, looking: "_Looking"
    ) -> TracedDocument:
        revision = looking.at(CACHE, lambda: self._parts.cache.revision(document.view, document.id))
        if CACHE in looking.unreadable:
            cached = Cached.UNKNOWN
        elif revision is None:
            cached = Cached.ABSENT
        else:
            cached = Cached.CURRENT if revision == document.rev else Cached.OTHER
        return TracedDocument(
            view=document.view,
            id=document.id,
            version=document.version,
            sequence=document.sequence,
            passed=document.passed,
            cached=cached,
        )

    def _enqueued(
        self, stream_id: str, *, events: Mapping[int, RecordedEvent], looking: "_Looking"
    ) -> dict[str, Mapping[int, datetime]]:
        found: dict[str, Mapping[int, datetime]] = {}
        for sink, hub in self._parts.hubs.items():
            mine = {sequence: event for sequence, event in events.items() if sink in sinks_of(event.type)}
            if mine:
                since = min(event.occurred_at for event in mine.values()) - _CLOCKS_APART
                search = _Search(hub, stream_id=stream_id, sequences=frozenset(mine), since=since)
                found[sink] = looking.at(sink, search) or {}
        return found


@dataclass(slots=True)
class _Looking:
    """Remembers why a station could not be looked at; it is not looked at again."""

    unreadable: dict[str, str] = field(default_factory=dict[str, str])

    def at(self, station: str, look: Callable[[], Found]) -> Found | None:
        if station in self.unreadable:
            return None
        try:
            return look()
        except StationUnreadableError as error:
            self.unreadable[station] = error.reason
            return None


@dataclass(frozen=True, slots=True)
class _Search:
    hub: HubSearch
    stream_id: str = field(kw_only=True)
    sequences: frozenset[int] = field(kw_only=True)
    since: datetime = field(kw_only=True)

    def __call__(self) -> Mapping[int, datetime]:
        return self.hub.find(self.stream_id, sequences=self.sequences, since=self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What archive and views have, or None and False if nobody could look."""

    archived: Collection[int] | None
    views: bool
    reservation: ReservationDocument | None
    showtime: ShowtimeDocument | None

    def traced(self, event: RecordedEvent, *, sinks: Sequence[SinkStation]) -> TracedEvent:
        shown = self.reservation is not None and self.reservation.version >= event.version
        applied = self.showtime is not None and self.showtime.reached(event.sequence)
        return TracedEvent(
            sequence=event.sequence,
            version=event.version,
            event_id=event.event_id,
            type=event.type,
            committed_at=event.occurred_at,
            sinks=sinks,
            archived=None if self.archived is None else event.sequence in self.archived,
            in_reservation=shown if self.views else None,
            in_showtime=applied if self.views else None,
        )


def _stations(
    written: WrittenReservation, event: RecordedEvent, *, enqueued: Mapping[str, Mapping[int, datetime]]
) -> list[SinkStation]:
    return [
        SinkStation(
            sink=sink,
            delivery=written.delivery(sink, event.sequence),
            enqueued_at=enqueued.get(sink, {}).get(event.sequence),
        )
        for sink in sinks_of(event.type)
    ]
