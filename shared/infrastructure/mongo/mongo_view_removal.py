"""Taking wrong documents out of MongoDB, before their events are projected again."""

from typing import Any

from pymongo.database import Database

from shared.contracts.documents import collection_name
from shared.infrastructure.mongo.mongo_generations import read_generations
from shared.infrastructure.mongo.mongo_view_reader import faults_named


class MongoViewRemoval:
    """The part of a `ViewRemoval` that is about the store: every generation that is kept up to date."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database

    def remove(self, view: str, document_id: str) -> None:
        """See `ViewRemoval.remove`."""
        with faults_named():
            for generation in read_generations(self._database).written:
                collection = self._database[collection_name(view, generation=generation)]
                collection.delete_one({"_id": document_id})
