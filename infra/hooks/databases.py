"""The databases made ready: tables by the migrations, row versions with them, then the programs' users."""

from collections.abc import Iterable
from contextlib import ExitStack

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from infra.hooks.database_users import (
    User,
    users_of_the_reporting_database,
    users_of_the_write_database,
)
from infra.hooks.settings import DatabaseSettings, HookError
from infra.hooks.sql_firewall import is_private, passage, refused_address, wait_until_let_in
from migrations.upgrade import upgrade
from shared.infrastructure.sql.engine import UnsupportedDatabaseError, create_database_engine

_LOCK_WAIT_SECONDS = 60.0


def prepare_databases(settings: DatabaseSettings) -> None:
    """Migrate both databases and make their users, from wherever this runs.

    Raises:
        HookError: a database can't be reached, or refuses.
    """
    try:
        with ExitStack() as stack:
            _reach(settings, stack=stack)
            # This also turns READ_COMMITTED_SNAPSHOT on, without which the masters refuse to start.
            upgrade(write_url=settings.write_database_url, reporting_url=settings.reporting_database_url)
            make_users(settings.write_database_url, users_of_the_write_database(settings))
            make_users(settings.reporting_database_url, users_of_the_reporting_database(settings))
    except (SQLAlchemyError, UnsupportedDatabaseError, ImportError) as error:
        raise HookError(f"{error} (ODBC Driver 18 for SQL Server and az login are needed)") from error


def make_users(url: str, users: Iterable[User]) -> None:
    """Make users in a database, each statement on its own: all of them may be repeated."""
    statements = [statement for user in users for statement in user.statements()]
    engine = _engine(url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def _reach(settings: DatabaseSettings, *, stack: ExitStack) -> None:
    """Sign in once; where the firewall refuses this machine, let it through until the stack ends."""
    refusal = _refusal(settings.write_database_url)
    if refusal is None:
        return
    if is_private(refusal):
        raise HookError(
            "the SQL server is reached from its own network alone (CINEMA_SIZE=prod): "
            "run this hook from a machine in that network"
        )
    if address := refused_address(refusal):
        stack.enter_context(
            passage(address, resource_group=settings.azure_resource_group, server=settings.sql_server_name)
        )
        wait_until_let_in(lambda: _refusal(settings.write_database_url))


def _refusal(url: str) -> str | None:
    """What a first sign-in was refused with; None if it was not. What else is wrong will show itself again."""
    engine = _engine(url)
    try:
        engine.connect().close()
    except SQLAlchemyError as error:
        return str(error)
    finally:
        engine.dispose()
    return None


def _engine(url: str) -> Engine:
    return create_database_engine(url, lock_wait_seconds=_LOCK_WAIT_SECONDS, pool_size=1)
