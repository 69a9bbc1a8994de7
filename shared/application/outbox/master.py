"""The master: one poller, and for each sink a bounded queue with workers of its own, for the length of a budget.

    poller ──hints──▶ queue per sink ──▶ workers: claim, read, deliver, acknowledge one batch, release

It drains until the outbox is empty and then lingers, looking ever more seldom, until the budget ends. Several
masters may run at once without knowing of each other: the claim is what keeps them apart.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.circuit_breaker import CircuitBreaker
from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.errors import OutboxStoreUnavailableError
from shared.application.outbox.polling_pace import PollingPace
from shared.application.outbox.ports import OutboxStore, Sink
from shared.application.outbox.sink_drain import DrainLimits, DrainTally, SinkDrain

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkPlan:
    """A sink, and how many partitions its lanes are spread over; 0 if it has none."""

    sink: Sink
    partitions: int = 0


class OutboxMaster:
    """Moves committed messages to every sink that they concern. One run at a time for each master."""

    def __init__(
        self,
        *,
        store: OutboxStore,
        sinks: Mapping[str, SinkPlan],
        threads: DatabaseThreads,
        sink_threads: Mapping[str, DatabaseThreads],
        owner: str,
        limits: DrainLimits,
        pace: PollingPace,
        random: Random,
    ) -> None:
        self._store = store
        self._sinks = sinks
        self._threads = threads
        self._sink_threads = sink_threads
        self._owner = owner
        self._limits = limits
        self._pace = pace
        self._random = random
        self._backoff = Backoff(random=random)
        self._breakers = {
            name: CircuitBreaker(backoff=self._backoff, probe_seconds=limits.lease_seconds) for name in sinks
        }
        self._prepared = False

    def sinks_reachable(self) -> Mapping[str, bool]:
        """For each sink, whether it could be reached when it was last tried; False before the first try has ended."""
        return {name: breaker.last_succeeded for name, breaker in self._breakers.items()}

    async def run(self, *, budget_seconds: float) -> Mapping[str, DrainTally]:
        """Carry messages until the budget ends; batches in hand are finished beyond it.

        Returns:
            For each sink, what was done.

        Raises:
            OutboxMisconfiguredError: the stored outbox does not fit these sinks.
            OutboxStoreUnavailableError: the store could not be prepared.
            ExceptionGroup: anything unforeseen; what was in hand waits for its lease to end.
        """
        ends_at = time.monotonic() + budget_seconds
        await self._prepare()
        drains = [self._drain(name) for name in self._sinks]
        async with asyncio.TaskGroup() as group:
            openings = [group.create_task(drain.open()) for drain in drains]
            for drain in drains:
                for _ in range(self._limits.workers):
                    group.create_task(drain.work())
            await self._poll(drains, ends_at=ends_at)
            for opening, drain in zip(openings, drains, strict=True):
                opening.cancel()
                drain.close()
        return {drain.name: drain.tally for drain in drains}

    async def _prepare(self) -> None:
        if not self._prepared:
            partitions = {name: plan.partitions for name, plan in self._sinks.items()}
            await self._threads.call(self._store.prepare, partitions=partitions)
            self._prepared = True

    def _drain(self, name: str) -> SinkDrain:
        return SinkDrain(
            name,
            sink=self._sinks[name].sink,
            store=self._store,
            threads=self._sink_threads[name],
            owner=self._owner,
            limits=self._limits,
            breaker=self._breakers[name],
            random=self._random,
        )

    async def _poll(self, drains: Sequence[SinkDrain], *, ends_at: float) -> None:
        failures = 0
        while (left := ends_at - time.monotonic()) > 0:
            try:
                await self._hint(drains)
                failures = 0
            except OutboxStoreUnavailableError as error:
                failures += 1
                _log.warning("outbox_store_unavailable failures=%d error=%s", failures, error)
            await asyncio.sleep(min(left, self._pace.seconds() + self._backoff.seconds(failures)))

    async def _hint(self, drains: Sequence[SinkDrain]) -> None:
        wanting = {drain.name: drain for drain in drains if drain.wants_hints}
        if not wanting:
            return
        lanes = await self._threads.call(self._store.lanes_with_work, sinks=tuple(wanting))
        busy = [name for name, found in lanes.items() if wanting[name].offer(found)]
        if busy:
            self._pace.saw_work()
