"""Events that could not be projected, as people look at them: list, replay, discard.

A parked event keeps nothing waiting, and its stream has gone on without it. Once a release knows what to do with it, it is
*replayed*: any order ends in the same documents, so that it does not matter how late it comes.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.application.projections.generations import Project
from shared.application.projections.ports import Clock, FailureParking, ParkedEvent
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.envelope import MalformedEventError, SequencedEnvelope, parse_envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionFailure:
    """A parked event. `attempts` counts the first one, `tried` is when the last one was."""

    id: str
    received: ReceivedEvent
    reason: str
    parked: datetime
    attempts: int
    tried: datetime

    @property
    def envelope(self) -> SequencedEnvelope | None:
        """Its envelope; None if it has none of ours."""
        try:
            return parse_envelope(self.received.body)
        except MalformedEventError:
            return None


class ProjectionFailures(Protocol):
    """The parked events. Every method raises ViewStoreUnavailableError when the store does not answer."""

    def list(self, *, after: str = "", limit: int) -> Sequence[ProjectionFailure]:
        """Failures with a greater id, in order of their ids."""
        ...

    def get(self, failure_id: str) -> ProjectionFailure:
        """One failure.

        Raises:
            NotFoundError: there is none with this id, or it has been replayed or discarded.
        """
        ...

    def failed_again(self, failure: ProjectionFailure, *, reason: str, at: datetime) -> None:
        """Note another attempt, unless somebody else has noted one since the failure was read."""
        ...

    def remove(self, failure_ids: Collection[str]) -> None:
        """Forget failures; those that are gone already are no error."""
        ...


class ReplayFailures:
    """Gives parked events to the projector's use case once more. Call it with some of them."""

    def __init__(
        self,
        *,
        failures: ProjectionFailures,
        projector_parking_in: Callable[[FailureParking], Project],
        clock: Clock,
    ) -> None:
        self._failures = failures
        self._projector_parking_in = projector_parking_in
        self._clock = clock

    def __call__(self, chosen: Sequence[ProjectionFailure]) -> Sequence[ProjectionFailure]:
        """Project them; answers those that failed again, which stay parked. The others are forgotten.

        Raises:
            ViewStoreUnavailableError: an outage. Nothing is forgotten that was not projected.
        """
        refused = _Refused()
        self._projector_parking_in(refused)([failure.received for failure in chosen])
        again = [failure for failure in chosen if failure.received in refused.reasons]
        for failure in again:
            reason = refused.reasons[failure.received]
            self._failures.failed_again(failure, reason=reason, at=self._clock.now())
        done = {failure.id for failure in chosen} - {failure.id for failure in again}
        if done:
            self._failures.remove(done)
        return again


class _Refused:
    """A `FailureParking` that only remembers: what is parked already is not to be parked anew."""

    def __init__(self) -> None:
        self.reasons: dict[ReceivedEvent, str] = {}

    def park(self, events: Sequence[ParkedEvent]) -> None:
        """See `FailureParking.park`."""
        self.reasons |= {event.received: event.reason for event in events}
