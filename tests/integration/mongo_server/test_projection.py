"""Projections: the fields to include."""

from typing import Any

import pytest
from pymongo.collection import Collection

pytestmark = pytest.mark.integration

Documents = Collection[dict[str, Any]]


def test_only_the_fields_that_are_asked_for_come_back_with_the_id(collection: Documents) -> None:
    collection.insert_one({"_id": "a", "sequence": 3, "ahead": [5], "claims": {"A-1": 1}})
    assert list(collection.find({}, {"sequence": 1, "ahead": 1, "absent": 1})) == [
        {"_id": "a", "sequence": 3, "ahead": [5]}
    ]
    assert list(collection.find({}, {"_id": 1})) == [{"_id": "a"}]


def test_a_projection_changes_nothing_about_the_order(collection: Documents) -> None:
    collection.insert_many([{"_id": n, "place": -n} for n in range(3)])
    found = collection.find({}, {"_id": 1}).sort("place", 1).limit(2)
    assert [stored["_id"] for stored in found] == [2, 1]
