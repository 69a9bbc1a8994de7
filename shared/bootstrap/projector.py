"""The projector's wiring: the only place that knows its adapters."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from typing import Any

from pymongo.database import Database

from shared.application.clock import SystemClock
from shared.application.projections.generations import (
    FencedViewStore,
    Knowledge,
    NoViewCache,
    ProjectIntoGenerations,
    Target,
)
from shared.application.projections.ports import FailureParking, ViewCache
from shared.application.projections.project_events import ProjectEvents
from shared.bootstrap.cache import redis_client
from shared.bootstrap.telemetry import Project, observed_projection
from shared.bootstrap.views import patient_mongo, views_to_change
from shared.infrastructure.cache.redis_view_cache import RedisViewCache
from shared.infrastructure.mongo.indexes import ensure_indexes
from shared.infrastructure.mongo.mongo_failure_parking import MongoFailureParking
from shared.infrastructure.mongo.mongo_generations import MongoGenerations
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from shared.settings import ProjectorSettings, load


class ProjectorParts:
    """What projectors write to; a cache is kept for each generation, since it remembers when it failed."""

    def __init__(self, database: Database[dict[str, Any]], redis: Any) -> None:
        self.failures = MongoFailureParking(database)
        self.generations = MongoGenerations(database)
        self.database = database
        self.redis = redis

        @cache
        def cache_of(generation: int) -> ViewCache:
            return RedisViewCache(redis, generation=generation)

        self._cache_of = cache_of

    def projector(self, parking: FailureParking) -> ProjectIntoGenerations:
        """A projector that parks somewhere."""
        return ProjectIntoGenerations(self.generations, projector_of=partial(self.into, parking))

    def into(self, parking: FailureParking, target: Target, knowledge: Knowledge) -> ProjectEvents:
        """A projector into one generation, which parks somewhere."""
        store = MongoViewStore(self.database, generation=target.generation)
        return ProjectEvents(
            store=FencedViewStore(store, knowledge=knowledge),
            cache=self._cache_of(target.generation) if target.cached else NoViewCache(),
            parking=parking,
            clock=SystemClock(),
        )


_kept = ExitStack()


@cache
def projector() -> Project:
    """The projector of this process, built on first use and kept.

    Raises:
        SettingsError: a setting is missing.
        ViewStoreUnavailableError: the store does not answer; the next call tries again.
    """
    settings = load(ProjectorSettings)
    return observed_projection(
        _kept.enter_context(open_projector(settings)),
        source=settings.domain_events_hub,
        system="eventhubs",
        operation="process",
    )


@contextmanager
def open_projector(settings: ProjectorSettings) -> Generator[ProjectIntoGenerations]:
    """A projector with these settings; its connections are closed with the context.

    Raises:
        SettingsError: a URL is none of MongoDB's or Redis's.
        ViewStoreUnavailableError: the store does not answer.
    """
    with open_projector_parts(settings) as parts:
        yield parts.projector(parts.failures)


@contextmanager
def open_projector_parts(settings: ProjectorSettings) -> Generator[ProjectorParts]:
    """The stores of a projector; their connections are closed with the context.

    Raises:
        SettingsError: a URL is none of MongoDB's or Redis's.
        ViewStoreUnavailableError: the store does not answer.
    """
    patience_ms = int(settings.mongo_timeout_seconds * 1000)
    mongo = patient_mongo(settings.mongo_url, patience_ms=patience_ms)
    redis = redis_client(settings.redis_url, timeout_seconds=settings.redis_timeout_seconds)
    with mongo, redis:
        database = views_to_change(mongo, settings.mongo_database, patience_ms=patience_ms)
        for generation in MongoGenerations(database).read().written:
            ensure_indexes(database, generation=generation)
        yield ProjectorParts(database, redis)
