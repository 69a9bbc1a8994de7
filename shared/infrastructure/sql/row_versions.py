"""Whether reads see row versions, which the promises of both sides rest on: no reader waits for a writer.

PostgreSQL and SQLite in WAL mode always do so. SQL Server does if READ_COMMITTED_SNAPSHOT is on.
"""

import logging

from sqlalchemy import Connection, Engine, text

from shared.application.errors import MisconfiguredStoreError
from shared.application.outbox.errors import RowVersionsMissingError
from shared.infrastructure.sql.engine import for_reading

_ROW_VERSIONS = text(
    "SELECT name, is_read_committed_snapshot_on AS versions_read FROM sys.databases WHERE name = DB_NAME()"
)

_log = logging.getLogger(__name__)


def check_versions_read(connection: Connection) -> None:
    """Make sure that a read sees row versions.

    Raises:
        RowVersionsMissingError: on SQL Server, READ_COMMITTED_SNAPSHOT is off.
    """
    if connection.dialect.name != "mssql":
        return
    database = connection.execute(_ROW_VERSIONS).one()
    if not database.versions_read:
        raise RowVersionsMissingError(database.name)


class RowVersionsCheck:
    """Asks the database before the first unit of work, and again before each later one until it has passed.

    It is not asked when the process starts: a database that is down then would end the process again and again.
    """

    def __init__(self, engine: Engine) -> None:
        """Connect when first asked to."""
        self._engine = engine
        self._passed = False

    def ensure_passed(self) -> None:
        """Return at once after the first success.

        Raises:
            MisconfiguredStoreError: reads would lock, which is logged for whoever can mend it.
        """
        if self._passed:
            return
        if self._engine.dialect.name == "mssql":
            self._ask()
        self._passed = True

    def _ask(self) -> None:
        try:
            with for_reading(self._engine).connect() as connection:
                check_versions_read(connection)
        except RowVersionsMissingError as error:
            _log.error("write_database_refused cause=%s", error)
            raise MisconfiguredStoreError from error
