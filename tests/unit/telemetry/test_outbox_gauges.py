"""How the outbox stands, as it is exported."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared.application.outbox.errors import OutboxStoreUnavailableError
from shared.application.outbox.status import OldestPending, OutboxStatus, SinkStatus, Tally
from shared.infrastructure.telemetry.outbox_gauges import OutboxGauges
from tests.unit.telemetry.conftest import Kept

pytestmark = pytest.mark.unit


class Reader:
    """Two sinks, of which one has something to wait for; or a database that is down."""

    def __init__(self) -> None:
        self.looks = 0
        self.is_down = False

    def read(self) -> OutboxStatus:
        self.looks += 1
        if self.is_down:
            raise OutboxStoreUnavailableError
        return OutboxStatus(
            at=datetime.now(UTC), sinks=[sink("reporting", 7, age=2.5), sink("domain-events", 0)]
        )


def sink(name: str, pending: int, *, age: float | None = None) -> SinkStatus:
    oldest = OldestPending(message_id=1, event_id=uuid4(), stream_id="movie:1", age_seconds=age or 0)
    return SinkStatus(
        sink=name,
        pending=Tally(count=pending),
        oldest=oldest if age else None,
        held=Tally(count=3),
        holds=Tally(count=1),
        delivered=0,
        lanes=64,
        work_in=(),
        held_in=(),
        leases=[],
        backoffs=[],
    )


def test_each_sink_is_told_by_what_waits_and_since_when(kept: Kept) -> None:
    OutboxGauges(Reader, telemetry=kept.telemetry)
    told = {
        (name, which): kept.value(f"cinema.outbox.{name}", sink=which)
        for name in ("pending", "held", "oldest_age")
        for which in ("reporting", "domain-events")
    }
    assert told == {
        ("pending", "reporting"): 7,
        ("held", "reporting"): 3,
        ("oldest_age", "reporting"): 2.5,
        ("pending", "domain-events"): 0,
        ("held", "domain-events"): 3,
        ("oldest_age", "domain-events"): 0,
    }


def test_nobody_looks_until_it_is_exported_and_then_once(kept: Kept) -> None:
    reader = Reader()
    OutboxGauges(lambda: reader, telemetry=kept.telemetry)
    assert reader.looks == 0
    kept.value("cinema.outbox.pending")
    assert reader.looks == 1


def test_a_database_that_is_down_leaves_them_out(kept: Kept) -> None:
    reader = Reader()
    reader.is_down = True
    OutboxGauges(lambda: reader, telemetry=kept.telemetry)
    assert kept.value("cinema.outbox.pending") is None
