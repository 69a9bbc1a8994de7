"""Any history with poisoned messages, redrives and discards: a held stream waits in order, everything else flows on."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.application.outbox.ports import Batch, Claim, Poison
from tests.builders.outbox_messages import a_reservation_message, streams_of_one_lane
from tests.contract.outbox.conftest import PARTITIONS, Outbox
from tests.contract.outbox.in_a_file import InAFile
from tests.fakes.outbox_store import FakeOutboxStore

pytestmark = pytest.mark.contract

SINK = "reporting"
STREAMS = [*streams_of_one_lane(3), "showtime:1"]
LEASE = 15.0

Place = tuple[str, int]
"""A stream and a sequence in it."""


@dataclass
class Worker:
    """Somebody with a batch in hand, and what has become of it so far."""

    claim: Claim
    batch: Batch
    sent: list[int] = field(default_factory=list[int])
    poison: Poison | None = None

    @property
    def is_done(self) -> bool:
        return self.poison is not None or len(self.sent) == len(self.batch.messages)


class HoldHistories(RuleBasedStateMachine):
    """Workers share nothing but the store; the log is what the sink took; a poisoned message it refuses until cured."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox: Outbox = self.open_outbox()
        self.outbox.prepare(partitions=PARTITIONS)
        self.committed: dict[str, int] = defaultdict(int)
        self.places: dict[int, Place] = {}
        self.log: dict[str, list[int]] = defaultdict(list)
        self.poisoned: set[Place] = set()
        self.discarded: set[Place] = set()
        self.paused: list[Worker] = []
        self.held_at: dict[int, Place] = {}

    def open_outbox(self) -> Outbox:
        return FakeOutboxStore(lease_seconds=LEASE)

    @initialize()
    def something_to_do(self) -> None:
        for stream in STREAMS:
            self.commit(stream=stream, messages=3)
        self.poison(stream=STREAMS[0], ahead=2)

    @rule(stream=st.sampled_from(STREAMS), messages=st.integers(1, 3))
    def commit(self, stream: str, messages: int) -> None:
        for message_id in self.outbox.commit(*(a_reservation_message(stream) for _ in range(messages))):
            self.committed[stream] += 1
            self.places[message_id] = (stream, self.committed[stream])

    @rule(stream=st.sampled_from(STREAMS), ahead=st.integers(1, 3))
    def poison(self, stream: str, ahead: int) -> None:
        """From now on the sink refuses a message that it has not seen, and that may not be there yet."""
        self.poisoned.add((stream, max(self.log[stream], default=0) + ahead))

    @rule(
        limit=st.integers(1, 5),
        sends=st.integers(0, 5),
        then=st.sampled_from(["settle", "settle", "pause", "die"]),
    )
    def carry(self, limit: int, sends: int, then: str) -> None:
        worker = self.claim_and_read(limit)
        if worker is not None:
            self.send(worker, sends)
            if then == "settle":
                assert self.settle(worker)
            elif then == "pause":
                self.paused.append(worker)

    @precondition(lambda self: bool(self.paused))
    @rule(which=st.integers(0, 9), sends=st.integers(0, 5))
    def wake(self, which: int, sends: int) -> None:
        worker = self.paused.pop(which % len(self.paused))
        self.send(worker, sends)
        self.settle(worker)

    @precondition(lambda self: bool(self.outbox.held_streams(SINK)))
    @rule(which=st.integers(0, 9), cured=st.booleans())
    def redrive(self, which: int, cured: bool) -> None:  # noqa: FBT001 hypothesis passes by name
        hold_id = self.a_hold(which)
        if cured:
            self.poisoned.discard(self.held_at[hold_id])
        self.outbox.redrive(hold_id)

    @precondition(lambda self: bool(self.outbox.held_streams(SINK)))
    @rule(which=st.integers(0, 9))
    def discard(self, which: int) -> None:
        hold_id = self.a_hold(which)
        self.outbox.discard(hold_id)
        self.discarded.add(self.held_at[hold_id])

    @rule(seconds=st.sampled_from([1.0, LEASE + 1, 2 * LEASE + 1]))
    def wait(self, seconds: float) -> None:
        self.outbox.advance(seconds)

    def a_hold(self, which: int) -> int:
        held = sorted(self.outbox.held_streams(SINK))
        return held[which % len(held)]

    def claim_and_read(self, limit: int) -> Worker | None:
        lanes = self.outbox.lanes_with_work(sinks=[SINK]).get(SINK, [])
        if not lanes:
            return None
        claim = self.outbox.claim(sink=SINK, lane=lanes[0], owner="somebody")
        assert claim is not None, "a lane that the probe found could not be claimed"
        batch = self.outbox.read(claim, limit=limit)
        assert claim.siding is not None or not batch.is_empty, "a lane with work had none"
        return Worker(claim, batch)

    def send(self, worker: Worker, count: int) -> None:
        for _ in range(count):
            if worker.is_done:
                return
            message = worker.batch.messages[len(worker.sent)]
            place = (message.stream_id, message.sequence)
            if place in self.poisoned:
                worker.poison = Poison(message_id=message.id, reason="refused")
            else:
                self.log[message.stream_id].append(message.sequence)
                worker.sent.append(message.id)

    def settle(self, worker: Worker) -> bool:
        settled = self.outbox.settle(
            worker.claim,
            delivered=worker.sent,
            failed=not worker.is_done,
            held=worker.batch.held,
            poison=worker.poison,
        )
        if settled and worker.poison is not None:
            place = self.places[worker.poison.message_id]
            (hold_id,) = (
                number for number, stream in self.outbox.held_streams(SINK).items() if stream == place[0]
            )
            self.held_at[hold_id] = place
        return settled

    @invariant()
    def first_occurrences_are_in_order_and_only_discarded_ones_are_missing(self) -> None:
        for stream, log in self.log.items():
            first = list(dict.fromkeys(log))
            wanted = [
                number
                for number in range(1, max(first, default=0) + 1)
                if (stream, number) not in self.discarded
            ]
            assert first == wanted

    def teardown(self) -> None:
        """Left alone, all but the held streams arrives; resumed and cured, they arrive too."""
        self.drain()
        waiting = {self.places[message_id][0] for message_id in self.outbox.pending(SINK)}
        assert waiting <= set(self.outbox.held_streams(SINK).values())
        self.poisoned &= self.discarded
        for hold_id in self.outbox.held_streams(SINK):
            self.outbox.redrive(hold_id)
        self.drain()
        assert self.outbox.pending(SINK) == []
        assert self.outbox.held_streams(SINK) == {}
        for stream, messages in self.committed.items():
            missing = set(range(1, messages + 1)) - set(self.log[stream])
            assert {(stream, number) for number in missing} <= self.discarded
        self.first_occurrences_are_in_order_and_only_discarded_ones_are_missing()

    def drain(self) -> None:
        """Work until there is none, which held messages are not."""
        self.outbox.advance(2 * LEASE + 1)
        for _ in range(1_000):
            worker = self.claim_and_read(4)
            if worker is None:
                return
            self.send(worker, 4)
            assert self.settle(worker)
        pytest.fail("the work never ends")


class HoldHistoriesOnSqlite(InAFile, HoldHistories):
    """The same, on SQLite."""


QUIET = settings(
    stateful_step_count=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    derandomize=True,
    phases=[Phase.generate],
)

TestHoldHistoriesInMemory = HoldHistories.TestCase
TestHoldHistoriesInMemory.settings = settings(QUIET, max_examples=200)

TestHoldHistoriesOnSqlite = HoldHistoriesOnSqlite.TestCase
TestHoldHistoriesOnSqlite.settings = settings(QUIET, max_examples=40)
