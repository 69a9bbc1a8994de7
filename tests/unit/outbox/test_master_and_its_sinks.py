"""The pipeline while sinks are down, hang, or are set up wrongly."""

import asyncio

import pytest

from shared.application.outbox.errors import PartitionMismatchError
from shared.application.outbox.master import OutboxMaster
from tests.builders.outbox_messages import a_reservation_message
from tests.fakes.sinks import FakeSink
from tests.unit.outbox.pipeline import STREAMS, WHOLE_TEST, Unreliable, running, until

pytestmark = pytest.mark.unit


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
