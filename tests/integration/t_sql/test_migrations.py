"""On SQL Server too the revisions make the tables that the code expects: compared as T-SQL, since no server is at hand."""

import io
from pathlib import Path

import pytest
import sqlglot
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlglot import exp

from migrations import upgrade
from tests.integration.outbox.test_migrations import MODELS
from tests.integration.t_sql.recording import DIALECT

pytestmark = pytest.mark.integration


def script_of(branch: str) -> str:
    """What the revisions of a branch say to an empty SQL Server, oldest first."""
    said = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="mssql", opts={"as_sql": True, "output_buffer": said, "mssql_batch_separator": ""}
    )
    revisions = ScriptDirectory(str(Path(upgrade.__file__).parent / branch)).walk_revisions()
    with Operations.context(context):
        for revision in reversed(list(revisions)):
            revision.module.upgrade()
    return said.getvalue()


def definitions(script: str) -> dict[str, list[str]]:
    """Each table and index by its first line, with everything that is said of it, in an order of no matter."""
    found: dict[str, list[str]] = {}
    for statement in sqlglot.parse(script, dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE):
        if isinstance(statement, exp.Create):
            text = statement.sql("tsql")
            subject = statement.this
            is_table = isinstance(subject, exp.Schema)
            parts = [part.sql("tsql") for part in subject.expressions] if is_table else [text]
            found[text.partition(" (")[0]] = sorted(parts)
        elif isinstance(statement, exp.Drop):
            dropped = statement.args["tables"][0].sql("tsql")
            found = {first: parts for first, parts in found.items() if f" {dropped} " not in f"{first} "}
    return found


def models_script(metadata: MetaData) -> str:
    creations = [
        *(CreateTable(table) for table in metadata.sorted_tables),
        *(CreateIndex(index) for table in metadata.sorted_tables for index in table.indexes),
    ]
    return ";\n".join(str(creation.compile(dialect=DIALECT)) for creation in creations)


@pytest.mark.parametrize("branch", MODELS)
def test_models_and_revisions_agree_on_sql_server(branch: str) -> None:
    migrated = definitions(script_of(branch))
    assert len(migrated) >= len(MODELS[branch].tables)
    assert migrated == definitions(models_script(MODELS[branch]))


def test_another_column_would_be_noticed() -> None:
    script = script_of("reporting")
    changed = script.replace("[SeatsHeld] INTEGER", "[SeatsHeld] BIGINT")
    assert changed != script
    assert definitions(changed) != definitions(models_script(MODELS["reporting"]))
