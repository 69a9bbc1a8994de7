"""On SQL Server a node takes no command before it knows that reads see row versions.

SQLite stands in: it is made to say that it is SQL Server, and given the one system view that the check reads.
"""

import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event

from shared.application.command_context import CommandContext
from shared.application.errors import MisconfiguredStoreError, TransientFaultError
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.metadata import write_metadata
from tests.builders.cinema import house_settings
from tests.integration.write_side.function_client import FunctionClient
from tests.integration.write_side.test_faults import MOVIE, assert_come_again

pytestmark = pytest.mark.integration

ROW_VERSIONS = "is_read_committed_snapshot_on"
OFF, ON = 0, 1
CONTEXT = CommandContext(command_id=uuid4())


@dataclass
class PretendedSqlServer:
    """An engine whose database can be set up rightly, wrongly, or be down."""

    engine: Engine
    folder: Path
    asked: int = 0

    def __post_init__(self) -> None:
        event.listen(self.engine, "connect", self._attach)
        event.listen(self.engine, "before_cursor_execute", self._count)

    def set_row_versions(self, value: int) -> None:
        with sqlite3.connect(self.folder / "sys.db") as connection:
            connection.execute(f"CREATE TABLE IF NOT EXISTS databases (name, {ROW_VERSIONS})")
            connection.execute("DELETE FROM databases")
            connection.execute("INSERT INTO databases VALUES ('cinema', ?)", (value,))
        connection.close()

    def _attach(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.create_function("DB_NAME", 0, lambda: "cinema")
        connection.execute(f"ATTACH '{self.folder / 'sys.db'}' AS sys").close()

    def _count(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.asked += ROW_VERSIONS in statement


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PretendedSqlServer]:
    engine = create_database_engine(f"sqlite:///{tmp_path / 'cinema.db'}", lock_wait_seconds=1.0, pool_size=2)
    write_metadata.create_all(engine)
    engine.dispose()
    engine.dialect.name = "mssql"
    yield PretendedSqlServer(engine, tmp_path)
    engine.dispose()


@pytest.fixture
def client(server: PretendedSqlServer, monkeypatch: pytest.MonkeyPatch) -> FunctionClient:
    side = build_write_side(house_settings(), store=sql_write_store(server.engine))
    return FunctionClient.serving(side, monkeypatch=monkeypatch)


def test_without_row_versions_a_command_is_refused_and_the_log_says_what_to_do(
    server: PretendedSqlServer, client: FunctionClient, caplog: pytest.LogCaptureFixture
) -> None:
    server.set_row_versions(OFF)
    assert_come_again(client.put("/api/movies/tt1375666", MOVIE))
    (refusal,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert "'cinema' must have READ_COMMITTED_SNAPSHOT on: run the migrations" in refusal.getMessage()


@pytest.mark.parametrize(
    ("row_versions", "status", "said"), [(OFF, 503, "is misconfigured"), (ON, 200, "answers")]
)
def test_health_tells_a_misconfigured_database_from_one_that_answers(
    server: PretendedSqlServer, client: FunctionClient, row_versions: int, status: int, said: str
) -> None:
    server.set_row_versions(row_versions)
    answer = client.send("GET", "/health")
    assert (answer.status, answer.json["checks"]) == (status, {"writeDatabase": said})


def test_a_database_that_is_mended_needs_no_new_process_and_is_then_not_asked_again(
    server: PretendedSqlServer,
) -> None:
    begin = sql_write_store(server.engine).begin
    server.set_row_versions(OFF)
    for _ in range(2):
        with pytest.raises(MisconfiguredStoreError), begin(CONTEXT):
            pass
    server.set_row_versions(ON)
    for _ in range(2):
        with begin(CONTEXT):
            pass
    assert server.asked == 3


def test_a_database_that_is_down_is_an_outage_and_no_verdict(server: PretendedSqlServer) -> None:
    begin = sql_write_store(server.engine).begin
    server.set_row_versions(ON)
    (server.folder / "cinema.db").rename(server.folder / "away.db")
    (server.folder / "cinema.db").mkdir()
    with pytest.raises(TransientFaultError), begin(CONTEXT):
        pass
    (server.folder / "cinema.db").rmdir()
    (server.folder / "away.db").rename(server.folder / "cinema.db")
    with begin(CONTEXT):
        pass
