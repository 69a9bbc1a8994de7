"""A stand-in for a Functions host, as the load balancer sees one: `python -m tests.servers.functions_node PORT`.

It answers as the host does where the gateway depends on that: an unknown path or method is an empty 404. On
`/api/lost-once` it takes the command and drops the connection unless the file that the body names is there.
"""

import json
import socket
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGES = {"/booking": "text/html", "/ops": "text/html", "/assets/app.css": "text/css"}
SCHEMA = "/schemas/events/cinema.movie.changed.v1.json"
JSON_ANSWERS = {"/livez", "/health", "/api/openapi.json", "/api/ops/outbox", SCHEMA}


class Node(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path in PAGES:
            self._answer(HTTPStatus.OK, b"<p>page</p>", content_type=PAGES[self.path])
        elif self.path in JSON_ANSWERS:
            self._answer(HTTPStatus.OK, b"{}")
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/api/lost-once" and self._first_time(body.decode()):
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif self.path == "/api/crash":
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, b"")
        elif self.path in {"/api/reservations", "/api/lost-once"}:
            answer = {"node": sys.argv[1], "bytes": len(body)}
            self._answer(HTTPStatus.CREATED, json.dumps(answer).encode())
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"")

    def do_PUT(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.do_POST()

    def do_PATCH(self) -> None:
        self.do_POST()

    @staticmethod
    def _first_time(marker: str) -> bool:
        """Both nodes share the memory: a file that the test names."""
        try:
            Path(marker).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def _answer(self, status: HTTPStatus, body: bytes, *, content_type: str = "application/json") -> None:
        self.send_response(status)
        if body:
            self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] # silence
        return


class NodeServer(ThreadingHTTPServer):
    request_queue_size = 512  # the base class's 5 refuses connections in a rush, as no host does


if __name__ == "__main__":
    with NodeServer(("127.0.0.1", int(sys.argv[1])), Node) as server:
        server.serve_forever()
