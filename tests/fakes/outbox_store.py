"""The outbox in memory, with a clock that the test moves. It keeps the port's contract, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from threading import Lock

from shared.application.outbox.backoff import Backoff
from shared.application.outbox.errors import PartitionMismatchError, UnknownSinkError
from shared.application.outbox.messages import NewMessage, OutboxMessage
from shared.application.outbox.ports import Batch, Claim
from shared.application.outbox.routing import lane_of, sinks_of


@dataclass
class _Lane:
    owner: str = ""
    lease_end: float = 0.0
    epoch: int = 0
    failures: int = 0
    next_attempt: float = 0.0


class FakeOutboxStore:
    """An `OutboxStore`; `commit` stands for the write side and `advance` for the passing of time."""

    def __init__(self, *, lease_seconds: float = 15.0, backoff: Backoff | None = None) -> None:
        self._lease_seconds = lease_seconds
        self._backoff = backoff or Backoff()
        self._now = 1_000.0
        self._ids = count(1)
        self._messages: dict[int, OutboxMessage] = {}
        self._deliveries: set[tuple[str, int, int]] = set()
        self._lanes: dict[tuple[str, int], _Lane] = {}
        self._partitions: dict[str, int] = {}
        self._sequences: dict[str, int] = {}
        self._lock = Lock()

    def commit(self, *messages: NewMessage) -> list[int]:
        with self._lock:
            return [self._append(message) for message in messages]

    def advance(self, seconds: float) -> None:
        self._now += seconds

    def pending(self, sink: str) -> list[int]:
        return sorted(message_id for name, _, message_id in self._deliveries if name == sink)

    def prepare(self, *, partitions: Mapping[str, int]) -> None:
        unknown = sorted({sink for sink, _, _ in self._deliveries} - set(partitions))
        if unknown:
            raise UnknownSinkError(unknown)
        for sink, wanted in partitions.items():
            if self._partitions.setdefault(sink, wanted) != wanted:
                raise PartitionMismatchError(sink, expected=self._partitions[sink], actual=wanted)

    def lanes_with_work(self, *, sinks: Sequence[str]) -> dict[str, list[int]]:
        with self._lock:
            found: dict[str, list[int]] = {}
            for sink, lane in sorted({(sink, lane) for sink, lane, _ in self._deliveries}):
                if sink in sinks and self._is_due(self._lane(sink, lane)):
                    found.setdefault(sink, []).append(lane)
            return found

    def claim(self, *, sink: str, lane: int, owner: str) -> Claim | None:
        with self._lock:
            state = self._lane(sink, lane)
            if not self._is_due(state):
                return None
            taken_over = bool(state.owner)
            state.epoch += 1
            state.failures += int(taken_over)
            state.owner, state.lease_end = owner, self._now + self._lease_seconds
            if taken_over:
                state.next_attempt = state.lease_end + self._backoff.seconds(state.failures)
            return Claim(
                sink=sink, lane=lane, owner=owner, epoch=state.epoch, failures=state.failures, taken_over=taken_over
            )  # fmt: skip

    def read(self, claim: Claim, *, limit: int) -> Batch:
        with self._lock:
            ids = sorted(
                message_id
                for sink, lane, message_id in self._deliveries
                if (sink, lane) == (claim.sink, claim.lane)
            )
            first = (self._messages[message_id] for message_id in ids[:limit])
            ordered = sorted(first, key=lambda message: (message.stream_id, message.sequence))
            return Batch(lane=claim.lane, messages=ordered)

    def settle(self, claim: Claim, *, delivered: Sequence[int], failed: bool) -> bool:
        with self._lock:
            state = self._lane(claim.sink, claim.lane)
            if (state.owner, state.epoch) != (claim.owner, claim.epoch):
                return False
            state.owner, state.lease_end = "", 0.0
            state.failures = claim.failures + 1 if failed else 0
            state.next_attempt = self._now + self._backoff.seconds(state.failures)
            self._deliveries -= {(claim.sink, claim.lane, message_id) for message_id in delivered}
            return True

    def _append(self, message: NewMessage) -> int:
        message_id = next(self._ids)
        lane = lane_of(message.stream_id)
        sequence = self._sequences[message.stream_id] = self._sequences.get(message.stream_id, 0) + 1
        self._messages[message_id] = OutboxMessage(
            **asdict(message), id=message_id, lane=lane, sequence=sequence
        )
        self._deliveries |= {(sink, lane, message_id) for sink in sinks_of(message.type)}
        return message_id

    def _lane(self, sink: str, lane: int) -> _Lane:
        return self._lanes.setdefault((sink, lane), _Lane())

    def _is_due(self, lane: _Lane) -> bool:
        return max(lane.lease_end, lane.next_attempt) <= self._now
