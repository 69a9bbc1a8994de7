"""The typed edge of confluent-kafka's producer: it writes one record batch at a time, and nothing else.

The library is imported when the first producer is made, so that it may be missing where nobody chooses Kafka.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from shared.infrastructure.kafka.records import HEADERS, LARGEST_BATCH_BYTES, Record

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message

_LOOK_SECONDS = 0.1
"""How often a send looks up whether a record was refused; an answer to all of them ends it at once."""

_IDEMPOTENT: Mapping[str, Any] = {
    "enable.idempotence": True,
    "acks": "all",
    # One record batch is under way at a time. Nothing is sent before `flush` asks for it, so that it is one batch
    # indeed, and nothing is given up before `send` does so: what times out by itself leaves gaps (decision 25).
    "max.in.flight": 1,
    "linger.ms": 900_000,
    "message.timeout.ms": 0,
    "batch.size": LARGEST_BATCH_BYTES,
    "message.max.bytes": LARGEST_BATCH_BYTES,
}

_CONNECTION: Mapping[str, Any] = {
    "socket.keepalive.enable": True,
    "reconnect.backoff.max.ms": 1_000,
    "log_level": 2,  # every attempt to connect would be a line; the last error stands in the reason of the outage
}


class KafkaUnavailableError(Exception):
    """The cluster does not answer or let us in, or does not know the topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How many records, from the front of a batch, the topic has for sure, and what kept it from taking the next."""

    count: int
    failure: str | None = None
    too_large: bool = False


class BatchProducer:
    """One librdkafka producer. Used by one thread at a time; a send that fails closes it, with all that it holds."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        """Begin to connect, in the background; with tokens, wait for the first one, up to 10 s.

        Raises:
            KafkaUnavailableError: no token could be had, or a property is refused.
        """
        from confluent_kafka import KafkaException, Producer  # noqa: PLC0415 it may be missing

        self._last_error = ""
        self._is_open = True
        try:
            self._producer = Producer(
                {**_CONNECTION, **properties, **_IDEMPOTENT, "error_cb": self._note_error}
            )
        except KafkaException as error:
            raise KafkaUnavailableError(str(error.args[0])) from error

    @property
    def is_open(self) -> bool:
        """Whether it can be used again."""
        return self._is_open

    def count_partitions(self, topic: str, *, give_up_at: float) -> int:
        """How many partitions a topic has, by asking for all topics: asked by name, a broker may create it.

        Raises:
            KafkaUnavailableError: there was no answer until `give_up_at`, or there is no such topic.
        """
        from confluent_kafka import KafkaException  # noqa: PLC0415 it may be missing

        try:
            topics = self._producer.list_topics(timeout=max(0.0, give_up_at - time.monotonic())).topics
        except KafkaException as error:
            self._producer.poll(0)
            raise KafkaUnavailableError(self._explained(str(error.args[0]))) from error
        if topic not in topics:
            raise KafkaUnavailableError(f"unknown topic {topic!r}")
        return len(topics[topic].partitions)

    def send(self, records: Sequence[Record], *, topic: str, partition: int, give_up_at: float) -> Sent:
        """Write a batch to a partition, in order, and wait for the answer until `give_up_at`.

        What has not been answered by then is dropped, and the producer with it, so that nothing is sent later that
        comes after something that was not.
        """
        if time.monotonic() >= give_up_at:
            return Sent(count=0, failure=self._explained("no time left to send"))
        reports = _Reports()
        self._produce(records, topic=topic, partition=partition, reports=reports)
        while self._producer.flush(_LOOK_SECONDS) and not reports.refused and time.monotonic() < give_up_at:
            pass
        if len(reports.taken) < len(records):
            self.close()
        return self._sent(reports, of=len(records))

    def close(self) -> None:
        """Drop what is waiting, and end the connections."""
        if self._is_open:
            self._is_open = False
            self._producer.purge(blocking=False)
            self._producer.close()

    def _produce(self, records: Sequence[Record], *, topic: str, partition: int, reports: "_Reports") -> None:
        from confluent_kafka import KafkaException  # noqa: PLC0415 it may be missing

        for place, record in enumerate(records):
            try:
                self._producer.produce(
                    topic,
                    value=record.value,
                    key=record.key,
                    partition=partition,
                    headers=HEADERS,
                    on_delivery=partial(reports.note, place),
                )
            except KafkaException as error:
                reports.refused[place] = error.args[0]
                return

    def _sent(self, reports: "_Reports", *, of: int) -> Sent:
        taken = next(place for place in count() if place not in reports.taken)
        if taken == of:
            return Sent(count=taken)
        error = reports.refused.get(taken)
        if error is None or error.code() in {error._PURGE_QUEUE, error._PURGE_INFLIGHT}:  # noqa: SLF001 their public names
            return Sent(count=taken, failure=self._explained("no answer in time"))
        too_large = error.code() in {error.MSG_SIZE_TOO_LARGE, error.RECORD_LIST_TOO_LARGE}
        return Sent(count=taken, failure=str(error), too_large=too_large)

    def _note_error(self, error: "KafkaError") -> None:
        """Remember what librdkafka tells of its connections. Most of it passes by itself."""
        self._last_error = error.str()

    def _explained(self, reason: str) -> str:
        return f"{reason} ({self._last_error})" if self._last_error else reason


class _Reports:
    """The delivery reports of one batch, by a record's place in it."""

    def __init__(self) -> None:
        self.taken: set[int] = set()
        self.refused: dict[int, KafkaError] = {}

    def note(self, place: int, error: "KafkaError | None", _message: "Message") -> None:
        if error is None:
            self.taken.add(place)
        else:
            self.refused[place] = error


ConnectProducer = Callable[[], BatchProducer]
"""Makes a producer that connects in the background."""


def connect_with(servers: str, *, security: Mapping[str, Any]) -> ConnectProducer:
    """How to reach a cluster by its bootstrap servers."""
    return lambda: BatchProducer({"bootstrap.servers": servers, "client.id": "cinema-outbox", **security})
