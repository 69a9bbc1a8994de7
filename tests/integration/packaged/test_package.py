"""What is deployed as the Functions app has all that the app needs, and the app starts from it without what it can do without."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.functions_app import ENOUGH_SETTINGS, app_functions
from tests.servers.blocked_imports import without
from tests.servers.functions_package import packaged

pytestmark = pytest.mark.integration

HEAVY = (
    "pyodbc", "psycopg", "matplotlib", "numpy", "opentelemetry", "azure.monitor", "azure.identity", "msal",
    "azure.eventhub", "confluent_kafka", "grpc", "pymongo", "redis", "local", "tests", "readsvc", "cli",
)  # fmt: skip
INDEX = """
import json
import function_app
found = {}
for function in function_app.app.get_functions():
    found[function.get_function_name()] = [b.get_dict_repr() for b in function.get_bindings()]
print(json.dumps(found, default=str))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packaged(tmp_path_factory.mktemp("deployed"))


def run(package: Path, source: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program in the package, with no setting but those given."""
    return subprocess.run(
        [sys.executable, "-B", "-c", source],
        cwd=package, env={"PATH": os.environ["PATH"], **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_every_function_is_indexed_from_the_package_alone(package: Path, tmp_path: Path) -> None:
    blocked = without(*HEAVY, folder=tmp_path)
    found = run(package, INDEX, PYTHONPATH=blocked, **ENOUGH_SETTINGS)
    assert found.returncode == 0, found.stderr
    ours = {function.get_function_name() for function in app_functions()}
    assert set(json.loads(found.stdout)) == ours


def test_nothing_of_development_is_in_it(package: Path) -> None:
    names = {path.name for path in package.iterdir()}
    assert {"function_app.py", "host.json", "requirements.txt", "functions", "shared"} <= names
    assert not names & {
        "tests",
        "local",
        "benchmarks",
        "docs",
        "infra",
        "readsvc",
        "clients",
        "local.settings.json",
    }
    assert not [name for name in names if name.startswith(".")]


def test_the_hosts_file_is_as_flex_consumption_needs_it(package: Path) -> None:
    host = json.loads((package / "host.json").read_text())
    assert host["extensionBundle"]["version"] == "[4.*, 5.0.0)"
    assert host["extensions"]["eventHubs"]["batchCheckpointFrequency"] == 1


def test_a_missing_setting_keeps_the_app_from_loading_and_is_named(package: Path) -> None:
    given = {name: value for name, value in ENOUGH_SETTINGS.items() if name != "REPORTING_DATABASE_URL"}
    refused = run(package, "import function_app", **given)
    assert refused.returncode == 1
    last = refused.stderr.splitlines()[-1]
    assert (
        "REPORTING_DATABASE_URL: Field required (for trace_reservation, outbox_master_1, projection_gaps)"
        in last
    )


@pytest.mark.parametrize(
    "name", ["AzureWebJobs.{}.Disabled", "AzureWebJobs_{}_Disabled"], ids=["dots", "underscores"]
)
def test_what_only_functions_need_that_are_switched_off_may_be_missing(package: Path, name: str) -> None:
    off = ("trace_reservation", "outbox_master_1", "projection_gaps")
    given = ENOUGH_SETTINGS | {name.format(function): "1" for function in off}
    del given["REPORTING_DATABASE_URL"]
    assert run(package, "import function_app", **given).returncode == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"EventHub": ""}, "EventHub: Field required, or EventHub__fullyQualifiedNamespace"),
        ({"EventHub__fullyQualifiedNamespace": "cinema.servicebus.windows.net"}, "EventHub: it stands beside"),
        ({"MONGO_AUTH": "entra"}, "MONGO_AUTH: entra needs TLS"),
        ({"MONGO_AUTH": "entra", "MONGO_URL": "mongodb+srv://u:secret@h"}, "MONGO_AUTH: entra does not go"),
        ({"MONGO_AUTH": "password"}, "MONGO_AUTH: Input should be 'none' or 'entra'"),
        ({"REDIS_AUTH": "entra"}, "REDIS_AUTH: entra needs TLS"),
        ({"REDIS_AUTH": "entra", "REDIS_URL": "rediss://:secret@h:10000"}, "REDIS_AUTH: entra does not go"),
        ({"HUB_PROTOCOL": "kafka"}, "KAFKA_BOOTSTRAP_SERVERS: Field required"),
    ],
    ids=["no hub", "two hubs", "mongo in the clear", "mongo with a user", "unknown", "redis in the clear",
         "redis with a password", "kafka without servers"],
)  # fmt: skip
def test_settings_that_contradict_each_other_are_named_without_their_values(
    package: Path, changed: dict[str, str], said: str
) -> None:
    refused = run(package, "import function_app", **(ENOUGH_SETTINGS | changed))
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "secret" not in refused.stderr


def test_every_function_is_known_to_need_some_settings_or_none(package: Path) -> None:
    source = "from functions.required_settings import NEEDS_NONE, needs; print(*NEEDS_NONE, *(f for n in needs().values() for f in n))"
    known = run(package, source, **ENOUGH_SETTINGS).stdout.split()
    ours = [function.get_function_name() for function in app_functions()]
    assert sorted(known) == sorted(ours)
