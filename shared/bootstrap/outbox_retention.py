"""The outbox's retention, wired."""

from datetime import timedelta
from functools import lru_cache

from shared.application.outbox.retention import ForgetDeliveredMessages
from shared.application.outbox.routing import ROUTES
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.outbox_retention import SqlOutboxHistory
from shared.settings import RetentionSettings, load


def build_retention(settings: RetentionSettings) -> ForgetDeliveredMessages:
    """The use case for some settings, on an engine of its own with one connection, which is made when it is needed."""
    engine = create_database_engine(
        settings.write_database_url,
        lock_wait_seconds=settings.lock_wait_seconds,
        pool_size=1,
        recycle_seconds=settings.sql_recycle_seconds,
    )
    return ForgetDeliveredMessages(
        history=SqlOutboxHistory(engine, sinks=tuple(ROUTES)),
        retention=timedelta(hours=settings.outbox_retention_hours),
        budget_seconds=settings.outbox_retention_budget_seconds,
    )


@lru_cache(maxsize=1)
def outbox_retention() -> ForgetDeliveredMessages:
    """The retention of this process, built on first use from the environment.

    Raises:
        SettingsError: a variable is missing or refused.
    """
    return build_retention(load(RetentionSettings))
