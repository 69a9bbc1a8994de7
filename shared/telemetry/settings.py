"""What is said about telemetry in the environment, by every process in the same words.

Names that begin with OTEL and APPLICATIONINSIGHTS are those of OpenTelemetry and of Azure Monitor, whose libraries read more of
them by themselves: headers, time-outs, sampling, intervals (docs/telemetry.md).
"""

import re
from typing import Literal

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_SIGNALS = ("traces", "metrics", "logs")
_SIGN_IN = re.compile(r"(ClientId=[0-9a-fA-F-]+;)?Authorization=AAD")
"""The exporter takes anything else for a wish to sign in with nothing."""


class TelemetrySettingsError(Exception):
    """A setting is missing, refused, or contradicts another. The message names the variable."""


class TelemetrySettings(BaseSettings):
    """Where telemetry goes. With `none`, the default, there is none, and no package of OpenTelemetry is imported.

    `telemetry_logs` says whether log records are exported too: not, where somebody else collects them.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    telemetry_exporter: Literal["none", "console", "otlp", "azure-monitor"] = "none"
    telemetry_logs: bool = True
    otel_service_name: str | None = None
    otel_sdk_disabled: bool = False
    otel_exporter_otlp_protocol: str = "http/protobuf"
    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_traces_endpoint: str | None = None
    otel_exporter_otlp_metrics_endpoint: str | None = None
    otel_exporter_otlp_logs_endpoint: str | None = None
    applicationinsights_connection_string: str | None = None
    applicationinsights_authentication_string: str | None = None
    python_applicationinsights_enable_telemetry: bool = False

    @property
    def is_on(self) -> bool:
        """Whether there is telemetry."""
        return self.telemetry_exporter != "none"


def load_telemetry_settings() -> TelemetrySettings:
    """Read the settings from the environment.

    Raises:
        TelemetrySettingsError: a variable is missing or refused, or two contradict each other; the message names each one.
    """
    try:
        settings = TelemetrySettings()
    except ValidationError as error:
        problems = [
            f"{str(problem['loc'][0]).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False)
        ]
        raise TelemetrySettingsError("; ".join(problems)) from error
    if settings.is_on and (problems := [*_contradictions(settings)]):
        raise TelemetrySettingsError("; ".join(problems))
    return settings


def _contradictions(settings: TelemetrySettings) -> list[str]:
    chosen = f"TELEMETRY_EXPORTER is {settings.telemetry_exporter}"
    problems: list[str] = []
    if settings.otel_sdk_disabled:
        problems.append(f"OTEL_SDK_DISABLED: can't be true while {chosen}")
    if settings.python_applicationinsights_enable_telemetry:
        problems.append(
            "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: the Functions worker would export everything a second time "
            f"while {chosen}"
        )
    if settings.telemetry_exporter == "otlp":
        problems += _otlp_problems(settings)
    if settings.telemetry_exporter == "azure-monitor":
        problems += _azure_monitor_problems(settings)
    return problems


def _azure_monitor_problems(settings: TelemetrySettings) -> list[str]:
    problems: list[str] = []
    if settings.applicationinsights_connection_string is None:
        problems.append(
            "APPLICATIONINSIGHTS_CONNECTION_STRING: Field required since TELEMETRY_EXPORTER is azure-monitor"
        )
    sign_in = settings.applicationinsights_authentication_string
    if sign_in is not None and not _SIGN_IN.fullmatch(sign_in):
        problems.append(
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING: must be Authorization=AAD or ClientId=…;Authorization=AAD"
        )
    return problems


def _otlp_problems(settings: TelemetrySettings) -> list[str]:
    problems: list[str] = []
    if settings.otel_exporter_otlp_protocol != "http/protobuf":
        problems.append("OTEL_EXPORTER_OTLP_PROTOCOL: must be http/protobuf, the only one that is installed")
    everywhere = settings.otel_exporter_otlp_endpoint
    apart = {
        f"otel_exporter_otlp_{signal}_endpoint": getattr(settings, f"otel_exporter_otlp_{signal}_endpoint")
        for signal in _SIGNALS
    }
    if everywhere is None and None in apart.values():
        problems.append(
            "OTEL_EXPORTER_OTLP_ENDPOINT: Field required (http://host:4318) since TELEMETRY_EXPORTER is otlp"
        )
    for name, url in {"otel_exporter_otlp_endpoint": everywhere, **apart}.items():
        if url is not None and not url.startswith(("http://", "https://")):
            problems.append(f"{name.upper()}: must be a URL that begins with http:// or https://")
    return problems
