"""What the audit reads and its repair removes, on the stand-in and on a real server."""

from typing import Any

import pytest
from pymongo.database import Database

from shared.application.audit.records import UnreadableDocument
from shared.contracts.documents import (
    FIRST_GENERATION,
    ReservationDocument,
    ShowtimeDocument,
    collection_name,
)
from shared.infrastructure.mongo.mongo_view_reader import MongoViewReader
from shared.infrastructure.mongo.mongo_view_removal import MongoViewRemoval
from tests.builders.view_documents import a_reservation, a_showtime

pytestmark = pytest.mark.contract

ViewDatabase = Database[dict[str, Any]]
SHOWTIMES = collection_name(ShowtimeDocument.view, generation=FIRST_GENERATION)


def stored(document: ShowtimeDocument | ReservationDocument) -> dict[str, Any]:
    return document.model_dump(mode="json", by_alias=True)


def test_documents_come_back_as_they_were_projected(mongo_database: ViewDatabase) -> None:
    showtime = a_showtime(claims={"A-1": "Held", "B-2": "Free"}, ahead=(4, 9))
    reservation = a_reservation(showtime_id=showtime.id)
    mongo_database[SHOWTIMES].insert_one(stored(showtime))
    mongo_database[collection_name(ReservationDocument.view, generation=FIRST_GENERATION)].insert_one(
        stored(reservation)
    )
    reader = MongoViewReader(mongo_database)
    assert reader.load(ShowtimeDocument, [showtime.id, "unknown"]) == {showtime.id: showtime}
    assert reader.load(ReservationDocument, [reservation.id]) == {reservation.id: reservation}


def test_a_document_that_can_not_be_read_is_told_and_hides_no_other(mongo_database: ViewDatabase) -> None:
    mongo_database[SHOWTIMES].insert_many([
        {"_id": "broken", "sequence": "many", "claims": None},
        stored(a_showtime(showtime_id="sound")),
    ])  # fmt: skip
    found = MongoViewReader(mongo_database).load(ShowtimeDocument, ["broken", "sound"])
    assert found["broken"] == UnreadableDocument(reason="not understood: claims, sequence")
    assert isinstance(found["sound"], ShowtimeDocument)


def test_ids_are_walked_in_their_order_and_none_is_left_out(mongo_database: ViewDatabase) -> None:
    ids = [f"{number:03}" for number in range(25)]
    mongo_database[SHOWTIMES].insert_many(
        [stored(a_showtime(showtime_id=identity)) for identity in reversed(ids)]
    )
    reader, walked = MongoViewReader(mongo_database), list[str]()
    while page := reader.ids_after(ShowtimeDocument, walked[-1] if walked else "", limit=10):
        walked += page
    assert walked == ids


def test_what_is_removed_is_gone_and_removing_it_again_changes_nothing(mongo_database: ViewDatabase) -> None:
    mongo_database[SHOWTIMES].insert_many(
        [stored(a_showtime(showtime_id=identity)) for identity in ("one", "other")]
    )
    for _ in range(2):
        MongoViewRemoval(mongo_database).remove(ShowtimeDocument.view, "one")
    assert MongoViewReader(mongo_database).ids_after(ShowtimeDocument, "", limit=9) == ["other"]
