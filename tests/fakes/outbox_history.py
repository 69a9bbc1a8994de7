"""The outbox's history in memory. It keeps the port's contract, and nothing else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from shared.application.outbox.retention import RetentionStep
from tests.builders.showtimes import NOON


@dataclass(frozen=True, kw_only=True)
class Past:
    """A message that was committed some hours ago, and the sinks that have not acknowledged it."""

    stream: str = "showtime:0"
    hours: float = 100
    waiting: Collection[str] = ()


class FakeOutboxHistory:
    """An `OutboxHistory` whose clock stands still."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._messages: dict[int, tuple[str, datetime]] = {}
        self._deliveries: set[tuple[str, int]] = set()
        self._holds: set[tuple[str, str]] = set()

    def commit(self, *past: Past) -> list[int]:
        return [self._append(each) for each in past]

    def acknowledge(self, sink: str, message_id: int) -> None:
        self._deliveries.remove((sink, message_id))

    def hold(self, sink: str, stream: str) -> None:
        self._holds.add((sink, stream))

    def let_go(self, sink: str, stream: str) -> None:
        self._holds.remove((sink, stream))

    def remaining(self) -> list[int]:
        return sorted(self._messages)

    def now(self) -> datetime:
        return NOON

    def forget(self, *, after: int, until: datetime, most: int) -> RetentionStep:
        old: list[int] = []
        for message_id in [each for each in self.remaining() if each > after][:most]:
            if self._messages[message_id][1] >= until:
                break
            old.append(message_id)
        unneeded = [message_id for message_id in old if not self._is_needed(message_id)]
        for message_id in unneeded:
            del self._messages[message_id]
        return RetentionStep(
            last=old[-1] if old else after,
            forgotten=len(unneeded),
            kept=len(old) - len(unneeded),
            is_last=len(old) < most,
        )

    def _append(self, past: Past) -> int:
        message_id = next(self._ids)
        self._messages[message_id] = (past.stream, self.now() - timedelta(hours=past.hours))
        self._deliveries |= {(sink, message_id) for sink in past.waiting}
        return message_id

    def _is_needed(self, message_id: int) -> bool:
        stream, _ = self._messages[message_id]
        return any(waiting == message_id for _, waiting in self._deliveries) or any(
            held == stream for _, held in self._holds
        )
