"""Rebuilding the views, wired: the projector's own stores, and EventLog beside them."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

from shared.application.clock import SystemClock
from shared.application.rebuild.rebuild_views import RebuildLimits, RebuildParts, RebuildViews, Tell
from shared.bootstrap.projector import open_projector_parts
from shared.bootstrap.reading import existing_engine
from shared.infrastructure.mongo.mongo_rebuild import (
    MongoGenerationCollections,
    MongoGenerationMarks,
    MongoRebuildJournal,
)
from shared.infrastructure.sql.event_archive import SqlEventArchive
from shared.settings import RebuildSettings

_TRIES = 2
"""How often the driver tries a write."""


@contextmanager
def open_rebuild(settings: RebuildSettings, *, tell: Tell) -> Generator[RebuildViews]:
    """A rebuild with these settings; its connections are closed with the context.

    Raises:
        SettingsError: a URL names nothing that this product speaks to.
        StationUnreadableError: there is no file where SQLite's should be. To connect would make an empty one.
    """
    with (
        existing_engine(
            settings.reporting_database_url, "REPORTING_DATABASE_URL", settings=settings, pool_size=1
        ) as engine,
        open_projector_parts(settings) as projectors,
    ):
        parts = RebuildParts(
            directory=projectors.generations,
            journal=MongoRebuildJournal(projectors.database),
            archive=SqlEventArchive(engine),
            marks=MongoGenerationMarks(projectors.database),
            collections=MongoGenerationCollections(projectors.database),
            projector_of=partial(projectors.into, projectors.failures),
            clock=SystemClock(),
        )
        yield RebuildViews(parts, limits=_limits(settings), tell=tell)


def _limits(settings: RebuildSettings) -> RebuildLimits:
    return RebuildLimits(
        batch_events=settings.rebuild_batch_events,
        grace_seconds=settings.rebuild_grace_seconds,
        patience_seconds=settings.rebuild_patience_seconds,
        watch_seconds=settings.rebuild_watch_seconds,
        write_seconds=_TRIES * settings.mongo_timeout_seconds,
    )
