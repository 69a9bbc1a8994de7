"""The revisions make the tables that the code expects, on every database, and can be run by the launcher."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, func, select

from migrations.upgrade import upgrade_branch
from shared.infrastructure.sql import idempotency_table, outbox_tables, reporting_tables, write_tables
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.outbox_tables import lanes

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
MODELS = {
    "write": outbox_tables.messages.metadata,
    "reporting": reporting_tables.event_log.metadata,
}
assert write_tables.movies.metadata is MODELS["write"]
assert idempotency_table.idempotency.metadata is MODELS["write"]


def differences(url: str, *, models: MetaData) -> list[object]:
    engine = create_database_engine(url, lock_wait_seconds=5, pool_size=1)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[object] = list(compare_metadata(context, models))
    engine.dispose()
    return found


@pytest.mark.parametrize("branch", MODELS)
def test_models_and_revisions_agree_on_sqlite(branch: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new folder' / 'database.db'}"
    upgrade_branch(branch, url=url)
    assert differences(url, models=MODELS[branch]) == []


@pytest.mark.full
@pytest.mark.parametrize("branch", MODELS)
def test_models_and_revisions_agree_on_postgresql(branch: str, postgres_url: str) -> None:
    upgrade_branch(branch, url=postgres_url)
    assert differences(postgres_url, models=MODELS[branch]) == []


def test_a_missing_table_would_be_noticed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    assert differences(url, models=MODELS["reporting"]) != []


def test_the_command_migrates_both_databases_and_may_be_repeated(tmp_path: Path) -> None:
    write, reporting = (f"sqlite:///{tmp_path / name}" for name in ("cinema.db", "reporting.db"))
    for _ in range(2):
        done = migrate(WRITE_DATABASE_URL=write, REPORTING_DATABASE_URL=reporting)
        assert (done.returncode, done.stderr) == (0, "")
    engine = create_database_engine(write, lock_wait_seconds=5, pool_size=1)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(lanes)) == 3 * 64
    engine.dispose()


def test_a_missing_setting_is_named() -> None:
    done = migrate(WRITE_DATABASE_URL="sqlite:////nowhere/cinema.db")
    assert done.returncode == 1
    assert "REPORTING_DATABASE_URL" in done.stderr


def test_another_kind_of_database_is_refused(tmp_path: Path) -> None:
    done = migrate(
        WRITE_DATABASE_URL="mysql://localhost/cinema", REPORTING_DATABASE_URL=f"sqlite:///{tmp_path / 'r.db'}"
    )
    assert done.returncode == 1
    assert "'mysql' is none of sqlite, postgresql, mssql" in done.stderr


def migrate(**settings: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_DATABASE_URL")}
    return subprocess.run(
        [sys.executable, "-m", "migrations", "upgrade"],
        cwd=ROOT,
        env={**inherited, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
