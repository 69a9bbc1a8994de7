"""Application Insights' ingestion endpoint for tests: takes envelopes and keeps them."""

import gzip
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.http_server import serving

INSTRUMENTATION_KEY = "11111111-2222-3333-4444-555555555555"

Envelope = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ingested:
    """A running endpoint, and the envelopes that have come."""

    port: int
    envelopes: list[Envelope] = field(default_factory=list[Envelope])

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a process that tells it everything, and soon, and Microsoft nothing of itself."""
        return {
            "TELEMETRY_EXPORTER": "azure-monitor",
            "APPLICATIONINSIGHTS_CONNECTION_STRING": (
                f"InstrumentationKey={INSTRUMENTATION_KEY};IngestionEndpoint=http://127.0.0.1:{self.port}/"
            ),
            "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
            "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "OTEL_BLRP_SCHEDULE_DELAY": "100",
            "OTEL_METRIC_EXPORT_INTERVAL": "500",
        }

    def of_type(self, base_type: str) -> list[Envelope]:
        """Envelopes such as RequestData, MessageData or MetricData."""
        return [one for one in self.envelopes if one["data"]["baseType"] == base_type]


@contextmanager
def ingestion_endpoint() -> Generator[Ingested]:
    """An endpoint that listens until the context ends."""
    envelopes: list[Envelope] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            taken = json.loads(body)
            assert self.path == "/v2.1/track", self.path
            envelopes.extend(taken)
            answer: dict[str, Any] = {"itemsReceived": len(taken), "itemsAccepted": len(taken), "errors": []}
            text = json.dumps(answer).encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] # silence
            return

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield Ingested(port, envelopes)
