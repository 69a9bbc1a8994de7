"""The pipeline with a sink that refuses a message for good, over a store and sinks in memory."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.master import OutboxMaster, SinkPlan
from shared.application.outbox.polling_pace import PollingPace
from shared.application.outbox.routing import ROUTES
from shared.application.outbox.sink_drain import DrainLimits
from tests.builders.outbox_messages import a_reservation_message, streams_of_one_lane
from tests.fakes.outbox_store import FakeOutboxStore
from tests.fakes.sinks import FakeSink

pytestmark = pytest.mark.unit

SICK, *SOUND = streams_of_one_lane(4)


@pytest.fixture
def store() -> FakeOutboxStore:
    return FakeOutboxStore(backoff=Backoff(first_seconds=0.0))


@pytest.fixture
def sinks() -> dict[str, FakeSink]:
    return {name: FakeSink() for name in ROUTES}


@pytest.fixture
def master(store: FakeOutboxStore, sinks: dict[str, FakeSink]) -> Iterator[OutboxMaster]:
    with ThreadPoolExecutor(8) as executor:
        yield OutboxMaster(
            store=store,
            sinks={name: SinkPlan(sink=sink) for name, sink in sinks.items()},
            threads=DatabaseThreads(executor),
            owner="one",
            limits=DrainLimits(workers=2, batch_size=4, lease_seconds=15.0),
            pace=PollingPace(shortest_seconds=0.001, longest_seconds=0.005),
            random=Random(1),  # noqa: S311 repeatable on purpose
        )


async def run_until(master: OutboxMaster, condition: Callable[[], bool]) -> None:
    run = asyncio.create_task(master.run(budget_seconds=60.0))
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.002)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)


async def test_poison_holds_its_stream_in_its_sink_and_nothing_else(
    master: OutboxMaster, store: FakeOutboxStore, sinks: dict[str, FakeSink]
) -> None:
    sick = store.commit(*(a_reservation_message(SICK) for _ in range(6)))
    for _ in range(6):
        store.commit(*(a_reservation_message(stream) for stream in SOUND))
    hub = sinks["domain-events"]
    hub.refused = {sick[2]}
    await run_until(
        master,
        lambda: (
            store.pending("domain-events") == sick[2:]
            and not store.pending("reporting")
            and not store.pending("reservations")
        ),
    )
    assert hub.first_occurrences(SICK) == [1, 2]
    assert all(hub.first_occurrences(stream) == [1, 2, 3, 4, 5, 6] for stream in SOUND)
    assert master.sinks_reachable()["domain-events"]


async def test_a_redriven_stream_is_carried_to_its_end_in_order(
    master: OutboxMaster, store: FakeOutboxStore, sinks: dict[str, FakeSink]
) -> None:
    sick = store.commit(*(a_reservation_message(SICK) for _ in range(10)))
    hub = sinks["domain-events"]
    hub.refused = {sick[2]}
    await run_until(master, lambda: bool(store.held_streams("domain-events")))
    hub.refused = set()
    (hold_id,) = store.held_streams("domain-events")
    store.redrive(hold_id)
    store.advance(15.1)  # the first run was cut off, and may have left its lease
    store.commit(*(a_reservation_message(SICK) for _ in range(3)))
    await run_until(master, lambda: not store.pending("domain-events"))
    assert hub.first_occurrences(SICK) == list(range(1, 14))
    assert store.held_streams("domain-events") == {}


async def test_many_poisoned_streams_are_each_held_once(
    master: OutboxMaster, store: FakeOutboxStore, sinks: dict[str, FakeSink]
) -> None:
    first = store.commit(*(a_reservation_message(stream) for stream in SOUND))
    store.commit(*(a_reservation_message(stream) for stream in (SICK, *SOUND)))
    hub = sinks["domain-events"]
    hub.refused = set(first)
    await run_until(
        master,
        lambda: (
            set(store.held_streams("domain-events").values()) == set(SOUND)
            and hub.first_occurrences(SICK) == [1]
        ),
    )
    assert len(store.pending("domain-events")) == 2 * len(SOUND)


async def test_a_run_tells_how_many_messages_were_poisoned(
    master: OutboxMaster, store: FakeOutboxStore, sinks: dict[str, FakeSink]
) -> None:
    sinks["reporting"].refused = set(store.commit(*(a_reservation_message(stream) for stream in SOUND)))
    tallies = await master.run(budget_seconds=1.0)
    assert (tallies["reporting"].poisoned, tallies["reporting"].outages) == (len(SOUND), 0)
