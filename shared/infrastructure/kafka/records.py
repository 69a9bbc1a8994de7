"""Outbox messages as Kafka records, and how many of them travel together.

Binding: CloudEvents' Kafka protocol binding 1.0.2 in structured mode. The value is the envelope, and a header says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.application.outbox.messages import OutboxMessage
from shared.contracts.envelope import CONTENT_TYPE

HEADERS: list[tuple[str, str | bytes | None]] = [("content-type", f"{CONTENT_TYPE}; charset=UTF-8".encode())]

LARGEST_BATCH_BYTES = 1_000_000
"""Of a record batch with its framing. Event Hubs ends a connection that sends over 1,046,528."""

_FULL_BATCH_BYTES = 950_000
_FRAMING_BYTES = 128
"""Of one record, at most: the header, and a dozen lengths and differences of up to 5 bytes each."""


@dataclass(frozen=True, slots=True)
class Record:
    """A key, which is the stream's id, and a value, which is the envelope."""

    key: bytes
    value: bytes


def record_of(message: OutboxMessage) -> Record:
    """A message as it is written to the topic."""
    return Record(message.stream_id.encode(), message.body.encode())


def leading_batch(messages: Sequence[OutboxMessage], *, most: int) -> list[Record]:
    """As many as surely fit into one record batch, from the front; at least one, at most `most`.

    The broker writes a record batch whole or not at all, so that it can't leave out one record and take the next.
    """
    batch: list[Record] = []
    size = 0
    for message in messages[:most]:
        record = record_of(message)
        size += len(record.key) + len(record.value) + _FRAMING_BYTES
        if batch and size > _FULL_BATCH_BYTES:
            break
        batch.append(record)
    return batch
