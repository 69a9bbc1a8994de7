"""What telemetry is told in the environment: contradictions are refused, and name the variable."""

import pytest

from shared.telemetry.settings import TelemetrySettingsError, load_telemetry_settings

pytestmark = pytest.mark.unit

OTLP = {"TELEMETRY_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
AZURE = {
    "TELEMETRY_EXPORTER": "azure-monitor",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=0",
}

REFUSED = {
    "another exporter": ({"TELEMETRY_EXPORTER": "jaeger"}, "TELEMETRY_EXPORTER"),
    "no endpoint": ({"TELEMETRY_EXPORTER": "otlp"}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
    "an endpoint for one signal alone": (
        {
            "TELEMETRY_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces",
        },
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ),
    "an endpoint that is no URL": (
        OTLP | {"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"},
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ),
    "another protocol": (OTLP | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL"),
    "an SDK that is off": (OTLP | {"OTEL_SDK_DISABLED": "true"}, "OTEL_SDK_DISABLED"),
    "no connection string": (
        {"TELEMETRY_EXPORTER": "azure-monitor"},
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
    ),
    "a worker that exports too": (
        AZURE | {"PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY": "true"},
        "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY",
    ),
    "a way to sign in that is none": (
        AZURE | {"APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "ClientId=1"},
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    ),
    "logs neither on nor off": ({"TELEMETRY_LOGS": "some"}, "TELEMETRY_LOGS"),
}

ACCEPTED: dict[str, dict[str, str]] = {
    "nothing": {},
    "an empty exporter": {"TELEMETRY_EXPORTER": ""},
    "off, whatever else is said": {"TELEMETRY_EXPORTER": "none", "OTEL_SDK_DISABLED": "true"},
    "the console": {"TELEMETRY_EXPORTER": "console"},
    "one endpoint": OTLP,
    "an endpoint for each signal": {
        "TELEMETRY_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:4318/v1/metrics",
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://127.0.0.1:4318/v1/logs",
    },
    "Azure Monitor": AZURE,
    "Azure Monitor with a managed identity": AZURE
    | {"APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "ClientId=1-2;Authorization=AAD"},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_go_together_is_refused_by_name(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment, variable = REFUSED[case]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(TelemetrySettingsError, match=variable):
        load_telemetry_settings()


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_goes_together_is_accepted(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ACCEPTED[case].items():
        monkeypatch.setenv(name, value)
    expected = ACCEPTED[case].get("TELEMETRY_EXPORTER") or "none"
    assert load_telemetry_settings().telemetry_exporter == expected
