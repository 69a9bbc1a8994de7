"""View documents in MongoDB, for the audit: one that can't be read is a finding, and no failure."""

from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError
from pymongo.collection import Collection as MongoCollection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from shared.application.audit.ports import StationUnreadableError
from shared.application.audit.records import UnreadableDocument
from shared.application.projections.ports import Document
from shared.contracts.documents import collection_name
from shared.infrastructure.mongo.mongo_generations import read_generations

Stored = dict[str, Any]


class MongoViewReader:
    """A `ViewReader` of one generation, or of the one that is live at each call.

    Whole documents are read where only ids are wanted: they are small.
    """

    def __init__(self, database: Database[Stored], *, generation: int | None = None) -> None:
        self._database = database
        self._generation = generation

    def load(self, model: type[Document], ids: Collection[str]) -> dict[str, Document | UnreadableDocument]:
        """See `ViewReader.load`."""
        with faults_named():
            found = list(self._collection(model.view).find({"_id": {"$in": sorted(ids)}}))
        return {stored["_id"]: _validated(model, stored) for stored in found}

    def ids_after(self, model: type[Document], identity: str, *, limit: int) -> Sequence[str]:
        """See `ViewReader.ids_after`."""
        with faults_named():
            collection = self._collection(model.view)
            found = list(collection.find({"_id": {"$gt": identity}}).sort("_id", 1).limit(limit))
        return [stored["_id"] for stored in found]

    def _collection(self, view: str) -> MongoCollection[Stored]:
        generation = self._generation or read_generations(self._database).live
        return self._database[collection_name(view, generation=generation)]


def _validated(model: type[Document], stored: Stored) -> Document | UnreadableDocument:
    try:
        return model.model_validate(stored)
    except ValidationError as error:
        fields = sorted({".".join(map(str, problem["loc"])) or "all of it" for problem in error.errors()})
        return UnreadableDocument(reason=f"not understood: {', '.join(fields)}")


@contextmanager
def faults_named() -> Generator[None]:
    """Work on the views within.

    Raises:
        StationUnreadableError: in place of any error of the driver.
    """
    try:
        yield
    except PyMongoError as error:
        raise StationUnreadableError("views", f"{type(error).__name__}: {error}") from error
