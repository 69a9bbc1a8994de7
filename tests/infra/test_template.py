"""The template, held against the rest of the repository: names, environments, services, and ways to sign in."""

import json
import re
from typing import Any

import pytest
import yaml
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

from readsvc.settings import ReadServiceSettings
from shared.settings import MasterSettings
from shared.telemetry.settings import TelemetrySettings
from tests.infra.bicep import FILES, INFRA, MODULES, Expression, read
from tests.infra.deployment import APPS, FUNCTIONS, MAIN, SAMPLING, SIGN_IN, settings_of, variables_of

pytestmark = pytest.mark.architecture

ROOT = INFRA.parent
PARAMETERS = json.loads((INFRA / "main.parameters.json").read_text())["parameters"]
AZURE = yaml.safe_load((ROOT / "azure.yaml").read_text())
GIVEN_BY_AZD = {"AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_PRINCIPAL_ID"}


def test_the_hubs_are_those_that_the_masters_publish_to() -> None:
    fields = MasterSettings.model_fields
    assert MAIN.variables["domainEventsHub"] == fields["domain_events_hub"].default
    assert MAIN.variables["reservationsHub"] == fields["reservations_hub"].default
    assert MAIN.variables["hubPartitions"] == fields["hub_partitions"].default


def test_hub_group_and_database_are_named_as_on_a_laptop() -> None:
    values = json.loads((ROOT / "local.settings.json").read_text())["Values"]
    assert MAIN.variables["projectorConsumerGroup"] == values["PROJECTOR_CONSUMER_GROUP"]
    assert MAIN.variables["mongoDatabase"] == values["MONGO_DATABASE"]


def test_the_gateways_environment_has_what_its_configurations_name_and_nothing_else() -> None:
    files = ("gateway.yaml", "cloud_upstreams.yaml")
    named = {
        name for file in files for name in re.findall(r"\$\{(\w+)\}", (INFRA / "envoy" / file).read_text())
    }
    assert set(_environment("gateway")) == named


def test_the_gateways_port_and_descriptor_set_are_those_of_its_image() -> None:
    dockerfile = (INFRA / "envoy" / "Dockerfile").read_text()
    gateway = read(MODULES / "gateway.bicep")
    assert f"EXPOSE {gateway.variables['port']}" in dockerfile
    assert "cinema.pb /etc/envoy/" in dockerfile
    assert _environment("gateway")["DESCRIPTOR_SET"] == "/etc/envoy/cinema.pb"


def test_the_read_services_environment_has_what_it_must_have_and_reads() -> None:
    given = set(_environment("read-service"))
    known = variables_of(ReadServiceSettings)
    assert {name for name, must in known.items() if must} - given == set()
    telemetry = set(variables_of(TelemetrySettings))
    # The rest is read by azure-identity.
    assert given - set(known) - SIGN_IN - SAMPLING - telemetry == {
        "AZURE_CLIENT_ID",
        "AZURE_TOKEN_CREDENTIALS",
    }
    assert given >= SIGN_IN


def test_every_process_keeps_the_same_part_of_the_traces() -> None:
    """Were they told different parts, a trace would be kept with holes."""
    (name, ratio) = ("parentbased_traceidratio", "traceRatio")
    told = [_environment("read-service"), *(settings_of(app) for app in APPS)]
    assert {(each["OTEL_TRACES_SAMPLER"], each["OTEL_TRACES_SAMPLER_ARG"]) for each in told} == {
        (name, ratio)
    }
    given = {MAIN.modules["readService"]["params"][ratio]}
    given |= {FUNCTIONS.modules[app]["params"][ratio] for app in APPS}
    assert given == {"size.traceRatio"}


@pytest.mark.parametrize(("size", "part"), [("dev", 1.0), ("prod", 0.1)])
def test_opentelemetry_takes_the_sampler_of_each_size(
    size: str, part: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", _environment("read-service")["OTEL_TRACES_SAMPLER"])
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", MAIN.variables["sizes"][size]["traceRatio"])
    sampler = TracerProvider(shutdown_on_exit=False).sampler
    assert sampler.get_description() == ParentBasedTraceIdRatio(part).get_description()


def test_every_parameter_without_a_default_is_given_and_every_one_given_is_there() -> None:
    assert set(PARAMETERS) - set(MAIN.parameters) == set()
    assert {name for name, default in MAIN.parameters.items() if default is None} - set(PARAMETERS) == set()


def test_a_parameter_that_azd_does_not_know_has_a_default() -> None:
    without = {
        match[1]
        for parameter in PARAMETERS.values()
        if (match := re.fullmatch(r"\$\{(\w+)\}", parameter["value"]))
    }
    assert without == GIVEN_BY_AZD


def test_every_service_has_a_resource_with_its_name_and_every_such_resource_a_service() -> None:
    tagged = {"gateway", "read-service"}
    for name in tagged:
        assert f"'azd-service-name': '{name}'" in (MODULES / f"{name}.bicep").read_text()
    functions = read(MODULES / "functions.bicep")
    tagged |= {module["params"]["service"] for module in functions.modules.values()}
    assert set(AZURE["services"]) == tagged


def test_the_images_that_run_are_passed_on_when_azd_provisions_again() -> None:
    for service, parameter in (("gateway", "gatewayImage"), ("read-service", "readServiceImage")):
        variable = f"SERVICE_{service.upper().replace('-', '_')}_IMAGE_NAME"
        assert PARAMETERS[parameter]["value"] == f"${{{variable}=}}"


def test_the_read_services_image_has_the_exporter_that_its_environment_names() -> None:
    assert _environment("read-service")["TELEMETRY_EXPORTER"] == "azure-monitor"
    (argument,) = AZURE["services"]["read-service"]["docker"]["buildArgs"]
    name, _, file = argument.partition("=")
    dockerfile = (ROOT / "readsvc" / "Dockerfile").read_text()
    assert f"ARG {name}=" in dockerfile
    assert f"COPY readsvc/${{{name}}} " in dockerfile
    assert "azure-monitor-opentelemetry-exporter==" in (ROOT / "readsvc" / file).read_text()


def test_every_file_that_azure_yaml_names_is_there() -> None:
    for service in AZURE["services"].values():
        if docker := service.get("docker"):
            assert (ROOT / docker["path"]).is_file()
    for hook in AZURE["hooks"].values():
        for system in hook.values():
            assert (ROOT / system["run"].split()[0]).is_file()


CLOSED: list[tuple[str, list[str], Any]] = [
    ("Microsoft.Insights/components", ["properties", "DisableLocalAuth"], True),
    ("Microsoft.OperationalInsights/workspaces", ["properties", "features", "disableLocalAuth"], True),
    ("Microsoft.EventHub/namespaces", ["properties", "disableLocalAuth"], True),
    ("Microsoft.Storage/storageAccounts", ["properties", "allowSharedKeyAccess"], False),
    ("Microsoft.Storage/storageAccounts", ["properties", "allowBlobPublicAccess"], False),
    ("Microsoft.Storage/storageAccounts", ["properties", "minimumTlsVersion"], "TLS1_2"),
    ("Microsoft.Sql/servers", ["properties", "administrators", "azureADOnlyAuthentication"], True),
    ("Microsoft.Sql/servers", ["properties", "minimalTlsVersion"], "1.2"),
    (
        "Microsoft.DocumentDB/mongoClusters",
        ["properties", "authConfig", "allowedModes"],
        ["MicrosoftEntraID"],
    ),
    ("Microsoft.Cache/redisEnterprise/databases", ["properties", "accessKeysAuthentication"], "Disabled"),
    ("Microsoft.Cache/redisEnterprise/databases", ["properties", "clientProtocol"], "Encrypted"),
    ("Microsoft.ContainerRegistry/registries", ["properties", "adminUserEnabled"], False),
    ("Microsoft.Web/sites", ["properties", "siteConfig", "ipSecurityRestrictionsDefaultAction"], "Deny"),
    ("Microsoft.Web/sites", ["properties", "httpsOnly"], True),
]


@pytest.mark.parametrize(
    ("kind", "path", "value"), CLOSED, ids=lambda part: str(part) if isinstance(part, str) else ""
)
def test_keys_passwords_and_clear_text_are_off(kind: str, path: list[str], value: object) -> None:
    bodies = [body for file in FILES for body in read(file).of_type(kind)]
    assert bodies, f"there is no {kind}"
    for body in bodies:
        found: Any = body
        for step in path:
            found = found[step]
        assert found == value


def test_no_key_is_asked_for_and_no_secret_is_given_out() -> None:
    for file in FILES:
        text = file.read_text()
        assert not re.search(
            r"listKeys|listConnection|listCredentials|AccountKey=|@secure|(?m:^\s*\w*[pP]assword\w*:)", text
        ), file.name


def test_only_the_gateway_faces_the_internet() -> None:
    assert _ingress("gateway")["external"] is True
    assert _ingress("read-service")["external"] is False


def test_roles_are_given_to_services_or_the_operator_and_each_is_named_by_what_it_binds() -> None:
    roles = [body for file in FILES for body in read(file).of_type("Microsoft.Authorization/roleAssignments")]
    assert roles
    for role in roles:
        assert role["properties"]["principalType"] in {"ServicePrincipal", "operatorPrincipalType"}
        assert re.fullmatch(r"guid\(\w+\.id, [\w.]+, \w+\)", role["name"])


def test_the_outbox_alone_publishes_and_the_projector_alone_consumes() -> None:
    hubs = MAIN.modules["eventHubs"]["params"]
    assert hubs["senderPrincipalId"] == "identities.outputs.outbox.principalId"
    assert hubs["receiverPrincipalId"] == "identities.outputs.projector.principalId"


def test_prod_leaves_no_store_on_the_internet() -> None:
    assert MAIN.variables["sizes"]["prod"]["hasPrivateEndpoints"] is True
    for name in ("event-hubs", "sql", "mongo", "redis"):
        (store,) = [
            body
            for key, body in read(MODULES / f"{name}.bicep").resources.items()
            if key in {"namespace", "server", "cluster", "redis"}
        ]
        assert store["properties"]["publicNetworkAccess"] == "isPrivate ? 'Disabled' : 'Enabled'"


def test_every_module_is_used() -> None:
    used = {
        match
        for file in FILES
        for match in re.findall(r"module \w+ '(?:modules/)?([\w-]+\.bicep)'", file.read_text())
    }
    assert used == {path.name for path in MODULES.iterdir()}


def _environment(module: str) -> dict[str, Any]:
    return {
        entry["name"]: entry["value"] for entry in read(MODULES / f"{module}.bicep").variables["variables"]
    }


def _ingress(module: str) -> dict[str, Any]:
    (body,) = read(MODULES / f"{module}.bicep").of_type("Microsoft.App/containerApps")
    ingress = body["properties"]["configuration"]["ingress"]
    assert not isinstance(ingress, Expression)
    return ingress
