"""Valkey that is signed in to with tokens: each that the endpoint gives is the user's password until it ends, as Azure has it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from redis import Redis

from tests.servers.process import free_port
from tests.servers.tls_front import passing_on, tls_front
from tests.servers.token_endpoint import OBJECT_ID, TokenEndpoint
from tests.servers.valkey import valkey

_ADMIN = "the tests' own"


@dataclass(frozen=True)
class EntraRedis:
    """A running server; `admin` looks at it past TLS and tokens."""

    url: str
    admin: Any

    def end_tokens(self, *, but: str | None = None) -> None:
        """Let tokens end: no connection can be made with them, and those that were made with one are cut."""
        self.admin.acl_setuser(OBJECT_ID, enabled=True, reset_passwords=True)
        if but:
            self.take(but)
        self.admin.execute_command("CLIENT", "KILL", "USER", OBJECT_ID)

    def take(self, token: str) -> None:
        """Take a token for a password of the identity's."""
        self.admin.acl_setuser(
            OBJECT_ID, enabled=True, passwords=f"+{token}", keys=["*"], channels=["*"], categories=["+@all"]
        )

    def connections(self) -> set[str]:
        """The ids of the identity's connections."""
        return {one["id"] for one in self.admin.client_list() if one["user"] == OBJECT_ID}

    def calls(self, command: str) -> int:
        """How often a command was called."""
        return self.admin.info("commandstats").get(f"cmdstat_{command}", {}).get("calls", 0)


@contextmanager
def entra_redis(endpoint: TokenEndpoint, *, folder: Path) -> Generator[EntraRedis]:
    """The server, behind TLS, without a user but the identity."""
    port = free_port()
    with (
        valkey(folder, port=port, password=_ADMIN),
        tls_front(passing_on(("127.0.0.1", port)), folder=folder) as (front, authority),
        cast(Any, Redis)(port=port, password=_ADMIN, decode_responses=True) as admin,
    ):
        server = EntraRedis(f"rediss://127.0.0.1:{front}/0?ssl_ca_certs={authority}", admin)
        admin.acl_setuser(OBJECT_ID, enabled=True)
        endpoint.tell = server.take
        yield server
