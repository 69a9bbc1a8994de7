"""Any history of commits, claims, deliveries, pauses and expiries: nothing lost, first occurrences in order."""

from collections import defaultdict
from dataclasses import dataclass, field

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.application.outbox.ports import Claim
from tests.builders.outbox_messages import a_reservation_message, streams_of_one_lane
from tests.contract.outbox.conftest import PARTITIONS, Outbox
from tests.contract.outbox.in_a_file import InAFile
from tests.fakes.outbox_store import FakeOutboxStore

pytestmark = pytest.mark.contract

SINK = "reporting"
STREAMS = [*streams_of_one_lane(2), "showtime:1"]
LEASE = 15.0


@dataclass
class Worker:
    """Somebody with one lane in hand, who may be paused for as long as the history wants."""

    claim: Claim
    unsent: list[tuple[str, int, int]]
    sent: list[int] = field(default_factory=list[int])


class Histories(RuleBasedStateMachine):
    """Workers of one sink share nothing but the store; the logs are what the sink has received."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox: Outbox = self.open_outbox()
        self.outbox.prepare(partitions=PARTITIONS)
        self.committed: dict[str, int] = defaultdict(int)
        self.logs: dict[str, list[int]] = defaultdict(list)
        self.paused: list[Worker] = []
        self.newest_epochs: dict[int, int] = {}

    def open_outbox(self) -> Outbox:
        return FakeOutboxStore(lease_seconds=LEASE)

    @initialize()
    def something_to_do(self) -> None:
        self.commit(stream=STREAMS[0], messages=2)

    @rule(stream=st.sampled_from(STREAMS), messages=st.integers(1, 3))
    def commit(self, stream: str, messages: int) -> None:
        self.outbox.commit(*(a_reservation_message(stream) for _ in range(messages)))
        self.committed[stream] += messages

    @rule(limit=st.integers(2, 5), sends=st.integers(0, 5), then=st.sampled_from(["settle", "pause", "die"]))
    def carry(self, limit: int, sends: int, then: str) -> None:
        """Claim, read, send a part of the batch; then acknowledge it, or be paused, or die."""
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
        """A paused worker sends more and acknowledges; if its lane has been claimed since, that changes nothing."""
        worker = self.paused.pop(which % len(self.paused))
        self.send(worker, sends)
        before = self.outbox.pending(SINK)
        is_current = self.newest_epochs[worker.claim.lane] == worker.claim.epoch
        assert self.settle(worker) == is_current
        if not is_current:
            assert self.outbox.pending(SINK) == before

    def claim_and_read(self, limit: int) -> Worker | None:
        lanes = self.outbox.lanes_with_work(sinks=[SINK]).get(SINK, [])
        if not lanes:
            return None
        claim = self.outbox.claim(sink=SINK, lane=lanes[0], owner="somebody")
        assert claim is not None, "a lane that the probe found could not be claimed"
        self.newest_epochs[claim.lane] = claim.epoch
        batch = self.outbox.read(claim, limit=limit)
        assert batch.messages, "a lane with work had none"
        return Worker(claim, [(each.stream_id, each.sequence, each.id) for each in batch.messages])

    def send(self, worker: Worker, count: int) -> None:
        for _ in range(min(count, len(worker.unsent))):
            stream, sequence, message_id = worker.unsent.pop(0)
            self.logs[stream].append(sequence)
            worker.sent.append(message_id)

    def settle(self, worker: Worker) -> bool:
        return self.outbox.settle(worker.claim, delivered=worker.sent, failed=bool(worker.unsent))

    @rule(seconds=st.sampled_from([1.0, LEASE + 1, 2 * LEASE + 1]))
    def wait(self, seconds: float) -> None:
        self.outbox.advance(seconds)

    @invariant()
    def first_occurrences_are_in_order_without_gaps(self) -> None:
        for log in self.logs.values():
            first = list(dict.fromkeys(log))
            assert first == list(range(1, len(first) + 1))

    def teardown(self) -> None:
        """At the end somebody carries what is left; then every sink has everything."""
        while self.outbox.pending(SINK):
            self.outbox.advance(2 * LEASE + 1)
            worker = self.claim_and_read(4)
            assert worker is not None
            self.send(worker, 4)
            assert self.settle(worker)
        for stream, messages in self.committed.items():
            assert set(self.logs[stream]) == set(range(1, messages + 1))
        self.first_occurrences_are_in_order_without_gaps()


class HistoriesOnSqlite(InAFile, Histories):
    """The same, on SQLite."""


# Without shrinking, which takes minutes on a file; a history is short enough to read as it is.
QUIET = settings(
    stateful_step_count=50,
    derandomize=True,
    phases=[Phase.generate],
)

TestHistoriesInMemory = Histories.TestCase
TestHistoriesInMemory.settings = settings(QUIET, max_examples=150)

TestHistoriesOnSqlite = HistoriesOnSqlite.TestCase
TestHistoriesOnSqlite.settings = settings(QUIET, max_examples=25)
