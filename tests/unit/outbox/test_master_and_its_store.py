"""The pipeline while its store fails, or another master has taken its lane."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from threading import Event

import pytest

from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.errors import UnknownSinkError
from shared.application.outbox.master import OutboxMaster
from shared.application.outbox.ports import Claim, Poison
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


async def test_a_master_at_work_does_not_mind_a_sink_of_a_newer_release(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    of_newer = replace(a_reservation_message(), sinks=("search-index",))
    async with running(master):
        store.commit(a_reservation_message("showtime:1"))
        await until(lambda: not any(store.pending(sink) for sink in sinks))
        store.commit(of_newer)
        store.commit(a_reservation_message("showtime:1"))
        await until(lambda: not any(store.pending(sink) for sink in sinks))
    assert len(store.pending("search-index")) == 1


async def test_two_releases_share_the_outbox_each_for_its_sinks(
    store: Unreliable, sinks: dict[str, FakeSink], threads: DatabaseThreads
) -> None:
    newer = {**{name: FakeSink() for name in sinks}, "search-index": FakeSink()}
    async with running(a_master(store, sinks, threads=threads)):
        await until(lambda: all(sink.opened for sink in sinks.values()))
        async with running(a_master(store, newer, threads=threads, owner="newer")):
            for stream in STREAMS:
                store.commit(replace(a_reservation_message(stream), sinks=tuple(newer)))
            await until(lambda: not any(store.pending(sink) for sink in newer))
    both = [message.id for name in sinks for message in (*sinks[name].taken, *newer[name].taken)]
    assert len(both) == len(STREAMS) * len(sinks)
    assert len(newer["search-index"].taken) == len(STREAMS)


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


class Stuck(Unreliable):
    """A store that does not come back from one sink's acknowledgement until it is let go."""

    def __init__(self, sink: str) -> None:
        super().__init__()
        self.sink = sink
        self.let_go = Event()

    def settle(
        self,
        claim: Claim,
        *,
        delivered: Sequence[int],
        failed: bool,
        held: Sequence[int] = (),
        poison: Poison | None = None,
    ) -> bool:
        if claim.sink == self.sink:
            self.let_go.wait(timeout=30)
        return super().settle(claim, delivered=delivered, failed=failed, held=held, poison=poison)


async def test_one_sinks_statements_do_not_wait_for_anothers(sinks: dict[str, FakeSink]) -> None:
    store = Stuck("domain-events")
    store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    with ExitStack() as stack:
        pools = {
            name: DatabaseThreads(stack.enter_context(ThreadPoolExecutor(1)), answer_seconds=15.0)
            for name in ("poll", *sinks)
        }
        stack.callback(store.let_go.set)
        master = a_master(store, sinks, threads=pools["poll"], sink_threads=pools)
        async with running(master):
            await until(lambda: not store.pending("reporting") and not store.pending("reservations"))
            assert store.pending("domain-events")
            store.let_go.set()


async def test_a_store_that_falls_silent_does_not_keep_the_run_from_its_end(
    sinks: dict[str, FakeSink],
) -> None:
    store = Stuck("domain-events")
    store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    with ExitStack() as stack:
        pools = {
            name: DatabaseThreads(stack.enter_context(ThreadPoolExecutor(1)), answer_seconds=0.2)
            for name in ("poll", *sinks)
        }
        stack.callback(store.let_go.set)
        master = a_master(store, sinks, threads=pools["poll"], sink_threads=pools, lease_seconds=0.5)
        tallies = await master.run(budget_seconds=0.5)
        assert tallies["reporting"].delivered == len(STREAMS)
        assert not store.let_go.is_set()
