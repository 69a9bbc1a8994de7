"""Azure Monitor's exporters. They read APPLICATIONINSIGHTS_AUTHENTICATION_STRING themselves, and sign in with a managed identity then."""

from azure.monitor.opentelemetry.exporter import (
    AzureMonitorLogExporter,
    AzureMonitorMetricExporter,
    AzureMonitorTraceExporter,
)
from opentelemetry.sdk._logs.export import LogRecordExporter
from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import SpanExporter

from shared.telemetry.settings import TelemetrySettings, TelemetrySettingsError


def azure_monitor(settings: TelemetrySettings) -> tuple[SpanExporter, MetricExporter, LogRecordExporter]:
    """Exporters to the Application Insights resource of the connection string. What can't be sent is not kept on disk.

    Raises:
        TelemetrySettingsError: the connection string is refused.
    """
    options = {
        "connection_string": settings.applicationinsights_connection_string,
        "disable_offline_storage": True,
    }
    try:
        return (
            AzureMonitorTraceExporter(**options),
            AzureMonitorMetricExporter(**options),
            AzureMonitorLogExporter(**options),
        )
    except ValueError as error:
        raise TelemetrySettingsError(f"APPLICATIONINSIGHTS_CONNECTION_STRING: {error}") from error
