"""A master over a store and sinks in memory, and waiting for what it does."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.errors import OutboxStoreUnavailableError
from shared.application.outbox.master import OutboxMaster, SinkPlan
from shared.application.outbox.polling_pace import PollingPace
from shared.application.outbox.ports import Batch, Claim, Poison
from shared.application.outbox.sink_drain import DrainLimits
from tests.fakes.outbox_store import FakeOutboxStore
from tests.fakes.sinks import FakeSink

STREAMS = [f"showtime:{number}" for number in range(20)]
WHOLE_TEST = 60.0


class Unreliable(FakeOutboxStore):
    """A store whose methods fail as often as they are told to."""

    def __init__(self) -> None:
        super().__init__(backoff=Backoff(first_seconds=0.0))
        self.failures: Counter[str] = Counter()

    def _maybe_fail(self, method: str) -> None:
        if self.failures[method] > 0:
            self.failures[method] -= 1
            raise OutboxStoreUnavailableError(method)

    def lanes_with_work(self, *, sinks: Sequence[str]) -> dict[str, list[int]]:
        self._maybe_fail("lanes_with_work")
        return super().lanes_with_work(sinks=sinks)

    def claim(self, *, sink: str, lane: int, owner: str) -> Claim | None:
        self._maybe_fail("claim")
        return super().claim(sink=sink, lane=lane, owner=owner)

    def read(self, claim: Claim, *, limit: int) -> Batch:
        self._maybe_fail("read")
        return super().read(claim, limit=limit)

    def settle(
        self,
        claim: Claim,
        *,
        delivered: Sequence[int],
        failed: bool,
        held: Sequence[int] = (),
        poison: Poison | None = None,
    ) -> bool:
        self._maybe_fail("settle")
        return super().settle(claim, delivered=delivered, failed=failed, held=held, poison=poison)


def a_master(
    store: Unreliable, sinks: Mapping[str, FakeSink], *, threads: DatabaseThreads, owner: str = "one"
) -> OutboxMaster:
    return OutboxMaster(
        store=store,
        sinks={name: SinkPlan(sink=sink) for name, sink in sinks.items()},
        threads=threads,
        owner=owner,
        limits=DrainLimits(workers=3, batch_size=4, lease_seconds=15.0),
        pace=PollingPace(shortest_seconds=0.001, longest_seconds=0.005),
        random=Random(owner),  # noqa: S311 repeatable on purpose
    )


@asynccontextmanager
async def running(master: OutboxMaster) -> AsyncGenerator[None]:
    run = asyncio.create_task(master.run(budget_seconds=WHOLE_TEST))
    try:
        yield
    finally:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.002)
