"""The process's identity, which gives Entra tokens to whatever adapter signs in with one."""

from typing import Protocol


class Token(Protocol):
    """What a credential gives. `expires_on` is in seconds since 1970."""

    @property
    def token(self) -> str: ...

    @property
    def expires_on(self) -> int: ...


class Credential(Protocol):
    """Gets tokens, and keeps them as long as they are good."""

    def get_token(self, *scopes: str) -> Token: ...


def default_credential() -> Credential:
    """The identity of the process: a managed one in Azure (AZURE_CLIENT_ID names it), the developer's own elsewhere."""
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 it loads slowly, and few need it

    return DefaultAzureCredential()
