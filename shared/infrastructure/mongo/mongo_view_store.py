"""View documents in MongoDB."""

from collections.abc import Collection, Sequence
from typing import Any

from pymongo import InsertOne, ReplaceOne
from pymongo.collection import Collection as MongoCollection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from shared.application.projections.ports import Document
from shared.contracts.documents import ShowtimeDocument, ViewDocument, collection_name
from shared.infrastructure.mongo.faults import faults_translated, require_duplicates_only

Stored = dict[str, Any]


class MongoViewStore:
    """One generation of the views. Guards every write by the document's private `rev`."""

    def __init__(self, database: Database[Stored], *, generation: int) -> None:
        self._database = database
        self._generation = generation

    def load(self, model: type[Document], ids: Collection[str]) -> dict[str, Document]:
        """The documents that there are, by id.

        Raises:
            ViewStoreUnavailableError: the server does not answer.
        """
        with faults_translated():
            found = list(self._collection(model.view).find({"_id": {"$in": sorted(ids)}}))
        return {stored["_id"]: model.model_validate(stored) for stored in found}

    def save(self, documents: Sequence[ViewDocument]) -> set[str]:
        """Insert documents with rev 1, replace the others where the stored rev is one less; answers the losers' ids.

        Raises:
            ViewStoreUnavailableError: the server does not answer; some may have been written.
        """
        collection = self._collection(documents[0].view)
        rendered = {document.id: document.model_dump(mode="json", by_alias=True) for document in documents}
        operations = [_guarded(stored) for stored in rendered.values()]
        with faults_translated():
            try:
                result = collection.bulk_write(operations, ordered=False)
            except BulkWriteError as error:
                require_duplicates_only(error)
            else:
                if result.inserted_count + result.matched_count == len(operations):
                    return set()
            present = collection.find({"_id": {"$in": sorted(rendered)}})
            winners = {stored["_id"] for stored in present if stored == rendered[stored["_id"]]}
        return set(rendered) - winners

    def showtimes_of_movie(self, movie_id: str, *, below_version: int) -> list[str]:
        """Ids of the showtimes that embed an older version of a movie.

        Raises:
            ViewStoreUnavailableError: the server does not answer.
        """
        return self._stale_showtimes("movie", "movieId", movie_id, below_version=below_version)

    def showtimes_of_auditorium(self, auditorium_id: str, *, below_version: int) -> list[str]:
        """Ids of the showtimes that embed an older version of an auditorium.

        Raises:
            ViewStoreUnavailableError: the server does not answer.
        """
        return self._stale_showtimes("auditorium", "auditoriumId", auditorium_id, below_version=below_version)

    def _stale_showtimes(self, part: str, key: str, value: str, *, below_version: int) -> list[str]:
        query = {f"{part}.{key}": value, f"{part}.version": {"$lt": below_version}}
        with faults_translated():
            return [stored["_id"] for stored in self._collection(ShowtimeDocument.view).find(query)]

    def _collection(self, view: str) -> MongoCollection[Stored]:
        return self._database[collection_name(view, generation=self._generation)]


def _guarded(stored: Stored) -> InsertOne[Stored] | ReplaceOne[Stored]:
    if stored["rev"] == 1:
        return InsertOne(stored)
    return ReplaceOne({"_id": stored["_id"], "rev": stored["rev"] - 1}, stored)
