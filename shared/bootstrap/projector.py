"""The projector's wiring: the only place that knows its adapters."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from pymongo import MongoClient, WriteConcern
from redis import Redis

from shared.application.projections.ports import FailureParking
from shared.application.projections.project_events import ProjectEvents
from shared.infrastructure.cache.redis_view_cache import RedisViewCache
from shared.infrastructure.mongo.indexes import ensure_indexes
from shared.infrastructure.mongo.mongo_failure_parking import MongoFailureParking
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from shared.settings import ProjectorSettings, load


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


_kept = ExitStack()


@cache
def projector() -> ProjectEvents:
    """The projector of this process, built on first use and kept.

    Raises:
        SettingsError: a setting is missing.
        ViewStoreUnavailableError: the store does not answer; the next call tries again.
    """
    return _kept.enter_context(open_projector(load(ProjectorSettings)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectorParts:
    """What a projector writes to."""

    store: MongoViewStore
    cache: RedisViewCache
    failures: MongoFailureParking

    def projector(self, *, parking: FailureParking) -> ProjectEvents:
        """A projector that parks somewhere."""
        return ProjectEvents(store=self.store, cache=self.cache, parking=parking, clock=SystemClock())


@contextmanager
def open_projector(settings: ProjectorSettings) -> Generator[ProjectEvents]:
    """A projector with these settings; its connections are closed with the context.

    Raises:
        ViewStoreUnavailableError: the store does not answer.
    """
    with open_projector_parts(settings) as parts:
        yield parts.projector(parking=parts.failures)


@contextmanager
def open_projector_parts(settings: ProjectorSettings) -> Generator[ProjectorParts]:
    """The stores of a projector; their connections are closed with the context.

    Raises:
        ViewStoreUnavailableError: the store does not answer.
    """
    patience_ms = int(settings.mongo_timeout_seconds * 1000)
    mongo = MongoClient[dict[str, Any]](
        settings.mongo_url,
        serverSelectionTimeoutMS=patience_ms,
        connectTimeoutMS=patience_ms,
        socketTimeoutMS=patience_ms,
    )
    redis = cast(Any, Redis).from_url(
        settings.redis_url,
        socket_timeout=settings.redis_timeout_seconds,
        socket_connect_timeout=settings.redis_timeout_seconds,
    )
    with mongo, redis:
        database = mongo.get_database(settings.mongo_database, write_concern=WriteConcern("majority"))
        ensure_indexes(database)
        yield ProjectorParts(
            store=MongoViewStore(database),
            cache=RedisViewCache(redis),
            failures=MongoFailureParking(database),
        )
