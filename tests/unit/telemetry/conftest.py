"""The real SDK, whose exporters keep what they are given."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry.telemetry import Telemetry


@dataclass(frozen=True)
class Kept:
    """Telemetry, and what it has told."""

    telemetry: Telemetry
    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    def in_trace(self, trace_id: int) -> list[ReadableSpan]:
        return [span for span in self.spans if trace_of(span) == trace_id]

    def value(self, metric: str, **labels: str) -> float | None:
        """The value of a metric's point with these labels; of a histogram the sum."""
        for name, point in self._points():
            if (
                name == metric
                and labels.items()
                <= {key.rpartition(".")[2]: value for key, value in dict(point.attributes).items()}.items()
            ):
                return getattr(point, "value", None) if hasattr(point, "value") else point.sum
        return None

    def _points(self) -> Iterator[tuple[str, Any]]:
        data = self.reader.get_metrics_data()
        for of_resource in data.resource_metrics if data else ():
            for metric in (metric for scope in of_resource.scope_metrics for metric in scope.metrics):
                for point in metric.data.data_points:
                    yield metric.name, point


def trace_of(span: ReadableSpan) -> int:
    context = span.get_span_context()
    assert context is not None
    return context.trace_id


@pytest.fixture
def kept() -> Iterator[Kept]:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    traces = TracerProvider(shutdown_on_exit=False)
    traces.add_span_processor(SimpleSpanProcessor(exporter))
    metrics = MeterProvider(metric_readers=[reader], shutdown_on_exit=False)
    telemetry = Telemetry(tracer=traces.get_tracer("t"), meter=metrics.get_meter("t"), close=lambda: None)
    yield Kept(telemetry, exporter, reader)
    metrics.shutdown()
    traces.shutdown()
