"""The Functions apps of the template, held against the functions and the settings of the code."""

import re

import pytest

from shared.telemetry.settings import TelemetrySettings
from tests.infra.deployment import (
    APPS,
    FUNCTIONS,
    MAIN,
    OF_THE_COMMAND_LINE,
    PARTS,
    READ_BY,
    READ_BY_THE_PLATFORM,
    SIGN_IN,
    environment_of,
    functions,
    functions_in,
    loaded,
    settings_classes,
    settings_of,
    switched_off,
    variables_of,
)

pytestmark = pytest.mark.architecture


def test_every_function_runs_in_exactly_one_app() -> None:
    homes = {name: [app for app in APPS if name not in switched_off(app)] for name in functions()}
    assert {name: apps for name, apps in homes.items() if len(apps) != 1} == {}


def test_only_functions_that_there_are_get_switched_off() -> None:
    assert set().union(*(functions_in(f"{app}Off") for app in APPS)) == set(functions())


def test_what_needs_no_request_is_in_an_app_that_nobody_can_call() -> None:
    by_kind = {
        app: {bindings[0]["type"] for name, bindings in functions().items() if name not in switched_off(app)}
        for app in APPS
    }
    assert by_kind == {
        "commands": {"httpTrigger"},
        "operations": {"httpTrigger"},
        "outbox": {"timerTrigger"},
        "projector": {"timerTrigger", "eventHubTrigger"},
    }
    for app in ("outbox", "projector"):
        assert FUNCTIONS.modules[app]["params"]["callersSubnetId"] == ""


def test_the_operations_app_has_the_paths_that_the_gateway_sends_there() -> None:
    routes = {name: bindings[0].get("route", "") for name, bindings in functions().items()}
    running = {name for name in routes if name not in switched_off("operations")}
    assert {name for name, route in routes.items() if route.startswith("api/ops/")} == running


def test_operations_are_closed_unless_an_application_and_a_group_say_who_may() -> None:
    parameters = FUNCTIONS.modules["operations"]["params"]
    assert (
        FUNCTIONS.variables["areOperationsOpen"] == "!empty(operationsClientId) && !empty(operatorsGroupId)"
    )
    assert parameters["callersSubnetId"] == "areOperationsOpen ? gatewaySubnetId : ''"
    assert parameters["signInClientId"] == "areOperationsOpen ? operationsClientId : ''"
    assert parameters["allowedGroupId"] == "operatorsGroupId"


@pytest.mark.parametrize("app", APPS)
def test_every_setting_that_an_app_must_have_is_given(app: str) -> None:
    needed = {name for settings in READ_BY[app] for name, must in variables_of(settings).items() if must}
    assert needed - set(settings_of(app)) == set()


@pytest.mark.parametrize("app", APPS)
def test_every_setting_that_is_given_is_read(app: str) -> None:
    read_by_code = {name for settings in READ_BY[app] for name in variables_of(settings)}
    assert (
        set(settings_of(app)) - read_by_code - READ_BY_THE_PLATFORM - SIGN_IN - _named_by_triggers() == set()
    )


@pytest.mark.parametrize("app", APPS)
def test_every_name_in_a_trigger_has_a_value(app: str) -> None:
    assert _named_by_triggers() - set(settings_of(app)) == set()


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize(("url", "sign_in"), [("MONGO_URL", "MONGO_AUTH"), ("REDIS_URL", "REDIS_AUTH")])
def test_a_store_that_an_app_knows_is_signed_in_to_with_its_identity(
    app: str, url: str, sign_in: str
) -> None:
    given = settings_of(app)
    assert given.get(sign_in) == ("entra" if url in given else None)


@pytest.mark.parametrize("app", APPS)
def test_the_code_loads_with_what_an_app_is_given(app: str) -> None:
    off = {f"AzureWebJobs.{name}.Disabled": "true" for name in switched_off(app)}
    assert set(loaded({**environment_of(app), **off})) == set(functions())


def test_each_settings_class_is_some_apps_or_the_command_lines() -> None:
    of_apps = {settings.__name__ for classes in READ_BY.values() for settings in classes}
    assert (of_apps - {TelemetrySettings.__name__}) | OF_THE_COMMAND_LINE | PARTS == settings_classes()


@pytest.mark.parametrize("app", ["outbox", "projector"])
def test_no_plain_connection_string_hides_the_identity(app: str) -> None:
    assert "EventHub" not in settings_of(app)


def test_the_projector_can_not_reach_the_write_database() -> None:
    assert "WRITE_DATABASE_URL" not in settings_of("projector")


def test_the_app_that_the_internet_reaches_has_the_write_database_alone() -> None:
    stores = {"REPORTING_DATABASE_URL", "MONGO_URL", "REDIS_URL", "EventHub__fullyQualifiedNamespace"}
    assert stores & set(settings_of("commands")) == set()


@pytest.mark.parametrize("size", ["dev", "prod"])
def test_the_connections_of_all_instances_are_fewer_than_the_databases_workers(size: str) -> None:
    """Workers of a database: Microsoft's "Resource limits for single databases", vCore model, standard-series."""
    workers = {"GP_S_Gen5_2": 150, "GP_Gen5_8": 800}
    chosen = MAIN.variables["sizes"][size]
    assert chosen["commandConcurrency"] * chosen["commandsMaximumInstances"] < workers[chosen["writeSku"]]
    assert settings_of("commands")["SQL_POOL_SIZE"] == "string(size.commandConcurrency)"
    parameters = FUNCTIONS.modules["commands"]["params"]
    assert parameters["httpConcurrency"] == parameters["workerThreads"] == "size.commandConcurrency"


def test_an_instance_with_every_partition_keeps_none_waiting() -> None:
    assert FUNCTIONS.modules["projector"]["params"]["workerThreads"] == "hubPartitions"


def test_both_sizes_say_the_same_things() -> None:
    sizes = MAIN.variables["sizes"]
    assert set(sizes["dev"]) == set(sizes["prod"])


def test_in_prod_every_master_is_always_there_and_outlives_its_schedule() -> None:
    prod = MAIN.variables["sizes"]["prod"]
    assert prod["areMastersAlwaysReady"]
    assert prod["commandsAlwaysReady"] > 0
    assert prod["masterSchedule"] == "* * * * * *"
    assert FUNCTIONS.variables["readyMasters"].startswith("[for number in range(1, size.masters)")


def _named_by_triggers() -> set[str]:
    texts = [str(value) for bindings in functions().values() for value in bindings[0].values()]
    return {name for text in texts for name in re.findall(r"%(\w+)%", text)}
