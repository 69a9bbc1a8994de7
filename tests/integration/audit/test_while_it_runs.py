"""An audit beside customers who book, a master that carries and a projector that follows finds nothing."""

import asyncio
import threading
from datetime import UTC, datetime
from typing import Self

import pytest

from shared.bootstrap.write_side import build_write_side, sql_write_store
from tests.builders.cinema import Cinema, house_settings
from tests.builders.reservations import a_customer
from tests.fakes.clock import FakeClock
from tests.servers.audited_stack import AuditedStack
from tests.servers.outbox_database import OutboxDatabase

pytestmark = pytest.mark.integration


class Life:
    """Somebody books and cancels, and everything is carried and projected, round after round until it is over."""

    def __init__(self, stack: AuditedStack) -> None:
        self._stack = stack
        self._over = threading.Event()
        self._failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._live)
        self.rounds = 0
        self.begun = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.begun.wait(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=60)
        assert self._failures == []

    def _live(self) -> None:
        database = OutboxDatabase(self._stack.variables["WRITE_DATABASE_URL"])
        try:
            side = build_write_side(
                house_settings(database.url),
                store=sql_write_store(database.engine),
                clock=FakeClock(datetime.now(UTC)),
            )
            self._book(Cinema(side))
        except BaseException as error:  # noqa: BLE001 told to the thread that waits
            self._failures.append(error)
        finally:
            database.close()

    def _book(self, cinema: Cinema) -> None:
        while not self._over.is_set():
            held = cinema.reserve(self._stack.showtime, "A-5", customer=a_customer())
            cinema.cancel(held.state.reservation_id)
            asyncio.run(self._stack.carry_now())
            self._stack.project()
            self.rounds += 1
            self.begun.set()


def test_what_is_under_way_is_no_finding(stack: AuditedStack) -> None:
    with Life(stack) as life:
        before = life.rounds
        report = stack.audit(audit_patience_seconds=30)
        after = life.rounds
    assert report.findings == []
    assert report.streams == 3
    assert after > before
