"""The pipeline, over a store and sinks in memory."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from random import Random

import pytest

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.errors import (
    OutboxStoreUnavailableError,
    PartitionMismatchError,
    UnknownSinkError,
)
from shared.application.outbox.master import OutboxMaster, SinkPlan
from shared.application.outbox.polling_pace import PollingPace
from shared.application.outbox.ports import Batch, Claim, Poison
from shared.application.outbox.routing import ROUTES
from shared.application.outbox.sink_drain import DrainLimits
from tests.builders.outbox_messages import a_reservation_message
from tests.fakes.outbox_store import FakeOutboxStore
from tests.fakes.sinks import FakeSink

pytestmark = pytest.mark.unit

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


@pytest.fixture
def store() -> Unreliable:
    return Unreliable()


@pytest.fixture
def sinks() -> dict[str, FakeSink]:
    return {name: FakeSink() for name in ROUTES}


@pytest.fixture
def threads() -> Iterator[DatabaseThreads]:
    with ThreadPoolExecutor(8) as executor:
        yield DatabaseThreads(executor)


@pytest.fixture
def master(store: Unreliable, sinks: dict[str, FakeSink], threads: DatabaseThreads) -> OutboxMaster:
    return OutboxMaster(
        store=store,
        sinks={name: SinkPlan(sink=sink) for name, sink in sinks.items()},
        threads=threads,
        owner="one",
        limits=DrainLimits(workers=3, batch_size=4, lease_seconds=15.0),
        pace=PollingPace(shortest_seconds=0.001, longest_seconds=0.005),
        random=Random(1),  # noqa: S311 repeatable on purpose
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


async def test_every_sink_gets_each_stream_in_order(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    for _ in range(7):
        store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    async with running(master):
        await until(lambda: not any(store.pending(sink) for sink in sinks))
    for sink in sinks.values():
        assert all(sink.first_occurrences(stream) == [1, 2, 3, 4, 5, 6, 7] for stream in STREAMS)
        assert len(sink.taken) == 7 * len(STREAMS)


async def test_it_lingers_and_takes_what_comes_later(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    async with running(master):
        await until(lambda: all(sink.opened for sink in sinks.values()))
        store.commit(a_reservation_message())
        await until(lambda: not any(store.pending(sink) for sink in sinks))


async def test_a_run_ends_with_its_budget_and_tells_what_it_did(
    master: OutboxMaster, store: Unreliable
) -> None:
    store.commit(a_reservation_message(), a_reservation_message())
    tallies = await master.run(budget_seconds=0.5)
    assert {name: tally.delivered for name, tally in tallies.items()} == dict.fromkeys(ROUTES, 2)


async def test_a_batch_in_hand_is_finished_beyond_the_budget(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    store.commit(a_reservation_message())
    gate = sinks["reporting"].gate = asyncio.Event()
    run = asyncio.create_task(master.run(budget_seconds=0.1))
    await until(lambda: bool(sinks["reporting"].batches))
    await asyncio.wait([run], timeout=0.3)
    assert not run.done()
    gate.set()
    await run
    assert store.pending("reporting") == []


async def test_one_sink_down_does_not_hold_up_the_others(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    sinks["domain-events"].outage = "down"
    store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    async with running(master):
        await until(lambda: not store.pending("reporting") and not store.pending("reservations"))
    assert len(store.pending("domain-events")) == len(STREAMS)


async def test_one_sink_that_hangs_does_not_hold_up_the_others(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    sinks["domain-events"].gate = asyncio.Event()
    store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    async with running(master):
        await until(lambda: not store.pending("reporting") and not store.pending("reservations"))


async def test_after_an_outage_everything_arrives_in_order(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    hub = sinks["domain-events"]
    hub.outage = "down"
    hub.taken_before_outage = 1
    for _ in range(3):
        store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    async with running(master):
        await until(lambda: len(hub.batches) > 3)
        hub.outage = None
        await until(lambda: not store.pending("domain-events"))
    assert all(hub.first_occurrences(stream) == [1, 2, 3] for stream in STREAMS)


async def test_while_a_sink_is_down_only_probes_reach_it(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    hub = sinks["domain-events"]
    hub.outage = "down"
    store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    async with running(master):
        await until(lambda: not store.pending("reporting") and not store.pending("reservations"))
    assert len(hub.batches) < len(STREAMS) / 2


async def test_an_unforeseen_error_of_a_sink_backs_its_lane_off(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    hub = sinks["domain-events"]
    hub.error = lambda: ZeroDivisionError("a mistake")
    store.commit(a_reservation_message())
    async with running(master):
        await until(lambda: len(hub.batches) > 1 and not store.pending("reporting"))
        hub.error = None
        await until(lambda: not store.pending("domain-events"))


async def test_a_misconfigured_sink_ends_the_run(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    sinks["domain-events"].error = lambda: PartitionMismatchError("domain-events", expected=8, actual=4)
    store.commit(a_reservation_message())
    with pytest.raises(ExceptionGroup) as failure:
        await master.run(budget_seconds=WHOLE_TEST)
    assert failure.group_contains(PartitionMismatchError)


async def test_deliveries_for_an_unknown_sink_refuse_the_run(
    store: Unreliable, threads: DatabaseThreads
) -> None:
    store.commit(a_reservation_message())
    alone = OutboxMaster(
        store=store,
        sinks={"reporting": SinkPlan(sink=FakeSink())},
        threads=threads,
        owner="one",
        limits=DrainLimits(workers=1, batch_size=4, lease_seconds=15.0),
        pace=PollingPace(shortest_seconds=0.001, longest_seconds=0.005),
        random=Random(1),  # noqa: S311 repeatable on purpose
    )
    with pytest.raises(UnknownSinkError):
        await alone.run(budget_seconds=WHOLE_TEST)


@pytest.mark.parametrize("method", ["lanes_with_work", "claim", "read"])
async def test_a_store_that_fails_for_a_while_is_asked_again(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink], method: str
) -> None:
    store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    store.failures[method] = 2
    async with running(master):
        await until(lambda: store.failures[method] == 0)
        store.advance(40.0)
        await until(lambda: not any(store.pending(sink) for sink in sinks))


async def test_an_acknowledgement_that_fails_is_tried_again_and_not_the_delivery(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    store.commit(a_reservation_message())
    store.failures["settle"] = 3
    async with running(master):
        await until(lambda: not any(store.pending(sink) for sink in sinks))
    assert [len(sink.taken) for sink in sinks.values()] == [1, 1, 1]


async def test_a_lost_lease_is_counted_and_nothing_is_acknowledged(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    (message_id,) = store.commit(a_reservation_message())
    gate = sinks["reporting"].gate = asyncio.Event()
    run = asyncio.create_task(master.run(budget_seconds=0.2))
    await until(lambda: bool(sinks["reporting"].batches))
    lane = sinks["reporting"].batches[0].lane
    store.advance(15.1)
    assert store.claim(sink="reporting", lane=lane, owner="two") is not None
    gate.set()
    tallies = await run
    assert tallies["reporting"].lost_leases == 1
    assert store.pending("reporting") == [message_id]


async def test_two_masters_share_the_work_without_repeating_it(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink], threads: DatabaseThreads
) -> None:
    others = {name: FakeSink() for name in ROUTES}
    second = OutboxMaster(
        store=store,
        sinks={name: SinkPlan(sink=sink) for name, sink in others.items()},
        threads=threads,
        owner="two",
        limits=DrainLimits(workers=3, batch_size=4, lease_seconds=15.0),
        pace=PollingPace(shortest_seconds=0.001, longest_seconds=0.005),
        random=Random(2),  # noqa: S311 repeatable on purpose
    )
    for _ in range(5):
        store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    async with running(master), running(second):
        await until(lambda: not any(store.pending(sink) for sink in sinks))
    for name in ROUTES:
        assert len(sinks[name].taken) + len(others[name].taken) == 5 * len(STREAMS)


async def test_it_says_which_sinks_it_can_reach(master: OutboxMaster, sinks: dict[str, FakeSink]) -> None:
    down = next(iter(sinks))
    sinks[down].outage = "down"
    before = master.sinks_reachable()
    async with running(master):
        await until(lambda: sum(master.sinks_reachable().values()) == len(sinks) - 1)
    assert before == dict.fromkeys(sinks, False)
    assert not master.sinks_reachable()[down]


async def test_a_sink_that_goes_down_is_no_longer_reachable(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    async with running(master):
        await until(lambda: all(master.sinks_reachable().values()))
        down = next(iter(sinks))
        sinks[down].outage = "down"
        store.commit(a_reservation_message())
        await until(lambda: not master.sinks_reachable()[down])
