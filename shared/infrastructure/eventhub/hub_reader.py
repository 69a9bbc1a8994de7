"""A hub read from its first records to its end, for the audit."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from azure.eventhub.exceptions import EventHubError

from shared.application.audit.ports import HubEvent, PartitionEnd, StationUnreadableError
from shared.application.outbox.errors import PartitionMismatchError
from shared.infrastructure.eventhub.consumer_client import ConnectConsumer, ConsumerClient, connected
from shared.infrastructure.eventhub.partition_reading import IncompleteReadingError, PartitionReading

Take = Callable[[HubEvent], None]


class EventHubReader:
    """A `HubReader`. Each reading has a connection of its own; a hub that gives nothing for `patience_seconds` is down.

    The time-out is ours, since the SDK's own may not come. Where the hub ends is asked before a reading begins, so that
    a hub that is silent is told from one that has nothing.
    """

    def __init__(
        self, sink: str, *, connect: ConnectConsumer, partitions: int, patience_seconds: float
    ) -> None:
        self._sink = sink
        self._connect = connect
        self._partitions = partitions
        self._patience_seconds = patience_seconds

    def read(self, *, start: Mapping[int, int], take: Take) -> dict[int, PartitionEnd]:
        """See `HubReader.read`."""
        try:
            return asyncio.run(self._read(start, take=take))
        except TimeoutError as error:
            reason = f"no answer in {self._patience_seconds:g} s"
            raise StationUnreadableError(self._sink, reason) from error
        except (EventHubError, IncompleteReadingError, OSError) as error:
            raise StationUnreadableError(self._sink, str(error)) from error

    async def _read(self, start: Mapping[int, int], *, take: Take) -> dict[int, PartitionEnd]:
        async with connected(self._connect) as client:
            async with asyncio.timeout(self._patience_seconds):
                actual = len(await client.get_partition_ids())
            if actual != self._partitions:
                raise PartitionMismatchError(self._sink, expected=self._partitions, actual=actual)
            tasks = {
                partition: asyncio.ensure_future(
                    self._read_partition(client, partition, first=start.get(partition, 0), take=take)
                )
                for partition in range(self._partitions)
            }
            try:
                await asyncio.gather(*tasks.values())
            finally:
                for task in tasks.values():
                    task.cancel()
                await asyncio.gather(*tasks.values(), return_exceptions=True)
            return {partition: task.result() for partition, task in tasks.items()}

    async def _read_partition(
        self, client: ConsumerClient, partition: int, *, first: int, take: Take
    ) -> PartitionEnd:
        async with asyncio.timeout(self._patience_seconds):
            properties: dict[str, Any] = await client.get_partition_properties(str(partition))
        last: int = properties["last_enqueued_sequence_number"]
        if last < first - 1:
            raise IncompleteReadingError(f"partition {partition} begins anew: the hub was replaced")
        if last < first:
            return PartitionEnd(next=first, kept_since=None)
        if properties["is_empty"]:
            return PartitionEnd(next=last + 1, kept_since=properties["last_enqueued_time_utc"])
        reading = PartitionReading(
            partition=partition,
            next=first,
            last=last,
            take=take,
            patience_seconds=self._patience_seconds,
        )
        return await reading.run(client)
