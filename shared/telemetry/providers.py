"""OpenTelemetry's SDK, set up for one process.

Nothing is put into its global registers, so that no library tells of itself by chance, in other words and with other care.
"""

import logging
from uuid import uuid4

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from shared.telemetry.exporters import exporters_of
from shared.telemetry.log_export import ExportedLogs
from shared.telemetry.settings import TelemetrySettings
from shared.telemetry.telemetry import Telemetry

_SCOPE = "cinema"


def open_telemetry(settings: TelemetrySettings, *, service: str) -> Telemetry:
    """Telemetry as the settings say; the SDK reads its own variables for sampling, intervals and limits.

    Raises:
        ImportError: the chosen exporter is not installed.
        TelemetrySettingsError: it refuses what it is told.
    """
    exporters = exporters_of(settings)
    resource = Resource.create(
        {
            "service.name": service,
            "service.namespace": _SCOPE,
            "service.instance.id": str(uuid4()),
        }
    )
    # The SDK would end them at the process's end without a limit of time.
    traces = TracerProvider(resource=resource, shutdown_on_exit=False)
    traces.add_span_processor(BatchSpanProcessor(exporters.spans))
    metrics = MeterProvider(
        metric_readers=[PeriodicExportingMetricReader(exporters.metrics)],
        resource=resource,
        shutdown_on_exit=False,
    )
    logs = LoggerProvider(resource=resource, shutdown_on_exit=False)
    if settings.telemetry_logs:
        logs.add_log_record_processor(BatchLogRecordProcessor(exporters.logs))
        logging.getLogger().addHandler(ExportedLogs(logs.get_logger(_SCOPE)))

    def close() -> None:
        traces.shutdown()
        logs.shutdown()
        metrics.shutdown()

    return Telemetry(tracer=traces.get_tracer(_SCOPE), meter=metrics.get_meter(_SCOPE), close=close)
