"""The audit's wiring: what it reads, and with which patience."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from shared.application.audit.audit import Audit, AuditLimits
from shared.application.audit.examination import AuditedParts
from shared.application.clock import SystemClock
from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS
from shared.bootstrap.hubs import namespace_of
from shared.bootstrap.reading import both_engines
from shared.bootstrap.views import patient_mongo, views_to_examine
from shared.infrastructure.eventhub.consumer_client import connect_consumer_with
from shared.infrastructure.eventhub.hub_reader import EventHubReader
from shared.infrastructure.mongo.mongo_parked_reader import MongoParkedReader
from shared.infrastructure.mongo.mongo_view_reader import MongoViewReader
from shared.infrastructure.sql.audit_reporting_reader import SqlReportingReader
from shared.infrastructure.sql.audit_write_reader import SqlWriteReader
from shared.settings import AuditSettings


@contextmanager
def open_audit(settings: AuditSettings) -> Generator[Audit]:
    """An audit with these settings; its connections are closed with the context.

    Raises:
        SettingsError: a URL names nothing that this product speaks to.
        StationUnreadableError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    with (
        both_engines(settings) as (write, reporting),
        patient_mongo(
            settings.mongo_url,
            patience_ms=int(settings.mongo_timeout_seconds * 1000),
            auth=settings.mongo_auth,
        ) as mongo,
    ):
        database = views_to_examine(mongo, settings.mongo_database)
        parts = AuditedParts(
            write=SqlWriteReader(write),
            reporting=SqlReportingReader(reporting),
            hubs={
                DOMAIN_EVENTS: _hub(DOMAIN_EVENTS, hub=settings.domain_events_hub, settings=settings),
                RESERVATIONS: _hub(RESERVATIONS, hub=settings.reservations_hub, settings=settings),
            },
            views=MongoViewReader(database),
            parked=MongoParkedReader(database),
        )
        yield Audit(
            parts,
            partitions=settings.hub_partitions,
            clock=SystemClock(),
            pause=time.sleep,
            limits=AuditLimits(patience_seconds=settings.audit_patience_seconds),
        )


def _hub(sink: str, *, hub: str, settings: AuditSettings) -> EventHubReader:
    return EventHubReader(
        sink,
        connect=connect_consumer_with(namespace_of(settings), hub=hub, group=settings.audit_consumer_group),
        partitions=settings.hub_partitions,
        patience_seconds=settings.audit_hub_seconds,
    )
