"""Tracing a booking, wired: for the function, which leaves the hubs alone, and for the command line."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import lru_cache

from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS
from shared.application.tracing.ports import HubSearch
from shared.application.tracing.trace_reservation import TracedParts, TraceReservation
from shared.bootstrap.cache import redis_client
from shared.bootstrap.generations import generations_seen
from shared.bootstrap.hubs import namespace_of
from shared.bootstrap.reading import both_engines
from shared.bootstrap.views import patient_mongo, views_to_examine
from shared.infrastructure.cache.cached_revisions import RedisCachedRevisions
from shared.infrastructure.eventhub.consumer_client import connect_consumer_with
from shared.infrastructure.eventhub.hub_search import EventHubSearch
from shared.infrastructure.mongo.mongo_view_reader import MongoViewReader
from shared.infrastructure.sql.trace_readers import SqlArchive, SqlWrittenReservations
from shared.settings import TraceSettings, load

_MONGO_PATIENCE_MS = 3_000
"""Somebody waits for the answer, which can do without."""

_kept = ExitStack()


@contextmanager
def open_tracing(settings: TraceSettings, *, search_hubs: bool) -> Generator[TraceReservation]:
    """A trace with these settings; its connections are made when they are needed, and closed with the context.

    Raises:
        SettingsError: an address names nothing that this product speaks to.
        StationUnreadableError: there is no file where SQLite's should be.
    """
    with ExitStack() as stack:
        write, reporting = stack.enter_context(both_engines(settings))
        mongo = stack.enter_context(
            patient_mongo(settings.mongo_url, patience_ms=_MONGO_PATIENCE_MS, auth=settings.mongo_auth)
        )
        views = views_to_examine(mongo, settings.mongo_database)
        redis = redis_client(
            settings.redis_url, timeout_seconds=settings.redis_timeout_seconds, auth=settings.redis_auth
        )
        yield TraceReservation(
            TracedParts(
                write=SqlWrittenReservations(write),
                archive=SqlArchive(reporting),
                views=MongoViewReader(views),
                cache=RedisCachedRevisions(stack.enter_context(redis), generations=generations_seen(views)),
                hubs=_hubs(settings) if search_hubs else {},
            )
        )


@lru_cache(maxsize=1)
def tracing() -> TraceReservation:
    """The trace of this process, built on first use from the environment and kept. It searches no hub.

    Raises:
        SettingsError: a variable is missing or refused.
        StationUnreadableError: there is no file where SQLite's should be.
    """
    return _kept.enter_context(open_tracing(load(TraceSettings), search_hubs=False))


def _hubs(settings: TraceSettings) -> dict[str, HubSearch]:
    if not (settings.event_hub or settings.event_hub_namespace):
        return {}
    namespace, found = namespace_of(settings), dict[str, HubSearch]()
    for sink, hub in ((DOMAIN_EVENTS, settings.domain_events_hub), (RESERVATIONS, settings.reservations_hub)):
        found[sink] = EventHubSearch(
            sink,
            connect=connect_consumer_with(namespace, hub=hub, group=settings.audit_consumer_group),
            partitions=settings.hub_partitions,
            seconds=settings.audit_hub_seconds,
        )
    return found
