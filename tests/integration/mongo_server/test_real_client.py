"""What the product relies on, by the real pymongo client over the wire, on the stand-in and on a real server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, InsertOne, MongoClient, ReplaceOne, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from tests.servers.mongo import MongoServer

pytestmark = pytest.mark.integration

Documents = Collection[dict[str, Any]]


def test_a_document_comes_back_as_it_was_stored(collection: Documents) -> None:
    document = {
        "_id": "a",
        "title": "千と千尋",
        "rows": [{"row": "A", "seats": 3}],
        "seq": 2**40,
        "none": None,
    }
    collection.insert_one(document)
    assert collection.find_one({"_id": "a"}) == document


def test_a_duplicate_id_is_refused_as_mongodb_refuses_it(collection: Documents) -> None:
    collection.insert_one({"_id": "a"})
    with pytest.raises(DuplicateKeyError) as refusal:
        collection.insert_one({"_id": "a"})
    assert refusal.value.code == 11000


def test_an_unordered_bulk_write_reports_its_losers_and_goes_on(collection: Documents) -> None:
    collection.insert_one({"_id": "a", "rev": 1})
    with pytest.raises(BulkWriteError) as refusal:
        collection.with_options(write_concern=WriteConcern("majority")).bulk_write(
            [
                InsertOne({"_id": "a", "rev": 1}),
                InsertOne({"_id": "b", "rev": 1}),
                ReplaceOne({"_id": "a", "rev": 7}, {"_id": "a", "rev": 8}),
                ReplaceOne({"_id": "a", "rev": 1}, {"_id": "a", "rev": 2}),
            ],
            ordered=False,
        )
    details = refusal.value.details
    assert [(error["index"], error["code"]) for error in details["writeErrors"]] == [(0, 11000)]
    assert (details["nInserted"], details["nMatched"], details["nModified"]) == (1, 1, 1)
    assert collection.find_one({"_id": "a"}) == {"_id": "a", "rev": 2}


def test_an_ordered_bulk_write_ends_at_its_first_error(collection: Documents) -> None:
    with pytest.raises(BulkWriteError):
        collection.bulk_write([InsertOne({"_id": 1}), InsertOne({"_id": 1}), InsertOne({"_id": 2})])
    assert [document["_id"] for document in collection.find()] == [1]


def test_of_two_guarded_replaces_exactly_one_wins(mongo_server: MongoServer, collection: Documents) -> None:
    collection.insert_one({"_id": "a", "rev": 0})

    def bump(worker: int) -> int:
        with MongoClient[dict[str, Any]](mongo_server.url) as client:
            mine = client[collection.database.name][collection.name]
            wins = [
                mine.replace_one(
                    {"_id": "a", "rev": rev}, {"_id": "a", "rev": rev + 1, "by": worker}
                ).modified_count
                for rev in range(100)
            ]
        return sum(wins)

    with ThreadPoolExecutor(4) as workers:
        wins = sum(workers.map(bump, range(4)))
    stored = collection.find_one({"_id": "a"})
    assert stored is not None
    if mongo_server.kind == "FerretDB" and wins != stored["rev"]:
        pytest.xfail("FerretDB reads, then writes by _id alone: of two guarded replaces both can win")
    assert stored["rev"] == wins


def test_an_upsert_inserts_once(collection: Documents) -> None:
    first = collection.replace_one({"_id": "a"}, {"n": 1}, upsert=True)
    second = collection.replace_one({"_id": "a"}, {"n": 2}, upsert=True)
    assert (first.upserted_id, second.upserted_id, second.modified_count) == ("a", None, 1)
    assert collection.find_one() == {"_id": "a", "n": 2}


def test_text_is_compared_as_text(collection: Documents) -> None:
    collection.insert_many([{"_id": day, "at": f"2026-12-{day:02}T20:00:00Z"} for day in range(1, 29)])
    found = collection.find({"at": {"$gte": "2026-12-05T05", "$lt": "2026-12-07"}}).sort("at", DESCENDING)
    assert [document["_id"] for document in found] == [6, 5]


def test_filters_sorts_and_limits(collection: Documents) -> None:
    collection.insert_many([{"_id": n, "movie": {"id": f"m{n % 2}"}, "n": n // 3} for n in range(10)])
    found = collection.find({"movie.id": "m0", "$or": [{"n": {"$gt": 1}}, {"_id": {"$in": [0, 1]}}]})
    assert [document["_id"] for document in found.sort([("n", DESCENDING), ("_id", ASCENDING)])] == [6, 8, 0]
    assert [document["_id"] for document in collection.find().sort("_id", 1).skip(2).limit(3)] == [2, 3, 4]


def test_null_is_found_as_null_and_as_absent_is(collection: Documents) -> None:
    collection.insert_many([{"_id": "null", "v": None}, {"_id": "absent"}, {"_id": "there", "v": "x"}])
    assert {document["_id"] for document in collection.find({"v": None})} == {"null", "absent"}
    assert [document["_id"] for document in collection.find({"v": {"$gte": ""}})] == ["there"]
    assert collection.find_one({"_id": "null"}) == {"_id": "null", "v": None}


def test_names_and_ids_may_have_dashes_and_any_script(collection: Documents) -> None:
    claims = {"A-12": {"status": "Held"}, "千-1": {"status": "Sold"}, "É-3": {"status": "Free"}}
    collection.insert_one({"_id": "千", "claims": claims})
    (stored,) = collection.find({"_id": {"$in": ["千", "A"]}})
    assert stored == {"_id": "千", "claims": claims}
    assert list(stored["claims"]) == ["A-12", "千-1", "É-3"]


def test_a_document_may_be_large(collection: Documents) -> None:
    claims = {f"{row}-{seat}": {"by": "x" * 1_000} for row in range(100) for seat in range(80)}
    collection.insert_one({"_id": "a", "rev": 1, "claims": claims})
    replaced = {"_id": "a", "rev": 2, "claims": claims}
    assert collection.replace_one({"_id": "a", "rev": 1}, replaced).matched_count == 1
    assert collection.find_one({"_id": "a"}) == replaced


def test_many_are_found_by_their_ids(collection: Documents) -> None:
    collection.insert_many([{"_id": f"{n:05}"} for n in range(2_000)])
    wanted = [f"{n:05}" for n in range(0, 4_000, 2)]
    assert {document["_id"] for document in collection.find({"_id": {"$in": wanted}})} == set(wanted[:1_000])


def test_a_long_answer_comes_in_batches(collection: Documents) -> None:
    collection.insert_many([{"_id": n} for n in range(1_000)])
    assert len(list(collection.find().batch_size(70))) == 1_000


def test_a_unique_index_is_kept_and_creating_it_again_changes_nothing(collection: Documents) -> None:
    for _ in range(2):
        collection.create_index([("owner.id", ASCENDING)], unique=True)
    collection.insert_one({"_id": 1, "owner": {"id": 5}})
    with pytest.raises(DuplicateKeyError):
        collection.insert_one({"_id": 2, "owner": {"id": 5}})
    assert [index["name"] for index in collection.list_indexes()] == ["_id_", "owner.id_1"]


def test_deleting(collection: Documents) -> None:
    collection.insert_many([{"_id": n, "even": n % 2 == 0} for n in range(6)])
    assert collection.delete_many({"even": True}).deleted_count == 3
    assert collection.delete_one({}).deleted_count == 1
    collection.drop()
    assert collection.find_one() is None


async def test_the_async_client_reads_and_writes(
    mongo_server: MongoServer, mongo_database: Database[dict[str, Any]]
) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongo_server.url) as client:
        collection = client[mongo_database.name]["async"]
        await asyncio.gather(*(collection.insert_one({"_id": n}) for n in range(50)))
        assert len(await collection.find({"_id": {"$gte": 25}}).to_list()) == 25


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    values=st.lists(st.one_of(st.integers(-9, 9), st.text("abc", max_size=2)), max_size=12),
    bound=st.integers(-9, 9),
)
def test_ranges_and_sorts_agree_with_an_oracle(collection: Documents, values: list[Any], bound: int) -> None:
    """BSON compares a range within the bound's type, and sorts numbers before text."""
    collection.delete_many({})
    if values:
        collection.insert_many([{"_id": index, "v": value} for index, value in enumerate(values)])
    found = [
        document["v"] for document in collection.find({"v": {"$gt": bound}}).sort([("v", 1), ("_id", 1)])
    ]
    assert found == sorted(value for value in values if isinstance(value, int) and value > bound)
    ordered = [document["v"] for document in collection.find().sort([("v", 1), ("_id", 1)])]
    assert ordered == sorted(values, key=lambda value: (isinstance(value, str), value))
