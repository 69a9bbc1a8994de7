"""Sinks in memory: one that takes everything, one that fails as it is told, one that the test can hold up."""

import asyncio
from collections.abc import Callable

from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Batch, Delivery, Outage, Poison


class FakeSink:
    """Takes messages and remembers them in order, unless `fails` says otherwise."""

    def __init__(self) -> None:
        self.taken: list[OutboxMessage] = []
        self.batches: list[Batch] = []
        self.opened = 0
        self.concurrent: dict[int, int] = {}
        self.error: Callable[[], Exception] | None = None
        self.outage: str | None = None
        self.taken_before_outage = 0
        self.gate: asyncio.Event | None = None
        self.refused: set[int] = set()

    async def open(self) -> bool:
        self.opened += 1
        return self.outage is None

    async def deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:
        del deadline
        assert not self.concurrent.get(batch.lane), "two batches of a lane at once"
        self.concurrent[batch.lane] = 1
        try:
            return await self._deliver(batch)
        finally:
            self.concurrent[batch.lane] = 0

    async def _deliver(self, batch: Batch) -> Delivery:
        self.batches.append(batch)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error()
        if self.outage is not None:
            taken = batch.messages[: self.taken_before_outage]
            self.taken += taken
            return Delivery(ids=[message.id for message in taken], failure=Outage(reason=self.outage))
        ids = [message.id for message in batch.messages]
        refused = next((message_id for message_id in ids if message_id in self.refused), None)
        if refused is not None:
            self.taken += batch.messages[: ids.index(refused)]
            poison = Poison(message_id=refused, reason="refused")
            return Delivery(ids=ids[: ids.index(refused)], failure=poison)
        self.taken += batch.messages
        return Delivery(ids=[message.id for message in batch.messages])

    def first_occurrences(self, stream_id: str) -> list[int]:
        sequences = [message.sequence for message in self.taken if message.stream_id == stream_id]
        return list(dict.fromkeys(sequences))
