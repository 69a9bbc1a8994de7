"""Which namespace the hubs are in, and how it is signed in to."""

import asyncio
import ssl
from dataclasses import dataclass
from functools import cache
from typing import Any

import certifi
from azure.eventhub import parse_connection_string

from shared.identity.credential import Token
from shared.identity.kept_token import KeptToken, own_token

SCOPE = "https://eventhubs.azure.net/.default"


@dataclass(frozen=True, slots=True)
class Namespace:
    """The arguments with which the SDK's clients are made for it. They hold secrets: they are not to be logged."""

    arguments: dict[str, Any]

    def __repr__(self) -> str:
        return f"Namespace({self.arguments.get('fully_qualified_namespace', 'by connection string')!r})"


class IdentityCredential:
    """What the SDK takes for a credential of azure-identity. Its loop never waits for the identity endpoint."""

    def __init__(self, token: KeptToken) -> None:
        self._token = token

    async def get_token(self, *_scopes: str, **_options: Any) -> Token:
        """A token for Event Hubs, whatever scope is asked for: there is no other.

        Raises:
            TokenUnavailableError: none can be had.
        """
        return self._token.latest() or await asyncio.to_thread(self._token.get)


def named_by(connection_string: str) -> Namespace:
    """A namespace by a connection string.

    Raises:
        ValueError: it is no connection string of Event Hubs.
    """
    parse_connection_string(connection_string)
    return Namespace({"conn_str": connection_string})


def signed_in_to(fully_qualified_name: str, *, token: KeptToken | None = None) -> Namespace:
    """A namespace by its name, `….servicebus.windows.net`; this process's identity signs in, over TLS alone."""
    credential = IdentityCredential(token or own_token(SCOPE))
    return Namespace({"fully_qualified_namespace": fully_qualified_name, "credential": credential})


def client_for(kind: Any, namespace: Namespace, **options: Any) -> Any:
    """A client of the SDK that has not connected yet."""
    make = kind.from_connection_string if "conn_str" in namespace.arguments else kind
    return make(**namespace.arguments, ssl_context=_trusting(certifi.where()), **options)


@cache
def _trusting(authorities: str) -> ssl.SSLContext:
    """Read once. The SDK would read the file for each connection, one a partition, and take 40 ms every time."""
    return ssl.create_default_context(cafile=authorities)
