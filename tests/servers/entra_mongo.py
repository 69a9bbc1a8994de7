"""The MongoDB stand-in behind TLS and OIDC: a connection does nothing before it has shown a good token, nor after that has ended."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
from pymongo.uri_parser import parse_uri

from local.mongo.documents import decode
from local.mongo.wire import parse, render
from tests.servers.mongo_messages import received, request
from tests.servers.tls_front import tls_front
from tests.servers.token_endpoint import OBJECT_ID, claims_of

AUDIENCE = "https://ossrdbms-aad.database.windows.net"
_HELLO = frozenset({"hello", "isMaster", "ismaster"})


@dataclass
class Doorkeeper:
    """Lets in who shows a token of the identity's, and asks for another once that has ended."""

    server: tuple[str, int]
    shown: list[str] = field(default_factory=list[str])
    refused: int = 0

    def converse(self, client: socket.socket) -> None:
        """Serve one connection."""
        token = ""
        with socket.create_connection(self.server) as server:
            while True:
                message = parse(*received(client))
                name = next(iter(message.command))
                if name in _HELLO:
                    client.sendall(render(_hello(), to=message))
                elif name == "saslStart":
                    shown = self._token_in(message.command)
                    token = shown or token
                    client.sendall(
                        render(_signed_in() if shown else _error(18, "AuthenticationFailed"), to=message)
                    )
                elif not token:
                    client.sendall(render(_error(13, "Unauthorized"), to=message))
                elif not _is_good(token):
                    client.sendall(render(_error(391, "ReauthenticationRequired"), to=message))
                else:
                    server.sendall(request(message.command, request_id=message.request_id))
                    client.sendall(b"".join(received(server)))

    def _token_in(self, command: dict[str, Any]) -> str | None:
        if command.get("mechanism") != "MONGODB-OIDC" or command.get("$db") != "$external":
            return None
        token: str = decode(command["payload"])["jwt"]
        if not _is_good(token):
            self.refused += 1
            return None
        self.shown.append(token)
        return token


@contextmanager
def entra_mongo(url: str, *, folder: Path) -> Generator[tuple[str, Doorkeeper]]:
    """The URL of a server in front of another, and who keeps its door."""
    keeper = Doorkeeper(parse_uri(url)["nodelist"][0])
    with tls_front(keeper.converse, folder=folder) as (port, authority):
        yield f"mongodb://127.0.0.1:{port}/?tls=true&tlsCAFile={authority}", keeper


def _is_good(token: str) -> bool:
    try:
        return claims_of(token, audience=AUDIENCE)["oid"] == OBJECT_ID
    except jwt.InvalidTokenError:
        return False


def _hello() -> dict[str, Any]:
    return {
        "helloOk": True,
        "isWritablePrimary": True,
        "ismaster": True,
        "localTime": datetime.now(UTC),
        "maxBsonObjectSize": 16 * 1024 * 1024,
        "maxMessageSizeBytes": 48 * 1024 * 1024,
        "maxWriteBatchSize": 100_000,
        "minWireVersion": 0,
        "maxWireVersion": 21,
        "ok": 1.0,
    }


def _signed_in() -> dict[str, Any]:
    return {"conversationId": 1, "done": True, "payload": b"", "ok": 1.0}


def _error(code: int, name: str) -> dict[str, Any]:
    return {"ok": 0.0, "code": code, "codeName": name, "errmsg": name}
