"""What only a real broker can show: its own limits, and a consumer group that goes on where it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.application.outbox.ports import Poison
from tests.builders.hub_batches import committed, deliver
from tests.builders.outbox_messages import BoxOffice, a_message, a_reservation_message
from tests.integration.kafka.example import booked_seats, consumer, until_it_knows
from tests.integration.kafka.sinks import TOPIC, a_sink, deliver_all
from tests.servers.kafka_broker import KafkaBroker
from tests.servers.kafka_log import read_topic

pytestmark = [pytest.mark.integration, pytest.mark.full]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[KafkaBroker]:
    with KafkaBroker(tmp_path) as running:
        yield running


async def test_what_the_topics_own_limit_refuses_is_found_among_those_it_came_with(
    broker: KafkaBroker,
) -> None:
    broker.create_topic(TOPIC, partitions=8, config={"max.message.bytes": "100000"})
    messages = committed(a_reservation_message(), a_message(title="x" * 200_000), a_reservation_message())
    async with a_sink(broker.servers) as sink:
        delivery = await deliver(sink, messages)
    assert delivery.ids == [101]
    assert isinstance(delivery.failure, Poison)
    assert delivery.failure.message_id == 102
    assert [event.sequence for event in read_topic(broker.servers, TOPIC)] == [1]


async def test_the_documented_consumer_goes_on_where_it_was(broker: KafkaBroker, tmp_path: Path) -> None:
    broker.create_topic(TOPIC, partitions=8)
    office, last, database = BoxOffice(), BoxOffice(), tmp_path / "seats.db"
    booking = office.book(seats=2)
    messages = committed(booking.created, booking.confirmed, booking.cancelled_when_sold)
    await deliver_all(broker.servers, messages[:2])
    with consumer(broker.servers, database):
        await until_it_knows(database, office)
        assert booked_seats(database) == {str(office.showtime_id): 2}
    await deliver_all(broker.servers, messages)
    await deliver_all(broker.servers, messages[:1])
    await deliver_all(broker.servers, committed(last.book(seats=1).created))
    with consumer(broker.servers, database):
        await until_it_knows(database, last)
    assert booked_seats(database) == {str(last.showtime_id): 1}
