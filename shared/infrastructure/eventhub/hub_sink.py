"""An Event Hub as a sink: each lane's messages to one partition, packed as full as the hub takes them."""

import asyncio
import logging
from collections.abc import Sequence
from itertools import islice

from azure.eventhub.exceptions import EventHubError

from shared.application.outbox.errors import PartitionMismatchError
from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Batch, Delivery, Outage, Poison
from shared.infrastructure.eventhub.client_lease import ClientLease
from shared.infrastructure.eventhub.producer_client import (
    Connect,
    EventBatch,
    ProducerClient,
    cloud_event,
    open_partitions,
)

_log = logging.getLogger(__name__)

_OPEN_SECONDS = 10.0


class _DoesNotFitError(Exception):
    """A message is larger than the hub takes, though it was checked before its commit.

    The proof is that an empty batch, whose limit the hub itself has announced, has no room for it. (What the hub refuses
    beyond that, the SDK reports as an unknown error, so that nothing can be told from it.)
    """

    def __init__(self, message_id: int, reason: str) -> None:
        super().__init__(reason)
        self.poison = Poison(message_id=message_id, reason=reason)


class HubSink:
    """A `Sink`. Every send is cut after `send_seconds` from outside the SDK, whose own time-out may not come."""

    def __init__(self, name: str, *, connect: Connect, partitions: int, send_seconds: float) -> None:
        self._name = name
        self._partitions = partitions
        self._send_seconds = send_seconds
        self._lease = ClientLease(connect)
        self._checked = False
        self._checking = asyncio.Lock()

    async def open(self) -> bool:
        """See `Sink.open`."""
        try:
            await self._check_partitions()
            async with self._lease.client() as client, asyncio.timeout(_OPEN_SECONDS):
                await open_partitions(client, self._partitions)
        except (TimeoutError, EventHubError, OSError) as error:
            _log.warning("event_hub_not_ready sink=%s error=%r", self._name, error)
            return False
        return True

    async def deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:
        """See `Sink.deliver`."""
        delivered: list[int] = []
        try:
            await self._check_partitions()
            while (rest := batch.messages[len(delivered) :]) and deadline.permits(self._send_seconds):
                sent = await self._send_some(rest, partition=batch.lane % self._partitions)
                delivered += [message.id for message in islice(rest, sent)]
        except TimeoutError:
            return Delivery(ids=delivered, failure=Outage(reason=f"no answer in {self._send_seconds} s"))
        except _DoesNotFitError as error:
            return Delivery(ids=delivered, failure=error.poison)
        except (EventHubError, OSError) as error:
            return Delivery(ids=delivered, failure=Outage(reason=repr(error)))
        return Delivery(ids=delivered)

    async def aclose(self) -> None:
        """Close the connections to the hub."""
        await self._lease.aclose()

    async def _check_partitions(self) -> None:
        """Before the first send, since another number would send streams to other partitions.

        Raises:
            PartitionMismatchError: the hub has another number than its lanes are spread over.
        """
        async with self._checking:
            if self._checked:
                return
            async with self._lease.client() as client, asyncio.timeout(self._send_seconds):
                actual = len(await client.get_partition_ids())
            if actual != self._partitions:
                raise PartitionMismatchError(self._name, expected=self._partitions, actual=actual)
            self._checked = True

    async def _send_some(self, messages: Sequence[OutboxMessage], *, partition: int) -> int:
        """Send as many as one batch takes, and say how many those were."""
        async with self._lease.client() as client, asyncio.timeout(self._send_seconds):
            packed = await _pack(client, messages, partition=partition)
            await client.send_batch(packed)
            return len(packed)


async def _pack(client: ProducerClient, messages: Sequence[OutboxMessage], *, partition: int) -> EventBatch:
    """Fill a batch from the front.

    Raises:
        _DoesNotFitError: not even the first message does.
    """
    packed = await client.create_batch(partition_id=str(partition))
    for message in messages:
        try:
            packed.add(cloud_event(message.body))
        except ValueError as error:
            if len(packed) == 0:
                raise _DoesNotFitError(message.id, f"the hub has no room for it: {error}") from error
            break
    return packed
