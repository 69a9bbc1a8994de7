"""Documents of the collection `meta`, each replaced by compare and set on its `rev`."""

from typing import Any, TypeVar

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.contracts.generations import META_COLLECTION
from shared.contracts.wire import WireModel

Stored = dict[str, Any]
Model = TypeVar("Model", bound=WireModel)


def read_document(database: Database[Stored], identity: str, model: type[Model]) -> Model:
    """The document, or the model's defaults where there is none. Raises the driver's errors."""
    stored = database[META_COLLECTION].find_one({"_id": identity})
    return model.model_validate(stored or {})


def replace_document(database: Database[Stored], identity: str, model: WireModel) -> bool:
    """Put a document in place of the one whose `rev` is one less, or of none; answers whether that was so.

    Raises the driver's errors.
    """
    document: Stored = {"_id": identity, **model.model_dump(mode="json", by_alias=True)}
    if document["rev"] == 1:
        return _inserted(database, document)
    before = {"_id": identity, "rev": document["rev"] - 1}
    return database[META_COLLECTION].replace_one(before, document).matched_count == 1


def _inserted(database: Database[Stored], document: Stored) -> bool:
    try:
        database[META_COLLECTION].insert_one(document)
    except DuplicateKeyError:
        return False
    return True
