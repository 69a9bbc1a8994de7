"""The outbox in memory, with a clock that the test moves. It keeps the port's contract, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from threading import Lock

from shared.application.errors import NotFoundError
from shared.application.outbox.backoff import Backoff
from shared.application.outbox.dead_letters import HoldResumedError, HoldState
from shared.application.outbox.errors import PartitionMismatchError, UnknownSinkError
from shared.application.outbox.lanes import lane_of
from shared.application.outbox.messages import NewMessage, OutboxMessage
from shared.application.outbox.ports import Batch, Claim, Poison
from tests.builders.outbox_messages import as_read


@dataclass
class _Lane:
    owner: str = ""
    lease_end: float = 0.0
    epoch: int = 0
    failures: int = 0
    next_attempt: float = 0.0


@dataclass
class _Hold:
    sink: str
    stream_id: str
    lane: int
    message_id: int
    state: HoldState = HoldState.HELD


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
        self._hold_ids = count(1)
        self._holds: dict[int, _Hold] = {}
        self._lock = Lock()

    def commit(self, *messages: NewMessage) -> list[int]:
        with self._lock:
            return [self._append(message) for message in messages]

    def advance(self, seconds: float) -> None:
        self._now += seconds

    def pending(self, sink: str) -> list[int]:
        return sorted(message_id for name, _, message_id in self._deliveries if name == sink)

    def held_streams(self, sink: str) -> dict[int, str]:
        return {
            hold_id: hold.stream_id
            for hold_id, hold in self._holds.items()
            if hold.sink == sink and hold.state is HoldState.HELD
        }

    def redrive(self, hold_id: int) -> None:
        with self._lock:
            self._hold_of(hold_id).state = HoldState.RESUMED

    def discard(self, hold_id: int) -> None:
        with self._lock:
            hold = self._hold_of(hold_id)
            if hold.state is not HoldState.HELD:
                raise HoldResumedError(hold_id)
            self._deliveries.remove((hold.sink, -hold_id, hold.message_id))
            hold.state = HoldState.RESUMED

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
            waiting = {(sink, lane) for sink, lane, _ in self._deliveries if lane >= 0}
            resumed = {(h.sink, h.lane) for h in self._holds.values() if h.state is HoldState.RESUMED}
            for sink, lane in sorted(waiting | resumed):
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
                sink=sink, lane=lane, owner=owner, epoch=state.epoch, failures=state.failures,
                taken_over=taken_over, siding=self._resumed(sink, lane),
            )  # fmt: skip

    def read(self, claim: Claim, *, limit: int) -> Batch:
        with self._lock:
            places = [claim.lane] if claim.siding is None else [claim.lane, -claim.siding]
            if claim.epoch % 2:
                places.reverse()
            found = (self._in(claim.sink, place)[:limit] for place in places)
            first = next((ids for ids in found if ids), list[int]())
            held = [message_id for message_id in first if self._is_held(claim, message_id)]
            free = (self._messages[message_id] for message_id in first if message_id not in held)
            ordered = sorted(free, key=lambda message: (message.stream_id, message.sequence))
            return Batch(lane=claim.lane, messages=ordered, held=held)

    def settle(
        self,
        claim: Claim,
        *,
        delivered: Sequence[int],
        failed: bool,
        held: Sequence[int] = (),
        poison: Poison | None = None,
    ) -> bool:
        with self._lock:
            state = self._lane(claim.sink, claim.lane)
            if (state.owner, state.epoch) != (claim.owner, claim.epoch):
                return False
            state.owner, state.lease_end = "", 0.0
            state.failures = claim.failures + 1 if failed else 0
            state.next_attempt = self._now + self._backoff.seconds(state.failures)
            places = (claim.lane, -(claim.siding or 0))
            self._deliveries -= {
                (claim.sink, place, message_id) for place in places for message_id in delivered
            }
            if poison is not None:
                self._hold(claim, poison)
            for message_id in [*held, *([poison.message_id] if poison else [])]:
                self._put_aside(claim, message_id)
            if claim.siding is not None and not self._in(claim.sink, -claim.siding):
                self._end(claim.siding)
            return True

    def _in(self, sink: str, place: int) -> list[int]:
        return sorted(number for name, lane, number in self._deliveries if (name, lane) == (sink, place))

    def _is_held(self, claim: Claim, message_id: int) -> bool:
        in_lane = (claim.sink, claim.lane, message_id) in self._deliveries
        return in_lane and self._hold_on(claim.sink, self._messages[message_id].stream_id) is not None

    def _hold(self, claim: Claim, poison: Poison) -> None:
        stream_id = self._messages[poison.message_id].stream_id
        hold_id = self._hold_on(claim.sink, stream_id) or next(self._hold_ids)
        self._holds[hold_id] = _Hold(claim.sink, stream_id, claim.lane, poison.message_id)

    def _put_aside(self, claim: Claim, message_id: int) -> None:
        hold_id = self._hold_on(claim.sink, self._messages[message_id].stream_id)
        assert hold_id is not None
        if (claim.sink, claim.lane, message_id) in self._deliveries:
            self._deliveries.remove((claim.sink, claim.lane, message_id))
            self._deliveries.add((claim.sink, -hold_id, message_id))

    def _end(self, hold_id: int) -> None:
        if self._holds[hold_id].state is HoldState.RESUMED:
            del self._holds[hold_id]

    def _hold_on(self, sink: str, stream_id: str) -> int | None:
        return next(
            (
                number
                for number, hold in self._holds.items()
                if (hold.sink, hold.stream_id) == (sink, stream_id)
            ),
            None,
        )

    def _hold_of(self, hold_id: int) -> _Hold:
        if hold_id not in self._holds:
            raise NotFoundError("dead letter", hold_id)
        return self._holds[hold_id]

    def _resumed(self, sink: str, lane: int) -> int | None:
        resumed = [
            number
            for number, hold in self._holds.items()
            if (hold.sink, hold.lane, hold.state) == (sink, lane, HoldState.RESUMED)
        ]
        return min(resumed, default=None)

    def _append(self, message: NewMessage) -> int:
        message_id = next(self._ids)
        lane = lane_of(message.stream_id)
        sequence = self._sequences[message.stream_id] = self._sequences.get(message.stream_id, 0) + 1
        self._messages[message_id] = as_read(message, id=message_id, lane=lane, sequence=sequence)
        self._deliveries |= {(sink, lane, message_id) for sink in message.sinks}
        return message_id

    def _lane(self, sink: str, lane: int) -> _Lane:
        return self._lanes.setdefault((sink, lane), _Lane())

    def _is_due(self, lane: _Lane) -> bool:
        return max(lane.lease_end, lane.next_attempt) <= self._now
