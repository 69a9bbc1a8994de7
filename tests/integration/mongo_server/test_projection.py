"""Projections of the stand-in: fields to include, and a refusal of everything else."""

from typing import Any

import pytest
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

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


@pytest.mark.parametrize(
    "projection", [{"claims": 0}, {"claims.A-1": 1}, {"n": {"$add": [1, 1]}}, {"n": "text"}]
)
def test_any_other_projection_is_refused(collection: Documents, projection: dict[str, Any]) -> None:
    collection.insert_one({"_id": "a"})
    with pytest.raises(OperationFailure, match="projection"):
        list(collection.find({}, projection))
