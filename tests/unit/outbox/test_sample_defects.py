"""What goes wrong in the .NET sample's drain, each time shown to go wrong there first, and then not here."""

import asyncio

import pytest

from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.lanes import lane_of
from shared.application.outbox.master import OutboxMaster
from shared.application.outbox.messages import NewMessage
from tests.builders.outbox_messages import BoxOffice, a_reservation_message, streams_of_one_lane
from tests.fakes.sinks import FakeSink
from tests.unit.outbox.pipeline import STREAMS, Unreliable, a_master, running, until
from tests.unit.outbox.sample_drain import RefusedError, SampleOutbox

pytestmark = pytest.mark.unit

HUB = "domain-events"


class Broker:
    """Takes messages but those of one stream, and takes longer for the type that it was told."""

    def __init__(self, *, refusing: str = "", slow_type: str = "") -> None:
        self.taken: list[NewMessage] = []
        self._refusing = refusing
        self._slow_type = slow_type

    async def publish(self, message: NewMessage) -> None:
        if message.stream_id == self._refusing:
            raise RefusedError
        for _ in range(10 if message.type == self._slow_type else 1):
            await asyncio.sleep(0)
        self.taken.append(message)


def bookings() -> list[NewMessage]:
    """Each of some streams has a reservation that is created and then confirmed."""
    booked = [BoxOffice(stream_id=stream).book(seats=1) for stream in STREAMS]
    return [message for booking in booked for message in (booking.created, booking.confirmed)]


def test_negative_control_marked_before_it_is_published_a_crash_loses_the_batch() -> None:
    outbox = SampleOutbox([a_reservation_message(stream) for stream in STREAMS])
    outbox.claim(10)  # and here the process dies
    assert len(outbox.claim(100)) == len(STREAMS) - 10


async def test_a_crash_between_claim_and_delivery_loses_nothing(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    (message_id,) = store.commit(a_reservation_message(STREAMS[0]))
    claim = store.claim(sink=HUB, lane=lane_of(STREAMS[0]), owner="one that dies")
    assert claim is not None
    assert [message.id for message in store.read(claim, limit=10).messages] == [message_id]
    store.advance(15.1)
    async with running(master):
        await until(lambda: not any(store.pending(sink) for sink in sinks))
    assert [message.id for message in sinks[HUB].taken] == [message_id]


async def test_negative_control_one_refused_row_repeats_its_batch_and_keeps_the_rest_waiting() -> None:
    sick, *sound = streams_of_one_lane(4)
    outbox = SampleOutbox([a_reservation_message(stream) for stream in (*sound, sick, "showtime:behind")])
    broker = Broker(refusing=sick)
    for _ in range(5):
        await outbox.publish_claimed(outbox.claim(4), publish=broker.publish)
    assert [message.stream_id for message in broker.taken] == [*sound] * 5


async def test_one_refused_message_repeats_no_other_and_keeps_none_waiting(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    sick, *sound = streams_of_one_lane(4)
    *_, refused, _ = store.commit(
        *(a_reservation_message(stream) for stream in (*sound, sick, "showtime:behind"))
    )
    sinks[HUB].refused = {refused}
    async with running(master):
        await until(lambda: store.pending(HUB) == [refused] and bool(store.held_streams(HUB)))
    assert sorted(message.stream_id for message in sinks[HUB].taken) == sorted([*sound, "showtime:behind"])


async def test_negative_control_published_by_type_a_confirmation_overtakes_its_creation() -> None:
    outbox = SampleOutbox(bookings())
    broker = Broker(slow_type="cinema.reservation.created.v1")
    await outbox.publish_claimed(outbox.claim(100), publish=broker.publish)
    first = [message.type for message in broker.taken if message.stream_id == STREAMS[0]]
    assert first == ["cinema.reservation.confirmed.v1", "cinema.reservation.created.v1"]


async def test_no_confirmation_overtakes_its_creation(
    master: OutboxMaster, store: Unreliable, sinks: dict[str, FakeSink]
) -> None:
    store.commit(*bookings())
    async with running(master):
        await until(lambda: not any(store.pending(sink) for sink in sinks))
    for stream in STREAMS:
        types = [message.type for message in sinks[HUB].taken if message.stream_id == stream]
        assert types == ["cinema.reservation.created.v1", "cinema.reservation.confirmed.v1"]


async def test_negative_control_a_second_job_that_fails_loses_what_it_has_read() -> None:
    outbox = SampleOutbox([a_reservation_message("showtime:0")])
    healthy = Broker()
    await outbox.second_job(10, publish=Broker(refusing="showtime:0").publish)
    await outbox.publish_claimed(outbox.claim(10), publish=healthy.publish)
    assert healthy.taken == []


async def test_a_second_master_that_fails_loses_nothing(
    store: Unreliable, sinks: dict[str, FakeSink], threads: DatabaseThreads
) -> None:
    failing = {name: FakeSink() for name in sinks}
    failing[HUB].outage = "the hub is down for this one"
    committed = store.commit(*(a_reservation_message(stream) for stream in STREAMS))
    async with running(a_master(store, failing, threads=threads, owner="two")):
        await until(lambda: bool(failing[HUB].batches))
        async with running(a_master(store, sinks, threads=threads)):
            await until(lambda: not store.pending(HUB))
    assert sorted(message.id for message in sinks[HUB].taken) == committed
