"""An oracle that reads a Kafka topic with a plain consumer: every record, partition after partition."""

import json
import time
from itertools import groupby

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from tests.servers.hub_log import LoggedEvent

_SECONDS = 20.0


def read_topic(servers: str, topic: str) -> list[LoggedEvent]:
    """The events of a topic, in each partition's order."""
    return [_event(message) for message in read_records(servers, topic)]


def read_records(servers: str, topic: str) -> list[Message]:
    """The records of a topic as they are, in each partition's order."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "oracle", "enable.auto.commit": False})
    try:
        numbers = sorted(consumer.list_topics(topic, timeout=_SECONDS).topics[topic].partitions)
        expected = {number: _count(consumer, topic, number) for number in numbers}
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in numbers])
        records: list[Message] = []
        ends_at = time.monotonic() + _SECONDS
        while len(records) < sum(expected.values()):
            assert time.monotonic() < ends_at, "the topic could not be read to its end"
            records += consumer.consume(1_000, timeout=0.05)
        assert not [message.error() for message in records if message.error()]
    finally:
        consumer.close()
    records.sort(key=lambda message: (message.partition() or 0, message.offset() or 0))
    found = {number: len(list(group)) for number, group in groupby(records, key=Message.partition)}
    assert found == {number: count for number, count in expected.items() if count}
    return records


def _count(consumer: Consumer, topic: str, partition: int) -> int:
    first, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_SECONDS)
    return end - first


def _event(message: Message) -> LoggedEvent:
    body, partition = message.value(), message.partition()
    assert body is not None
    assert partition is not None
    envelope = json.loads(body)
    return LoggedEvent(partition, envelope["partitionkey"], envelope["sequence"], envelope, body, body)
