"""Retention amid commands, masters and a repair on PostgreSQL: nobody waits for another, nothing needed goes."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier, Event
from time import monotonic

import pytest
from sqlalchemy import select

from shared.application.outbox.retention import ForgetDeliveredMessages
from shared.infrastructure.sql.outbox_tables import deliveries, messages
from tests.contract.outbox.test_retention import RETENTION
from tests.fakes.outbox_history import Past
from tests.integration.outbox.conftest import postgres_url
from tests.servers.outbox_history import HistoryDatabase

__all__ = ["postgres_url"]

pytestmark = [pytest.mark.integration, pytest.mark.full]

SINKS = ("reporting", "domain-events", "reservations")
STREAMS = [f"showtime:{number}" for number in range(8)]
OLD, APPENDED, REPAIRED = 400, 60, 200
DEADLINE_SECONDS = 60.0


class Bridge:
    """Commands, masters, a repair and two retentions, each a thread that works on the one database."""

    def __init__(self, history: HistoryDatabase) -> None:
        self.history = history
        self.outbox = history.outbox
        self.outbox.prepare(partitions=dict.fromkeys(SINKS, 0))
        self.old = history.commit(
            *(Past(stream=STREAMS[number % len(STREAMS)], waiting=SINKS) for number in range(OLD))
        )
        self.young: list[int] = []
        self.delivered: dict[str, set[int]] = {sink: set() for sink in SINKS}
        self.start = Barrier(len(SINKS) + 4)
        self.quiet = Event()
        self.deadline = monotonic() + DEADLINE_SECONDS

    def command(self) -> None:
        self.start.wait()
        for number in range(APPENDED):
            self.young += self.history.commit(
                Past(stream=STREAMS[number % len(STREAMS)], hours=1, waiting=SINKS)
            )

    def repair(self) -> int:
        """Have any old messages delivered again; how many of them were still there."""
        self.start.wait()
        random = Random(1)  # noqa: S311 it spreads the repair, it guards nothing
        return sum(
            self.history.deliver_again(random.choice(SINKS), random.choice(self.old)) for _ in range(REPAIRED)
        )

    def master(self, sink: str) -> None:
        """Carry one sink's messages, a few at a time, until nothing is to come any more."""
        self.start.wait()
        while self.carry(sink) or not self.quiet.is_set():
            assert monotonic() < self.deadline

    def carry(self, sink: str) -> bool:
        lanes = self.outbox.lanes_with_work(sinks=[sink]).get(sink, [])
        for lane in lanes:
            claim = self.outbox.claim(sink=sink, lane=lane, owner="one")
            assert claim is not None
            batch = [message.id for message in self.outbox.read(claim, limit=5).messages]
            assert batch, "a delivery waits whose message is gone"
            self.delivered[sink].update(batch)
            assert self.outbox.settle(claim, delivered=batch, failed=False)
        return bool(lanes)

    def retention(self) -> int:
        forget = ForgetDeliveredMessages(history=self.history, retention=RETENTION, budget_seconds=1)
        forgotten = 0
        self.start.wait()
        while not self.quiet.is_set():
            assert monotonic() < self.deadline
            forgotten += forget().forgotten
        return forgotten


def test_nothing_needed_goes_and_nobody_waits(postgres_url: str) -> None:
    history = HistoryDatabase(postgres_url)
    bridge = Bridge(history)
    with ThreadPoolExecutor(len(SINKS) + 4) as threads:
        ending = [threads.submit(bridge.command), threads.submit(bridge.repair)]
        masters = [threads.submit(bridge.master, sink) for sink in SINKS]
        retentions = [threads.submit(bridge.retention) for _ in range(2)]
        try:
            repaired = [each.result() for each in ending][1]
        finally:
            bridge.quiet.set()
        for master in masters:
            master.result()
        forgotten = sum(each.result() for each in retentions)
    forgotten += ForgetDeliveredMessages(history=history, retention=RETENTION, budget_seconds=60)().forgotten
    assert repaired
    assert forgotten == OLD
    assert history.remaining() == sorted(bridge.young)
    assert all(ids == {*bridge.old, *bridge.young} for ids in bridge.delivered.values())
    with history.outbox.engine.connect() as connection:
        orphans = select(deliveries.c.MessageId).where(deliveries.c.MessageId.not_in(select(messages.c.Id)))
        assert connection.scalars(orphans).all() == []
    history.close()
