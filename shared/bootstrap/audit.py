"""The audit's wiring: what it reads, and with which patience."""

import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from sqlalchemy import Engine

from shared.application.audit.audit import Audit, AuditLimits
from shared.application.audit.examination import AuditedParts
from shared.application.clock import SystemClock
from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS
from shared.bootstrap.reading import reading_engine
from shared.infrastructure.eventhub.consumer_client import connect_consumer_with
from shared.infrastructure.eventhub.hub_reader import EventHubReader
from shared.infrastructure.mongo.mongo_view_reader import MongoViewReader
from shared.infrastructure.sql.audit_reporting_reader import SqlReportingReader
from shared.infrastructure.sql.audit_write_reader import SqlWriteReader
from shared.settings import AuditSettings, SettingsError


@contextmanager
def open_audit(settings: AuditSettings) -> Generator[Audit]:
    """An audit with these settings; its connections are closed with the context.

    Raises:
        SettingsError: a URL names nothing that this product speaks to, or the events go to a Kafka of one's own.
        StationUnreadableError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    if settings.hub_protocol == "kafka" and settings.kafka_security == "none":
        raise SettingsError("HUB_PROTOCOL: the audit reads Event Hubs, and can't read another Kafka")
    with (
        _engine(settings.write_database_url, "WRITE_DATABASE_URL", settings=settings) as write,
        _engine(settings.reporting_database_url, "REPORTING_DATABASE_URL", settings=settings) as reporting,
        _mongo(settings) as mongo,
    ):
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


def _engine(url: str, variable: str, *, settings: AuditSettings) -> AbstractContextManager[Engine]:
    return reading_engine(
        url,
        variable=variable,
        lock_wait_seconds=settings.lock_wait_seconds,
        recycle_seconds=settings.sql_recycle_seconds,
    )


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
