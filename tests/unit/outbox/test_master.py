"""The pipeline, over a store and sinks in memory."""

import asyncio

import pytest

from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.master import OutboxMaster
from shared.application.outbox.routing import ROUTES
from tests.builders.outbox_messages import a_reservation_message
from tests.fakes.sinks import FakeSink
from tests.unit.outbox.pipeline import STREAMS, Unreliable, a_master, running, until

pytestmark = pytest.mark.unit


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


async def test_two_masters_share_the_work_without_repeating_it(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink], threads: DatabaseThreads
) -> None:
    others = {name: FakeSink() for name in ROUTES}
    second = a_master(store, others, threads=threads, owner="two")
    for _ in range(5):
        store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    async with running(master), running(second):
        await until(lambda: not any(store.pending(sink) for sink in sinks))
    for name in ROUTES:
        assert len(sinks[name].taken) + len(others[name].taken) == 5 * len(STREAMS)
