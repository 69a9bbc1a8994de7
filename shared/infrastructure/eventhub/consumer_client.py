"""The typed edge of azure-eventhub's asynchronous consumer: what this product uses of it, and nothing else."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol, cast

from azure.eventhub.aio import EventHubConsumerClient

from shared.infrastructure.eventhub.namespace import Namespace, client_for

FROM_THE_START = "-1"
"""The position before the first record that a partition still has."""

_SDK_RETRIES = 2
_CLOSE_SECONDS = 5.0


class ReceivedRecord(Protocol):
    """A record of a partition."""

    sequence_number: int
    enqueued_time: datetime

    @property
    def body(self) -> Any:
        """Its data, in the pieces in which it came."""
        ...


TakeRecords = Callable[[object, Sequence[ReceivedRecord]], Awaitable[None]]
TakeFailure = Callable[[object, Exception], Awaitable[None]]


class ConsumerClient(Protocol):
    """The connections of a reader to one hub."""

    async def get_partition_ids(self) -> list[str]: ...

    async def get_partition_properties(self, partition_id: str) -> dict[str, Any]: ...

    async def receive_batch(
        self,
        on_event_batch: TakeRecords,
        *,
        partition_id: str,
        starting_position: str | int | datetime,
        max_wait_time: float,
        on_error: TakeFailure,
    ) -> None:
        """Give records until it is cancelled, from the one after a sequence number or a moment on."""
        ...

    async def close(self) -> None: ...


ConnectConsumer = Callable[[], ConsumerClient]
"""Makes a client that has not connected yet."""


def connect_consumer_with(namespace: Namespace, *, hub: str, group: str) -> ConnectConsumer:
    """How to read a hub of a namespace. It takes no ownership, so that it disturbs nobody who reads too."""

    def connect() -> ConsumerClient:
        client = client_for(
            EventHubConsumerClient,
            namespace,
            consumer_group=group,
            eventhub_name=hub,
            retry_total=_SDK_RETRIES,
        )
        return cast(ConsumerClient, client)

    return connect


@asynccontextmanager
async def connected(connect: ConnectConsumer) -> AsyncGenerator[ConsumerClient]:
    """A client for as long as the context lasts. One that hangs while it closes is left behind."""
    client = connect()
    try:
        yield client
    finally:
        await asyncio.wait({asyncio.ensure_future(client.close())}, timeout=_CLOSE_SECONDS)
