"""Stand-ins for what the gateway reaches in Azure: two Functions apps and the read service, over TLS, by name."""

import json
import ssl
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from tests.servers.http_server import serving


@dataclass
class FunctionsApp:
    """What a Functions app has been asked: method, path, and under which name."""

    port: int
    asked: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]


@contextmanager
def functions_app(name: str, *, certificate: Path) -> Generator[FunctionsApp]:
    """An HTTPS server that answers everything with 200 and its own name."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            app.asked.append((self.command, self.path, self.headers.get("host", "")))
            body = json.dumps({"app": name}).encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] # silence
            return

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # The handshake belongs to the connection's thread: a client that gives up must not stop the others.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    app = FunctionsApp(port=server.server_address[1])
    with serving(server):
        yield app


class _Queries(pb_grpc.CinemaQueryServicer):
    def GetShowtime(self, request: Any, context: Any) -> pb.GetShowtimeResponse:  # noqa: N802 # gRPC's name
        context.abort(grpc.StatusCode.NOT_FOUND, f"no showtime {request.showtime_id}")
        raise AssertionError


@contextmanager
def read_service_over_tls(*, certificate: Path) -> Generator[int]:
    """A gRPC server over TLS that is healthy and knows no showtime; gives its port."""
    server = grpc.server(ThreadPoolExecutor(4))
    cast(Any, pb_grpc).add_CinemaQueryServicer_to_server(_Queries(), server)
    healths = health.HealthServicer()
    healths.set("cinema.read.v1.CinemaQuery/fresh", health_pb2.HealthCheckResponse.SERVING)
    cast(Any, health_pb2_grpc).add_HealthServicer_to_server(healths, server)
    pem = certificate.read_bytes()
    credentials = grpc.ssl_server_credentials([(pem, pem)])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()
