"""Where MongoDB names a customer: the reservations of every generation of the views, and parked events."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from pymongo.collection import Collection as MongoCollection
from pymongo.database import Database

from shared.application.audit.parked_checks import PARKED
from shared.application.customers.erasure import Erasure, EventPlace, NotRewritableError
from shared.application.customers.ports import Reservations
from shared.application.customers.renewal import needs_renewal, renewed
from shared.application.projections.failures import ProjectionFailure
from shared.application.projections.ports import ViewContentionError
from shared.contracts.documents import ReservationDocument, ShowtimeDocument, collection_name
from shared.infrastructure.mongo.faults import faults_translated
from shared.infrastructure.mongo.mongo_failure_parking import MongoFailureParking
from shared.infrastructure.mongo.mongo_generations import read_generations

Stored = dict[str, Any]

VIEWS = "views"
_AT_ONCE = 100
_ROUNDS = 1_000
"""Pages of a collection; each makes the customer's documents fewer, unless others win every write."""


class MongoCustomerViews:
    """The `Station` of the reservations' documents: of each collection that there is, even of one that nobody reads any more.

    `evict` takes reservations out of the cache, by their ids. Those that an earlier erasure has rewritten, and that an old
    event has brought back, are known here alone.
    """

    name = VIEWS

    def __init__(
        self,
        database: Database[Stored],
        *,
        owners: Reservations,
        evict: Callable[[Collection[str]], None],
    ) -> None:
        self._database = database
        self._owners = owners
        self._evict = evict

    def count(self, customer_id: UUID) -> int:
        """See `Station.count`."""
        with faults_translated():
            return sum(
                len(list(collection.find({"customerId": str(customer_id)})))
                for collection in self._collections()
            )

    def rewrite(self, erasure: Erasure) -> int:
        """See `Station.rewrite`."""
        with faults_translated():
            return sum(self._rewrite(collection, erasure) for collection in self._collections())

    def _collections(self) -> list[MongoCollection[Stored]]:
        views = f"{ReservationDocument.view}_"
        names = self._database.list_collection_names()
        return [self._database[name] for name in sorted(names) if name.startswith(views)]

    def _rewrite(self, collection: MongoCollection[Stored], erasure: Erasure) -> int:
        total = 0
        for _ in range(_ROUNDS):
            found = list(collection.find({"customerId": str(erasure.customer_id)}).limit(_AT_ONCE))
            if not found:
                return total
            ids = {stored["_id"]: _uuid(stored["_id"]) for stored in found}
            owners = self._owners.owners({known for known in ids.values() if known})
            for stored in found:
                owner = erasure.pseudonym_for(owners.get(ids[stored["_id"]] or erasure.customer_id))
                total += _replaced(collection, stored, customer_id=owner)
            self._evict(ids)
        raise ViewContentionError(f"the documents of a customer in {collection.name} lost every write")


class MongoCustomerFailures:
    """The `Station` of parked events. One is known by its body, so that a rewritten one is another document."""

    name = PARKED

    def __init__(self, database: Database[Stored], *, owners: Reservations) -> None:
        self._parking = MongoFailureParking(database)
        self._owners = owners

    def count(self, customer_id: UUID) -> int:
        """See `Station.count`. Even one that is no event of ours."""
        return sum(1 for _ in self._naming(customer_id))

    def rewrite(self, erasure: Erasure) -> int:
        """See `Station.rewrite`."""
        total, foreign = 0, list[str]()
        for failure in self._naming(erasure.customer_id, erasure.pseudonym):
            if not needs_renewal(failure.received.body, erasure):
                if _names(failure, erasure.customer_id):
                    foreign.append(failure.id)
                continue
            reservation = failure.envelope and _uuid(failure.envelope.subject)
            owner = self._owners.owners({reservation}).get(reservation) if reservation else None
            body = renewed(failure.received.body, erasure=erasure, owner=owner)
            self._parking.rewrite(failure, body=body.encode())
            total += 1
        if foreign:
            raise NotRewritableError(PARKED, ids=foreign)
        return total

    def _naming(self, *ids: UUID) -> Iterator[ProjectionFailure]:
        after = ""
        while page := self._parking.list(after=after, limit=_AT_ONCE):
            yield from (failure for failure in page if any(_names(failure, each) for each in ids))
            after = page[-1].id


class MongoViewProgressOfEvents:
    """A `ViewProgress` over every generation that is kept up to date, the one that is being built included."""

    def __init__(self, database: Database[Stored]) -> None:
        self._database = database
        self._parking = MongoFailureParking(database)

    def behind(self, places: Collection[EventPlace]) -> frozenset[EventPlace]:
        """See `ViewProgress.behind`."""
        by_showtime: dict[str, set[EventPlace]] = defaultdict(set)
        for place in places:
            by_showtime[place.stream_id.partition(":")[2]].add(place)
        with faults_translated():
            generations = read_generations(self._database).written
            behind = {
                place
                for generation in generations
                for ids in _pages(by_showtime)
                for place in self._behind(generation, {each: by_showtime[each] for each in ids})
            }
        return frozenset(behind - self._parked()) if behind else frozenset()

    def _behind(self, generation: int, by_showtime: dict[str, set[EventPlace]]) -> Iterator[EventPlace]:
        collection = self._database[collection_name(ShowtimeDocument.view, generation=generation)]
        found = {stored["_id"]: stored for stored in collection.find({"_id": {"$in": sorted(by_showtime)}})}
        for showtime_id, places in by_showtime.items():
            document = _readable(found.get(showtime_id))
            yield from (place for place in places if document is None or not document.reached(place.sequence))

    def _parked(self) -> set[EventPlace]:
        parked, after = set[EventPlace](), ""
        while page := self._parking.list(after=after, limit=_AT_ONCE):
            envelopes = (failure.envelope for failure in page)
            parked |= {EventPlace(each.stream_id, each.sequence) for each in envelopes if each}
            after = page[-1].id
        return parked


def _names(failure: ProjectionFailure, customer_id: UUID) -> bool:
    return str(customer_id).encode() in failure.received.body.lower()


def _replaced(collection: MongoCollection[Stored], stored: Stored, *, customer_id: UUID) -> int:
    """As the projector replaces: by compare and set on `rev`, so that of the two the later one reads the other's."""
    rev: int | None = stored.get("rev")
    before = {"_id": stored["_id"], "rev": rev, "customerId": stored["customerId"]}
    after = {**stored, "customerId": str(customer_id), "rev": (rev or 0) + 1}
    return collection.replace_one(before, after).matched_count


def _readable(stored: Stored | None) -> ShowtimeDocument | None:
    """What can't be read has reached nothing that anybody could tell."""
    try:
        return None if stored is None else ShowtimeDocument.model_validate(stored)
    except ValidationError:
        return None


def _pages(ids: Collection[str]) -> Iterator[Sequence[str]]:
    pending = iter(sorted(ids))
    while some := list(islice(pending, _AT_ONCE)):
        yield some


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
