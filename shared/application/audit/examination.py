"""A few streams looked at in every station.

The order of the reads is what lets this be done while the system runs. Whoever is *told* of an event is read before
whoever tells: documents first, then the write database, within it the messages before what waits, then the reporting
database, then the hubs' new records. So what waits nowhere must be in the hub that is read after, and what is in a
document must be in the outbox that is read after. Only what comes without an acknowledgement, the views, may be late.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.application.audit.fact_checks import check_facts
from shared.application.audit.findings import EVENT_LOG, FACTS, OUTBOX, WRITE_ROWS, Finding, StationCount
from shared.application.audit.hub_checks import check_hub
from shared.application.audit.hub_tally import HubTally, StreamTally
from shared.application.audit.log_checks import (
    aggregates_of,
    check_event_log,
    check_outbox,
    check_rows,
)
from shared.application.audit.parked_checks import ParkedReader
from shared.application.audit.ports import HubReader, ReportingReader, ViewReader, WriteReader
from shared.application.audit.records import (
    AggregateKey,
    ReportingRecord,
    RowState,
    UnreadableDocument,
    ViewRecord,
    WriteRecord,
)
from shared.application.audit.stream_history import StreamHistory
from shared.application.audit.view_checks import OWN_VIEW, check_views, published, station_of
from shared.application.audit.view_folds import Catalogue, kind_of, own_id, reservations_of
from shared.application.outbox.routing import REPORTING
from shared.application.streams import auditorium_stream, movie_stream
from shared.contracts.documents import (
    AuditoriumDocument,
    MovieDocument,
    ReservationDocument,
    ShowtimeDocument,
)
from shared.contracts.events import ShowtimeState
from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.catalogue.movie import MovieId

OwnDocument = ShowtimeDocument | MovieDocument | AuditoriumDocument | UnreadableDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedParts:
    """Where the audit looks. Hubs are by the name of their sink."""

    write: WriteReader
    reporting: ReportingReader
    hubs: Mapping[str, HubReader]
    views: ViewReader
    parked: ParkedReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found in a stream, and how much was looked at.

    `newest_at` is when its newest event happened; `embedded` are the streams that its document shows parts of.
    """

    stream_id: str
    findings: Sequence[Finding]
    counts: Mapping[str, StationCount]
    newest_at: datetime | None
    embedded: frozenset[str]

    def is_quiet_since(self, moment: datetime) -> bool:
        """Whether nothing has happened in it after this."""
        return self.newest_at is None or self.newest_at <= moment


class Examiner:
    """Examines streams against hubs that were read before, or reads on in these first."""

    def __init__(self, parts: AuditedParts, *, tallies: Mapping[str, HubTally]) -> None:
        self._parts = parts
        self._tallies = tallies
        self._catalogue = Catalogue()

    def read_hubs(self) -> None:
        """Read each hub from where it was left to its end as it is now."""
        for sink, hub in self._parts.hubs.items():
            tally = self._tallies[sink]
            tally.reached(hub.read(start=tally.start, take=tally.take))

    def examine(self, stream_ids: Collection[str], *, read_hubs: bool) -> list[Examined]:
        """Look at streams, movies and auditoriums before the showtimes that embed them.

        Raises:
            StationUnreadableError: a part does not answer.
        """
        own = self._own_documents(stream_ids)
        write = self._parts.write.read(stream_ids)
        reporting = self._parts.reporting.read(stream_ids)
        if read_hubs:
            self.read_hubs()
        newest = self._parts.write.last_sequences(stream_ids)
        histories = [
            _history(write[stream_id], reporting=reporting, newest=newest) for stream_id in sorted(write)
        ]
        reservations = self._reservations(histories)
        rows = self._parts.write.rows({key for history in histories for key in aggregates_of(history)})
        return [self._judge(history, own=own, reservations=reservations, rows=rows) for history in histories]

    def _own_documents(self, stream_ids: Collection[str]) -> dict[str, OwnDocument]:
        found: dict[str, OwnDocument] = {}
        for kind, model in (
            ("showtime", ShowtimeDocument),
            ("movie", MovieDocument),
            ("auditorium", AuditoriumDocument),
        ):
            ids = [own_id(stream_id) for stream_id in stream_ids if kind_of(stream_id) == kind]
            documents = self._parts.views.load(model, ids) if ids else {}
            found |= {f"{kind}:{identity}": document for identity, document in documents.items()}
        return found

    def _reservations(
        self, histories: Sequence[StreamHistory]
    ) -> dict[str, ReservationDocument | UnreadableDocument]:
        ids = {identity for history in histories for identity in reservations_of(history)}
        return self._parts.views.load(ReservationDocument, ids) if ids else {}

    def _judge(
        self,
        history: StreamHistory,
        *,
        own: Mapping[str, OwnDocument],
        reservations: Mapping[str, ReservationDocument | UnreadableDocument],
        rows: Mapping[AggregateKey, RowState],
    ) -> Examined:
        self._catalogue.note(history, published=published(history))
        mine = {
            identity: reservations[identity]
            for identity in reservations_of(history)
            if identity in reservations
        }
        views = ViewRecord(own=own.get(history.stream_id), reservations=mine)
        counts = _counts(history, views, rows=sum(key in rows for key in aggregates_of(history)))
        findings = [
            *check_outbox(history),
            *check_rows(history, rows),
            *check_event_log(history),
            *check_facts(history),
        ]
        for sink, tally in self._tallies.items():
            judgement = check_hub(sink, history=history, tally=tally)
            findings += judgement.findings
            counts[sink] = _hub_count(
                history, sink, known=tally.streams.get(history.stream_id), unjudged=judgement.unjudged
            )
        findings += check_views(history, views, catalogue=self._catalogue)
        return Examined(
            stream_id=history.stream_id,
            findings=findings,
            counts=counts,
            newest_at=max((event.occurred_at for event in history.events.values()), default=None),
            embedded=_embedded(history),
        )


def _history(
    write: WriteRecord, *, reporting: Mapping[str, ReportingRecord], newest: Mapping[str, int]
) -> StreamHistory:
    return StreamHistory.of(
        write,
        reporting.get(write.stream_id, ReportingRecord()),
        newest_sequence=newest.get(write.stream_id, write.last_sequence),
    )


def _embedded(history: StreamHistory) -> frozenset[str]:
    states = [event.data for event in history.parsed.values() if isinstance(event.data, ShowtimeState)]
    movies = {movie_stream(MovieId(state.movie.movie_id)) for state in states}
    return frozenset(
        movies | {auditorium_stream(AuditoriumId(state.auditorium.auditorium_id)) for state in states}
    )


def _counts(history: StreamHistory, views: ViewRecord, *, rows: int) -> dict[str, StationCount]:
    counts = {
        OUTBOX: StationCount(checked=len(history.write.messages)),
        WRITE_ROWS: StationCount(checked=rows),
        EVENT_LOG: _sink_count(history, REPORTING, checked=len(history.reporting.log)),
        FACTS: StationCount(checked=len(history.reporting.facts)),
    }
    if view := OWN_VIEW.get(kind_of(history.stream_id)):
        counts[station_of(view)] = StationCount(checked=int(views.own is not None))
    if kind_of(history.stream_id) == "showtime":
        counts[station_of(ReservationDocument.view)] = StationCount(checked=len(views.reservations))
    return counts


def _hub_count(
    history: StreamHistory, sink: str, *, known: StreamTally | None, unjudged: int
) -> StationCount:
    count = _sink_count(history, sink, checked=len(known.sequences) + len(known.misplaced) if known else 0)
    count.repeats = known.repeats if known else 0
    count.unjudged = unjudged
    return count


def _sink_count(history: StreamHistory, sink: str, *, checked: int) -> StationCount:
    return StationCount(
        checked=checked,
        waiting=len(history.write.waiting.get(sink, ())),
        discarded=len(history.write.discarded.get(sink, ())),
    )
