"""The filling of gaps, wired: the projector's own stores, and EventLog beside them."""

import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import cache

from shared.application.clock import SystemClock
from shared.application.projections.gaps import FillGaps, FillGapsOfGenerations, GapLimits
from shared.bootstrap.engines import engine_of
from shared.bootstrap.projector import open_projector_parts
from shared.bootstrap.telemetry import observed_projection
from shared.bootstrap.views import views_to_examine
from shared.infrastructure.mongo.mongo_view_gaps import MongoViewGaps
from shared.infrastructure.sql.event_archive import SqlEventArchive
from shared.settings import ProjectionGapSettings, load

_kept = ExitStack()


@contextmanager
def open_gap_filling(settings: ProjectionGapSettings) -> Generator[FillGapsOfGenerations]:
    """The use case with these settings; its connections are closed with the context.

    Raises:
        SettingsError: an address names nothing that this product speaks to.
        ViewStoreUnavailableError: the views do not answer.
    """
    engine = engine_of(
        settings.reporting_database_url,
        variable="REPORTING_DATABASE_URL",
        lock_wait_seconds=settings.lock_wait_seconds,
        pool_size=1,
        recycle_seconds=settings.sql_recycle_seconds,
    )
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        parts = stack.enter_context(open_projector_parts(settings))
        database = views_to_examine(parts.database.client, settings.mongo_database)

        def filling_of(generation: int) -> FillGaps:
            return FillGaps(
                gaps=MongoViewGaps(database, generation=generation),
                archive=SqlEventArchive(engine),
                project=observed_projection(
                    parts.projector(parts.failures),
                    source="EventLog",
                    system=None,
                    operation="fill gaps from",
                ),
                clock=SystemClock(),
                monotonic=time.monotonic,
                limits=_limits(settings),
            )

        yield FillGapsOfGenerations(parts.generations, filling_of=filling_of)


def _limits(settings: ProjectionGapSettings) -> GapLimits:
    return GapLimits(
        patience_seconds=settings.projection_gap_seconds,
        showtime_events=settings.projection_gap_events,
        budget_seconds=settings.projection_gaps_budget_seconds,
    )


@cache
def projection_gaps() -> FillGapsOfGenerations:
    """The use case of this process, built on first use from the environment and kept.

    Raises:
        SettingsError: a variable is missing or refused.
        ViewStoreUnavailableError: the views do not answer; the next call tries again.
    """
    return _kept.enter_context(open_gap_filling(load(ProjectionGapSettings)))
