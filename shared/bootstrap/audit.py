"""The audit's wiring: what it reads, and with which patience."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from shared.application.audit.audit import Audit, AuditLimits
from shared.application.audit.examination import AuditedParts
from shared.application.audit.findings import EVENT_LOG, OUTBOX
from shared.application.audit.ports import StationUnreadableError
from shared.application.clock import SystemClock
from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS
from shared.infrastructure.eventhub.consumer_client import connect_consumer_with
from shared.infrastructure.eventhub.hub_reader import EventHubReader
from shared.infrastructure.mongo.mongo_view_reader import MongoViewReader
from shared.infrastructure.sql.audit_reporting_reader import SqlReportingReader
from shared.infrastructure.sql.audit_write_reader import SqlWriteReader
from shared.infrastructure.sql.engine import UnsupportedDatabaseError, create_database_engine
from shared.settings import AuditSettings, SettingsError

_CONNECTIONS = 1


@contextmanager
def open_audit(settings: AuditSettings) -> Generator[Audit]:
    """An audit with these settings; its connections are closed with the context.

    Raises:
        SettingsError: a URL names nothing that this product speaks to.
        StationUnreadableError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    write = _engine(settings.write_database_url, variable="WRITE_DATABASE_URL", settings=settings)
    reporting = _engine(settings.reporting_database_url, variable="REPORTING_DATABASE_URL", settings=settings)
    for engine, station in ((write, OUTBOX), (reporting, EVENT_LOG)):
        _require_file(engine, station=station)
    with _mongo(settings) as mongo:
        parts = AuditedParts(
            write=SqlWriteReader(write),
            reporting=SqlReportingReader(reporting),
            hubs={
                DOMAIN_EVENTS: _hub(DOMAIN_EVENTS, hub=settings.domain_events_hub, settings=settings),
                RESERVATIONS: _hub(RESERVATIONS, hub=settings.reservations_hub, settings=settings),
            },
            views=MongoViewReader(mongo.get_database(settings.mongo_database)),
        )
        yield Audit(
            parts,
            partitions=settings.hub_partitions,
            clock=SystemClock(),
            pause=time.sleep,
            limits=AuditLimits(patience_seconds=settings.audit_patience_seconds),
        )
    write.dispose()
    reporting.dispose()


def _hub(sink: str, *, hub: str, settings: AuditSettings) -> EventHubReader:
    try:
        connect = connect_consumer_with(settings.event_hub, hub=hub, group=settings.audit_consumer_group)
    except ValueError as error:
        raise SettingsError(f"EventHub: {error}") from error
    return EventHubReader(
        sink,
        connect=connect,
        partitions=settings.hub_partitions,
        patience_seconds=settings.audit_hub_seconds,
    )


def _engine(url: str, *, variable: str, settings: AuditSettings) -> Engine:
    try:
        return create_database_engine(
            url,
            lock_wait_seconds=settings.lock_wait_seconds,
            pool_size=_CONNECTIONS,
            recycle_seconds=settings.sql_recycle_seconds,
        )
    except (UnsupportedDatabaseError, ArgumentError, ImportError) as error:
        raise SettingsError(f"{variable}: {error}") from error


def _require_file(engine: Engine, *, station: str) -> None:
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        raise StationUnreadableError(station, f"there is no file {engine.url.database}")


def _mongo(settings: AuditSettings) -> MongoClient[dict[str, Any]]:
    patience_ms = int(settings.mongo_timeout_seconds * 1000)
    try:
        return MongoClient[dict[str, Any]](
            settings.mongo_url,
            serverSelectionTimeoutMS=patience_ms,
            connectTimeoutMS=patience_ms,
            socketTimeoutMS=patience_ms,
        )
    except (PyMongoError, ValueError) as error:
        raise SettingsError(f"MONGO_URL: {error}") from error
