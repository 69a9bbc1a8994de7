"""What a rebuild needs of MongoDB: its journal, the marks of documents, and the collections of generations."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pymongo.database import Database

from shared.application.rebuild.marks import Mark, mark_of
from shared.application.rebuild.progress import RebuildProgress
from shared.contracts.documents import VIEW_MODELS, ViewDocument, collection_name
from shared.infrastructure.mongo.faults import faults_translated
from shared.infrastructure.mongo.guarded_documents import read_document, replace_document
from shared.infrastructure.mongo.indexes import ensure_indexes

_JOURNAL_ID = "rebuild"
_COLLECTION = re.compile(rf"({'|'.join(model.view for model in VIEW_MODELS)})_(\d+)")

Stored = dict[str, Any]


class MongoRebuildJournal:
    """A `RebuildJournal`."""

    def __init__(self, database: Database[Stored]) -> None:
        self._database = database

    def read(self) -> RebuildProgress:
        """See `RebuildJournal.read`."""
        with faults_translated():
            return read_document(self._database, _JOURNAL_ID, RebuildProgress)

    def replace(self, progress: RebuildProgress) -> bool:
        """See `RebuildJournal.replace`."""
        with faults_translated():
            return replace_document(self._database, _JOURNAL_ID, progress)


class MongoGenerationMarks:
    """A `GenerationMarks`."""

    def __init__(self, database: Database[Stored]) -> None:
        self._database = database

    def pages(self, model: type[ViewDocument], *, generation: int, size: int) -> Iterator[Sequence[Mark]]:
        """See `GenerationMarks.pages`. One cursor: ids do not change, so that in their order none is missed."""
        collection = self._database[collection_name(model.view, generation=generation)]
        with faults_translated():
            found = iter(collection.find().sort("_id", 1).batch_size(size))
            while page := [_mark(model, stored) for stored in islice(found, size)]:
                yield page

    def of(self, model: type[ViewDocument], ids: Collection[str], *, generation: int) -> Mapping[str, Mark]:
        """See `GenerationMarks.of`."""
        collection = self._database[collection_name(model.view, generation=generation)]
        with faults_translated():
            found = list(collection.find({"_id": {"$in": sorted(ids)}}))
        return {stored["_id"]: _mark(model, stored) for stored in found}


class MongoGenerationCollections:
    """A `GenerationCollections`."""

    def __init__(self, database: Database[Stored]) -> None:
        self._database = database

    def prepare(self, generation: int) -> None:
        """See `GenerationCollections.prepare`."""
        ensure_indexes(self._database, generation=generation)

    def present(self) -> set[int]:
        """See `GenerationCollections.present`."""
        with faults_translated():
            names = self._database.list_collection_names()
        return {int(found[2]) for name in names if (found := _COLLECTION.fullmatch(name))}

    def drop(self, generation: int) -> None:
        """See `GenerationCollections.drop`."""
        with faults_translated():
            for model in VIEW_MODELS:
                self._database.drop_collection(collection_name(model.view, generation=generation))


def _mark(model: type[ViewDocument], stored: Stored) -> Mark:
    """A document that can't be read is of no stream: what is wrong with it is the audit's to say."""
    try:
        return mark_of(model.model_validate(stored))
    except ValidationError:
        return Mark(id=stored["_id"], stream_id="")
