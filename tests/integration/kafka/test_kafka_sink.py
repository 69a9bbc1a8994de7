"""What the Kafka sink does that no other hub's sink does: records as the binding has them, faults of its own."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import KafkaError

from shared.application.outbox.ports import Delivery, Poison
from tests.builders.hub_batches import LANE, committed, deliver
from tests.builders.outbox_messages import a_message, a_reservation_message
from tests.integration.kafka.sinks import TOPIC, a_sink
from tests.servers.hub_log import first_occurrences
from tests.servers.kafka_log import read_records, read_topic
from tests.servers.kafka_mock import MockCluster

pytestmark = pytest.mark.integration

PARTITION = LANE % 8


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    with MockCluster() as running:
        running.create_topic(TOPIC, partitions=8)
        yield running


def sequences(cluster: MockCluster) -> list[int]:
    return [event.sequence for event in read_topic(cluster.servers, TOPIC)]


async def test_a_record_is_a_cloud_event_in_structured_mode_keyed_by_its_stream(cluster: MockCluster) -> None:
    (message,) = committed(a_reservation_message("showtime:7"))
    async with a_sink(cluster.servers) as sink:
        await deliver(sink, [message])
    (record,) = read_records(cluster.servers, TOPIC)
    assert record.headers() == [("content-type", b"application/cloudevents+json; charset=UTF-8")]
    assert record.key() == b"showtime:7"
    assert json.loads(record.value() or b"") == {**json.loads(message.payload), "sequence": 1}


async def test_a_batch_travels_in_one_request_however_long_it_takes_to_fill(cluster: MockCluster) -> None:
    """The broker takes a record batch whole or not at all: nothing can be missing from its middle."""
    messages = committed(*(a_reservation_message() for _ in range(500)))
    async with a_sink(cluster.servers) as sink:
        cluster.start_counting()
        assert (await deliver(sink, messages)).failure is None
    assert cluster.count_requests() == 1


async def test_a_lost_answer_is_asked_for_again_without_a_failure(cluster: MockCluster) -> None:
    cluster.refuse(KafkaError.NOT_ENOUGH_REPLICAS, KafkaError.NOT_LEADER_FOR_PARTITION)
    messages = committed(a_reservation_message(), a_reservation_message())
    async with a_sink(cluster.servers) as sink:
        assert await deliver(sink, messages) == Delivery(ids=[101, 102])
    assert sequences(cluster) == [1, 2]


async def test_a_partition_is_followed_to_its_new_leader(cluster: MockCluster) -> None:
    messages = committed(*(a_reservation_message() for _ in range(6)))
    async with a_sink(cluster.servers) as sink:
        for place, message in enumerate(messages):
            cluster.move_leader(TOPIC, PARTITION, to=place % 3 + 1)
            assert await deliver(sink, [message]) == Delivery(ids=[message.id])
    assert sequences(cluster) == [1, 2, 3, 4, 5, 6]


async def test_after_a_refused_batch_nothing_later_is_sent(cluster: MockCluster) -> None:
    """Each message fills a record batch. The second is refused, and what comes after it must wait for it."""
    messages = committed(*(a_message(title="x" * 600_000) for _ in range(4)))
    async with a_sink(cluster.servers) as sink:
        cluster.refuse(0, KafkaError.INVALID_RECORD)
        refused = await deliver(sink, messages)
        written = sequences(cluster)
        again = await deliver(sink, messages[1:])
    assert refused.ids == [101]
    assert refused.failure is not None
    assert "INVALID_RECORD" in refused.failure.reason
    assert written == [1]
    assert again == Delivery(ids=[102, 103, 104])
    assert sequences(cluster) == [1, 2, 3, 4]


async def test_one_lane_that_is_refused_does_not_fail_another(cluster: MockCluster) -> None:
    """Lanes 19 and 27 share a partition, but no producer."""
    async with a_sink(cluster.servers) as sink:
        await sink.open()
        cluster.refuse(KafkaError.INVALID_RECORD)
        deliveries = await asyncio.gather(
            *(deliver(sink, committed(a_reservation_message()), lane=lane) for lane in (19, 27))
        )
    assert sorted(len(delivery.ids) for delivery in deliveries) == [0, 1]


async def test_what_a_broker_finds_too_large_is_found_among_those_it_came_with(cluster: MockCluster) -> None:
    """A broker refuses a record batch as a whole; sent one by one, the first two go and the third is it."""
    messages = committed(*(a_reservation_message() for _ in range(4)))
    too_large = KafkaError.MSG_SIZE_TOO_LARGE
    async with a_sink(cluster.servers) as sink:
        cluster.refuse(too_large, 0, 0, too_large)
        delivery = await deliver(sink, messages)
    assert delivery.ids == [101, 102]
    assert isinstance(delivery.failure, Poison)
    assert delivery.failure.message_id == 103
    assert sequences(cluster) == [1, 2]


async def test_a_batch_that_is_too_large_only_as_a_whole_is_taken_one_by_one(cluster: MockCluster) -> None:
    messages = committed(*(a_reservation_message() for _ in range(4)))
    async with a_sink(cluster.servers) as sink:
        cluster.refuse(KafkaError.MSG_SIZE_TOO_LARGE)
        assert await deliver(sink, messages) == Delivery(ids=[101, 102, 103, 104])
    assert sequences(cluster) == [1, 2, 3, 4]


async def test_an_answer_that_comes_too_late_leads_to_late_repeats_only(cluster: MockCluster) -> None:
    """The first batch was written, but nobody knows: it is sent again, and what follows comes after it."""
    messages = committed(*(a_message(title="x" * 600_000) for _ in range(3)))
    async with a_sink(cluster.servers, send_seconds=2.0) as sink:
        await sink.open()
        cluster.answer_after(10_000)
        cut = await deliver(sink, messages)
        cluster.answer_after(0)
        async with asyncio.timeout(30):
            while (await deliver(sink, messages)).failure is not None:
                await asyncio.sleep(0.05)
    assert cut.ids == []
    assert first_occurrences(sequences(cluster)) == [1, 2, 3]


async def test_the_reason_of_an_outage_says_what_the_connection_met(cluster: MockCluster) -> None:
    async with a_sink(cluster.servers, send_seconds=2.0) as sink:
        await sink.open()
        cluster.stop()
        delivery = await deliver(sink, committed(a_reservation_message()))
    assert delivery.failure is not None
    assert "Connection refused" in delivery.failure.reason or "brokers are down" in delivery.failure.reason


async def test_what_was_given_up_is_not_sent_later(cluster: MockCluster) -> None:
    """Its lane may have another owner by then, who is further on."""
    given_up, others = (
        committed(*(a_reservation_message("showtime:7") for _ in range(3))),
        committed(a_message()),
    )
    async with a_sink(cluster.servers, send_seconds=2.0) as sink:
        await sink.open()
        cluster.stop()
        assert (await deliver(sink, given_up)).failure is not None
        cluster.start()
        async with asyncio.timeout(30):
            while (await deliver(sink, others)).failure is not None:
                await asyncio.sleep(0.05)
    producers: Any = sink._producers  # pyright: ignore[reportPrivateUsage] what its threads still do must be over
    await asyncio.to_thread(producers._threads.shutdown)
    assert {event.stream_id for event in read_topic(cluster.servers, TOPIC)} == {others[0].stream_id}
