"""The documented consumer, run as it is documented."""

from pathlib import Path

import pytest

from tests.builders.hub_batches import committed
from tests.builders.outbox_messages import BoxOffice
from tests.integration.kafka.example import booked_seats, consumer, until_it_knows
from tests.integration.kafka.sinks import TOPIC, deliver_all
from tests.servers.kafka_mock import MockCluster

pytestmark = pytest.mark.integration


async def test_it_counts_what_is_booked_and_drops_repeats(tmp_path: Path) -> None:
    office, last, database = BoxOffice(), BoxOffice(), tmp_path / "seats.db"
    first, second = office.book(seats=2), office.book(seats=3)
    messages = committed(first.created, second.created, first.cancelled_while_held, second.confirmed)
    with MockCluster() as cluster:
        cluster.create_topic(TOPIC, partitions=8)
        await deliver_all(cluster.servers, messages)
        await deliver_all(cluster.servers, messages[:2])  # the first is cancelled, and must stay so
        await deliver_all(cluster.servers, committed(last.book(seats=1).created))
        with consumer(cluster.servers, database):
            await until_it_knows(database, last)
    assert booked_seats(database) == {str(office.showtime_id): 3, str(last.showtime_id): 1}
