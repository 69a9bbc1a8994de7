"""The document that names the generations, in MongoDB."""

from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.contracts.generations import GENERATIONS_ID, META_COLLECTION, Generations
from shared.infrastructure.mongo.faults import faults_translated


def read_generations(database: Database[dict[str, Any]]) -> Generations:
    """The document, or what its absence means. Raises the driver's errors."""
    stored = database[META_COLLECTION].find_one({"_id": GENERATIONS_ID})
    return Generations() if stored is None else Generations.model_validate(stored)


class MongoGenerations:
    """A `GenerationDirectory`."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database

    def read(self) -> Generations:
        """See `GenerationDirectory.read`."""
        with faults_translated():
            return read_generations(self._database)

    def replace(self, generations: Generations) -> bool:
        """See `GenerationDirectory.replace`."""
        document = {"_id": GENERATIONS_ID, **generations.model_dump(mode="json", by_alias=True)}
        with faults_translated():
            if generations.rev == 1:
                return self._inserted(document)
            before = {"_id": GENERATIONS_ID, "rev": generations.rev - 1}
            return self._database[META_COLLECTION].replace_one(before, document).matched_count == 1

    def _inserted(self, document: dict[str, Any]) -> bool:
        try:
            self._database[META_COLLECTION].insert_one(document)
        except DuplicateKeyError:
            return False
        return True
