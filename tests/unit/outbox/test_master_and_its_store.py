"""The pipeline while its store fails, or another master has taken its lane."""

import asyncio

import pytest

from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.errors import UnknownSinkError
from shared.application.outbox.master import OutboxMaster
from tests.builders.outbox_messages import a_reservation_message
from tests.fakes.sinks import FakeSink
from tests.unit.outbox.pipeline import STREAMS, WHOLE_TEST, Unreliable, a_master, running, until

pytestmark = pytest.mark.unit


async def test_deliveries_for_an_unknown_sink_refuse_the_run(
    store: Unreliable, threads: DatabaseThreads
) -> None:
    store.commit(a_reservation_message())
    alone = a_master(store, {"reporting": FakeSink()}, threads=threads)
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
