"""An identity whose tokens come from an endpoint of the tests' own, by azure-identity and over HTTP."""

from collections.abc import Iterator

import pytest

from shared.identity.credential import default_credential
from shared.identity.kept_token import own_token
from tests.servers.token_endpoint import TokenEndpoint, token_endpoint


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenEndpoint]:
    """The endpoint of this process's identity, which is as new as if the process had just started."""
    with token_endpoint() as listening:
        for name, value in listening.environment.items():
            monkeypatch.setenv(name, value)
        default_credential.cache_clear()
        own_token.cache_clear()
        yield listening
        default_credential.cache_clear()
        own_token.cache_clear()
