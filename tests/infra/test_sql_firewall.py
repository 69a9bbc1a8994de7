"""Reading what Azure SQL says to a machine that it lets in nowhere, and letting it in for a while."""

from pathlib import Path

import pytest

from infra.hooks import sql_firewall
from infra.hooks.settings import HookError
from infra.hooks.sql_firewall import is_private, passage, refused_address, wait_until_let_in

pytestmark = pytest.mark.unit

REFUSED = (
    "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Cannot open server 'sql-x' requested by the login. "
    "Client with IP address '203.0.113.7' is not allowed to access the server. (40615) (SQLDriverConnect)"
)
PRIVATE = (
    "Reason: An instance-specific error occurred while establishing a connection to SQL Server. Connection was denied "
    "since Deny Public Network Access is set to Yes (47073)"
)


def test_the_refused_address_is_the_one_that_the_server_saw() -> None:
    assert refused_address(REFUSED) == "203.0.113.7"
    assert refused_address(PRIVATE) is None
    assert refused_address("Login failed for user '<token-identified principal>'. (18456)") is None


def test_a_server_without_a_public_side_is_told_from_one_with_a_firewall() -> None:
    assert is_private(PRIVATE)
    assert not is_private(REFUSED)


def test_the_way_in_is_closed_again_when_the_work_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = _azure_cli(tmp_path, monkeypatch, status=0)
    with pytest.raises(ZeroDivisionError), passage("203.0.113.7", resource_group="rg", server="sql-x"):
        _ = 1 / 0
    made, removed = calls.read_text().splitlines()
    assert made.startswith(
        "sql server firewall-rule create --resource-group rg --server sql-x --name deployment"
    )
    assert "--start-ip-address 203.0.113.7 --end-ip-address 203.0.113.7" in made
    assert removed.startswith(
        "sql server firewall-rule delete --resource-group rg --server sql-x --name deployment"
    )


@pytest.mark.parametrize("last", [None, "Login failed for user '<token-identified principal>'. (18456)"])
def test_a_new_rule_is_waited_for_and_nothing_else(last: str | None) -> None:
    answers = [REFUSED, REFUSED, last]
    wait_until_let_in(lambda: answers.pop(0), pause_seconds=0)
    assert answers == []


def test_a_rule_that_never_holds_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_firewall, "_PATIENCE_SECONDS", 0.0)
    with pytest.raises(HookError, match=r"still refuses 203\.0\.113\.7"):
        wait_until_let_in(lambda: REFUSED, pause_seconds=0)


def test_what_the_azure_cli_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _azure_cli(tmp_path, monkeypatch, status=1)
    with (
        pytest.raises(HookError, match="firewall-rule create: not today"),
        passage("203.0.113.7", resource_group="rg", server="sql-x"),
    ):
        pass


def test_without_an_azure_cli_it_is_said_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(HookError, match=r"Azure CLI \(az\) is needed"),
        passage("203.0.113.7", resource_group="rg", server="sql-x"),
    ):
        pass


def _azure_cli(folder: Path, monkeypatch: pytest.MonkeyPatch, *, status: int) -> Path:
    """A program named az that notes its arguments, and ends with a status."""
    calls = folder / "calls"
    program = folder / "az"
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\necho "not today" >&2\nexit {status}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    return calls
