"""Deliver again what an audit has missed. To repair again changes nothing that is right by then.

- *A hub* gets the stream once more from the first event that it lacks, or that came late: a log can only be appended to,
  and who reads on gets everything from there in its order. Masters carry it; it waits in the outbox until they have.
- *EventLog* gets the rows that it lacks, and the stream's facts are counted anew, in one transaction: a master would
  count the seats of an event that the facts already have a second time.
- *Views*: documents that are wrong are removed, and the stream's events are projected again.

Everything else is left as it is, and stays named: what is different, unknown or misplaced has to be understood first.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.application.audit.findings import EVENT_LOG, FACTS, Finding, Kind
from shared.application.audit.ports import ReportingReader, WriteReader
from shared.application.audit.records import RecordedEvent, ReportingRecord, WriteRecord
from shared.application.audit.stream_history import StreamHistory, as_received
from shared.application.audit.view_checks import OWN_VIEW, published, station_of
from shared.application.audit.view_folds import kind_of, own_id
from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS, sinks_of
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ReservationDocument

_PROJECTED_AT_ONCE = 500
_NOT_ARRIVED = frozenset({Kind.MISSING, Kind.OUT_OF_ORDER})
_NOT_RIGHT = frozenset({Kind.DIFFERS, Kind.UNREADABLE})
_NOT_SHOWN = frozenset({Kind.MISSING, Kind.BEHIND})


class Redelivery(Protocol):
    """The outbox."""

    def deliver_again(self, sink: str, events: Sequence[RecordedEvent]) -> int:
        """Let events of a stream wait for a sink once more; answers how many did not wait yet.

        Raises:
            StationUnreadableError: the database does not answer; nothing was changed.
        """
        ...


class ReportingRepair(Protocol):
    """The reporting database."""

    def restore(self, stream_id: str, events: Sequence[RecordedEvent]) -> None:
        """Archive those of the events that are not there, and count the facts of the stream anew.

        Raises:
            StationUnreadableError: the database does not answer, or an event can't be counted; nothing was changed.
        """
        ...


class ViewRemoval(Protocol):
    """The views, and the cache in front of them."""

    def remove(self, view: str, document_id: str) -> None:
        """Take a document away.

        Raises:
            StationUnreadableError: the views do not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairParts:
    """Where a repair reads and writes."""

    write: WriteReader
    reporting: ReportingReader
    redelivery: Redelivery
    facts: ReportingRepair
    removal: ViewRemoval
    project: Callable[[Sequence[ReceivedEvent]], None]


@dataclass(slots=True, kw_only=True)
class Repaired:
    """What was done: deliveries that wait now, streams archived and counted anew, streams projected again."""

    deliveries: int = 0
    restored: int = 0
    projected: int = 0


@dataclass(slots=True)
class _Wanted:
    """What is to be done about one stream."""

    from_sequence: dict[str, int] = field(default_factory=dict[str, int])
    archive: set[int] = field(default_factory=set[int])
    recount: bool = False
    project: bool = False
    removals: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])


class Repair:
    """Call it with what an audit has found."""

    def __init__(self, parts: RepairParts) -> None:
        self._parts = parts

    def __call__(self, findings: Iterable[Finding]) -> Repaired:
        """Do what can be done.

        Raises:
            StationUnreadableError: a part does not answer. What was done stays done.
            ViewStoreUnavailableError: the views can't be written.
        """
        done = Repaired()
        for stream_id, wanted in sorted(_by_stream(findings).items()):
            self._repair(stream_id, wanted, done=done)
        return done

    def _repair(self, stream_id: str, wanted: _Wanted, *, done: Repaired) -> None:
        for view, document_id in sorted(wanted.removals):
            self._parts.removal.remove(view, document_id)
        # Read after the removal: what a projector has applied before it is committed, and so among these.
        write = self._parts.write.read([stream_id]).get(stream_id)
        if write is None:
            return
        reporting = self._parts.reporting.read([stream_id]).get(stream_id, ReportingRecord())
        history = StreamHistory.of(write, reporting, newest_sequence=write.last_sequence)
        for sink, first in wanted.from_sequence.items():
            again = _due(history, sink, first=first)
            done.deliveries += self._parts.redelivery.deliver_again(sink, again) if again else 0
        if wanted.archive or wanted.recount:
            messages = write.messages
            lost = [messages[sequence] for sequence in sorted(wanted.archive & messages.keys())]
            self._parts.facts.restore(stream_id, lost)
            done.restored += 1
        if wanted.project:
            self._project(history)
            done.projected += 1

    def _project(self, history: StreamHistory) -> None:
        sequences = sorted(published(history) & history.parsed.keys())
        for first in range(0, len(sequences), _PROJECTED_AT_ONCE):
            some = sequences[first : first + _PROJECTED_AT_ONCE]
            self._parts.project([as_received(history.events[sequence]) for sequence in some])


def _due(history: StreamHistory, sink: str, *, first: int) -> list[RecordedEvent]:
    """The events from one on that concern a sink, but for those that wait for it and the gaps that were allowed."""
    write: WriteRecord = history.write
    sequences: Collection[int] = history.known - write.excused(sink)
    return [
        history.events[sequence]
        for sequence in sorted(sequences)
        if sequence >= first and sink in sinks_of(history.events[sequence].type)
    ]


def _by_stream(findings: Iterable[Finding]) -> dict[str, _Wanted]:
    wanted: dict[str, _Wanted] = defaultdict(_Wanted)
    for finding in findings:
        if finding.stream_id:
            _note(wanted[finding.stream_id], finding)
    return wanted


def _note(wanted: _Wanted, finding: Finding) -> None:
    if finding.station in {DOMAIN_EVENTS, RESERVATIONS} and finding.kind in _NOT_ARRIVED:
        first = min(finding.sequences)
        wanted.from_sequence[finding.station] = min(first, wanted.from_sequence.get(finding.station, first))
    elif finding.station == EVENT_LOG and finding.kind is Kind.MISSING:
        wanted.archive |= finding.sequences
    elif finding.station == FACTS:
        wanted.recount = True
    elif document := _document_of(finding):
        wanted.project |= finding.kind in _NOT_SHOWN | _NOT_RIGHT
        if finding.kind in _NOT_RIGHT:
            wanted.removals.add(document)


def _document_of(finding: Finding) -> tuple[str, str] | None:
    """The view and the id of the document that a finding is about."""
    if finding.station == station_of(ReservationDocument.view):
        return ReservationDocument.view, finding.subject
    view = OWN_VIEW.get(kind_of(finding.stream_id), "")
    return (view, own_id(finding.stream_id)) if finding.station == station_of(view) else None
