"""A few events looked for in the one partition of a hub that can have them."""

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from azure.eventhub.exceptions import EventHubError

from shared.application.audit.ports import HubEvent, StationUnreadableError
from shared.application.outbox.lanes import lane_of
from shared.infrastructure.eventhub.consumer_client import ConnectConsumer, connected
from shared.infrastructure.eventhub.partition_reading import IncompleteReadingError, PartitionReading


class EventHubSearch:
    """A `HubSearch`. It ends when it has found everything, at the partition's end, or after `seconds`."""

    def __init__(self, sink: str, *, connect: ConnectConsumer, partitions: int, seconds: float) -> None:
        self._sink = sink
        self._connect = connect
        self._partitions = partitions
        self._seconds = seconds

    def find(self, stream_id: str, *, sequences: Collection[int], since: datetime) -> Mapping[int, datetime]:
        """See `HubSearch.find`."""
        search = _Wanted(stream_id, frozenset(sequences))
        try:
            asyncio.run(self._search(search, since=since))
        except TimeoutError as error:
            raise StationUnreadableError(
                self._sink, f"its end was not reached in {self._seconds:g} s"
            ) from error
        except (EventHubError, IncompleteReadingError, OSError) as error:
            raise StationUnreadableError(self._sink, str(error)) from error
        return search.found

    async def _search(self, wanted: "_Wanted", *, since: datetime) -> None:
        partition = lane_of(wanted.stream_id) % self._partitions
        async with connected(self._connect) as client, asyncio.timeout(self._seconds):
            properties: dict[str, Any] = await client.get_partition_properties(str(partition))
            if properties["is_empty"] or properties["last_enqueued_time_utc"] < since:
                return
            reading = PartitionReading(
                partition=partition,
                next=0,
                last=properties["last_enqueued_sequence_number"],
                take=wanted.take,
                patience_seconds=self._seconds,
                since=since,
                enough=wanted.all_found,
            )
            await reading.run(client)


@dataclass(slots=True)
class _Wanted:
    stream_id: str
    sequences: frozenset[int]
    found: dict[int, datetime] = field(default_factory=dict[int, datetime])

    def take(self, event: HubEvent) -> None:
        """Note when an event was taken for the first time; what is no event of ours is another's affair."""
        if self.stream_id.encode() not in event.body:
            return
        try:
            envelope: dict[str, Any] = json.loads(event.body)
            stream_id, sequence = envelope["partitionkey"], envelope["sequence"]
        except (ValueError, TypeError, LookupError):
            return
        if stream_id == self.stream_id and sequence in self.sequences:
            self.found.setdefault(sequence, event.enqueued_at)

    def all_found(self) -> bool:
        return self.found.keys() >= self.sequences
