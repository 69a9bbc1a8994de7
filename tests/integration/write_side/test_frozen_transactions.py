"""A process that is frozen amid a transaction holds its locks only until PostgreSQL ends that."""

import pytest
from sqlalchemy import Engine, column, insert, literal, select, table, text
from sqlalchemy.exc import DBAPIError

from shared.infrastructure.sql.engine import create_database_engine

pytestmark = [pytest.mark.integration, pytest.mark.full]

FIRST_WITH_TRANSACTION_TIMEOUT = 17_00_00
ACCOUNTS = table("accounts", column("id"))


def test_what_a_frozen_process_has_written_many_rows_of_is_let_go(postgres_url: str) -> None:
    """Without the limit on transactions nobody ends this one: a limit on silence alone waits for ever (see `engine`)."""
    frozen, other = (
        create_database_engine(
            postgres_url, lock_wait_seconds=20.0, pool_size=1, longest_transaction_seconds=limit
        )
        for limit in (1, None)
    )
    if version(other) < FIRST_WITH_TRANSACTION_TIMEOUT:
        pytest.skip("a server before PostgreSQL 17 has no limit on transactions")
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE accounts (id integer PRIMARY KEY)"))
    with frozen.connect() as silent:
        silent.execute(insert(ACCOUNTS), [{"id": 1}, {"id": 2}])
        with other.begin() as connection:
            connection.execute(insert(ACCOUNTS), {"id": 1})
        with pytest.raises(DBAPIError, match="transaction timeout"):
            silent.execute(select(literal(1)))
    frozen.dispose()
    other.dispose()


def version(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SHOW server_version_num")).scalar_one())
