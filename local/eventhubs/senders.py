"""Links on which the emulator receives: events for a hub, or requests for a node."""

from collections.abc import Callable
from dataclasses import dataclass, field

from local.eventhubs.broker import Hub, Partition
from local.eventhubs.log import NewRecord
from local.eventhubs.messages import BATCH_FORMAT, batch_messages, split_annotations

MAX_MESSAGE_BYTES = 1 << 20
CREDIT = 1_000


class MessageTooLargeError(Exception):
    """A delivery is larger than a link takes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A complete message as it came in one or more transfers."""

    delivery_id: int
    batch: bool
    payload: bytes


@dataclass(slots=True, eq=False)
class ReceivingLink:
    """The emulator's end of a link on which the peer sends: its credit, and the transfers of an unfinished message."""

    take: Callable[[Delivery], None]
    credit: int = CREDIT
    delivered: int = 0
    _delivery_id: int = 0
    _format: int = 0
    _parts: bytearray = field(default_factory=bytearray)

    def transfer(
        self, payload: bytes, *, delivery_id: int | None, message_format: int | None, more: bool
    ) -> Delivery | None:
        """Take a transfer; answers the delivery when it is complete.

        Raises:
            MessageTooLargeError: it has grown past the limit.
        """
        if delivery_id is not None:
            self._delivery_id, self._format = delivery_id, message_format or 0
        self._parts += payload
        if len(self._parts) > MAX_MESSAGE_BYTES:
            self._parts.clear()
            raise MessageTooLargeError(f"a message may have {MAX_MESSAGE_BYTES} bytes at most")
        if more:
            return None
        complete = Delivery(self._delivery_id, batch=self._format == BATCH_FORMAT, payload=bytes(self._parts))
        self._parts.clear()
        self.credit -= 1
        self.delivered += 1
        return complete


def store(delivery: Delivery, *, hub: Hub, partition: Partition | None) -> None:
    """Append a delivery's events, all or none: to a partition, or to the one that their key or turn chooses.

    Raises:
        MalformedFrameError: a batch that can't be decoded.
    """
    batch_key, messages = batch_messages(delivery.payload) if delivery.batch else (b"", [delivery.payload])
    split = [split_annotations(message) for message in messages]
    records = [NewRecord(item.partition_key or batch_key, item.encoded) for item in split]
    if not records:
        return
    target = hub.partition_for(records[0].partition_key) if partition is None else partition
    target.append(records)
