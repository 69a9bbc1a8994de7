"""The commands: checked option by option, so that nothing unimplemented is silently ignored."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bson.raw_bson import RawBSONDocument

from local.mongo.errors import (
    BAD_VALUE,
    COMMAND_NOT_FOUND,
    CURSOR_NOT_FOUND,
    CommandError,
    not_implemented,
)
from local.mongo.guarantees import check_guarantees
from local.mongo.matching import in_order
from local.mongo.projection import projected
from local.mongo.store import Store

Reply = dict[str, Any]

_EVERYWHERE = frozenset({
    "$db", "lsid", "$clusterTime", "$readPreference", "readConcern", "writeConcern", "comment", "maxTimeMS", "apiVersion",
})  # fmt: skip
_FIRST_BATCH = 101
_MAX_DOCUMENT_BYTES = 16 * 1024 * 1024


class Commands:
    """Runs commands on a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cursors: dict[int, tuple[str, list[RawBSONDocument]]] = {}
        self._cursor_ids = itertools.count(1)
        self._connection_ids = itertools.count(1)
        self._handlers: dict[str, tuple[Callable[[Reply], Reply], frozenset[str]]] = {
            "hello": (
                self._hello,
                frozenset(
                    {"helloOk", "client", "backpressure", "compression", "loadBalanced", "topologyVersion"}
                ),
            ),
            "ping": (_ok, frozenset()),
            "buildInfo": (_build_info, frozenset()),
            "endSessions": (_ok, frozenset()),
            "find": (
                self._find,
                frozenset({"filter", "projection", "sort", "skip", "limit", "batchSize", "singleBatch"}),
            ),
            "getMore": (self._get_more, frozenset({"collection", "batchSize"})),
            "killCursors": (self._kill_cursors, frozenset({"cursors"})),
            "insert": (self._insert, frozenset({"documents", "ordered"})),
            "update": (self._update, frozenset({"updates", "ordered"})),
            "delete": (self._delete, frozenset({"deletes", "ordered"})),
            "createIndexes": (self._create_indexes, frozenset({"indexes"})),
            "listIndexes": (self._list_indexes, frozenset({"cursor"})),
            "listCollections": (
                self._list_collections,
                frozenset({"cursor", "nameOnly", "authorizedCollections"}),
            ),
            "drop": (self._drop, frozenset()),
            "dropDatabase": (self._drop_database, frozenset()),
        }
        for alias in ("isMaster", "ismaster"):
            self._handlers[alias] = self._handlers["hello"]

    def run(self, command: Reply) -> Reply:
        """Run a command and answer it; a refusal is an answer too."""
        try:
            return self._handler(command)(command)
        except CommandError as error:
            return error.as_reply()

    def _handler(self, command: Reply) -> Callable[[Reply], Reply]:
        name = next(iter(command))
        if name not in self._handlers:
            message = f"the local MongoDB stand-in does not implement the command {name!r}"
            raise CommandError(COMMAND_NOT_FOUND, message)
        handler, options = self._handlers[name]
        unknown = set(command) - {name} - options - _EVERYWHERE
        if unknown:
            raise not_implemented(f"{name} with {', '.join(sorted(unknown))}")
        check_guarantees(command)
        return handler

    def _hello(self, _: Reply) -> Reply:
        return {
            "helloOk": True,
            "ismaster": True,
            "isWritablePrimary": True,
            "maxBsonObjectSize": _MAX_DOCUMENT_BYTES,
            "maxMessageSizeBytes": 3 * _MAX_DOCUMENT_BYTES,
            "maxWriteBatchSize": 100_000,
            "localTime": datetime.now(UTC),
            "connectionId": next(self._connection_ids),
            "minWireVersion": 0,
            "maxWireVersion": 21,
            "readOnly": False,
            "ok": 1.0,
        }

    def _find(self, command: Reply) -> Reply:
        namespace = _namespace(command, "find")
        found = list(self._store.collection(namespace).find(command.get("filter") or {}))
        if command.get("sort"):
            by_identity = {id(stored.decoded): stored for stored in found}
            ordered = in_order((stored.decoded for stored in found), sort=command["sort"])
            found = [by_identity[id(document)] for document in ordered]
        skip, limit = command.get("skip") or 0, abs(command.get("limit") or 0)
        chosen = found[skip : skip + limit] if limit else found[skip:]
        documents = [RawBSONDocument(projected(stored, command.get("projection") or {})) for stored in chosen]
        return self._first_batch(
            namespace,
            documents,
            size=command.get("batchSize", _FIRST_BATCH),
            single=bool(command.get("singleBatch")),
        )

    def _first_batch(
        self,
        namespace: str,
        documents: list[RawBSONDocument],
        *,
        size: int = _FIRST_BATCH,
        single: bool = False,
    ) -> Reply:
        rest = [] if single else documents[size:]
        cursor_id = 0
        if rest:
            cursor_id = next(self._cursor_ids)
            self._cursors[cursor_id] = (namespace, rest)
        return {"cursor": {"firstBatch": documents[:size], "id": cursor_id, "ns": namespace}, "ok": 1.0}

    def _get_more(self, command: Reply) -> Reply:
        cursor_id = command["getMore"]
        if cursor_id not in self._cursors:
            raise CommandError(CURSOR_NOT_FOUND, f"cursor id {cursor_id} not found")
        namespace, waiting = self._cursors.pop(cursor_id)
        size = command.get("batchSize") or len(waiting)
        if waiting[size:]:
            self._cursors[cursor_id] = (namespace, waiting[size:])
        left = cursor_id if cursor_id in self._cursors else 0
        return {"cursor": {"nextBatch": waiting[:size], "id": left, "ns": namespace}, "ok": 1.0}

    def _kill_cursors(self, command: Reply) -> Reply:
        killed = [cursor_id for cursor_id in command["cursors"] if self._cursors.pop(cursor_id, None)]
        return {"cursorsKilled": killed, "ok": 1.0}

    def _insert(self, command: Reply) -> Reply:
        namespace = _namespace(command, "insert")

        def insert(document: Reply) -> int:
            self._store.insert(namespace, document)
            return 1

        counts, errors = _each(command, "documents", insert)
        return {"n": sum(counts), "ok": 1.0, **errors}

    def _update(self, command: Reply) -> Reply:
        namespace = _namespace(command, "update")
        upserted: list[Reply] = []
        changed: list[bool] = []

        def replace(statement: Reply) -> int:
            query, document = _replacement(statement)
            stored = next(self._store.collection(namespace).find(query), None)
            if stored is not None:
                changed.append(self._store.replace(namespace, stored, document))
                return 1
            if not statement.get("upsert"):
                return 0
            document = {"_id": query["_id"], **document} if "_id" in query else document
            self._store.insert(namespace, document)
            upserted.append({"index": command["updates"].index(statement), "_id": document["_id"]})
            return 1

        counts, errors = _each(command, "updates", replace)
        reply = {"n": sum(counts), "nModified": sum(changed), "ok": 1.0, **errors}
        return {**reply, "upserted": upserted} if upserted else reply

    def _delete(self, command: Reply) -> Reply:
        namespace = _namespace(command, "delete")

        def delete(statement: Reply) -> int:
            if set(statement) - {"q", "limit"}:
                raise not_implemented(f"delete with {', '.join(sorted(set(statement) - {'q', 'limit'}))}")
            found = list(self._store.collection(namespace).find(statement["q"]))
            chosen = found[:1] if statement["limit"] else found
            for stored in chosen:
                self._store.delete(namespace, stored)
            return len(chosen)

        counts, errors = _each(command, "deletes", delete)
        return {"n": sum(counts), "ok": 1.0, **errors}

    def _create_indexes(self, command: Reply) -> Reply:
        namespace = _namespace(command, "createIndexes")
        for description in command["indexes"]:
            unknown = set(description) - {"name", "key", "unique", "v"}
            if unknown:
                raise not_implemented(f"an index with {', '.join(sorted(unknown))}")
            self._store.create_index(namespace, description)
        return {"ok": 1.0}

    def _list_indexes(self, command: Reply) -> Reply:
        namespace = _namespace(command, "listIndexes")
        own = {"v": 2, "key": {"_id": 1}, "name": "_id_"}
        indexes = [own, *self._store.collection(namespace).indexes.values()]
        return {"cursor": {"firstBatch": indexes, "id": 0, "ns": namespace}, "ok": 1.0}

    def _list_collections(self, command: Reply) -> Reply:
        database = command["$db"]
        names = [namespace.partition(".")[2] for namespace in self._store.namespaces(database)]
        batch = [{"name": name, "type": "collection"} for name in names]
        return {"cursor": {"firstBatch": batch, "id": 0, "ns": f"{database}.$cmd.listCollections"}, "ok": 1.0}

    def _drop(self, command: Reply) -> Reply:
        self._store.drop(_namespace(command, "drop"))
        return {"ok": 1.0}

    def _drop_database(self, command: Reply) -> Reply:
        for namespace in self._store.namespaces(command["$db"]):
            self._store.drop(namespace)
        return {"dropped": command["$db"], "ok": 1.0}


def _ok(_: Reply) -> Reply:
    return {"ok": 1.0}


def _build_info(_: Reply) -> Reply:
    return {"version": "7.0.0", "versionArray": [7, 0, 0, 0], "modules": ["local stand-in"], "ok": 1.0}


def _namespace(command: Reply, name: str) -> str:
    return f"{command['$db']}.{command[name]}"


def _replacement(statement: Reply) -> tuple[Reply, Reply]:
    """The filter and the whole new document of an update statement."""
    unknown = set(statement) - {"q", "u", "multi", "upsert"}
    if unknown or statement.get("multi"):
        raise not_implemented(f"update with {', '.join(sorted(unknown)) or 'multi'}")
    document = statement["u"]
    if not isinstance(document, dict):
        raise not_implemented("update with a pipeline")
    operators = [key for key in statement["u"] if key.startswith("$")]
    if operators:
        raise not_implemented(f"the update operator {operators[0]}")
    return statement["q"], statement["u"]


def _each(command: Reply, name: str, apply: Callable[[Reply], int]) -> tuple[list[int], Reply]:
    """Apply every statement; an ordered command ends at its first error."""
    statements = command.get(name)
    if not isinstance(statements, list):
        raise CommandError(BAD_VALUE, f"{name} is missing")
    counts: list[int] = []
    errors: list[Reply] = []
    for index, statement in enumerate(command[name]):
        try:
            counts.append(apply(statement))
        except CommandError as error:
            errors.append(error.as_write_error(index))
            if command.get("ordered", True):
                break
    return counts, {"writeErrors": errors} if errors else {}
