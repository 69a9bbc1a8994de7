"""Bringing databases to the newest revision of their branch, from Python: launchers and tests call this."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, make_url, text

from shared.infrastructure.sql.engine import create_database_engine

_BRANCHES = Path(__file__).parent
_LOCK_WAIT_SECONDS = 60.0

_ROW_VERSIONS_ON = text("""
IF EXISTS (SELECT 1 FROM sys.databases WHERE name = DB_NAME() AND is_read_committed_snapshot_on = 0)
    ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE
""")


def upgrade(*, write_url: str, reporting_url: str) -> None:
    """Migrate both databases. What is at the newest revision already is left alone."""
    upgrade_branch("write", url=write_url)
    upgrade_branch("reporting", url=reporting_url)


def upgrade_branch(branch: str, *, url: str) -> None:
    """Migrate one database, in one transaction. The folder of an SQLite file is made if need be."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_database_engine(
        url, lock_wait_seconds=_LOCK_WAIT_SECONDS, pool_size=1, longest_transaction_seconds=None
    )
    try:
        _read_row_versions(engine)
        with engine.begin() as connection:
            configuration = Config(attributes={"connection": connection})
            configuration.set_main_option("script_location", str(_BRANCHES / branch))
            command.upgrade(configuration, "head")
    finally:
        engine.dispose()


def _read_row_versions(engine: Engine) -> None:
    """On SQL Server, let reads see row versions, as the master's reads rely on; no transaction may do this."""
    if engine.dialect.name == "mssql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(_ROW_VERSIONS_ON)
