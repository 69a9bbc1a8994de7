"""Links on which the emulator sends: an event receiver reads a partition, a node receiver gets answers.

Owner levels ("epochs") are kept per hub, consumer group and partition: a receiver with a lower one than another's is
turned away, one with the same or a higher one takes over.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from local.eventhubs.broker import Partition
from local.eventhubs.frames import transfer_frame
from local.eventhubs.log import LogReader
from local.eventhubs.messages import with_annotations

_TRANSFER_HEADER_BYTES = 64


class Outlet(Protocol):
    """The connection as a sending link needs it."""

    peer_max_frame: int

    def write(self, data: bytes) -> None:
        """Queue bytes for the peer."""
        ...


@dataclass(slots=True, eq=False)
class SendingLink:
    """The emulator's end of a link on which the peer receives: its credit, and what waits for credit."""

    outlet: Outlet
    channel: int
    handle: int
    next_delivery_id: Callable[[], int]
    credit: int = 0
    delivered: int = 0

    def grant(self, *, peer_delivered: int, credit: int) -> None:
        """Take the credit that the peer's flow frame states."""
        self.credit = max(peer_delivered + credit - self.delivered, 0)

    def deliver(self, payload: bytes) -> None:
        """Send one message, in as many frames as the peer's limit asks for. It takes one credit."""
        self.credit -= 1
        self.delivered += 1
        delivery_id = self.next_delivery_id()
        room = self.outlet.peer_max_frame - _TRANSFER_HEADER_BYTES
        view = memoryview(payload)
        while True:
            part, view = view[:room], view[room:]
            self.outlet.write(
                transfer_frame(
                    part, channel=self.channel, handle=self.handle, delivery_id=delivery_id, more=bool(view)
                )
            )
            if not view:
                return


class Source(Protocol):
    """Where a sending link takes its messages from."""

    def pump(self) -> None:
        """Send what there is, as far as credit goes."""
        ...

    def close(self) -> None:
        """Stop: the link is gone."""
        ...


@dataclass(slots=True, eq=False)
class AnswerSource:
    """The answers of a request node."""

    link: SendingLink
    waiting: deque[bytes] = field(default_factory=deque[bytes])

    def put(self, answer: bytes) -> None:
        """Send an answer, now or when there is credit."""
        self.waiting.append(answer)
        self.pump()

    def pump(self) -> None:
        """Send what there is, as far as credit goes."""
        while self.waiting and self.link.credit:
            self.link.deliver(self.waiting.popleft())

    def close(self) -> None:
        """Stop: the link is gone."""
        self.waiting.clear()


@dataclass(slots=True, eq=False)
class EventSource:
    """The events of a partition from a position on. New ones are sent as they are appended."""

    link: SendingLink
    partition: Partition
    reader: LogReader
    _wake: Callable[[], None] = field(init=False)

    def __post_init__(self) -> None:
        """Listen for new events. The bound method is kept, so that the same object is taken off again."""
        self._wake = self.pump
        self.partition.listeners.add(self._wake)

    def pump(self) -> None:
        """Send what there is, as far as credit goes."""
        while self.link.credit and (record := self.reader.next()) is not None:
            self.link.deliver(with_annotations(record))

    def close(self) -> None:
        """Stop: the link is gone."""
        self.partition.listeners.discard(self._wake)


class OwnershipLostError(Exception):
    """Another receiver has a higher owner level."""


@dataclass(slots=True, frozen=True, eq=False)
class Reader:
    """A receiver that reads a partition for a group, with or without an owner level."""

    level: int | None
    dismiss: Callable[[str], None]


class Ownership:
    """Who reads what."""

    def __init__(self) -> None:
        self._readers: dict[tuple[str, str, str], set[Reader]] = {}

    def enter(self, place: tuple[str, str, str], reader: Reader) -> None:
        """Let a reader in, and dismiss those whom it takes over from.

        Raises:
            OwnershipLostError: another reader has a higher level, or has one where this reader has none.
        """
        present = self._readers.setdefault(place, set())
        levels = [other.level for other in present if other.level is not None]
        highest = max(levels, default=None)
        if highest is not None and (reader.level is None or reader.level < highest):
            raise OwnershipLostError(f"a receiver with epoch {highest} reads {'/'.join(place)} already")
        if reader.level is not None:
            for other in tuple(present):
                other.dismiss(f"a receiver with epoch {reader.level} has taken over {'/'.join(place)}")
            present.clear()
        present.add(reader)

    def leave(self, place: tuple[str, str, str], reader: Reader) -> None:
        """A reader is gone."""
        self._readers.get(place, set()).discard(reader)
