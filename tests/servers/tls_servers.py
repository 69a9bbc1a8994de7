"""Stand-ins for what the gateway reaches in Azure: two Functions apps and the read service, over TLS, by name."""

import datetime as dt
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
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from tests.servers.http_server import serving


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate of one name, which is its own authority."""

    chain: Path
    key: Path

    @classmethod
    def of(cls, name: str, *, folder: Path) -> "Certificate":
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        made = cls(chain=folder / f"{name}.pem", key=folder / f"{name}.key")
        made.chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return made


@dataclass
class FunctionsApp:
    """What a Functions app has been asked: method, path, and under which name."""

    port: int
    asked: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]


@contextmanager
def functions_app(name: str, *, certificate: Certificate) -> Generator[FunctionsApp]:
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
    context.load_cert_chain(certificate.chain, certificate.key)
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
def read_service_over_tls(*, certificate: Certificate) -> Generator[int]:
    """A gRPC server over TLS that is healthy and knows no showtime; gives its port."""
    server = grpc.server(ThreadPoolExecutor(4))
    cast(Any, pb_grpc).add_CinemaQueryServicer_to_server(_Queries(), server)
    healths = health.HealthServicer()
    healths.set("cinema.read.v1.CinemaQuery/fresh", health_pb2.HealthCheckResponse.SERVING)
    cast(Any, health_pb2_grpc).add_HealthServicer_to_server(healths, server)
    credentials = grpc.ssl_server_credentials(
        [(certificate.key.read_bytes(), certificate.chain.read_bytes())]
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()
