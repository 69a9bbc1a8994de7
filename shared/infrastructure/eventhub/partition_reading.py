"""One partition read from a position to where it ended when the reading began."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.application.audit.ports import HubEvent, PartitionEnd
from shared.infrastructure.eventhub.consumer_client import FROM_THE_START, ConsumerClient, ReceivedRecord

_BATCH_SECONDS = 0.5
_CLOSE_SECONDS = 5.0


class IncompleteReadingError(Exception):
    """The hub does not give what it says it has."""


@dataclass(slots=True, kw_only=True)
class PartitionReading:
    """Give `take` each record from `next` to `last`, in order. Some later ones may come with them.

    With `since` it begins at the first record that was enqueued after that moment. It ends early when it has had `enough`.
    """

    partition: int
    next: int
    last: int
    take: Callable[[HubEvent], None]
    patience_seconds: float
    since: datetime | None = None
    enough: Callable[[], bool] = lambda: False
    kept_since: datetime | None = None
    _begun: bool = False
    _failure: str = ""
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Timeout | None = None

    async def run(self, client: ConsumerClient) -> PartitionEnd:
        """Read to the end.

        Raises:
            TimeoutError: nothing came for `patience_seconds`.
            IncompleteReadingError: records are missing between others, or the hub refuses to give them.
        """
        async with asyncio.timeout(self.patience_seconds) as self._idle:
            receiving = asyncio.ensure_future(
                client.receive_batch(
                    self._receive,
                    partition_id=str(self.partition),
                    starting_position=self._position,
                    max_wait_time=_BATCH_SECONDS,
                    on_error=self._fail,
                )
            )
            receiving.add_done_callback(lambda _: self._over.set())
            try:
                await self._over.wait()
            finally:
                receiving.cancel()
                await asyncio.wait({receiving}, timeout=_CLOSE_SECONDS)
        if self.next <= self.last and not self.enough():
            raise IncompleteReadingError(
                self._failure or f"partition {self.partition} ended before sequence number {self.last}"
            )
        return PartitionEnd(next=self.next, kept_since=self.kept_since)

    @property
    def _position(self) -> str | int | datetime:
        return self.since or (self.next - 1 if self.next else FROM_THE_START)

    async def _receive(self, _context: object, records: Sequence[ReceivedRecord]) -> None:
        """An exception here would be lost in the SDK, so that a fault is remembered."""
        for record in records:
            if record.sequence_number < self.next:
                continue
            if record.sequence_number > self.next and self._begun:
                self._failure = (
                    f"partition {self.partition} skips from {self.next} to {record.sequence_number}"
                )
                self._over.set()
                return
            self._take(record)
        if self.next > self.last or self.enough():
            self._over.set()
        if records and self._idle is not None and not self._over.is_set():
            self._idle.reschedule(asyncio.get_running_loop().time() + self.patience_seconds)

    def _take(self, record: ReceivedRecord) -> None:
        """What comes first may be later than what was asked for: the hub has dropped what was before it."""
        if record.sequence_number > self.next:
            self.kept_since = record.enqueued_time
        self._begun = True
        self.next = record.sequence_number + 1
        self.take(
            HubEvent(
                partition=self.partition,
                position=record.sequence_number,
                enqueued_at=record.enqueued_time,
                body=b"".join(record.body),
            )
        )

    async def _fail(self, _context: object, error: Exception) -> None:
        self._failure = f"partition {self.partition}: {error}"
        self._over.set()
