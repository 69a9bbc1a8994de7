"""What SQL Server would be told, as far as that can be seen without one."""

import re
from typing import cast

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import mssql
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.expression import ClauseElement

from shared.application.outbox.ports import Claim
from shared.infrastructure.sql import outbox_queries as queries
from shared.infrastructure.sql import outbox_tables, reporting_tables, write_tables
from shared.infrastructure.sql.outbox_writer_sql_server import APPEND_SQL

pytestmark = pytest.mark.unit

METADATAS = (outbox_tables.messages.metadata, reporting_tables.event_log.metadata)
TABLES = {table.name: table for metadata in METADATAS for table in metadata.sorted_tables}
CLAIM = Claim(sink="reporting", lane=1, owner="one", epoch=1, failures=0, taken_over=False)
DIALECT = cast(Dialect, mssql.dialect())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] set at run time


def in_t_sql(statement: ClauseElement) -> str:
    return str(statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True}))


def ddl(table: str) -> str:
    return str(CreateTable(TABLES[table]).compile(dialect=DIALECT))


def test_every_table_is_looked_at() -> None:
    assert write_tables.movies.name in TABLES
    assert {"OutboxMessages", "OutboxDeliveries", "OutboxLanes", "EventLog"} <= TABLES.keys()


@pytest.mark.parametrize("table", TABLES)
def test_no_type_loses_characters_or_time(table: str) -> None:
    found = re.findall(
        r"\bN?TEXT\b|\bDATETIME\b(?!2)|\bDATETIME2\b(?!\(6\))|\bVARCHAR\(max\)", ddl(table), re.IGNORECASE
    )
    assert [each for each in found if each.upper() != "NVARCHAR(MAX)"] == []


@pytest.mark.parametrize("table", TABLES)
def test_short_text_is_compared_byte_by_byte(table: str) -> None:
    columns = re.findall(r"\[\w+\] (VARCHAR\(\d+\)[^,\n]*)", ddl(table))
    assert all("COLLATE Latin1_General_100_BIN2" in column for column in columns)


def test_people_write_unicode_and_payloads_have_no_limit() -> None:
    assert "[Payload] NVARCHAR(max)" in ddl("OutboxMessages")
    assert "[Title] NVARCHAR" in ddl("Movies")


def test_the_claim_skips_lanes_that_others_hold() -> None:
    claim = in_t_sql(queries.claimable_lane(sink="reporting", lane=1))
    assert "FROM [OutboxLanes] WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK)" in claim


def test_the_read_of_a_lane_has_no_hint() -> None:
    read = in_t_sql(queries.first_messages("reporting", lane=1, limit=10))
    probe = in_t_sql(queries.lanes_with_work(["reporting"]))
    assert "WITH (" not in read + probe
    assert "TOP 10" in read


def test_the_acknowledgement_names_ids_in_one_parameter() -> None:
    statement = in_t_sql(queries.acknowledge(CLAIM, delivered=range(3_999)))
    assert "IN (SELECT CAST(value AS bigint) FROM OPENJSON(" in statement
    assert len(statement) < 400


def test_the_release_is_fenced_by_the_epoch() -> None:
    statement = in_t_sql(queries.release(CLAIM, delivered=1, failures=0, wait=0.0))
    assert "[OutboxLanes].[Epoch] = " in statement.partition("WHERE")[2]


def test_times_are_the_databases_own() -> None:
    lease = in_t_sql(queries.lease(CLAIM, seconds=15.0, wait=0.0))
    assert "DATEADD(millisecond, " in lease
    assert "SYSUTCDATETIME()" in lease


def test_the_append_numbers_and_inserts_in_the_commands_order() -> None:
    assert "PARTITION BY m.stream_id" in APPEND_SQL
    assert APPEND_SQL.index("UPDLOCK") < APPEND_SQL.index("INSERT INTO OutboxMessages")
    assert "ORDER BY g.Ordinal" in APPEND_SQL
