"""What the template deploys, app by app, and what the code of each asks for."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from typing import Any

import shared.settings as functions_settings
from shared.settings import (
    MasterSettings,
    OperationsSettings,
    PipelineSettings,
    ProjectionGapSettings,
    ProjectorSettings,
    RetentionSettings,
    TraceSettings,
    TriggerSettings,
    WriteSideSettings,
)
from shared.telemetry.settings import TelemetrySettings
from tests.infra.bicep import INFRA, MODULES, Expression, read

FUNCTIONS = read(MODULES / "functions.bicep")
MAIN = read(INFRA / "main.bicep")

APPS = ("commands", "operations", "outbox", "projector")
READ_BY: dict[str, tuple[type[Any], ...]] = {
    "commands": (TriggerSettings, TelemetrySettings, WriteSideSettings),
    "operations": (TriggerSettings, TelemetrySettings, OperationsSettings, PipelineSettings, TraceSettings),
    # The timers of the write side run here.
    "outbox": (TriggerSettings, TelemetrySettings, MasterSettings, RetentionSettings, WriteSideSettings),
    "projector": (TriggerSettings, TelemetrySettings, ProjectorSettings, ProjectionGapSettings),
}
"""The settings that each app's functions load."""

OF_THE_COMMAND_LINE = {
    "MigrationSettings",
    "AuditSettings",
    "RebuildSettings",
    "ReportSettings",
    "CustomerSettings",
}
"""Settings that no function loads."""

PARTS = {"OutboxSettings"}
"""Settings that others extend."""

SAMPLING = {"OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"}
"""Which traces are kept: OpenTelemetry's SDK reads these itself (docs/telemetry.md)."""

READ_BY_THE_PLATFORM = {
    "AzureWebJobsStorage__blobServiceUri",
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__clientId",
    "AzureWebJobsDisableHomepage",
    "AZURE_CLIENT_ID",  # azure-identity
    "AZURE_TOKEN_CREDENTIALS",
    "PYTHON_THREADPOOL_THREAD_COUNT",
    *SAMPLING,
    "EventHub__fullyQualifiedNamespace",  # the Event Hubs trigger, and the connections of this name
    "EventHub__credential",
    "EventHub__clientId",
}

SIGN_IN = {"MONGO_AUTH", "REDIS_AUTH"}
"""How the stores are signed in to: with a token, wherever their address is given (docs/identity.md)."""


LISTING = """
import json
import function_app
functions = function_app.app.get_functions()
print(json.dumps({f.get_function_name(): [b.get_dict_repr() for b in f.get_bindings()] for f in functions}, default=str))
"""

EXAMPLES = {
    "WRITE_DATABASE_URL": "mssql+pyodbc://x.database.windows.net:1433/CinemaDb?driver=ODBC+Driver+18+for+SQL+Server",
    "REPORTING_DATABASE_URL": "mssql+pyodbc://x.database.windows.net:1433/MasterDb?driver=ODBC+Driver+18+for+SQL+Server",
    "EventHub__fullyQualifiedNamespace": "x.servicebus.windows.net",
    "MONGO_URL": "mongodb+srv://x.global.mongocluster.cosmos.azure.com/?tls=true&retryWrites=false",
    "REDIS_URL": "rediss://x.redis.azure.net:10000/0",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=00000000-0000-0000-0000-000000000000",
}
"""What Azure fills in, as it may look."""


def environment_of(app: str) -> dict[str, str]:
    """What the code of an app finds in its environment: literals as the template has them, numbers as some number."""
    given = {
        name: EXAMPLES.get(name, "1" if isinstance(value, Expression) else str(value))
        for name, value in settings_of(app).items()
    }
    # Telemetry would begin, and find nobody to send to.
    return {**given, "TELEMETRY_EXPORTER": "none", "MASTER_COUNT": "1"}


def environment_of_all() -> dict[str, str]:
    """What a process finds that runs the code of every app."""
    return {name: value for app in APPS for name, value in environment_of(app).items()}


def loaded(environment: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """The functions that the code registers in an environment, with their bindings."""
    listed = subprocess.run(
        [sys.executable, "-c", LISTING],
        cwd=INFRA.parent, env={"PATH": os.environ["PATH"], **environment},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert listed.returncode == 0, listed.stderr
    return json.loads(listed.stdout)


@cache
def functions() -> dict[str, list[dict[str, Any]]]:
    """The functions that the code registers, with their bindings."""
    return loaded(environment_of_all())


def switched_off(app: str) -> set[str]:
    """The functions that the template switches off in an app."""
    names = re.findall(r"\w+Off", FUNCTIONS.modules[app]["params"]["settings"])
    return {name for variable in names for name in functions_in(variable)}


def functions_in(variable: str) -> set[str]:
    """The functions that a variable such as `commandsOff` switches off."""
    return {
        key.removeprefix("AzureWebJobs.").removesuffix(".Disabled") for key in FUNCTIONS.variables[variable]
    }


def settings_of(app: str) -> dict[str, Any]:
    """The settings that the template gives an app, without those that switch functions off."""
    named = re.findall(r"\w+Settings", FUNCTIONS.modules[app]["params"]["settings"])
    platform = read(MODULES / "function-app.bicep").variables["platformSettings"]
    given = dict(platform)
    for name in named:
        given |= FUNCTIONS.variables[name]
    return given


def variables_of(settings: type[Any]) -> dict[str, bool]:
    """The environment variables of a settings class, and whether each must be there."""
    fields = settings.model_fields
    return {field.validation_alias or name.upper(): field.is_required() for name, field in fields.items()}


def settings_classes() -> set[str]:
    """The settings classes of the functions."""
    return {
        name for name in vars(functions_settings) if name.endswith("Settings") and not name.startswith("_")
    } - {"BaseSettings"}
