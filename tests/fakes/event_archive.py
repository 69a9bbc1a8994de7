"""EventLog in memory."""

import json
from collections.abc import Collection, Sequence

from shared.application.projections.received_events import ReceivedEvent


class FakeEventArchive:
    """Events by their places in their streams; it remembers which streams it was asked for."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, int], ReceivedEvent] = {}
        self.asked: list[str] = []

    def keep(self, *events: ReceivedEvent) -> None:
        for event in events:
            self.events[_place(event)] = event

    def has(self, event: ReceivedEvent) -> bool:
        return _place(event) in self.events

    def read(self, stream_id: str, *, sequences: Collection[int], limit: int) -> Sequence[ReceivedEvent]:
        self.asked.append(stream_id)
        known = [self.events.get((stream_id, sequence)) for sequence in sorted(sequences)]
        return [event for event in known if event is not None][:limit]


def _place(event: ReceivedEvent) -> tuple[str, int]:
    envelope = json.loads(event.body)
    return envelope["partitionkey"], envelope["sequence"]
