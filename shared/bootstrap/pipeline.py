"""Looking at the pipeline, wired."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import lru_cache

from shared.application.pipeline.look_at_pipeline import LookAtPipeline, PipelineParts
from shared.bootstrap.cache import redis_client
from shared.bootstrap.engines import outbox_engine
from shared.bootstrap.views import patient_mongo, views_to_examine
from shared.infrastructure.cache.redis_counters import RedisCounters
from shared.infrastructure.mongo.mongo_view_progress import MongoViewProgress
from shared.infrastructure.sql.delivered_events import SqlDeliveredEvents
from shared.infrastructure.sql.outbox_status import SqlOutboxStatus
from shared.settings import PipelineSettings, load

_CONNECTIONS = 2
_kept = ExitStack()


@contextmanager
def open_pipeline(settings: PipelineSettings) -> Generator[LookAtPipeline]:
    """A look with these settings; its connections are made when they are needed, and closed with the context.

    Raises:
        SettingsError: an address names nothing that this product speaks to.
        OutboxNotMigratedError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    engine = outbox_engine(settings, pool_size=_CONNECTIONS)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        patience_ms = int(settings.pipeline_patience_seconds * 1000)
        mongo = stack.enter_context(
            patient_mongo(settings.mongo_url, patience_ms=patience_ms, auth=settings.mongo_auth)
        )
        redis = redis_client(
            settings.redis_url, timeout_seconds=settings.redis_timeout_seconds, auth=settings.redis_auth
        )
        yield LookAtPipeline(
            PipelineParts(
                outbox=SqlOutboxStatus(engine),
                delivered=SqlDeliveredEvents(engine),
                views=MongoViewProgress(views_to_examine(mongo, settings.mongo_database)),
                cache=RedisCounters(stack.enter_context(redis)),
                partitions=settings.hub_partitions,
            )
        )


@lru_cache(maxsize=1)
def pipeline() -> LookAtPipeline:
    """The look of this process, built on first use from the environment and kept.

    Raises:
        SettingsError: a variable is missing or refused.
        OutboxNotMigratedError: see `open_pipeline`.
    """
    return _kept.enter_context(open_pipeline(load(PipelineSettings)))
