"""The process's identity, which gives Entra tokens to whatever adapter signs in with one."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

_CONNECT_SECONDS = 3
_ANSWER_SECONDS = 10
_TRIES_AGAIN = 1
"""The token is asked for again later anyway; azure-identity's own ten tries keep a caller waiting for minutes."""


class TokenUnavailableError(ConnectionError):
    """No token can be had now. The message says of what and why; it holds no secret."""


class Token(Protocol):
    """What a credential gives. `expires_on` is in seconds since 1970."""

    @property
    def token(self) -> str: ...

    @property
    def expires_on(self) -> int: ...


class Credential(Protocol):
    """Gets tokens, and keeps them as long as they are good."""

    def get_token(self, *scopes: str) -> Token: ...


@dataclass(frozen=True, slots=True)
class SecretToken:
    """A token that does not show itself where it is printed."""

    token: str = field(repr=False)
    expires_on: int


@cache
def default_credential() -> Credential:
    """The identity of the process: a managed one in Azure (AZURE_CLIENT_ID names it), the developer's own elsewhere.

    AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential keeps it from looking for any other.
    """
    return _DefaultCredential()


class _DefaultCredential:
    """azure-identity's, made when the first token is asked for: it loads slowly, and few need it."""

    def __init__(self) -> None:
        self._credential: Any = None

    def get_token(self, *scopes: str) -> Token:
        if self._credential is None:
            from azure.identity import DefaultAzureCredential  # noqa: PLC0415 it loads slowly, and few need it

            self._credential = DefaultAzureCredential(
                connection_timeout=_CONNECT_SECONDS, read_timeout=_ANSWER_SECONDS, retry_total=_TRIES_AGAIN
            )
        return self._credential.get_token(*scopes)
