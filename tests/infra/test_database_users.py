"""Who may do what in the databases: the T-SQL of the hook, parsed, and held against what the apps are given."""

import re

import pytest
import sqlglot
from sqlglot import exp

from infra.hooks.database_users import User, users_of_the_reporting_database, users_of_the_write_database
from infra.hooks.settings import DatabaseSettings, HookError, load
from shared.infrastructure.sql.outbox_tables import deliveries, discards, holds
from tests.infra.deployment import APPS, MAIN, settings_of

pytestmark = pytest.mark.unit

OBJECT_ID = "8d2e7f3a-4f0c-4d8e-9a61-0d2b8a5c1e77"
SETTINGS = DatabaseSettings(
    azure_resource_group="rg-cinema",
    sql_server_name="sql-x",
    write_database_url="mssql+pyodbc://x/CinemaDb",
    reporting_database_url="mssql+pyodbc://x/MasterDb",
    **{f"{app}_identity_name": f"id-{app}-x" for app in APPS},
    **{f"{app}_identity_object_id": OBJECT_ID for app in APPS},
)
OF = {
    "WRITE_DATABASE_URL": users_of_the_write_database,
    "REPORTING_DATABASE_URL": users_of_the_reporting_database,
}


@pytest.mark.parametrize("url", OF)
def test_the_apps_that_know_a_databases_address_are_its_users_and_no_other(url: str) -> None:
    users = {user.name.split("-")[1] for user in OF[url](SETTINGS)}
    assert users == {app for app in APPS if url in settings_of(app)}


@pytest.mark.parametrize(
    ("url", "writers"),
    [("WRITE_DATABASE_URL", {"commands", "outbox"}), ("REPORTING_DATABASE_URL", {"outbox"})],
)
def test_who_only_looks_may_not_write(url: str, writers: set[str]) -> None:
    users = OF[url](SETTINGS)
    assert {user.name.split("-")[1] for user in users if "db_datawriter" in user.roles} == writers
    assert all("db_datareader" in user.roles for user in users)


def test_nobody_owns_a_database() -> None:
    statements = [s for users in OF.values() for user in users(SETTINGS) for s in user.statements()]
    assert not [
        s for s in statements if re.search(r"db_owner|db_ddladmin|db_securityadmin|CONTROL|ALTER ANY", s)
    ]


def test_operations_may_change_the_tables_of_dead_letters_alone() -> None:
    (operations,) = [user for user in users_of_the_write_database(SETTINGS) if "operations" in user.name]
    tables = {match for grant in operations.grants for match in re.findall(r"ON dbo\.(\w+)", grant)}
    assert tables == {holds.name, deliveries.name, discards.name}


def test_a_user_is_made_once_and_joins_its_roles_once() -> None:
    first, *roles = User(name="id-a-x", object_id=OBJECT_ID, roles=("db_datareader",)).statements()
    assert first == (
        "IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = N'id-a-x') "  # noqa: S608 # it is expected
        f"CREATE USER [id-a-x] FROM EXTERNAL PROVIDER WITH OBJECT_ID = '{OBJECT_ID}'"
    )
    assert roles == [
        "IF IS_ROLEMEMBER(N'db_datareader', N'id-a-x') = 0 ALTER ROLE [db_datareader] ADD MEMBER [id-a-x]"
    ]


def test_every_guard_and_every_grant_is_t_sql() -> None:
    for users in OF.values():
        for user in users(SETTINGS):
            for statement in user.statements():
                # CREATE USER and ALTER ROLE are beyond the parser; what stands before them is a query.
                guard = re.match(r"IF (?:NOT )?(.+?) (?:CREATE|ALTER)", statement)
                text = f"SELECT 1 WHERE {guard[1]}" if guard else statement
                (parsed,) = sqlglot.parse(text, dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE)
                assert isinstance(parsed, exp.Select | exp.Grant), statement


@pytest.mark.parametrize("name", ["", "id]; DROP TABLE Reservations; --", "id'x", "a b", "x" * 200])
def test_a_name_that_is_none_of_an_identity_makes_no_statement(name: str) -> None:
    with pytest.raises(HookError, match="no name of a managed identity"):
        next(User(name=name, object_id=OBJECT_ID, roles=()).statements())


def test_an_id_that_is_none_makes_no_statement() -> None:
    with pytest.raises(HookError, match="no object id"):
        next(User(name="id-a-x", object_id="' OR 1=1", roles=()).statements())


def test_a_missing_variable_is_named_and_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DatabaseSettings.model_fields:
        monkeypatch.setenv(name.upper(), "x")
    monkeypatch.delenv("OUTBOX_IDENTITY_NAME")
    with pytest.raises(HookError, match=r"OUTBOX_IDENTITY_NAME: Field required.*azd provision"):
        load(DatabaseSettings)


def test_every_variable_of_the_hooks_is_an_output_of_the_template() -> None:
    needed = {name.upper() for name, field in DatabaseSettings.model_fields.items() if field.is_required()}
    assert needed | {"GATEWAY_URL"} <= MAIN.outputs
