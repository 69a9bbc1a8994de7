"""The MongoDB stand-in for tests."""

from collections.abc import Iterator

import pytest

from tests.servers.process import free_port, module, running


@pytest.fixture(scope="module")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty MongoDB stand-in, one for each test module."""
    port = free_port()
    data = tmp_path_factory.mktemp("mongo")
    with running(*module("local.mongo", "--port", port, "--data", data), port=port):
        yield f"mongodb://127.0.0.1:{port}"
