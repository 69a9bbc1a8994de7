from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.hub_sinks.hubs import EmulatorServer, HubServer, KafkaServer
from tests.servers.kafka_broker import KafkaBroker
from tests.servers.kafka_mock import MockCluster


@pytest.fixture
def amqp_hub(tmp_path: Path) -> Iterator[HubServer]:
    server = EmulatorServer(tmp_path / "hubs")
    yield server
    server.stop()


@pytest.fixture
def mock_kafka_hub() -> Iterator[HubServer]:
    with MockCluster() as cluster:
        yield KafkaServer(cluster)


@pytest.fixture
def real_kafka_hub(tmp_path: Path) -> Iterator[HubServer]:
    with KafkaBroker(tmp_path) as broker:
        yield KafkaServer(broker)


@pytest.fixture(params=["amqp", "mock_kafka", pytest.param("real_kafka", marks=pytest.mark.full)])
def server(request: pytest.FixtureRequest) -> HubServer:
    chosen: HubServer = request.getfixturevalue(f"{request.param}_hub")
    return chosen
