"""The audit's repair, wired: unlike the audit it writes, to the databases and to the views."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from shared.application.audit.repair import Repair, RepairParts
from shared.bootstrap.generations import generations_seen
from shared.bootstrap.projector import open_projector_parts
from shared.bootstrap.reading import both_engines
from shared.infrastructure.cache.cached_revisions import RedisCachedRevisions
from shared.infrastructure.mongo.mongo_view_removal import MongoViewRemoval
from shared.infrastructure.sql.audit_reporting_reader import SqlReportingReader
from shared.infrastructure.sql.audit_write_reader import SqlWriteReader
from shared.infrastructure.sql.redelivery import SqlRedelivery
from shared.infrastructure.sql.reporting_repair import SqlReportingRepair
from shared.settings import AuditSettings, ProjectorSettings


class _Removal:
    """Out of the store first: a reader that missed would fill the cache with the old document again."""

    def __init__(self, store: MongoViewRemoval, cache: RedisCachedRevisions) -> None:
        self._store = store
        self._cache = cache

    def remove(self, view: str, document_id: str) -> None:
        self._store.remove(view, document_id)
        self._cache.forget(view, document_id)


@contextmanager
def open_repair(settings: AuditSettings, *, projector: ProjectorSettings) -> Generator[Repair]:
    """A repair with these settings; its connections are closed with the context.

    Raises:
        SettingsError: a URL names nothing that this product speaks to.
        StationUnreadableError: there is no file where SQLite's should be.
        ViewStoreUnavailableError: the views do not answer.
    """
    with ExitStack() as stack:
        write, reporting = stack.enter_context(both_engines(settings))
        parts = stack.enter_context(open_projector_parts(projector))
        yield Repair(
            RepairParts(
                write=SqlWriteReader(write),
                reporting=SqlReportingReader(reporting),
                redelivery=SqlRedelivery(write),
                facts=SqlReportingRepair(reporting),
                removal=_Removal(
                    MongoViewRemoval(parts.database),
                    RedisCachedRevisions(parts.redis, generations=generations_seen(parts.database)),
                ),
                project=parts.projector(parts.failures),
            )
        )
