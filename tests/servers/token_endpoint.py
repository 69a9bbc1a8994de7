"""The endpoint from which App Service, Functions and Container Apps give tokens to a managed identity, over real HTTP."""

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt

from tests.servers.http_server import serving
from tests.servers.process import free_port

HEADER = "a secret of the platform"
CLIENT_ID = "5b0b3a6e-0f0c-4b8e-8f39-3d3c5f4b4a11"
OBJECT_ID = "0b1e6c57-6a5d-4c38-9d2d-7f5ed8a30a11"
_KEY = "the issuer's key, with which what it gave can be told"


@dataclass
class TokenEndpoint:
    """Gives one user-assigned identity tokens. It can be down, or hang, for a while."""

    port: int = field(default_factory=free_port)
    life_seconds: int = 3_600
    failing: bool = False
    given: list[str] = field(default_factory=list[str])
    asked: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    hang: threading.Event | None = None
    tell: Callable[[str], None] = lambda _token: None

    @property
    def environment(self) -> dict[str, str]:
        """What the platform, and the deployment, set for the process."""
        return {
            "IDENTITY_ENDPOINT": f"http://127.0.0.1:{self.port}/msi/token",
            "IDENTITY_HEADER": HEADER,
            "AZURE_CLIENT_ID": CLIENT_ID,
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
        }

    def answer(self, query: dict[str, str], *, header: str | None) -> tuple[int, dict[str, Any]]:
        self.asked.append(query)
        if self.hang:
            self.hang.wait(30)
        if self.failing:
            return 500, {"statusCode": 500, "message": "the identity service is down"}
        if (
            header != HEADER
            or query.get("client_id") != CLIENT_ID
            or query.get("api-version") != "2019-08-01"
        ):
            return 400, {"statusCode": 400, "message": "no such identity"}
        ends = int(time.time()) + self.life_seconds
        claims = {"aud": query["resource"], "oid": OBJECT_ID, "exp": ends, "jti": str(len(self.given))}
        token = jwt.encode(claims, _KEY, algorithm="HS256")
        self.tell(token)
        self.given.append(token)
        return 200, {
            "access_token": token,
            "expires_on": str(ends),
            "resource": query["resource"],
            "token_type": "Bearer",
            "client_id": CLIENT_ID,
        }


def claims_of(token: str, *, audience: str) -> dict[str, Any]:
    """The claims of a token that the endpoint has given and that has not ended.

    Raises:
        jwt.InvalidTokenError: it is none.
    """
    return jwt.decode(token, _KEY, algorithms=["HS256"], audience=audience)


@contextmanager
def token_endpoint(**options: Any) -> Generator[TokenEndpoint]:
    """An endpoint that listens."""
    endpoint = TokenEndpoint(**options)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = dict(parse_qsl(urlsplit(self.path).query))
            status, document = endpoint.answer(query, header=self.headers.get("X-IDENTITY-HEADER"))
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] # silence
            return

    with serving(ThreadingHTTPServer(("127.0.0.1", endpoint.port), Handler)):
        yield endpoint
