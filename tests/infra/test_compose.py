"""The servers of docker-compose.yml, held against the code and against the rules of the emulator."""

import json
import re
import shlex
from typing import Any

import pytest
import yaml

from shared.settings import MasterSettings, MigrationSettings, ProjectorSettings
from tests.infra.bicep import INFRA
from tests.infra.deployment import MAIN, variables_of

pytestmark = pytest.mark.architecture

COMPOSE: dict[str, Any] = yaml.safe_load((INFRA.parent / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
HUBS: list[dict[str, Any]] = json.loads((INFRA / "compose" / "event-hubs.json").read_text())["UserConfig"][
    "NamespaceConfig"
][0]["Entities"]
ENVIRONMENT = dict(
    word.split("=", 1)
    for line in (INFRA / "compose" / "functions.env").read_text().splitlines()
    if not line.startswith("#")
    for word in shlex.split(line)
)
MEMBERS = ["localhost:27017", "localhost:27018", "localhost:27019"]


def test_every_image_is_pinned_by_tag_and_digest() -> None:
    images = [service["image"] for service in SERVICES.values() if "image" in service]
    assert [
        image for image in images if not re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image)
    ] == []
    assert all("image" in service or "build" in service for service in SERVICES.values())


def test_no_port_is_open_to_the_network() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_the_emulator_has_the_hubs_and_the_group_that_the_code_uses() -> None:
    hubs = {hub["Name"]: hub["PartitionCount"] for hub in HUBS}
    fields = MasterSettings.model_fields
    partitions = str(fields["hub_partitions"].default)
    names = (fields["domain_events_hub"].default, fields["reservations_hub"].default)
    assert hubs == dict.fromkeys(names, partitions)
    (domain,) = [hub for hub in HUBS if hub["Name"] == names[0]]
    assert {"Name": MAIN.variables["projectorConsumerGroup"]} in domain["ConsumerGroups"]


def test_no_hub_declares_the_group_that_is_always_there() -> None:
    """The emulator ends if one does; its schema says so, and that a hub has 1 to 20 groups and 1 to 32 partitions."""
    for hub in HUBS:
        assert 1 <= len(hub["ConsumerGroups"]) <= 20
        assert "$default" not in {group["Name"].lower() for group in hub["ConsumerGroups"]}
        assert 1 <= int(hub["PartitionCount"]) <= 32


def test_the_jobs_make_the_databases_and_the_members_that_the_settings_name() -> None:
    job = SERVICES["databases"]["command"][0]
    for variable in ("WRITE_DATABASE_URL", "REPORTING_DATABASE_URL"):
        found = re.search(r"@localhost:1433/(\w+)\?", ENVIRONMENT[variable])
        assert found
        assert f"IF DB_ID('{found[1]}') IS NULL CREATE DATABASE {found[1]};" in job
    script = (INFRA / "compose" / "replica-set.js").read_text()
    assert re.findall(r'host: "([\w:]+)"', script) == MEMBERS
    for url in (ENVIRONMENT["MONGO_URL"], SERVICES["read-service"]["environment"]["MONGO_URL"]):
        assert url == f"mongodb://{','.join(MEMBERS)}/?replicaSet=cinema"


def test_the_password_of_the_server_is_that_of_the_settings() -> None:
    password = (
        SERVICES["sql-server"]["environment"]["MSSQL_SA_PASSWORD"]
        .removeprefix("${SQL_PASSWORD:-")
        .rstrip("}")
    )
    assert f"://sa:{password}@" in ENVIRONMENT["WRITE_DATABASE_URL"]
    assert f"://sa:{password}@" in ENVIRONMENT["REPORTING_DATABASE_URL"]


def test_every_variable_of_the_file_is_read() -> None:
    read = {name for settings in (MigrationSettings, ProjectorSettings) for name in variables_of(settings)}
    assert set(ENVIRONMENT) <= read


def test_a_job_is_waited_for_and_every_server_says_when_it_is_ready() -> None:
    servers = set(SERVICES) - {"databases", "replica-set", "read-service", "gateway"}
    # The emulator's image has no shell to ask with; the read service's health check is its image's.
    assert {name for name in servers if "healthcheck" not in SERVICES[name]} == {"event-hubs"}
    assert (
        SERVICES["read-service"]["depends_on"]["replica-set"]["condition"] == "service_completed_successfully"
    )


def test_the_gateway_has_what_its_configuration_names() -> None:
    text = (INFRA / "envoy" / "gateway.yaml").read_text()
    assert set(SERVICES["gateway"]["environment"]) == set(re.findall(r"\$\{(\w+)\}", text))
