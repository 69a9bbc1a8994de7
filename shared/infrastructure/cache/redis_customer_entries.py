"""Where the cache names a customer: the entries of their reservations, by each generation of the views."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, cast
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError

from shared.application.audit.ports import StationUnreadableError
from shared.application.customers.erasure import Erasure
from shared.application.customers.ports import Reservations
from shared.contracts.cache_entries import entry_key, lease_key
from shared.contracts.documents import ReservationDocument

_CACHE = "cache"


class RedisCustomerEntries:
    """The `Station` of the cache. Entries are taken out: the next reader fills them with what the store has then.

    `generations` answers those that are kept up to date.
    """

    name = _CACHE

    def __init__(
        self, client: Redis, *, reservations: Reservations, generations: Callable[[], Sequence[int]]
    ) -> None:
        self._client = cast(Any, client)  # the client's types promise awaitables and values at once
        self._reservations = reservations
        self._generations = generations

    def count(self, customer_id: UUID) -> int:
        """See `Station.count`."""
        return sum(self._names(key, customer_id) for key in self._keys({customer_id}))

    def rewrite(self, erasure: Erasure) -> int:
        """See `Station.rewrite`."""
        total = 0
        for key in self._keys({erasure.customer_id, erasure.pseudonym}):
            total += self._names(key, erasure.customer_id)
            self._drop(key)
        return total

    def evict(self, reservation_ids: Collection[str]) -> None:
        """Take the entries of these reservations out.

        Raises:
            StationUnreadableError: the cache does not answer.
        """
        for key in self._keys_of(reservation_ids):
            self._drop(key)

    def _keys(self, customers: set[UUID]) -> Iterator[str]:
        return self._keys_of([str(reservation_id) for reservation_id in self._reservations.of(customers)])

    def _keys_of(self, reservation_ids: Collection[str]) -> Iterator[str]:
        for generation in self._generations():
            for reservation_id in sorted(reservation_ids):
                yield entry_key(ReservationDocument.view, reservation_id, generation=generation)

    def _names(self, key: str, customer_id: UUID) -> bool:
        try:
            entry: bytes | None = self._client.get(key)
        except (RedisError, OSError) as error:
            raise StationUnreadableError(_CACHE, f"{type(error).__name__}: {error}") from error
        return entry is not None and str(customer_id).encode() in entry

    def _drop(self, key: str) -> None:
        """With its lease, and whether or not there is an entry: who read the store before may be about to fill."""
        try:
            self._client.delete(key, lease_key(key))
        except (RedisError, OSError) as error:
            raise StationUnreadableError(_CACHE, f"{type(error).__name__}: {error}") from error
