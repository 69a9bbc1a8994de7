"""A Kafka topic as a sink: each lane's messages to one partition, a record batch at a time."""

import asyncio
import logging
import time
from collections.abc import Sequence
from functools import partial

from shared.application.outbox.errors import PartitionMismatchError
from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Batch, Delivery, Outage, Poison
from shared.infrastructure.kafka.batch_producer import (
    BatchProducer,
    ConnectProducer,
    KafkaUnavailableError,
    Sent,
)
from shared.infrastructure.kafka.producer_pool import ProducerPool
from shared.infrastructure.kafka.records import Record, leading_batch

_log = logging.getLogger(__name__)

_SHARE_OF_WAITING = 0.8
"""Of a send's time: the rest is for letting the producer go, before the send is cut from outside."""


class KafkaSink:
    """A `Sink`. Every send gives up within `send_seconds`, or else is cut from outside after them."""

    def __init__(
        self,
        name: str,
        *,
        topic: str,
        connect: ConnectProducer,
        partitions: int,
        send_seconds: float,
        sends_at_once: int,
    ) -> None:
        self._name = name
        self._topic = topic
        self._partitions = partitions
        self._send_seconds = send_seconds
        self._producers = ProducerPool(connect, size=sends_at_once)
        self._checked = False
        self._checking = asyncio.Lock()

    async def open(self) -> bool:
        """See `Sink.open`."""
        try:
            await self._producers.fill(seconds=self._send_seconds)
            await self._check_partitions()
        except (TimeoutError, KafkaUnavailableError) as error:
            _log.warning("kafka_not_ready sink=%s error=%r", self._name, error)
            return False
        return True

    async def deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:
        """See `Sink.deliver`."""
        delivered: list[int] = []
        most = len(batch.messages)
        try:
            await self._check_partitions()
            while (rest := batch.messages[len(delivered) :]) and deadline.permits(self._send_seconds):
                records = leading_batch(rest, most=most)
                sent = await self._send(records, partition=batch.lane % self._partitions)
                delivered += [message.id for message in rest[: sent.count]]
                if sent.too_large and len(records) > 1:
                    # A broker refuses the whole record batch: one by one it tells which record it was.
                    most = 1
                elif sent.failure is not None:
                    return Delivery(ids=delivered, failure=_failure(sent, rest=rest))
        except TimeoutError:
            return Delivery(ids=delivered, failure=Outage(reason=f"no answer in {self._send_seconds} s"))
        except KafkaUnavailableError as error:
            return Delivery(ids=delivered, failure=Outage(reason=str(error)))
        return Delivery(ids=delivered)

    async def aclose(self) -> None:
        """Close the connections to the cluster."""
        await self._producers.aclose()

    async def _check_partitions(self) -> None:
        """Before the first send, since another number would send streams to other partitions.

        Raises:
            PartitionMismatchError: the topic has another number than its lanes are spread over.
            KafkaUnavailableError, TimeoutError: the cluster can't be asked.
        """
        async with self._checking:
            if self._checked:
                return
            actual = await self._producers.use(
                partial(BatchProducer.count_partitions, topic=self._topic, give_up_at=self._give_up_at()),
                seconds=self._send_seconds,
            )
            if actual != self._partitions:
                raise PartitionMismatchError(self._name, expected=self._partitions, actual=actual)
            self._checked = True

    async def _send(self, records: Sequence[Record], *, partition: int) -> Sent:
        send = partial(
            BatchProducer.send,
            records=records,
            topic=self._topic,
            partition=partition,
            give_up_at=self._give_up_at(),
        )
        return await self._producers.use(send, seconds=self._send_seconds)

    def _give_up_at(self) -> float:
        return time.monotonic() + _SHARE_OF_WAITING * self._send_seconds


def _failure(sent: Sent, *, rest: Sequence[OutboxMessage]) -> Outage | Poison:
    """Why the first message that was not taken was not. It is poison if it was alone in what was too large."""
    if sent.too_large:
        return Poison(message_id=rest[sent.count].id, reason=str(sent.failure))
    return Outage(reason=str(sent.failure))
