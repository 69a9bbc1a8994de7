"""The typed edge of azure-eventhub's asynchronous producer: what this product uses of it, and nothing else."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

from azure.eventhub.aio import EventHubProducerClient

from shared.infrastructure.eventhub.namespace import Namespace, client_for

_SDK_RETRIES = 1
"""One, for a connection that the service has closed in silence; what fails again is ours to back off from."""


class EventBatch(Protocol):
    """Events that travel in one AMQP message, up to the size that the hub takes; `event_packing` puts them in."""

    def __len__(self) -> int: ...


class ProducerClient(Protocol):
    """The connections to one hub's partitions. Each connects when it is first used."""

    async def get_partition_ids(self) -> list[str]: ...

    async def create_batch(self, *, partition_id: str) -> EventBatch: ...

    async def send_batch(self, event_data_batch: EventBatch) -> None: ...

    async def close(self) -> None: ...


class _Producer(EventHubProducerClient):
    """Asks a hub for its partitions once: the SDK asks again, over a connection of its own, before the first send."""

    _known: list[str] | None = None

    async def get_partition_ids(self) -> list[str]:
        """The ids, as the hub has told them."""
        if self._known is None:
            self._known = await super().get_partition_ids()
        return self._known


Connect = Callable[[], ProducerClient]
"""Makes a client that has not connected yet."""


def connect_with(namespace: Namespace, *, hub: str) -> Connect:
    """How to reach a hub of a namespace."""

    def connect() -> ProducerClient:
        client = client_for(
            _Producer,
            namespace,
            eventhub_name=hub,
            retry_total=_SDK_RETRIES,
            retry_backoff_factor=0.1,
        )
        return cast(ProducerClient, client)

    return connect


async def open_partitions(client: ProducerClient, count: int) -> None:
    """Connect to every partition ahead of the first send to it, which would take a second longer otherwise.

    Before its first batch the SDK also connects to the hub as a whole, to ask how large one may be.
    """
    first_batch = client.create_batch(partition_id="0")
    await asyncio.gather(*(open_partition(client, number) for number in range(count)), first_batch)


async def open_partition(client: ProducerClient, number: int) -> None:
    """Connect to a partition, unless that is done.

    The SDK has no public way to do so. The members are those of the pinned version; a test sees that they work.
    """
    partition_id, sdk = str(number), cast(Any, client)
    await sdk._start_producer(partition_id, None)  # noqa: SLF001 no public way
    producer = sdk._producers[partition_id]  # noqa: SLF001 no public way
    async with producer._lock:  # noqa: SLF001 what a send holds too
        await producer._open_with_retry()  # noqa: SLF001 no public way
