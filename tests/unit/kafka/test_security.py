"""Signing in to Event Hubs' Kafka endpoint, as librdkafka's properties."""

import logging
from types import SimpleNamespace
from typing import Any, Never

import pytest

from shared.infrastructure.kafka.security import event_hubs_identity, event_hubs_key

pytestmark = pytest.mark.unit

JWT = "header.claims.signature"
FAR_OFF = 4_000_000_000
SERVERS = "cinema.servicebus.windows.net:9093"


class FixedCredential:
    """Gives one token, and notes what for."""

    def __init__(self) -> None:
        self.scopes: list[str] = []

    def get_token(self, *scopes: str) -> Any:
        self.scopes += scopes
        return SimpleNamespace(token=JWT, expires_on=FAR_OFF)


class BrokenCredential:
    """Has no identity to get a token for."""

    def get_token(self, *scopes: str) -> Never:
        raise RuntimeError(f"no identity for {scopes}")


def test_a_connection_string_is_the_password_of_a_user_whose_name_says_so() -> None:
    properties = event_hubs_key("Endpoint=sb://cinema…")
    assert properties["sasl.username"] == "$ConnectionString"
    assert properties["sasl.password"] == "Endpoint=sb://cinema…"
    assert properties["security.protocol"] == "sasl_ssl"


def test_an_identitys_token_is_for_this_namespace_and_ends_when_it_says() -> None:
    credential = FixedCredential()
    properties = event_hubs_identity(SERVERS, credential=credential)
    assert properties["oauth_cb"]("") == (JWT, float(FAR_OFF))
    assert credential.scopes == ["https://cinema.servicebus.windows.net/.default"]


def test_that_no_token_can_be_had_is_logged_since_the_library_keeps_it_to_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    properties = event_hubs_identity(SERVERS, credential=BrokenCredential())
    with caplog.at_level(logging.WARNING), pytest.raises(RuntimeError):
        properties["oauth_cb"]("")
    assert "no identity" in caplog.text
