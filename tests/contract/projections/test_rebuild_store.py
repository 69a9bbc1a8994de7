"""What a rebuild keeps and finds in MongoDB, on the stand-in and on a real server."""

from typing import Any

import pytest
from pymongo.database import Database

from shared.application.rebuild.marks import Mark, mark_of
from shared.application.rebuild.progress import RebuildProgress
from shared.contracts.documents import FIRST_GENERATION, MovieDocument, ShowtimeDocument, collection_name
from shared.contracts.generations import Building, Generations
from shared.infrastructure.mongo.mongo_generations import MongoGenerations
from shared.infrastructure.mongo.mongo_rebuild import (
    MongoGenerationCollections,
    MongoGenerationMarks,
    MongoRebuildJournal,
)
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from tests.builders.view_documents import a_showtime

pytestmark = pytest.mark.contract

ViewDatabase = Database[dict[str, Any]]


def test_a_missing_document_means_that_generation_1_is_live(mongo_database: ViewDatabase) -> None:
    generations = MongoGenerations(mongo_database).read()
    assert (generations.live, generations.written, generations.rev) == (1, (1,), 0)


def test_the_generations_are_replaced_by_who_has_seen_the_last(mongo_database: ViewDatabase) -> None:
    directory = MongoGenerations(mongo_database)
    first = Generations(rev=1, building=Building(generation=2), newest=2)
    second = Generations(rev=2, live=2, newest=2)
    assert [directory.replace(first), directory.replace(first)] == [True, False]
    assert directory.read() == first
    assert [directory.replace(second), directory.replace(second)] == [True, False]
    assert directory.read() == second


def test_a_rebuilds_progress_is_a_document_of_its_own(mongo_database: ViewDatabase) -> None:
    journal = MongoRebuildJournal(mongo_database)
    assert journal.read() == RebuildProgress()
    progress = RebuildProgress(rev=1, owner="one", generation=2, stream_id="movie:tt1", sequence=3, copied=7)
    assert [journal.replace(progress), journal.replace(progress)] == [True, False]
    assert journal.read() == progress
    assert MongoGenerations(mongo_database).read() == Generations()


def test_documents_are_marked_in_the_order_of_their_ids(mongo_database: ViewDatabase) -> None:
    one, two, three = sorted((a_showtime(sequence=n) for n in (3, 4, 5)), key=lambda found: found.id)
    MongoViewStore(mongo_database, generation=7).save(
        [found.model_copy(update={"rev": 1}) for found in (three, one, two)]
    )
    marks = MongoGenerationMarks(mongo_database)
    pages = list(marks.pages(ShowtimeDocument, generation=7, size=2))
    assert pages == [[mark_of(one), mark_of(two)], [mark_of(three)]]
    assert marks.of(ShowtimeDocument, [three.id, "?"], generation=7) == {three.id: mark_of(three)}
    assert list(marks.pages(ShowtimeDocument, generation=1, size=2)) == []


def test_a_document_that_can_not_be_read_is_of_no_stream(mongo_database: ViewDatabase) -> None:
    mongo_database[collection_name(MovieDocument.view, generation=FIRST_GENERATION)].insert_one(
        {"_id": "broken", "version": "many"}
    )
    (page,) = MongoGenerationMarks(mongo_database).pages(MovieDocument, generation=1, size=9)
    assert page == [Mark(id="broken", stream_id="")]


def test_generations_are_prepared_found_and_dropped(mongo_database: ViewDatabase) -> None:
    collections = MongoGenerationCollections(mongo_database)
    before = collections.present()
    collections.prepare(12)
    collections.prepare(12)
    mongo_database["showtimes_of_old"].insert_one({"_id": 1})
    assert collections.present() == before | {12}
    collections.drop(12)
    collections.drop(12)
    assert collections.present() == before
