"""One sink's share of the pipeline: its queue of hints, its workers' loop, its circuit breaker.

Nothing here is shared with another sink, so that one that is down or slow can't hold up the rest.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from shared.application.outbox.circuit_breaker import CircuitBreaker
from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.errors import OutboxMisconfiguredError, OutboxStoreUnavailableError
from shared.application.outbox.lane_queue import LaneQueue
from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.ports import Batch, Claim, Delivery, Outage, OutboxStore, Poison, Sink

_log = logging.getLogger(__name__)

_SETTLE_RETRY_SECONDS = 0.2
_SETTLE_SECONDS = 1.0
_HINTS_PER_WORKER = 2


@dataclass(slots=True, kw_only=True)
class DrainTally:
    """What a sink's workers have done in one run."""

    delivered: int = 0
    poisoned: int = 0
    outages: int = 0
    lost_leases: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainLimits:
    """How much a sink's workers take on at once. The lease is in seconds."""

    workers: int
    batch_size: int
    lease_seconds: float


class SinkDrain:
    """Carries lanes to one sink, a batch at a time, for the length of one run."""

    def __init__(
        self,
        name: str,
        *,
        sink: Sink,
        store: OutboxStore,
        threads: DatabaseThreads,
        owner: str,
        limits: DrainLimits,
        breaker: CircuitBreaker,
        random: Random,
    ) -> None:
        self.name = name
        self.tally = DrainTally()
        self._sink = sink
        self._store = store
        self._threads = threads
        self._owner = owner
        self._limits = limits
        self._breaker = breaker
        self._random = random
        self._hints = LaneQueue(capacity=limits.workers * _HINTS_PER_WORKER)

    @property
    def wants_hints(self) -> bool:
        """Whether a poll for this sink would be of use."""
        return self._hints.has_room

    def offer(self, lanes: Sequence[int]) -> bool:
        """Hint lanes with work, in an order of chance, so that no lane and no master is always first.

        Returns:
            Whether there is something new to do: not while all are in hand, or the sink is down.
        """
        shuffled = self._random.sample(lanes, len(lanes))
        return self._hints.offer(self._breaker.admit(shuffled))

    def close(self) -> None:
        """End the run: batches in hand are finished, hints are dropped."""
        self._hints.close()

    async def open(self) -> None:
        """Connect to the sink ahead of its first message."""
        if await self._sink.open():
            self._breaker.succeeded()
        else:
            self._breaker.failed()

    async def work(self) -> None:
        """One worker: claim a hinted lane, carry one batch, release; until closed."""
        while (lane := await self._hints.next()) is not None:
            try:
                more = await self._carry_one_batch(lane)
            finally:
                self._hints.done(lane)
            if more:
                self._hints.offer((lane,))

    async def _carry_one_batch(self, lane: int) -> bool:
        """Whether the lane is likely to have more."""
        deadline = LeaseDeadline.starting_now(lease_seconds=self._limits.lease_seconds)
        try:
            claim = await self._threads.call(self._store.claim, sink=self.name, lane=lane, owner=self._owner)
            if claim is None:
                return False
            batch = await self._threads.call(self._store.read, claim, limit=self._limits.batch_size)
            delivery = await self._deliver(batch, deadline=deadline) if batch.messages else Delivery(ids=())
            await self._settle(claim, batch, delivery, deadline=deadline)
        except OutboxStoreUnavailableError as error:
            _log.warning("outbox_store_unavailable sink=%s lane=%d error=%s", self.name, lane, error)
            return False
        return self._has_more(claim, batch, delivery)

    def _has_more(self, claim: Claim, batch: Batch, delivery: Delivery) -> bool:
        if isinstance(delivery.failure, Outage):
            return False
        done = len(delivery.ids) + len(batch.held)
        return delivery.failure is not None or claim.siding is not None or done >= self._limits.batch_size

    async def _deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:
        try:
            delivery = await self._sink.deliver(batch, deadline=deadline)
        except OutboxMisconfiguredError:
            raise
        except Exception as error:  # noqa: BLE001 a sink's unforeseen error must back off its lane, not stop the other sinks
            _log.exception("outbox_sink_raised sink=%s lane=%d", self.name, batch.lane)
            delivery = Delivery(ids=(), failure=Outage(reason=repr(error)))
        self._judge(delivery, lane=batch.lane)
        return delivery

    def _judge(self, delivery: Delivery, *, lane: int) -> None:
        self.tally.delivered += len(delivery.ids)
        if isinstance(delivery.failure, Poison):
            self.tally.poisoned += 1
            _log.error(
                "outbox_message_poisoned sink=%s lane=%d message=%d reason=%s",
                self.name, lane, delivery.failure.message_id, delivery.failure.reason,
            )  # fmt: skip
            return
        if delivery.failure is None:
            self._breaker.succeeded()
            return
        self.tally.outages += 1
        self._breaker.failed()
        if self._breaker.is_open:
            self._hints.drop_waiting()
        _log.warning(
            "outbox_sink_outage sink=%s lane=%d delivered=%d reason=%s",
            self.name, lane, len(delivery.ids), delivery.failure.reason,
        )  # fmt: skip

    async def _settle(
        self, claim: Claim, batch: Batch, delivery: Delivery, *, deadline: LeaseDeadline
    ) -> None:
        """Acknowledge and release, trying for as long as the lease lasts: what is not settled is sent again."""
        while True:
            try:
                settled = await self._threads.call(
                    self._store.settle,
                    claim,
                    delivered=delivery.ids,
                    failed=isinstance(delivery.failure, Outage),
                    held=batch.held,
                    poison=delivery.failure if isinstance(delivery.failure, Poison) else None,
                )
                break
            except OutboxStoreUnavailableError:
                if not deadline.permits(_SETTLE_SECONDS):
                    raise
                await asyncio.sleep(_SETTLE_RETRY_SECONDS)
        if not settled:
            self.tally.lost_leases += 1
            _log.warning("outbox_lease_lost sink=%s lane=%d epoch=%d", claim.sink, claim.lane, claim.epoch)
