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
from shared.infrastructure.eventhub.event_packing import add_event
from shared.infrastructure.eventhub.producer_client import (
    Connect,
    EventBatch,
    open_partition,
    open_partitions,
)

_log = logging.getLogger(__name__)

_OPEN_SECONDS = 10.0

_SENDS_PER_CONNECTING = 2
"""How many sends' time connecting may take: it sends nothing, and takes a second on a good day."""


class _DoesNotFitError(Exception):
    """A message is larger than the hub takes, though it was checked before its commit.

    The proof is that an empty batch, whose limit the hub itself has announced, has no room for it. (What the hub refuses
    beyond that, the SDK reports as an unknown error, so that nothing can be told from it.)
    """

    def __init__(self, message_id: int, reason: str) -> None:
        super().__init__(reason)
        self.poison = Poison(message_id=message_id, reason=reason)


class HubSink:
    """A `Sink`. Every send is cut after `send_seconds` from outside the SDK, whose own time-out may not come.

    Connecting has a longer limit of its own: were it a part of the send, a client that was replaced because a send was
    slow would have to be quicker than the one before, and a hub that is slow to connect to would never be reached.
    """

    def __init__(self, name: str, *, connect: Connect, partitions: int, send_seconds: float) -> None:
        self._name = name
        self._partitions = partitions
        self._send_seconds = send_seconds
        self._connect_seconds = _SENDS_PER_CONNECTING * send_seconds
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
                sent = await self._send_some(rest, partition=batch.lane % self._partitions, deadline=deadline)
                delivered += [message.id for message in islice(rest, sent)]
        except TimeoutError:
            return Delivery(ids=delivered, failure=Outage(reason="no answer in time"))
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
        limit = asyncio.timeout(self._connect_seconds)
        async with self._lease.client() as client, limit, self._checking:
            if self._checked:
                return
            actual = len(await client.get_partition_ids())
            if actual != self._partitions:
                raise PartitionMismatchError(self._name, expected=self._partitions, actual=actual)
            self._checked = True

    async def _send_some(
        self, messages: Sequence[OutboxMessage], *, partition: int, deadline: LeaseDeadline
    ) -> int:
        """Send as many as one batch takes, and say how many those were: none, if connecting took too long."""
        async with self._lease.client() as client:
            async with asyncio.timeout(self._connect_seconds):
                await open_partition(client, partition)
                batch = await client.create_batch(partition_id=str(partition))
            _fill(batch, messages)
            if not deadline.permits(self._send_seconds):
                return 0
            async with asyncio.timeout(self._send_seconds):
                await client.send_batch(batch)
        return len(batch)


def _fill(batch: EventBatch, messages: Sequence[OutboxMessage]) -> None:
    """Put messages in from the front, as many as there is room for.

    Raises:
        _DoesNotFitError: not even the first message does.
    """
    for message in messages:
        if not add_event(batch, message.body):
            break
    if len(batch) == 0:
        raise _DoesNotFitError(messages[0].id, "the hub has no room for it in an empty batch")
