"""One who operates by hand: nobody unless named, and with what the command line needs, no more."""

import json
import re

import pytest

from shared.settings import (
    AuditSettings,
    CustomerSettings,
    OperationsSettings,
    RebuildSettings,
    ReportSettings,
    TraceSettings,
    load,
)
from tests.infra.bicep import INFRA, MODULES, read
from tests.infra.deployment import EXAMPLES, MAIN, SIGN_IN

pytestmark = pytest.mark.architecture

RUNBOOK = (INFRA.parent / "docs" / "runbook.md").read_text()
PARAMETERS = json.loads((INFRA / "main.parameters.json").read_text())["parameters"]
COMMANDS = (
    AuditSettings,
    CustomerSettings,
    OperationsSettings,
    RebuildSettings,
    ReportSettings,
    TraceSettings,
)


def test_nobody_operates_unless_somebody_is_named() -> None:
    assert MAIN.parameters["operatorPrincipalId"] == ""
    assert PARAMETERS["operatorPrincipalId"]["value"] == "${OPERATOR_PRINCIPAL_ID=}"
    assert MAIN.variables["operatorPrincipalIds"] == "empty(operatorPrincipalId) ? [] : [operatorPrincipalId]"
    for module in ("eventHubs", "mongo", "redis"):
        assert MAIN.modules[module]["params"]["operatorPrincipalIds"] == "operatorPrincipalIds"


def test_an_operator_reads_the_hubs_and_publishes_nothing() -> None:
    hubs = read(MODULES / "event-hubs.bicep")
    given = {
        name: body["properties"]["roleDefinitionId"]
        for name, body in hubs.resources.items()
        if body.get("properties", {}).get("principalType") == "operatorPrincipalType"
    }
    assert given == {"operatorsMayReceive": "dataReceiver"}


def test_an_operator_writes_the_views_and_no_other_database() -> None:
    cluster = read(MODULES / "mongo.bicep").resources
    user, projector = cluster["operators"]["properties"], cluster["writer"]["properties"]
    assert user["roles"] == projector["roles"]
    assert user["identityProvider"]["properties"]["principalType"] == (
        "operatorPrincipalType == 'User' ? 'user' : 'servicePrincipal'"
    )


def test_an_operator_uses_the_cache_as_the_programs_do() -> None:
    assert "for principalId in concat(principalIds, operatorPrincipalIds):" in (
        (MODULES / "redis.bicep").read_text()
    )


def test_the_settings_of_the_runbook_are_all_that_a_command_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    block = re.search(r'^ {4}\{"IsEncrypted".*?\}\}$', RUNBOOK, re.MULTILINE | re.DOTALL)
    assert block
    values: dict[str, str] = json.loads(block[0])["Values"]
    assert {values[name] for name in SIGN_IN} == {"entra"}
    for name, value in values.items():
        monkeypatch.setenv(name, EXAMPLES.get(name, value))
    for settings in COMMANDS:
        load(settings)
