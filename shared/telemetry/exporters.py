"""Where telemetry goes. Each exporter's packages are imported when it is chosen."""

import sys
from typing import NamedTuple

from opentelemetry.sdk._logs.export import LogRecordExporter
from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import SpanExporter

from shared.telemetry.settings import TelemetrySettings


class Exporters(NamedTuple):
    """One for each signal."""

    spans: SpanExporter
    metrics: MetricExporter
    logs: LogRecordExporter


def exporters_of(settings: TelemetrySettings) -> Exporters:
    """The exporters that the settings choose.

    Raises:
        ImportError: they are not installed.
        TelemetrySettingsError: they refuse what they are told.
    """
    match settings.telemetry_exporter:
        case "otlp":
            return _otlp()
        case "azure-monitor":
            from shared.telemetry.azure_monitor import azure_monitor  # noqa: PLC0415 # not everywhere installed

            return Exporters(*azure_monitor(settings))
        case _:
            return _console()


def _otlp() -> Exporters:
    """They read OTEL_EXPORTER_OTLP_… themselves."""
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

    return Exporters(OTLPSpanExporter(), OTLPMetricExporter(), OTLPLogExporter())


def _console() -> Exporters:
    """A line of JSON for each thing told, on standard error."""
    from opentelemetry.sdk._logs.export import ConsoleLogRecordExporter  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import ConsoleMetricExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter  # noqa: PLC0415

    return Exporters(
        ConsoleSpanExporter(out=sys.stderr, formatter=lambda span: f"{span.to_json(indent=None)}\n"),
        ConsoleMetricExporter(out=sys.stderr, formatter=lambda data: f"{data.to_json(indent=None)}\n"),
        ConsoleLogRecordExporter(out=sys.stderr, formatter=lambda record: f"{record.to_json(indent=None)}\n"),
    )
