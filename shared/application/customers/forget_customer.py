"""Forget a customer: a fresh random id in place of theirs, everywhere.

Work goes in rounds. A round goes through all stations, in the order in which events go, and rewrites what it finds. A
master or a projector may at that moment have an event in its hands that it read before; so a round that found
something is followed by a wait until every event of the customer's that was committed by then has passed every sink and
is in every view. What has arrived late that way, the next round finds. A round that finds nothing was begun after such
a wait, and so nothing is in anybody's hands; the ledger's last transaction makes sure that nobody has booked under the
old id meanwhile.

The reservations' rows are rewritten first and under their locks: whatever a command says of them from then on, it says
with the pseudonym. They also say what each event and document of a reservation is rewritten to, so that whatever comes
back after the link was dropped gets the same pseudonym as the rest.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from shared.application.clock import Clock, IdGenerator
from shared.application.customers.erasure import (
    Erasure,
    ErasureUnfinishedError,
    LiveBookingsError,
)
from shared.application.customers.ports import ErasureLedger, Station
from shared.application.errors import RerunCommandError

_ATTEMPTS = 5
_MOST_NAMED = 20

Answer = TypeVar("Answer")
WaitUntilPassed = Callable[[Erasure], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Where a customer is named now: rows, documents or entries by station. `under_way`: an erasure has begun."""

    customer_id: UUID
    counts: Mapping[str, int]
    under_way: bool

    @property
    def total(self) -> int:
        """In how many places."""
        return sum(self.counts.values())

    @property
    def is_unknown(self) -> bool:
        """Whether nothing at all is held of the customer."""
        return self.total == 0 and not self.under_way


@dataclass(slots=True, kw_only=True)
class Forgotten:
    """What was done: rows, documents and entries rewritten by station, and in how many rounds."""

    customer_id: UUID
    rewritten: Counter[str] = field(default_factory=Counter[str])
    rounds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgettingParts:
    """What it works with; the stations in the order in which events go through them."""

    ledger: ErasureLedger
    stations: Sequence[Station]
    wait_until_passed: WaitUntilPassed
    clock: Clock
    ids: IdGenerator
    pause: Callable[[float], None]


CUSTOMERS = "customers"
"""The station of the customer's own row, which the ledger removes at the end."""


def find_holdings(customer_id: UUID, *, parts: ForgettingParts) -> Holdings:
    """What is held of a customer now. It writes nothing."""
    counts = {CUSTOMERS: int(parts.ledger.knows(customer_id))}
    counts |= {station.name: station.count(customer_id) for station in parts.stations}
    return Holdings(
        customer_id=customer_id,
        counts=counts,
        under_way=parts.ledger.under_way(customer_id) is not None,
    )


class ForgetCustomer:
    """Call it for a customer of whom something is held. Killed, it can be called again, and goes on."""

    def __init__(self, parts: ForgettingParts, *, most_rounds: int = 10) -> None:
        self._parts = parts
        self._most_rounds = most_rounds

    def __call__(self, customer_id: UUID, *, also_live: bool = False) -> Forgotten:
        """Forget the customer.

        Raises:
            ErasureError: it is not finished; see there.
            StationUnreadableError, ViewStoreUnavailableError, UnavailableError: a store does not answer.
        """
        self._require_over(customer_id, also_live=also_live)
        erasure = self._begin(customer_id)
        done = Forgotten(customer_id=customer_id)
        has_waited = False
        while done.rounds < self._most_rounds:
            self._require_over(customer_id, also_live=also_live)
            found = self._round(erasure)
            done.rounds += 1
            done.rewritten += found
            if found or not has_waited:
                self._parts.wait_until_passed(erasure)
                has_waited = True
            elif self._patiently(lambda: self._parts.ledger.finish(erasure)):
                return done
        raise ErasureUnfinishedError(done.rounds)

    def _begin(self, customer_id: UUID) -> Erasure:
        pseudonym, run = self._parts.ids.new_id(), self._parts.ids.new_id()
        at = self._parts.clock.now()
        return self._patiently(
            lambda: self._parts.ledger.begin(customer_id, pseudonym=pseudonym, run=run, at=at)
        )

    def _require_over(self, customer_id: UUID, *, also_live: bool) -> None:
        if also_live:
            return
        live = self._parts.ledger.live(customer_id, at=self._parts.clock.now(), most=_MOST_NAMED)
        if live:
            raise LiveBookingsError(live)

    def _round(self, erasure: Erasure) -> Counter[str]:
        found: Counter[str] = Counter()
        for station in self._parts.stations:
            if rewritten := self._patiently(lambda here=station: here.rewrite(erasure)):
                found[station.name] = rewritten
        return found

    def _patiently(self, work: Callable[[], Answer]) -> Answer:
        """Try again what meets a lock of somebody else's, or somebody who was faster."""
        for attempt in range(_ATTEMPTS - 1):
            try:
                return work()
            except RerunCommandError:
                self._parts.pause(0.05 * 2**attempt)
        return work()
