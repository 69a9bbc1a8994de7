"""The stand-in refuses what it does not implement, instead of giving another answer than MongoDB would."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

pytestmark = pytest.mark.integration

Documents = Collection[dict[str, Any]]

REFUSED: dict[str, Callable[[Documents], object]] = {
    "an update operator": lambda c: c.update_one({}, {"$set": {"a": 1}}),
    "a pipeline update": lambda c: c.update_one({}, [{"$set": {"a": 1}}]),
    "a regular expression": lambda c: list(c.find({"a": {"$regex": "x"}})),
    "a top-level operator": lambda c: list(c.find({"$where": "1"})),
    "a projection": lambda c: list(c.find({}, projection={"a": 1})),
    "an aggregation": lambda c: list(c.aggregate([{"$match": {}}])),
    "another command": lambda c: c.distinct("a"),
    "a time-to-live index": lambda c: c.create_index("a", expireAfterSeconds=5),
}


@pytest.mark.parametrize("attempt", REFUSED)
def test_what_is_not_implemented_is_refused_loudly(mongo_url: str, attempt: str) -> None:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        client["test"]["c"].insert_one({"a": 2})
        with pytest.raises(OperationFailure, match="stand-in does not implement"):
            REFUSED[attempt](client["test"]["c"])
