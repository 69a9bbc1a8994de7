"""What has happened in a stream, by all that is known: the outbox's word first, then EventLog's."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.application.audit.records import Events, RecordedEvent, ReportingRecord, WriteRecord
from shared.application.projections.received_events import ParsedEvent, ReceivedEvent, parse_event
from shared.contracts.envelope import MalformedEventError
from shared.contracts.event_data import UnknownEventTypeError


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHistory:
    """A stream's events by sequence. `newest_sequence` is the last one by a look *after* everything else was read.

    `lost` are in no table; `unreadable` are in one, but are no events of ours. An event of an unknown type is in `events`
    alone.
    """

    write: WriteRecord
    reporting: ReportingRecord
    newest_sequence: int
    events: Events
    parsed: Mapping[int, ParsedEvent]
    lost: frozenset[int]
    unreadable: frozenset[int]

    @classmethod
    def of(cls, write: WriteRecord, reporting: ReportingRecord, *, newest_sequence: int) -> "StreamHistory":
        """Put together what two databases know."""
        events = {**reporting.log, **write.messages}
        parsed: dict[int, ParsedEvent] = {}
        unreadable: set[int] = set()
        for sequence in sorted(events):
            try:
                parsed[sequence] = parse_event(as_received(events[sequence]))
            except UnknownEventTypeError:
                continue
            except MalformedEventError:
                unreadable.add(sequence)
        return cls(
            write=write,
            reporting=reporting,
            newest_sequence=newest_sequence,
            events=events,
            parsed=parsed,
            lost=frozenset(range(1, write.last_sequence + 1)) - events.keys(),
            unreadable=frozenset(unreadable),
        )

    @property
    def stream_id(self) -> str:
        """Whose history it is."""
        return self.write.stream_id

    @property
    def known(self) -> frozenset[int]:
        """The sequences that were committed when the stream was read, and are in a table."""
        return frozenset(sequence for sequence in self.events if sequence <= self.write.last_sequence)

    @property
    def is_whole(self) -> bool:
        """Whether it can be folded: every event is there and can be read."""
        return not self.lost and not self.unreadable


def as_received(event: RecordedEvent) -> ReceivedEvent:
    """An event as the projector takes it, though it does not come from a hub: its place is the one in its stream."""
    return ReceivedEvent(
        body=event.body.encode(), partition=event.stream_id, position=event.sequence, published=None
    )
