"""Events as they come from the hub, and what is left after parsing."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.envelope import SequencedEnvelope, parse_envelope
from shared.contracts.event_data import parse_data
from shared.contracts.events import EventData


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedEvent:
    """A message of the hub. `position` is its sequence number in the partition, not in a stream.

    One that was read from EventLog instead has its stream for a partition, and its sequence there for a position.
    """

    body: bytes
    partition: str
    position: int
    published: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEvent:
    """A message whose envelope and data are sound."""

    received: ReceivedEvent
    envelope: SequencedEnvelope
    data: EventData

    @property
    def sequence(self) -> int:
        """Its place in its stream, from 1."""
        return self.envelope.sequence


def parse_event(received: ReceivedEvent) -> ParsedEvent:
    """Parse a message.

    Raises:
        MalformedEventError: it is no envelope of ours, or its data does not fit its type.
        UnknownEventTypeError: nobody here knows its type.
    """
    envelope = parse_envelope(received.body)
    return ParsedEvent(received=received, envelope=envelope, data=parse_data(envelope))
