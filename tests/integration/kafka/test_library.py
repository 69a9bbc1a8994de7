"""What librdkafka says to the properties that it is given, before it is connected to anything."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.infrastructure.kafka.batch_producer import BatchProducer, KafkaUnavailableError
from shared.infrastructure.kafka.security import event_hubs_identity, event_hubs_key, no_sign_in

pytestmark = pytest.mark.integration

NOWHERE = "localhost:1"


class FixedCredential:
    """Gives one token, which is good for long, and notes what for."""

    def __init__(self) -> None:
        self.scopes: list[str] = []

    def get_token(self, *scopes: str) -> Any:
        self.scopes += scopes
        return SimpleNamespace(token="header.claims.signature", expires_on=4_000_000_000)  # noqa: S106 not a real one


@pytest.mark.parametrize("properties", [no_sign_in(), event_hubs_key("Endpoint=sb://cinema…")])
def test_it_knows_every_property(properties: dict[str, Any]) -> None:
    BatchProducer({"bootstrap.servers": NOWHERE, **properties}).close()


def test_it_takes_an_identitys_token() -> None:
    """It waits for the first one before it is ready."""
    credential = FixedCredential()
    properties = event_hubs_identity(NOWHERE, credential=credential)
    BatchProducer({"bootstrap.servers": NOWHERE, **properties}).close()
    assert credential.scopes == ["https://localhost/.default"]


def test_a_property_that_it_refuses_makes_the_cluster_unavailable() -> None:
    with pytest.raises(KafkaUnavailableError, match=r"security\.protocol"):
        BatchProducer({"bootstrap.servers": NOWHERE, "security.protocol": "nonsense"})
