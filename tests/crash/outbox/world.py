"""A cinema that keeps selling while its outbox's masters, hubs and databases are killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Self
from uuid import UUID

from migrations.upgrade import upgrade
from shared.application.errors import UnavailableError
from shared.application.outbox.routing import ROUTES
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from tests.builders.cinema import Cinema, house_settings
from tests.fakes.clock import FakeClock
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.outbox_database import OutboxDatabase

ROOT = Path(__file__).parents[3]
HUBS = ("cinema.domain.events=8", "cinema.reservations=8")
SHOWTIMES, SEATS_A_ROW = 8, 60
LEASE_SECONDS = 6.0
"""As short as a send, cut after a third of it, leaves time to connect."""
PAUSE_BETWEEN_BOOKINGS = 0.01


@dataclass
class World:
    """Databases, hubs, and what is done to them. Leaving the context ends every process."""

    folder: Path
    write_url: str
    reporting_url: str
    emulator: Emulator
    showtimes: list[UUID] = field(default_factory=list[UUID])
    bookings: int = 0
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    def open(cls, folder: Path, *, write_url: str | None = None, reporting_url: str | None = None) -> Self:
        """Everything but a master, with showtimes on sale."""
        write = write_url or f"sqlite:///{folder / 'cinema.db'}"
        reporting = reporting_url or f"sqlite:///{folder / 'reporting.db'}"
        upgrade(write_url=write, reporting_url=reporting)
        world = cls(folder, write, reporting, Emulator.start(folder / "hubs", hubs=HUBS))
        world.refuse({})
        world.database = OutboxDatabase(write)
        store = sql_write_store(world.database.engine)
        clock = FakeClock(datetime.now(UTC))
        world.cinema = Cinema(build_write_side(house_settings(write), store=store, clock=clock))
        world._open_showtimes()
        return world

    def _open_showtimes(self) -> None:
        self.cinema.register_movie()
        self.cinema.register_auditorium(A=60, B=60, C=60, D=60, E=60, F=60, G=60, H=60)
        for day in range(SHOWTIMES):
            starts_at = datetime.now(UTC) + timedelta(days=1 + day)
            self.showtimes.append(self.cinema.create_showtime(starts_at=starts_at).state.showtime_id)

    database: OutboxDatabase = field(init=False)
    cinema: Cinema = field(init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait(timeout=10)
        self.emulator.kill()
        self.database.close()

    sinks = tuple(ROUTES)

    @property
    def log(self) -> Path:
        """What every master has said."""
        return self.folder / "masters.log"

    @property
    def refusals(self) -> Path:
        return self.folder / "refusals.json"

    def refuse(self, streams: dict[str, list[str]]) -> None:
        """From now on these sinks refuse the messages of these streams for good."""
        new = self.refusals.with_suffix(".new")
        new.write_text(json.dumps(streams))
        new.replace(self.refusals)

    @contextmanager
    def selling(self) -> Generator[None]:
        """Bookings go on within, one after another; some are confirmed, some cancelled."""
        over = threading.Event()
        failures: list[BaseException] = []
        seller = threading.Thread(target=self._sell, args=(over, failures))
        seller.start()
        try:
            yield
        finally:
            over.set()
            seller.join(timeout=60)
        assert not failures, failures

    def _sell(self, over: threading.Event, failures: list[BaseException]) -> None:
        try:
            while not over.wait(PAUSE_BETWEEN_BOOKINGS):
                self.book()
        except BaseException as error:  # noqa: BLE001 told to the thread that waits
            failures.append(error)

    def book(self) -> None:
        """One reservation; what becomes of it is decided by chance. A database that is down sells nothing."""
        chance = Random(number := next(self._numbers))  # noqa: S311 repeatable on purpose
        row = "ABCDEFGH"[number // SEATS_A_ROW % 8]
        try:
            held = self.cinema.reserve(chance.choice(self.showtimes), f"{row}-{number % SEATS_A_ROW + 1}")
            self.bookings += 1
            if chance.random() < 0.6:
                self.cinema.confirm(held.state.reservation_id)
            if chance.random() < 0.4:
                self.cinema.cancel(held.state.reservation_id)
        except (UnavailableError, SeatsAlreadyTakenError):
            return

    def start_master(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A master in a process of its own, doomed by its arguments or not."""
        environment = {
            **os.environ,
            "WRITE_DATABASE_URL": self.write_url,
            "REPORTING_DATABASE_URL": self.reporting_url,
            "EventHub": self.emulator.connection_string,
            "LEASE_SECONDS": str(LEASE_SECONDS),
            "MASTER_BATCH_SIZE": "20",
        }
        program = [
            sys.executable,
            "-m",
            "tests.crash.outbox.doomed_master",
            "--refuse",
            self.refusals,
            *arguments,
        ]
        with self.log.open("ab") as log:
            process = subprocess.Popen(program, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self._processes.append(process)
        return process

    def kill_a_master(self, moment: str, *, number: int) -> None:
        """Start a master, and see it die at this moment."""
        doomed = self.start_master("--fate", "kill", "--moment", moment, "--number", str(number))
        assert doomed.wait(timeout=90) == -signal.SIGKILL, f"it did not die {moment}: {self.log.read_text()}"

    @contextmanager
    def a_master(self) -> Generator[subprocess.Popen[bytes]]:
        """An ordinary master, for as long as the context lasts."""
        process = self.start_master()
        yield process
        process.kill()
        process.wait(timeout=10)

    def carry_some(self, messages: int) -> None:
        """Wait until the masters have carried this many more."""
        wanted = self.delivered() + messages
        until(lambda: self.delivered() >= wanted, what=f"{messages} more messages are carried")

    def delivered(self) -> int:
        """How many deliveries have been acknowledged so far."""
        return sum(self.database.delivered_counter(sink) for sink in self.sinks)

    def kill_hubs(self) -> None:
        self.emulator.kill()

    def restart_hubs(self) -> None:
        """Over the same log, at the same address."""
        self.emulator = Emulator.start(self.emulator.data, port=self.emulator.port, hubs=HUBS)

    def drain(self, *, but_held: bool = False) -> None:
        """With nothing more sold, let an ordinary master carry all that may be carried."""
        with self.a_master():
            pending = self.database.in_lanes if but_held else self.database.pending
            until(lambda: not any(pending(sink) for sink in self.sinks), what="the outbox is drained")


def until(condition: Callable[[], bool], *, what: str, seconds: float = 90.0) -> None:
    """Wait for a condition, which must come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)
