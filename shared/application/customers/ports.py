"""What forgetting a customer needs from outside.

Every method raises StationUnreadableError, ViewStoreUnavailableError or TransientFaultError when its store does not answer.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.application.customers.erasure import Erasure, EventPlace, LiveBooking


class ErasureLedger(Protocol):
    """Which customers are being forgotten. It is kept where reservations are."""

    def under_way(self, customer_id: UUID) -> Erasure | None:
        """The erasure that has begun and has not ended."""
        ...

    def knows(self, customer_id: UUID) -> bool:
        """Whether the customer has a row of their own."""
        ...

    def begin(self, customer_id: UUID, *, pseudonym: UUID, run: UUID, at: datetime) -> Erasure:
        """Begin, or take over what has begun; then the pseudonym is the one that it began with.

        Raises:
            RerunCommandError: somebody else began at the same moment.
        """
        ...

    def live(self, customer_id: UUID, *, at: datetime, most: int) -> Sequence[LiveBooking]:
        """Bookings of the customer that are not over: holds that have not ended, and tickets."""
        ...

    def finish(self, erasure: Erasure) -> bool:
        """Drop what links the id and its pseudonym, and the customer's row; False if a booking has the old id.

        Raises:
            ErasureTakenOverError: another run works on it, or has finished it.
        """
        ...


class Reservations(Protocol):
    """The rows of reservations, which say whose each is."""

    def of(self, customers: Collection[UUID]) -> Mapping[UUID, UUID]:
        """The showtime of each of the customers' reservations, by the reservation."""
        ...

    def owners(self, reservation_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        """The customer of each of these reservations that there is."""
        ...


class Station(Protocol):
    """A place where a customer's id rests."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def count(self, customer_id: UUID) -> int:
        """In how many rows, documents or entries the customer is named."""
        ...

    def rewrite(self, erasure: Erasure) -> int:
        """Put the pseudonym in place of the id wherever it is found now; answers in how many rows that was.

        Work is committed a chunk at a time; a chunk that is done stays done.

        Raises:
            ErasureTakenOverError: another run works on it. Only stations beside the ledger can tell.
            NotRewritableError: something can't be rewritten; everything else was.
        """
        ...


class Passage(Protocol):
    """How far the events of some reservations have come. Reservations are given with their showtimes."""

    def waiting(self, reservations: Mapping[UUID, UUID]) -> Mapping[str, frozenset[EventPlace]]:
        """What a master may be delivering now or still has to, by sink. What a dead letter holds does not count."""
        ...

    def due_in_views(self, reservations: Mapping[UUID, UUID]) -> frozenset[EventPlace]:
        """Every event that the views have or are to get. Not those that an operator kept from the hub."""
        ...


class ViewProgress(Protocol):
    """What the views have applied."""

    def behind(self, places: Collection[EventPlace]) -> frozenset[EventPlace]:
        """Those events that a generation of the views has not applied yet, and that are not parked."""
        ...
