"""Signing in to MongoDB with tokens, by OIDC over the wire and behind TLS, synchronously and not."""

import time
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from readsvc.errors import UnavailableError
from readsvc.mongo_reads import connect, lists, newest
from readsvc.settings import ReadServiceSettings
from readsvc.view_store import ViewStore
from shared.bootstrap.views import Client, patient_mongo
from tests.servers.entra_mongo import AUDIENCE, Doorkeeper, entra_mongo
from tests.servers.mongo import mongo_url
from tests.servers.token_endpoint import TokenEndpoint

__all__ = ["mongo_url"]

pytestmark = pytest.mark.integration

SHORT_LIFE = 3


@pytest.fixture
def guarded(mongo_url: str, endpoint: TokenEndpoint, tmp_path: Path) -> Iterator[tuple[str, Doorkeeper]]:
    del endpoint
    with entra_mongo(mongo_url, folder=tmp_path) as server:
        yield server


@pytest.fixture
def keeper(guarded: tuple[str, Doorkeeper]) -> Doorkeeper:
    return guarded[1]


@pytest.fixture
def client(guarded: tuple[str, Doorkeeper]) -> Iterator[Client]:
    with patient_mongo(guarded[0], patience_ms=5_000, auth="entra") as connecting:
        yield connecting


@pytest.fixture
async def reading(guarded: tuple[str, Doorkeeper]) -> AsyncGenerator[AsyncMongoClient[dict[str, Any]]]:
    settings = ReadServiceSettings.model_validate(
        {
            "mongo_url": guarded[0],
            "mongo_auth": "entra",
            "mongo_timeout_seconds": 5,
            "redis_url": "redis://127.0.0.1:1",
        }
    )
    connecting = connect(settings)
    yield connecting
    await connecting.close()


def test_the_driver_shows_a_token_of_the_identitys(
    client: Client, keeper: Doorkeeper, endpoint: TokenEndpoint
) -> None:
    client["cinema"]["views"].insert_one({"_id": "a"})
    assert client["cinema"]["views"].find_one({"_id": "a"}) == {"_id": "a"}
    assert set(keeper.shown) == {endpoint.given[0]}
    assert [query["resource"] for query in endpoint.asked] == [AUDIENCE]


def test_without_a_token_the_server_does_nothing(guarded: tuple[str, Doorkeeper]) -> None:
    with patient_mongo(guarded[0], patience_ms=5_000) as stranger, pytest.raises(OperationFailure) as refused:
        stranger["cinema"]["views"].find_one({})
    assert refused.value.code == 13


def test_a_connection_whose_token_has_ended_signs_in_with_another(
    client: Client, keeper: Doorkeeper, endpoint: TokenEndpoint
) -> None:
    endpoint.life_seconds = SHORT_LIFE
    client["cinema"]["views"].find_one({})
    time.sleep(SHORT_LIFE + 1)  # the token's end is what the test is about
    client["cinema"]["views"].find_one({})
    assert len(set(keeper.shown)) == 2


def test_an_endpoint_that_is_down_at_start_is_named_and_recovered_from(
    client: Client, endpoint: TokenEndpoint
) -> None:
    endpoint.failing = True
    with pytest.raises(PyMongoError, match=r"no token for https://ossrdbms-aad"):
        client["cinema"]["views"].find_one({})
    endpoint.failing = False
    deadline = time.monotonic() + 20
    while not _found(client):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _found(client: Client) -> bool:
    try:
        client["cinema"]["views"].find_one({})
    except PyMongoError:
        return False
    return True


async def test_the_read_services_driver_signs_in_and_again_when_its_token_has_ended(
    reading: AsyncMongoClient[dict[str, Any]], keeper: Doorkeeper, endpoint: TokenEndpoint
) -> None:
    endpoint.life_seconds = SHORT_LIFE
    await reading["cinema"]["views"].find_one({})
    time.sleep(SHORT_LIFE + 1)  # noqa: ASYNC251 the token's end is what the test is about
    await reading["cinema"]["views"].find_one({})
    assert len(set(keeper.shown)) == 2


async def test_to_a_reader_a_store_without_a_token_is_one_that_does_not_answer(
    reading: AsyncMongoClient[dict[str, Any]], endpoint: TokenEndpoint
) -> None:
    endpoint.failing = True
    settings = ReadServiceSettings(mongo_url="mongodb://unused", redis_url="redis://unused")
    store = ViewStore(newest=newest(reading, settings), lists=lists(reading, settings))
    with pytest.raises(UnavailableError):
        await store.find("showtimes", "a", generation=1)
    assert not await store.answers()
