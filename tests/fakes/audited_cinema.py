"""A whole system in memory, healthy until a test damages it: outbox, EventLog and facts, both hubs, views."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.application.audit.audit import Audit, AuditLimits
from shared.application.audit.examination import AuditedParts
from shared.application.audit.fact_checks import folded_facts
from shared.application.audit.findings import AuditReport
from shared.application.audit.ports import HubEvent, PartitionEnd
from shared.application.audit.records import (
    AggregateKey,
    FactRow,
    RecordedEvent,
    ReportingRecord,
    RowState,
    UnreadableDocument,
    WriteRecord,
)
from shared.application.audit.stream_history import StreamHistory
from shared.application.outbox.lanes import lane_of
from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS, ROUTES, sinks_of
from shared.application.projections.failures import ProjectionFailure
from shared.application.projections.ports import Document
from shared.application.projections.received_events import ReceivedEvent, parse_event
from shared.contracts.events import AuditoriumState, MovieState, ReservationState, ShowtimeState
from tests.builders.published_events import NOON
from tests.unit.projections.projection import Projection

PARTITIONS = 4


class ManualClock:
    """Moves when somebody pauses."""

    def __init__(self) -> None:
        self.at = NOON + timedelta(days=1)

    def now(self) -> datetime:
        return self.at

    def pause(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def recorded(received: ReceivedEvent, *, place: int) -> RecordedEvent:
    """An event of the builders as a table keeps it."""
    event = parse_event(received)
    match event.data:
        case MovieState() as state:
            kind, identity = "Movie", state.movie_id
        case AuditoriumState() as state:
            kind, identity = "Auditorium", state.auditorium_id
        case ShowtimeState() as state:
            kind, identity = "Showtime", str(state.showtime_id)
        case ReservationState() as state:
            kind, identity = "Reservation", str(state.reservation_id)
        case _:
            raise AssertionError(event)
    return RecordedEvent(
        place=place,
        event_id=event.envelope.id,
        stream_id=event.envelope.stream_id,
        sequence=event.sequence,
        aggregate_type=kind,
        aggregate_id=identity,
        version=state.version,
        type=event.envelope.type,
        body=received.body.decode(),
        occurred_at=event.envelope.time,
    )


@dataclass
class FakeWriteReader:
    records: dict[str, WriteRecord] = field(default_factory=dict[str, WriteRecord])
    states: dict[AggregateKey, RowState] = field(default_factory=dict[AggregateKey, RowState])

    def streams_after(self, stream_id: str, *, limit: int) -> list[tuple[str, int]]:
        ids = sorted(identity for identity in self.records if identity > stream_id)[:limit]
        return [(identity, self.records[identity].last_sequence) for identity in ids]

    def last_sequences(self, stream_ids: Collection[str]) -> dict[str, int]:
        return {
            identity: record.last_sequence
            for identity, record in self.records.items()
            if identity in stream_ids
        }

    def read(self, stream_ids: Collection[str]) -> dict[str, WriteRecord]:
        return {identity: self.records[identity] for identity in stream_ids if identity in self.records}

    def rows(self, keys: Collection[AggregateKey]) -> dict[AggregateKey, RowState]:
        return {key: state for key, state in self.states.items() if key in keys}

    def change(self, stream_id: str, **changes: object) -> None:
        self.records[stream_id] = replace(self.records[stream_id], **changes)  # pyright: ignore[reportArgumentType] # a test's own fields


@dataclass
class FakeReportingReader:
    records: dict[str, ReportingRecord] = field(default_factory=dict[str, ReportingRecord])

    def streams_after(self, stream_id: str, *, limit: int) -> list[str]:
        return sorted(
            identity for identity, record in self.records.items() if identity > stream_id and record.log
        )[:limit]

    def read(self, stream_ids: Collection[str]) -> dict[str, ReportingRecord]:
        return {identity: self.records[identity] for identity in stream_ids if identity in self.records}


@dataclass
class FakeHubReader:
    """Partitions as lists; `dropped` is how many of the oldest events of each the hub no longer keeps."""

    partitions: list[list[bytes]] = field(default_factory=lambda: [[] for _ in range(PARTITIONS)])
    dropped: int = 0
    enqueued_at: Callable[[int], datetime] = lambda _: NOON

    def send(self, event: RecordedEvent) -> None:
        self.partition_of(event.stream_id).append(event.body.encode())

    def partition_of(self, stream_id: str) -> list[bytes]:
        return self.partitions[lane_of(stream_id) % PARTITIONS]

    def read(self, *, start: Mapping[int, int], take: Callable[[HubEvent], None]) -> dict[int, PartitionEnd]:
        ends: dict[int, PartitionEnd] = {}
        for number, bodies in enumerate(self.partitions):
            first = max(start.get(number, 0), self.dropped)
            for position in range(first, len(bodies)):
                at = self.enqueued_at(position)
                take(HubEvent(partition=number, position=position, enqueued_at=at, body=bodies[position]))
            kept_since = self.enqueued_at(self.dropped) if self.dropped else None
            ends[number] = PartitionEnd(next=len(bodies), kept_since=kept_since)
        return ends


@dataclass
class FakeViewReader:
    projection: Projection = field(default_factory=Projection)

    def load(self, model: type[Document], ids: Collection[str]) -> dict[str, Document | UnreadableDocument]:
        return dict(self.projection.store.load(model, ids))

    def parked(self, *, after: str, limit: int) -> Sequence[ProjectionFailure]:
        return self.projection.parking.list(after=after, limit=limit)

    def ids_after(self, model: type[Document], identity: str, *, limit: int) -> Sequence[str]:
        stored = self.projection.store.views.get(model.view, {})
        return sorted(known for known in stored if known > identity)[:limit]


@dataclass
class AuditedCinema:
    """Everything that was written, everywhere where it should be."""

    received: Sequence[ReceivedEvent]
    write: FakeWriteReader = field(default_factory=FakeWriteReader)
    reporting: FakeReportingReader = field(default_factory=FakeReportingReader)
    hubs: dict[str, FakeHubReader] = field(
        default_factory=lambda: {DOMAIN_EVENTS: FakeHubReader(), RESERVATIONS: FakeHubReader()}
    )
    views: FakeViewReader = field(default_factory=FakeViewReader)
    clock: ManualClock = field(default_factory=ManualClock)
    pauses: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    """What happens while the audit waits, once each."""

    def __post_init__(self) -> None:
        events = [recorded(received, place=place) for place, received in enumerate(self.received, start=1)]
        for event in events:
            for sink, hub in self.hubs.items():
                if sink in sinks_of(event.type):
                    hub.send(event)
        for stream_id in dict.fromkeys(event.stream_id for event in events):
            mine = {event.sequence: event for event in events if event.stream_id == stream_id}
            self._keep(stream_id, mine)
        self.views.projection.project(list(self.received))

    def _keep(self, stream_id: str, events: dict[int, RecordedEvent]) -> None:
        for sequence in sorted(events):
            event = events[sequence]
            status = getattr(self.parsed(event), "status", None)
            key = (event.aggregate_type, event.aggregate_id)
            self.write.states[key] = RowState(version=event.version, status=status)
        self.write.records[stream_id] = WriteRecord(
            stream_id=stream_id, last_sequence=len(events), messages=events
        )
        record = ReportingRecord(log=events)
        history = StreamHistory.of(self.write.records[stream_id], record, newest_sequence=len(events))
        end = max(event.place for event in events.values())
        facts = {
            subject: FactRow(values=values, log_end=end)
            for subject, values in folded_facts(history, events).items()
        }
        self.reporting.records[stream_id] = replace(record, facts=facts)

    @staticmethod
    def parsed(event: RecordedEvent) -> object:
        return parse_event(
            ReceivedEvent(body=event.body.encode(), partition="", position=0, published=None)
        ).data

    def log(self, stream_id: str) -> dict[int, RecordedEvent]:
        """EventLog's rows of a stream, for a test to change."""
        rows = dict(self.reporting.records[stream_id].log)
        self.reporting.records[stream_id] = replace(self.reporting.records[stream_id], log=rows)
        return rows

    def facts(self, stream_id: str) -> dict[str, FactRow]:
        """The facts of a stream, for a test to change."""
        rows = dict(self.reporting.records[stream_id].facts)
        self.reporting.records[stream_id] = replace(self.reporting.records[stream_id], facts=rows)
        return rows

    def messages(self, stream_id: str) -> dict[int, RecordedEvent]:
        """The outbox's rows of a stream, for a test to change."""
        rows = dict(self.write.records[stream_id].messages)
        self.write.change(stream_id, messages=rows)
        return rows

    def wait_for(self, sink: str, stream_id: str, sequences: Iterable[int]) -> None:
        """As if a sink still had to get these."""
        waiting = {**self.write.records[stream_id].waiting, sink: frozenset(sequences)}
        assert sink in ROUTES
        self.write.change(stream_id, waiting=waiting)

    def audit(self, *, patience: float = 5.0) -> AuditReport:
        return Audit(
            self.parts,
            partitions=PARTITIONS,
            clock=self.clock,
            pause=self._pause,
            limits=AuditLimits(patience_seconds=patience, page_streams=2, page_events=20),
        )()

    @property
    def parts(self) -> AuditedParts:
        return AuditedParts(
            write=self.write,
            reporting=self.reporting,
            hubs=self.hubs,
            views=self.views,
            parked=self.views,
        )

    def _pause(self, seconds: float) -> None:
        self.clock.pause(seconds)
        if self.pauses:
            self.pauses.pop(0)()
