"""Every acknowledged write survives a restart and a kill -9."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.servers import ferretdb
from tests.servers.mongo import REAL, stand_in
from tests.servers.process import free_port, running

pytestmark = pytest.mark.integration


def connect(port: int) -> MongoClient[dict[str, Any]]:
    return MongoClient(f"mongodb://127.0.0.1:{port}", serverSelectionTimeoutMS=300)


@pytest.mark.parametrize("command_of", [stand_in, pytest.param(ferretdb.command, marks=REAL.marks)])
def test_writes_survive_a_kill(tmp_path: Path, command_of: Callable[..., tuple[str, ...]]) -> None:
    port = free_port()
    command = command_of(port=port, data=tmp_path)
    acknowledged = 0
    with running(*command, port=port) as server, connect(port) as client:
        client["test"]["c"].create_index("n", unique=True)
        for number in range(500):
            if number == 300:
                server.kill()
            try:
                client["test"]["c"].insert_one({"_id": number, "n": number})
            except PyMongoError:
                break
            acknowledged += 1
    assert acknowledged >= 300
    with running(*command, port=port), connect(port) as client:
        stored = [document["_id"] for document in client["test"]["c"].find().sort("_id", 1)]
        assert stored[:acknowledged] == list(range(acknowledged))
        assert len(list(client["test"]["c"].list_indexes())) == 2


def test_a_torn_last_write_is_dropped_and_no_other(tmp_path: Path) -> None:
    port = free_port()
    command = stand_in(port=port, data=tmp_path)
    with running(*command, port=port), connect(port) as client:
        client["test"]["c"].insert_many([{"_id": number} for number in range(3)])
    journal = tmp_path / "journal"
    with journal.open("r+b") as file:
        file.truncate(journal.stat().st_size - 1)
    with running(*command, port=port), connect(port) as client:
        assert [document["_id"] for document in client["test"]["c"].find()] == [0, 1]
