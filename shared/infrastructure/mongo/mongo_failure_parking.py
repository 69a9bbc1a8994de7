"""Parked events in the collection `projection_failures`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from pymongo import InsertOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from shared.application.errors import NotFoundError
from shared.application.projections.failures import ProjectionFailure
from shared.application.projections.ports import ParkedEvent
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.wire import sortable_rfc3339
from shared.infrastructure.mongo.faults import faults_translated, require_duplicates_only

COLLECTION = "projection_failures"
_ID_DIGITS = 32

Stored = dict[str, Any]


class MongoFailureParking:
    """A `FailureParking`, and the `ProjectionFailures` that are parked there: one document an event."""

    def __init__(self, database: Database[Stored]) -> None:
        self._collection = database[COLLECTION]

    def park(self, events: Sequence[ParkedEvent]) -> None:
        """See `FailureParking.park`."""
        documents = {document["_id"]: document for document in map(_parked, events)}
        self._insert(documents.values())

    def list(self, *, after: str = "", limit: int) -> Sequence[ProjectionFailure]:
        """See `ProjectionFailures.list`."""
        with faults_translated():
            found = list(self._collection.find({"_id": {"$gt": after}}).sort("_id", 1).limit(limit))
        return [_failure(stored) for stored in found]

    def get(self, failure_id: str) -> ProjectionFailure:
        """See `ProjectionFailures.get`."""
        with faults_translated():
            stored = self._collection.find_one({"_id": failure_id})
        if stored is None:
            raise NotFoundError("projection failure", failure_id)
        return _failure(stored)

    def failed_again(self, failure: ProjectionFailure, *, reason: str, at: datetime) -> None:
        """See `ProjectionFailures.failed_again`."""
        after = replace(failure, attempts=failure.attempts + 1, reason=reason, tried=at)
        with faults_translated():
            self._collection.replace_one({"_id": failure.id, "attempts": failure.attempts}, _stored(after))

    def remove(self, failure_ids: Collection[str]) -> None:
        """See `ProjectionFailures.remove`."""
        with faults_translated():
            self._collection.delete_many({"_id": {"$in": sorted(failure_ids)}})

    def rewrite(self, failure: ProjectionFailure, *, body: bytes) -> None:
        """Keep a failure with another body, under the id that this one has, and no longer as it was.

        Whoever is interrupted between the two finds both, and does it again.
        """
        received = replace(failure.received, body=body)
        after = replace(failure, id=_id_of(body), received=received)
        self._insert([_stored(after)])
        self.remove([failure.id])

    def _insert(self, documents: Iterable[Stored]) -> None:
        """Those that are there already stay as they are."""
        operations = [InsertOne(document) for document in documents]
        with faults_translated():
            try:
                self._collection.bulk_write(operations, ordered=False)
            except BulkWriteError as error:
                require_duplicates_only(error)


def _id_of(body: bytes) -> str:
    return sha256(body).hexdigest()[:_ID_DIGITS]


def _parked(event: ParkedEvent) -> Stored:
    """A new document. Its id is made of the body: a hub that was replaced counts its places anew."""
    return _stored(
        ProjectionFailure(
            id=_id_of(event.received.body),
            received=event.received,
            reason=event.reason,
            parked=event.parked,
            attempts=1,
            tried=event.parked,
        )
    )


def _stored(failure: ProjectionFailure) -> Stored:
    received = failure.received
    return {
        "_id": failure.id,
        "partition": received.partition,
        "position": received.position,
        "publishedAt": received.published and sortable_rfc3339(received.published),
        "body": received.body,
        "reason": failure.reason,
        "parkedAt": sortable_rfc3339(failure.parked),
        "attempts": failure.attempts,
        "triedAt": sortable_rfc3339(failure.tried),
    }


def _failure(stored: Stored) -> ProjectionFailure:
    published = stored["publishedAt"]
    received = ReceivedEvent(
        body=bytes(stored["body"]),
        partition=stored["partition"],
        position=stored["position"],
        published=published and datetime.fromisoformat(published),
    )
    return ProjectionFailure(
        id=stored["_id"],
        received=received,
        reason=stored["reason"],
        parked=datetime.fromisoformat(stored["parkedAt"]),
        attempts=stored["attempts"],
        tried=datetime.fromisoformat(stored["triedAt"]),
    )
