"""What the master needs from outside: the store that keeps the outbox, and the sinks that take its messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import OutboxMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A lane held for one batch. `epoch` fences: every write under the claim fails once another has claimed.

    `siding` is the id of a hold of this lane that an operator has resumed, if there is one: its messages stand aside
    and are to be carried before anything newer of their stream.
    """

    sink: str
    lane: int
    owner: str
    epoch: int
    failures: int
    taken_over: bool
    siding: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Messages of one lane for one sink, in order of (stream, sequence): each stream's from its first open one.

    `held` are the ids of messages that may not be carried, since their stream is held.
    """

    lane: int
    messages: Sequence[OutboxMessage]
    held: Sequence[int] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to carry, and nothing to put aside."""
        return not self.messages and not self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Why a sink does not take messages now. It says nothing against the messages."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """A message that a sink will never take as it is, by proof, and why."""

    message_id: int
    reason: str


class OutboxStore(Protocol):
    """The outbox's tables, for the master. Methods block; the only clock is the database's.

    Every method raises `OutboxStoreUnavailableError` when the database can't answer.
    """

    def prepare(self, *, partitions: Mapping[str, int]) -> None:
        """Make sure that each sink and each of its lanes is known. `partitions` is 0 for a sink without any.

        Raises:
            OutboxMisconfiguredError: what is stored does not fit these sinks.
        """
        ...

    def lanes_with_work(self, *, sinks: Sequence[str]) -> dict[str, list[int]]:
        """The lanes of each sink that have deliveries, are free, and whose next attempt is due. Takes no lock.

        A lane with a resumed hold has work; a lane with nothing but held messages has none.
        """
        ...

    def claim(self, *, sink: str, lane: int, owner: str) -> Claim | None:
        """Take a lane, or None if another holds it or its next attempt is not due.

        Taking over an expired lease counts as a failure, so that a batch that kills its process backs off.
        """
        ...

    def read(self, claim: Claim, *, limit: int) -> Batch:
        """The first `limit` deliveries of the lane by message id, without any lock.

        With a siding to drain, every second claim reads that first, so that neither waits for the other's end.
        """
        ...

    def settle(
        self,
        claim: Claim,
        *,
        delivered: Sequence[int],
        failed: bool,
        held: Sequence[int] = (),
        poison: Poison | None = None,
    ) -> bool:
        """Delete the deliveries of exactly these messages and release the lane, in one transaction.

        A failure schedules the lane's next attempt; a success clears its failures. Poison holds its stream for this
        sink: it, and what was found to wait behind a hold, are put aside. A resumed hold ends with its last message.

        Returns:
            False if the lane has been claimed by another or released since: then nothing was changed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Which messages a sink has for sure, by id, and what kept it from taking the rest."""

    ids: Sequence[int]
    failure: Outage | Poison | None = None


class Sink(Protocol):
    """A place that takes every message that concerns it, at least once, each stream's in order."""

    async def open(self) -> bool:
        """Connect ahead of the first message, so that it is not late. What can't be reached now, `deliver` finds again.

        Returns:
            Whether it can be reached now.

        Raises:
            OutboxMisconfiguredError: the sink can't be served by this configuration.
        """
        ...

    async def deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:
        """Hand over a batch of one lane; never two of one lane at once.

        What is reported as delivered is, for each stream, a prefix of the batch. Before each send it asks the deadline.
        A message is called poison only on proof that it, and not the state of the sink, is why it was refused.

        Raises:
            OutboxMisconfiguredError: the sink can't be served by this configuration.
        """
        ...
