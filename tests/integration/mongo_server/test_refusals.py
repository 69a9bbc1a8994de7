"""The stand-in refuses what it does not implement, instead of giving another answer than MongoDB would."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo import MongoClient, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from local.mongo.errors import CommandError
from local.mongo.guarantees import check_guarantees

pytestmark = pytest.mark.integration

Documents = Collection[dict[str, Any]]

REFUSED: dict[str, Callable[[Documents], object]] = {
    "an update operator": lambda c: c.update_one({}, {"$set": {"a": 1}}),
    "a pipeline update": lambda c: c.update_one({}, [{"$set": {"a": 1}}]),
    "a regular expression": lambda c: list(c.find({"a": {"$regex": "x"}})),
    "a top-level operator": lambda c: list(c.find({"$where": "1"})),
    "a projection that leaves out": lambda c: list(c.find({}, projection={"a": 0})),
    "a projection into a field": lambda c: list(c.find({}, projection={"a.b": 1})),
    "a projection that computes": lambda c: list(c.find({}, projection={"a": {"$add": [1, 1]}})),
    "an aggregation": lambda c: list(c.aggregate([{"$match": {}}])),
    "another command": lambda c: c.distinct("a"),
    "a time-to-live index": lambda c: c.create_index("a", expireAfterSeconds=5),
    "a read concern of snapshots": lambda c: c.with_options(read_concern=ReadConcern("snapshot")).find_one(),
    "another read concern": lambda c: c.with_options(read_concern=ReadConcern("most")).find_one(),
}


@pytest.mark.parametrize("attempt", REFUSED)
def test_what_is_not_implemented_is_refused_loudly(mongo_url: str, attempt: str) -> None:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        client["test"]["c"].insert_one({"a": 2})
        with pytest.raises(OperationFailure, match="stand-in does not implement"):
            REFUSED[attempt](client["test"]["c"])


@pytest.mark.parametrize("copies", [2, "tagged"])
def test_a_write_on_more_servers_than_there_are_is_refused(mongo_url: str, copies: int | str) -> None:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        collection = client["test"]["copies"].with_options(write_concern=WriteConcern(copies))
        with pytest.raises(PyMongoError, match="this server is alone"):
            collection.insert_one({"a": 2})


READ_PREFERENCES = [
    {"mode": "secondary"},
    {"mode": "nearest", "tags": [{"region": "east"}]},
    {"mode": "nearest", "hedge": {"enabled": True}},
]


@pytest.mark.parametrize("preference", READ_PREFERENCES)
def test_a_read_preference_that_needs_a_second_server_is_refused(preference: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match="stand-in does not implement"):
        check_guarantees({"find": "c", "$readPreference": preference})


def test_what_one_server_gives_is_accepted() -> None:
    check_guarantees({
        "$readPreference": {"mode": "secondaryPreferred", "maxStalenessSeconds": 120},
        "readConcern": {"level": "majority"},
        "writeConcern": {"w": "majority", "wtimeout": 5_000},
    })  # fmt: skip
