"""Customers who go on booking on a stack while something else is done to it."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.domain.reservations.reservation import CustomerId
from tests.builders.cinema import Cinema, house_settings
from tests.fakes.clock import FakeClock
from tests.servers.audited_stack import AuditedStack
from tests.servers.outbox_database import OutboxDatabase


class BookingOn:
    """Somebody books and cancels, and everything is carried and projected, round after round until it is over."""

    def __init__(
        self, stack: AuditedStack, *, customer: Callable[[], CustomerId], note: str | None = None
    ) -> None:
        self._stack = stack
        self._customer = customer
        self._note = note
        self._over = threading.Event()
        self._failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._live)
        self._begun = threading.Event()
        self.rounds = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._begun.wait(timeout=60)
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
            while not self._over.is_set():
                self._book(Cinema(side))
        except BaseException as error:  # noqa: BLE001 told to the thread that waits
            self._failures.append(error)
        finally:
            database.close()

    def _book(self, cinema: Cinema) -> None:
        held = cinema.reserve(self._stack.showtime, "A-5", customer=self._customer())
        cinema.cancel(held.state.reservation_id, note=self._note)
        asyncio.run(self._stack.carry_now())
        self._stack.project()
        self.rounds += 1
        self._begun.set()
