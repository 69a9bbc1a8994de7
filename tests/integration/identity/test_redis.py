"""Signing in to Redis with tokens: a real Valkey whose users' passwords are what the endpoint gives, behind TLS."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import RedisError

from readsvc.redis_client import REDIS_FAULTS, RedisClient
from shared.bootstrap.cache import redis_client
from shared.identity.redis_sign_in import RedisSignInError
from tests.servers.entra_redis import EntraRedis, entra_redis
from tests.servers.token_endpoint import OBJECT_ID, TokenEndpoint

pytestmark = pytest.mark.integration

SHORT_LIFE = 4


@pytest.fixture
def server(endpoint: TokenEndpoint, tmp_path: Path) -> Iterator[EntraRedis]:
    with entra_redis(endpoint, folder=tmp_path) as running:
        yield running


@pytest.fixture
def client(server: EntraRedis) -> Iterator[Any]:
    with redis_client(server.url, timeout_seconds=5, auth="entra") as connecting:
        yield connecting


def test_the_identity_signs_in_as_itself(client: Any, endpoint: TokenEndpoint) -> None:
    assert client.execute_command("ACL", "WHOAMI") == OBJECT_ID.encode()
    assert [query["resource"] for query in endpoint.asked] == ["https://redis.azure.com"]


def test_without_a_token_the_server_lets_nobody_in(server: EntraRedis) -> None:
    with (
        redis_client(server.url, timeout_seconds=5) as stranger,
        pytest.raises(RedisError, match="authenticated"),
    ):
        stranger.ping()


def test_an_open_connection_signs_in_again_when_its_token_nears_its_end(
    client: Any, server: EntraRedis, endpoint: TokenEndpoint
) -> None:
    endpoint.life_seconds = SHORT_LIFE
    connection, sign_ins = client.client_id(), server.calls("auth")
    deadline = time.monotonic() + 20
    while server.calls("auth") == sign_ins:
        client.ping()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert client.client_id() == connection
    assert len(endpoint.given) >= 2


def test_a_connection_that_was_ended_with_its_token_is_made_anew_with_another(
    client: Any, server: EntraRedis, endpoint: TokenEndpoint
) -> None:
    endpoint.life_seconds = SHORT_LIFE
    client.ping()
    time.sleep(SHORT_LIFE)  # nobody uses the connection until its token has ended
    server.end_tokens()
    assert answered(client)  # the first command may still meet the ended connection
    assert len(endpoint.given) >= 2


def test_an_endpoint_that_is_down_at_start_is_named_and_recovered_from(
    client: Any, endpoint: TokenEndpoint
) -> None:
    endpoint.failing = True
    with pytest.raises(RedisSignInError, match=r"no token for https://redis\.azure\.com"):
        client.ping()
    endpoint.failing = False
    assert answered(client)


def test_an_endpoint_that_is_down_for_a_while_is_not_noticed_while_the_token_is_good(
    client: Any, endpoint: TokenEndpoint
) -> None:
    endpoint.life_seconds = SHORT_LIFE
    client.ping()
    endpoint.failing = True
    asked, deadline = len(endpoint.asked), time.monotonic() + 20
    while len(endpoint.asked) == asked:
        assert client.ping()
        assert time.monotonic() < deadline
    endpoint.failing = False
    assert client.ping()


def answered(client: Any) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            return client.ping()
        except RedisError:
            time.sleep(0.05)
    return False


async def test_the_read_services_client_signs_in_and_again_on_the_same_connection(
    server: EntraRedis, endpoint: TokenEndpoint
) -> None:
    endpoint.life_seconds = SHORT_LIFE
    client = RedisClient(server.url, timeout_seconds=5, auth="entra")
    try:
        await client.ping()
        made, sign_ins = server.connections(), server.calls("auth")
        deadline = time.monotonic() + 20
        while server.calls("auth") == sign_ins:
            await client.ping()
            assert time.monotonic() < deadline
        assert server.connections() == made
    finally:
        await client.aclose()


async def test_who_listens_is_cut_off_with_the_token_and_listens_again_with_another(
    server: EntraRedis, endpoint: TokenEndpoint
) -> None:
    endpoint.life_seconds = SHORT_LIFE
    client = RedisClient(server.url, timeout_seconds=5, auth="entra")
    listener = client.listener()
    try:
        await listener.subscribe("a")
        made = server.connections()
        server.end_tokens(but=endpoint.given[-1])
        heard = False
        async with asyncio.timeout(20):
            while not heard or server.connections() == made:
                server.admin.publish("a", "x")  # until the server has the subscription, nobody hears it
                try:
                    heard = await listener.next_channel(seconds=0.1) == "a"
                except REDIS_FAULTS:
                    await listener.aclose()
                    listener = client.listener()
                    await listener.subscribe("a")
    finally:
        await listener.aclose()
        await client.aclose()
