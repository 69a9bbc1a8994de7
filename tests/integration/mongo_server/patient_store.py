"""A replica set, and the projector's store in it, as the product opens it."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from shared.bootstrap.views import patient_mongo, views_to_change
from shared.contracts.documents import FIRST_GENERATION
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from tests.servers.mongo import MongoServer
from tests.servers.replica_set import ReplicaSet, replica_set

PATIENCE_MS = 3_000


@pytest.fixture
def members(mongo_server: MongoServer) -> Iterator[ReplicaSet]:
    with replica_set(mongo_server.url) as running:
        yield running


@pytest.fixture
def store(members: ReplicaSet) -> Iterator[MongoViewStore]:
    with patient_mongo(members.url, patience_ms=PATIENCE_MS) as client:
        name = f"test_{uuid4().hex}"
        yield MongoViewStore(
            views_to_change(client, name, patience_ms=PATIENCE_MS), generation=FIRST_GENERATION
        )
        members.primary.role = "primary"
        client.drop_database(name)
