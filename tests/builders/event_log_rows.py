"""Rows of EventLog, as the reporting sink leaves them."""

from typing import Any

from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.envelope import parse_envelope


def event_row(event: ReceivedEvent) -> dict[str, Any]:
    """A row of EventLog."""
    envelope = parse_envelope(event.body)
    return {
        "EventId": envelope.id,
        "StreamId": envelope.partitionkey,
        "Sequence": envelope.sequence,
        "AggregateType": "Showtime",
        "AggregateId": envelope.subject,
        "Version": 1,
        "Type": envelope.type,
        "Payload": event.body.decode(),
        "OccurredAt": envelope.time,
    }
