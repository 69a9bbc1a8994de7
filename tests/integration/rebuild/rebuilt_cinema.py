"""Views, EventLog and cache as they are wired, with traffic, and `cinema rebuild` as a process of its own."""

import os
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from sqlalchemy import delete, insert

from migrations.upgrade import upgrade
from shared.application.projections.received_events import ReceivedEvent
from shared.application.rebuild.progress import RebuildProgress
from shared.bootstrap.projector import open_projector
from shared.contracts.documents import ReservationDocument, ShowtimeDocument, collection_name
from shared.contracts.generations import Generations
from shared.infrastructure.mongo.mongo_generations import read_generations
from shared.infrastructure.mongo.mongo_rebuild import MongoRebuildJournal
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.reporting_tables import event_log
from shared.settings import ProjectorSettings
from tests.builders.event_log_rows import event_row
from tests.builders.published_events import ShowtimeHistory, auditorium_event, movie_event

ROOT = Path(__file__).parents[3]


@dataclass
class RebuiltCinema:
    """One showtime after the other is booked; `projected` has the sequence that each has reached."""

    folder: Path
    mongo_url: str
    redis_url: str
    mongo_database: str
    projected: dict[str, int] = field(default_factory=dict[str, int])
    histories: list[ShowtimeHistory] = field(default_factory=list[ShowtimeHistory])

    def __post_init__(self) -> None:
        self.reporting_url = f"sqlite:///{self.folder / 'reporting.db'}"
        upgrade(write_url=f"sqlite:///{self.folder / 'cinema.db'}", reporting_url=self.reporting_url)
        self._engine = create_database_engine(self.reporting_url, lock_wait_seconds=5.0, pool_size=2)
        self.mongo = MongoClient[dict[str, Any]](self.mongo_url)
        self.database = self.mongo[self.mongo_database]
        self._customers = 0

    def close(self) -> None:
        self._engine.dispose()
        self.mongo.close()

    @property
    def projector_settings(self) -> ProjectorSettings:
        return ProjectorSettings(
            mongo_url=self.mongo_url, mongo_database=self.mongo_database, redis_url=self.redis_url
        )

    def archive(self, events: Sequence[ReceivedEvent]) -> None:
        if events:
            with self._engine.begin() as connection:
                connection.execute(insert(event_log), [event_row(event) for event in events])

    def furnish(self, *, showtimes: int, bookings: int) -> None:
        """A catalogue and showtimes with their bookings, archived and projected."""
        events = [movie_event(1), auditorium_event(1)]
        for number in range(showtimes):
            history = ShowtimeHistory(f"{self.mongo_database}/{number}")
            history.created()
            self.histories.append(history)
            for _ in range(bookings):
                self.book(history)
            events += history.events
        self.archive(events)
        with open_projector(self.projector_settings) as project:
            project(events)
        for history in self.histories:
            self.projected[str(history.showtime_id)] = len(history.events)

    def book(self, history: ShowtimeHistory) -> list[ReceivedEvent]:
        """A customer holds a seat and lets it go."""
        self._customers += 1
        customer, seat = f"customer {self._customers}", ("A", 1 + self._customers % 4)
        return [history.held(customer, seat), history.freed(customer, seat)]

    @contextmanager
    def traffic(self) -> Generator[None]:
        """Bookings all the time, projected at once and archived later; the last are archived at the end."""
        stop = threading.Event()
        failures: list[BaseException] = []

        def book() -> None:
            late: list[ReceivedEvent] = []
            try:
                with open_projector(self.projector_settings) as project:
                    while not stop.is_set():
                        for history in self.histories:
                            events = self.book(history)
                            project(events)
                            self.projected[str(history.showtime_id)] = len(history.events)
                            late += events
                        self.archive(late[:-4])
                        late = late[-4:]
                        stop.wait(0.02)
            except BaseException as failure:  # noqa: BLE001 # raised in the test's own thread
                failures.append(failure)
            self.archive(late)

        thread = threading.Thread(target=book)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(60)
        if failures:
            raise failures[0]

    def lose(self, history: ShowtimeHistory, *, sequence: int) -> str:
        """Take an event out of EventLog; answers its stream."""
        stream_id = f"showtime:{history.showtime_id}"
        with self._engine.begin() as connection:
            connection.execute(
                delete(event_log).where(event_log.c.StreamId == stream_id, event_log.c.Sequence == sequence)
            )
        return stream_id

    @property
    def generations(self) -> Generations:
        return read_generations(self.database)

    @property
    def progress(self) -> RebuildProgress:
        return MongoRebuildJournal(self.database).read()

    @property
    def collections(self) -> set[str]:
        return {name for name in self.database.list_collection_names() if name[-1].isdigit()}

    def documents(self, generation: int) -> list[dict[str, Any]]:
        """Showtimes and reservations without what says when and how often they were written."""
        return [
            {key: value for key, value in stored.items() if key not in {"rev", "passed"}}
            for model in (ShowtimeDocument, ReservationDocument)
            for stored in self.database[collection_name(model.view, generation=generation)]
            .find()
            .sort("_id", 1)
        ]

    def start(self, *arguments: str, **variables: object) -> subprocess.Popen[str]:
        """Start `cinema rebuild` in a folder without settings files."""
        settings = {
            "PYTHONPATH": str(ROOT),
            "REPORTING_DATABASE_URL": self.reporting_url,
            "MONGO_URL": self.mongo_url,
            "MONGO_DATABASE": self.mongo_database,
            "MONGO_TIMEOUT_SECONDS": "1",
            "REDIS_URL": self.redis_url,
            "REBUILD_GRACE_SECONDS": "5",
            "REBUILD_WATCH_SECONDS": "3",
            **{name: str(value) for name, value in variables.items()},
        }
        return subprocess.Popen(
            [sys.executable, "-m", "cli", "rebuild", *arguments],
            cwd=self.folder,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rebuild(self, *arguments: str, **variables: object) -> tuple[int, str, str]:
        """Run `cinema rebuild` to its end: its code, what it prints, and what it says beside."""
        process = self.start(*arguments, **variables)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err
