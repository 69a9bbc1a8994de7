"""The process's identity: azure-identity asks the platform's endpoint, over HTTP."""

import logging

import pytest

from shared.identity.credential import TokenUnavailableError, default_credential
from shared.identity.kept_token import own_token
from tests.servers.token_endpoint import CLIENT_ID, TokenEndpoint, claims_of

pytestmark = pytest.mark.integration

SCOPE = "https://database.windows.net/.default"
RESOURCE = "https://database.windows.net"


def test_the_user_assigned_identity_that_is_named_gets_a_token_for_the_resource(
    endpoint: TokenEndpoint,
) -> None:
    token = own_token(SCOPE).get()
    assert claims_of(token.token, audience=RESOURCE)["exp"] == pytest.approx(token.expires_on, abs=2)
    [query] = endpoint.asked
    assert query["client_id"] == CLIENT_ID


def test_a_short_lived_token_is_renewed_while_it_is_used(endpoint: TokenEndpoint) -> None:
    endpoint.life_seconds = 3
    kept = own_token(SCOPE)
    seen = {kept.get().token}
    while len(seen) < 3:
        seen.add(kept.get().token)
    assert seen <= set(endpoint.given)


def test_an_endpoint_that_is_down_at_start_gives_a_clear_error_and_is_recovered_from(
    endpoint: TokenEndpoint,
) -> None:
    endpoint.failing = True
    kept = own_token(SCOPE)
    with pytest.raises(TokenUnavailableError, match=r"https://database\.windows\.net/\.default"):
        kept.get()
    endpoint.failing = False
    while not endpoint.given:
        kept.latest()
    assert kept.get().token == endpoint.given[0]


def test_no_line_of_the_log_has_a_token_or_the_platforms_secret(
    endpoint: TokenEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        token = own_token(SCOPE).get().token
        default_credential().get_token(SCOPE)
    assert caplog.records
    text = caplog.text + "".join(repr(record.__dict__) for record in caplog.records)
    assert token not in text
    assert token.rpartition(".")[2] not in text
    assert endpoint.environment["IDENTITY_HEADER"] not in text
