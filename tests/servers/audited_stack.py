"""A small cinema in its real parts, everything delivered: for tests that damage it and see what is noticed."""

import asyncio
import shutil
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from pymongo import MongoClient
from sqlalchemy import Engine, text

from local.eventhubs.log import NewRecord, PartitionLog, Record
from migrations.upgrade import upgrade
from shared.application.audit.findings import AuditReport, Finding
from shared.application.audit.repair import Repaired
from shared.application.outbox.lanes import lane_of
from shared.application.outbox.routing import ROUTES
from shared.application.projections.received_events import ReceivedEvent
from shared.bootstrap.audit import open_audit
from shared.bootstrap.master import open_master
from shared.bootstrap.projector import open_projector
from shared.bootstrap.repair import open_repair
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.contracts.documents import FIRST_GENERATION, ViewDocument, collection_name
from shared.infrastructure.sql.engine import create_database_engine
from shared.settings import AuditSettings, MasterSettings, ProjectorSettings
from tests.builders.cinema import Cinema, house_settings
from tests.fakes.clock import FakeClock
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.hub_log import read_hub
from tests.servers.outbox_database import OutboxDatabase

DOMAIN_EVENTS_HUB, RESERVATIONS_HUB = "cinema.domain.events", "cinema.reservations"
PARTITIONS = 4
HUBS = tuple(f"{hub}={PARTITIONS}" for hub in (DOMAIN_EVENTS_HUB, RESERVATIONS_HUB))


@dataclass
class AuditedStack:
    """Databases and hubs in a folder, and views in a database of the MongoDB stand-in."""

    folder: Path
    mongo_url: str
    mongo_database: str
    redis_url: str
    showtime: UUID
    sold: UUID
    cancelled: UUID
    emulator: Emulator = field(init=False)

    @classmethod
    def furnish(cls, folder: Path, *, mongo_url: str, redis_url: str) -> Self:
        """A cinema that has sold, with nothing left to deliver. Its hubs are closed, and there are no views."""
        write = f"sqlite:///{folder / 'cinema.db'}"
        upgrade(write_url=write, reporting_url=f"sqlite:///{folder / 'reporting.db'}")
        database = OutboxDatabase(write)
        clock = FakeClock(datetime.now(UTC) - timedelta(seconds=90))
        cinema = Cinema(
            build_write_side(house_settings(write), store=sql_write_store(database.engine), clock=clock)
        )
        cinema.register_movie()
        cinema.register_auditorium()
        showtime = cinema.create_showtime(starts_at=clock.now() + timedelta(days=1)).state.showtime_id
        sold, cancelled = (
            cinema.reserve(showtime, *seats).state.reservation_id for seats in (("A-1", "A-2"), ("B-1",))
        )
        cinema.confirm(sold)
        cinema.cancel(cancelled)
        cinema.reserve(showtime, "B-1")
        cinema.register_movie("Inception, again")
        database.close()
        stack = cls(folder, mongo_url, "none", redis_url, showtime, sold, cancelled)
        with stack.open_hubs():
            stack.carry()
        return stack

    @contextmanager
    def copied(self, folder: Path, *, mongo_database: str) -> Generator["AuditedStack"]:
        """Another one like it, with its hubs open and its views made."""
        shutil.copytree(self.folder, folder)
        copy = AuditedStack(
            folder, self.mongo_url, mongo_database, self.redis_url, self.showtime, self.sold, self.cancelled
        )
        with copy.open_hubs():
            copy.project()
            yield copy

    @contextmanager
    def open_hubs(self) -> Generator[None]:
        self.emulator = Emulator.start(self.folder / "hubs", hubs=HUBS)
        try:
            yield
        finally:
            self.emulator.kill()

    @property
    def stream(self) -> str:
        return f"showtime:{self.showtime}"

    @property
    def variables(self) -> dict[str, str]:
        """The settings of every part, as environment variables."""
        return {
            "WRITE_DATABASE_URL": f"sqlite:///{self.folder / 'cinema.db'}",
            "REPORTING_DATABASE_URL": f"sqlite:///{self.folder / 'reporting.db'}",
            "EventHub": self.emulator.connection_string,
            "HUB_PARTITIONS": str(PARTITIONS),
            "MONGO_URL": self.mongo_url,
            "MONGO_DATABASE": self.mongo_database,
            "REDIS_URL": self.redis_url,
            "AUDIT_PATIENCE_SECONDS": "1",
            "AUDIT_HUB_SECONDS": "10",
            "MONGO_TIMEOUT_SECONDS": "2",
        }

    def settings(self, **changed: object) -> AuditSettings:
        values: dict[str, object] = {
            name if name == "EventHub" else name.lower(): value for name, value in self.variables.items()
        }
        return AuditSettings.model_validate(values | changed)

    def audit(self, **changed: object) -> AuditReport:
        with open_audit(self.settings(**changed)) as audit:
            return audit()

    def repair(self, findings: Sequence[Finding] | None = None) -> Repaired:
        """Repair what an audit finds now, or has found before."""
        with open_repair(self.settings(), projector=self._projector()) as repair:
            return repair(self.audit().findings if findings is None else findings)

    def carry(self) -> None:
        """Let a master deliver everything that waits."""
        asyncio.run(self.carry_now())

    async def carry_now(self) -> None:
        """See `carry`."""
        values = {name if name == "EventHub" else name.lower(): v for name, v in self.variables.items()}
        database = OutboxDatabase(self.variables["WRITE_DATABASE_URL"])
        async with open_master(MasterSettings.model_validate(values)) as master, asyncio.timeout(60):
            run = asyncio.create_task(master.run(budget_seconds=60))
            while any([database.in_lanes(sink) for sink in ROUTES]):  # noqa: C419 # each look takes a connection
                await asyncio.sleep(0.02)
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
        database.close()

    def project(self) -> None:
        """Make views of what the first hub has."""
        events = [
            ReceivedEvent(
                body=event.body,
                partition=str(event.partition),
                position=position,
                published=datetime.now(UTC),
            )
            for position, event in enumerate(read_hub(self.folder / "hubs" / DOMAIN_EVENTS_HUB))
        ]
        with open_projector(self._projector()) as project:
            project(events)

    def _projector(self) -> ProjectorSettings:
        return ProjectorSettings(
            mongo_url=self.mongo_url, mongo_database=self.mongo_database, redis_url=self.redis_url
        )

    @contextmanager
    def views(self, model: type[ViewDocument]) -> Generator[Any]:
        """A collection of documents, for a test to change."""
        with MongoClient[dict[str, Any]](self.mongo_url) as client:
            yield client[self.mongo_database][collection_name(model.view, generation=FIRST_GENERATION)]

    def alter(self, model: type[ViewDocument], identity: UUID, **fields: object) -> None:
        """Change fields of a document behind everybody's back."""
        with self.views(model) as collection:
            document = collection.find_one({"_id": str(identity)})
            collection.replace_one({"_id": str(identity)}, document | fields)

    def change(self, database: str, statement: str, **parameters: object) -> None:
        """Change something in `cinema` or `reporting` behind everybody's back."""
        engine = self._engine(database)
        with engine.begin() as connection:
            assert connection.execute(text(statement), parameters).rowcount > 0
        engine.dispose()

    def count(self, database: str, query: str, **parameters: object) -> Any:
        engine = self._engine(database)
        with engine.begin() as connection:
            found: Any = connection.execute(text(query), parameters).scalar_one()
        engine.dispose()
        return found

    def _engine(self, database: str) -> Engine:
        url = f"sqlite:///{self.folder / database}.db"
        return create_database_engine(url, lock_wait_seconds=5.0, pool_size=1)

    def rewrite(
        self,
        hub: str,
        change: Callable[[Sequence[Record]], Iterable[Record]],
        *,
        partition: int | None = None,
    ) -> None:
        """Rewrite the log of a partition, the showtime's if none is named; the hubs are down meanwhile."""
        self.emulator.kill()
        number = lane_of(self.stream) % PARTITIONS if partition is None else partition
        path = self.folder / "hubs" / hub / f"{number}.log"
        old = PartitionLog.open(path)
        records = [old.read(sequence) for sequence in range(old.end)]
        old.close()
        path.unlink()
        new = PartitionLog.open(path)
        for record in change(records):
            new.append(
                [NewRecord(partition_key=record.partition_key, message=record.message)],
                enqueued_ms=record.enqueued_ms,
            )
        new.close()
        self.emulator = Emulator.start(self.folder / "hubs", port=self.emulator.port, hubs=HUBS)
