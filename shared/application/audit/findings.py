"""What an audit names, and in which words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

OUTBOX = "outbox"
WRITE_ROWS = "write-rows"
EVENT_LOG = "event-log"
FACTS = "facts"


class Kind(StrEnum):
    """What is wrong."""

    MISSING = "missing"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    """It is there, and nobody has written it."""
    MISPLACED = "misplaced"
    """It is on another partition than its stream's."""
    OUT_OF_ORDER = "out-of-order"
    """It came for the first time after a later one."""
    BEHIND = "behind"
    """A view has not got so far, and does not catch up while one waits."""
    UNREADABLE = "unreadable"
    PARKED = "parked"
    """It could not be projected, and waits for somebody to replay or to discard it."""


Span = tuple[int, int]
"""A range of sequences, both ends in it."""


def spans_of(sequences: Iterable[int]) -> tuple[Span, ...]:
    """Sequences as ranges, ascending."""
    spans: list[Span] = []
    for sequence in sorted(set(sequences)):
        if spans and spans[-1][1] == sequence - 1:
            spans[-1] = (spans[-1][0], sequence)
        else:
            spans.append((sequence, sequence))
    return tuple(spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong. `subject` is what is meant within the stream, such as a document."""

    kind: Kind
    station: str
    stream_id: str
    subject: str = ""
    spans: tuple[Span, ...] = ()
    detail: str = ""

    @property
    def sequences(self) -> frozenset[int]:
        """The sequences that it is about; none where it is about the whole."""
        return frozenset(sequence for first, last in self.spans for sequence in range(first, last + 1))

    def confirmed_by(self, later: Sequence["Finding"]) -> "Finding | None":
        """What of it is still wrong at a later look: None if nothing is, or if other events are meant by now."""
        for other in later:
            if (other.kind, other.station, other.subject) != (self.kind, self.station, self.subject):
                continue
            still = self.sequences & other.sequences
            if not (self.spans and other.spans):
                return other
            if still:
                return replace(other, spans=spans_of(still))
        return None


def finding(
    kind: Kind, station: str, stream_id: str, *, sequences: Iterable[int], detail: str = ""
) -> list[Finding]:
    """One finding about some sequences, or none if there are none."""
    spans = spans_of(sequences)
    return (
        [Finding(kind=kind, station=station, stream_id=stream_id, spans=spans, detail=detail)]
        if spans
        else []
    )


@dataclass(slots=True, kw_only=True)
class StationCount:
    """How much was looked at in a station: events, rows or documents.

    `waiting` and `discarded` are not expected there, `repeats` are allowed, and `unjudged` is older than what a hub keeps.
    """

    checked: int = 0
    waiting: int = 0
    discarded: int = 0
    repeats: int = 0
    unjudged: int = 0


@dataclass(slots=True, kw_only=True)
class AuditReport:
    """What an audit has looked at, and what it found. `remarks` say what could not be judged, and why."""

    streams: int = 0
    stations: dict[str, StationCount] = field(default_factory=dict[str, StationCount])
    findings: list[Finding] = field(default_factory=list[Finding])
    remarks: list[str] = field(default_factory=list[str])

    def count(self, station: str) -> StationCount:
        """The counts of a station."""
        return self.stations.setdefault(station, StationCount())

    @property
    def all_is_well(self) -> bool:
        """Whether there was something to look at, and nothing was wrong with it."""
        return self.streams > 0 and not self.findings
