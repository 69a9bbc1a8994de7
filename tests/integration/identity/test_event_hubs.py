"""Signing in to Event Hubs with tokens: the real client puts them over AMQP and TLS, in front of the emulator."""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import certifi
import pytest

from shared.application.audit.ports import HubEvent
from shared.application.outbox.ports import Outage
from shared.infrastructure.eventhub.consumer_client import connect_consumer_with
from shared.infrastructure.eventhub.hub_reader import EventHubReader
from shared.infrastructure.eventhub.hub_sink import HubSink
from shared.infrastructure.eventhub.namespace import signed_in_to
from shared.infrastructure.eventhub.producer_client import connect_with
from tests.builders.hub_batches import committed, deliver
from tests.builders.outbox_messages import a_message
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.hub_log import read_hub
from tests.servers.tls_front import passing_on, tls_front
from tests.servers.token_endpoint import TokenEndpoint, claims_of

pytestmark = pytest.mark.integration

HUB = "cinema.domain.events"
PARTITIONS = 2
RESOURCE = "https://eventhubs.azure.net"
SHORT_LIFE = 4
_TOKEN = re.compile(rb"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")


@dataclass
class GuardedNamespace:
    """A namespace behind TLS, on the port that the client takes for one; and what clients have sent to it."""

    name: str
    hub: Path
    sent: bytearray = field(default_factory=bytearray)

    def tokens(self) -> list[str]:
        """The tokens that clients have put, in order, each once."""
        return list(dict.fromkeys(found.decode() for found in _TOKEN.findall(bytes(self.sent))))


@pytest.fixture
def namespace(
    endpoint: TokenEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[GuardedNamespace]:
    del endpoint
    # The client takes no other port than 5671, so that each process has an address of its own.
    pid = os.getpid()
    address = f"127.{100 + pid // 65_536 % 100}.{pid // 256 % 256}.{pid % 254 + 1}"
    with Emulator.start(tmp_path / "hubs", hubs=(f"{HUB}={PARTITIONS}:audit",)) as emulator:
        guarded = GuardedNamespace(address, emulator.data / HUB)
        converse = passing_on(("127.0.0.1", emulator.port), note=guarded.sent.extend)
        with tls_front(converse, folder=tmp_path, address=address, port=5671) as (_, authority):
            monkeypatch.setattr(certifi, "where", lambda: str(authority))  # what the client trusts
            yield guarded


@asynccontextmanager
async def a_sink(namespace: GuardedNamespace) -> AsyncGenerator[HubSink]:
    sink = HubSink(
        "domain-events",
        connect=connect_with(signed_in_to(namespace.name), hub=HUB),
        partitions=PARTITIONS,
        send_seconds=5,
    )
    try:
        yield sink
    finally:
        await sink.aclose()


async def test_the_master_sends_with_a_token_of_its_identity(
    namespace: GuardedNamespace, endpoint: TokenEndpoint
) -> None:
    (message,) = committed(a_message())
    async with a_sink(namespace) as sink:
        assert await sink.open()
        delivery = await deliver(sink, [message])
    assert delivery.ids == [message.id]
    assert [event.sequence for event in read_hub(namespace.hub)] == [1]
    assert namespace.tokens() == endpoint.given
    assert claims_of(endpoint.given[0], audience=RESOURCE)
    assert b"put-token" in namespace.sent
    assert b"servicebus.windows.net:sastoken" not in namespace.sent


async def test_a_token_that_ends_while_the_master_runs_is_followed_by_another(
    namespace: GuardedNamespace, endpoint: TokenEndpoint
) -> None:
    endpoint.life_seconds = SHORT_LIFE
    first, second = committed(a_message(), a_message())
    async with a_sink(namespace) as sink:
        await deliver(sink, [first])
        await asyncio.sleep(SHORT_LIFE + 1)  # the token's end is what the test is about
        delivery = await deliver(sink, [second])
    assert delivery.ids == [second.id]
    assert len(namespace.tokens()) >= 2
    assert [event.sequence for event in read_hub(namespace.hub)] == [1, 2]


async def test_an_endpoint_that_is_down_is_an_outage_of_the_sink_and_recovered_from(
    namespace: GuardedNamespace, endpoint: TokenEndpoint
) -> None:
    endpoint.failing = True
    (message,) = committed(a_message())
    async with a_sink(namespace) as sink:
        assert not await sink.open()
        refused = await deliver(sink, [message])
        assert isinstance(refused.failure, Outage)
        endpoint.failing = False
        async with asyncio.timeout(30):
            while (await deliver(sink, [message])).failure:
                await asyncio.sleep(0.1)
    assert [event.sequence for event in read_hub(namespace.hub)] == [1]


def test_the_audit_reads_with_a_token_of_its_identity(
    namespace: GuardedNamespace, endpoint: TokenEndpoint
) -> None:
    async def send() -> None:
        async with a_sink(namespace) as sink:
            await deliver(sink, committed(a_message()))

    asyncio.run(send())
    namespace.sent.clear()
    found: list[HubEvent] = []
    reader = EventHubReader(
        "domain-events",
        connect=connect_consumer_with(signed_in_to(namespace.name), hub=HUB, group="audit"),
        partitions=PARTITIONS,
        patience_seconds=20,
    )
    reader.read(start={}, take=found.append)
    assert len(found) == 1
    assert namespace.tokens() == endpoint.given


def test_a_namespace_shows_no_secret_where_it_is_printed(endpoint: TokenEndpoint) -> None:
    del endpoint
    assert repr(signed_in_to("cinema.servicebus.windows.net")) == "Namespace('cinema.servicebus.windows.net')"
