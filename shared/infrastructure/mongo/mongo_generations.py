"""The document that names the generations, in MongoDB."""

from typing import Any

from pymongo.database import Database

from shared.contracts.generations import GENERATIONS_ID, Generations
from shared.infrastructure.mongo.faults import faults_translated
from shared.infrastructure.mongo.guarded_documents import read_document, replace_document


def read_generations(database: Database[dict[str, Any]]) -> Generations:
    """The document, or what its absence means. Raises the driver's errors."""
    return read_document(database, GENERATIONS_ID, Generations)


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
        with faults_translated():
            return replace_document(self._database, GENERATIONS_ID, generations)
