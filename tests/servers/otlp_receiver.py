"""Who takes telemetry in tests: OTLP over HTTP, decoded and kept. It can be told to hang."""

import threading
import zlib
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from tests.servers.http_server import serving

Attributes = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSpan:
    """A span as it was received. Ids are in hexadecimal digits; a root has no parent."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: Attributes
    linked_traces: tuple[str, ...]
    failed: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPoint:
    """A point of a metric. `value` is that of a sum or a gauge, or the sum of a histogram, of which `count` are in it."""

    service: str
    metric: str
    unit: str
    attributes: Attributes
    value: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRecord:
    """A log record."""

    service: str
    text: str
    severity: str
    trace_id: str
    attributes: Attributes


@dataclass(slots=True)
class Told:
    """All that has been received so far."""

    spans: list[ToldSpan] = field(default_factory=list[ToldSpan])
    points: list[ToldPoint] = field(default_factory=list[ToldPoint])
    records: list[ToldRecord] = field(default_factory=list[ToldRecord])
    bodies: list[bytes] = field(default_factory=list[bytes])

    def trace(self, trace_id: str) -> list[ToldSpan]:
        """The spans of a trace."""
        return [span for span in self.spans if span.trace_id == trace_id]

    def newest(self, metric: str, **attributes: str) -> ToldPoint | None:
        """The newest point of a metric with these attributes, whose names end with the given ones."""

        def fits(point: ToldPoint) -> bool:
            labels = {name.rpartition(".")[2]: value for name, value in point.attributes.items()}
            return point.metric == metric and all(labels.get(name) == attributes[name] for name in attributes)

        return next((point for point in reversed(self.points) if fits(point)), None)

    def take(self, path: str, body: bytes) -> None:
        """Decode one request."""
        self.bodies.append(body)
        match path:
            case "/v1/traces":
                self.spans += _spans(ExportTraceServiceRequest.FromString(body))
            case "/v1/metrics":
                self.points += _points(ExportMetricsServiceRequest.FromString(body))
            case "/v1/logs":
                self.records += _records(ExportLogsServiceRequest.FromString(body))
            case _:
                raise AssertionError(path)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told = Told()
        self.answering = threading.Event()
        self.answering.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride] # always that

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.answering.wait()
        if self.headers.get("content-encoding") == "gzip":
            body = zlib.decompress(body, wbits=31)
        self.server.told.take(self.path, body)
        self.send_response(HTTPStatus.OK)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] # silence
        return


@dataclass(frozen=True, slots=True)
class OtlpReceiver:
    """A running receiver."""

    port: int
    told: Told
    answering: threading.Event

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a process that tells it everything, and soon."""
        return {
            "TELEMETRY_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "OTEL_BLRP_SCHEDULE_DELAY": "100",
            "OTEL_METRIC_EXPORT_INTERVAL": "500",
        }

    def hang(self) -> None:
        """Take requests and answer none."""
        self.answering.clear()


@contextmanager
def otlp_receiver() -> Generator[OtlpReceiver]:
    """A receiver that listens until the context ends."""
    server = _Server()
    with serving(server) as port:
        try:
            yield OtlpReceiver(port, server.told, server.answering)
        finally:
            server.answering.set()


def _spans(request: ExportTraceServiceRequest) -> Iterable[ToldSpan]:
    for of_resource in request.resource_spans:
        service = _service(of_resource.resource)
        for span in (span for scope in of_resource.scope_spans for span in scope.spans):
            yield ToldSpan(
                service=service,
                name=span.name,
                kind=trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
                trace_id=span.trace_id.hex(),
                span_id=span.span_id.hex(),
                parent_id=span.parent_span_id.hex(),
                attributes=_attributes(span.attributes),
                linked_traces=tuple(link.trace_id.hex() for link in span.links),
                failed=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
                seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
            )


def _points(request: ExportMetricsServiceRequest) -> Iterable[ToldPoint]:
    for of_resource in request.resource_metrics:
        service = _service(of_resource.resource)
        for metric in (metric for scope in of_resource.scope_metrics for metric in scope.metrics):
            for attributes, value, count in _values(metric):
                yield ToldPoint(
                    service=service,
                    metric=metric.name,
                    unit=metric.unit,
                    attributes=attributes,
                    value=value,
                    count=count,
                )


def _values(metric: Metric) -> Iterable[tuple[Attributes, float, int]]:
    if metric.HasField("histogram"):
        for point in metric.histogram.data_points:
            yield _attributes(point.attributes), point.sum, point.count
        return
    for point in metric.sum.data_points or metric.gauge.data_points:
        value = point.as_int if point.HasField("as_int") else point.as_double
        yield _attributes(point.attributes), value, 1


def _records(request: ExportLogsServiceRequest) -> Iterable[ToldRecord]:
    for of_resource in request.resource_logs:
        service = _service(of_resource.resource)
        for record in (record for scope in of_resource.scope_logs for record in scope.log_records):
            yield ToldRecord(
                service=service,
                text=record.body.string_value,
                severity=record.severity_text,
                trace_id=record.trace_id.hex(),
                attributes=_attributes(record.attributes),
            )


def _service(resource: Resource) -> str:
    return _attributes(resource.attributes)["service.name"]


def _attributes(pairs: Iterable[KeyValue]) -> Attributes:
    def plain(pair: KeyValue) -> Any:
        which = pair.value.WhichOneof("value")
        return getattr(pair.value, which) if which else None

    return {pair.key: plain(pair) for pair in pairs}
