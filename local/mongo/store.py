"""Collections in memory, kept by the journal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

from bson.objectid import ObjectId

from local.mongo.documents import encode
from local.mongo.errors import DUPLICATE_KEY, IMMUTABLE_FIELD, CommandError
from local.mongo.journal import Journal
from local.mongo.matching import Document, check_filter, matches


class Stored(NamedTuple):
    """A document: decoded for matching, encoded for answers. Neither is ever changed."""

    decoded: dict[str, Any]
    encoded: bytes


def _key(value: Any) -> bytes:
    """An `_id` as a dictionary key: equal where BSON is equal."""
    return encode({"": value})


@dataclass(slots=True)
class Collection:
    """Documents by `_id`, and the descriptions of the indexes asked for."""

    namespace: str
    documents: dict[bytes, Stored] = field(default_factory=dict[bytes, Stored])
    indexes: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def find(self, query: Document) -> Iterator[Stored]:
        """The documents that meet a filter; one on `_id` looks them up and reads no other.

        Raises:
            CommandError: the filter uses what is not implemented.
        """
        check_filter(query)
        return (stored for stored in self._candidates(query) if matches(query, stored.decoded))

    def _candidates(self, query: Document) -> list[Stored]:
        wanted = query.get("_id")
        if wanted is None:
            return list(self.documents.values())
        if not isinstance(wanted, Mapping):
            keys = [_key(wanted)]
        elif set(cast(Document, wanted)) == {"$in"}:
            keys = [_key(value) for value in cast(Document, wanted)["$in"]]
        else:
            return list(self.documents.values())
        return [self.documents[key] for key in dict.fromkeys(keys) if key in self.documents]

    def put(self, document: dict[str, Any]) -> None:
        """Store a document in place of the one with its `_id`."""
        self.documents[_key(document["_id"])] = Stored(document, encode(document))

    def require_unique(self, document: dict[str, Any], *, instead_of: Stored | None = None) -> None:
        """Check that no other document has this `_id` or the values of a unique index.

        Raises:
            CommandError: another has, with MongoDB's code 11000.
        """
        if instead_of is None and _key(document["_id"]) in self.documents:
            raise self._duplicate("_id_", {"_id": 1}, {"_id": document["_id"]})
        for name, index in self.indexes.items():
            if not index.get("unique"):
                continue
            values = {path: _at(document, path) for path in index["key"]}
            others = (other for other in self.documents.values() if other is not instead_of)
            if any(
                all(_at(other.decoded, path) == value for path, value in values.items()) for other in others
            ):
                raise self._duplicate(name, index["key"], values)

    def _duplicate(self, index: str, pattern: Mapping[str, Any], values: dict[str, Any]) -> CommandError:
        message = f"E11000 duplicate key error collection: {self.namespace} index: {index} dup key: {values}"
        return CommandError(DUPLICATE_KEY, message, keyPattern=dict(pattern), keyValue=values)


def _at(document: Any, path: str) -> Any:
    for name in path.split("."):
        document = document.get(name) if isinstance(document, Mapping) else None  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType] # a BSON document's values have any type
    return document  # pyright: ignore[reportUnknownVariableType] # as above


class Store:
    """All collections of all databases. Every change is in the journal before it returns."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path)
        self._collections: dict[str, Collection] = {}
        entries = 0
        for entry in self._journal.replay():
            self._apply(entry)
            entries += 1
        if entries > 2 * sum(1 for _ in self._snapshot()):
            self._journal.rewrite(self._snapshot())

    def collection(self, namespace: str) -> Collection:
        """The collection with this name; an empty one where there is none."""
        return self._collections.get(namespace) or Collection(namespace)

    def namespaces(self, database: str) -> list[str]:
        """The collections of a database, by their full names."""
        return sorted(name for name in self._collections if name.startswith(f"{database}."))

    def insert(self, namespace: str, document: dict[str, Any]) -> None:
        """Insert a document.

        Raises:
            CommandError: its `_id`, or a unique index's values, are taken.
        """
        if "_id" not in document:
            document = {"_id": ObjectId(), **document}
        self.collection(namespace).require_unique(document)
        self._record({"op": "put", "ns": namespace, "document": document})

    def replace(self, namespace: str, stored: Stored, document: dict[str, Any]) -> bool:
        """Replace a document as a whole; answers whether that changed anything.

        Raises:
            CommandError: the new one has another `_id`, or a unique index's values are taken.
        """
        identity = stored.decoded["_id"]
        if document.get("_id", identity) != identity:
            raise CommandError(IMMUTABLE_FIELD, "the (immutable) field '_id' was found to have been altered")
        document = {"_id": identity, **document}
        if document == stored.decoded:
            return False
        self.collection(namespace).require_unique(document, instead_of=stored)
        self._record({"op": "put", "ns": namespace, "document": document})
        return True

    def delete(self, namespace: str, stored: Stored) -> None:
        """Delete a document."""
        self._record({"op": "delete", "ns": namespace, "id": stored.decoded["_id"]})

    def create_index(self, namespace: str, description: dict[str, Any]) -> None:
        """Note an index; a unique one is kept."""
        if self.collection(namespace).indexes.get(description["name"]) != description:
            self._record({"op": "index", "ns": namespace, "index": description})

    def drop(self, namespace: str) -> None:
        """Drop a collection."""
        self._record({"op": "drop", "ns": namespace})

    def _record(self, entry: dict[str, Any]) -> None:
        self._journal.append([entry])
        self._apply(entry)

    def _apply(self, entry: dict[str, Any]) -> None:
        namespace = entry["ns"]
        if entry["op"] == "drop":
            self._collections.pop(namespace, None)
            return
        collection = self._collections.setdefault(namespace, Collection(namespace))
        match entry["op"]:
            case "put":
                collection.put(entry["document"])
            case "delete":
                collection.documents.pop(_key(entry["id"]), None)
            case "index":
                collection.indexes[entry["index"]["name"]] = entry["index"]
            case unknown:
                raise ValueError(f"the journal has an entry {unknown!r} of another version")

    def _snapshot(self) -> Iterator[dict[str, Any]]:
        for namespace, collection in self._collections.items():
            for index in collection.indexes.values():
                yield {"op": "index", "ns": namespace, "index": index}
            for stored in collection.documents.values():
                yield {"op": "put", "ns": namespace, "document": stored.decoded}

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()
